#include "policy/ranges.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"

/*
 * The ranges, sorted by their low ends, are a balanced tree without pointers:
 * the middle of a slice is its root, what is left and right of it its
 * branches.  Each root knows how far up any range of its slice reaches, so
 * that a slice is passed over where none reaches the value.
 */
struct range {
	uint64_t	low, high;
	uint64_t	reach;		/* the highest end in this slice */
	uint32_t	number;
};

struct ranges {
	struct range	*rows;
	size_t		 count;
	size_t		 room;
};

struct ranges *
ranges_new(void)
{
	return xcalloc(1, sizeof(struct ranges));
}

void
ranges_free(struct ranges *ranges)
{
	if (ranges == NULL)
		return;
	free(ranges->rows);
	free(ranges);
}

void
ranges_add(struct ranges *ranges, uint64_t low, uint64_t high, uint32_t number)
{
	if (low > high) {
		ranges_add(ranges, low, UINT64_MAX, number);
		low = 0;
	}
	ranges->rows = xgrow(ranges->rows, ranges->count, &ranges->room,
	    sizeof(*ranges->rows));
	ranges->rows[ranges->count++] = (struct range){
		.low = low, .high = high, .number = number
	};
}

static int
compare(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

/* Fills in reach for the slice of count rows; returns that of its root. */
static uint64_t
reach(struct range *rows, size_t count)
{
	size_t middle = count / 2;
	struct range *root = rows + middle;
	uint64_t left, right;

	if (count == 0)
		return 0;
	left = reach(rows, middle);
	right = reach(root + 1, count - middle - 1);
	root->reach = root->high;
	if (left > root->reach)
		root->reach = left;
	if (right > root->reach)
		root->reach = right;
	return root->reach;
}

void
ranges_finish(struct ranges *ranges)
{
	if (ranges->count == 0)
		return;
	qsort(ranges->rows, ranges->count, sizeof(*ranges->rows), compare);
	reach(ranges->rows, ranges->count);
}

static void
find(const struct range *rows, size_t count, uint64_t value,
    void (*hit)(void *arg, uint32_t number), void *arg)
{
	while (count > 0) {
		size_t middle = count / 2;
		const struct range *root = rows + middle;

		if (root->reach < value)
			return;
		find(rows, middle, value, hit, arg);
		if (root->low > value)
			return;
		if (root->high >= value)
			hit(arg, root->number);
		rows = root + 1;
		count -= middle + 1;
	}
}

void
ranges_find(const struct ranges *ranges, uint64_t value,
    void (*hit)(void *arg, uint32_t number), void *arg)
{
	find(ranges->rows, ranges->count, value, hit, arg);
}
