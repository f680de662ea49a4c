#include "config/syntax.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/source.h"

#define DEPTH_MAX	50	/* brackets in brackets */
#define SHOWN_MAX	60	/* characters of a wrong word */
#define BLANKS		" \t\r\n\f"	/* a vertical tab is none */

struct bracket {
	char		c;	/* '\0': the whole text */
	unsigned	line;
};

struct parser {
	const struct source	*source;
	struct diag		*diag;
	const char		*p;
	unsigned		 line;
	unsigned		 depth;
};

static int	value_check(struct parser *parser);

static void
skip_to(struct parser *parser, const char *stop)
{
	for (; parser->p < stop; parser->p++)
		parser->line += *parser->p == '\n';
}

/* Moves to what counts, behind blanks and comments, and returns it. */
static char
next(struct parser *parser)
{
	for (;;) {
		const char *p = parser->p;

		if (*p != '\0' && strchr(BLANKS, *p) != NULL)
			skip_to(parser, p + 1);
		else if (*p == '#' || strncmp(p, "//", 2) == 0)
			skip_to(parser, p + strcspn(p, "\n"));
		else if (strncmp(p, "/*", 2) == 0)
			/* source.c saw to it that each one is closed. */
			skip_to(parser, strstr(p + 2, "*/") + 2);
		else
			return *p;
	}
}

static struct place
place(const struct parser *parser)
{
	return source_place(parser->source, parser->line);
}

static bool
is_name_char(char c)
{
	return text_is_letter(c) || text_is_digit(c) ||
	    (c != '\0' && strchr("*-_", c) != NULL);
}

static bool
is_name_start(char c)
{
	return text_is_letter(c) || c == '*';
}

static size_t
name_len(const char *p)
{
	size_t len = 0;

	if (is_name_start(*p))
		while (is_name_char(p[len]))
			len++;
	return len;
}

/* Adds what stands here, for a message. */
static void
shown_add(const char *p, struct strbuf *out)
{
	size_t len = strcspn(p, BLANKS ";,=()[]{}\"");

	if (*p == '"')
		len = strcspn(p + 1, "\"\n") + 2;
	if (len == 0 && *p != '\0')
		len = 1;
	for (size_t i = 0; i < len && i < SHOWN_MAX; i++)
		if (text_is_print(p[i]))
			strbuf_addch(out, p[i]);
		else
			strbuf_addf(out, "\\x%02x", (unsigned char)p[i]);
}

static int
wrong(struct parser *parser, const char *rule)
{
	struct strbuf shown = STRBUF_INIT;

	shown_add(parser->p, &shown);
	if (shown.len > 0)
		diag_add(parser->diag, SEVERITY_ERROR, place(parser),
		    "%s, not %s", rule, shown.text);
	else
		diag_add(parser->diag, SEVERITY_ERROR, place(parser),
		    "%s, and the file ends", rule);
	strbuf_release(&shown);
	return -1;
}

static char
closing(char open)
{
	return open == '(' ? ')' : open == '[' ? ']' : '}';
}

/* The end of the text, or a closing bracket other than that of open. */
static int
wrong_close(struct parser *parser, const struct bracket *open)
{
	struct strbuf where = STRBUF_INIT;

	if (open->c == '\0')
		diag_add(parser->diag, SEVERITY_ERROR, place(parser),
		    "this %c closes nothing; take it out, or open it before",
		    *parser->p);
	else if (*parser->p == '\0')
		diag_add(parser->diag, SEVERITY_ERROR,
		    source_place(parser->source, open->line),
		    "this %c is never closed; write %c behind the last thing "
		    "in it", open->c, closing(open->c));
	else {
		place_format(source_place(parser->source, open->line), &where);
		diag_add(parser->diag, SEVERITY_ERROR, place(parser),
		    "this %c comes before the %c of %s is closed; write %c "
		    "first", *parser->p, open->c, where.text,
		    closing(open->c));
	}
	strbuf_release(&where);
	return -1;
}

