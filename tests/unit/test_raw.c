#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "reply/raw.h"
#include "reply/reply.h"
#include "table.h"

/* What is expected of a line: "CODE CLASS.SUBJECT.DETAIL SIZE|text". */
static void
line_show(const struct raw_line *line, struct strbuf *out)
{
	strbuf_addf(out, "%u ", line->code);
	if (line->enhanced)
		strbuf_addf(out, "%u.%u.%u ", line->class, line->subject,
		    line->detail);
	strbuf_addf(out, "%zu|%s\n", line->size_bytes, line->text);
}

#define RAW(text)	text, sizeof(text) - 1

static const struct {
	const char	*name;
	const char	*text;
	size_t		 len;
	const char	*lines;
} cases[] = {
	{ "one line", RAW("550 5.1.1 No such address"),
	    "550 5.1.1 27|No such address\n" },
	{ "with CRLF", RAW("550 5.1.1 No such address\r\n"),
	    "550 5.1.1 27|No such address\n" },
	{ "CRLF between", RAW("550-5.1.1 a\r\n550 5.1.1 b\r\n"),
	    "550 5.1.1 13|a\n550 5.1.1 13|b\n" },
	{ "LF between", RAW("550-5.1.1 a\n550 5.1.1 b\n"),
	    "550 5.1.1 13|a\n550 5.1.1 13|b\n" },
	{ "CRLF written out", RAW("550-5.1.1 a\\r\\n550 5.1.1 b"),
	    "550 5.1.1 13|a\n550 5.1.1 13|b\n" },
	{ "empty lines around", RAW("\r\n\n  550 5.1.1 a\n\n \n"),
	    "550 5.1.1 15|a\n" },
	{ "empty line within", RAW("550-a\n\n550 b\n"),
	    "550 7|a\n0 2|\n550 7|b\n" },
	{ "no enhanced code", RAW("550 User unknown"),
	    "550 18|User unknown\n" },
	{ "code alone", RAW("550"), "550 5|\n" },
	{ "codes alone", RAW("550 5.1.1"), "550 5.1.1 11|\n" },
	{ "no codes", RAW("Mail refused"), "0 14|Mail refused\n" },
	{ "enhanced alone", RAW("5.1.1 No such address"),
	    "0 5.1.1 23|No such address\n" },
	{ "other class", RAW("550 4.7.1 a"), "550 4.7.1 13|a\n" },
	{ "no class at all", RAW("550 7.7.1 a"), "550 7.7.1 13|a\n" },
	{ "version is no code", RAW("1.2.3 is old"), "0 14|1.2.3 is old\n" },
	{ "address is no code", RAW("550 192.0.2.1 is on a list"),
	    "550 28|192.0.2.1 is on a list\n" },
	{ "address like a code", RAW("550 5.1.1.1 is on a list"),
	    "550 26|5.1.1.1 is on a list\n" },
	{ "host is no code", RAW("550 5.1.1x a"), "550 14|5.1.1x a\n" },
	{ "code too long", RAW("550 5.1.1000 a"), "550 16|5.1.1000 a\n" },
	{ "number is no code", RAW("5500 a"), "0 8|5500 a\n" },
	{ "unknown code", RAW("591 a"), "591 7|a\n" },
	{ "colon behind", RAW("550 5.7.1: a"), "550 5.7.1 14|a\n" },
	{ "two blanks", RAW("550  5.7.1  a"), "550 5.7.1 15|a\n" },
	{ "hash at the start", RAW("550 #5.1.0 Address refused."),
	    "550 5.1.0 29|Address refused.\n" },
	{ "hash at the end", RAW("550 no mailbox of that name (#5.1.1)"),
	    "550 5.1.1 38|no mailbox of that name\n" },
	{ "hash and more", RAW("550 no (#5.1.1 - x)"),
	    "550 21|no (#5.1.1 - x)\n" },
	{ "hash in the middle", RAW("550 no (#5.1.1) mailbox"),
	    "550 25|no (#5.1.1) mailbox\n" },
	{ "codes differ", RAW("550-5.1.1 a\r\n451 4.3.0 b"),
	    "550 5.1.1 13|a\n451 4.3.0 13|b\n" },
	{ "NUL", RAW("550 a\0b"), "550 9|a\001b\n" },
	{ "any bytes", RAW("550 \xff\x80\x7f\x01"),
	    "550 10|\xff\x80\x7f\x01\n" },
	{ "nothing", RAW(""), "" },
	{ "only line ends", RAW("\r\n\r\n\n"), "" },
	{ "lone CR", RAW("550 a\rb"), "550 9|a\rb\n" },
};

