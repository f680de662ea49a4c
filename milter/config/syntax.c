#include "config/syntax.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/parser.h"
#include "config/schema.h"
#include "config/source.h"

#define SURE_SLIPS	3	/* a mended bracket may leave so many */
#define AHEAD_MAX	(256 * 1024)	/* bytes to try a mended bracket on */

static void	parse(struct parser *parser);
static void	all_unclosed(struct parser *parser);

/* The innermost bracket ends here, or before: what it holds is unsure. */
static void
unclosed(struct parser *parser)
{
	unsigned line = parser_top(parser)->line;

	parser_pop_unclosed(parser, true);
	/* It ended, at the latest, before this line. */
	if (parser->out != NULL)
		source_doubt(parser->source, line, parser->line > line ?
		    parser->line - 1 : line);
}

/*
 * A setting stands where a list or array goes on: the group before it was
 * ended too early, or else the list is not closed.
 */
static void
setting_in_list(struct parser *parser)
{
	struct bracket *list = parser_top(parser);
	unsigned line = parser->ended_line;
	const char *setting = parser->p + strspn(parser->p, BLANKS ";");

	if (parser_is_top_setting(setting)) {
		parser_drop(parser, setting);
		all_unclosed(parser);
		return;
	}
	if (parser->ended.c != '{' ||
	    parser->ended_depth != parser->depth + 1) {
		unclosed(parser);
		return;
	}
	SLIP(parser, line, "this } ends its group, but a setting follows; "
	    "take the } out");
	parser_take_out(parser, parser->ended_at, parser->ended_at + 1);
	if (list->comma > 0)
		parser_take_out(parser, list->comma_at, list->comma_at + 1);
	list->comma = 0;
	if (*parser->p == ';')
		parser_drop(parser, parser->p + 1);
	parser->stack[++parser->depth] = parser->ended;
	parser->ended_depth = 0;
	parser->expected = A_SETTING;
	parser_doubt(parser, line);
}

/* How a wrong closing bracket may have been meant. */
enum mend { MEND_CLOSE, MEND_REPLACE, MEND_DROP, MEND_COUNT };

static unsigned
opened_at(const struct parser *parser, char close)
{
	unsigned depth = parser->depth;

	while (depth > 0 && parser_closing(parser->stack[depth].c) != close)
		depth--;
	return depth;
}

static void
mend(struct parser *parser, enum mend how)
{
	unsigned depth = opened_at(parser, *parser->p);
	unsigned from = parser->stack[how == MEND_CLOSE ? depth :
	    parser->depth].line;

	if (how == MEND_CLOSE) {
		parser->owed = parser_closing(parser_top(parser)->c);
		while (parser->depth > depth)
			parser_pop_unclosed(parser, false);
	} else if (how == MEND_REPLACE) {
		parser->p++;
		parser_pop_unclosed(parser, false);
	} else
		parser_drop(parser, parser->p + 1);
	parser_doubt(parser, from);
}

static size_t
mend_try(const struct parser *parser, enum mend how)
{
	struct parser trial = *parser;

	trial.out = NULL;
	trial.slips = 0;
	trial.stop = parser->p + AHEAD_MAX;
	mend(&trial, how);
	parse(&trial);
	return trial.slips;
}

/* A closing bracket that does not belong to the innermost open one. */
static void
wrong_close(struct parser *parser)
{
	char c = *parser->p;
	const struct bracket *open = parser_top(parser);
	enum mend best = opened_at(parser, c) > 0 ? MEND_CLOSE : MEND_DROP;
	size_t slips = 0;

	if (c == parser->owed) {
		parser->owed = '\0';
		parser_drop(parser, parser->p + 1);
		return;
	}
	for (int how = 0; parser->out != NULL && parser->depth > 0 &&
	    how < MEND_COUNT; how++) {
		size_t would;

		if (how == MEND_CLOSE && opened_at(parser, c) == 0)
			continue;
		would = mend_try(parser, (enum mend)how);
		if (how == MEND_CLOSE || would < slips ||
		    (how == MEND_REPLACE && best == MEND_DROP)) {
			best = (enum mend)how;
			slips = would;
		}
	}
	if (parser->depth == 0 || best == MEND_DROP)
		SLIP(parser, parser->line, "this %c closes nothing; take it "
		    "out, or open it before", c);
	else {
		struct strbuf where = STRBUF_INIT;

		place_format(source_place(parser->source, open->line),
		    &where);
		SLIP(parser, parser->line, "this %c comes before the %c of "
		    "%s is closed; write %c %s", c, open->c, where.text,
		    parser_closing(open->c), best == MEND_CLOSE ? "first" :
		    "instead");
		strbuf_release(&where);
	}
	if (slips > SURE_SLIPS) {
		parser->hopeless = true;
		parser->expected = THE_END;
	} else
		mend(parser, best);
}