static bool
is_close(char c)
{
	return c == ')' || c == ']' || c == '}';
}

/* The names of a group, to find one that stands there twice. */
struct name {
	const char	*text;
	size_t		 len;
	unsigned	 line;
};

struct names {
	struct name	*items;
	size_t		 count, room;
};

/* Returns -1 where the name was there before. */
static int
name_add(struct parser *parser, struct names *names, size_t len)
{
	const char *text = parser->p;
	struct strbuf first = STRBUF_INIT;

	for (size_t i = 0; i < names->count; i++) {
		const struct name *name = &names->items[i];

		if (name->len != len || memcmp(name->text, text, len) != 0)
			continue;
		place_format(source_place(parser->source, name->line), &first);
		diag_add(parser->diag, SEVERITY_ERROR, place(parser),
		    "\"%.*s\" stands twice in the same group, first at %s; "
		    "write it once, with all its values",
		    (int)(len < SHOWN_MAX ? len : SHOWN_MAX), text,
		    first.text);
		strbuf_release(&first);
		return -1;
	}
	names->items = xgrow(names->items, names->count, &names->room,
	    sizeof(*names->items));
	names->items[names->count++] = (struct name){
		.text = text,
		.len = len,
		.line = parser->line,
	};
	return 0;
}

/* name = value; or name: value, */
static int
setting_check(struct parser *parser, struct names *names)
{
	size_t len = name_len(parser->p);
	const char *name = parser->p;
	struct place at = place(parser);

	if (name_add(parser, names, len) == -1)
		return -1;
	skip_to(parser, name + len);
	if (strchr("=:", next(parser)) == NULL || *parser->p == '\0') {
		diag_add(parser->diag, SEVERITY_ERROR, at, "behind the name "
		    "%.*s stands no =; write %.*s = ...",
		    (int)(len < SHOWN_MAX ? len : SHOWN_MAX), name,
		    (int)(len < SHOWN_MAX ? len : SHOWN_MAX), name);
		return -1;
	}
	skip_to(parser, parser->p + 1);
	if (value_check(parser) == -1)
		return -1;
	if (next(parser) == ';' || *parser->p == ',')
		skip_to(parser, parser->p + 1);
	return 0;
}

/* The settings of a group, up to its closing bracket. */
static int
settings_check(struct parser *parser, const struct bracket *open)
{
	char close = open->c == '\0' ? '\0' : closing(open->c);
	struct names names = { .items = NULL };
	int rc = 0;
	char c;

	while (rc == 0 && (c = next(parser)) != close) {
		if (c == '\0' || is_close(c))
			rc = wrong_close(parser, open);
		else if (!is_name_start(c))
			rc = wrong(parser, "here a setting, NAME = VALUE, "
			    "must begin");
		else
			rc = setting_check(parser, &names);
	}
	free(names.items);
	return rc;
}

/* The values of an array or a list, up to its closing bracket. */
static int
values_check(struct parser *parser, const struct bracket *open)
{
	char close = closing(open->c);
	unsigned comma = 0;
	char c;

	while ((c = next(parser)) != close) {
		if (c == '\0' || is_close(c))
			return wrong_close(parser, open);
		if (open->c == '[' && strchr("{([", c) != NULL) {
			diag_add(parser->diag, SEVERITY_ERROR, place(parser),
			    "an array [ ... ] holds texts or numbers; write a "
			    "list ( ... ) for groups");
			return -1;
		}
		if (value_check(parser) == -1)
			return -1;
		comma = 0;
		c = next(parser);
		if (c == ',') {
			comma = parser->line;
			skip_to(parser, parser->p + 1);
		} else if (c == '\0' || (is_close(c) && c != close))
			return wrong_close(parser, open);
		else if (c != close)
			return wrong(parser, "between two values stands a "
			    "comma");
	}
	if (comma == 0)
		return 0;
	diag_add(parser->diag, SEVERITY_ERROR,
	    source_place(parser->source, comma),
	    "no comma may stand before a closing %c; take it out", close);
	return -1;
}

