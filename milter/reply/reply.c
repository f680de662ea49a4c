#include "reply/reply.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"

/* Moves behind one to three digits; NULL where there are none, or more. */
static const char *
digits_skip(const char *p)
{
	size_t n = 0;

	while (text_is_digit(p[n]))
		n++;
	return n >= 1 && n <= 3 ? p + n : NULL;
}

static bool
ends_word(char c)
{
	return c == '\0' || c == ' ' || c == '-';
}

/*
 * "550 text", "550-text" or "5.1.1 text": Postfix would take it for the
 * codes, and find that they contradict the real ones.
 */
static bool
begins_with_code(const char *line)
{
	const char *p = line;

	if (strchr("2345", *p) == NULL || *p == '\0')
		return false;
	if (text_is_digit(p[1]) && text_is_digit(p[2]) && ends_word(p[3]))
		return true;
	if (*++p != '.' || (p = digits_skip(p + 1)) == NULL || *p != '.')
		return false;
	return (p = digits_skip(p + 1)) != NULL && ends_word(*p);
}

static int
line_check(const char *line, size_t number, struct diag *diag)
{
	size_t len = strlen(line);

	if (len == 0) {
		diag_error(diag, "line %zu is empty", number);
		return -1;
	}
	if (len > REPLY_LINE_MAX) {
		diag_error(diag, "line %zu has %zu characters, the limit is %d",
		    number, len, REPLY_LINE_MAX);
		return -1;
	}
	for (const char *p = line; *p != '\0'; p++)
		if (!text_is_print(*p)) {
			diag_error(diag, "line %zu has the byte \\x%02x, and "
			    "only printable ASCII may stand in a reply", number,
			    (unsigned char)*p);
			return -1;
		}
	if (begins_with_code(line)) {
		diag_error(diag, "line %zu begins with what reads as a status "
		    "code: \"%.*s\"", number, (int)strcspn(line, " "), line);
		return -1;
	}
	return 0;
}

static int
status_check(struct status status, struct diag *diag)
{
	if ((status_class(status) == 4 || status_class(status) == 5) &&
	    status.subject <= 999 && status.detail <= 999)
		return 0;
	diag_error(diag, "a refusal has a status like 450 4.2.1 or 550 5.1.1, "
	    "not %u %u.%u.%u", status.code, status_class(status),
	    status.subject, status.detail);
	return -1;
}

const struct reply *
reply_new(struct arena *arena, struct status status, const char *const lines[],
    size_t count, struct diag *diag)
{
	const char **copies;
	struct reply *reply;

	if (status_check(status, diag) == -1)
		return NULL;
	if (count < 1 || count > REPLY_LINES_MAX) {
		diag_error(diag, "a reply has 1 to %d lines, not %zu",
		    REPLY_LINES_MAX, count);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		if (line_check(lines[i], i + 1, diag) == -1)
			return NULL;

	copies = arena_alloc(arena, count * sizeof(*copies));
	for (size_t i = 0; i < count; i++)
		copies[i] = arena_strdup(arena, lines[i]);
	reply = arena_alloc(arena, sizeof(*reply));
	*reply = (struct reply){
		.status = status,
		.count = count,
		.lines = copies,
	};
	return reply;
}

void
reply_format_line(const struct reply *reply, size_t n, struct strbuf *out)
{
	char codes[STATUS_TEXT_MAX];

	status_format(reply->status, codes);
	if (n + 1 < reply->count)
		codes[strlen("550")] = '-';
	strbuf_adds(out, codes);
	strbuf_addch(out, ' ');
	strbuf_adds(out, reply->lines[n]);
}

void
reply_format(const struct reply *reply, struct strbuf *out)
{
	for (size_t i = 0; i < reply->count; i++) {
		reply_format_line(reply, i, out);
		strbuf_adds(out, "\r\n");
	}
}
