#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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
		{ hostile_text_takes_no_time, 1 },
	};

	return table_run("glob", tests, COUNT(tests));
}
