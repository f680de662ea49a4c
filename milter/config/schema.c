#include "config/schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "config/settings.h"
#include "config/tree.h"
#include "config/type.h"
#include "reply/recognise.h"

#define KEYS_MAX	32	/* of one section */

static const char *
mode_choice(unsigned n)
{
	switch ((enum mode)n) {
	case MODE_ENFORCE:
		return "enforce";
	case MODE_OBSERVE:
		return "observe";
	case MODE_COUNT:
		break;
	}
	return NULL;
}

static const char *
refuse_at_choice(unsigned n)
{
	switch ((enum refuse_at)n) {
	case REFUSE_AT_RCPT:
		return "rcpt";
	case REFUSE_AT_EARLIEST:
		return "earliest";
	case REFUSE_AT_COUNT:
		break;
	}
	return NULL;
}

static const char *
log_choice(unsigned n)
{
	switch ((enum destination)n) {
	case DESTINATION_STDERR:
		return "stderr";
	case DESTINATION_SYSLOG:
		return "syslog";
	case DESTINATION_COUNT:
		break;
	}
	return NULL;
}

static const char *
on_error_choice(unsigned n)
{
	return n <= ON_ERROR_DEFER ? on_error_name((enum on_error)n) : NULL;
}

static const char *
detail_choice(unsigned n)
{
	return n < DETAIL_COUNT ? detail_name((enum detail)n) : NULL;
}

static const char *
milter_error_choice(unsigned n)
{
	switch ((enum milter_error)n) {
	case MILTER_ERROR_ACCEPT:
		return "accept";
	case MILTER_ERROR_DEFER:
		return "defer";
	case MILTER_ERROR_SKIP:
		return "skip";
	case MILTER_ERROR_COUNT:
		break;
	}
	return NULL;
}

/* What is not sure at all is written reason = "unclear". */
static const char *
sure_choice(unsigned n)
{
	return n == 0 ? sure_name(SURE_HIGH) :
	    n == 1 ? sure_name(SURE_LOW) : NULL;
}

static const char *
facility_choice(unsigned n)
{
	static const char *const names[] = {
#define FACILITY(name, number)	name,
#include "config/facility.def"
#undef FACILITY
	};

	return n < sizeof(names) / sizeof(names[0]) ? names[n] : NULL;
}

#define STRUCT_ROOT		struct root_entry
#define STRUCT_DAEMON		struct daemon_settings
#define STRUCT_SITE		struct site_settings
#define STRUCT_REASON		struct reason_entry
#define STRUCT_TEMPORARY	struct temporary_entry
#define STRUCT_LIST		struct list_entry
#define STRUCT_POLICY		struct policy_entry
#define STRUCT_MILTER		struct milter_entry
#define STRUCT_RECOGNISE	struct recognise_entry
#define STRUCT_EXPECT		struct expect_entry

#define NO_LIMITS		.unit = ""
#define RANGE(low, high, name)	.min = (low), .max = (high), .unit = (name)
#define CHOICE(function)	.unit = "", .choice = (function)

