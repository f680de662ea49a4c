/* test_utf8 - where the characters of a text end, and where it breaks. */
#include <check.h>
#include <string.h>

#include "base/utf8.h"
#include "table.h"

static const struct {
	const char *text;
	size_t valid;			/* bytes at its start */
} cases[] = {
	{ "", 0 },
	{ "a", 1 },
	{ "12345678", 8 },
	{ "123456789012345", 15 },
	{ "1234567\xc3\xa4", 9 },
	{ "12345678\xc3\xa4", 10 },
	{ "\xc3\xa4" "12345678", 10 },
	{ "1234567\x80", 7 },
	{ "12345678\x80", 8 },
	{ "123456789012345678\xff" "12345678", 18 },
	{ "\xc3", 0 },
	{ "ab\xc3", 2 },
	{ "\xe2\x82\xac", 3 },
	{ "\xe2\x82", 0 },
	{ "\xf0\x9f\x98\x80", 4 },
	{ "\xc0\xaf", 0 },		/* overlong */
	{ "\xe0\x80\xaf", 0 },
	{ "\xf0\x80\x80\xaf", 0 },
	{ "\xed\xa0\x80", 0 },		/* a surrogate */
	{ "\xf4\x90\x80\x80", 0 },	/* beyond U+10FFFF */
	{ "\xf5\x80\x80\x80", 0 },
};

START_TEST(finds_end)
{
	const char *text = cases[_i].text;
	size_t len = strlen(text), slow = 0, one;

	ck_assert_uint_eq(utf8_valid_length(text, len), cases[_i].valid);
	ck_assert_int_eq(utf8_is_valid(text, len), cases[_i].valid == len);
	while ((one = utf8_length(text + slow, len - slow)) > 0)
		slow += one;
	ck_assert_uint_eq(slow, cases[_i].valid);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ finds_end, COUNT(cases) },
	};

	return table_run("utf8", tests, COUNT(tests));
}
