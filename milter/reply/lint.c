#include "reply/lint.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/lint_rules.h"
#include "reply/lint_words.h"

#define CHECK_LINT_SENT(id)	lint_##id
#define CHECK_LINT_LOADED(id)	lint_##id
#define CHECK_LINT_BUILT(id)	NULL

static const struct rule {
	const char *name;
	const char *wants;
	const char *(*check)(struct lint_job *job);
	enum severity severity;
	enum lint_when when;
} rules[LINT_COUNT] = {
#define LINT(id, weight, moment, sentence)	\
	[LINT_##id] = {	\
		.name = #id,	\
		.wants = (sentence),	\
		.check = CHECK_##moment(id),	\
		.severity = (weight),	\
		.when = (moment),	\
	},
#include "reply/lint.def"
#undef LINT
};

const char *
lint_name(enum lint_rule rule)
{
	return rules[rule].name;
}

enum severity
lint_severity(enum lint_rule rule)
{
	return rules[rule].severity;
}

enum lint_when
lint_when(enum lint_rule rule)
{
	return rules[rule].when;
}

const char *
lint_wants(enum lint_rule rule)
{
	return rules[rule].wants;
}

const char *
lint_say(struct lint_job *job, const char *format, ...)
{
	struct strbuf text = STRBUF_INIT;
	const char *said;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&text, format, args);
	va_end(args);
	said = arena_memdup(job->arena, text.text, text.len);
	strbuf_release(&text);
	return said;
}

const struct topic *
lint_topic(struct lint_job *job)
{
	if (!job->topic_known)
		job->topic = topic_find(job->body);
	job->topic_known = true;
	return job->topic;
}

bool
lint_status(const struct lint_job *job, struct status *status)
{
	const struct raw_line *line = job->reply->lines;

	if (job->reply->count == 0 || line->code == 0 || !line->enhanced ||
	    line->class != line->code / 100)
		return false;
	*status = (struct status){
		.code = line->code,
		.subject = line->subject,
		.detail = line->detail,
	};
	return true;
}

bool
lint_is_ways_on(const char *line)
{
	return text_starts(line, "More help: ") ||
	    text_starts(line, "Contact: ") ||
	    (text_starts(line, "Contact ") && strstr(line, ": ") != NULL) ||
	    strstr(line, "Case: ") != NULL;
}

/* Line 1 of a 421 begins with the name of the server: no part of the text. */
static const char *
first_text(const struct raw_reply *reply)
{
	const char *text = reply->lines[0].text;
	struct token token;
	const char *rest = text;

	if (reply->lines[0].code == 421 && token_next(&rest, &token) &&
	    token_is_name(token))
		return rest;
	return text;
}

static void
job_texts(struct lint_job *job)
{
	const struct raw_reply *reply = job->reply;
	struct strbuf text = STRBUF_INIT, body = STRBUF_INIT;
	size_t first = 0, len = 0;

	for (size_t i = 0; i < reply->count; i++)
		len += strlen(reply->lines[i].text) + 1;
	strbuf_room(&text, len);
	strbuf_room(&body, len);
	for (size_t i = 0; i < reply->count; i++) {
		const char *line = i == 0 ? first_text(reply) :
		    reply->lines[i].text;

		strbuf_adds(&text, i > 0 ? " " : "");
		strbuf_adds(&text, reply->lines[i].text);
		if (i > 0 && lint_is_ways_on(line))
			continue;
		strbuf_adds(&body, body.len > 0 ? " " : "");
		plain_add(&body, line);
		if (i == 0)
			first = body.len;
	}
	job->text = arena_memdup(job->arena, text.text, text.len);
	job->first = arena_memdup(job->arena, body.text, first);
	job->body = arena_memdup(job->arena, body.text, body.len);
	strbuf_release(&text);
	strbuf_release(&body);
}

static unsigned
reply_class(const struct raw_reply *reply)
{
	if (reply->count == 0)
		return 0;
	if (reply->lines[0].code != 0)
		return reply->lines[0].code / 100u;
	return reply->lines[0].enhanced ? reply->lines[0].class : 0;
}

static struct lint_job
job_begin(struct arena *arena, const struct raw_reply *reply,
    const struct lint_context *context)
{
	struct lint_job job = {
		.arena = arena,
		.reply = reply,
		.context = context,
		.class = reply_class(reply),
	};

	job_texts(&job);
	return job;
}

bool
lint_check(struct arena *arena, const struct raw_reply *reply,
    const struct lint_context *context, enum lint_when when,
    struct lint_findings *findings)
{
	struct lint_job job = job_begin(arena, reply, context);
	bool sound = true;

	findings->count = 0;
	for (size_t i = 0; i < LINT_COUNT; i++) {
		const char *what;

		if (rules[i].check == NULL || rules[i].when > when)
			continue;
		job.severity = rules[i].severity;
		what = rules[i].check(&job);
		if (what == NULL)
			continue;
		findings->items[findings->count++] = (struct lint_finding){
			.rule = (enum lint_rule)i,
			.severity = job.severity,
			.what = what,
		};
		if (job.severity == SEVERITY_ERROR)
			sound = false;
	}
	return sound;
}

bool
lint_breaks(struct arena *arena, const struct raw_reply *reply,
    const enum lint_rule which[], size_t count)
{
	const struct lint_context foreign = { .reason = NULL };
	struct lint_job job = job_begin(arena, reply, &foreign);

	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = &rules[which[i]];

		job.severity = rule->severity;	/* checks look at it */
		if (rule->check(&job) != NULL)
			return true;
	}
	return false;
}
