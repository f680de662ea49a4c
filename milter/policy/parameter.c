#include "policy/parameter.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"

#define SECTION_NONE	(-1)
#define SECTION_MAX	1000000

/* One "name*section*=value" as it stands in the field. */
struct piece {
	struct text name;
	struct text value;	/* quotes taken off */
	long section;
	bool extended;		/* a "*" before the "=" */
	size_t place;		/* keeps qsort() stable */
};

struct pieces {
	struct piece *items;
	size_t count;
	size_t room;
};

static struct text
trim(const char *begin, const char *end)
{
	while (begin < end && text_is_space(*begin))
		begin++;
	while (begin < end && text_is_space(end[-1]))
		end--;
	return (struct text){ .bytes = begin, .len = (size_t)(end - begin) };
}

static const char *
skip_comments(const char *p, const char *end)
{
	unsigned depth = 0;

	for (; p < end; p++) {
		if (*p == '(')
			depth++;
		else if (*p == ')' && depth > 0)
			depth--;
		else if (*p == '\\' && depth > 0 && p + 1 < end)
			p++;
		else if (depth == 0 && !text_is_space(*p))
			break;
	}
	return p;
}

/*
 * From behind the opening quote to the closing one, which may be missing.
 * Returns the closing one.
 */
static const char *
read_quoted(const char *begin, const char *end, struct arena *arena,
    struct text *value)
{
	const char *close = begin;
	char *out;
	size_t len = 0;

	while (close < end && *close != '"')
		close += *close == '\\' && close + 1 < end ? 2 : 1;
	out = arena_alloc(arena, (size_t)(close - begin) + 1);
	for (const char *p = begin; p < close; p++) {
		if (*p == '\\' && p + 1 < close)
			p++;
		out[len++] = *p;
	}
	*value = (struct text){ .bytes = out, .len = len };
	return close;
}

/*
 * Takes "*2*" off the end of a name.  A number that makes no sense leaves the
 * piece a value of its own, so that nothing gets lost.
 */
static void
read_section(struct piece *piece)
{
	const char *star = memchr(piece->name.bytes, '*', piece->name.len);
	const char *end = piece->name.bytes + piece->name.len;
	long section = 0;

	piece->section = SECTION_NONE;
	if (star == NULL)
		return;
	piece->name = trim(piece->name.bytes, star);
	if (end[-1] == '*') {
		piece->extended = true;
		end--;
	}
	if (star >= end)
		return;
	for (const char *p = star + 1; p < end; p++) {
		if (!text_is_digit(*p) || section > SECTION_MAX)
			return;
		section = section * 10 + (*p - '0');
	}
	if (star + 1 < end)
		piece->section = section;
}

/*
 * One stretch up to the next semicolon, with its "=" if it has one.  Returns
 * its end.  What stands between a value and the semicolon is part of it if
 * the value has no quotes: "filename=two words.txt" is common.
 */
static const char *
read_piece(const char *begin, const char *end, struct arena *arena,
    struct piece *piece, bool *found)
{
	const char *p = begin;
	struct text name;

	*found = false;
	while (p < end && *p != '=' && *p != ';')
		p = *p == '(' ? skip_comments(p, end) : p + 1;
	if (p == end || *p == ';')
		return p;
	/* "attachment filename=x", its semicolon forgotten: the last word. */
	name = trim(begin, p);
	for (size_t n = name.len; n > 0; n--) {
		if (text_is_space(name.bytes[n - 1]) ||
		    name.bytes[n - 1] == ')') {
			name.bytes += n;
			name.len -= n;
			break;
		}
	}
	*piece = (struct piece){ .name = name };
	read_section(piece);
	*found = true;
	p = skip_comments(p + 1, end);
	if (p < end && *p == '"') {
		p = read_quoted(p + 1, end, arena, &piece->value);
		while (p < end && *p != ';')
			p++;
	} else {
		const char *value = p;

		while (p < end && *p != ';')
			p++;
		piece->value = trim(value, p);
	}
	return p;
}

