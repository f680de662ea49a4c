#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "policy/fold.h"
#include "policy/regex.h"
#include "table.h"

static const struct {
	const char	*text;
	const char	*expected;
} cases[] = {
	{ "", "" },
	{ "Plain TEXT, 42 [\\]^_`{|}~@", "plain text, 42 [\\]^_`{|}~@" },
	{ "\305\277", "s" },
	{ "\342\204\252", "k" },
	{ "A\305\277\342\204\252Z", "askz" },
	{ "\305", "\305" },
	{ "\342\204", "\342\204" },
	{ "\342\204\253", "\342\204\253" },		/* an angstrom sign */
	{ "\303\204\377\305\305\277", "\303\204\377\305s" },
	{ "A LINE THAT IS LONGER THAN 32 BYTES, AND THEN A LONG \305\277 AND "
	    "MORE OF IT", "a line that is longer than 32 bytes, and then a "
	    "long s and more of it" },
};

START_TEST(folds)
{
	const char *text = cases[_i].text;
	size_t len = strlen(text);

	for (size_t room = 1; room <= 64; room++) {
		char out[256] = "", *to = out;
		size_t at = 0;

		while (at < len)
			to += fold_text(text, len, &at, to, room);
		ck_assert_uint_eq(at, len);
		ck_assert_str_eq(out, cases[_i].expected);
	}
}
END_TEST

#define FIRST	0x80
#define LAST	0x10ffff

static size_t
put_character(char *out, unsigned code)
{
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/*
 * No other character than those that are folded to it is an ASCII letter for
 * PCRE2, whichever Unicode it knows.
 */
START_TEST(is_all_that_pcre2_knows)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const struct regex *ascii = regex_new(arena, "[\\x01-\\x7f]", &diag);
	char *text = malloc(4 * (LAST - FIRST + 1)), *out = text;
	char folded[4];
	size_t at = 0;

	for (unsigned code = FIRST; code <= LAST; code++) {
		char bytes[4];
		size_t len, end = 0;

		if (code >= 0xd800 && code < 0xe000)
			continue;
		len = put_character(bytes, code);
		if (fold_text(bytes, len, &end, folded, 4) > 1) {
			memcpy(out, bytes, len);
			out += len;
		} else
			ck_assert_int_eq(regex_match(ascii, bytes, len),
			    TRUTH_YES);
	}
	ck_assert_uint_gt((size_t)(out - text), 4000000);
	/* Short pieces, which are matched without limits. */
	while (at < (size_t)(out - text)) {
		size_t end = at + 1000;

		if (end > (size_t)(out - text))
			end = (size_t)(out - text);
		while (end < (size_t)(out - text) &&
		    ((unsigned char)text[end] & 0xc0) == 0x80)
			end++;
		ck_assert_int_eq(regex_match(ascii, text + at, end - at),
		    TRUTH_NO);
		at = end;
	}
	free(text);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ folds, COUNT(cases) },
		{ is_all_that_pcre2_knows, 1 },
	};

	return table_run("fold", tests, COUNT(tests));
}
