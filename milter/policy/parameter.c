#include "policy/parameter.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

#define SECTION_NONE	(-1)
#define SECTION_MAX	1000000

/* One "name*section*=value" as it stands in the field. */
struct piece {
	struct text name;
	struct text value;	/* quotes taken off */
	struct text token;	/* without quotes: up to a blank or comment */
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

/*
 * Behind white space and comments.  Where one of these has no end, it and all
 * that follow are none, and *closed becomes false: to look for the end of each
 * would take the square of the time.
 */
static const char *
skip_comments(const char *p, const char *end, bool *closed)
{
	const char *comment = p;
	unsigned depth = 0;

	for (; p < end; p++) {
		if (*p == '(' && *closed) {
			if (depth++ == 0)
				comment = p;
		} else if (*p == ')' && depth > 0)
			depth--;
		else if (*p == '\\' && depth > 0 && p + 1 < end)
			p++;
		else if (depth == 0 && !text_is_space(*p))
			break;
	}
	if (depth > 0) {
		*closed = false;
		p = comment;
	}
	return p;
}

struct text
value_read(struct arena *arena, struct text value)
{
	const char *end = value.bytes + value.len;
	char *out = arena_alloc(arena, value.len + 1);
	size_t len = 0;
	bool closed = true;

	for (const char *p = value.bytes; p < end && *p != ';'; p++) {
		const char *next = *p == '(' || text_is_space(*p) ?
		    skip_comments(p, end, &closed) : p;

		if (next > p) {
			bool slash = len == 0 || out[len - 1] == '/' ||
			    (next < end && *next == '/');

			if (!slash)
				out[len++] = ' ';
			p = next - 1;
		} else if (*p != '"')
			out[len++] = *p;
	}
	while (len > 0 && text_is_space(out[len - 1]))
		len--;
	return (struct text){ .bytes = out, .len = len };
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

/* All of it where it begins with a comment. */
static struct text
first_token(struct text value)
{
	size_t len = 0;

	while (len < value.len && !text_is_space(value.bytes[len]) &&
	    value.bytes[len] != '(')
		len++;
	if (len > 0)
		value.len = len;
	return value;
}

/*
 * One stretch up to the next semicolon, with its "=" if it has one.  Returns
 * its end.  What stands between a value and the semicolon is part of it if
 * the value has no quotes: "filename=two words.txt" is common.
 */
static const char *
read_piece(const char *begin, const char *end, struct arena *arena,
    struct piece *piece, bool *found, bool *closed)
{
	const char *p = begin;
	struct text name;

	*found = false;
	while (p < end && *p != '=' && *p != ';') {
		const char *next = skip_comments(p, end, closed);

		p = next > p ? next : p + 1;
	}
	if (p == end || *p == ';')
		return p;
	/* "attachment filename=x", its semicolon forgotten: the last word. */
	name = value_read(arena, (struct text){
		.bytes = begin, .len = (size_t)(p - begin)
	});
	for (size_t n = name.len; n > 0; n--) {
		if (text_is_space(name.bytes[n - 1])) {
			name.bytes += n;
			name.len -= n;
			break;
		}
	}
	*piece = (struct piece){ .name = name };
	read_section(piece);
	*found = true;
	p = skip_comments(p + 1, end, closed);
	if (p < end && *p == '"') {
		p = read_quoted(p + 1, end, arena, &piece->value);
		piece->token = piece->value;
		while (p < end && *p != ';')
			p++;
	} else {
		const char *value = p;

		while (p < end && *p != ';')
			p++;
		piece->value = trim(value, p);
		piece->token = first_token(piece->value);
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

/* Returns how many bytes it wrote: no more than value has. */
static size_t
percent_decode(char *out, struct text value)
{
	size_t len = 0;

	for (size_t n = 0; n < value.len; n++) {
		const char *p = value.bytes + n;
		int high = -1, low = -1;

		if (*p == '%' && value.len - n > 2) {
			high = hex_digit(p[1]);
			low = hex_digit(p[2]);
		}
		if (high >= 0 && low >= 0) {
			out[len++] = (char)(high * 16 + low);
			n += 2;
		} else
			out[len++] = *p;
	}
	return len;
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

/* How readers differ about one value; see parameters_parse(). */
struct reading {
	enum { EQUALS_ALL, EQUALS_FIRST, EQUALS_LAST } equals;
	bool to_gap;
	bool tokens;
};

/* How many pieces make one value, and what there is to differ about. */
static size_t
pieces_of_one(const struct piece *pieces, size_t count, struct reading *most)
{
	size_t n = 0;

	*most = (struct reading){ .equals = EQUALS_ALL };
	do {
		if (pieces[n].token.len != pieces[n].value.len)
			most->tokens = true;
		if (n > 0 && pieces[n].section == pieces[n - 1].section)
			most->equals = EQUALS_LAST;
		if (n > 0 && pieces[n].section > pieces[n - 1].section + 1)
			most->to_gap = true;
		n++;
	} while (n < count && pieces[0].section != SECTION_NONE &&
	    pieces[n].section != SECTION_NONE &&
	    text_same(pieces[n].name, pieces[0].name));
	return n;
}

static void
join(const struct piece *pieces, size_t count, struct reading reading,
    struct arena *arena, struct parameter *parameter)
{
	size_t room = 1, len = 0;
	char *whole;

	for (size_t n = 0; n < count; n++)
		room += pieces[n].value.len;
	whole = arena_alloc(arena, room);
	*parameter = (struct parameter){
		.name = pieces[0].name,
		.charset = { .bytes = "" },
		.extended = pieces[0].section != SECTION_NONE ||
		    pieces[0].extended
	};
	for (size_t n = 0; n < count; n++) {
		const struct piece *piece = &pieces[n];
		struct text value = reading.tokens ? piece->token :
		    piece->value;

		if (reading.to_gap && n > 0 &&
		    piece->section > pieces[n - 1].section + 1)
			break;
		if (reading.equals == EQUALS_FIRST && n > 0 &&
		    piece->section == pieces[n - 1].section)
			continue;
		if (reading.equals == EQUALS_LAST && n + 1 < count &&
		    piece->section == pieces[n + 1].section)
			continue;
		if (piece->extended) {
			if (piece->section == pieces[0].section)
				parameter->charset = read_charset(&value);
			len += percent_decode(whole + len, value);
		} else if (value.len > 0) {
			memcpy(whole + len, value.bytes, value.len);
			len += value.len;
		}
	}
	parameter->value = (struct text){ .bytes = whole, .len = len };
}

struct row {
	struct parameter *items;
	size_t count;
	size_t room;
};

static void
add_new(struct row *row, struct arena *arena, size_t from,
    struct parameter item)
{
	for (size_t n = from; n < row->count; n++) {
		struct text there = row->items[n].value;

		if (there.len == item.value.len && memcmp(there.bytes,
		    item.value.bytes, there.len) == 0 &&
		    text_same(row->items[n].charset, item.charset))
			return;
	}
	item.again = row->count > from;
	row->items = arena_grow(arena, row->items, row->count, &row->room,
	    sizeof(*row->items));
	row->items[row->count++] = item;
}

/* Adds each reading of one value that differs; returns its pieces. */
static size_t
add_readings(struct row *row, const struct piece *pieces, size_t count,
    struct arena *arena)
{
	size_t from = row->count;
	struct reading most;

	count = pieces_of_one(pieces, count, &most);
	for (int tokens = 0; tokens <= most.tokens; tokens++) {
		for (int gap = 0; gap <= most.to_gap; gap++) {
			for (unsigned n = 0; n <= (unsigned)most.equals; n++) {
				struct parameter item;

				join(pieces, count, (struct reading){
					.equals = n,
					.to_gap = gap,
					.tokens = tokens
				}, arena, &item);
				add_new(row, arena, from, item);
			}
		}
	}
	return count;
}

/* "" where the field begins with a parameter at once. */
static struct text
first_word(struct arena *arena, const char *begin, const char *behind)
{
	struct text word = value_read(arena, (struct text){
		.bytes = begin, .len = (size_t)(behind - begin)
	});
	size_t len = 0;

	while (len < word.len && !text_is_space(word.bytes[len]) &&
	    word.bytes[len] != '=')
		len++;
	if (len < word.len && word.bytes[len] == '=' &&
	    memchr(word.bytes, '/', len) == NULL)
		len = 0;
	word.len = len;
	return word;
}

void
parameters_parse(struct parameters *parameters, struct text *first,
    struct arena *arena, struct text value)
{
	const char *p = value.bytes;
	const char *end = p + value.len;
	struct pieces pieces = { .items = NULL };
	struct row row = { .items = NULL };

	*first = (struct text){ .bytes = "" };
	*parameters = (struct parameters){ .complete = true };
	for (const char *begin = p; begin < end; begin = p + 1) {
		struct piece piece;
		bool found;

		p = read_piece(begin, end, arena, &piece, &found,
		    &parameters->complete);
		if (begin == value.bytes)
			*first = first_word(arena, begin, p);
		if (!found)
			continue;
		if (pieces.count == PARAMETERS_MAX) {
			parameters->complete = false;
			break;
		}
		piece.place = pieces.count;
		pieces.items = arena_grow(arena, pieces.items, pieces.count,
		    &pieces.room, sizeof(*pieces.items));
		pieces.items[pieces.count++] = piece;
	}
	if (pieces.count > 0)
		qsort(pieces.items, pieces.count, sizeof(*pieces.items),
		    piece_order);
	for (size_t n = 0; n < pieces.count;)
		n += add_readings(&row, pieces.items + n, pieces.count - n,
		    arena);
	parameters->count = row.count;
	parameters->items = row.items;
}
