#include "base/grams.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"

#define GRAM		4	/* bytes of a piece that literals hang at */
#define SLOT_BITS_MIN	6
#define SLOT_BITS_MAX	26
#define FILTER_MORE	5	/* a slot has 1 << 5 bits of filter */

/* A literal in the index, at one piece of it. */
struct hook {
	const char *literal;
	uint32_t gram;
	uint32_t number;
	uint16_t len;
	uint16_t at;		/* where the piece begins in the literal */
	bool again;		/* the literal of the hook before it */
};

/*
 * Each literal hangs at one piece of four bytes, the one that the fewest
 * literals hold.  A text is read once: where a piece of it has hooks, and the
 * whole literal stands around it, it is a hit.  The hooks of a slot are those
 * from starts[slot] to starts[slot + 1], equal literals side by side.  Nearly
 * all pieces of a text have none: that is seen from the filter, one bit for
 * each value of a longer hash, which is small enough to stay in the nearest
 * cache.
 *
 * Literals of three bytes have a table of their own, and the text is read once
 * more where there are any.
 */
struct table {
	uint32_t mask;		/* of the bytes in a gram that count */
	unsigned width;		/* how many these are */
	size_t count;		/* of literals */
	unsigned slot_bits, slot_shift, filter_shift;
	uint64_t *filter;
	uint32_t *starts;
	struct hook *hooks;
};

struct grams {
	struct table whole, brief;
};

static inline uint32_t
gram_at(const struct table *table, const char *text)
{
	uint32_t gram;

	memcpy(&gram, text, GRAM);
	return gram & table->mask;
}

static inline uint32_t
hash_of(uint32_t gram)
{
	return gram * UINT32_C(2654435761);
}

static size_t
slot_of(const struct table *table, uint32_t gram)
{
	return hash_of(gram) >> table->slot_shift;
}

