/* Rules C1 to C15: the codes. */

#include "reply/lint_rules.h"

#include <string.h>

#include "base/text.h"
#include "reply/lint_words.h"

static bool
enhanced_is(struct status status, unsigned subject, unsigned detail)
{
	return status.subject == subject && status.detail == detail;
}

const char *
lint_C1(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++) {
		const struct raw_line *line = &job->reply->lines[i];

		if (line->code == 0 || !line->enhanced ||
		    line->class == line->code / 100)
			continue;
		return lint_say(job, "the codes %u and %u.%u.%u are of two "
		    "classes, and Postfix makes a server error of them; write "
		    "%u %u.%u.%u, or another basic code", line->code,
		    line->class, line->subject, line->detail, line->code,
		    line->code / 100u, line->subject, line->detail);
	}
	return NULL;
}

const char *
lint_C2(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++) {
		const struct raw_line *line = &job->reply->lines[i];
		const struct topic *topic;

		if (line->code == 0 || line->enhanced)
			continue;
		topic = lint_topic(job);
		if (topic != NULL)
			return lint_say(job, "line %zu has no enhanced code, "
			    "so mail programs guess one; write %u %u.%u.%u",
			    i + 1, line->code, line->code / 100u,
			    topic->subject, topic->detail);
		return lint_say(job, "line %zu has no enhanced code, so mail "
		    "programs guess one; write it behind the %u", i + 1,
		    line->code);
	}
	return NULL;
}

const char *
lint_C3(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++) {
		const struct raw_line *line = &job->reply->lines[i];

		if (!line->enhanced && text_is_digit(line->text[0]))
			return lint_say(job, "the text of line %zu begins with "
			    "a digit, which Postfix takes for an enhanced "
			    "code; write one before it", i + 1);
	}
	return NULL;
}

const char *
lint_C4(struct lint_job *job)
{
	const struct raw_line *one = job->reply->lines;

	for (size_t i = 1; i < job->reply->count; i++) {
		const struct raw_line *line = &job->reply->lines[i];

		if (line->code == one->code &&
		    line->enhanced == one->enhanced &&
		    line->class == one->class &&
		    line->subject == one->subject &&
		    line->detail == one->detail)
			continue;
		return lint_say(job, "the codes of line %zu are not those of "
		    "line 1; write the same codes on every line", i + 1);
	}
	return NULL;
}

const char *
lint_C5(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++) {
		unsigned code = job->reply->lines[i].code;

		if (code == 0 || basic_code_refuses(code))
			continue;
		if (code / 100 != 4 && code / 100 != 5)
			return lint_say(job, "%u is no refusal; write a code "
			    "that begins with 4 or 5", code);
		return lint_say(job, "%u is no code that mail programs know; "
		    "write %u", code, code / 100 == 4 ? 451 : 550);
	}
	return NULL;
}

const char *
lint_C6(struct lint_job *job)
{
	struct status status;
	char text[STATUS_TEXT_MAX];

	if (!lint_status(job, &status))
		return NULL;
	status_format(status, text);
	switch (status_pair(status)) {
	case PAIR_LISTED:
	case PAIR_KNOWN:
		return NULL;
	case PAIR_UNREGISTERED:
		if (!basic_code_refuses(status.code))
			return NULL;		/* C5 says it */
		return lint_say(job, "X.%u.%u is in no registry, so programs "
		    "cannot know it; write X.%u.0 or the code of a registered "
		    "case", status.subject, status.detail, status.subject);
	case PAIR_UNLISTED:
		return lint_say(job, "%s is a pair that neither the registry "
		    "nor practice knows; take the basic code that goes with "
		    "X.%u.%u", text, status.subject, status.detail);
	}
	return NULL;
}

static bool
is_general(struct status status)
{
	return status.detail == 0 && (status.subject == 0 ||
	    status.subject == 5 || status.subject == 7);
}

const char *
lint_C7(struct lint_job *job)
{
	const struct topic *topic = lint_topic(job);
	struct status status;

	if (topic == NULL || !lint_status(job, &status) ||
	    !is_general(status))
		return NULL;
	return lint_say(job, "%u.%u.%u is general, and the text says more: "
	    "\"%s\"; write %u.%u.%u", status_class(status), status.subject,
	    status.detail, topic->phrase, status_class(status),
	    topic->subject, topic->detail);
}

const char *
lint_C8(struct lint_job *job)
{
	const struct topic *topic = lint_topic(job);
	struct status status;

	if (topic == NULL || !lint_status(job, &status) ||
	    !enhanced_is(status, 7, 1))
		return NULL;
	return lint_say(job, "%u.7.1 is for permission and policy, and \"%s\" "
	    "is neither; write %u.%u.%u", status_class(status),
	    topic->phrase, status_class(status), topic->subject,
	    topic->detail);
}

/* True if stage stands in a list such as "MAIL, RCPT", or the list says any. */
static bool
stage_listed(const char *list, const char *stage)
{
	size_t len = strlen(stage);

	for (const char *p = list; *p != '\0'; p += strspn(p, ", ")) {
		size_t word = strcspn(p, ",");

		if ((word == len && text_starts(p, stage)) ||
		    (word == 3 && text_starts(p, "any")))
			return true;
		p += word;
	}
	return false;
}

