#include "session/child_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/names.h"
#include "base/text.h"
#include "session/milter.h"

#define NO_MACROS	MILTER_PLACE_COUNT
#define CODE_DIGITS	3
/* What is not answered is written when there is so much of it. */
#define OUT_BYTES	65536
#define QUOTED_BYTES	40		/* of a reply that is none */

const struct step_kind child_steps[STEP_COUNT] = {
	[STEP_CONNECT] = { "connect", MILTER_CONNECT,
	    MILTER_NO_CONNECT, MILTER_QUIET_CONNECT, MILTER_AT_CONNECT },
	[STEP_HELO] = { "HELO", MILTER_HELO,
	    MILTER_NO_HELO, MILTER_QUIET_HELO, MILTER_AT_HELO },
	[STEP_MAIL] = { "MAIL", MILTER_MAIL,
	    MILTER_NO_MAIL, MILTER_QUIET_MAIL, MILTER_AT_MAIL },
	[STEP_RCPT] = { "RCPT", MILTER_RCPT,
	    MILTER_NO_RCPT, MILTER_QUIET_RCPT, MILTER_AT_RCPT },
	[STEP_DATA] = { "DATA", MILTER_DATA,
	    MILTER_NO_DATA, MILTER_QUIET_DATA, MILTER_AT_DATA },
	[STEP_UNKNOWN] = { "unknown command", MILTER_UNKNOWN,
	    MILTER_NO_UNKNOWN, MILTER_QUIET_UNKNOWN, NO_MACROS },
	[STEP_HEADER] = { "header", MILTER_HEADER,
	    MILTER_NO_HEADERS, MILTER_QUIET_HEADER, NO_MACROS },
	[STEP_END_OF_HEADERS] = { "end of headers", MILTER_END_OF_HEADERS,
	    MILTER_NO_END_OF_HEADERS, MILTER_QUIET_END_OF_HEADERS,
	    MILTER_AT_END_OF_HEADERS },
	[STEP_BODY] = { "body", MILTER_BODY,
	    MILTER_NO_BODY, MILTER_QUIET_BODY, NO_MACROS },
	[STEP_END] = { "end of message", MILTER_END, 0, 0, MILTER_AT_END },
};

static const struct child_said goes_on = {
	.result = CHILD_GOES_ON, .reply = "", .why = "",
};

static bool
is_of_connection(enum step step)
{
	return step == STEP_CONNECT || step == STEP_HELO;
}

/* What it wants, as far as is known; NULL: not at all. */
static const struct milter_terms *
known_terms(const struct child *child)
{
	if (child->channel != NULL)
		return &child->agreed;
	return child->is_foretold ? &child->foretold : NULL;
}

bool
child_wants_refused(const struct child *child)
{
	const struct milter_terms *terms = known_terms(child);

	return terms != NULL && (terms->steps & MILTER_TELL_REJECTED) != 0;
}

static bool
wants(const struct child *child, enum step step)
{
	const struct milter_terms *terms = known_terms(child);

	return terms == NULL || (terms->steps & child_steps[step].none) == 0;
}

/* "i {auth_authen}": is this name in it, with or without braces? */
static bool
list_has(const char *list, const char *name)
{
	static const char blanks[] = " \t,{}";
	size_t len = strlen(name), word;

	for (list += strspn(list, blanks); *list != '\0';
	    list += word + strspn(list + word, blanks)) {
		word = strcspn(list, blanks);
		if (word == len && memcmp(list, name, len) == 0)
			return true;
	}
	return false;
}

/*
 * The milter's list for this place says which; without one it gets what the
 * MTA sends.  An empty packet makes it forget those of the step before.
 */
static void
keep_macros(struct child *child, enum step step,
    const struct child_macros *macros)
{
	const struct milter_terms *terms = known_terms(child);
	enum milter_place place = child_steps[step].place;
	const char *list;
	struct milter_macro *chosen;
	size_t count = 0;

	if (macros == NULL || place == NO_MACROS)
		return;
	strbuf_reset(&child->unsent[place]);
	list = terms != NULL ? terms->symbols[place] : NULL;
	chosen = xcalloc(macros->count + 1, sizeof(*chosen));
	for (size_t i = 0; i < macros->count; i++)
		if (list == NULL || list_has(list, macros->items[i].name))
			chosen[count++] = macros->items[i];
	if (count > 0 || child->told_macros[place])
		milter_write_macros(&child->unsent[place],
		    child_steps[step].command, chosen, count);
	free(chosen);
}