static const struct setting settings[] = {
#define SETTING(in, name, kind, limits, member, when, default_, eg, text) \
	{								\
		.section = SECTION_##in,				\
		.key = (name),						\
		.type = TYPE_##kind,					\
		limits,							\
		.offset = offsetof(STRUCT_##in, member),		\
		.taken = TAKEN_##when,					\
		.standard = (default_),					\
		.example = (eg),					\
		.help = (text),						\
	},
#include "config/schema.def"
#undef SETTING
};

size_t
setting_count(void)
{
	return sizeof(settings) / sizeof(settings[0]);
}

const struct setting *
setting_at(size_t n)
{
	return &settings[n];
}

const char *
section_name(enum section section)
{
	switch (section) {
	case SECTION_ROOT:
		return "";
	case SECTION_DAEMON:
		return "daemon";
	case SECTION_SITE:
		return "site";
	case SECTION_REASON:
		return "a reason";
	case SECTION_TEMPORARY:
		return "temporary";
	case SECTION_LIST:
		return "a list";
	case SECTION_POLICY:
		return "a policy";
	case SECTION_MILTER:
		return "a milter";
	case SECTION_RECOGNISE:
		return "recognise";
	case SECTION_EXPECT:
		return "an expect case";
	case SECTION_COUNT:
		break;
	}
	return "";
}

const struct node *
schema_defaults(struct arena *arena)
{
	struct strbuf text = STRBUF_INIT;
	const struct node *defaults;

	for (unsigned section = 0; section < SECTION_COUNT; section++) {
		strbuf_addf(&text, "section%u = {\n", section);
		for (size_t i = 0; i < setting_count(); i++)
			if (settings[i].section == section &&
			    settings[i].standard[0] != '\0')
				strbuf_addf(&text, "%s = %s;\n",
				    settings[i].key, settings[i].standard);
		strbuf_adds(&text, "};\n");
	}
	defaults = tree_parse_builtin(arena, text.text);
	strbuf_release(&text);
	return defaults;
}

const struct node *
schema_value(const struct setting *setting, const struct node *group,
    const struct node *defaults)
{
	const struct node *value = NULL;

	if (group != NULL)
		value = node_find(group, setting->key);
	if (value == NULL)
		value = node_find(&defaults->items[setting->section],
		    setting->key);
	return value;
}

/* unknown setting "usr" in daemon; did you mean "user"? */
static void
unknown_add(enum section section, const struct node *node,
    const char *const keys[], size_t count, struct diag *diag)
{
	const char *nearest = names_nearest(keys, count, node->name);
	struct strbuf text = STRBUF_INIT;

	strbuf_adds(&text, "unknown setting ");
	names_quote(&text, node->name);
	if (section != SECTION_ROOT)
		strbuf_addf(&text, " in %s", section_name(section));
	if (nearest != NULL)
		strbuf_addf(&text, "; did you mean \"%s\"?", nearest);
	else
		for (size_t i = 0; i < count; i++)
			strbuf_addf(&text, "%s %s", i == 0 ?
			    "; the settings here are" : ",", keys[i]);
	diag_add(diag, SEVERITY_ERROR, node->place, "%s", text.text);
	strbuf_release(&text);
}

/* An error for each key of the group that its section does not have. */
static void
unknown_report(enum section section, const struct node *group,
    struct diag *diag)
{
	const char *keys[KEYS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < setting_count(); i++)
		if (settings[i].section == section && count < KEYS_MAX)
			keys[count++] = settings[i].key;
	for (size_t i = 0; i < group->count; i++)
		if (names_find(keys, count, group->items[i].name) < 0)
			unknown_add(section, &group->items[i], keys, count,
			    diag);
}

void
schema_read(enum section section, void *into, const struct node *group,
    const struct node *defaults, struct arena *arena, struct diag *diag)
{
	if (group != NULL)
		unknown_report(section, group, diag);
	for (size_t i = 0; i < setting_count(); i++) {
		const struct setting *setting = &settings[i];
		const struct node *value;

		if (setting->section != section)
			continue;
		value = schema_value(setting, group, defaults);
		if (value == NULL)
			continue;
		if (type_read(setting, value, (char *)into + setting->offset,
		    arena, diag) == 0)
			continue;
		/* A wrong value must not leave the struct half empty. */
		value = schema_value(setting, NULL, defaults);
		if (value != NULL)
			type_read(setting, value,
			    (char *)into + setting->offset, arena, diag);
	}
}

void
schema_restart(enum section section, const void *before, const void *after,
    struct strbuf *names)
{
	for (size_t i = 0; i < setting_count(); i++) {
		const struct setting *setting = &settings[i];

		if (setting->section == section &&
		    setting->taken == TAKEN_START &&
		    !type_equal(setting,
		    (const char *)before + setting->offset,
		    (const char *)after + setting->offset))
			strbuf_addf(names, "%s%s.%s",
			    names->len > 0 ? ", " : "",
			    section_name(section), setting->key);
	}
}
