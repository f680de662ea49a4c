#include "policy/needs.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "policy/atom.h"

#define DEPTH_MAX	50	/* groups within groups */

/*
 * A piece of an expression is exact if it matches one of a few literals and
 * nothing else: a character, a small class, a group of alternatives.  Pieces
 * that stand side by side are multiplied out - "v[i1]agra" is "viagra" or
 * "v1agra" - until one comes that is not exact, or there are too many: what
 * has come together until then is a need.  What consumes nothing (anchors,
 * assertions) is exactly "".
 *
 * Of recursion, conditions, verbs and the option x nothing is understood, and
 * the reading is lost: such an expression is tried on every text.
 */
struct piece {
	bool exact;			/* one of `is', which may have "" */
	bool bare;			/* takes no quantifier of its own */
	struct choice is;
	size_t count;
	struct choice needs[NEEDS_MAX];
};

static const struct text nothing = { "", 0 };

#define CHOICE_NOTHING	((struct choice){ 1, &nothing })
#define PIECE_NOTHING	((struct piece){ .exact = true, .is = CHOICE_NOTHING })
#define PIECE_BARE	((struct piece){ .exact = true, .bare = true, \
	.is = CHOICE_NOTHING })
#define PIECE_ANYTHING	((struct piece){ .exact = false })

/* Keeps the choice, if it is of use, or one that is better. */
static void
need(struct piece *piece, const struct choice *choice)
{
	struct choice *worst = &piece->needs[0];

	if (choice_shortest(choice) < LITERAL_MIN)
		return;
	if (piece->count < NEEDS_MAX) {
		piece->needs[piece->count++] = *choice;
		return;
	}
	for (size_t i = 1; i < piece->count; i++)
		if (choice_is_better(worst, &piece->needs[i]))
			worst = &piece->needs[i];
	if (choice_is_better(choice, worst))
		*worst = *choice;
}

static struct piece
lose(struct reading *r)
{
	r->lost = true;
	return PIECE_ANYTHING;
}

static void
skip_behind(struct reading *r, char c)
{
	const char *end = strchr(r->at, c);

	if (end == NULL)
		r->lost = true;
	else
		r->at = end + 1;
}

static struct piece read_alternatives(struct reading *r);

/* From the content of a group to behind its end. */
static struct piece
read_inside(struct reading *r)
{
	struct piece piece = PIECE_ANYTHING;

	if (++r->depth <= DEPTH_MAX)
		piece = read_alternatives(r);
	if (*r->at != ')')
		return lose(r);
	r->at++;
	r->depth--;
	return piece;
}

/*
 * What an assertion says about the text around stands in it as well; but it is
 * nothing that neighbours touch.
 */
static struct piece
read_assertion(struct reading *r, bool positive)
{
	struct piece piece = PIECE_NOTHING, inside = read_inside(r);

	if (!positive)
		return piece;
	if (inside.exact)
		need(&piece, &inside.is);
	for (size_t i = 0; i < inside.count; i++)
		need(&piece, &inside.needs[i]);
	return piece;
}

/* (?i) or (?i:...): harmless options, but not x. */
static struct piece
read_options(struct reading *r)
{
	while (*r->at != '\0' && strchr("imsnJU^-", *r->at) != NULL)
		r->at++;
	switch (*r->at++) {
	case ':':
		return read_inside(r);
	case ')':
		return PIECE_BARE;
	}
	r->at--;
	return lose(r);
}

/* Behind "(?<" or "(?P<": an assertion, or the name of a group. */
static struct piece
read_angle(struct reading *r, bool assertion)
{
	switch (assertion ? *r->at : '\0') {
	case '=': case '*':
		r->at++;
		return read_assertion(r, true);
	case '!':
		r->at++;
		return read_assertion(r, false);
	}
	skip_behind(r, '>');
	return r->lost ? PIECE_ANYTHING : read_inside(r);
}

/* Behind "(?". */
static struct piece
read_special(struct reading *r)
{
	switch (*r->at) {
	case ':': case '>': case '|':
		r->at++;
		return read_inside(r);
	case '=': case '*':
		r->at++;
		return read_assertion(r, true);
	case '!':
		r->at++;
		return read_assertion(r, false);
	case '<':
		r->at++;
		return read_angle(r, true);
	case '\'':
		r->at++;
		skip_behind(r, '\'');
		return r->lost ? PIECE_ANYTHING : read_inside(r);
	case '#':
		skip_behind(r, ')');
		return PIECE_BARE;
	case 'P':
		if (r->at[1] != '<')
			return lose(r);
		r->at += 2;
		return read_angle(r, false);
	}
	return read_options(r);
}

static struct piece
read_group(struct reading *r)
{
	switch (*++r->at) {
	case '?':
		r->at++;
		return read_special(r);
	case '*':
		return lose(r);
	}
	return read_inside(r);
}

static struct piece
read_piece(struct reading *r)
{
	struct atom atom;

	if (*r->at == '(')
		return read_group(r);
	atom = atom_read(r);
	switch (atom.kind) {
	case ATOM_EXACT:
		return (struct piece){ .exact = true, .is = atom.is };
	case ATOM_ANYTHING:
		return PIECE_ANYTHING;
	case ATOM_NOTHING:
		return PIECE_BARE;
	}
	return lose(r);
}

