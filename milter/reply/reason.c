#include "reply/reason.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/template.h"

#define NAME_MAX_BYTES	48	/* a name ends the help link */
#define SUBJECT_OTHER	SIDE_RECEIVER

static const struct side_row {
	const char *name;
	const char *help;
} sides[SIDE_COUNT] = {
#define SIDE(id, text, about)	\
	[SIDE_##id] = { .name = (text), .help = (about) },
#include "reply/side.def"
#undef SIDE
};

/* A built-in entry, its texts not compiled yet. */
struct source_form {
	struct status status;
	const char *what;	/* NULL: there is no such form */
	const char *fix;
};

static const struct source {
	const char *name;
	const char *title;
	enum side side;
	const char *reference;
	struct source_form forms[FORM_COUNT];
} sources[] = {
#define FORM(number, digit, rest, happened, helps)	\
	{ .status = { .code = (number), .subject = (digit),	\
		.detail = (rest) },	\
	  .what = (happened), .fix = (helps) }
#define NO_FORM	{ .what = NULL }
#define REASON(slug, words, whose, source, lasting, passing)	\
	{ .name = (slug), .title = (words), .side = (whose),	\
	  .reference = (source),	\
	  .forms = { [FORM_PERMANENT] = lasting,	\
		[FORM_TEMPORARY] = passing } },
#include "reply/reasons.def"
#undef REASON
#undef NO_FORM
#undef FORM
};

#define SOURCE_COUNT	(sizeof(sources) / sizeof(sources[0]))

/*
 * Entries in their order; the table finds them by name.  It is open addressed
 * and at most half full, a slot holding an index plus one.  A changed entry
 * takes the place of the old one, so that nothing that was handed out changes
 * under its reader.
 */
struct catalogue {
	struct arena *arena;
	const struct reason **entries;
	size_t count;
	size_t room;
	size_t *slots;
	size_t slot_count;	/* a power of two */
};

const char *
side_name(enum side side)
{
	return sides[side].name;
}

const char *
side_help(enum side side)
{
	return sides[side].help;
}

int
side_from_name(const char *name, enum side *side, struct diag *diag)
{
	const char *names[SIDE_COUNT];
	int found;

	for (size_t i = 0; i < SIDE_COUNT; i++)
		names[i] = sides[i].name;
	found = names_find(names, SIDE_COUNT, name);
	if (found == -1) {
		names_unknown(diag, "side", name, names, SIDE_COUNT);
		return -1;
	}
	*side = (enum side)found;
	return 0;
}

enum side
side_from_subject(unsigned subject)
{
	switch (subject) {
#define SUBJECT(digit, title, side, what, fix, temporary_what, temporary_fix) \
	case (digit):	\
		return (side);
#include "reply/subject.def"
#undef SUBJECT
	}
	return SUBJECT_OTHER;
}

const char *
form_name(enum form form)
{
	switch (form) {
	case FORM_PERMANENT:
		return "permanent";
	case FORM_TEMPORARY:
		return "temporary";
	case FORM_COUNT:
		break;
	}
	return "";
}

/* The slot that holds the name, or the free one where it belongs. */
static size_t *
slot_find(const struct catalogue *c, const char *name)
{
	size_t at = (size_t)text_hash(name, strlen(name));

	for (;; at++) {
		size_t *slot = &c->slots[at & (c->slot_count - 1)];

		if (*slot == 0 ||
		    strcmp(c->entries[*slot - 1]->name, name) == 0)
			return slot;
	}
}

/* Room for one more: arrays double, and the old ones stay in the arena. */
static void
catalogue_grow(struct catalogue *c)
{
	const struct reason **entries;

	if (c->count < c->room)
		return;
	c->room = c->room == 0 ? 64 : 2 * c->room;
	entries = arena_alloc(c->arena, c->room * sizeof(*entries));
	if (c->count > 0)
		memcpy(entries, c->entries, c->count * sizeof(*entries));
	c->entries = entries;
	c->slot_count = 2 * c->room;
	c->slots = arena_alloc(c->arena, c->slot_count * sizeof(*c->slots));
	for (size_t i = 0; i < c->count; i++)
		*slot_find(c, c->entries[i]->name) = i + 1;
}

static void
catalogue_put(struct catalogue *c, const struct reason *reason)
{
	size_t *slot;

	catalogue_grow(c);
	slot = slot_find(c, reason->name);
	if (*slot == 0) {
		c->count++;
		*slot = c->count;
	}
	c->entries[*slot - 1] = reason;
}

/* The built-in texts are ours: that they compile is proved by the tests. */
static const struct template *
builtin_compile(struct arena *arena, const char *text)
{
	struct diag diag = DIAG_INIT;
	const struct template *template = template_compile(arena, text, &diag);

	if (template == NULL)
		abort();
	diag_release(&diag);
	return template;
}

static const struct reason *
builtin_reason(struct arena *arena, const struct source *source)
{
	struct reason *reason = arena_alloc(arena, sizeof(*reason));

	*reason = (struct reason){
		.name = source->name,
		.title = source->title,
		.side = source->side,
		.reference = source->reference,
		.place = PLACE_NONE,
		.builtin = true,
	};
	for (size_t i = 0; i < FORM_COUNT; i++) {
		const struct source_form *form = &source->forms[i];

		if (form->what == NULL)
			continue;
		reason->forms[i] = (struct reason_form){
			.present = true,
			.status = form->status,
			.what = builtin_compile(arena, form->what),
			.fix = builtin_compile(arena, form->fix),
		};
	}
	return reason;
}

struct catalogue *
catalogue_new(struct arena *arena)
{
	struct catalogue *c = arena_alloc(arena, sizeof(*c));

	c->arena = arena;
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		catalogue_put(c, builtin_reason(arena, &sources[i]));
	return c;
}

const struct reason *
catalogue_find(const struct catalogue *c, const char *name)
{
	size_t slot = *slot_find(c, name);

	return slot != 0 ? c->entries[slot - 1] : NULL;
}

void
catalogue_unknown(const struct catalogue *c, const char *name,
    struct diag *diag)
{
	const char **names = xcalloc(c->count, sizeof(*names));

	for (size_t i = 0; i < c->count; i++)
		names[i] = c->entries[i]->name;
	names_unknown(diag, "reason", name, names, c->count);
	free(names);
}

size_t
catalogue_count(const struct catalogue *c)
{
	return c->count;
}

const struct reason *
catalogue_at(const struct catalogue *c, size_t n)
{
	return c->entries[n];
}

/*
 * One change while it is worked on.  Each setting that is wrong adds its
 * message; nothing reaches the catalogue unless all are right.
 */
struct change {
	struct arena *arena;
	struct diag *diag;
	struct reason reason;
};

/* Moves what went wrong with one setting to the change's own messages. */
static void
setting_wrong(struct change *change, const char *setting, struct diag *why)
{
	struct strbuf before = STRBUF_INIT;

	strbuf_addf(&before, "%s: ", setting);
	diag_take(change->diag, why, PLACE_NONE, before.text);
	strbuf_release(&before);
}

static void
text_change(struct change *change, const char *setting, const char *text,
    const struct template **template)
{
	struct diag why = DIAG_INIT;
	const struct template *compiled;

	if (text == NULL)
		return;
	if (*text == '\0')
		diag_error(&why, "the text is empty; write a whole sentence");
	else if ((compiled = template_compile(change->arena, text,
	    &why)) != NULL)
		*template = compiled;
	setting_wrong(change, setting, &why);
}

static int
status_read(struct status *status, const char *text, struct diag *why)
{
	struct status read;

	if (status_parse(&read, text, why) == -1)
		return -1;
	if (status_class(read) != 4 && status_class(read) != 5) {
		diag_error(why, "\"%s\" is no refusal; write a status of class "
		    "4 or 5", text);
		return -1;
	}
	if (!basic_code_refuses(read.code)) {
		diag_error(why, "%u is no code that mail programs know; write "
		    "%u", read.code, status_class(read) == 4 ? 451 : 550);
		return -1;
	}
	*status = read;
	return 0;
}

/*
 * status, what and fix speak of the permanent form, unless the status is of
 * class 4, or the reason has nothing but a temporary form.
 */
static enum form
form_meant(const struct change *change, const struct status *status)
{
	const struct reason_form *forms = change->reason.forms;

	if (status->code != 0)
		return status_class(*status) == 4 ? FORM_TEMPORARY :
		    FORM_PERMANENT;
	return forms[FORM_TEMPORARY].present && !forms[FORM_PERMANENT].present ?
	    FORM_TEMPORARY : FORM_PERMANENT;
}

/* The names of the settings of one form, and what they say. */
struct form_change {
	const char *names[3];
	const char *example;		/* a status of this form */
	const char *status, *what, *fix;
};

/* Is the form whole, and may a 551 be said?  Reports what is missing. */
static void
form_check(struct change *change, const struct form_change *said,
    const struct reason_form *form)
{
	/* A status that could not be read was reported; it is not missing. */
	if (form->status.code == 0 && said->status == NULL)
		diag_error(change->diag, "%s: is missing; write one like "
		    "\"%s\"", said->names[0], said->example);
	if (form->what == NULL && said->what == NULL)
		diag_error(change->diag, "%s: is missing; write what happened, "
		    "in one sentence", said->names[1]);
	if (form->fix == NULL && said->fix == NULL)
		diag_error(change->diag, "%s: is missing; write who can do "
		    "what now", said->names[2]);
	/* Programs read the address: RFC 5321 3.4 and 4.2. */
	if (form->status.code == 551 && form->what != NULL &&
	    strstr(template_source(form->what), "<{new_rcpt}>") == NULL)
		diag_error(change->diag, "%s: a 551 must tell the new address; "
		    "write <{new_rcpt}> into it, or use \"550 5.1.6\"",
		    said->names[1]);
}

static void
form_change(struct change *change, const struct form_change *said,
    enum form form, const struct status *status)
{
	struct reason_form *changed = &change->reason.forms[form];

	if (said->status == NULL && said->what == NULL && said->fix == NULL)
		return;
	if (status->code != 0)
		changed->status = *status;
	text_change(change, said->names[1], said->what, &changed->what);
	text_change(change, said->names[2], said->fix, &changed->fix);
	form_check(change, said, changed);
	changed->present = true;
}

static struct status
status_change(struct change *change, const char *setting, const char *text)
{
	struct status status = { .code = 0 };
	struct diag why = DIAG_INIT;

	if (text != NULL)
		status_read(&status, text, &why);
	setting_wrong(change, setting, &why);
	return status;
}

static void
forms_change(struct change *change, const struct reason_change *said)
{
	const struct form_change main_form = {
		.names = { "status", "what", "fix" },
		.example = "550 5.7.1",
		.status = said->status, .what = said->what, .fix = said->fix,
	};
	const struct form_change temporary_form = {
		.names = { "temporary_status", "temporary_what",
		    "temporary_fix" },
		.example = "451 4.7.1",
		.status = said->temporary_status,
		.what = said->temporary_what, .fix = said->temporary_fix,
	};
	struct status status = status_change(change, "status", said->status);
	struct status temporary = status_change(change, "temporary_status",
	    said->temporary_status);
	enum form form = form_meant(change, &status);

	/* Whatever the status, the texts are looked at, too. */
	if (temporary.code != 0 && status_class(temporary) != 4)
		diag_error(change->diag, "temporary_status: \"%s\" is "
		    "permanent; write a status of class 4",
		    said->temporary_status);
	else if (form == FORM_TEMPORARY && status.code != 0 &&
	    temporary.code != 0) {
		diag_error(change->diag, "status: \"%s\" is temporary, and so "
		    "is temporary_status; write one of class 5 here, or leave "
		    "one out", said->status);
		form = FORM_PERMANENT;
	}
	form_change(change, &main_form, form, &status);
	form_change(change, &temporary_form, FORM_TEMPORARY, &temporary);
	if (change->diag->errors == 0 &&
	    !change->reason.forms[FORM_PERMANENT].present &&
	    !change->reason.forms[FORM_TEMPORARY].present)
		diag_error(change->diag, "status: is missing; write one like "
		    "\"550 5.7.1\"");
}

static bool
name_is_fit(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_MAX_BYTES || name[0] == '-' ||
	    name[len - 1] == '-')
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static void
side_change(struct change *change, const char *name, bool is_new)
{
	const struct reason_form *forms = change->reason.forms;
	struct diag why = DIAG_INIT;

	if (name != NULL)
		side_from_name(name, &change->reason.side, &why);
	else if (is_new)
		change->reason.side = side_from_subject(
		    forms[forms[FORM_PERMANENT].present ? FORM_PERMANENT :
		    FORM_TEMPORARY].status.subject);
	setting_wrong(change, "side", &why);
}

/* What a new reason begins as: a name, and nothing else. */
static void
reason_begin(struct change *change, const struct reason_change *said)
{
	change->reason = (struct reason){
		.name = arena_strdup(change->arena, said->name),
		.title = arena_strdup(change->arena, said->name),
		.reference = "",
	};
	if (!name_is_fit(said->name)) {
		struct strbuf quoted = STRBUF_INIT;

		names_quote(&quoted, said->name);
		diag_error(change->diag, "%s is no name for a reason; write at "
		    "most %d small letters, digits and \"-\"", quoted.text,
		    NAME_MAX_BYTES);
		strbuf_release(&quoted);
	}
}

int
catalogue_change(struct catalogue *c, const struct reason_change *said,
    struct diag *diag)
{
	const struct reason *old = catalogue_find(c, said->name);
	struct diag problems = DIAG_INIT;
	struct change change = { .arena = c->arena, .diag = &problems };
	struct reason *changed;
	size_t errors;

	if (old != NULL)
		change.reason = *old;
	else
		reason_begin(&change, said);
	forms_change(&change, said);
	side_change(&change, said->side, old == NULL);
	if (said->title != NULL)
		change.reason.title = arena_strdup(c->arena, said->title);
	change.reason.place = said->place;

	errors = problems.errors;
	diag_take(diag, &problems, PLACE_NONE, "");
	if (errors > 0)
		return -1;
	changed = arena_alloc(c->arena, sizeof(*changed));
	*changed = change.reason;
	catalogue_put(c, changed);
	return 0;
}
