/* The form of a reason that a foreign reply is to take, and its person. */

#include "reply/rewrite_parts.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/perspective.h"
#include "reply/reason.h"
#include "reply/reply.h"
#include "reply/template.h"

#define WORDS_LEFT_MIN	40	/* shorter, the words tell nothing */

/* What helps, where a reason has no text for the class. */
static const char *const borrowed_fixes[FORM_COUNT] = {
	[FORM_PERMANENT] = "Your message will not be sent again by itself. "
	    "Contact the person another way.",
	[FORM_TEMPORARY] = "Mail servers retry by themselves. If yours has "
	    "given up, send the message again later.",
};

/* Basic codes of each class, the more usual ones first. */
static const unsigned short usual[FORM_COUNT][3] = {
	[FORM_PERMANENT] = { 550, 554, 552 },
	[FORM_TEMPORARY] = { 451, 450, 452 },
};

static const struct template *
compile(const struct rewrite_job *job, const char *text)
{
	struct diag why = DIAG_INIT;
	const struct template *template = template_compile(job->arena, text,
	    &why);

	diag_release(&why);
	return template;
}

static bool
goes_together(struct status status)
{
	const enum pair pair = status_pair(status);

	return pair == PAIR_LISTED || pair == PAIR_KNOWN;
}

/* What was decided elsewhere stays decided, however it is told. */
static bool
class_stays(const struct rewrite_job *job)
{
	return job->how->class_stays ||
	    job->unwrapped->speaker == SPEAKER_REMOTE ||
	    job->unwrapped->speaker == SPEAKER_DELIVERY;
}

/*
 * A reason without a permanent form is a fault of the refusing side or a
 * matter of time: there a 5xx is a mistake, and mail is lost by it.
 */
static enum form
form_choose(const struct rewrite_job *job, const struct reason *reason)
{
	const bool lasts = reason->forms[FORM_PERMANENT].present;

	switch (rewrite_class_said(job)) {
	case 4:
		return FORM_TEMPORARY;
	case 5:
		return lasts || class_stays(job) ? FORM_PERMANENT :
		    FORM_TEMPORARY;
	default:
		return lasts ? FORM_PERMANENT : FORM_TEMPORARY;
	}
}

/* The code that was given, or the first that goes with the rest. */
static unsigned short
basic_borrow(const struct rewrite_job *job, enum form form,
    struct status status)
{
	const unsigned short said = raw_codes(&job->unwrapped->reply).code;

	if (said / 100 == usual[form][0] / 100 && basic_code_refuses(said) &&
	    said != 421 && said != 551)
		return said;
	for (size_t i = 0; i < 3; i++) {
		status.code = usual[form][i];
		if (goes_together(status))
			return status.code;
	}
	return usual[form][0];
}

/* What is for now, without saying so: the source of a template. */
static void
lasting_add(const char *text, struct strbuf *out)
{
	static const char *const passing[] = { " right now", " at the moment",
	    " for now" };

	while (*text != '\0') {
		const char *start = text;

		for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]);
		    i++)
			if (text_starts(text, passing[i]))
				text += strlen(passing[i]);
		if (text == start)
			strbuf_addch(out, *text++);
	}
}

static const struct template *
lasting(const struct rewrite_job *job, const struct template *what)
{
	struct strbuf text = STRBUF_INIT;
	const struct template *compiled;

	lasting_add(template_source(what), &text);
	compiled = compile(job, text.text);
	strbuf_release(&text);
	return compiled != NULL ? compiled : what;
}

const char *
rewrite_borrowed_fix(enum form form)
{
	return borrowed_fixes[form];
}

struct reason_form
rewrite_form(const struct rewrite_job *job, const struct reason *reason,
    enum form form)
{
	const enum form other = form == FORM_PERMANENT ? FORM_TEMPORARY :
	    FORM_PERMANENT;
	struct reason_form borrowed = reason->forms[other];

	if (reason->forms[form].present)
		return reason->forms[form];
	borrowed.status.code = basic_borrow(job, form, borrowed.status);
	borrowed.fix = compile(job, borrowed_fixes[form]);
	if (form == FORM_PERMANENT)
		borrowed.what = lasting(job, borrowed.what);
	return borrowed;
}

/* After these a program knows what to do next by the code alone. */
static bool
is_dialogue(unsigned code)
{
	static const unsigned short codes[] = { 500, 501, 502, 503, 504, 530,
	    534, 535, 538, 555 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i] == code)
			return true;
	return false;
}

/*
 * A sending program tells by the basic code whether to do without an extension
 * (500 to 504, 555) or to sign in or encrypt (530 to 538).  So that code stays
 * where it goes with the reason, or with what was said of the same subject.
 */
static bool
dialogue_keep(const struct raw_codes *said, struct status *status)
{
	struct status kept = *status;

	if (!is_dialogue(said->code))
		return false;
	kept.code = said->code;
	if (said->enhanced && said->class == 5 && said->detail != 0 &&
	    said->subject == status->subject) {
		kept.detail = said->detail;
		if (!goes_together(kept))
			kept.detail = status->detail;
	}
	if (!goes_together(kept))
		return false;
	*status = kept;
	return true;
}

/*
 * After a 421 the server closes the connection, and Postfix does so for this
 * code alone, not for a 451 in its place.  So it is said where it was said
 * before, and nowhere else.
 */