static int
brackets_check(struct parser *parser)
{
	const struct bracket open = { *parser->p, parser->line };
	int rc;

	if (parser->depth == DEPTH_MAX) {
		diag_add(parser->diag, SEVERITY_ERROR, place(parser),
		    "more than %d brackets stand in one another", DEPTH_MAX);
		return -1;
	}
	parser->depth++;
	skip_to(parser, parser->p + 1);
	rc = open.c == '{' ? settings_check(parser, &open) :
	    values_check(parser, &open);
	if (rc == 0)
		skip_to(parser, parser->p + 1);
	parser->depth--;
	return rc;
}

/* Texts that follow one another are one. */
static void
texts_skip(struct parser *parser)
{
	while (next(parser) == '"') {
		const char *p = parser->p + 1;

		for (; *p != '"'; p++)
			if (*p == '\\')
				p++;
		skip_to(parser, p + 1);
	}
}

static int
unquoted(struct parser *parser)
{
	struct strbuf shown = STRBUF_INIT;

	shown_add(parser->p, &shown);
	diag_add(parser->diag, SEVERITY_ERROR, place(parser), "the text %s "
	    "has no quotes; write \"%s\"", shown.text, shown.text);
	strbuf_release(&shown);
	return -1;
}

static int
word_check(struct parser *parser)
{
	size_t len = name_len(parser->p);

	if ((len == 4 && text_starts(parser->p, "true")) ||
	    (len == 5 && text_starts(parser->p, "false"))) {
		skip_to(parser, parser->p + len);
		return 0;
	}
	return unquoted(parser);
}

static size_t
digits_len(const char *p)
{
	return strspn(p, "0123456789");
}

/* The length of a number as libconfig reads it; 0 for none. */
static size_t
number_len(const char *p)
{
	const char *start = p;
	size_t digits, sign;

	if (p[0] == '0' && text_lower(p[1]) == 'x') {
		digits = strspn(p + 2, "0123456789abcdefABCDEF");
		p += digits > 0 ? 2 + digits : 0;
		p += strspn(p, "L") <= 2 ? strspn(p, "L") : 0;
		return (size_t)(p - start);
	}
	p += *p == '-' || *p == '+';
	digits = digits_len(p);
	p += digits;
	if (digits > 0 && *p == 'L')
		return (size_t)(p - start) + (p[1] == 'L' ? 2 : 1);
	if (*p == '.') {
		digits += digits_len(p + 1);
		p += 1 + digits_len(p + 1);
	}
	if (digits == 0)
		return 0;
	sign = text_lower(*p) == 'e' && (p[1] == '-' || p[1] == '+');
	if (text_lower(*p) == 'e' && digits_len(p + 1 + sign) > 0)
		p += 1 + sign + digits_len(p + 1 + sign);
	return (size_t)(p - start);
}

static int
number_check(struct parser *parser)
{
	size_t len = number_len(parser->p);
	char c = parser->p[len];

	if (len == 0 || is_name_char(c) ||
	    (c != '\0' && strchr("+./:@", c) != NULL))
		return unquoted(parser);
	skip_to(parser, parser->p + len);
	return 0;
}

static int
value_check(struct parser *parser)
{
	char c = next(parser);

	if (c == '"') {
		texts_skip(parser);
		return 0;
	}
	if (c == '{' || c == '(' || c == '[')
		return brackets_check(parser);
	if (is_name_start(c) || c == '@')
		return word_check(parser);
	if (c == '\0' || strchr("0123456789+-.", c) == NULL)
		return wrong(parser, "here a value must stand");
	return number_check(parser);
}

int
syntax_check(const struct source *source, struct diag *diag)
{
	const struct bracket whole = { '\0', 0 };
	struct parser parser = {
		.source = source,
		.diag = diag,
		.p = source->text.text,
		.line = 1,
	};

	return settings_check(&parser, &whole);
}