START_TEST(reads)
{
	struct arena *arena = arena_new();
	struct strbuf shown = STRBUF_INIT;
	struct raw_reply raw = raw_parse(arena, cases[_i].text, cases[_i].len);

	for (size_t i = 0; i < raw.count; i++)
		line_show(&raw.lines[i], &shown);
	ck_assert_msg(strcmp(shown.text, cases[_i].lines) == 0,
	    "%s: \"%s\"", cases[_i].name, shown.text);
	strbuf_release(&shown);
	arena_free(arena);
}
END_TEST

START_TEST(bounded)
{
	const size_t len = 4 * RAW_BYTES_MAX;
	struct arena *arena = arena_new();
	struct strbuf text = STRBUF_INIT;
	struct raw_reply raw;

	for (size_t i = 0; i < len; i++)
		strbuf_addch(&text, 'a');
	raw = raw_parse(arena, text.text, len);
	ck_assert_uint_eq(raw.count, 1);
	ck_assert_uint_eq(strlen(raw.lines[0].text), RAW_BYTES_MAX);

	strbuf_reset(&text);
	for (size_t i = 0; i < 2 * RAW_LINES_MAX; i++)
		strbuf_adds(&text, "550-a\n");
	raw = raw_parse(arena, text.text, text.len);
	ck_assert_uint_eq(raw.count, RAW_LINES_MAX);
	strbuf_release(&text);
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*text, *codes;
	bool		 refuses;
} replies[] = {
	{ "550 5.7.1 a", "550 5.7.1", true },
	{ "550 a", "550", true },
	{ "5.1.1 a", "5.1.1", true },
	{ "a", "", true },
	{ "", "", false },
	{ "451-a\n550 5.7.1 b", "451 5.7.1", true },
	{ "a\n550 4.7.1 b\n554 5.7.1 c", "550 4.7.1", true },
	{ "554 9.999.999 a", "554 9.999.999", true },
	{ "250 2.0.0 a", "250 2.0.0", false },
	{ "354 a", "354", false },
	{ "2.1.5 a", "2.1.5", false },
	{ "250 5.7.1 a", "250 5.7.1", true },
};

START_TEST(tells_codes)
{
	struct arena *arena = arena_new();
	const char *text = replies[_i].text;
	const struct raw_reply raw = raw_parse(arena, text, strlen(text));
	char codes[RAW_CODES_MAX];

	ck_assert_uint_eq(raw_codes_format(raw_codes(&raw), codes),
	    strlen(replies[_i].codes));
	ck_assert_str_eq(codes, replies[_i].codes);
	ck_assert_int_eq(raw_refuses(&raw), replies[_i].refuses);
	arena_free(arena);
}
END_TEST

/* What we write reads back as it was. */
START_TEST(ours_reads_back)
{
	const char *const lines[] = { "First.", "Second." };
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct strbuf wire = STRBUF_INIT, a = STRBUF_INIT, b = STRBUF_INIT;
	const struct reply *reply = reply_new(arena,
	    (struct status){ 556, 1, 10 }, lines, 2, &diag);
	struct raw_reply ours = raw_from_reply(arena, reply), read;

	reply_format(reply, &wire);
	read = raw_parse(arena, wire.text, wire.len);
	ck_assert_uint_eq(read.count, ours.count);
	for (size_t i = 0; i < read.count; i++) {
		line_show(&ours.lines[i], &a);
		line_show(&read.lines[i], &b);
	}
	ck_assert_str_eq(a.text, b.text);
	strbuf_release(&wire);
	strbuf_release(&a);
	strbuf_release(&b);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ reads, COUNT(cases) },
		{ bounded, 1 },
		{ tells_codes, COUNT(replies) },
		{ ours_reads_back, 1 },
	};

	return table_run("raw", tests, COUNT(tests));
}