static int
hex_digit(char c)
{
	c = text_lower(c);
	if (text_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
add_percent_decoded(struct strbuf *out, struct text value)
{
	for (size_t n = 0; n < value.len; n++) {
		const char *p = value.bytes + n;
		int high = -1, low = -1;

		if (*p == '%' && value.len - n > 2) {
			high = hex_digit(p[1]);
			low = hex_digit(p[2]);
		}
		if (high >= 0 && low >= 0) {
			strbuf_addch(out, (char)(high * 16 + low));
			n += 2;
		} else
			strbuf_addch(out, *p);
	}
}

/* Takes charset'language' off the front of an extended value. */
static struct text
read_charset(struct text *value)
{
	const char *end = value->bytes + value->len;
	const char *first = memchr(value->bytes, '\'', value->len);
	const char *second;
	struct text charset;

	if (first == NULL)
		return (struct text){ .bytes = "" };
	second = memchr(first + 1, '\'', (size_t)(end - first - 1));
	if (second == NULL)
		second = first;
	charset = trim(value->bytes, first);
	*value = (struct text){
		.bytes = second + 1,
		.len = (size_t)(end - second) - 1
	};
	return charset;
}

static int
name_order(struct text a, struct text b)
{
	for (size_t n = 0; n < a.len && n < b.len; n++) {
		int order = text_lower(a.bytes[n]) - text_lower(b.bytes[n]);

		if (order != 0)
			return order;
	}
	return (a.len > b.len) - (a.len < b.len);
}

static int
piece_order(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;
	int order = name_order(a->name, b->name);

	if (order == 0)
		order = (a->section > b->section) - (a->section < b->section);
	if (order == 0)
		order = (a->place > b->place) - (a->place < b->place);
	return order;
}

/* Joins the pieces of one value; returns how many they were. */
static size_t
join(const struct piece *pieces, size_t count, struct arena *arena,
    struct parameter *parameter)
{
	struct strbuf whole = STRBUF_INIT;
	size_t n = 0;

	*parameter = (struct parameter){
		.name = pieces[0].name,
		.charset = { .bytes = "" },
		.extended = pieces[0].section != SECTION_NONE ||
		    pieces[0].extended
	};
	do {
		struct text value = pieces[n].value;

		if (!pieces[n].extended)
			strbuf_add(&whole, value.bytes, value.len);
		else {
			if (n == 0)
				parameter->charset = read_charset(&value);
			add_percent_decoded(&whole, value);
		}
		n++;
	} while (n < count && pieces[0].section != SECTION_NONE &&
	    text_same(pieces[n].name, pieces[0].name));
	parameter->value = (struct text){
		.bytes = arena_memdup(arena, whole.text, whole.len),
		.len = whole.len
	};
	strbuf_release(&whole);
	return n;
}

void
parameters_parse(struct parameters *parameters, struct text *first,
    struct arena *arena, struct text value)
{
	const char *p = value.bytes;
	const char *end = p + value.len;
	struct pieces pieces = { .items = NULL };
	struct parameter *items;
	size_t count = 0;
	size_t used;

	*first = (struct text){ .bytes = "" };
	*parameters = (struct parameters){ .complete = true };
	for (const char *begin = p; begin < end; begin = p + 1) {
		struct piece piece;
		bool found;

		p = read_piece(begin, end, arena, &piece, &found);
		if (begin == value.bytes) {
			const char *word = skip_comments(begin, p);
			const char *behind = word;

			while (behind < p && !text_is_space(*behind) &&
			    *behind != '=' && *behind != '(')
				behind++;
			if (behind == p || *behind != '=')
				*first = trim(word, behind);
		}
		if (!found)
			continue;
		if (pieces.count == PARAMETERS_MAX) {
			parameters->complete = false;
			break;
		}
		piece.place = pieces.count;
		pieces.items = xgrow(pieces.items, pieces.count, &pieces.room,
		    sizeof(*pieces.items));
		pieces.items[pieces.count++] = piece;
	}
	if (pieces.count > 0)
		qsort(pieces.items, pieces.count, sizeof(*pieces.items),
		    piece_order);
	items = arena_alloc(arena, pieces.count * sizeof(*items));
	for (size_t n = 0; n < pieces.count; n += used)
		used = join(pieces.items + n, pieces.count - n, arena,
		    &items[count++]);
	free(pieces.items);
	parameters->items = items;
	parameters->count = count;
}