/* Pieces side by side. */
struct row {
	struct piece all;
	struct choice run;	/* what the last exact ones make together */
	bool whole;		/* it began with the row */
};

static void
row_flush(struct row *row)
{
	need(&row->all, &row->run);
	row->run = CHOICE_NOTHING;
	row->whole = false;
}

static void
row_add(struct reading *r, struct row *row, struct piece *piece,
    struct times times)
{
	if (times.least == 0) {
		piece->count = 0;
		piece->exact = piece->exact && times.most == 1 &&
		    (choice_shortest(&piece->is) == 0 ||
		    choice_unite(r->arena, &piece->is, &CHOICE_NOTHING,
		    &piece->is));
	}
	for (size_t i = 0; i < piece->count; i++)
		need(&row->all, &piece->needs[i]);
	if (!piece->exact) {
		row_flush(row);
		return;
	}
	if (!choice_multiply(r->arena, &row->run, &piece->is, &row->run)) {
		row_flush(row);
		row->run = piece->is;
	}
	/* The first is behind what was before, the last before what comes. */
	if (times.most > 1) {
		row_flush(row);
		row->run = piece->is;
	}
}

static struct piece
read_row(struct reading *r)
{
	struct row row = { .run = CHOICE_NOTHING, .whole = true };

	while (!r->lost && *r->at != '\0' && *r->at != '|' && *r->at != ')') {
		struct piece piece = read_piece(r);
		struct times times;
		const char *behind;

		if (r->lost)
			break;
		behind = r->at;
		times = times_read(r);
		/* Of a comment, it is the quantifier of what is before. */
		if (piece.bare && r->at != behind)
			r->lost = true;
		row_add(r, &row, &piece, times);
	}
	row.all.exact = row.whole;
	row.all.is = row.run;
	if (!row.whole)
		row_flush(&row);
	return row.all;
}

/* The best that is known of a piece by itself; false where it is nothing. */
static bool
best_of(const struct piece *piece, struct choice *best)
{
	struct piece all = *piece;

	if (piece->exact)
		need(&all, &piece->is);
	if (all.count == 0)
		return false;
	*best = all.needs[0];
	for (size_t i = 1; i < all.count; i++)
		if (choice_is_better(&all.needs[i], best))
			*best = all.needs[i];
	return true;
}

/* One of the two: what is needed is what one needs or the other. */
static struct piece
either(struct reading *r, const struct piece *a, const struct piece *b)
{
	struct piece both = PIECE_ANYTHING;
	struct choice of_a, of_b, any;

	if (a->exact && b->exact &&
	    choice_unite(r->arena, &a->is, &b->is, &both.is))
		both.exact = true;
	else if (best_of(a, &of_a) && best_of(b, &of_b) &&
	    choice_unite(r->arena, &of_a, &of_b, &any))
		need(&both, &any);
	return both;
}

static struct piece
read_alternatives(struct reading *r)
{
	struct piece all = read_row(r);

	while (!r->lost && *r->at == '|') {
		struct piece next;

		r->at++;
		next = read_row(r);
		all = either(r, &all, &next);
	}
	return all;
}

/* The choices stay where they are. */
static struct needs
needs_new(struct arena *arena, const struct piece *piece)
{
	struct choice *choices;

	if (piece->count == 0)
		return (struct needs){ 0, NULL };
	choices = arena_alloc(arena, piece->count * sizeof(*choices));
	memcpy(choices, piece->needs, piece->count * sizeof(*choices));
	return (struct needs){ piece->count, choices };
}

struct needs
needs_of_expression(struct arena *arena, const char *expression)
{
	struct arena *scratch = arena_new();
	struct reading reading = { .arena = scratch, .at = expression };
	struct piece all = read_alternatives(&reading);
	struct needs needs = { 0, NULL };

	if (all.exact)
		need(&all, &all.is);
	if (!reading.lost && *reading.at == '\0') {
		for (size_t i = 0; i < all.count; i++)
			all.needs[i] = choice_keep(arena, &all.needs[i]);
		needs = needs_new(arena, &all);
	}
	arena_free(scratch);
	return needs;
}

/* Letters beyond ASCII are compared byte by byte there, and are no literals. */
static bool
is_plain(char c)
{
	return text_is_print(c) && c != '*' && c != '?';
}

/* Behind at: the plain ASCII characters of a glob that stand side by side. */
static struct text
next_run(const char **at)
{
	struct text run;

	while (**at != '\0' && !is_plain(**at))
		(*at)++;
	run.bytes = *at;
	while (is_plain(**at))
		(*at)++;
	run.len = (size_t)(*at - run.bytes);
	return run;
}

struct needs
needs_of_glob(struct arena *arena, const char *glob)
{
	struct piece all = PIECE_ANYTHING;

	while (*glob != '\0') {
		struct text run = next_run(&glob), *item;
		char *lower;

		if (run.len < LITERAL_MIN)
			continue;
		if (run.len > LITERAL_MAX)
			run.len = LITERAL_MAX;
		lower = arena_memdup(arena, run.bytes, run.len);
		text_lower_all(lower);
		item = arena_alloc(arena, sizeof(*item));
		*item = (struct text){ lower, run.len };
		need(&all, &(struct choice){ 1, item });
	}
	return needs_new(arena, &all);
}
