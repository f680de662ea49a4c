/* What milters asked for is known again, by their sockets. */
#include "base/arena.h"
#include "base/strbuf.h"
#include "session/foretold.h"
#include "session/milter.h"
#include "table.h"

#define MORE_THAN_KEPT	300

static const struct milter one = { .name = "a", .socket = "inet:1@host" };
static const struct milter same = { .name = "b", .socket = "inet:1@host" };
static const struct milter other = { .name = "a", .socket = "inet:2@host" };

START_TEST(test_put_and_get)
{
	struct foretold *foretold = foretold_new();
	struct arena *arena = arena_new();
	struct milter_terms terms = {
		.version = 6, .actions = 1, .steps = 2,
		.symbols = { [MILTER_AT_MAIL] = "i" },
	};
	struct milter_terms got;

	ck_assert(!foretold_get(foretold, &one, arena, &got));
	foretold_put(foretold, &one, &terms);
	foretold_put(foretold, &one, &terms);
	ck_assert(!foretold_get(foretold, &other, arena, &got));
	ck_assert(foretold_get(foretold, &same, arena, &got));
	ck_assert_uint_eq(got.steps, 2);
	ck_assert_str_eq(got.symbols[MILTER_AT_MAIL], "i");
	ck_assert_ptr_null(got.symbols[MILTER_AT_RCPT]);

	/* Another list of macros is news, and the old texts stay valid. */
	terms.symbols[MILTER_AT_MAIL] = "i j";
	foretold_put(foretold, &one, &terms);
	ck_assert_str_eq(got.symbols[MILTER_AT_MAIL], "i");
	ck_assert(foretold_get(foretold, &one, arena, &got));
	ck_assert_str_eq(got.symbols[MILTER_AT_MAIL], "i j");
	terms.symbols[MILTER_AT_MAIL] = NULL;
	foretold_put(foretold, &one, &terms);
	ck_assert(foretold_get(foretold, &one, arena, &got));
	ck_assert_ptr_null(got.symbols[MILTER_AT_MAIL]);
	arena_free(arena);
	foretold_free(foretold);
}
END_TEST

START_TEST(test_bound)
{
	struct foretold *foretold = foretold_new();
	struct arena *arena = arena_new();
	const struct milter_terms terms = { .version = 6 };
	struct milter_terms got;
	struct milter last = { .name = "x" };

	for (int i = 0; i < MORE_THAN_KEPT; i++) {
		last.socket = arena_format(arena, "unix:/%d", i);
		foretold_put(foretold, &last, &terms);
	}
	ck_assert(foretold_get(foretold, &last, arena, &got));
	arena_free(arena);
	foretold_free(foretold);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_put_and_get, 1 },
		{ test_bound, 1 },
	};

	return table_run("foretold", tests, COUNT(tests));
}
