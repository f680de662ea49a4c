#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "reply/reply.h"
#include "table.h"

#define LINES_MAX	40

static const struct {
	struct status	 status;
	const char	*lines[LINES_MAX];
	const char	*wire;
} good[] = {
	{ { 550, 1, 1 }, { "There is no such address here." },
	    "550 5.1.1 There is no such address here.\r\n" },
	{ { 451, 7, 1 }, { "Not yet.", "Come back." },
	    "451-4.7.1 Not yet.\r\n451 4.7.1 Come back.\r\n" },
	{ { 552, 3, 4 }, { "One.", "Two.", "Three." },
	    "552-5.3.4 One.\r\n552-5.3.4 Two.\r\n552 5.3.4 Three.\r\n" },
	{ { 550, 7, 1 }, { "192.0.2.1 is on a list" },
	    "550 5.7.1 192.0.2.1 is on a list\r\n" },
	{ { 550, 7, 1 }, { "5 of 7 checks did not pass" },
	    "550 5.7.1 5 of 7 checks did not pass\r\n" },
	{ { 550, 7, 1 }, { "1234 messages" }, "550 5.7.1 1234 messages\r\n" },
	{ { 550, 7, 1 }, { "9 percent, or 9%" },
	    "550 5.7.1 9 percent, or 9%\r\n" },
};

static size_t
count_lines(const char *const lines[])
{
	size_t n = 0;

	while (lines[n] != NULL)
		n++;
	return n;
}

START_TEST(goes_to_the_wire)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct strbuf wire = STRBUF_INIT;
	const size_t count = count_lines(good[_i].lines);
	const struct reply *reply = reply_new(arena, good[_i].status,
	    good[_i].lines, count, &diag);

	ck_assert_ptr_nonnull(reply);
	ck_assert_uint_eq(reply->count, count);
	ck_assert_ptr_ne(reply->lines[0], good[_i].lines[0]);
	reply_format(reply, &wire);
	ck_assert_str_eq(wire.text, good[_i].wire);
	strbuf_reset(&wire);
	reply_format_line(reply, count - 1, &wire);
	ck_assert_ptr_nonnull(strstr(good[_i].wire, wire.text));
	ck_assert_int_eq(wire.text[3], ' ');
	strbuf_release(&wire);
	arena_free(arena);
}
END_TEST

#define TEN	"0123456789"
#define HUNDRED	TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONGEST	"x" HUNDRED HUNDRED HUNDRED HUNDRED TEN TEN TEN TEN TEN	\
		TEN TEN TEN TEN "1234567"

static const struct {
	struct status	 status;
	const char	*lines[LINES_MAX];
	const char	*why;
} wrong[] = {
	{ { 250, 1, 5 }, { "Fine." }, "a refusal has a status like 450 4.2.1 "
	    "or 550 5.1.1, not 250 2.1.5" },
	{ { 354, 0, 0 }, { "Go on." }, "a refusal has a status like 450 4.2.1 "
	    "or 550 5.1.1, not 354 3.0.0" },
	{ { 0, 0, 0 }, { "What?" }, "a refusal has a status like 450 4.2.1 or "
	    "550 5.1.1, not 0 0.0.0" },
	{ { 550, 1000, 1 }, { "No." }, "a refusal has a status like 450 4.2.1 "
	    "or 550 5.1.1, not 550 5.1000.1" },
	{ { 550, 1, 1 }, { NULL }, "a reply has 1 to 32 lines, not 0" },
	{ { 550, 1, 1 },
	    { "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
	    "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23",
	    "24", "25", "26", "27", "28", "29", "30", "31", "32", "33" },
	    "a reply has 1 to 32 lines, not 33" },
	{ { 550, 1, 1 }, { "One.", "" }, "line 2 is empty" },
	{ { 550, 1, 1 }, { LONGEST "x" },
	    "line 1 has 499 characters, the limit is 498" },
	{ { 550, 1, 1 }, { "gr\xc3\xbc\xc3\x9f" }, "line 1 has the byte \\xc3, "
	    "and only printable ASCII may stand in a reply" },
	{ { 550, 1, 1 }, { "a\r\n250 ok" }, "line 1 has the byte \\x0d, and "
	    "only printable ASCII may stand in a reply" },
	{ { 550, 1, 1 }, { "a\tb" }, "line 1 has the byte \\x09, and only "
	    "printable ASCII may stand in a reply" },
	{ { 550, 1, 1 }, { "450 later" }, "line 1 begins with what reads as a "
	    "status code: \"450\"" },
	{ { 550, 1, 1 }, { "550-later" }, "line 1 begins with what reads as a "
	    "status code: \"550-later\"" },
	{ { 550, 1, 1 }, { "Fine.", "4.7.1 later" }, "line 2 begins with what "
	    "reads as a status code: \"4.7.1\"" },
};

START_TEST(says_what_is_wrong)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;

	ck_assert_ptr_null(reply_new(arena, wrong[_i].status, wrong[_i].lines,
	    count_lines(wrong[_i].lines), &diag));
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_str_eq(diag_first(&diag), wrong[_i].why);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

/* The longest line that is let through fits RFC 5321 with the longest codes. */
START_TEST(longest_line_fits)
{
	const char *const lines[] = { LONGEST };
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct strbuf wire = STRBUF_INIT;
	const struct reply *reply;

	ck_assert_uint_eq(strlen(lines[0]), REPLY_LINE_MAX);
	reply = reply_new(arena, (struct status){ 550, 999, 999 }, lines, 1,
	    &diag);
	ck_assert_ptr_nonnull(reply);
	reply_format(reply, &wire);
	ck_assert_uint_le(wire.len, 512 + 2);
	strbuf_release(&wire);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ goes_to_the_wire, COUNT(good) },
		{ says_what_is_wrong, COUNT(wrong) },
		{ longest_line_fits, 1 },
	};

	return table_run("reply", tests, COUNT(tests));
}
