#include "tool/say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "tool/tool.h"

#define COLUMNS		78
#define QUOTED_MAX	80	/* bytes of a value from outside */

static const char *const colours[STYLE_COUNT] = {
	[STYLE_PLAIN] = "",
	[STYLE_HEAD] = "\033[1m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_BAD] = "\033[31m",
	[STYLE_DOUBT] = "\033[33m",
	[STYLE_FAINT] = "\033[2m",
};

/* Unicode has control characters, too, and some turn the line around. */
static const char *const unwanted[] = {
	"\u200b", "\u200c", "\u200d", "\u200e", "\u200f",	/* invisible */
	"\u2028", "\u2029",			/* line and paragraph ends */
	"\u202a", "\u202b", "\u202c", "\u202d", "\u202e",	/* direction */
	"\u2066", "\u2067", "\u2068", "\u2069", "\ufeff",
};

static bool
is_unwanted(const char *character, size_t size)
{
	if (size == 1)
		return !text_is_print(*character);
	/* U+0080 to U+009F: terminals obey some of them as escape sequences. */
	if (size == 2 && (unsigned char)character[0] == 0xc2 &&
	    (unsigned char)character[1] < 0xa0)
		return true;
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		if (size == 3 && memcmp(unwanted[i], character, 3) == 0)
			return true;
	return false;
}

/* Adds the character at text, and returns its size. */
static size_t
clean_one(struct strbuf *out, const char *text, size_t len)
{
	size_t size = utf8_length(text, len);
	bool whole = size > 0;

	if (!whole)
		size = 1;
	if (whole && !is_unwanted(text, size))
		strbuf_add(out, text, size);
	else
		for (size_t i = 0; i < size; i++)
			strbuf_addf(out, "\\x%02x", (unsigned char)text[i]);
	return size;
}

void
clean(struct strbuf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len;)
		i += clean_one(out, text + i, len - i);
}

void
quote(struct strbuf *out, const char *text, size_t len)
{
	size_t at = 0;

	strbuf_addch(out, '"');
	while (at < len && at < QUOTED_MAX) {
		if (text[at] == '"' || text[at] == '\\')
			strbuf_addch(out, '\\');
		at += clean_one(out, text + at, len - at);
	}
	strbuf_adds(out, at < len ? "\"..." : "\"");
}

static void
put(struct tool *tool, enum style style, const char *format, va_list args)
{
	struct strbuf raw = STRBUF_INIT, text = STRBUF_INIT;

	strbuf_vaddf(&raw, format, args);
	for (size_t i = 0; i < raw.len;) {
		if (raw.text[i] == '\n') {
			strbuf_addch(&text, '\n');
			i++;
		} else
			i += clean_one(&text, raw.text + i, raw.len - i);
	}
	if (tool->colour && style != STYLE_PLAIN)
		(void)fprintf(tool->out, "%s%s\033[0m", colours[style],
		    text.text);
	else
		(void)fputs(text.text, tool->out);
	strbuf_release(&raw);
	strbuf_release(&text);
}

void
say(struct tool *tool, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(tool, STYLE_PLAIN, format, args);
	va_end(args);
}

void
say_styled(struct tool *tool, enum style style, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(tool, style, format, args);
	va_end(args);
}

void
say_paragraph(struct tool *tool, enum style style, const char *label,
    size_t indent, const char *text)
{
	size_t column = indent, len = strlen(label);

	say_styled(tool, style, "%s", label);
	say(tool, "%*s", (int)(len < indent ? indent - len : len > 0), "");
	while (*text != '\0') {
		len = strcspn(text, " ");
		if (column > indent && column + 1 + len > COLUMNS) {
			say(tool, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			say(tool, " ");
			column++;
		}
		say(tool, "%.*s", (int)len, text);
		column += len;
		text += len + strspn(text + len, " ");
	}
	say(tool, "\n");
}
