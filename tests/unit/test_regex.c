#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "policy/regex.h"

static const struct {
	const char	*expression;
	const char	*text;
	enum truth	 holds;
} cases[] = {
	{ "gtube", "xxGTUBExx", TRUTH_YES },
	{ "^gtube$", "xgtube", TRUTH_NO },
	{ "\303\204rzte", "\303\244RZTE", TRUTH_YES },
	{ "a", "\377\376a\377", TRUTH_YES },	/* invalid bytes around it */
	{ "a.b", "a\377b", TRUTH_NO },		/* "." is no invalid byte */
	{ "com$", "example.com\n", TRUTH_NO },
	{ "a.b", "a\nb", TRUTH_NO },
	{ "a.b", "a\rb", TRUTH_NO },
	{ "(?s)a.b", "a\nb", TRUTH_YES },
	{ "^b", "a\r\nb", TRUTH_NO },
	{ "(?m)^b$", "a\r\nb\r\nc", TRUTH_YES },
	{ "^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", TRUTH_UNKNOWN },
};

START_TEST(matches)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const char *text = cases[_i].text;
	const struct regex *regex = regex_new(arena, cases[_i].expression,
	    &diag);

	ck_assert_str_eq(diag_first(&diag), "");
	ck_assert_int_eq(regex_match(regex, text, strlen(text)),
	    cases[_i].holds);
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*expression;
	const char	*message;
} bad[] = {
	{ "a(", "regular expression: missing closing parenthesis, at offset "
	    "2" },
	{ "\\C", "regular expression: using \\C is disabled by the "
	    "application, at offset 2" },
	{ "*", "regular expression: quantifier does not follow a repeatable "
	    "item, at offset 0" },
};

START_TEST(refuses)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;

	ck_assert_ptr_null(regex_new(arena, bad[_i].expression, &diag));
	ck_assert_str_eq(diag_first(&diag), bad[_i].message);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

static enum truth
match_long(const char *expression, size_t before, const char *text,
    size_t after)
{
	size_t len = strlen(text);
	char *bytes = malloc(before + len + after);
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	enum truth truth;

	memset(bytes, 'a', before + len + after);
	memcpy(bytes + before, text, len);
	truth = regex_match(regex_new(arena, expression, &diag), bytes,
	    before + len + after);
	arena_free(arena);
	free(bytes);
	return truth;
}

/* Texts that are looked at in windows. */
START_TEST(long_texts)
{
	for (size_t at = 0; at < 50000; at += 509) {
		ck_assert_int_eq(match_long("needle", at, "needle", 40000),
		    TRUTH_YES);
		ck_assert_int_eq(match_long("ne\303\204?dle", at,
		    "ne\303\244dle", 40000), TRUTH_YES);
	}
	ck_assert_int_eq(match_long("needle$", 99994, "needle", 0), TRUTH_YES);
	ck_assert_int_eq(match_long("needle$", 16378, "needle", 9), TRUTH_NO);
	ck_assert_int_eq(match_long("needle\\z", 16378, "needle", 9),
	    TRUTH_NO);
	ck_assert_int_eq(match_long("needle\\b", 16378, "needle", 9),
	    TRUTH_NO);
	ck_assert_int_eq(match_long("^needle", 8192, "needle", 40000),
	    TRUTH_NO);
	ck_assert_int_eq(match_long("\\Bneedle", 8192, "needle", 40000),
	    TRUTH_YES);
	ck_assert_int_eq(match_long("(?:a|b)+needle", 0, "needle", 0),
	    TRUTH_NO);
	/* More than 32 KiB of JIT stack: the interpreter takes over. */
	ck_assert_int_eq(match_long("^(?:a|(?:b))+x", 8000, "x", 0),
	    TRUTH_YES);
}
END_TEST

START_TEST(empty_and_nul)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;

	ck_assert_int_eq(regex_match(regex_new(arena, "^$", &diag), "", 0),
	    TRUTH_YES);
	ck_assert_int_eq(regex_match(regex_new(arena, "a\\x00b", &diag),
	    "xa\0by", 5), TRUTH_YES);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("regex");
	TCase *tcase = tcase_create("regex");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, matches, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tcase, refuses, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, long_texts);
	tcase_add_test(tcase, empty_and_nul);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
