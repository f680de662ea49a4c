#include "reply/raw.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "reply/reply.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Moves *p behind the number of one to three digits that it points to. */
static bool
number_read(const char **p, unsigned short *number)
{
	unsigned n = 0;
	int digits = 0;

	for (; text_is_digit(**p) && digits < 3; (*p)++, digits++)
		n = n * 10 + (unsigned)(**p - '0');
	*number = (unsigned short)n;
	return digits > 0 && !text_is_digit(**p);
}

/*
 * "550 ", "550-" or "550" alone, also behind blanks, as people paste it.  What
 * begins with 0, 1 or 6 is no code.
 */
static const char *
code_read(const char *text, struct raw_line *line)
{
	const char *p = text;

	while (is_blank(*p))
		p++;
	if (*p < '2' || *p > '5' || !text_is_digit(p[1]) ||
	    !text_is_digit(p[2]) ||
	    (p[3] != '\0' && p[3] != '-' && !is_blank(p[3])))
		return text;
	line->code = (unsigned short)((p[0] - '0') * 100 + (p[1] - '0') * 10 +
	    (p[2] - '0'));
	return p[3] == '\0' ? p + 3 : p + 4;
}

/*
 * "5.1.1" at p.  Returns the place behind it, or NULL.  Any class digit is
 * taken after a basic code, because some servers send "550 7.7.1"; without
 * one only a class that exists, or "1.2.3" in a log would be a status.
 */
static const char *
enhanced_read(const char *p, struct raw_line *line)
{
	unsigned short subject, detail;
	char class = *p;

	if (!text_is_digit(class) || class == '0' ||
	    (line->code == 0 && strchr("245", class) == NULL) || p[1] != '.')
		return NULL;
	p += 2;
	if (!number_read(&p, &subject) || *p != '.')
		return NULL;
	p++;
	if (!number_read(&p, &detail) || text_is_letter(*p) || *p == '-' ||
	    *p == '_' || *p == '@' || (*p == '.' && text_is_digit(p[1])))
		return NULL;
	line->enhanced = true;
	line->class = (unsigned char)(class - '0');
	line->subject = subject;
	line->detail = detail;
	return p;
}

/* At the start: "5.1.1 text", "#5.1.1 text", also "5.1.1: text". */
static const char *
enhanced_first(const char *p, struct raw_line *line)
{
	const char *start = p, *end;

	while (is_blank(*start))
		start++;
	end = enhanced_read(*start == '#' ? start + 1 : start, line);
	if (end == NULL)
		return p;
	if (*end == ':')
		end++;
	while (is_blank(*end))
		end++;
	return end;
}

/* At the end, as qmail writes it: "no such mailbox (#5.1.1)". */
static void
enhanced_last(char *text, struct raw_line *line)
{
	char *open = strrchr(text, '(');
	const char *end;

	if (open == NULL || open[1] != '#')
		return;
	end = enhanced_read(open + 2, line);
	if (end == NULL)
		return;
	if (end[0] != ')' || end[strspn(end, "). \t")] != '\0') {
		line->enhanced = false;
		return;
	}
	while (open > text && is_blank(open[-1]))
		open--;
	*open = '\0';
}

static struct raw_line
line_parse(struct arena *arena, const char *start, size_t len)
{
	char *copy = arena_memdup(arena, start, len);
	struct raw_line line = { .size_bytes = len + 2 };
	const char *p;

	for (size_t i = 0; i < len; i++)
		if (copy[i] == '\0')
			copy[i] = RAW_NUL;
	p = code_read(copy, &line);
	p = enhanced_first(p, &line);
	if (!line.enhanced)
		enhanced_last(copy + (p - copy), &line);
	line.text = p;
	return line;
}

/*
 * Finds the end of the line at start: *len is its length, the returned place
 * that of the next line.
 */
static const char *
line_end(const char *start, const char *end, size_t *len)
{
	const char *p = start;

	for (; p < end; p++) {
		if (*p == '\n') {
			*len = (size_t)(p - start);
			if (*len > 0 && p[-1] == '\r')
				--*len;
			return p + 1;
		}
		if (end - p >= 4 && memcmp(p, "\\r\\n", 4) == 0) {
			*len = (size_t)(p - start);
			return p + 4;
		}
	}
	*len = (size_t)(end - start);
	return end;
}

static bool
only_blanks(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!text_is_space(p[i]))
			return false;
	return true;
}

struct raw_reply
raw_parse(struct arena *arena, const char *text, size_t len)
{
	struct raw_line lines[RAW_LINES_MAX];
	const char *end = text + (len < RAW_BYTES_MAX ? len : RAW_BYTES_MAX);
	size_t count = 0, used = 0;
	struct raw_line *kept;

	/* Empty lines before and after the reply are none of its lines. */
	while (text < end && count < RAW_LINES_MAX) {
		size_t line_len;
		const char *next = line_end(text, end, &line_len);
		bool blank = only_blanks(text, line_len);

		if (!blank || count > 0)
			lines[count++] = line_parse(arena, text, line_len);
		if (!blank)
			used = count;
		text = next;
	}
	kept = arena_alloc(arena, (used + 1) * sizeof(*kept));
	memcpy(kept, lines, used * sizeof(*kept));
	return (struct raw_reply){ .count = used, .lines = kept };
}

struct raw_codes
raw_codes(const struct raw_reply *reply)
{
	struct raw_codes codes = { .code = 0 };

	for (size_t i = reply->count; i > 0; i--) {
		const struct raw_line *line = &reply->lines[i - 1];

		if (line->code != 0)
			codes.code = line->code;
		if (!line->enhanced)
			continue;
		codes.enhanced = true;
		codes.class = line->class;
		codes.subject = line->subject;
		codes.detail = line->detail;
	}
	return codes;
}

size_t
raw_codes_format(struct raw_codes codes, char text[RAW_CODES_MAX])
{
	char *to = text;

	if (codes.code != 0)
		to = status_format_part(codes.code % 1000u, to);
	if (codes.enhanced) {
		if (to > text)
			*to++ = ' ';
		to = status_format_part(codes.class % 10u, to);
		*to++ = '.';
		to = status_format_part(codes.subject % 1000u, to);
		*to++ = '.';
		to = status_format_part(codes.detail % 1000u, to);
	}
	*to = '\0';
	return (size_t)(to - text);
}

bool
raw_refuses(const struct raw_reply *reply)
{
	const struct raw_line *line = reply->lines;
	unsigned class;

	if (reply->count == 0)
		return false;
	class = line->code != 0 ? line->code / 100u :
	    line->enhanced ? line->class : 5;
	/* 250 5.7.1 is a refusal by somebody who mistook the code. */
	return (class != 2 && class != 3) || (line->enhanced &&
	    (line->class == 4 || line->class == 5));
}

struct raw_reply
raw_from_reply(struct arena *arena, const struct reply *reply)
{
	struct raw_line *lines = arena_alloc(arena,
	    reply->count * sizeof(*lines));
	char codes[STATUS_TEXT_MAX];

	status_format(reply->status, codes);
	for (size_t i = 0; i < reply->count; i++)
		lines[i] = (struct raw_line){
			.code = reply->status.code,
			.enhanced = true,
			.class = (unsigned char)status_class(reply->status),
			.subject = reply->status.subject,
			.detail = reply->status.detail,
			.text = reply->lines[i],
			.size_bytes = strlen(codes) + strlen(" \r\n") +
			    strlen(reply->lines[i]),
		};
	return (struct raw_reply){ .count = reply->count, .lines = lines };
}
