#include "reply/rewrite.h"

#include "reply/rewrite_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/knowledge.h"
#include "reply/lint.h"
#include "reply/raw.h"
#include "reply/reason.h"
#include "reply/reply.h"

#define TOKEN_MAX	100	/* a longer word is no word (rule P4) */
#define HOST_MAX	65	/* ahead of the line, with its blank */
#define ATTEMPTS	2

unsigned
rewrite_class_said(const struct rewrite_job *job)
{
	const struct raw_codes codes = raw_codes(&job->unwrapped->reply);
	const unsigned basic = codes.code / 100u;

	if (basic == 4 || basic == 5)
		return basic;
	return codes.enhanced && (codes.class == 4 || codes.class == 5) ?
	    codes.class : 0;
}

bool
rewrite_is_remote(const struct rewrite_job *job)
{
	return job->unwrapped->speaker == SPEAKER_REMOTE ||
	    (job->unwrapped->speaker == SPEAKER_DELIVERY &&
	    *job->unwrapped->remote != '\0');
}

static bool
is_link(const char *word, size_t len)
{
	const char *mark = strstr(word, "://");

	return mark != NULL && (size_t)(mark - word) < len;
}

/* One word, without what libmilter, shells or mail programs would act on. */
static void
word_add(const char *word, size_t len, struct strbuf *out)
{
	const bool long_one = len > TOKEN_MAX && !is_link(word, len);
	const size_t kept = long_one ? TOKEN_MAX - strlen("...") : len;

	for (size_t i = 0; i < kept; i++) {
		const char c = word[i];
		const bool acts = c == '%' || c == '`' || !text_is_print(c) ||
		    (c == '$' && i + 1 < len && word[i + 1] == '{');

		strbuf_addch(out, acts ? '?' : c);
	}
	if (long_one)
		strbuf_adds(out, "...");
}

void
rewrite_words(const char *words, size_t max, struct strbuf *out)
{
	const size_t start = out->len;

	while (*words != '\0') {
		const size_t len = strcspn(words, " "), before = out->len;
		const size_t more = words[len] != '\0' ? strlen(" ...") : 0;

		if (before > start)
			strbuf_addch(out, ' ');
		word_add(words, len, out);
		if (out->len - start + more > max) {
			strbuf_cut(out, before);
			strbuf_adds(out, before > start ? " ..." : "...");
			return;
		}
		words += len;
		words += strspn(words, " ");
	}
}

void
rewrite_server(const struct rewrite_job *job, struct strbuf *out)
{
	strbuf_adds(out, REWRITE_SERVER);
	if (!value_clean(VALUE_DOMAIN, job->unwrapped->remote, out)) {
		strbuf_cut(out, out->len - strlen(REWRITE_SERVER));
		strbuf_adds(out, REWRITE_OTHER_SERVER);
	}
}

/* The basic code is kept where mail programs know it, and so is the rest. */
static struct status
unclear_status(const struct rewrite_job *job)
{
	const struct raw_codes codes = raw_codes(&job->unwrapped->reply);
	const unsigned class = rewrite_class_said(job);
	struct status status = {
		.code = class == 4 ? 451 : 550,
		.subject = codes.enhanced ? codes.subject : 0,
		.detail = codes.enhanced ? codes.detail : 0,
	};

	/* 551 promises an address for programs to read (RFC 5321 3.4). */
	if (codes.code / 100u == class && basic_code_refuses(codes.code) &&
	    codes.code != 551)
		status.code = codes.code;
	if (status.code == 421 && rewrite_is_remote(job))
		status.code = 451;
	return status;
}

/* The whole line, with what stands in it already, is no longer than it may. */
static void
unclear_words(const struct rewrite_job *job, size_t taken, struct strbuf *line)
{
	const bool lasting = rewrite_class_said(job) != 4;
	const bool remote = rewrite_is_remote(job);

	if (remote)
		rewrite_server(job, line);
	else if (*job->out.words == '\0')
		strbuf_adds(line, "Our mail server");
	if (*job->out.words == '\0') {
		strbuf_adds(line, lasting ?
		    " refused the message without saying why." :
		    " does not take the message right now, without saying "
		    "why.");
		return;
	}
	if (remote)
		strbuf_adds(line, job->unwrapped->speaker == SPEAKER_REMOTE ?
		    REWRITE_SAID : REWRITE_NOT_GIVEN);
	rewrite_words(job->out.words, LINE_TEXT_MAX - taken - line->len, line);
}

