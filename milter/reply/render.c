#include "reply/render.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/lint.h"
#include "reply/raw.h"
#include "reply/reply.h"
#include "reply/template.h"

#define LINES		3
#define LINE_USUAL	256	/* bytes; few have more */

static const char *const detail_names[DETAIL_COUNT] = {
	[DETAIL_FULL] = "full",
	[DETAIL_BRIEF] = "brief",
	[DETAIL_MINIMAL] = "minimal",
};

/* What to say where only the subject may be told. */
static const struct plain {
	unsigned subject;
	struct {
		const char *what;
		const char *fix;
	} forms[FORM_COUNT];
} plains[] = {
#define SUBJECT(digit, title, side, lasting, helps, passing, then)	\
	{ .subject = (digit),	\
	  .forms = {	\
		[FORM_PERMANENT] = { .what = (lasting), .fix = (helps) }, \
		[FORM_TEMPORARY] = { .what = (passing), .fix = (then) } } },
#include "reply/subject.def"
#undef SUBJECT
};

#define PLAIN_COUNT	(sizeof(plains) / sizeof(plains[0]))

const char *
detail_name(enum detail detail)
{
	return detail_names[detail];
}

int
detail_from_name(const char *name, enum detail *detail, struct diag *diag)
{
	int found = names_find(detail_names, DETAIL_COUNT, name);

	if (found == -1) {
		names_unknown(diag, "detail", name, detail_names,
		    DETAIL_COUNT);
		return -1;
	}
	*detail = (enum detail)found;
	return 0;
}

/* One rendering while it is worked on. */
struct job {
	struct arena *arena;
	const struct reason *reason;
	enum form form;
	struct values known;		/* all values, and our own two */
	struct values own;		/* host and reason only */
	const struct letterhead *letterhead;
	struct strbuf lines[LINES];	/* what, fix, ways on */
};

static const struct reason_form *
job_form(const struct job *job)
{
	return &job->reason->forms[job->form];
}

static void
line_add(struct strbuf *line, const char *label, const char *text)
{
	strbuf_adds(line, label);
	strbuf_adds(line, text);
}

void
render_ways_on(const struct letterhead *letterhead, const char *reason,
    const char *case_id, struct strbuf *line)
{
	const struct values own = { .text = {
		[VARIABLE_HOST] = letterhead->host,
		[VARIABLE_REASON] = reason,
	} };
	struct strbuf text = STRBUF_INIT;

	if (letterhead->help != NULL &&
	    template_fill(letterhead->help, &own, &text) == 0)
		line_add(line, "More help: ", text.text);
	else if (letterhead->contact != NULL &&
	    template_fill(letterhead->contact, &own, &text) == 0) {
		strbuf_adds(line, "Contact");
		if (letterhead->name != NULL) {
			strbuf_adds(line, " ");
			if (!value_clean(VALUE_PHRASE, letterhead->name, line))
				strbuf_cut(line, line->len - 1);
		}
		line_add(line, ": ", text.text);
	}
	strbuf_reset(&text);
	if (value_clean(VALUE_WORD, case_id, &text))
		line_add(line, line->len > 0 ? " Case: " :
		    "If you ask us about this refusal, name its case. Case: ",
		    text.text);
	strbuf_release(&text);
}

static bool
has_letter(const char *text)
{
	for (; *text != '\0'; text++)
		if (text_is_letter(*text))
			return true;
	return false;
}

void
render_host(const struct letterhead *letterhead, struct strbuf *line)
{
	struct strbuf said = STRBUF_INIT;

	/* "4.7.0" would be read as a code. */
	if (!value_clean(VALUE_DOMAIN, letterhead->host, &said) ||
	    !has_letter(said.text)) {
		strbuf_reset(&said);
		strbuf_adds(&said, "localhost");
	}
	if (!text_starts(line->text, said.text) ||
	    line->text[said.len] != ' ') {
		strbuf_addf(&said, " %s", line->text);
		strbuf_reset(line);
		strbuf_add(line, said.text, said.len);
	}
	strbuf_release(&said);
}

/*
 * Fills lines 1 and 2 as this detail has them.  Returns false where a value
 * is missing that a text cannot do without.
 */
static bool
texts_fill(struct job *job, enum detail detail)
{
	const struct reason_form *form = job_form(job);
	const struct values *values = &job->own;
	const struct plain *plain = &plains[0];

	strbuf_reset(&job->lines[0]);
	strbuf_reset(&job->lines[1]);
	switch (detail) {
	case DETAIL_FULL:
		values = &job->known;
		/* FALLTHROUGH */
	case DETAIL_BRIEF:
		return template_fill(form->what, values, &job->lines[0]) == 0 &&
		    template_fill(form->fix, values, &job->lines[1]) == 0 &&
		    job->lines[0].len > 0;
	case DETAIL_MINIMAL:
		for (size_t i = 0; i < PLAIN_COUNT; i++)
			if (plains[i].subject == form->status.subject)
				plain = &plains[i];
		strbuf_adds(&job->lines[0], plain->forms[job->form].what);
		strbuf_adds(&job->lines[1], plain->forms[job->form].fix);
		return true;
	case DETAIL_COUNT:
		break;
	}
	return false;
}

