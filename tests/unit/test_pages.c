/* test_pages - tables below and above the size that has pages of its own. */
#include <check.h>
#include <stdint.h>

#include "base/pages.h"
#include "table.h"

#define KIB	(1024 / sizeof(uint32_t))	/* elements */

/* Sizes of a table, one after another; 0 ends them. */
static const size_t walks[][6] = {
	{ 1, 10, 1000 },
	{ 1023 * KIB, 1024 * KIB, 1023 * KIB },
	{ 10, 4096 * KIB, 5000 * KIB, 1024 * KIB, 10 },
	{ 1024 * KIB - 1, 1024 * KIB + 1, 1 },
	{ 8192 * KIB, 3, 9000 * KIB },
};

static uint32_t
number(size_t i)
{
	return (uint32_t)(i * UINT64_C(2654435761));
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

START_TEST(test_walk)
{
	const size_t *counts = walks[_i];
	uint32_t *table = pages_alloc(counts[0], sizeof(*table));
	size_t kept = 0, count = counts[0];

	for (size_t i = 0; i < count; i++)
		ck_assert_uint_eq(table[i], 0);
	for (int step = 0; step < 6 && counts[step] > 0; step++) {
		if (step > 0) {
			table = pages_resize(table, count, counts[step],
			    sizeof(*table));
			kept = least(count, counts[step]);
			count = counts[step];
		}
		for (size_t i = 0; i < kept; i++)
			ck_assert_uint_eq(table[i], number(i));
		for (size_t i = 0; i < count; i++)
			table[i] = number(i);
	}
	pages_free(table, count, sizeof(*table));
}
END_TEST

START_TEST(test_nothing)
{
	uint32_t *table = pages_resize(NULL, 0, 5, sizeof(*table));

	table[4] = 1;
	table = pages_resize(table, 5, 2048 * KIB, sizeof(*table));
	ck_assert_uint_eq(table[4], 1);
	pages_free(table, 2048 * KIB, sizeof(*table));
	pages_free(NULL, 0, sizeof(*table));
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_walk, COUNT(walks) }, { test_nothing, 1 },
	};

	return table_run("pages", tests, COUNT(tests));
}
