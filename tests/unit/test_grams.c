#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/grams.h"
#include "table.h"

#define LITERALS_MAX	6

static const struct {
	const char	*name;
	const char	*literals[LITERALS_MAX];
	const char	*text;
	const char	*expected;	/* numbers, in the order of literals */
} cases[] = {
	{ "nothing to look for", { NULL }, "some text", "" },
	{ "no text", { "abc", "abcd" }, "", "" },
	{ "shorter than any", { "abcd" }, "abc", "" },
	{ "itself", { "abcd", "abc" }, "abcd", "0 1" },
	{ "at the start", { "abcd", "bcde" }, "abcdx", "0" },
	{ "at the end", { "abcd", "bcde" }, "xxbcde", "1" },
	{ "three bytes at the end", { "cde" }, "abcde", "0" },
	{ "cut off at the end", { "abcdef" }, "xabcde", "" },
	{ "cut off at the start", { "abcdef" }, "bcdefabcde", "" },
	{ "twice", { "abab" }, "abababab", "0 0 0" },
	{ "one within the other", { "needle", "eedl", "edl" }, "a needle",
	    "0 1 2" },
	{ "the same twice", { "needle", "needle" }, "needle", "0 1" },
	{ "case counts", { "Needle" }, "needle", "" },
	{ "a long one", { "the quick brown fox jumps over the lazy dog" },
	    "and the quick brown fox jumps over the lazy dog again", "0" },
};

#define HITS_MAX	64

struct hits {
	size_t		 count;
	uint32_t	 numbers[HITS_MAX];
};

static void
note(void *arg, uint32_t number)
{
	struct hits *hits = arg;

	ck_assert_uint_lt(hits->count, HITS_MAX);
	hits->numbers[hits->count++] = number;
}

static int
compare(const void *a, const void *b)
{
	const uint32_t *first = a, *second = b;

	return *first < *second ? -1 : *first > *second;
}

START_TEST(finds)
{
	struct arena *arena = arena_new();
	struct text literals[LITERALS_MAX];
	struct hits hits = { .count = 0 };
	char found[256] = "";
	size_t count = 0;

	for (; cases[_i].literals[count] != NULL; count++)
		literals[count] = (struct text){ cases[_i].literals[count],
		    strlen(cases[_i].literals[count]) };
	grams_find(grams_new(arena, literals, count), cases[_i].text,
	    strlen(cases[_i].text), note, &hits);
	qsort(hits.numbers, hits.count, sizeof(hits.numbers[0]), compare);
	for (size_t i = 0; i < hits.count; i++)
		snprintf(found + strlen(found), sizeof(found) - strlen(found),
		    "%s%u", i > 0 ? " " : "", hits.numbers[i]);
	ck_assert_msg(strcmp(found, cases[_i].expected) == 0,
	    "%s: got \"%s\", expected \"%s\"", cases[_i].name, found,
	    cases[_i].expected);
	arena_free(arena);
}
END_TEST

#define RANDOM_LITERALS	300
#define RANDOM_BYTES	2000

static uint32_t
draw(uint64_t *state, uint32_t below)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*state >> 33) % below;
}

static void
count_hit(void *arg, uint32_t number)
{
	unsigned *counts = arg;

	counts[number]++;
}

/* Of few different bytes, NUL among them, so that all is found often. */
START_TEST(finds_what_memmem_finds)
{
	uint64_t state = 11 + (uint64_t)_i;
	struct arena *arena = arena_new();
	struct text literals[RANDOM_LITERALS];
	unsigned found[RANDOM_LITERALS] = { 0 };
	char text[RANDOM_BYTES + 1];
	const size_t len = RANDOM_BYTES;

	for (size_t i = 0; i <= len; i++)
		text[i] = (char)draw(&state, 3);
	for (size_t i = 0; i < RANDOM_LITERALS; i++) {
		char *bytes = arena_alloc(arena, 12);

		literals[i] = (struct text){ bytes, 3 + draw(&state, 8) };
		for (size_t n = 0; n < literals[i].len; n++)
			bytes[n] = (char)draw(&state, 3);
	}
	grams_find(grams_new(arena, literals, RANDOM_LITERALS), text, len,
	    count_hit, found);
	for (size_t i = 0; i < RANDOM_LITERALS; i++) {
		unsigned expected = 0;

		for (size_t at = 0; at + literals[i].len <= len; at++)
			expected += memcmp(text + at, literals[i].bytes,
			    literals[i].len) == 0;
		ck_assert_uint_eq(found[i], expected);
	}
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ finds, COUNT(cases) },
		{ finds_what_memmem_finds, 20 },
	};

	return table_run("grams", tests, COUNT(tests));
}