static void
filter_add(struct table *table, uint32_t gram)
{
	uint32_t bit = hash_of(gram) >> table->filter_shift;

	table->filter[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* A gram of a literal, whose bytes may end where it does. */
static uint32_t
gram_within(const struct table *table, const char *bytes)
{
	char piece[GRAM] = { 0 };

	memcpy(piece, bytes, table->width);
	return gram_at(table, piece);
}

/* Chooses the piece that the fewest of the literals share. */
static struct hook
hook_new(const struct table *table, const struct text *literal,
    uint32_t number, const uint32_t sharers[])
{
	struct hook hook = {
		.literal = literal->bytes,
		.len = (uint16_t)literal->len,
		.number = number,
	};
	uint32_t fewest = UINT32_MAX;

	for (size_t at = 0; at + table->width <= literal->len; at++) {
		uint32_t gram = gram_within(table, literal->bytes + at);
		uint32_t here = sharers[slot_of(table, gram)];

		if (here < fewest) {
			fewest = here;
			hook.gram = gram;
			hook.at = (uint16_t)at;
		}
	}
	return hook;
}

static bool
is_in(const struct table *table, const struct text *literal)
{
	return (literal->len >= GRAM) == (table->width == GRAM);
}

/* How many pieces of literals share each slot. */
static uint32_t *
count_sharers(const struct table *table, const struct text literals[],
    size_t count)
{
	uint32_t *sharers = xcalloc((size_t)1 << table->slot_bits,
	    sizeof(*sharers));

	for (size_t i = 0; i < count; i++) {
		const struct text *literal = &literals[i];

		if (!is_in(table, literal))
			continue;
		for (size_t at = 0; at + table->width <= literal->len; at++)
			sharers[slot_of(table, gram_within(table,
			    literal->bytes + at))]++;
	}
	return sharers;
}

/* Equal literals side by side, in the order of their numbers. */
static int
compare_hooks(const void *a, const void *b)
{
	const struct hook *first = a, *second = b;
	int order;

	if (first->len != second->len)
		return first->len < second->len ? -1 : 1;
	order = memcmp(first->literal, second->literal, first->len);
	if (order != 0)
		return order;
	return first->number < second->number ? -1 : 1;
}

static void
slot_sort(struct hook *hooks, size_t count)
{
	if (count < 2)
		return;
	qsort(hooks, count, sizeof(*hooks), compare_hooks);
	for (size_t i = 1; i < count; i++)
		hooks[i].again = hooks[i].len == hooks[i - 1].len &&
		    memcmp(hooks[i].literal, hooks[i - 1].literal,
		    hooks[i].len) == 0;
}

/* Sorts the hooks by their slots: first how many each has, then where. */
static void
table_fill(struct table *table, struct arena *arena, const struct hook *hooks)
{
	size_t slots = (size_t)1 << table->slot_bits;
	uint32_t sum = 0;

	table->hooks = arena_alloc(arena,
	    table->count * sizeof(*table->hooks));
	table->starts = arena_alloc(arena,
	    (slots + 1) * sizeof(*table->starts));
	for (size_t i = 0; i < table->count; i++) {
		table->starts[slot_of(table, hooks[i].gram)]++;
		filter_add(table, hooks[i].gram);
	}
	for (size_t slot = 0; slot <= slots; slot++) {
		sum += table->starts[slot];
		table->starts[slot] = sum;
	}
	/* From the last on, so that each start ends up where it belongs. */
	for (size_t i = table->count; i > 0; i--)
		table->hooks[--table->starts[slot_of(table,
		    hooks[i - 1].gram)]] = hooks[i - 1];
	for (size_t slot = 0; slot < slots; slot++)
		slot_sort(table->hooks + table->starts[slot],
		    table->starts[slot + 1] - table->starts[slot]);
}

static void
table_make(struct table *table, struct arena *arena, unsigned width,
    const struct text literals[], size_t count)
{
	uint32_t *sharers;
	struct hook *hooks;
	size_t n = 0;

	table->width = width;
	/* The first bytes in memory, whichever end of the number they are. */
	memset(&table->mask, 0xff, width);
	for (size_t i = 0; i < count; i++)
		table->count += is_in(table, &literals[i]);
	if (table->count == 0)
		return;
	table->slot_bits = SLOT_BITS_MIN;
	while ((size_t)1 << table->slot_bits < 2 * table->count &&
	    table->slot_bits < SLOT_BITS_MAX)
		table->slot_bits++;
	table->slot_shift = 32 - table->slot_bits;
	table->filter_shift = table->slot_shift - FILTER_MORE;
	table->filter = arena_alloc(arena,
	    ((size_t)1 << (32 - table->filter_shift)) / 8);
	sharers = count_sharers(table, literals, count);
	hooks = xcalloc(table->count, sizeof(*hooks));
	for (size_t i = 0; i < count; i++)
		if (is_in(table, &literals[i]))
			hooks[n++] = hook_new(table, &literals[i], (uint32_t)i,
			    sharers);
	table_fill(table, arena, hooks);
	free(hooks);
	free(sharers);
}

const struct grams *
grams_new(struct arena *arena, const struct text literals[], size_t count)
{
	struct grams *grams = arena_alloc(arena, sizeof(*grams));

	for (size_t i = 0; i < count; i++)
		if (literals[i].len < GRAMS_LITERAL_MIN ||
		    literals[i].len > GRAMS_LITERAL_MAX)
			abort();
	table_make(&grams->whole, arena, GRAM, literals, count);
	table_make(&grams->brief, arena, GRAMS_LITERAL_MIN, literals, count);
	return grams;
}

/* Does the literal stand around the piece that begins at at? */
static bool
stands_at(const struct hook *hook, const char *text, size_t len, size_t at)
{
	return at >= hook->at && len - (at - hook->at) >= hook->len &&
	    memcmp(text + at - hook->at, hook->literal, hook->len) == 0;
}

static void
table_find(const struct table *table, const char *text, size_t len,
    void (*hit)(void *arg, uint32_t number), void *arg)
{
	const uint64_t *filter = table->filter;
	const unsigned shift = table->filter_shift;

	for (size_t at = 0; at + table->width <= len; at++) {
		uint32_t gram = gram_at(table, text + at);
		uint32_t bit = hash_of(gram) >> shift;
		const struct hook *hook, *end;
		bool stands = false;

		if ((filter[bit / 64] >> (bit % 64) & 1) == 0)
			continue;
		end = &table->hooks[table->starts[slot_of(table, gram) + 1]];
		for (hook = &table->hooks[table->starts[slot_of(table, gram)]];
		    hook < end; hook++) {
			if (!hook->again)
				stands = hook->gram == gram &&
				    stands_at(hook, text, len, at);
			if (stands)
				hit(arg, hook->number);
		}
	}
}

void
grams_find(const struct grams *grams, const char *text, size_t len,
    void (*hit)(void *arg, uint32_t number), void *arg)
{
	if (grams->whole.count > 0)
		table_find(&grams->whole, text, len, hit, arg);
	if (grams->brief.count > 0)
		table_find(&grams->brief, text, len, hit, arg);
}
