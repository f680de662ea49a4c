#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "expression.h"
#include "policy/fold.h"
#include "policy/needs.h"
#include "policy/regex.h"
#include "table.h"

static const struct {
	const char	*expression;
	const char	*expected;	/* choices: "a|b & c"; "" for none */
} cases[] = {
	{ "viagra", "viagra" },
	{ "V[i1]agra", "viagra|v1agra" },
	{ "ab", "" },
	{ "a.c", "" },
	{ "cheap.*pills", "cheap & pills" },
	{ "^subject: free$", "subject: free" },
	{ "\\bfree\\b", "free" },
	{ "https?://", "https://|http://" },
	{ "colou?r", "colour|color" },
	{ "colou*r", "colo" },
	{ "colou{0}rs", "colo" },
	{ "colou+r", "colou" },
	{ "(abc)+def", "abc & abcdef" },
	{ "(abc){2}", "abc & abc" },
	{ "(abc){2,}?x", "abc & abcx" },
	{ "(abc){1}x", "abcx" },
	{ "(abc)*def", "def" },
	{ "(cheap|free) +med(s|icine)",
	    "cheap |free  &  meds| medicine" },
	{ "\\.(exe|com|scr)$", ".exe|.com|.scr" },
	{ "one|two|three", "one|two|three" },
	{ "one|tw|three", "" },
	{ "one|", "" },
	{ "one.*|.*three", "one|three" },
	{ "one(?:two|.*)three", "one & three" },
	{ "a(b|c.*)d", "" },
	{ "abc\\.def", "abc.def" },
	{ "abc\\x2Edef\\x{2e}ghi", "abc.def & ghi" },
	{ "abc\\ddef", "abc & def" },
	{ "\303\204rzte", "rzte" },
	{ "stra\303\237e", "stra" },
	{ "(?i)free(?-i)", "free" },
	{ "(?s)free.money", "free & money" },
	{ "(?x)free money", "" },
	{ "(?x:free)money", "" },
	{ "free(?#no)money", "freemoney" },
	{ "free(?#no)?money", "" },
	{ "free(?i)?money", "" },
	{ "free^+money", "" },
	{ "(?=.*free)(?=.*money)now", "free & money & now" },
	{ "(?!free)money", "money" },
	{ "(?<=free)money", "free & money" },
	{ "(?<!free)money", "money" },
	{ "(?=free)?money", "money" },
	{ "(?<name>free)money", "freemoney" },
	{ "(?'name'free)money", "freemoney" },
	{ "(?P<name>free)money", "freemoney" },
	{ "(?>free)money", "freemoney" },
	{ "(?|free|cheap)", "free|cheap" },
	{ "(?:free)?money", "freemoney|money" },
	{ "(free)\\1money", "free & money" },
	{ "(free)(?1)money", "" },
	{ "(free)(?R)?money", "" },
	{ "(free)\\g<1>money", "" },
	{ "(free)?(?(1)money|cash)", "" },
	{ "free(*ACCEPT)money", "" },
	{ "(*UTF)free", "" },
	{ "\\Qfree\\E", "" },
	{ "free{,3}money", "" },
	{ "free{x}", "free{x}" },
	{ "a{2}{0}bcd", "" },
	{ "[[:alpha:]]free[^x]money", "free & money" },
	{ "[", "" },
	{ "(free", "" },
	{ "free)", "" },
	{ "(", "" },
	{ "(?", "" },
	{ "(?<", "" },
	{ "\\", "" },
	{ "", "" },
	/* More than NEEDS_MAX: the longest are kept. */
	{ "one.two.three.four.five.six.seven.eight",
	    "seven & eight & three & four & five & six" },
	/* Of a longer literal, parts. */
	{ "0123456789012345678901234567890123456789012345678901234567890123"
	    "456789", "0123456789012345678901234567890123456789012345678901"
	    "234567890123 & 456789" },
	/* Too many to be multiplied out. */
	{ "[ab][cd][ef][gh][ij][kl][mn]xyz",
	    "*64 & mxyz|nxyz" },
};