/* True if the name was there before in its group. */
static bool
name_add(struct parser *parser, size_t len, bool told)
{
	struct names *names = &parser_top(parser)->names;
	const char *text = parser->p;
	struct strbuf first = STRBUF_INIT;

	/* A trial must leave the names alone: they are shared. */
	if (parser->out == NULL)
		return false;
	for (size_t i = 0; i < names->count; i++) {
		const struct name *name = &names->items[i];

		if (name->len != len || memcmp(name->text, text, len) != 0)
			continue;
		if (!told)
			return true;
		place_format(source_place(parser->source, name->line), &first);
		SLIP(parser, parser->line, "\"%.*s\" stands twice in the "
		    "same group, first at %s; write it once, with all its "
		    "values", (int)(len < SHOWN_MAX ? len : SHOWN_MAX), text,
		    first.text);
		strbuf_release(&first);
		if (parser->depth > 0)
			return true;
		/* tree.c adds what it holds to the first group. */
		strbuf_addf(parser->out, SYNTAX_AGAIN, parser->line);
		return false;
	}
	names->items = xgrow(names->items, names->count, &names->room,
	    sizeof(*names->items));
	names->items[names->count++] = (struct name){
		.text = text,
		.len = len,
		.line = parser->line,
	};
	return false;
}

/* header.NAME = ..., as it is written in prose. */
static bool
dotted(struct parser *parser, const char *name, size_t len)
{
	struct bracket *group = parser_top(parser);
	const char *inner = parser->p + 1;
	size_t inner_len = parser_name_len(inner);
	const char *value, *end;

	if (*parser->p != '.' || inner_len == 0 || !parser_is_setting(inner))
		return false;
	value = inner + inner_len;
	value += strcspn(value, "=:") + 1;
	value += strspn(value, " \t");
	end = *value == '"' ? parser_word_end(value) : value;
	SLIP(parser, parser->line, "a name has no dots; write %.*s = "
	    "{ %.*s = %.*s; }", (int)len, name, (int)inner_len, inner,
	    end == value ? 3 : (int)(end - value), end == value ? "..." :
	    value);
	parser_drop(parser, inner);
	parser_insert(parser, " = { ");
	parser_skip_to(parser, inner + inner_len);
	group->dotted = true;
	return true;
}

/* Behind a name without an = after it. */
static void
no_equals(struct parser *parser, const char *name, size_t len,
    unsigned line)
{
	char c = *parser->p;
	int shown = (int)(len < SHOWN_MAX ? len : SHOWN_MAX);

	SLIP(parser, line, "behind the name %.*s stands no =; write %.*s = "
	    "...", shown, name, shown, name);
	if (c == '"' || parser_is_open(c) || text_is_digit(c)) {
		parser_insert(parser, "= ");
		parser->expected = A_VALUE;
	} else if (parser_is_setting(parser->p)) {
		/* A stray word. */
		parser_take_out(parser, parser_top(parser)->setting_at,
		    parser_out_len(parser));
		parser_doubt(parser, line);
		if (parser_top(parser)->names.count > 0 && parser->out != NULL)
			parser_top(parser)->names.count--;
	} else {
		parser_insert(parser, "= ");
		parser_no_value(parser, line);
		if (c != '\0' && strchr(";,", c) == NULL && !parser_is_close(c))
			parser_drop(parser, parser->p + strcspn(parser->p,
			    ";,)]}\n"));
	}
}

static void
read_name(struct parser *parser)
{
	struct bracket *group = parser_top(parser);
	size_t len = parser_name_len(parser->p);
	const char *name = parser->p;
	unsigned line = parser->line;
	bool is_dotted = name[len] == '.' && parser_is_setting(name + len + 1);

	group->setting_at = parser_out_len(parser);
	group->name_line = line;
	group->names_group = parser->depth == 0 &&
	    parser_is_root_key(name, len);
	group->twice = name_add(parser, len, !is_dotted);
	parser_skip_to(parser, name + len);
	parser->expected = A_SETTING;
	if (is_dotted)
		dotted(parser, name, len);
	if (parser_next(parser) == '=' || *parser->p == ':') {
		parser_skip_to(parser, parser->p + 1);
		parser->expected = A_VALUE;
	} else
		no_equals(parser, name, len, line);
}

static void
all_unclosed(struct parser *parser)
{
	while (parser->depth > 0)
		if (parser->depth > 1)
			unclosed(parser);
		else
			parser_pop_unclosed(parser, true);
	parser->expected = A_SETTING;
}

