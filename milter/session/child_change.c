#include "session/child_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

static const struct kind {
	enum milter_answer	 answer;
	enum change_kind	 kind;
	uint32_t		 may;		/* the action it is */
	const char		*name;		/* what the milter did */
} kinds[] = {
	{ MILTER_ADD_HEADER, CHANGE_ADD_HEADER, MILTER_MAY_ADD_HEADERS,
	    "added a header" },
	{ MILTER_INSERT_HEADER, CHANGE_INSERT_HEADER, MILTER_MAY_ADD_HEADERS,
	    "inserted a header" },
	{ MILTER_CHANGE_HEADER, CHANGE_HEADER, MILTER_MAY_CHANGE_HEADERS,
	    "changed a header" },
	{ MILTER_REPLACE_BODY, CHANGE_BODY, MILTER_MAY_CHANGE_BODY,
	    "changed the body" },
	{ MILTER_CHANGE_SENDER, CHANGE_SENDER, MILTER_MAY_CHANGE_SENDER,
	    "changed the sender" },
	{ MILTER_ADD_RCPT, CHANGE_ADD_RCPT, MILTER_MAY_ADD_RCPT,
	    "added a recipient" },
	{ MILTER_ADD_RCPT_ARGS, CHANGE_ADD_RCPT, MILTER_MAY_ADD_RCPT_ARGS,
	    "added a recipient with arguments" },
	{ MILTER_DELETE_RCPT, CHANGE_DELETE_RCPT, MILTER_MAY_DELETE_RCPT,
	    "deleted a recipient" },
	{ MILTER_QUARANTINE, CHANGE_QUARANTINE, MILTER_MAY_QUARANTINE,
	    "quarantined the message" },
};

static const struct kind *
find_kind(enum milter_answer answer)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].answer == answer)
			return &kinds[i];
	return NULL;
}

const char *
child_change_name(enum milter_answer answer)
{
	const struct kind *kind = find_kind(answer);

	return kind != NULL ? kind->name : NULL;
}

/* RFC 5322 section 2.2. */
static bool
is_field_name(const char *name)
{
	const char *p = name;

	while (text_is_print(*p) && *p != ' ' && *p != ':')
		p++;
	return *p == '\0' && p > name && p - name <= CHILD_NAME_BYTES_MAX;
}

static bool
has_controls(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return true;
	return false;
}

/* A line that begins otherwise would be a field of its own, or the body. */
static bool
has_loose_line(const char *text)
{
	for (; *text != '\0'; text++)
		if (text[0] == '\n' && text[1] != ' ' && text[1] != '\t')
			return true;
	return false;
}

static bool
has_bare_cr(const char *text)
{
	for (; *text != '\0'; text++)
		if (text[0] == '\r' && text[1] != '\n')
			return true;
	return false;
}

/* Returns what is wrong with what was heard, or NULL. */
static const char *
find_wrong(const struct child *child, const struct kind *kind)
{
	const struct milter_said *heard = &child->heard;

	if ((child->agreed.actions & kind->may) == 0)
		return "without having asked to be allowed to";
	if (strlen(heard->text[0]) + strlen(heard->text[1]) >
	    CHILD_CHANGE_BYTES_MAX)
		return "with more text than can be passed on";
	switch (kind->kind) {
	case CHANGE_HEADER:
	case CHANGE_INSERT_HEADER:
	case CHANGE_ADD_HEADER:
		if (heard->index > INT32_MAX)
			return "at a negative place";
		if (!is_field_name(heard->text[0]))
			return "whose name is none";
		if (has_bare_cr(heard->text[1]))
			return "with a bare CR in it";
		if (has_loose_line(heard->text[1]))
			return "with a line that does not begin with a blank";
		return NULL;
	case CHANGE_SENDER:
	case CHANGE_ADD_RCPT:
	case CHANGE_DELETE_RCPT:
		if (*heard->text[0] == '\0')
			return "without an address";
		if (has_controls(heard->text[0]) ||
		    has_controls(heard->text[1]))
			return "with control characters in it";
		return NULL;
	case CHANGE_BODY:
	case CHANGE_QUARANTINE:
		return NULL;
	}
	return NULL;
}

/*
 * Lines apart by LF, and a leading space where values come with one but this
 * milter leaves it to the MTA.  A changed field without a value is one to
 * delete and stays so.
 */