/* A choice of many is told by its number. */
static const char *
text_of_needs(struct arena *arena, const struct needs *needs)
{
	struct strbuf out = STRBUF_INIT;
	const char *text;

	for (size_t n = 0; n < needs->count; n++) {
		const struct choice *choice = &needs->choices[n];

		strbuf_adds(&out, n > 0 ? " & " : "");
		if (choice->count > 8)
			strbuf_addf(&out, "*%zu", choice->count);
		for (size_t i = 0; choice->count <= 8 && i < choice->count;
		    i++)
			strbuf_addf(&out, "%s%s", i > 0 ? "|" : "",
			    choice->items[i].bytes);
	}
	text = arena_strdup(arena, out.text);
	strbuf_release(&out);
	return text;
}

START_TEST(of_expressions)
{
	struct arena *arena = arena_new();
	struct needs needs = needs_of_expression(arena,
	    cases[_i].expression);

	ck_assert_msg(strcmp(text_of_needs(arena, &needs),
	    cases[_i].expected) == 0, "%s: got \"%s\", expected \"%s\"",
	    cases[_i].expression, text_of_needs(arena, &needs),
	    cases[_i].expected);
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*glob;
	const char	*expected;
} globs[] = {
	{ "*", "" }, { "*ab*", "" }, { "*Foo*bar?", "foo & bar" },
	{ "a*b?c", "" }, { "abc", "abc" }, { "?abc*abc", "abc & abc" },
	{ "*\303\204bcde", "bcde" }, { "", "" },
	{ "*0123456789012345678901234567890123456789012345678901234567890123"
	    "456789*", "01234567890123456789012345678901234567890123456789"
	    "01234567890123" },
};

START_TEST(of_globs)
{
	struct arena *arena = arena_new();
	struct needs needs = needs_of_glob(arena, globs[_i].glob);

	ck_assert_str_eq(text_of_needs(arena, &needs), globs[_i].expected);
	arena_free(arena);
}
END_TEST

/* As deep as PCRE2 lets groups be, and deeper. */
START_TEST(depth)
{
	static const struct {
		size_t		 depth;
		const char	*expected;
	} rows[] = { { 20, "needle" }, { 200, "" }, { 100000, "" } };
	struct arena *arena = arena_new();
	size_t count = rows[_i].depth;
	char *text = arena_alloc(arena, 2 * count + 7);
	struct needs needs;

	memset(text, '(', count);
	memcpy(text + count, "needle", 6);
	memset(text + count + 6, ')', count);
	needs = needs_of_expression(arena, text);
	ck_assert_str_eq(text_of_needs(arena, &needs), rows[_i].expected);
	arena_free(arena);
}
END_TEST

static bool
has_one_of(const struct choice *choice, const char *text, size_t len)
{
	for (size_t i = 0; i < choice->count; i++)
		if (memmem(text, len, choice->items[i].bytes,
		    choice->items[i].len) != NULL)
			return true;
	return false;
}

static void
check_needs(const struct needs *needs, const struct expression *e)
{
	char *folded = malloc(e->text.len + 1);
	size_t at = 0, len = fold_text(e->text.text, e->text.len, &at, folded,
	    e->text.len);

	ck_assert_uint_eq(at, e->text.len);
	for (size_t i = 0; i < needs->count; i++)
		ck_assert_msg(has_one_of(&needs->choices[i], folded, len),
		    "/%s/ matches \"%s\", which has none of choice %zu, "
		    "\"%s\", ...", e->pattern.text, e->text.text, i,
		    needs->choices[i].items[0].bytes);
	free(folded);
}

#define ROUNDS	5000

/* Whatever an expression matches has what it needs. */
START_TEST(holds_for_all_that_match)
{
	struct expression e = { .state = 77 + (uint64_t)_i,
		.pattern = STRBUF_INIT, .text = STRBUF_INIT };
	unsigned matched = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct arena *arena = arena_new();
		struct diag diag = DIAG_INIT;
		const struct regex *regex;

		expression_next(&e);
		regex = regex_new(arena, e.pattern.text, &diag);
		if (regex != NULL && regex_match(regex, e.text.text,
		    e.text.len) == TRUTH_YES) {
			check_needs(regex_needs(regex), &e);
			matched += regex_needs(regex)->count > 0;
		}
		diag_release(&diag);
		arena_free(arena);
	}
	/* Else it proves nothing. */
	ck_assert_uint_gt(matched, ROUNDS / 20);
	strbuf_release(&e.pattern);
	strbuf_release(&e.text);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ of_expressions, COUNT(cases) },
		{ of_globs, COUNT(globs) },
		{ depth, 3 },
		{ holds_for_all_that_match, 10 },
	};

	return table_run("needs", tests, COUNT(tests));
}
