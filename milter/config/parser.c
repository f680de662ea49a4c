#include "config/parser.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/text.h"
#include "config/schema.h"
#include "config/source.h"

struct bracket *
parser_top(struct parser *parser)
{
	return &parser->stack[parser->depth];
}

size_t
parser_out_len(const struct parser *parser)
{
	return parser->out != NULL ? parser->out->len : 0;
}

void
parser_insert(struct parser *parser, const char *text)
{
	if (parser->out != NULL)
		strbuf_adds(parser->out, text);
}

void
parser_skip_to(struct parser *parser, const char *stop)
{
	if (parser->out != NULL)
		strbuf_add(parser->out, parser->p,
		    (size_t)(stop - parser->p));
	for (; parser->p < stop; parser->p++)
		parser->line += *parser->p == '\n';
}

/* Blanks out what was written from here on; its lines stay. */
void
parser_take_out(struct parser *parser, size_t from, size_t to)
{
	for (size_t i = from; parser->out != NULL && i < to; i++)
		if (parser->out->text[i] != '\n')
			parser->out->text[i] = ' ';
}

void
parser_drop(struct parser *parser, const char *stop)
{
	size_t from = parser_out_len(parser);

	parser_skip_to(parser, stop);
	parser_take_out(parser, from, parser_out_len(parser));
}

/* Moves to what counts, behind blanks and comments, and returns it. */
char
parser_next(struct parser *parser)
{
	for (;;) {
		const char *p = parser->p;

		if (*p != '\0' && strchr(BLANKS, *p) != NULL)
			parser_skip_to(parser, p + 1);
		else if (*p == '#' || strncmp(p, "//", 2) == 0)
			parser_skip_to(parser, p + strcspn(p, "\n"));
		else if (strncmp(p, "/*", 2) == 0) {
			const char *close = strstr(p + 2, "*/");

			/* source.c saw to it that each one is closed. */
			parser_skip_to(parser, close != NULL ? close + 2 :
			    p + strlen(p));
		} else
			return *p;
	}
}

bool
parser_is_name_char(char c)
{
	return text_is_letter(c) || text_is_digit(c) ||
	    (c != '\0' && strchr("*-_", c) != NULL);
}

bool
parser_is_name_start(char c)
{
	return text_is_letter(c) || c == '*';
}

size_t
parser_name_len(const char *p)
{
	size_t len = 0;

	if (parser_is_name_start(*p))
		while (parser_is_name_char(p[len]))
			len++;
	return len;
}

/* Does a setting begin at p: NAME = or NAME: ? */
bool
parser_is_setting(const char *p)
{
	size_t len = parser_name_len(p);

	p += len;
	p += strspn(p, " \t");
	return len > 0 && (*p == '=' || *p == ':');
}

bool
parser_is_root_key(const char *name, size_t len)
{
	for (size_t i = 0; i < setting_count(); i++) {
		const struct setting *setting = setting_at(i);

		if (setting->section == SECTION_ROOT &&
		    strlen(setting->key) == len &&
		    memcmp(setting->key, name, len) == 0)
			return true;
	}
	return false;
}

/* Does one of the groups at the top of a file begin at p? */
bool
parser_is_top_setting(const char *p)
{
	size_t len = parser_name_len(p);
	const char *value = p + len + strspn(p + len, " \t");

	if (!parser_is_setting(p))
		return false;
	value += 1 + strspn(value + 1, BLANKS);
	return (*value == '{' || *value == '(') && parser_is_root_key(p, len);
}

bool
parser_is_open(char c)
{
	return c == '(' || c == '[' || c == '{';
}

bool
parser_is_close(char c)
{
	return c == ')' || c == ']' || c == '}';
}

char
parser_closing(char open)
{
	return open == '(' ? ')' : open == '[' ? ']' : '}';
}

bool
parser_holds_settings(const struct bracket *bracket)
{
	return bracket->c == '\0' || bracket->c == '{';
}

/* Where a wrong word that begins at p ends. */
const char *
parser_word_end(const char *p)
{
	size_t len = strcspn(p, BLANKS ";,=()[]{}\"");

	if (*p == '"')
		len = strcspn(p + 1, "\"\n") + 1 +
		    (p[1 + strcspn(p + 1, "\"\n")] == '"');
	return p + (len == 0 && *p != '\0' ? 1 : len);
}

void
parser_shown_add(const char *p, const char *end, struct strbuf *out)
{
	for (size_t i = 0; p + i < end && i < SHOWN_MAX; i++)
		if (text_is_print(p[i]))
			strbuf_addch(out, p[i]);
		else
			strbuf_addf(out, "\\x%02x", (unsigned char)p[i]);
}

