/* Rules F1 to F13: the form. */

#include "reply/lint_rules.h"

#include <string.h>

#include "base/text.h"
#include "reply/lint_words.h"
#include "reply/reason.h"

#define WIRE_MAX	512	/* RFC 5321 4.5.3.1.5, with CRLF */
#define CRLF		2
#define FIRST_MAX	200	/* Sendmail shows 203 characters of line 1 */
#define LINE_MAX_SHOWN	250	/* Exim cuts at 254 and loses what follows */
#define LINES_GOOD	3
#define LINES_MAX	32	/* libmilter */
#define LINE_MAX_SENT	980	/* libmilter */
#define TOTAL_GOOD	900	/* Exim's Diagnostic-Code has 950 */
#define TOTAL_MAX	2000	/* Postfix keeps 2048 */

static size_t
line_size(const struct lint_job *job, size_t n)
{
	return job->reply->lines[n].size_bytes - CRLF;
}

const char *
lint_F1(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++)
		if (job->reply->lines[i].size_bytes > WIRE_MAX)
			return lint_say(job, "line %zu has %zu bytes with its "
			    "CRLF, and %d are allowed; write more and shorter "
			    "lines", i + 1, job->reply->lines[i].size_bytes,
			    WIRE_MAX);
	return NULL;
}

const char *
lint_F2(struct lint_job *job)
{
	if (job->reply->count == 0 || line_size(job, 0) <= FIRST_MAX)
		return NULL;
	return lint_say(job, "line 1 has %zu characters, and Sendmail cuts it "
	    "after 200; write the cause in fewer words", line_size(job, 0));
}

const char *
lint_F3(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++)
		if (line_size(job, i) > LINE_MAX_SHOWN)
			return lint_say(job, "line %zu has %zu characters, and "
			    "Exim loses all that follows a line of more than "
			    "%d; write shorter lines", i + 1,
			    line_size(job, i), LINE_MAX_SHOWN);
	return NULL;
}

const char *
lint_F4(struct lint_job *job)
{
	const size_t count = job->reply->count;
	size_t total = 0, longest = 0;

	for (size_t i = 0; i < count; i++) {
		total += job->reply->lines[i].size_bytes;
		if (line_size(job, i) > longest)
			longest = line_size(job, i);
	}
	if (count > LINES_MAX || longest > LINE_MAX_SENT || total > TOTAL_MAX)
		job->severity = SEVERITY_ERROR;
	if (count > LINES_GOOD)
		return lint_say(job, "the reply has %zu lines; write at most "
		    "%d: what happened, who can do what, where to learn more",
		    count, LINES_GOOD);
	if (total > TOTAL_GOOD || job->severity == SEVERITY_ERROR)
		return lint_say(job, "the reply has %zu characters; write at "
		    "most %d, and put the rest on a page", total, TOTAL_GOOD);
	return NULL;
}

const char *
lint_F5(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++) {
		const char *text = job->reply->lines[i].text;
		bool blanks = false;

		for (const char *p = text; *p != '\0'; p++) {
			if (!text_is_print(*p))
				return lint_say(job, "line %zu has the byte "
				    "\\x%02x, which not all servers carry; "
				    "write printable ASCII", i + 1,
				    (unsigned char)*p);
			blanks = blanks || (p[0] == ' ' && p[1] == ' ');
		}
		if (blanks)
			return lint_say(job, "line %zu has two blanks in a "
			    "row; write one", i + 1);
	}
	return NULL;
}

const char *
lint_F6(struct lint_job *job)
{
	if (strchr(job->text, '%') == NULL)
		return NULL;
	return lint_say(job, "\"%%\" means something else to libmilter, and "
	    "Sendmail drops the whole text for it; write \"percent\"");
}

/* A sentence, or something that stands alone: a link, an address, a case. */
static bool
ends_well(const char *text)
{
	size_t len = strlen(text);
	struct token token, last = { .start = text, .len = 0 };

	while (len > 0 && strchr(" )\"'", text[len - 1]) != NULL)
		len--;
	if (len == 0 || strchr(".!?", text[len - 1]) != NULL ||
	    lint_is_ways_on(text))
		return true;
	while (token_next(&text, &token))
		last = token;
	return token_is_link(last);
}

const char *
lint_F8(struct lint_job *job)
{
	for (size_t i = 0; i + 1 < job->reply->count; i++)
		if (!ends_well(job->reply->lines[i].text))
			return lint_say(job, "line %zu ends within a sentence, "
			    "and readers may get it alone; end each line with "
			    "a full stop", i + 1);
	return NULL;
}

static const char *
link_broken(struct token token)
{
	const char last = token.len > 0 ? token.start[token.len - 1] : '\0';

	if (token_has(token, "https:") != token_has(token, "https://") ||
	    token_has(token, "http:") != token_has(token, "http://"))
		return "is broken off";
	if (!token_has(token, "://"))
		return NULL;
	if (!text_starts(token.start, "http"))
		return "has something before it";
	if (token.len <= strlen("https://"))
		return "is broken off";
	if (strchr(".,;:!?)>]\"'", last) != NULL)
		return "has something behind it that becomes a part of it";
	return NULL;
}

