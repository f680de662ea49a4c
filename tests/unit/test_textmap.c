#include <stdio.h>
#include <string.h>

#include "policy/textmap.h"
#include "table.h"

struct hits {
	size_t		count;
	uint32_t	sum;
};

static void
hit(void *arg, uint32_t number)
{
	struct hits *hits = arg;

	hits->count++;
	hits->sum += number;
}

static struct hits
look(const struct textmap *map, const char *key, unsigned marks)
{
	struct hits hits = { .count = 0 };

	textmap_find(map, textmap_hash(key, strlen(key)), key, strlen(key),
	    marks, hit, &hits);
	return hits;
}

START_TEST(finds_keys_without_case)
{
	struct textmap *map = textmap_new();
	uint32_t place, number = 0;

	ck_assert_uint_eq(look(map, "", 1).count, 0);
	place = textmap_add(map, 0, 7, "*@Example.COM.", 2, 11);
	textmap_finish(map);
	ck_assert_str_eq(textmap_text(map, place), "*@Example.COM.");
	ck_assert_uint_eq(look(map, "exAMPLE.com", 1).sum, 7);
	ck_assert_uint_eq(look(map, "example.com.", 1).count, 0);
	ck_assert_uint_eq(look(map, "example.co", 1).count, 0);
	ck_assert(textmap_has(map, 0, "EXAMPLE.com", 11, &number));
	ck_assert_uint_eq(number, 7);
	ck_assert(!textmap_has(map, 1, "EXAMPLE.com", 11, &number));
	textmap_free(map);
}
END_TEST

START_TEST(tells_marks_apart)
{
	struct textmap *map = textmap_new();

	textmap_add(map, 0, 1, "a", 0, 1);
	textmap_add(map, 1, 2, ".a", 1, 1);
	textmap_add(map, 1, 4, "*A", 1, 1);
	textmap_keep(map, "a");
	ck_assert_uint_eq(look(map, "a", 1 << 0).sum, 1);
	ck_assert_uint_eq(look(map, "a", 1 << 1).sum, 6);
	ck_assert_uint_eq(look(map, "a", 1 << 0 | 1 << 1).sum, 7);
	ck_assert_uint_eq(look(map, "a", 1 << 2).count, 0);
	textmap_free(map);
}
END_TEST

/* How many keys were expected: none, too few, all, far too many. */
static const size_t expected[] = { 0, 100, 50000, 1000000 };

START_TEST(holds_many)
{
	struct textmap *map = textmap_new();
	char key[32];

	textmap_add(map, 1, 0, "before", 0, 6);
	if (expected[_i] > 0)
		textmap_expect(map, expected[_i], expected[_i] * 18);
	for (uint32_t i = 0; i < 50000; i++) {
		snprintf(key, sizeof(key), "host%u.example", i);
		textmap_add(map, 0, i, key, 0, strlen(key));
	}
	textmap_finish(map);
	for (uint32_t i = 0; i < 100000; i++) {
		struct hits hits;

		snprintf(key, sizeof(key), "HOST%u.example", i);
		hits = look(map, key, 1);
		ck_assert_uint_eq(hits.count, i < 50000);
		ck_assert_uint_eq(hits.sum, i < 50000 ? i : 0);
	}
	ck_assert_uint_eq(look(map, "before", 2).count, 1);
	textmap_free(map);
}
END_TEST

START_TEST(hash_of_an_end_is_on_the_way)
{
	const char text[] = "mail.Example.com";
	uint64_t hash = TEXTMAP_HASH_EMPTY;

	for (size_t at = strlen(text); at > 0; at--) {
		hash = textmap_hash_before(hash, text[at - 1]);
		ck_assert_uint_eq(hash,
		    textmap_hash(text + at - 1, strlen(text) - at + 1));
	}
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ finds_keys_without_case, 1 },
		{ tells_marks_apart, 1 },
		{ holds_many, COUNT(expected) },
		{ hash_of_an_end_is_on_the_way, 1 },
	};

	return table_run("textmap", tests, COUNT(tests));
}
