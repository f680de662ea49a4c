/* test_arena - memory that goes at once, and what is told before it goes. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "table.h"

static void
tell(void *what)
{
	strbuf_adds(what, "gone ");
}

START_TEST(test_alloc)
{
	struct arena *arena = arena_new();

	for (size_t size = 0; size < 20000; size = size * 2 + 1) {
		unsigned char *bytes = arena_alloc(arena, size);

		ck_assert_uint_eq((uintptr_t)bytes % 16, 0);
		for (size_t i = 0; i < size; i++)
			ck_assert_uint_eq(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
	arena_free(arena);
}
END_TEST

START_TEST(test_reset)
{
	struct arena *arena = arena_new();
	struct strbuf told = STRBUF_INIT;
	size_t first;

	arena_defer(arena, tell, &told);
	arena_alloc(arena, 100);
	first = arena_size_bytes(arena);
	arena_alloc(arena, 100000);
	arena_defer(arena, tell, &told);
	ck_assert_uint_gt(arena_size_bytes(arena), first + 99999);
	arena_reset(arena);
	ck_assert_str_eq(told.text, "gone gone ");
	ck_assert_uint_eq(arena_size_bytes(arena), first);
	arena_free(arena);
	ck_assert_str_eq(told.text, "gone gone ");
	strbuf_release(&told);
}
END_TEST

/*
 * An arena costs nothing before it is used, a small message one block, and a
 * large one few.
 */
START_TEST(test_blocks)
{
	struct arena *arena = arena_new();
	size_t none = arena_size_bytes(arena), first, size, steps = 0;

	ck_assert_uint_le(none, 64);
	for (int i = 0; i < 10; i++) {
		arena_alloc(arena, 400);
		if (i == 0)
			first = arena_size_bytes(arena);
		ck_assert_uint_eq(arena_size_bytes(arena), first);
	}
	ck_assert_uint_le(first, none + 4096 + 64);
	for (size = first; size < 1024 * 1024; steps++) {
		while (arena_size_bytes(arena) == size)
			arena_alloc(arena, 400);
		ck_assert_uint_le(arena_size_bytes(arena), size * 2 + 64);
		size = arena_size_bytes(arena);
	}
	ck_assert_uint_le(steps, 20);
	arena_free(arena);
}
END_TEST

START_TEST(test_grow)
{
	struct arena *arena = arena_new();
	size_t room = 0;
	unsigned *items = NULL, *before;

	for (size_t i = 0; i < 1000; i++) {
		items = arena_grow(arena, items, i, &room, sizeof(*items));
		ck_assert_uint_gt(room, i);
		items[i] = (unsigned)i;
	}
	for (size_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(items[i], i);
	before = items;
	ck_assert_ptr_eq(arena_grow(arena, items, 1000, &room,
	    sizeof(*items)), before);
	arena_free(arena);
}
END_TEST

START_TEST(test_copies)
{
	struct arena *arena = arena_new();

	ck_assert_str_eq(arena_strdup(arena, "text"), "text");
	ck_assert_mem_eq(arena_memdup(arena, "a\0b", 3), "a\0b", 4);
	ck_assert_str_eq(arena_memdup(arena, NULL, 0), "");
	/* The arena is not zeroed behind the copy: nor need it be. */
	memset(arena_alloc(arena, 64), 'x', 64);
	arena_reset(arena);
	ck_assert_str_eq(arena_strdup(arena, "text"), "text");
	ck_assert_str_eq(arena_format(arena, "%s-%d", "a", 25), "a-25");
	ck_assert_str_eq(arena_format(arena, "%s", ""), "");
	ck_assert_uint_eq(strlen(arena_format(arena, "%20000d", 1)), 20000);
	arena_free(arena);
	arena_free(NULL);
}
END_TEST

START_TEST(test_strbuf)
{
	struct strbuf buf = STRBUF_INIT;
	char *text;

	ck_assert_str_eq(buf.text, "");
	strbuf_cut(&buf, 0);
	for (int i = 0; i < 100; i++)
		strbuf_addf(&buf, "%d,", i);
	ck_assert_uint_eq(buf.len, 290);
	strbuf_cut(&buf, 4);
	ck_assert_str_eq(buf.text, "0,1,");
	strbuf_addch(&buf, 'x');
	memset(strbuf_room(&buf, 1000), 'y', 1000);
	strbuf_added(&buf, 2);
	text = strbuf_detach(&buf);
	ck_assert_str_eq(text, "0,1,xyy");
	free(text);
	ck_assert_str_eq(buf.text, "");
	text = strbuf_detach(&buf);
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_alloc, 1 }, { test_reset, 1 },
		{ test_blocks, 1 }, { test_grow, 1 }, { test_copies, 1 },
		{ test_strbuf, 1 },
	};

	return table_run("arena", tests, COUNT(tests));
}