const char *
lint_C9(struct lint_job *job)
{
	const unsigned code = job->reply->count > 0 ?
	    job->reply->lines[0].code : 0;
	const struct basic_code *row = basic_code_find(code);
	const char *stage = job->context->stage;
	const struct topic *topic = lint_topic(job);
	struct status status;

	/* After weak TLS, 554 answers each command (RFC 3207 4.1). */
	if (row == NULL || (code == 554 && lint_status(job, &status) &&
	    enhanced_is(status, 7, 10)))
		return NULL;
	if (stage != NULL && stage[0] != '\0') {
		if (stage_listed(row->stages, stage))
			return NULL;
		return lint_say(job, "%u is not for %s but for %s; write %s",
		    code, stage, row->stages, code < 500 ? "451" : "550");
	}
	/* 500 to 504 speak of the command, whatever the stage is. */
	if (code >= 500 && code <= 504 && topic != NULL &&
	    (topic->subject == 1 || topic->subject == 2) &&
	    topic->detail != 3)
		return lint_say(job, "%u is for a command that was wrong, not "
		    "for \"%s\"; write 550", code, topic->phrase);
	return NULL;
}

const char *
lint_C10(struct lint_job *job)
{
	struct token phrase = words_find(WORDS_PASSING, job->body);

	if (job->class != 5 || phrase.len == 0)
		return NULL;
	return lint_say(job, "the code is permanent, and the text speaks as if "
	    "it were for now: \"%.*s\"; write a code of class 4, or say what "
	    "has to change", TOKEN_ARGS(phrase));
}

const char *
lint_C11(struct lint_job *job)
{
	struct token phrase = words_find(WORDS_LASTING, job->body);

	if (job->class != 4 || phrase.len == 0)
		return NULL;
	return lint_say(job, "the code is temporary, and the text speaks as if "
	    "it were for ever: \"%.*s\"; write a code of class 5, or leave it "
	    "out", TOKEN_ARGS(phrase));
}

const char *
lint_C12(struct lint_job *job)
{
	struct token phrase = words_find(WORDS_OWN_FAULT, job->body);
	struct status status;

	if (job->class != 5)
		return NULL;
	if (phrase.len > 0)
		return lint_say(job, "\"%.*s\" is a fault of the system that "
		    "refuses, and a permanent code loses the mail; write 451 "
		    "4.3.0", TOKEN_ARGS(phrase));
	if (lint_status(job, &status) && enhanced_is(status, 3, 5))
		return lint_say(job, "5.3.5 says that the system that refuses "
		    "is set up wrongly, and a permanent code loses the mail; "
		    "write 451 4.3.5");
	return NULL;
}

/* What practice does against the wording of RFC 3463. */
static bool
class_excepted(struct status status)
{
	return (status_class(status) == 4 && enhanced_is(status, 7, 1)) ||
	    (status_class(status) == 5 && (enhanced_is(status, 4, 6) ||
	    enhanced_is(status, 2, 2)));
}

const char *
lint_C13(struct lint_job *job)
{
	const struct enhanced_code *row;
	struct status status;
	unsigned class;

	if (!lint_status(job, &status) || class_excepted(status))
		return NULL;
	row = enhanced_code_find(status.subject, status.detail);
	class = status_class(status);
	if (row == NULL || (class == 4 && (row->classes & CLASS_TRANSIENT)) ||
	    (class == 5 && (row->classes & CLASS_PERMANENT)))
		return NULL;
	if (row->classes == CLASS_SUCCESS)
		return lint_say(job, "X.%u.%u is for success only; write the "
		    "code of what went wrong", status.subject, status.detail);
	return lint_say(job, "X.%u.%u is for %s replies only; write %s",
	    status.subject, status.detail, class == 4 ? "permanent" :
	    "temporary", class == 4 ? "a basic code of class 5" :
	    "a basic code of class 4");
}

const char *
lint_C14(struct lint_job *job)
{
	const unsigned code = job->reply->count > 0 ?
	    job->reply->lines[0].code : 0;
	const char *text, *open, *at;
	struct token token;

	if (code != 421 && code != 551)
		return NULL;
	text = job->reply->lines[0].text;
	if (code == 421) {
		if (token_next(&text, &token) && token_is_name(token) &&
		    !token_is_link(token) && !token_is_address(token))
			return NULL;
		return lint_say(job, "programs take the first word of a 421 "
		    "for the name of the server; write that name before the "
		    "text");
	}
	open = strchr(job->text, '<');
	at = open != NULL ? strchr(open, '@') : NULL;
	if (at != NULL && strchr(at, '>') != NULL)
		return NULL;
	return lint_say(job, "programs look for the new address in a 551; "
	    "write it as <address>, or 550 5.1.6 without one");
}

const char *
lint_C15(struct lint_job *job)
{
	if (job->context->stage == NULL ||
	    !text_equal(job->context->stage, "connect"))
		return NULL;
	return lint_say(job, "at connect the text is lost and many servers "
	    "keep the mail for days; refuse at RCPT instead");
}