const char *
lint_F9(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++) {
		const char *text = job->reply->lines[i].text;
		struct token token;

		while (token_next(&text, &token)) {
			const char *wrong = link_broken(token);

			if (wrong != NULL)
				return lint_say(job, "the link \"%.*s\" %s; "
				    "write it whole, with a blank before it "
				    "and a blank or nothing behind it",
				    TOKEN_ARGS(token), wrong);
		}
	}
	return NULL;
}

static bool
is_shortener(struct token link)
{
	static const char *const hosts[] = {
		"://bit.ly/", "://tinyurl.com/", "://t.co/", "://goo.gl/",
		"://x.co/", "://is.gd/", "://ow.ly/", "://buff.ly/",
	};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (token_has(link, hosts[i]))
			return true;
	return false;
}

const char *
lint_F10(struct lint_job *job)
{
	const char *text = job->text;
	struct token token;

	while (token_next(&text, &token)) {
		if (!token_is_link(token))
			continue;
		if (!token_has(token, "https://"))
			return lint_say(job, "the link \"%.*s\" is not safe; "
			    "write one with https://", TOKEN_ARGS(token));
		if (token_has(token, "@") || token_has(token, "%40"))
			return lint_say(job, "the link \"%.*s\" holds a mail "
			    "address, which then stands in logs of others; "
			    "write one with the name of the reason only",
			    TOKEN_ARGS(token));
		if (is_shortener(token))
			return lint_say(job, "the link \"%.*s\" hides where it "
			    "leads; write the real one", TOKEN_ARGS(token));
	}
	return NULL;
}

const char *
lint_F11(struct lint_job *job)
{
	const struct reason *reason = job->context->reason;

	if (reason == NULL)
		return NULL;
	for (size_t i = 0; i < job->reply->count; i++) {
		const char *text = job->reply->lines[i].text;

		if (text_starts(text, "More help: ") &&
		    strstr(text, reason->name) == NULL)
			return lint_say(job, "the help link does not name the "
			    "reason, and some readers get nothing but this "
			    "line; write {reason} into it");
	}
	return NULL;
}

/* "{name}" with nothing but letters inside, or "${". */
static bool
is_brace_slot(const char *p)
{
	size_t len;

	if (*p != '{')
		return false;
	len = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_");
	return len > 0 && p[1 + len] == '}';
}

#define SLOT_BEGINS	"{%$<[(\":"

/* The place of a value that nobody filled in, or NULL. */
static const char *
slot_find(const char *text)
{
	static const char *const empties[] = {
		"<UNKNOWN>", "<>", "[]", "()", "\"\"", "(null)", "(none)",
		": ,", ": ;",
	};

	/* All of them begin with one of few characters. */
	for (const char *p = text; *(p += strcspn(p, SLOT_BEGINS)) != '\0';
	    p++) {
		if (is_brace_slot(p))
			return p;
		if (*p == '%' && p[1] != '\0' && strchr("sdux{",
		    p[1]) != NULL && !text_is_letter(p[2]))
			return p;
		if (*p == '$' && (p[1] == '{' || text_is_letter(p[1]) ||
		    (p > text && p[-1] == '=')))
			return p;
		if (text_starts(p, ": .") && (p[3] == ' ' || p[3] == '\0'))
			return p;
		for (size_t i = 0; i < sizeof(empties) / sizeof(empties[0]);
		    i++)
			if (text_starts(p, empties[i]))
				return p;
	}
	return NULL;
}

const char *
lint_F12(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++) {
		const char *text = job->reply->lines[i].text;
		const char *slot = slot_find(text);
		size_t blank = strspn(text, " ");

		if (text[blank] == ':')
			slot = text + blank;
		if (slot != NULL)
			return lint_say(job, "line %zu has a place for a value "
			    "that nobody filled in, at \"%.*s\"; fill it, or "
			    "write the sentence without it", i + 1,
			    (int)strcspn(slot, " "), slot);
	}
	return NULL;
}

static const char *
digits_skip(const char *p)
{
	size_t len = strspn(p, "0123456789");

	return len >= 1 && len <= 3 ? p + len : NULL;
}

/* "5.1.1", but neither a part of an address nor of a longer number. */
static bool
is_enhanced(const char *p)
{
	if (strchr("245", *p) == NULL || *p == '\0' || p[1] != '.' ||
	    (p = digits_skip(p + 2)) == NULL || *p != '.' ||
	    (p = digits_skip(p + 1)) == NULL)
		return false;
	return *p == '\0' || strchr(" ,;:)-", *p) != NULL ||
	    (*p == '.' && !text_is_digit(p[1]));
}

static bool
is_basic(const char *p)
{
	return (*p == '4' || *p == '5') && text_is_digit(p[1]) &&
	    text_is_digit(p[2]) && (p[3] == ' ' || p[3] == '-') &&
	    (is_enhanced(p + 4) || (p[4] >= 'A' && p[4] <= 'Z'));
}

const char *
lint_F13(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++) {
		const char *text = job->reply->lines[i].text;
		struct token token;

		while (token_next(&text, &token)) {
			const char *p = token.start;

			if (*p == '(' || *p == '#' || *p == '<')
				p++;
			if (is_enhanced(p) || is_basic(p))
				return lint_say(job, "line %zu has a status "
				    "code within its text, at \"%.*s\"; write "
				    "the codes once, at the start", i + 1,
				    (int)strcspn(p, " "), p);
		}
	}
	return NULL;
}
