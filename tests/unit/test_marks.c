#include <string.h>

#include "base/marks.h"
#include "table.h"

#define MANY	(MARKS_MAX + 1)		/* two share a bit */

static const struct {
	const char	*name;
	uint32_t	 count;
	int		 sets;
	uint32_t	 set[3];
	uint32_t	 from, next;
} cases[] = {
	{ "none", 10, 0, { 0 }, 0, 10 },
	{ "no things", 0, 0, { 0 }, 0, 0 },
	{ "the first", 10, 1, { 0 }, 0, 0 },
	{ "behind the first", 10, 1, { 0 }, 1, 10 },
	{ "the last", 64, 1, { 63 }, 5, 63 },
	{ "in the same word", 200, 3, { 3, 40, 130 }, 4, 40 },
	{ "in a later word", 200, 2, { 3, 130 }, 4, 130 },
	{ "itself", 200, 2, { 3, 130 }, 130, 130 },
	{ "behind the end", 200, 1, { 199 }, 200, 200 },
	{ "the last bit", MARKS_MAX, 1, { MARKS_MAX - 1 }, 0, MARKS_MAX - 1 },
	{ "a neighbour", MANY, 1, { 101 }, 0, 100 },
	{ "behind the neighbour", MANY, 1, { 101 }, 101, 101 },
	{ "behind both", MANY, 1, { 101 }, 102, MANY },
	{ "the last of many", MANY, 1, { MANY - 1 }, 500, MANY - 1 },
	{ "of a million", 1000000, 1, { 999999 }, 0, 999936 },
};

static void
set_all(struct marks *marks, int n)
{
	memset(marks, 0xff, sizeof(*marks));
	marks_clear(marks, cases[n].count);
	for (int i = 0; i < cases[n].sets; i++)
		marks_set(marks, cases[n].set[i]);
}

START_TEST(next)
{
	struct marks marks, copy;

	set_all(&marks, _i);
	ck_assert_msg(marks_next(&marks, cases[_i].from) == cases[_i].next,
	    "%s: %u", cases[_i].name, marks_next(&marks, cases[_i].from));
	ck_assert_uint_eq(marks_total(&marks), (uint32_t)cases[_i].sets);
	memset(&copy, 0xff, sizeof(copy));
	marks_copy(&copy, &marks);
	ck_assert_uint_eq(marks_next(&copy, cases[_i].from), cases[_i].next);
	marks_clear(&copy, cases[_i].count);
	marks_join(&copy, &marks);
	ck_assert_uint_eq(marks_next(&copy, cases[_i].from), cases[_i].next);
}
END_TEST

/* Walking finds each that was set, whatever the number of things. */
START_TEST(walk)
{
	static const uint32_t counts[] = { 1, 64, 65, 1000, 16384, 16385,
		100000 };
	uint32_t count = counts[_i], at;
	struct marks marks;

	marks_clear(&marks, count);
	for (uint32_t n = 0; n < count; n += 7)
		marks_set(&marks, n);
	at = 0;
	for (uint32_t n = 0; n < count; n += 7) {
		while (at < n)
			at = marks_next(&marks, at + 1);
		ck_assert_uint_eq(at, n);
	}
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ next, COUNT(cases) },
		{ walk, 7 },
	};

	return table_run("marks", tests, COUNT(tests));
}
