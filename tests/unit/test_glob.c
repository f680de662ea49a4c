#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "policy/glob.h"
#include "table.h"

static const struct {
	const char	*glob;
	const char	*text;
	bool		 holds;
} cases[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "a", "", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "**", "", true },
	{ "?", "", false },
	{ "?", "a", true },
	{ "?", "ab", false },
	{ "abc", "ABC", true },
	{ "abc", "abd", false },
	{ "*.docm", "Letter.DOCM", true },
	{ "*.docm", ".docm", true },
	{ "*.docm", "letter.docm.txt", false },
	{ "postmaster@*", "postmaster@example.com", true },
	{ "postmaster@*", "postmaster@", true },
	{ "postmaster@*", "xpostmaster@example.com", false },
	{ "a*b*c", "abbbc", true },
	{ "a*b*c", "acbc", true },
	{ "a*b*c", "acb", false },
	{ "*ab", "aab", true },
	{ "*a?b", "aaxb", true },
	{ "a*?", "a", false },
	{ "a*?", "ab", true },
	{ "?", "\303\244", true },		/* one character */
	{ "??", "\303\244", false },
	{ "*?", "\303\244", true },
	{ "*??", "\303\244", false },
	{ "?", "\344", true },			/* one invalid byte */
	{ "??", "\303(", true },
	{ "?", "\360\237\230\200", true },
};

START_TEST(matches)
{
	const char *text = cases[_i].text;

	ck_assert_msg(glob_match(cases[_i].glob, text, strlen(text)) ==
	    cases[_i].holds, "%s against %s", cases[_i].glob, text);
}
END_TEST

START_TEST(nul_is_a_character)
{
	ck_assert(glob_match("a?b", "a\0b", 3));
	ck_assert(glob_match("a*", "a\0b", 3));
	ck_assert(!glob_match("a", "a\0b", 3));
}
END_TEST

/* What is said above in a few words, and takes ages. */
static bool
holds(const char *glob, const char *text, size_t len)
{
	size_t one = utf8_length(text, len);

	if (*glob == '\0')
		return len == 0;
	if (*glob == '*' && holds(glob + 1, text, len))
		return true;
	if (len == 0)
		return false;
	one = one == 0 ? 1 : one;
	if (*glob == '*')
		return holds(glob, text + one, len - one);
	if (*glob == '?')
		return holds(glob + 1, text + one, len - one);
	return text_lower(*glob) == text_lower(*text) &&
	    holds(glob + 1, text + 1, len - 1);
}

static void
draw(uint64_t *state, const char *from[], uint32_t count, char out[64])
{
	uint32_t pieces;

	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	pieces = (uint32_t)(*state >> 33) % 9;
	for (*out = '\0'; pieces > 0; pieces--) {
		*state = *state * UINT64_C(6364136223846793005) +
		    1442695040888963407;
		strcat(out, from[(uint32_t)(*state >> 33) % count]);
	}
}

START_TEST(random_ones)
{
	const char *pieces[] = { "a", "B", "ab", ".", "\303\244", "\303",
		"\244", "*", "*", "?" };
	uint64_t state = 3;
	unsigned yes = 0;

	for (int i = 0; i < 100000; i++) {
		char glob[64], text[64];

		draw(&state, pieces, 10, glob);
		draw(&state, pieces, 7, text);
		ck_assert_msg(glob_match(glob, text, strlen(text)) ==
		    holds(glob, text, strlen(text)), "%s against %s", glob,
		    text);
		yes += glob_match(glob, text, strlen(text));
	}
	ck_assert_uint_gt(yes, 5000);
}
END_TEST

/* This would need ages if each star returned to the one before it. */
START_TEST(hostile_text_takes_no_time)
{
	const size_t len = 100000;
	char *text = malloc(len);

	memset(text, 'a', len);
	ck_assert(!glob_match("*a*a*a*a*a*a*a*a*a*a*b?", text, len));
	ck_assert(glob_match("*a*a*a*a*a*a*a*a*a*a*", text, len));
	free(text);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ matches, COUNT(cases) },
		{ nul_is_a_character, 1 },
		{ random_ones, 1 },
		{ hostile_text_takes_no_time, 1 },
	};

	return table_run("glob", tests, COUNT(tests));
}
