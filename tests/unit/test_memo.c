#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "policy/memo.h"
#include "table.h"

#define KEYS	5000	/* many more than slots */

START_TEST(keeps)
{
	static char keys[KEYS];
	struct arena *arena = arena_new();
	struct memo *memo = memo_new(arena);
	uint32_t *results[KEYS];

	for (uint32_t i = 0; i < KEYS; i++) {
		ck_assert_ptr_null(memo_find(memo, &keys[i]));
		results[i] = memo_add(memo, &keys[i], 2 * sizeof(uint32_t));
		ck_assert_uint_eq(results[i][0], 0);
		ck_assert_uint_eq(results[i][1], 0);
		results[i][0] = results[i][1] = i;
	}
	for (uint32_t i = 0; i < KEYS; i++) {
		ck_assert_ptr_eq(memo_find(memo, &keys[i]), results[i]);
		ck_assert_uint_eq(results[i][0], i);
		ck_assert_uint_eq(results[i][1], i);
	}
	ck_assert_ptr_null(memo_find(memo, memo));
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ keeps, 1 },
	};

	return table_run("memo", tests, COUNT(tests));
}
