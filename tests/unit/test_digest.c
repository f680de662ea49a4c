/* test_digest - values of the standard, and bytes that come in pieces. */
#include <check.h>
#include <string.h>

#include "base/digest.h"
#include "table.h"

static struct digest_value
digest_of(const void *bytes, size_t len, size_t piece)
{
	const char *at = bytes;
	struct digest *digest = digest_new();
	struct digest_value value;

	while (len > 0) {
		size_t take = len < piece ? len : piece;

		digest_add(digest, at, take);
		at += take;
		len -= take;
	}
	value = digest_end(digest);
	digest_free(digest);
	return value;
}

/* The first bytes, as the examples of FIPS 180 have them. */
static const struct {
	const char	*text;
	unsigned char	 begins[4];
} vectors[] = {
	{ "", { 0xe3, 0xb0, 0xc4, 0x42 } },
	{ "abc", { 0xba, 0x78, 0x16, 0xbf } },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  { 0x24, 0x8d, 0x6a, 0x61 } },
};

START_TEST(test_vectors)
{
	struct digest_value value = digest_of(vectors[_i].text,
	    strlen(vectors[_i].text), 100);

	ck_assert_mem_eq(value.bytes, vectors[_i].begins,
	    sizeof(vectors[_i].begins));
}
END_TEST

START_TEST(test_pieces)
{
	static const char text[] = "The same bytes, whatever pieces they come "
	    "in, are the same.";
	struct digest_value whole = digest_of(text, sizeof(text), 100);

	for (size_t piece = 1; piece < 20; piece++) {
		struct digest_value value = digest_of(text, sizeof(text),
		    piece);

		ck_assert(digest_equal(&whole, &value));
	}
}
END_TEST

START_TEST(test_differs)
{
	char text[] = "192.0.2.0/24\n198.51.100.0/24\n";
	struct digest_value before = digest_of(text, strlen(text), 7), after;

	for (size_t i = 0; i < strlen(text); i++)
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ 1 << bit);
			after = digest_of(text, strlen(text), 7);
			text[i] = (char)(text[i] ^ 1 << bit);
			ck_assert(!digest_equal(&before, &after));
		}
	after = digest_of(text, strlen(text) - 1, 7);
	ck_assert(!digest_equal(&before, &after));
}
END_TEST

START_TEST(test_texts_end)
{
	static const char *const pairs[2][2] = { { "a", "bc" }, { "ab", "c" } };
	struct digest_value values[2];

	for (int i = 0; i < 2; i++) {
		struct digest *digest = digest_new();

		digest_add_text(digest, pairs[i][0]);
		digest_add_text(digest, pairs[i][1]);
		values[i] = digest_end(digest);
		digest_free(digest);
	}
	ck_assert(!digest_equal(&values[0], &values[1]));
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_vectors, COUNT(vectors) }, { test_pieces, 1 },
		{ test_differs, 1 }, { test_texts_end, 1 },
	};

	return table_run("digest", tests, COUNT(tests));
}
