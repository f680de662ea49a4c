#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "policy/choice.h"
#include "table.h"

#define ITEMS_MAX	4

/* "a|bc" as a choice; "" is one empty literal. */
static struct choice
choice_of(struct arena *arena, const char *text)
{
	struct text *items = arena_alloc(arena, ITEMS_MAX * sizeof(*items));
	size_t count = 0;

	for (;;) {
		size_t len = strcspn(text, "|");

		items[count++] = (struct text){
		    arena_memdup(arena, text, len), len };
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	return (struct choice){ count, items };
}

static const char *
text_of_choice(struct arena *arena, const struct choice *choice)
{
	struct strbuf out = STRBUF_INIT;
	const char *text;

	for (size_t i = 0; i < choice->count; i++)
		strbuf_addf(&out, "%s%s", i > 0 ? "|" : "",
		    choice->items[i].bytes);
	text = arena_strdup(arena, out.text);
	strbuf_release(&out);
	return text;
}

static const struct {
	const char	*a, *b;
	const char	*product, *both;
	bool		 better;	/* a than b */
} cases[] = {
	{ "a", "b", "ab", "a|b", false },
	{ "", "b", "b", "|b", false },
	{ "a|bc", "", "a|bc", "a|bc|", true },
	{ "a|bc", "d|ef", "ad|aef|bcd|bcef", "a|bc|d|ef", false },
	{ "abc", "abcd", "abcabcd", "abc|abcd", false },
	{ "abcd|x", "ab", "abcdab|xab", "abcd|x|ab", false },
	{ "abcd", "abcd|abcd", "abcdabcd|abcdabcd", "abcd|abcd|abcd", true },
};

START_TEST(reckons)
{
	struct arena *arena = arena_new();
	struct choice a = choice_of(arena, cases[_i].a);
	struct choice b = choice_of(arena, cases[_i].b);
	struct choice result;

	ck_assert(choice_multiply(arena, &a, &b, &result));
	ck_assert_str_eq(text_of_choice(arena, &result), cases[_i].product);
	ck_assert(choice_unite(arena, &a, &b, &result));
	ck_assert_str_eq(text_of_choice(arena, &result), cases[_i].both);
	result = choice_keep(arena, &a);
	ck_assert_str_eq(text_of_choice(arena, &result), cases[_i].a);
	ck_assert_int_eq(choice_is_better(&a, &b), cases[_i].better);
	arena_free(arena);
}
END_TEST

START_TEST(bounds)
{
	struct arena *arena = arena_new();
	struct choice many = choice_of(arena, "a|b|c|d"), more = many;
	struct choice wide = choice_of(arena, "0123456789abcdef"), wider;
	struct choice none = { 0, NULL };

	while (choice_multiply(arena, &more, &many, &more))
		ck_assert_uint_le(more.count, CHOICE_MAX);
	ck_assert_uint_eq(more.count, CHOICE_MAX);
	ck_assert(!choice_unite(arena, &more, &many, &more));
	ck_assert_uint_eq(more.count, CHOICE_MAX);
	wider = wide;
	while (choice_multiply(arena, &wider, &wide, &wider))
		ck_assert_uint_le(wider.items[0].len, LITERAL_MAX);
	ck_assert_uint_eq(wider.items[0].len, LITERAL_MAX);
	ck_assert_uint_eq(choice_shortest(&wide), 16);
	ck_assert_uint_eq(choice_shortest(&none), 0);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ reckons, COUNT(cases) },
		{ bounds, 1 },
	};

	return table_run("choice", tests, COUNT(tests));
}
