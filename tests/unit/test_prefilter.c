#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "expression.h"
#include "policy/needs.h"
#include "policy/prefilter.h"
#include "policy/regex.h"
#include "table.h"

#define PATTERNS_MAX	6

/* Wildcards, or expressions between slashes. */
static const struct {
	const char	*name;
	const char	*patterns[PATTERNS_MAX];
	const char	*text;
	const char	*expected;	/* numbers of those that could hold */
} cases[] = {
	{ "no patterns", { NULL }, "text", "" },
	{ "no literal at all", { "*a*", "/\\d/" }, "text", "0 1" },
	{ "no text", { "*", "*needle*" }, "", "0" },
	{ "one that is there", { "*needle*", "*thread*" }, "a needle", "0" },
	{ "case apart", { "*needle*" }, "A NEEDLE", "0" },
	{ "long s and Kelvin", { "*mask*" }, "ma\305\277\342\204\252", "0" },
	{ "a shared literal", { "*needle*1", "*needle*2", "*thread*" },
	    "needle needle", "0 1" },
	{ "the rarer literal counts", { "*user1*@example.com",
	    "*user2*@example.com", "*user3*@example.com" },
	    "user2@example.com", "1" },
	{ "one of several", { "/(cheap|free) meds/", "/cheap +pills/" },
	    "FREE  meds", "" },
	{ "one of several again", { "/(cheap|free) meds/", "/cheap +pills/" },
	    "free meds", "0" },
	{ "with and without", { "/\\d/", "/needle/", "?", "/thread/" },
	    "thread", "0 2 3" },
};

static struct needs
needs_of(struct arena *arena, const char *pattern)
{
	size_t len = strlen(pattern);

	return *pattern == '/' ? needs_of_expression(arena,
	    arena_memdup(arena, pattern + 1, len - 2)) :
	    needs_of_glob(arena, pattern);
}

START_TEST(finds)
{
	struct arena *arena = arena_new();
	struct needs needs[PATTERNS_MAX];
	char found[64] = "";
	uint32_t count = 0;
	struct marks marks;

	for (; cases[_i].patterns[count] != NULL; count++)
		needs[count] = needs_of(arena, cases[_i].patterns[count]);
	prefilter_find(prefilter_new(arena, needs, count), cases[_i].text,
	    strlen(cases[_i].text), &marks);
	for (uint32_t i = marks_next(&marks, 0); i < count;
	    i = marks_next(&marks, i + 1))
		snprintf(found + strlen(found), sizeof(found) - strlen(found),
		    "%s%u", *found != '\0' ? " " : "", i);
	ck_assert_msg(strcmp(found, cases[_i].expected) == 0,
	    "%s: got \"%s\", expected \"%s\"", cases[_i].name, found,
	    cases[_i].expected);
	arena_free(arena);
}
END_TEST

/* Wherever the literal stands in a text of several windows. */
START_TEST(across_windows)
{
	static const char literal[] = "0123456789012345678901234567890123456789"
	    "012345678901234567890123", mark[] = "\342\204\252";
	const size_t len = 20000, literal_len = strlen(literal);
	struct arena *arena = arena_new();
	struct needs needs = needs_of_glob(arena, literal);
	const struct prefilter *prefilter = prefilter_new(arena, &needs, 1);
	char *text = arena_alloc(arena, len);
	struct marks marks;

	/* Characters of three bytes, so that windows end within them, too. */
	for (size_t at = 0; at < len; at++)
		text[at] = mark[(at + (size_t)_i) % 3];
	prefilter_find(prefilter, text, len, &marks);
	ck_assert_uint_eq(marks_next(&marks, 0), 1);
	for (size_t at = 0; at + literal_len <= len; at += 7) {
		char kept[64];

		memcpy(kept, text + at, literal_len);
		memcpy(text + at, literal, literal_len);
		prefilter_find(prefilter, text, len, &marks);
		ck_assert_uint_eq(marks_next(&marks, 0), 0);
		memcpy(text + at, kept, literal_len);
	}
	arena_free(arena);
}
END_TEST

#define MANY	200
#define TEXTS	200

/* No expression that matches is left out. */
START_TEST(leaves_out_none_that_holds)
{
	struct expression e = { .state = 5 + (uint64_t)_i,
		.pattern = STRBUF_INIT, .text = STRBUF_INIT };
	struct arena *arena = arena_new();
	const struct regex *regexes[MANY];
	struct needs needs[MANY];
	const struct prefilter *prefilter;
	unsigned held = 0, spared = 0;
	uint32_t count = 0;

	while (count < MANY) {
		struct diag diag = DIAG_INIT;

		expression_next(&e);
		regexes[count] = regex_new(arena, e.pattern.text, &diag);
		diag_release(&diag);
		if (regexes[count] == NULL)
			continue;
		needs[count] = *regex_needs(regexes[count]);
		count++;
	}
	prefilter = prefilter_new(arena, needs, count);
	for (int round = 0; round < TEXTS; round++) {
		struct marks marks;

		expression_next(&e);
		prefilter_find(prefilter, e.text.text, e.text.len, &marks);
		for (uint32_t i = 0; i < count; i++) {
			bool could = marks_next(&marks, i) == i;

			spared += !could;
			if (regex_match(regexes[i], e.text.text,
			    e.text.len) != TRUTH_YES)
				continue;
			held++;
			ck_assert_msg(could, "\"%s\"", e.text.text);
		}
	}
	ck_assert_uint_gt(held, 1000);
	ck_assert_uint_gt(spared, 1000);
	strbuf_release(&e.pattern);
	strbuf_release(&e.text);
	arena_free(arena);
}
END_TEST

/* So many that they share marks. */
START_TEST(very_many)
{
	const uint32_t count = 50000;
	struct arena *arena = arena_new();
	struct needs *needs = arena_alloc(arena, count * sizeof(*needs));
	const struct prefilter *prefilter;

	for (uint32_t i = 0; i < count; i++)
		needs[i] = needs_of_glob(arena, arena_format(arena,
		    "*name%ux*@example.com", i));
	prefilter = prefilter_new(arena, needs, count);
	for (uint32_t i = 0; i < count; i += 37) {
		char text[64];
		struct marks marks;
		unsigned marked = 0;

		snprintf(text, sizeof(text), "name%ux.y@example.com", i);
		prefilter_find(prefilter, text, strlen(text), &marks);
		ck_assert_uint_eq(marks_next(&marks, i), i);
		for (uint32_t at = marks_next(&marks, 0); at < count;
		    at = marks_next(&marks, at + 1))
			marked++;
		ck_assert_uint_le(marked, 4);
	}
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ finds, COUNT(cases) },
		{ across_windows, 3 },
		{ leaves_out_none_that_holds, 10 },
		{ very_many, 1 },
	};

	return table_run("prefilter", tests, COUNT(tests));
}
