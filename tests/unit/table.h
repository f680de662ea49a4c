/*
 * table - the main() that all unit tests share: one loop test over each table
 * of named cases.
 */
#ifndef TESTS_TABLE_H
#define TESTS_TABLE_H

#include <check.h>
#include <stddef.h>

#define COUNT(table)	((int)(sizeof(table) / sizeof((table)[0])))

struct table_test {
	const TTest	*test;
	int		 cases;
};

static inline int
table_run(const char *name, const struct table_test tests[], size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 900);	/* under sanitizers */
	for (size_t i = 0; i < count; i++)
		tcase_add_loop_test(tcase, tests[i].test, 0, tests[i].cases);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}

#endif
