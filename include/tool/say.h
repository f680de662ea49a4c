/*
 * say - text for people, clean and perhaps in colour.
 *
 * What a mail brings along must not move the cursor of a terminal: all text
 * passes here, and every control character but the line end is written \xNN.
 * Colour is added by the style alone.
 */
#ifndef TOOL_SAY_H
#define TOOL_SAY_H

#include <stddef.h>

struct strbuf;
struct tool;

enum style {
	STYLE_PLAIN,
	STYLE_HEAD,		/* what the lines below are about */
	STYLE_GOOD,
	STYLE_BAD,
	STYLE_DOUBT,
	STYLE_FAINT,
	STYLE_COUNT
};

void	say(struct tool *tool, const char *format, ...)
	    __attribute__((format(printf, 2, 3)));
void	say_styled(struct tool *tool, enum style style, const char *format,
	    ...) __attribute__((format(printf, 3, 4)));
/*
 * A paragraph, broken between words at 78 columns.  label, in this style and
 * padded to indent, stands before its first line; the other lines are
 * indented as far.
 */
void	say_paragraph(struct tool *tool, enum style style, const char *label,
	    size_t indent, const char *text);

/* Adds text with all that could harm a terminal written \xNN. */
void	clean(struct strbuf *out, const char *text, size_t len);
/*
 * Adds a value from outside in double quotes: clean, on one line, and cut at
 * 80 bytes, which three dots behind the quotes tell.
 */
void	quote(struct strbuf *out, const char *text, size_t len);

#endif
