/* Replies that say already what we would make of them. */

#include "reply/rewrite_parts.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/case_form.h"
#include "reply/knowledge.h"
#include "reply/raw.h"
#include "reply/reason.h"
#include "reply/reply.h"
#include "reply/template.h"

#define LINES_MAX	(REPLY_LINES_MAX - 1)	/* one may come behind */
#define OWN_LINES_MIN	2	/* what and fix: fewer may be by chance */

/* The texts of subjects, which are said where nothing else may be told. */
static const struct plain {
	const char *what, *fix;
} plains[] = {
#define SUBJECT(digit, title, side, lasting, helps, passing, then)	\
	{ .what = (lasting), .fix = (helps) },	\
	{ .what = (passing), .fix = (then) },
#include "reply/subject.def"
#undef SUBJECT
};

static bool	is_filled(const char *source, const char *text);

/* A value has no blanks, and whatever follows it goes on behind it. */
static bool
is_filled_value(const char *source, const char *text)
{
	for (size_t len = strcspn(text, " "); len > 0; len--)
		if (is_filled(source, text + len))
			return true;
	return false;
}

/*
 * Is text one that the template with this source makes?  Each bracket is there
 * or not.
 */
static bool
is_filled(const char *source, const char *text)
{
	while (*source != '\0') {
		const bool twice = source[1] == *source;
		const char *close;

		if (*source == '[' && !twice) {
			close = strchr(source, ']');
			if (close != NULL && is_filled(close + 1, text))
				return true;
			source++;
		} else if (*source == ']' && !twice) {
			source++;
		} else if (*source == '{' && !twice) {
			close = strchr(source, '}');
			return close != NULL &&
			    is_filled_value(close + 1, text);
		} else {
			if (*source != *text)
				return false;
			source += strchr("{}[]", *source) != NULL ? 2 : 1;
			text++;
		}
	}
	return *text == '\0';
}

/* Line 1 of a 421 begins with the host. */
static const char *
line_one(const struct raw_reply *raw)
{
	const char *line = raw->lines[0].text;
	const char *blank = strchr(line, ' ');

	return raw->lines[0].code == 421 && blank != NULL ? blank + 1 : line;
}

/* A form that is borrowed is made only where its fix stands there. */
static bool
is_of_reason(const struct rewrite_job *job, const struct reason *reason,
    enum form form)
{
	const struct raw_reply *raw = &job->unwrapped->reply;
	struct reason_form told;

	if (!reason->forms[form].present && strcmp(raw->lines[1].text,
	    rewrite_borrowed_fix(form)) != 0)
		return false;
	told = rewrite_form(job, reason, form);
	return is_filled(template_source(told.what), line_one(raw)) &&
	    is_filled(template_source(told.fix), raw->lines[1].text);
}

static bool
is_plain(const struct raw_reply *raw)
{
	if (raw->count < OWN_LINES_MIN)
		return false;
	for (size_t i = 0; i < sizeof(plains) / sizeof(plains[0]); i++)
		if (strcmp(line_one(raw), plains[i].what) == 0 &&
		    strcmp(raw->lines[1].text, plains[i].fix) == 0)
			return true;
	return false;
}

const struct reason *
rewrite_own_reason(const struct rewrite_job *job)
{
	const struct raw_reply *raw = &job->unwrapped->reply;
	const struct catalogue *catalogue = job->how->catalogue;
	const unsigned class = rewrite_class_said(job);

	if (raw->count < OWN_LINES_MIN || class == 0)
		return NULL;
	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct reason *reason = catalogue_at(catalogue, i);

		if (is_of_reason(job, reason, class == 4 ? FORM_TEMPORARY :
		    FORM_PERMANENT))
			return reason;
	}
	return NULL;
}

/* "The server mx.example.net refused your message: ..." */
static bool
tells_of_server(const char *text)
{
	static const char *const verbs[] = { REWRITE_REFUSED, REWRITE_NOT_YET,
	    REWRITE_NOT_GIVEN, REWRITE_SAID };
	const char *p = text;

	if (text_starts(text, REWRITE_SERVER))
		p = strchr(text + strlen(REWRITE_SERVER), ' ');
	else if (text_starts(text, REWRITE_OTHER_SERVER))
		p += strlen(REWRITE_OTHER_SERVER);
	else
		return false;
	for (size_t i = 0; p != NULL &&
	    i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (text_starts(p, verbs[i]))
			return true;
	return false;
}

/* A case at the end, or ahead of the words of another server. */
static bool
has_case(const char *text)
{
	const char *behind = case_behind(text);

	return behind != NULL && (*behind == '\0' ||
	    (*behind == ' ' && (text_starts(behind + 1, REWRITE_WORDS_SAID) ||
	    text_starts(behind + 1, REWRITE_WORDS_OWN))));
}

bool
rewrite_is_own(const struct rewrite_job *job)
{
	const struct raw_reply *raw = &job->unwrapped->reply;

	return raw->count > 0 && rewrite_class_said(job) != 0 &&
	    (has_case(raw->lines[raw->count - 1].text) ||
	    tells_of_server(raw->lines[0].text) || is_plain(raw) ||
	    rewrite_own_reason(job) != NULL);
}

/* Adds a line of text; one that is too long as several, cut at blanks. */
static size_t
lines_add(struct arena *arena, const char *text, const char *lines[],
    size_t count)
{
	while (count < LINES_MAX && strlen(text) > REPLY_LINE_MAX) {
		size_t len = LINE_TEXT_MAX;

		while (len > 0 && text[len] != ' ')
			len--;
		if (len == 0)
			break;
		lines[count++] = arena_memdup(arena, text, len);
		text += len + 1;
	}
	if (count < LINES_MAX && *text != '\0')
		lines[count++] = text;
	return count;
}

/* 551 tells an address, and may: here it is no words of ours that say it. */
static struct status
own_status(const struct rewrite_job *job, struct status status)
{
	const unsigned short code =
	    raw_codes(&job->unwrapped->reply).code;

	if (code == 551 && !rewrite_is_remote(job))
		status.code = code;
	return status;
}

const struct reply *
rewrite_own(const struct rewrite_job *job, struct status status)
{
	const struct raw_reply *raw = &job->unwrapped->reply;
	const char *lines[REPLY_LINES_MAX];
	const bool remote = job->unwrapped->speaker == SPEAKER_REMOTE;
	struct strbuf first = STRBUF_INIT, last = STRBUF_INIT;
	struct diag why = DIAG_INIT;
	const struct reply *reply;
	size_t count = 0;

	if (remote) {
		rewrite_server(job, &first);
		strbuf_adds(&first, REWRITE_SAID);
		render_ways_on(job->how->letterhead, UNCLEAR,
		    job->how->case_id, &last);
	}
	strbuf_adds(&first, raw->lines[0].text);
	count = lines_add(job->arena, first.text, lines, count);
	for (size_t i = 1; i < raw->count; i++)
		count = lines_add(job->arena, raw->lines[i].text, lines, count);
	if (last.len > 0)
		lines[count++] = last.text;
	reply = reply_new(job->arena, own_status(job, status), lines, count,
	    &why);
	diag_release(&why);
	strbuf_release(&first);
	strbuf_release(&last);
	return reply;
}