static void
no_name(struct parser *parser)
{
	struct bracket *group = parser_top(parser);
	const char *p = parser->p;
	const char *end = parser_word_end(p);

	if (*p == '{' && parser->depth > 0 && group[-1].c == '(') {
		unclosed(parser);
		parser_insert(parser, ", ");
		parser->expected = A_VALUE;
		return;
	}
	parser_wrong(parser, "here a setting, NAME = VALUE, must begin");
	if (*p == '"' && end - p > 2 && end[-1] == '"' &&
	    parser_name_len(p + 1) == (size_t)(end - p) - 2 &&
	    strchr("=:", end[strspn(end, " \t")]) != NULL) {
		parser_drop(parser, p + 1);
		group->setting_at = parser_out_len(parser);
		group->twice = name_add(parser, parser_name_len(p + 1), true);
		parser_skip_to(parser, end - 1);
		parser_drop(parser, end);
		parser_next(parser);
		parser_skip_to(parser, parser->p + 1);
		parser->expected = A_VALUE;
	} else if (parser_is_open(*p)) {
		parser->hopeless = true;
		parser->expected = THE_END;
	} else {
		if (*p != ';' && *p != ',') {
			end = p + strcspn(p, ";\n)]}");
			parser_doubt(parser, parser->line);
			parser_doubt(parser, group->line);
			if (parser->depth == 1 ||
			    strcspn(p, "{([") < (size_t)(end - p))
				parser->hopeless = true;
		}
		parser_drop(parser, end > p ? end : p + 1);
	}
}

static void
read_setting(struct parser *parser)
{
	struct bracket *group = parser_top(parser);
	char c = parser_next(parser);

	if (c == '\0') {
		if (parser->depth > 0)
			all_unclosed(parser);
		parser->expected = THE_END;
	} else if (group->c != '\0' && c == parser_closing(group->c)) {
		parser->p++;
		parser_pop(parser);
	} else if (parser_is_close(c))
		wrong_close(parser);
	else if (!parser_is_name_start(c))
		no_name(parser);
	else if (parser->depth > 0 && parser_is_top_setting(parser->p))
		all_unclosed(parser);
	else
		read_name(parser);
}

/* Texts that follow one another are one. */
static void
read_texts(struct parser *parser)
{
	parser_note_kind(parser, 't');
	while (parser_next(parser) == '"') {
		const char *p = parser->p + 1;

		for (; *p != '"' && *p != '\0'; p++)
			if (*p == '\\' && p[1] != '\0')
				p++;
		parser_skip_to(parser, *p == '"' ? p + 1 : p);
	}
	parser->expected = A_SEPARATOR;
}

