#include "config/document.h"

#include <stdbool.h>
#include <string.h>

#include "base/strbuf.h"
#include "config/schema.h"
#include "config/type.h"

#define COLUMNS		79
#define TAB_COLUMNS	8

/* Where comments and settings begin: "#" for what is not in force. */
struct margin {
	const char *before;
	unsigned depth;		/* tabs */
};

static void
margin_add(const struct margin *margin, struct strbuf *out)
{
	strbuf_adds(out, margin->before);
	for (unsigned i = 0; i < margin->depth; i++)
		strbuf_addch(out, '\t');
}

/* Text as comment lines, broken between words. */
static void
comment_add(const struct margin *margin, const char *text, struct strbuf *out)
{
	size_t width = COLUMNS - 2 - margin->depth * TAB_COLUMNS;

	while (*text != '\0') {
		size_t len = strlen(text);

		if (len > width) {
			len = width;
			while (len > 0 && text[len] != ' ')
				len--;
			if (len == 0)
				len = strcspn(text, " ");
		}
		margin_add(margin, out);
		strbuf_adds(out, "# ");
		strbuf_add(out, text, len);
		strbuf_addch(out, '\n');
		text += len;
		text += strspn(text, " ");
	}
}

/* "It is a number of seconds from 10 to 86400."; false where that is plain. */
static bool
limits_format(const struct setting *setting, struct strbuf *out)
{
	switch (setting->type) {
	case TYPE_WORD:
	case TYPE_CHOICE:
	case TYPE_NUMBER:
	case TYPE_SIZE:
		strbuf_adds(out, "It is ");
		type_wants(setting, out);
		strbuf_addch(out, '.');
		return true;
	default:
		return false;
	}
}

static void
setting_add(const struct margin *margin, const struct setting *setting,
    struct strbuf *out)
{
	bool has_default = setting->standard[0] != '\0';
	struct strbuf limits = STRBUF_INIT;

	comment_add(margin, setting->help, out);
	if (limits_format(setting, &limits))
		comment_add(margin, limits.text, out);
	strbuf_release(&limits);
	if (has_default && setting->example[0] != '\0') {
		margin_add(margin, out);
		strbuf_addf(out, "# Example: %s = %s;\n", setting->key,
		    setting->example);
	}
	margin_add(margin, out);
	strbuf_addf(out, "%s = %s;\n", setting->key,
	    has_default ? setting->standard : setting->example);
}

static void
section_add(const struct margin *margin, enum section section,
    struct strbuf *out)
{
	for (size_t i = 0; i < setting_count(); i++) {
		const struct setting *setting = setting_at(i);
		const struct margin inner = {
			.before = margin->before,
			.depth = margin->depth + 1,
		};

		if (setting->section != section)
			continue;
		if (setting->type != TYPE_GROUP ||
		    setting->example[0] != '\0') {
			setting_add(margin, setting, out);
			continue;
		}
		/* The only group in a group. */
		comment_add(margin, setting->help, out);
		margin_add(margin, out);
		strbuf_addf(out, "%s = {\n", setting->key);
		section_add(&inner, SECTION_TEMPORARY, out);
		margin_add(margin, out);
		strbuf_adds(out, "};\n");
	}
}

/* An entry of a group or list, commented out. */
static void
entry_add(enum section section, const char *open, const char *close,
    struct strbuf *out)
{
	const struct margin margin = { .before = "#", .depth = 2 };

	strbuf_addf(out, "#\t%s\n", open);
	section_add(&margin, section, out);
	strbuf_addf(out, "#\t%s\n", close);
}

static void
group_add(const struct setting *group, struct strbuf *out)
{
	const struct margin top = { .before = "" };
	const struct margin inner = { .before = "", .depth = 1 };
	bool rows = group->type == TYPE_ROWS;
	const char *key = group->key;

	strbuf_addch(out, '\n');
	comment_add(&top, group->help, out);
	strbuf_addf(out, "%s: %c\n", key, rows ? '(' : '{');
	if (strcmp(key, "daemon") == 0)
		section_add(&inner, SECTION_DAEMON, out);
	else if (strcmp(key, "site") == 0)
		section_add(&inner, SECTION_SITE, out);
	else if (strcmp(key, "reasons") == 0)
		entry_add(SECTION_REASON, "embargo = {", "};", out);
	else if (strcmp(key, "lists") == 0)
		entry_add(SECTION_LIST, "partners = {", "};", out);
	else if (strcmp(key, "policies") == 0)
		entry_add(SECTION_POLICY, "{", "}", out);
	else if (strcmp(key, "milters") == 0)
		entry_add(SECTION_MILTER, "{", "}", out);
	else if (strcmp(key, "recognise") == 0)
		entry_add(SECTION_RECOGNISE, "{", "}", out);
	else
		entry_add(SECTION_EXPECT, "{", "}", out);
	strbuf_addf(out, "%c;\n", rows ? ')' : '}');
}

void
schema_document(struct strbuf *out)
{
	strbuf_adds(out,
	    "# milter-reply.conf: every setting, with its default and what it "
	    "does.\n"
	    "# What is commented out shows how an entry is written; a policy "
	    "has one of the\n"
	    "# actions accept, reject, defer, discard and quarantine.\n");
	for (size_t i = 0; i < setting_count(); i++)
		if (setting_at(i)->section == SECTION_ROOT)
			group_add(setting_at(i), out);
}