static bool
closing_keep(const struct raw_codes *said, struct status *status)
{
	struct status kept = *status;

	if (said->code != 421)
		return false;
	kept.code = 421;
	if (!goes_together(kept))
		kept.detail = 0;
	if (!goes_together(kept))
		return false;
	*status = kept;
	return true;
}

/* The codes of a reason in this form, where others were said. */
static struct status
status_choose(const struct rewrite_job *job, enum form form,
    struct status status)
{
	const struct raw_codes said = raw_codes(&job->unwrapped->reply);
	const bool remote = rewrite_is_remote(job);

	if (!remote && (form == FORM_PERMANENT ?
	    dialogue_keep(&said, &status) : closing_keep(&said, &status)))
		return status;
	if (status.code == 421 && (remote ||
	    (said.code != 0 && said.code != 421)))
		status.code = basic_borrow(job, form, status);
	return status;
}

const struct reason *
rewrite_reason(const struct rewrite_job *job, enum form *form)
{
	struct reason *reason = arena_alloc(job->arena, sizeof(*reason));
	struct reason_form *chosen;

	*reason = *job->out.recognition.reason;
	*form = form_choose(job, reason);
	chosen = &reason->forms[*form];
	*chosen = rewrite_form(job, reason, *form);
	chosen->status = status_choose(job, *form, chosen->status);
	return reason;
}

/* "Your message ..." goes on a sentence as "your message ...". */
static void
sentence_add(const char *text, struct strbuf *out)
{
	const size_t start = out->len;
	char *first;

	perspective_turn(text, out);
	first = &out->text[start];
	if (first[0] != '\0' && first[1] != '\0' &&
	    (first[1] == ' ' || text_lower(first[1]) == first[1]))
		*first = text_lower(*first);
}

/* Doubles what means something in a template. */
static void
literal_add(const char *text, struct strbuf *out)
{
	for (; *text != '\0'; text++) {
		strbuf_addch(out, *text);
		if (strchr("{}[]", *text) != NULL)
			strbuf_addch(out, *text);
	}
}

/*
 * "The server mx.example.net refused your message: their spam filter ..." The
 * name is left out where it makes the line too long for a template.
 */
static const struct template *
what_turn(const struct rewrite_job *job, const struct template *what,
    enum form form)
{
	struct strbuf server = STRBUF_INIT, text = STRBUF_INIT;
	const struct template *turned;

	rewrite_server(job, &server);
	literal_add(server.text, &text);
	strbuf_adds(&text, job->unwrapped->speaker == SPEAKER_DELIVERY ?
	    REWRITE_NOT_GIVEN : form == FORM_PERMANENT ? REWRITE_REFUSED :
	    REWRITE_NOT_YET);
	sentence_add(template_source(what), &text);
	turned = compile(job, text.text);
	strbuf_release(&server);
	strbuf_release(&text);
	return turned != NULL ? turned : what;
}

const struct reason *
rewrite_third_person(const struct rewrite_job *job,
    const struct reason *reason, enum form form)
{
	struct reason *turned = arena_alloc(job->arena, sizeof(*turned));
	struct reason_form *told = &turned->forms[form];
	struct strbuf fix = STRBUF_INIT;
	const struct template *compiled;

	*turned = *reason;
	told->what = what_turn(job, told->what, form);
	perspective_turn(template_source(told->fix), &fix);
	compiled = compile(job, fix.text);
	if (compiled != NULL)
		told->fix = compiled;
	strbuf_release(&fix);
	return turned;
}

/* The codes as they were said, ahead of the words. */
static void
said_add(const struct rewrite_job *job, struct strbuf *out)
{
	char codes[RAW_CODES_MAX];

	if (raw_codes_format(raw_codes(&job->unwrapped->reply), codes) > 0)
		strbuf_addf(out, "%s ", codes);
	strbuf_adds(out, job->out.words);
}

const struct reply *
rewrite_add_words(const struct rewrite_job *job, const struct reply *reply)
{
	const char *lines[REPLY_LINES_MAX], *intro;
	struct strbuf ways_on = STRBUF_INIT, said = STRBUF_INIT;
	struct strbuf last = STRBUF_INIT;
	struct diag why = DIAG_INIT;
	const struct reply *whole;
	size_t count = reply->count, room;

	for (size_t i = 0; i < count; i++)
		lines[i] = reply->lines[i];
	render_ways_on(job->how->letterhead,
	    job->out.recognition.reason->name, job->how->case_id, &ways_on);
	if (ways_on.len > 0 && strcmp(lines[count - 1], ways_on.text) == 0) {
		strbuf_addf(&last, "%s ", ways_on.text);
		count--;
	}
	intro = job->unwrapped->speaker == SPEAKER_REMOTE ?
	    REWRITE_WORDS_SAID : REWRITE_WORDS_OWN;
	said_add(job, &said);
	room = last.len + strlen(intro) + WORDS_LEFT_MIN < LINE_TEXT_MAX ?
	    LINE_TEXT_MAX - last.len - strlen(intro) : WORDS_LEFT_MIN;
	strbuf_adds(&last, intro);
	rewrite_words(said.text, room, &last);
	lines[count++] = last.text;
	whole = reply_new(job->arena, reply->status, lines, count, &why);
	diag_release(&why);
	strbuf_release(&ways_on);
	strbuf_release(&said);
	strbuf_release(&last);
	return whole != NULL ? whole : reply;
}
