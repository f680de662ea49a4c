#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/diag.h"
#include "policy/needs.h"
#include "policy/regex.h"
#include "table.h"

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

/* A first try from "a" runs over the end of a window; "evil" is behind it. */
START_TEST(later_matches)
{
	static const char *const expressions[] = {
		"a[a-z ]*\\z|evil", "a[a-z ]*\\b(?!1)|evil"
	};
	const size_t len = 1 + 100 + 4 + 20000 + 1;
	char *text = malloc(len);
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;

	memset(text, 'c', len);
	memset(text + 1, 'b', 100);
	memcpy(text + 101, "evil", 4);
	text[0] = 'a';
	text[len - 1] = '1';
	for (int i = 0; i < COUNT(expressions); i++)
		ck_assert_int_eq(regex_match(regex_new(arena, expressions[i],
		    &diag), text, len), TRUTH_YES);
	arena_free(arena);
	free(text);
}
END_TEST

/* What is behind a window counts: a lookahead, and a match longer than it. */
START_TEST(across_windows)
{
	for (size_t at = 2000; at < 20000; at++)
		ck_assert_int_eq(match_long("xy(?!zzz)", at, "xyzzz", 9000),
		    TRUTH_NO);
	ck_assert_int_eq(match_long("(?s)b.*c", 5000, "bc", 50000), TRUTH_YES);
	ck_assert_int_eq(match_long("^a+b", 900000, "b", 50000), TRUTH_YES);
	ck_assert_int_eq(match_long("^a+b$", 900000, "b", 50000), TRUTH_NO);
	ck_assert_int_eq(match_long("(?s)^.*b", 900000, "b", 0), TRUTH_YES);
}
END_TEST

/* The processor time for a megabyte of one unit again and again. */
static double
seconds(const char *expression, const char *unit, const char *end,
    enum truth expected)
{
	const size_t len = 1048576;
	char *text = malloc(len);
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const struct regex *regex = regex_new(arena, expression, &diag);
	clock_t start = clock();

	for (size_t i = 0; i < len; i++)
		text[i] = unit[i % strlen(unit)];
	memcpy(text + len - strlen(end), end, strlen(end));
	ck_assert_msg(regex_match(regex, text, len) == expected, "%s",
	    expression);
	arena_free(arena);
	free(text);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* A second or less, but for a slow machine or a sanitizer. */
START_TEST(hostile_texts)
{
	ck_assert_double_lt(seconds("(\\w+\\s?)+!", "aaaaaaaaaaaaaaa#!#", "",
	    TRUTH_UNKNOWN), 8);
	ck_assert_double_lt(seconds("(\\d+-?)+x", "111111111111111#x#", "",
	    TRUTH_UNKNOWN), 8);
	ck_assert_double_lt(seconds("[a-z]+:", "a", "#:", TRUTH_UNKNOWN), 8);
	ck_assert_double_lt(seconds("(?s)a.*!.*;a", "aaaa#!#;#", "",
	    TRUTH_UNKNOWN), 8);
	/* The limits of one place are not those of what stands behind. */
	ck_assert_double_lt(seconds("^(?:a+)+!|evil", "a", "evil", TRUTH_YES),
	    8);
}
END_TEST

START_TEST(rows)
{
	static const char *const row[] = { "\\Aone", "two", "one\\z" };
	static const struct {
		const char	*text;
		enum truth	 holds;
	} texts[] = {
		{ "one two one", TRUTH_YES }, { "ONEtwoONE", TRUTH_YES },
		{ "one\377two\377one", TRUTH_YES }, { "one two", TRUTH_NO },
		{ "two one", TRUTH_NO }, { "one one two", TRUTH_NO },
		{ "one two one.", TRUTH_NO }, { "", TRUTH_NO },
	};
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const struct regex *regex = regex_new_row(arena, row, 3, &diag);

	for (int i = 0; i < COUNT(texts); i++)
		ck_assert_int_eq(regex_match(regex, texts[i].text,
		    strlen(texts[i].text)), texts[i].holds);
	ck_assert_uint_eq(regex_needs(regex)->count, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(regex_needs(regex)->choices[i].items[0].bytes,
		    i == 1 ? "two" : "one");
	arena_free(arena);
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
	const struct table_test tests[] = {
		{ matches, COUNT(cases) },
		{ refuses, COUNT(bad) },
		{ long_texts, 1 },
		{ later_matches, 1 },
		{ across_windows, 1 },
		{ hostile_texts, 1 },
		{ rows, 1 },
		{ empty_and_nul, 1 },
	};

	return table_run("regex", tests, COUNT(tests));
}