static void
read_unquoted(struct parser *parser)
{
	const char *p = parser->p, *end = parser_word_end(p);
	struct strbuf shown = STRBUF_INIT;

	/* More words, unless the next setting begins with one of them. */
	for (;;) {
		const char *more = end + strspn(end, " \t");

		if (more == end || !(parser_is_name_start(*more) ||
		    text_is_digit(*more)) || parser_is_setting(more))
			break;
		end = parser_word_end(more);
	}
	parser_shown_add(p, end, &shown);
	SLIP(parser, parser->line, "the text %s has no quotes; write \"%s\"",
	    shown.text, shown.text);
	strbuf_release(&shown);
	if (memchr(p, '\\', (size_t)(end - p)) != NULL)
		parser_doubt(parser, parser->line);
	parser_note_kind(parser, 't');
	parser_insert(parser, "\"");
	parser_skip_to(parser, end);
	parser_insert(parser, "\"");
	parser->expected = A_SEPARATOR;
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

static void
read_word(struct parser *parser)
{
	const char *p = parser->p;
	size_t len = parser_name_len(p);
	char c;

	if ((len == 4 && text_starts(p, "true")) ||
	    (len == 5 && text_starts(p, "false"))) {
		parser_note_kind(parser, 's');
		parser_skip_to(parser, p + len);
		parser->expected = A_SEPARATOR;
		return;
	}
	len = number_len(p);
	c = p[len];
	if (len == 0 || parser_is_name_start(*p) || parser_is_name_char(c) ||
	    (c != '\0' && strchr("+./:@", c) != NULL)) {
		read_unquoted(parser);
		return;
	}
	parser_note_kind(parser, 'n');
	parser_skip_to(parser, p + len);
	parser->expected = A_SEPARATOR;
}

/* A closing bracket where a value could stand. */
static void
close_values(struct parser *parser)
{
	struct bracket *open = parser_top(parser);

	if (open->comma > 0) {
		SLIP(parser, open->comma, "no comma may stand before a "
		    "closing %c; take it out", *parser->p);
		parser_take_out(parser, open->comma_at, open->comma_at + 1);
	}
	parser->p++;
	parser_pop(parser);
}

static void
open_brackets(struct parser *parser)
{
	struct bracket *outer = parser_top(parser);

	if (outer->c == '[' && !outer->told) {
		SLIP(parser, parser->line, "an array [ ... ] holds texts or "
		    "numbers; write a list ( ... ) for groups");
		parser_make_list(parser, outer);
	}
	parser_push(parser);
}

static void
read_value(struct parser *parser)
{
	struct bracket *open = parser_top(parser);
	bool in_group = parser_holds_settings(open);
	char c = parser_next(parser);

	if (c == '"')
		read_texts(parser);
	else if (parser_is_open(c))
		open_brackets(parser);
	else if (!in_group && c == parser_closing(open->c))
		close_values(parser);
	else if (!in_group && c == '\0')
		all_unclosed(parser);
	else if (!in_group && parser_is_close(c))
		wrong_close(parser);
	else if (!in_group && parser_is_setting(parser->p)) {
		setting_in_list(parser);
		return;
	} else if (c == '\0' || strchr(";,)]}", c) != NULL ||
	    (in_group && parser_is_setting(parser->p))) {
		parser_wrong(parser, "here a value must stand");
		if (in_group)
			parser_no_value(parser, open->name_line);
		else
			parser_drop(parser, parser->p + 1);
	} else if (parser_is_name_start(c) ||
	    strchr("@0123456789+-.", c) != NULL)
		read_word(parser);
	else {
		parser_wrong(parser, "here a value must stand");
		parser_drop(parser, c == '=' ? parser->p + 1 :
		    parser_word_end(parser->p));
		if (c != '=')
			parser_no_value(parser, parser->line);
	}
	if (!in_group && parser_top(parser) == open &&
	    parser->expected != A_VALUE)
		open->comma = 0;
}

/* Between two values of an array or list. */
static void
read_comma(struct parser *parser)
{
	struct bracket *open = parser_top(parser);
	char c = parser_next(parser);
	const char *p = parser->p;

	open->comma = 0;
	if (c == ',') {
		open->comma = parser->line;
		open->comma_at = parser_out_len(parser);
		parser_skip_to(parser, p + 1);
	} else if (c == parser_closing(open->c)) {
		close_values(parser);
		return;
	} else if (c == '\0') {
		all_unclosed(parser);
		return;
	} else if (parser_is_close(c)) {
		wrong_close(parser);
		return;
	} else if (c == ';') {
		const char *after = p + 1 + strspn(p + 1, BLANKS);

		/* x = [ "a"; y = ...: it is the bracket that is missing. */
		if (parser_is_setting(after) || *after == '\0' ||
		    (parser_is_close(*after) &&
		    *after != parser_closing(open->c))) {
			if (parser_is_setting(after))
				setting_in_list(parser);
			else
				unclosed(parser);
			return;
		}
		parser_wrong(parser, "between two values stands a comma");
		parser_drop(parser, p + 1);
		if (!parser_is_close(*after))
			parser_insert(parser, ",");
	} else if (parser_is_setting(p)) {
		setting_in_list(parser);
		return;
	} else {
		parser_wrong(parser, "between two values stands a comma");
		parser_insert(parser, ", ");
		/* What can be no value cannot be mended. */
		if (c == '=' || c == ':')
			parser->hopeless = true;
	}
	parser->expected = A_VALUE;
}

static void
read_separator(struct parser *parser)
{
	bool twice = parser_top(parser)->twice;

	if (!parser_holds_settings(parser_top(parser))) {
		read_comma(parser);
		return;
	}
	parser_setting_end(parser);
	if (parser_next(parser) == ';' || *parser->p == ',') {
		if (twice)
			parser_drop(parser, parser->p + 1);
		else
			parser_skip_to(parser, parser->p + 1);
	}
	parser->expected = A_SETTING;
}

static void
parse(struct parser *parser)
{
	while (parser->expected != THE_END && parser->slips <= SLIPS_MAX &&
	    (parser->stop == NULL || parser->p < parser->stop))
		switch (parser->expected) {
		case A_SETTING:
			read_setting(parser);
			break;
		case A_VALUE:
			read_value(parser);
			break;
		case A_SEPARATOR:
			read_separator(parser);
			break;
		case THE_END:
			break;
		}
}

int
syntax_check(struct source *source, struct strbuf *mended, struct diag *diag)
{
	struct parser parser = {
		.source = source,
		.diag = diag,
		.out = mended,
		.p = source->text.text,
		.line = 1,
		.expected = A_SETTING,
	};

	parse(&parser);
	for (unsigned i = 0; i <= parser.depth; i++)
		free(parser.stack[i].names.items);
	return parser.hopeless || parser.slips > SLIPS_MAX ? -1 : 0;
}
