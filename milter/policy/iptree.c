#include "policy/iptree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NONE		UINT32_MAX	/* no block, no row */
#define DEPTH_MAX	129		/* /0 to /128 within each other */
#define WORDS_MAX	4		/* of 32 bits, in an address */
#define ROWS_PLAIN	16		/* so few are compared one by one */

/*
 * The blocks of a family stand sorted by their first address, of those that
 * begin together the widest first.  So what lies within a block stands right
 * behind it, and of all blocks around an address, the narrowest is the last one
 * that begins at or before it, or lies around that one.  Each block therefore
 * knows the narrowest one around itself: a look-up is one binary search, and a
 * walk outwards.
 *
 * The search reads only the first addresses, as 1 or 4 words of 32 bits, which
 * for 100,000 blocks of IPv4 stay in the processor's cache; all else stands in
 * a second array, of which it reads a row or two.
 */
struct span {
	uint32_t	 around;	/* the block around it, or NONE */
	uint32_t	 number;
	unsigned char	 prefix;
};

struct family {
	uint32_t	*starts;	/* words of each */
	struct span	*spans;
	size_t		 count;
	size_t		 words;
};

/*
 * Until iptree_finish() the blocks stand in the order of adding.  A block that
 * was added before is found by a hash table with linear probing, of row
 * numbers, half full at most; where there are few rows, without one.
 */
struct row {
	struct ip_block	 block;
	uint32_t	 number;
};

struct iptree {
	struct family	 families[2];	/* IPv4, IPv6 */
	struct row	*rows;
	size_t		 count;
	size_t		 room;
	uint32_t	*slots;
	size_t		 slot_count;	/* a power of two; or 0 */
};

struct iptree *
iptree_new(void)
{
	return xcalloc(1, sizeof(struct iptree));
}

static void
rows_free(struct iptree *tree)
{
	free(tree->rows);
	free(tree->slots);
	tree->rows = NULL;
	tree->slots = NULL;
	tree->count = tree->room = tree->slot_count = 0;
}

void
iptree_free(struct iptree *tree)
{
	if (tree == NULL)
		return;
	rows_free(tree);
	for (int i = 0; i < 2; i++) {
		free(tree->families[i].starts);
		free(tree->families[i].spans);
	}
	free(tree);
}