/*
 * Counts a slip; true if it is to be told: not in a trial, and not where
 * another one may be its cause.
 */
bool
parser_slip(struct parser *parser, unsigned line)
{
	const struct source *source = parser->source;

	parser->slips++;
	if (parser->out == NULL)
		return false;
	if (parser->slips > SLIPS_MAX || (source->unsure_from > 0 &&
	    line > source->unsure_from)) {
		parser->hopeless = true;
		return false;
	}
	return !source_is_doubtful(source, line);
}

void
parser_doubt(struct parser *parser, unsigned from)
{
	if (parser->out != NULL)
		source_doubt(parser->source, from, parser->line);
}

void
parser_wrong(struct parser *parser, const char *rule)
{
	struct strbuf shown = STRBUF_INIT;

	parser_shown_add(parser->p, parser_word_end(parser->p), &shown);
	if (shown.len > 0)
		SLIP(parser, parser->line, "%s, not %s", rule, shown.text);
	else
		SLIP(parser, parser->line, "%s, and the file ends", rule);
	strbuf_release(&shown);
}

/* Mends an array that holds what only a list can. */
void
parser_make_list(struct parser *parser, struct bracket *array)
{
	array->told = true;
	array->written = '(';
	if (parser->out != NULL)
		parser->out->text[array->at] = '(';
}

/* The kind of a value: a text, a number, or true or false. */
void
parser_note_kind(struct parser *parser, char kind)
{
	struct bracket *array = parser_top(parser);

	if (array->c != '[' || array->told)
		return;
	if (array->kind == '\0')
		array->kind = kind;
	if (array->kind == kind)
		return;
	SLIP(parser, parser->line, "an array holds values of one kind only; "
	    "put its numbers into quotes, too");
	parser_make_list(parser, array);
}

/* A value for one that cannot be read; what is said of it is not told. */
void
parser_no_value(struct parser *parser, unsigned from)
{
	parser_doubt(parser, from);
	/* All that a group of the file would have named is missing. */
	if (parser_top(parser)->names_group)
		parser->hopeless = true;
	if (parser_top(parser)->c == '[')
		parser_make_list(parser, parser_top(parser));
	parser_insert(parser, "[ ] ");
	parser->expected = A_SEPARATOR;
}

void
parser_push(struct parser *parser)
{
	struct bracket bracket = {
		.c = *parser->p,
		.written = *parser->p,
		.line = parser->line,
		.at = parser_out_len(parser),
	};

	if (parser->depth == DEPTH_MAX) {
		SLIP(parser, parser->line, "more than %d brackets stand in "
		    "one another", DEPTH_MAX);
		parser->hopeless = true;
		parser->expected = THE_END;
		return;
	}
	parser_skip_to(parser, parser->p + 1);
	parser->stack[++parser->depth] = bracket;
	parser->expected = bracket.c == '{' ? A_SETTING : A_VALUE;
}

/* Ends the innermost bracket; its end is written. */
void
parser_pop(struct parser *parser)
{
	struct bracket *bracket = parser_top(parser);
	const char text[] = { parser_closing(bracket->written), '\0' };

	parser->ended = *bracket;
	parser->ended.names = (struct names){ .items = NULL };
	parser->ended_depth = parser->depth;
	parser->ended_line = parser->line;
	parser->ended_at = parser_out_len(parser);
	parser_insert(parser, text);
	if (parser->out != NULL)
		free(bracket->names.items);
	parser->depth--;
	parser->expected = A_SEPARATOR;
}

/* The end of a setting: what was decided at its name is carried out. */
void
parser_setting_end(struct parser *parser)
{
	struct bracket *group = parser_top(parser);

	if (group->dotted)
		parser_insert(parser, " }");
	if (group->twice)
		parser_take_out(parser, group->setting_at,
		    parser_out_len(parser));
	group->dotted = group->twice = false;
}

void
parser_pop_unclosed(struct parser *parser, bool told)
{
	struct bracket *bracket = parser_top(parser);

	if (told)
		SLIP(parser, bracket->line, "this %c is never closed; write "
		    "%c behind the last thing in it", bracket->c,
		    parser_closing(bracket->c));
	if (parser_holds_settings(bracket))
		parser_setting_end(parser);
	else if (bracket->comma > 0)
		parser_take_out(parser, bracket->comma_at,
		    bracket->comma_at + 1);
	parser_pop(parser);
}
