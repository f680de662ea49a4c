#include <stdbool.h>

#include "policy/ranges.h"
#include "table.h"

#define PAIRS	300
#define SPAN	1000

struct pair {
	uint64_t	low, high;
};

static uint32_t
draw(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*state >> 33);
}

static bool
holds(struct pair pair, uint64_t value)
{
	if (pair.low > pair.high)
		return value >= pair.low || value <= pair.high;
	return pair.low <= value && value <= pair.high;
}

static void
mark_hit(void *arg, uint32_t number)
{
	unsigned *hits = arg;

	hits[number]++;
}

START_TEST(agrees_with_each_range_alone)
{
	uint64_t state = 4711 + (uint64_t)_i;
	struct ranges *ranges = ranges_new();
	struct pair pairs[PAIRS];

	for (uint32_t i = 0; i < PAIRS; i++) {
		pairs[i].low = draw(&state) % SPAN;
		pairs[i].high = i % 10 == 0 ? draw(&state) % SPAN :
		    pairs[i].low + draw(&state) % 20;
		ranges_add(ranges, pairs[i].low, pairs[i].high, i);
	}
	ranges_finish(ranges);
	for (uint64_t value = 0; value < SPAN + 50; value++) {
		unsigned hits[PAIRS] = { 0 };

		ranges_find(ranges, value, mark_hit, hits);
		for (uint32_t i = 0; i < PAIRS; i++)
			ck_assert_uint_eq(hits[i], holds(pairs[i], value));
	}
	ranges_free(ranges);
}
END_TEST

START_TEST(the_ends_of_all_numbers)
{
	struct ranges *ranges = ranges_new();
	unsigned hits[3] = { 0 };

	ranges_finish(ranges);
	ranges_find(ranges, 0, mark_hit, hits);
	ranges_add(ranges, 0, 0, 0);
	ranges_add(ranges, UINT64_MAX, UINT64_MAX, 1);
	ranges_add(ranges, 0, UINT64_MAX, 2);
	ranges_finish(ranges);
	ranges_find(ranges, 0, mark_hit, hits);
	ranges_find(ranges, 1, mark_hit, hits);
	ranges_find(ranges, UINT64_MAX, mark_hit, hits);
	ck_assert_uint_eq(hits[0], 1);
	ck_assert_uint_eq(hits[1], 1);
	ck_assert_uint_eq(hits[2], 3);
	ranges_free(ranges);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ agrees_with_each_range_alone, 5 },
		{ the_ends_of_all_numbers, 1 },
	};

	return table_run("ranges", tests, COUNT(tests));
}