static bool
has_address(const char *line)
{
	const char *open = strchr(line, '<');
	const char *at = open != NULL ? strchr(open, '@') : NULL;

	return at != NULL && strchr(at, '>') != NULL;
}

/*
 * The codes go out as the reason has them, but for one: a 551 is a promise
 * that the new address stands in the text.  Where it does not, because it is
 * not known or not to be told, RFC 5321 3.4 says 550.
 */
static struct status
status_said(const struct job *job)
{
	struct status status = job_form(job)->status;

	if (status.code == 551 && !has_address(job->lines[0].text))
		status.code = 550;
	return status;
}

/* Makes the reply of the lines that are not empty; NULL if it is unfit. */
static const struct reply *
reply_make(struct job *job, size_t count)
{
	struct status status = status_said(job);
	const char *lines[LINES];
	struct diag why = DIAG_INIT;
	const struct reply *reply;
	size_t used = 0;

	if (status.code == 421)
		render_host(job->letterhead, &job->lines[0]);
	for (size_t i = 0; i < count; i++)
		if (job->lines[i].len > 0)
			lines[used++] = job->lines[i].text;
	reply = reply_new(job->arena, status, lines, used, &why);
	diag_release(&why);
	return reply;
}

/* What reply_new() had against the lines, as the name of a rule. */
static enum lint_rule
unfit_rule(const struct job *job)
{
	for (size_t i = 0; i < LINES; i++)
		if (job->lines[i].len > REPLY_LINE_MAX)
			return LINT_F1;
	return LINT_F13;
}

/*
 * One attempt.  *reply is NULL where it must not be sent; the returned rule is
 * the first that was broken, LINT_COUNT where none is.
 */
static enum lint_rule
attempt(struct job *job, enum detail detail, const struct reply **reply)
{
	const struct lint_context context = { .reason = job->reason };
	const struct reply *made;
	struct lint_findings findings;
	struct raw_reply raw;

	*reply = NULL;
	if (!texts_fill(job, detail))
		return LINT_F12;
	made = reply_make(job, LINES);
	if (made == NULL)
		return unfit_rule(job);
	raw = raw_from_reply(job->arena, made);
	if (lint_check(job->arena, &raw, &context, LINT_SENT, &findings))
		*reply = made;
	return findings.count == 0 ? LINT_COUNT : findings.items[0].rule;
}

/* The text of the subject alone: nothing in it comes from anywhere. */
static const struct reply *
last_resort(struct job *job)
{
	const struct reply *reply;

	texts_fill(job, DETAIL_MINIMAL);
	reply = reply_make(job, LINES - 1);
	if (reply == NULL)
		abort();
	return reply;
}

/*
 * The fullest detail without a finding is sent.  A mere warning, say a line
 * that a long address makes too long, gives way to the text without values;
 * where that has one as well, it is the wish of the site.
 */
static struct rendering
choose(struct job *job, enum detail most)
{
	struct rendering best = { .reply = NULL, .lint = "" };

	for (enum detail d = most; d < DETAIL_COUNT; d++) {
		const struct reply *reply;
		enum lint_rule broken;

		if (d == DETAIL_MINIMAL && best.reply != NULL)
			break;
		broken = attempt(job, d, &reply);
		if (broken != LINT_COUNT && best.lint[0] == '\0')
			best.lint = lint_name(broken);
		if (reply != NULL &&
		    (best.reply == NULL || broken == LINT_COUNT)) {
			best.reply = reply;
			best.detail = d;
		}
		if (broken == LINT_COUNT)
			break;
	}
	if (best.reply == NULL) {
		best.reply = last_resort(job);
		best.detail = DETAIL_MINIMAL;
	}
	return best;
}

struct rendering
render(struct arena *arena, const struct reason *reason, enum form form,
    const struct values *values, const struct letterhead *letterhead,
    const char *case_id)
{
	struct job job = {
		.arena = arena,
		.reason = reason,
		.form = form,
		.letterhead = letterhead,
	};
	struct rendering rendering;

	for (size_t i = 0; i < LINES; i++) {
		strbuf_init(&job.lines[i]);
		strbuf_room(&job.lines[i], LINE_USUAL);
	}
	if (values != NULL)
		job.known = *values;
	job.own.text[VARIABLE_HOST] = letterhead->host;
	job.own.text[VARIABLE_REASON] = reason->name;
	job.known.text[VARIABLE_HOST] = letterhead->host;
	job.known.text[VARIABLE_REASON] = reason->name;

	render_ways_on(letterhead, reason->name, case_id, &job.lines[2]);
	rendering = choose(&job, letterhead->detail);

	for (size_t i = 0; i < LINES; i++)
		strbuf_release(&job.lines[i]);
	return rendering;
}