static void
put_macros_of(struct child *child, enum milter_place place)
{
	struct strbuf *unsent = &child->unsent[place];

	if (unsent->len == 0)
		return;
	strbuf_add(&child->out, unsent->text, unsent->len);
	strbuf_reset(unsent);
	child->told_macros[place] = true;
}

/* Those of earlier steps first. */
static void
put_macros(struct child *child, enum milter_place last)
{
	for (int p = 0; p < MILTER_PLACE_COUNT; p++)
		if (p != (int)last)
			put_macros_of(child, (enum milter_place)p);
	if (last != NO_MACROS)
		put_macros_of(child, last);
}

bool
child_begin(struct child *child, enum step step,
    const struct child_macros *macros, struct child_said *said)
{
	*said = goes_on;
	if (child->scope != SCOPE_NONE) {
		/* It is no part of the message that is over. */
		if (child->scope == SCOPE_CONNECTION || step != STEP_UNKNOWN)
			*said = child->last_word;
		return false;
	}
	if (wants(child, step) && child_open(child) == -1) {
		*said = child->last_word;
		return false;
	}
	/* Now it may be known better than before. */
	keep_macros(child, step, macros);
	if (!wants(child, step))
		return false;
	put_macros(child, child_steps[step].place);
	if (!is_of_connection(step) && step != STEP_UNKNOWN)
		child->in_message = true;
	return true;
}

/*
 * May this go out with the next step, as its answer is not waited for?  Behind
 * a recipient may come nothing for long.
 */
static bool
can_wait(enum step step)
{
	return step != STEP_RCPT && step != STEP_UNKNOWN;
}

struct child_said
child_finish(struct child *child, enum step step)
{
	unsigned wait_ms = child->milter->answer_timeout_ms;
	uint64_t until_ms;
	bool quiet = (child->agreed.steps & child_steps[step].quiet) != 0;

	if (quiet)
		child->told_quiet = true;
	if (quiet && can_wait(step) && child->out.len < OUT_BYTES)
		return goes_on;
	if (child_flush(child, child_steps[step].name) == -1)
		return child->last_word;
	if (quiet)
		return goes_on;
	until_ms = child_until(child, wait_ms);
	if (child_hear(child, step, wait_ms, &until_ms) == -1)
		return child->last_word;
	return child_judge(child, step);
}

/* Makes this the answer to all that comes in the scope. */
static struct child_said
last_word(struct child *child, enum step step, struct child_said said)
{
	child_worked(child);
	if (is_of_connection(step)) {
		child_close(child);
		child->scope = SCOPE_CONNECTION;
	} else {
		child_end_message(child);
		/* The next message needs no MAIL to tell it from this one. */
		child->scope = step == STEP_END ? SCOPE_NONE : SCOPE_MESSAGE;
	}
	child->last_word = said;
	return said;
}

/* A recipient, or a command that nobody knows, is refused by itself. */
static struct child_said
refuse(struct child *child, enum step step, enum child_result result)
{
	struct child_said said = goes_on;

	said.result = result;
	said.reply = child->reply.text;
	if (step == STEP_RCPT)
		child_worked(child);
	if (step == STEP_RCPT || step == STEP_UNKNOWN)
		return said;
	return last_word(child, step, said);
}

/*
 * libmilter has the per cent signs of a reply doubled, because Sendmail takes
 * it for a format, and who answers without it does the same.
 */
static void
keep_reply(struct child *child, const char *text)
{
	struct strbuf *reply = &child->reply;

	strbuf_reset(reply);
	for (; *text != '\0' && reply->len < CHILD_REPLY_BYTES_MAX; text++) {
		if (text[0] == '%' && text[1] == '%')
			text++;
		strbuf_addch(reply, *text);
	}
}

static bool
is_reply(const char *text)
{
	if (*text != '4' && *text != '5')
		return false;
	for (size_t i = 1; i < CODE_DIGITS; i++)
		if (!text_is_digit(text[i]))
			return false;
	return text[CODE_DIGITS] == '\0' ||
	    strchr(" -\r\n", text[CODE_DIGITS]) != NULL;
}