static const char *
field_value(const struct child *child, const struct collected *collected,
    enum change_kind kind)
{
	const char *value = child->heard.text[1];
	char *out = arena_alloc(collected->arena, strlen(value) + 2);
	size_t len = 0;

	if (child->terms->leading_space &&
	    (child->agreed.steps & MILTER_LEADING_SPACE) == 0 &&
	    (kind != CHANGE_HEADER || *value != '\0'))
		out[len++] = ' ';
	for (; *value != '\0'; value++)
		if (*value != '\r')
			out[len++] = *value;
	return out;
}

/* A reason is one line. */
static const char *
one_line(struct arena *arena, const char *text)
{
	char *out = arena_strdup(arena, text);

	for (char *p = out; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = ' ';
	return out;
}

static void
append(struct changes *changes, struct change *change)
{
	if (changes->first == NULL)
		changes->first = change;
	else
		changes->last->next = change;
	changes->last = change;
}

static void
keep(struct child *child, struct collected *collected, enum change_kind kind)
{
	const struct milter_said *heard = &child->heard;
	struct change *change = arena_alloc(collected->arena,
	    sizeof(*change));

	change->kind = kind;
	change->index = heard->index;
	change->name = arena_strdup(collected->arena, heard->text[0]);
	change->value = "";
	switch (kind) {
	case CHANGE_HEADER:
		/* As Sendmail and Postfix take it. */
		if (change->index == 0)
			change->index = 1;
		/* FALLTHROUGH */
	case CHANGE_INSERT_HEADER:
	case CHANGE_ADD_HEADER:
		change->value = field_value(child, collected, kind);
		break;
	case CHANGE_SENDER:
	case CHANGE_ADD_RCPT:
		change->value = arena_strdup(collected->arena, heard->text[1]);
		break;
	case CHANGE_QUARANTINE:
		change->name = one_line(collected->arena, heard->text[0]);
		break;
	case CHANGE_DELETE_RCPT:
	case CHANGE_BODY:
		break;
	}
	append(&collected->changes, change);
}

/* Returns why it is too much, or NULL, having counted it. */
static const char *
count(struct collected *collected, const struct kind *kind,
    const struct milter_said *heard)
{
	/* Pieces with something in them are bounded by their bytes. */
	if (heard->len == 0 && ++collected->count > CHILD_CHANGES_MAX)
		return "after too many other changes";
	if (kind->kind == CHANGE_BODY)
		return heard->len > CHILD_BODY_BYTES_MAX -
		    collected->body.len ? "to one that is too large" : NULL;
	collected->text_bytes += strlen(heard->text[0]) +
	    strlen(heard->text[1]) + 1;
	return collected->text_bytes > CHILD_TEXT_BYTES_MAX ?
	    "after changes with too much text" : NULL;
}

int
child_collect(struct child *child, struct collected *collected)
{
	const struct milter_said *heard = &child->heard;
	const struct kind *kind = find_kind(heard->answer);
	const char *wrong = find_wrong(child, kind);

	if (wrong == NULL)
		wrong = count(collected, kind, heard);
	if (wrong != NULL) {
		child_fail(child, child_steps[STEP_END].name, "it %s %s",
		    kind->name, wrong);
		return -1;
	}
	if (kind->kind == CHANGE_BODY) {
		collected->has_body = true;
		strbuf_add(&collected->body, heard->bytes, heard->len);
	} else
		keep(child, collected, kind->kind);
	return 0;
}

/* The body is too large to be copied without need. */
static void
append_body(struct collected *collected)
{
	struct change *change = arena_alloc(collected->arena,
	    sizeof(*change));
	char *bytes;

	change->kind = CHANGE_BODY;
	change->name = "";
	change->value = "";
	change->len = collected->body.len;
	bytes = strbuf_detach(&collected->body);
	change->bytes = (const unsigned char *)bytes;
	arena_defer(collected->arena, free, bytes);
	append(&collected->changes, change);
}

void
child_hand_over(struct collected *collected, struct changes *changes)
{
	if (collected->has_body)
		append_body(collected);
	if (collected->changes.first == NULL)
		return;
	if (changes->first == NULL)
		changes->first = collected->changes.first;
	else
		changes->last->next = collected->changes.first;
	changes->last = collected->changes.last;
}