static size_t
slot_of(const struct iptree *tree, const struct ip_block *block)
{
	uint64_t hash = block->prefix, word;

	for (size_t i = 0; i < sizeof(block->ip.bytes); i += sizeof(word)) {
		memcpy(&word, block->ip.bytes + i, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash & (tree->slot_count - 1);
}

static bool
same_block(const struct ip_block *a, const struct ip_block *b)
{
	return a->prefix == b->prefix && ip_equal(&a->ip, &b->ip);
}

static void
enter(struct iptree *tree, uint32_t row)
{
	size_t slot = slot_of(tree, &tree->rows[row].block);

	while (tree->slots[slot] != NONE)
		slot = (slot + 1) & (tree->slot_count - 1);
	tree->slots[slot] = row;
}

static void
slots_make(struct iptree *tree, size_t count)
{
	free(tree->slots);
	tree->slot_count = count;
	tree->slots = xreallocarray(NULL, count, sizeof(*tree->slots));
	for (size_t i = 0; i < count; i++)
		tree->slots[i] = NONE;
	for (size_t i = 0; i < tree->count; i++)
		enter(tree, (uint32_t)i);
}

/* The row of this block, or NULL. */
static const struct row *
row_find(const struct iptree *tree, const struct ip_block *block)
{
	if (tree->slot_count == 0) {
		for (size_t i = 0; i < tree->count; i++)
			if (same_block(&tree->rows[i].block, block))
				return &tree->rows[i];
		return NULL;
	}
	for (size_t slot = slot_of(tree, block); tree->slots[slot] != NONE;
	    slot = (slot + 1) & (tree->slot_count - 1)) {
		const struct row *row = &tree->rows[tree->slots[slot]];

		if (same_block(&row->block, block))
			return row;
	}
	return NULL;
}

uint32_t
iptree_add(struct iptree *tree, const struct ip_block *block, uint32_t number)
{
	const struct row *row = row_find(tree, block);

	if (row != NULL)
		return row->number;
	if (tree->count >= ROWS_PLAIN && tree->count * 2 >= tree->slot_count)
		slots_make(tree, tree->slot_count == 0 ? 4 * ROWS_PLAIN :
		    tree->slot_count * 2);
	tree->rows = xgrow(tree->rows, tree->count, &tree->room,
	    sizeof(*tree->rows));
	tree->rows[tree->count++] = (struct row){ *block, number };
	if (tree->slot_count > 0)
		enter(tree, (uint32_t)(tree->count - 1));
	return number;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct ip_block *x = &((const struct row *)a)->block;
	const struct ip_block *y = &((const struct row *)b)->block;
	int order = x->ip.family - y->ip.family;

	if (order == 0)
		order = memcmp(x->ip.bytes, y->ip.bytes, sizeof(x->ip.bytes));
	return order != 0 ? order : x->prefix - y->prefix;
}

/* Numbers that compare as the bytes do. */
static void
words_of(const struct ip *ip, uint32_t words[WORDS_MAX])
{
	for (size_t i = 0; i < WORDS_MAX; i++) {
		const unsigned char *at = ip->bytes + 4 * i;

		words[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
		    (uint32_t)at[2] << 8 | at[3];
	}
}

/* Does the block of this row of the family hold the address? */
static bool
holds(const struct family *family, uint32_t row, const uint32_t *address)
{
	const uint32_t *start = family->starts + row * family->words;
	unsigned prefix = family->spans[row].prefix;

	for (; prefix >= 32; prefix -= 32)
		if (*start++ != *address++)
			return false;
	return prefix == 0 || (*start ^ *address) >> (32 - prefix) == 0;
}

/* Lays out count sorted rows of one family. */
static void
family_make(struct family *family, const struct row *rows, size_t count)
{
	if (count == 0)
		return;
	family->count = count;
	family->words = ip_bits(&rows[0].block.ip) / 32;
	family->starts = xreallocarray(NULL, count * family->words,
	    sizeof(*family->starts));
	family->spans = xreallocarray(NULL, count, sizeof(*family->spans));
	for (uint32_t i = 0; i < count; i++) {
		const struct ip_block *block = &rows[i].block;
		uint32_t words[WORDS_MAX], around = i == 0 ? NONE : i - 1;

		words_of(&block->ip, words);
		memcpy(family->starts + i * family->words, words,
		    family->words * sizeof(*words));
		while (around != NONE && !holds(family, around, words))
			around = family->spans[around].around;
		family->spans[i] = (struct span){
			.around = around,
			.number = rows[i].number,
			.prefix = block->prefix,
		};
	}
}

void
iptree_finish(struct iptree *tree)
{
	size_t four = 0;

	free(tree->slots);
	tree->slots = NULL;
	if (tree->count > 0)
		qsort(tree->rows, tree->count, sizeof(*tree->rows),
		    compare_rows);
	while (four < tree->count && tree->rows[four].block.ip.family == 4)
		four++;
	family_make(&tree->families[0], tree->rows, four);
	family_make(&tree->families[1], tree->rows + four, tree->count - four);
	rows_free(tree);
}

static bool
begins_behind(const struct family *family, size_t row, const uint32_t *address)
{
	const uint32_t *start = family->starts + row * family->words;
	size_t last = family->words - 1, i = 0;

	while (i < last && start[i] == address[i])
		i++;
	return start[i] > address[i];
}

/* The last row that begins at or before the address, or NONE. */
static uint32_t
row_before(const struct family *family, const uint32_t *address)
{
	size_t low = 0, count = family->count;

	if (count == 0 || begins_behind(family, 0, address))
		return NONE;
	while (count > 1) {
		size_t half = count / 2;

		low = begins_behind(family, low + half, address) ? low :
		    low + half;
		count -= half;
	}
	return (uint32_t)low;
}

void
iptree_find(const struct iptree *tree, const struct ip *ip,
    void (*hit)(void *arg, uint32_t number), void *arg)
{
	const struct family *family = &tree->families[ip->family == 6];
	uint32_t address[WORDS_MAX], numbers[DEPTH_MAX], row;
	size_t count = 0;

	if (ip->family != 4 && ip->family != 6)
		return;
	words_of(ip, address);
	for (row = row_before(family, address); row != NONE;
	    row = family->spans[row].around)
		if (count > 0 || holds(family, row, address))
			numbers[count++] = family->spans[row].number;
	while (count > 0)
		hit(arg, numbers[--count]);
}
