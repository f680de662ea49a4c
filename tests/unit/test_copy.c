/* A message after the changes that milters make, field by field. */
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "session/change.h"
#include "session/copy.h"
#include "table.h"

#define ADD(n, v)	{ .kind = CHANGE_ADD_HEADER, .name = n, .value = v }
#define INSERT(i, n, v)	{ .kind = CHANGE_INSERT_HEADER, .index = i, \
			.name = n, .value = v }
#define CHANGE(i, n, v)	{ .kind = CHANGE_HEADER, .index = i, .name = n, \
			.value = v }
#define BODY(text)	{ .kind = CHANGE_BODY, .name = "", .value = "", \
			.bytes = (const unsigned char *)text, \
			.len = sizeof(text) - 1 }
#define RCPT(n)		{ .kind = CHANGE_ADD_RCPT, .name = n, .value = "" }
#define CHANGES_MAX	4

static const struct {
	const char	*name;
	struct change	 changes[CHANGES_MAX];	/* kind and name; NULL ends */
	const char	*expected;	/* of A=1 B=2 b=3 and the body "x" */
} cases[] = {
	{ "none", { { .name = NULL } }, "A=1 B=2 b=3 |x" },
	{ "add", { ADD("C", "4") }, "A=1 B=2 b=3 C=4 |x" },
	{ "insert at the top", { INSERT(0, "C", "4") },
	    "C=4 A=1 B=2 b=3 |x" },
	{ "insert behind the MTA's own line", { INSERT(1, "C", "4") },
	    "C=4 A=1 B=2 b=3 |x" },
	{ "insert inside", { INSERT(3, "C", "4") }, "A=1 B=2 C=4 b=3 |x" },
	{ "insert behind the end", { INSERT(99, "C", "4") },
	    "A=1 B=2 b=3 C=4 |x" },
	{ "change the first of a name", { CHANGE(1, "b", "new") },
	    "A=1 b=new b=3 |x" },
	{ "change the second", { CHANGE(2, "B", "new") },
	    "A=1 B=2 B=new |x" },
	{ "index 0 is the first", { CHANGE(0, "B", "new") },
	    "A=1 B=new b=3 |x" },
	{ "change what is not there", { CHANGE(3, "B", "new") },
	    "A=1 B=2 b=3 B=new |x" },
	{ "delete", { CHANGE(1, "B", "") }, "A=1 b=3 |x" },
	{ "delete the last", { CHANGE(2, "B", "") }, "A=1 B=2 |x" },
	{ "delete what is not there", { CHANGE(1, "C", "") },
	    "A=1 B=2 b=3 |x" },
	{ "delete, and then the next is the first",
	    { CHANGE(1, "B", ""), CHANGE(1, "B", "new") }, "A=1 B=new |x" },
	{ "a new body", { BODY("other") }, "A=1 B=2 b=3 |other" },
	{ "an empty body", { BODY("") }, "A=1 B=2 b=3 |" },
	{ "the envelope is not part of it", { RCPT("<a@example.com>") },
	    "A=1 B=2 b=3 |x" },
};

static void
format(const struct copy *copy, struct strbuf *out)
{
	const struct child_message message = copy_message(copy);

	for (size_t i = 0; i < message.field_count; i++)
		strbuf_addf(out, "%s=%s ", message.fields[i].name,
		    message.fields[i].value);
	strbuf_addch(out, '|');
	strbuf_add(out, message.body, message.body_len);
}

static void
fill(struct copy *copy, struct arena *arena, size_t bytes_max)
{
	copy_add_field(copy, arena, "A", "1", bytes_max);
	copy_add_field(copy, arena, "B", "2", bytes_max);
	copy_add_field(copy, arena, "b", "3", bytes_max);
	copy_add_body(copy, "x", 1, bytes_max);
}

START_TEST(test_apply)
{
	struct copy copy = COPY_INIT;
	struct arena *arena = arena_new();
	struct strbuf out = STRBUF_INIT;

	fill(&copy, arena, 1000);
	for (int i = 0; i < CHANGES_MAX &&
	    cases[_i].changes[i].name != NULL; i++)
		copy_apply(&copy, &cases[_i].changes[i]);
	format(&copy, &out);
	ck_assert_msg(strcmp(out.text, cases[_i].expected) == 0,
	    "%s: got %s, not %s", cases[_i].name, out.text,
	    cases[_i].expected);
	strbuf_release(&out);
	copy_release(&copy);
	arena_free(arena);
}
END_TEST

/* "A1" "B2" "b3" and "x" are seven bytes, and 48 for each field. */
START_TEST(test_bound)
{
	struct copy copy = COPY_INIT;
	struct arena *arena = arena_new();
	struct strbuf out = STRBUF_INIT;

	fill(&copy, arena, 3 * 48 + 7);
	ck_assert(copy.whole);
	copy_reset(&copy);
	fill(&copy, arena, 3 * 48 + 6);
	ck_assert(!copy.whole);
	format(&copy, &out);
	ck_assert_str_eq(out.text, "A=1 B=2 b=3 |");
	copy_reset(&copy);
	ck_assert(copy.whole);
	strbuf_release(&out);
	copy_release(&copy);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_apply, COUNT(cases) },
		{ test_bound, 1 },
	};

	return table_run("copy", tests, COUNT(tests));
}