static struct child_said
judge_reply(struct child *child, enum step step)
{
	const char *text = child->heard.text[0];
	struct child_said said;
	struct strbuf shown = STRBUF_INIT;
	char *start;

	if (is_reply(text)) {
		keep_reply(child, text);
		return refuse(child, step,
		    *text == '4' ? CHILD_DEFERS : CHILD_REFUSES);
	}
	start = xstrndup(text, QUOTED_BYTES);
	names_quote(&shown, start);
	said = child_fail(child, child_steps[step].name,
	    "its reply begins with %s, not with a code of class 4 or 5",
	    shown.text);
	strbuf_release(&shown);
	free(start);
	return said;
}

static struct child_said
judge_skip(struct child *child, enum step step)
{
	if (step == STEP_BODY &&
	    (child->offer.steps & MILTER_SKIP_OFFERED) != 0) {
		child->skips = true;
		return goes_on;
	}
	return child_fail(child, child_steps[step].name, "it skips %s",
	    step == STEP_BODY ? "what is left without having been offered to" :
	    "something that is not a body");
}

struct child_said
child_judge(struct child *child, enum step step)
{
	struct child_said said = goes_on;
	const char *change;

	switch (child->heard.answer) {
	case MILTER_CONTINUE:
		if (step == STEP_END)
			last_word(child, step, said);
		return said;
	case MILTER_ACCEPT:
		said.result = CHILD_ACCEPTS;
		return last_word(child, step, said);
	case MILTER_DISCARD:
		/* It has no meaning there: Postfix goes on, too. */
		if (is_of_connection(step))
			return said;
		said.result = CHILD_DISCARDS;
		return last_word(child, step, said);
	case MILTER_REJECT:
	case MILTER_TEMPFAIL:
		strbuf_reset(&child->reply);
		return refuse(child, step,
		    child->heard.answer == MILTER_REJECT ? CHILD_REFUSES :
		    CHILD_DEFERS);
	case MILTER_REPLY_CODE:
		return judge_reply(child, step);
	case MILTER_SKIP:
		return judge_skip(child, step);
	case MILTER_SHUTDOWN:
		child_worked(child);
		child_close(child);
		strbuf_reset(&child->why);
		strbuf_addf(&child->why, "%s: it shut the connection down",
		    child_steps[step].name);
		child->scope = SCOPE_CONNECTION;
		child->last_word = goes_on;
		child->last_word.result = CHILD_FAILED;
		child->last_word.why = child->why.text;
		said.result = CHILD_SHUTS_DOWN;
		return said;
	case MILTER_CONNECTION_FAIL:
		return child_fail(child, child_steps[step].name,
		    "it says that its connection failed");
	default:
		change = child_change_name(child->heard.answer);
		return child_fail(child, child_steps[step].name,
		    "it %s before the end of the message",
		    change != NULL ? change : "answered out of order");
	}
}

/* A step that is nothing but one command with texts. */
static struct child_said
tell_texts(struct child *child, enum step step,
    const struct child_macros *macros, const char *const *texts, size_t count)
{
	struct child_said said;

	child_set_limit(child);
	if (!child_begin(child, step, macros, &said))
		return said;
	milter_write_texts(&child->out, child_steps[step].command, texts,
	    count);
	return child_finish(child, step);
}

struct child_said
child_connect(struct child *child, const struct child_macros *macros,
    const char *host, const struct ip *ip, unsigned port)
{
	struct child_said said;

	child_set_limit(child);
	if (!child_begin(child, STEP_CONNECT, macros, &said))
		return said;
	milter_write_connect(&child->out, host, ip, port);
	return child_finish(child, STEP_CONNECT);
}

/* HELO may come at any time, and ends a message that was begun. */
struct child_said
child_helo(struct child *child, const struct child_macros *macros,
    const char *name)
{
	child_abort(child);
	return tell_texts(child, STEP_HELO, macros, &name, 1);
}

struct child_said
child_mail(struct child *child, const struct child_macros *macros,
    const char *const *args, size_t count)
{
	child_abort(child);
	return tell_texts(child, STEP_MAIL, macros, args, count);
}

struct child_said
child_rcpt(struct child *child, const struct child_macros *macros,
    const char *const *args, size_t count)
{
	return tell_texts(child, STEP_RCPT, macros, args, count);
}

struct child_said
child_data(struct child *child, const struct child_macros *macros)
{
	return tell_texts(child, STEP_DATA, macros, NULL, 0);
}

struct child_said
child_unknown(struct child *child, const char *command)
{
	return tell_texts(child, STEP_UNKNOWN, NULL, &command, 1);
}