/* The name of the server stands in front already: "mx.example.com Busy". */
static bool
begins_with_host(const char *line)
{
	const size_t len = strcspn(line, " ");

	return len > 0 && text_is_letter(line[len - 1]) &&
	    memchr(line, '.', len) != NULL && len == strspn(line,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
}

/* May it be sent as it is?  Warnings about the text are not ours. */
static bool
passes(const struct rewrite_job *job, const struct reply *reply)
{
	static const enum lint_rule rules[] = { LINT_P4, LINT_C3 };
	const struct raw_reply raw = raw_from_reply(job->arena, reply);

	return !lint_breaks(job->arena, &raw, rules,
	    sizeof(rules) / sizeof(rules[0]));
}

/*
 * The words stand alone where that is sound; behind one of ours where they
 * begin with something that programs take for codes or for a value.
 */
const struct reply *
rewrite_unclear(const struct rewrite_job *job)
{
	static const char *const begins[ATTEMPTS] = { "", "Not accepted: " };
	const struct status status = unclear_status(job);
	const struct reply *reply = NULL;
	struct strbuf first = STRBUF_INIT, last = STRBUF_INIT;

	render_ways_on(job->how->letterhead, UNCLEAR, job->how->case_id, &last);
	for (size_t i = 0; i < ATTEMPTS && (reply == NULL ||
	    !passes(job, reply)); i++) {
		const char *lines[2];
		struct diag why = DIAG_INIT;

		strbuf_reset(&first);
		strbuf_adds(&first, begins[i]);
		unclear_words(job, status.code == 421 ? HOST_MAX : 0, &first);
		if (status.code == 421 && !begins_with_host(first.text))
			render_host(job->how->letterhead, &first);
		lines[0] = first.text;
		lines[1] = last.text;
		reply = reply_new(job->arena, status, lines,
		    last.len > 0 ? 2 : 1, &why);
		diag_release(&why);
	}
	strbuf_release(&first);
	strbuf_release(&last);
	/* With a word of ours in front, every clean text is sound. */
	if (reply == NULL)
		abort();
	return reply;
}

static void
known(struct rewrite_job *job)
{
	struct letterhead letterhead = *job->how->letterhead;
	const bool remote = rewrite_is_remote(job);
	const struct reason *reason;
	struct rendering rendering;
	enum form form;

	reason = rewrite_reason(job, &form);
	if (remote) {
		reason = rewrite_third_person(job, reason, form);
		/* The subject's own text would speak of us. */
		if (letterhead.detail == DETAIL_MINIMAL)
			letterhead.detail = DETAIL_BRIEF;
	}
	rendering = render(job->arena, reason, form, &job->values, &letterhead,
	    job->how->case_id);
	job->out.lint = rendering.lint;
	job->out.reply = rendering.reply;
	if (remote && rendering.detail == DETAIL_MINIMAL)
		job->out.reply = rewrite_unclear(job);
	else if (remote || job->unwrapped->speaker == SPEAKER_DELIVERY)
		job->out.reply = rewrite_add_words(job, rendering.reply);
}

/*
 * Whoever wrote such words may be anybody, so no rule that matters on the way
 * may be broken.  What they tell of a network (P1) was said before.
 */
static bool
may_go(const struct rewrite_job *job, const struct reply *reply)
{
	const struct raw_reply raw = raw_from_reply(job->arena, reply);
	const struct lint_context context = { .reason = NULL };
	struct lint_findings findings;

	lint_check(job->arena, &raw, &context, LINT_SENT, &findings);
	for (size_t i = 0; i < findings.count; i++)
		if (findings.items[i].severity == SEVERITY_ERROR &&
		    findings.items[i].rule != LINT_P1)
			return false;
	return true;
}

/* Of a reply that needs no other words; false where it is not sound. */
static bool
own(struct rewrite_job *job)
{
	struct recognition *recognition = &job->out.recognition;
	const struct reason *reason;
	const struct reply *reply;

	if (!rewrite_is_own(job))
		return false;
	reply = rewrite_own(job, unclear_status(job));
	if (reply == NULL || !may_go(job, reply))
		return false;
	job->out.reply = reply;
	reason = rewrite_own_reason(job);
	if (reason != NULL && reason != recognition->reason) {
		recognition->reason = reason;
		recognition->meaning = NULL;
		recognition->sure = SURE_HIGH;
	}
	return true;
}

static void
values_complete(struct rewrite_job *job)
{
	const struct values *more = job->how->values;

	job->values = job->out.recognition.values;
	for (size_t i = 0; more != NULL && i < VARIABLE_COUNT; i++)
		if (job->values.text[i] == NULL)
			job->values.text[i] = more->text[i];
}

struct rewriting
rewrite(struct arena *arena, const struct rewrite_how *how,
    const struct unwrapped *unwrapped)
{
	struct rewrite_job job = {
		.arena = arena,
		.how = how,
		.unwrapped = unwrapped,
		.out = { .lint = "" },
	};

	job.out.words = unwrapped_words(arena, &unwrapped->reply);
	job.out.recognition = recognise(arena, how->knowledge, how->origin,
	    unwrapped);
	values_complete(&job);
	if (own(&job))
		return job.out;
	if (job.out.recognition.reason != NULL)
		known(&job);
	else
		job.out.reply = rewrite_unclear(&job);
	return job.out;
}
