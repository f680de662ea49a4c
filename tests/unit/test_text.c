/* test_text - ASCII text without a locale. */
#include <check.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "table.h"

static const struct {
	const char *text;
	uint64_t max;
	int result;
	uint64_t number;
} numbers[] = {
	{ "0", 10, 0, 0 }, { "10", 10, 0, 10 }, { "11", 10, -1, 0 },
	{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
	{ "18446744073709551616", UINT64_MAX, -1, 0 },
	{ "", 10, -1, 0 }, { "1a", 10, -1, 0 }, { "-1", 10, -1, 0 },
	{ " 1", 10, -1, 0 }, { "007", 10, 0, 7 }, { "5", 3, -1, 0 },
};

START_TEST(test_number)
{
	uint64_t number = 0;

	ck_assert_int_eq(text_number(numbers[_i].text, numbers[_i].max,
	    &number), numbers[_i].result);
	ck_assert_uint_eq(number, numbers[_i].number);
}
END_TEST

START_TEST(test_compare)
{
	ck_assert(text_equal("Example.COM", "eXample.com"));
	ck_assert(!text_equal("example.com", "example.com."));
	ck_assert(!text_equal("\xc4", "\xe4"));
	ck_assert(text_starts("IPv6:::1", "ipV6:"));
	ck_assert(!text_starts("IP", "IPv6"));
	ck_assert(text_ends("a.Example", ".example"));
	ck_assert(!text_ends("e", "example"));
	ck_assert_str_eq(text_find("see HTTPS://x", "https:"), "HTTPS://x");
	ck_assert_ptr_null(text_find("abc", "abcd"));
	ck_assert_str_eq(text_find("", ""), "");
	ck_assert_uint_eq(text_hash("ABC", 3), text_hash("abc", 3));
	ck_assert_uint_ne(text_hash("abc", 3), text_hash("abd", 3));
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
	const char *word;
	bool is;
} pieces[] = {
	{ "Base64; x", 6, "base64", true }, { "Base64", 6, "base6", false },
	{ "base", 4, "base64", false }, { "a\0b", 3, "a", false },
	{ "\xc4", 1, "\xe4", false }, { "", 0, "", true },
};

START_TEST(test_piece)
{
	struct text text = { pieces[_i].bytes, pieces[_i].len };
	struct text word = { pieces[_i].word, strlen(pieces[_i].word) };

	ck_assert_int_eq(text_is(text, pieces[_i].word), pieces[_i].is);
	ck_assert_int_eq(text_same(word, text), pieces[_i].is);
}
END_TEST

START_TEST(test_keep)
{
	struct strbuf buf = STRBUF_INIT;
	struct arena *arena = arena_new();
	struct text kept;

	strbuf_add(&buf, "a\0b", 3);
	ck_assert_ptr_eq(text_of(&buf).bytes, buf.text);
	ck_assert_uint_eq(text_of(&buf).len, 3);
	kept = text_keep(arena, &buf);
	strbuf_release(&buf);
	ck_assert_uint_eq(kept.len, 3);
	ck_assert_mem_eq(kept.bytes, "a\0b", 4);
	kept = text_without_nuls(arena, kept);
	ck_assert_uint_eq(kept.len, 5);
	ck_assert_str_eq(kept.bytes, "a\xef\xbf\xbd" "b");
	kept = text_without_nuls(arena, (struct text){ .bytes = "abc",
	    .len = 2 });
	ck_assert_str_eq(kept.bytes, "ab");
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_number, COUNT(numbers) }, { test_compare, 1 },
		{ test_piece, COUNT(pieces) }, { test_keep, 1 },
	};

	return table_run("text", tests, COUNT(tests));
}
