/* Packets of the milter protocol, byte for byte. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/ip.h"
#include "base/strbuf.h"
#include "wire/milter.h"
#include "table.h"

/* A literal and its length without the NUL that C adds. */
#define BYTES(literal)	literal, sizeof(literal) - 1

#define ASSERT_BYTES(out, literal) do { \
	ck_assert_uint_eq((out).len, sizeof(literal) - 1); \
	ck_assert_mem_eq((out).text, literal, sizeof(literal) - 1); \
} while (0)

START_TEST(test_write_negotiate)
{
	static const struct {
		unsigned	version;
		const char	want[18];
	} cases[] = {
		{ 6, "\0\0\0\15O\0\0\0\6\0\0\1\377\0\37\377\377" },
		{ 5, "\0\0\0\15O\0\0\0\5\0\0\0\77\0\0\3\177" },
		{ 4, "\0\0\0\15O\0\0\0\4\0\0\0\77\0\0\3\177" },
		{ 3, "\0\0\0\15O\0\0\0\3\0\0\0\77\0\0\1\177" },
		{ 2, "\0\0\0\15O\0\0\0\2\0\0\0\77\0\0\0\177" },
	};

	for (int i = 0; i < COUNT(cases); i++) {
		const struct milter_terms terms = {
			.version = cases[i].version,
			.actions = 0xffffffffu,
			.steps = 0xffffffffu,
		};
		struct strbuf out = STRBUF_INIT;

		milter_write_negotiate(&out, &terms);
		ck_assert_uint_eq(out.len, 17);
		ck_assert_mem_eq(out.text, cases[i].want, 17);
		strbuf_release(&out);
	}
}
END_TEST

START_TEST(test_write_macros)
{
	static const struct milter_macro macros[] = {
		{ "i", "4Fz1" },
		{ "auth_authen", "" },
	};
	struct strbuf out = STRBUF_INIT;

	milter_write_macros(&out, MILTER_MAIL, macros, COUNT(macros));
	ASSERT_BYTES(out, "\0\0\0\30DMi\0004Fz1\0{auth_authen}\0\0");
	strbuf_reset(&out);
	milter_write_macros(&out, MILTER_RCPT, NULL, 0);
	ASSERT_BYTES(out, "\0\0\0\2DR");
	strbuf_release(&out);
}
END_TEST

static const struct {
	const char	*name;
	const char	*ip;		/* NULL: none */
	unsigned	 port;
	const char	*want;
	size_t		 len;
} connects[] = {
	{ "inet", "192.0.2.1", 51234,
	    BYTES("\0\0\0\20Cm\0004\310\042192.0.2.1\0") },
	{ "inet6", "2001:db8::1", 25,
	    BYTES("\0\0\0\22Cm\0006\0\0312001:db8::1\0") },
	{ "no port", "192.0.2.1", 0,
	    BYTES("\0\0\0\20Cm\0004\0\000192.0.2.1\0") },
	{ "unknown", NULL, 25, BYTES("\0\0\0\4Cm\0U") },
	{ "no address", "", 25, BYTES("\0\0\0\4Cm\0U") },
};

START_TEST(test_write_connect)
{
	struct strbuf out = STRBUF_INIT;
	struct ip ip = { .family = 0 };

	if (connects[_i].ip != NULL)
		ip_parse(&ip, connects[_i].ip);
	milter_write_connect(&out, "m", connects[_i].ip != NULL ? &ip : NULL,
	    connects[_i].port);
	ck_assert_uint_eq(out.len, connects[_i].len);
	ck_assert_mem_eq(out.text, connects[_i].want, out.len);
	strbuf_release(&out);
}
END_TEST

START_TEST(test_write_others)
{
	static const char *const mail[] = { "<a@example.com>", "SIZE=9" };
	static const char *const header[] = { "Subject", "" };
	struct strbuf out = STRBUF_INIT;

	milter_write_texts(&out, MILTER_MAIL, mail, COUNT(mail));
	ASSERT_BYTES(out, "\0\0\0\30M<a@example.com>\0SIZE=9\0");
	strbuf_reset(&out);
	milter_write_texts(&out, MILTER_HEADER, header, COUNT(header));
	ASSERT_BYTES(out, "\0\0\0\12LSubject\0\0");
	strbuf_reset(&out);
	milter_write_bytes(&out, MILTER_BODY, "a\0b\r\n", 5);
	milter_write_bytes(&out, MILTER_END, NULL, 0);
	milter_write(&out, MILTER_QUIT);
	ASSERT_BYTES(out, "\0\0\0\6Ba\0b\r\n\0\0\0\1E\0\0\0\1Q");
	strbuf_release(&out);
}
END_TEST

START_TEST(test_write_large)
{
	struct strbuf out = STRBUF_INIT;
	unsigned char *body = calloc(1, MILTER_BODY_BYTES_MAX);
	struct diag diag = DIAG_INIT;
	size_t len;

	milter_write_bytes(&out, MILTER_BODY, body, MILTER_BODY_BYTES_MAX);
	ck_assert_mem_eq(out.text, "\0\1\0\0B", 5);
	ck_assert_int_eq(milter_read_head((const unsigned char *)out.text,
	    &len, &diag), 0);
	ck_assert_uint_eq(len + MILTER_HEAD_BYTES, out.len);
	free(body);
	strbuf_release(&out);
}
END_TEST

static const struct {
	unsigned char	 head[MILTER_HEAD_BYTES];
	size_t		 len;		/* 0: refused */
	const char	*why;
} heads[] = {
	{ { 0, 0, 0, 1 }, 1, "" },
	{ { 0, 1, 0, 0 }, 65536, "" },
	{ { 0, 16, 0, 0 }, MILTER_PACKET_BYTES_MAX, "" },
	{ { 0, 0, 0, 0 }, 0, "a packet of 0 bytes" },
	{ { 0, 16, 0, 1 }, 0, "a packet of 1048577 bytes, more than the "
	    "1048576 that are taken" },
	{ { 255, 255, 255, 255 }, 0, "a packet of 4294967295 bytes, more than "
	    "the 1048576 that are taken" },
};

START_TEST(test_head)
{
	struct diag diag = DIAG_INIT;
	size_t len = 0;

	ck_assert_int_eq(milter_read_head(heads[_i].head, &len, &diag),
	    heads[_i].len > 0 ? 0 : -1);
	ck_assert_uint_eq(len, heads[_i].len);
	ck_assert_str_eq(diag_first(&diag), heads[_i].why);
	diag_release(&diag);
}
END_TEST

static const struct {
	const char	*bytes;
	size_t		 len;
	const char	*text[2];
	uint32_t	 index;
} answers[] = {
	{ BYTES("+<a@example.com>\0"), { "<a@example.com>", "" }, 0 },
	{ BYTES("-<a@example.com>\0"), { "<a@example.com>", "" }, 0 },
	{ BYTES("2<a@example.com>\0"), { "<a@example.com>", "" }, 0 },
	{ BYTES("2<a@example.com>\0NOTIFY=NEVER\0"),
	    { "<a@example.com>", "NOTIFY=NEVER" }, 0 },
	{ BYTES("4"), { "", "" }, 0 },
	{ BYTES("a"), { "", "" }, 0 },
	{ BYTES("c"), { "", "" }, 0 },
	{ BYTES("d"), { "", "" }, 0 },
	{ BYTES("e<>\0"), { "<>", "" }, 0 },
	{ BYTES("e<>\0RET=HDRS\0"), { "<>", "RET=HDRS" }, 0 },
	{ BYTES("f"), { "", "" }, 0 },
	{ BYTES("hX-A\0b\n\tc\0"), { "X-A", "b\n\tc" }, 0 },
	{ BYTES("hX-A\0\0"), { "X-A", "" }, 0 },
	{ BYTES("i\0\0\0\0X-A\0b\0"), { "X-A", "b" }, 0 },
	{ BYTES("m\200\0\1\2X-A\0\0"), { "X-A", "" }, 0x80000102u },
	{ BYTES("p"), { "", "" }, 0 },
	{ BYTES("qheld\0"), { "held", "" }, 0 },
	{ BYTES("qheld"), { "held", "" }, 0 },
	{ BYTES("r"), { "", "" }, 0 },
	{ BYTES("s"), { "", "" }, 0 },
	{ BYTES("t"), { "", "" }, 0 },
	{ BYTES("y550 5.7.1 No.\0"), { "550 5.7.1 No.", "" }, 0 },
	{ BYTES("y550 5.7.1 No.\0junk"), { "550 5.7.1 No.", "" }, 0 },
	{ BYTES("y550 5.7.1 No."), { "550 5.7.1 No.", "" }, 0 },
	{ BYTES("y"), { "", "" }, 0 },
};

/* Exactly as long as said, for ASan. */
static unsigned char *
exact(const char *bytes, size_t len)
{
	unsigned char *copy = malloc(len > 0 ? len : 1);

	memcpy(copy, bytes, len);
	return copy;
}

START_TEST(test_read)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	unsigned char *packet = exact(answers[_i].bytes, answers[_i].len);
	struct milter_said said;

	ck_assert_msg(milter_read(&said, arena, packet, answers[_i].len,
	    &diag) == 0, "%s", diag_first(&diag));
	free(packet);		/* texts are copies */
	ck_assert_int_eq(said.answer, answers[_i].bytes[0]);
	ck_assert_str_eq(said.text[0], answers[_i].text[0]);
	ck_assert_str_eq(said.text[1], answers[_i].text[1]);
	ck_assert_uint_eq(said.index, answers[_i].index);
	ck_assert_uint_eq(said.len, 0);
	arena_free(arena);
}
END_TEST

START_TEST(test_read_body)
{
	static const unsigned char packet[] = { 'b', 'x', 0, 'y' };
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct milter_said said;

	for (size_t len = 1; len <= sizeof(packet); len++) {
		ck_assert_int_eq(milter_read(&said, arena, packet, len, &diag),
		    0);
		ck_assert_int_eq(said.answer, MILTER_REPLACE_BODY);
		ck_assert_ptr_eq(said.bytes, packet + 1);
		ck_assert_uint_eq(said.len, len - 1);
	}
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*bytes;
	size_t		 len;
	const char	*why;
} bad[] = {
	{ BYTES(""), "a packet of 0 bytes" },
	{ BYTES("z"), "answer \"z\": there is no such answer" },
	{ BYTES("\7"), "answer \"0x07\": there is no such answer" },
	{ BYTES("\377x"), "answer \"0xff\": there is no such answer" },
	{ BYTES("l\0\0\0\0i\0"), "answer \"l\": there is no such answer" },
	{ BYTES("O\0\0\0\6\0\0\0\0\0\0\0\0"), "answer \"O\": there is no such "
	    "answer" },
	{ BYTES("c\0"), "answer \"c\": 1 bytes too many" },
	{ BYTES("txyz"), "answer \"t\": 3 bytes too many" },
	{ BYTES("+"), "answer \"+\": a text is missing" },
	{ BYTES("+a"), "answer \"+\": a text without its end" },
	{ BYTES("+a\0b\0"), "answer \"+\": 2 bytes too many" },
	{ BYTES("2a\0b"), "answer \"2\": a text without its end" },
	{ BYTES("2a\0b\0c"), "answer \"2\": 1 bytes too many" },
	{ BYTES("e"), "answer \"e\": a text is missing" },
	{ BYTES("hX-A\0"), "answer \"h\": a text is missing" },
	{ BYTES("hX-A\0b"), "answer \"h\": a text without its end" },
	{ BYTES("hX-A\0b\0c\0"), "answer \"h\": 2 bytes too many" },
	{ BYTES("i\0\0\0"), "answer \"i\": the packet ends within a number" },
	{ BYTES("m\0\0\0\1"), "answer \"m\": a text is missing" },
	{ BYTES("m\0\0\0\1X-A\0b"), "answer \"m\": a text without its end" },
};

START_TEST(test_read_bad)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	unsigned char *packet = exact(bad[_i].bytes, bad[_i].len);
	struct milter_said said = { .index = 7 };

	ck_assert_int_eq(milter_read(&said, arena, packet, bad[_i].len, &diag),
	    -1);
	ck_assert_str_eq(diag_first(&diag), bad[_i].why);
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_uint_eq(said.index, 7);
	free(packet);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

static const struct {
	unsigned	 offered;	/* version, with all of its bits */
	const char	*bytes;
	size_t		 len;
	unsigned	 version;
	uint32_t	 actions, steps;
} agreed[] = {
	{ 6, BYTES("O\0\0\0\6\0\0\1\1\0\20\0\200"), 6, 0x101, 0x100080 },
	{ 6, BYTES("O\0\0\0\6\0\0\0\0\377\377\377\377"), 6, 0, 0x1fffff },
	{ 6, BYTES("O\0\0\0\4\0\0\0\1\0\0\0\1"), 4, 1, 0x001 },
	{ 6, BYTES("O\0\0\0\3\0\0\0\1\0\0\0\1"), 3, 1, 0x201 },
	{ 6, BYTES("O\0\0\0\2\0\0\0\77\0\0\0\120"), 2, 0x3f, 0x350 },
	{ 2, BYTES("O\0\0\0\2\0\0\0\77\0\37\377\377"), 2, 0x3f, 0x37f },
	{ 4, BYTES("O\0\0\0\4\0\0\0\0\0\20\0\200"), 4, 0, 0 },
};

START_TEST(test_terms)
{
	const struct milter_terms offered = {
		.version = agreed[_i].offered,
		.actions = MILTER_MAY_ALL,
		.steps = 0xffffffffu,
	};
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct milter_terms terms;

	ck_assert_msg(milter_read_terms(&terms, arena, &offered,
	    (const unsigned char *)agreed[_i].bytes, agreed[_i].len,
	    &diag) == 0, "%s", diag_first(&diag));
	ck_assert_uint_eq(terms.version, agreed[_i].version);
	ck_assert_uint_eq(terms.actions, agreed[_i].actions);
	ck_assert_uint_eq(terms.steps, agreed[_i].steps);
	for (int place = 0; place < MILTER_PLACE_COUNT; place++)
		ck_assert_ptr_null(terms.symbols[place]);
	arena_free(arena);
}
END_TEST

START_TEST(test_symbols)
{
	static const char packet[] = "O\0\0\0\6\0\0\0\0\0\0\0\0"
	    "\0\0\0\2i {auth_authen}\0" "\0\0\0\6\0" "\0\0\0\7{x}\0"
	    "\377\377\377\377{y}\0" "\0\0\0\0j\0";
	const struct milter_terms offered = { .version = 6 };
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct milter_terms terms;

	ck_assert_msg(milter_read_terms(&terms, arena, &offered,
	    (const unsigned char *)packet, sizeof(packet) - 1, &diag) == 0,
	    "%s", diag_first(&diag));
	ck_assert_str_eq(terms.symbols[MILTER_AT_MAIL], "i {auth_authen}");
	ck_assert_str_eq(terms.symbols[MILTER_AT_END_OF_HEADERS], "");
	ck_assert_str_eq(terms.symbols[MILTER_AT_CONNECT], "j");
	ck_assert_ptr_null(terms.symbols[MILTER_AT_HELO]);
	ck_assert_ptr_null(terms.symbols[MILTER_AT_END]);
	arena_free(arena);
}
END_TEST

#define GOOD_TERMS	"O\0\0\0\6\0\0\0\0\0\0\0\0"

static const struct {
	const char	*bytes;
	size_t		 len;
	const char	*why;
} refused[] = {
	{ BYTES(""), "a packet of 0 bytes" },
	{ BYTES("c"), "answer \"c\" where the terms are due" },
	{ BYTES("O"), "the terms are cut short: 0 bytes of 12" },
	{ BYTES("O\0\0\0\6\0\0\0\0\0\0\0"), "the terms are cut short: 11 bytes "
	    "of 12" },
	{ BYTES("O\0\0\0\1\0\0\0\0\0\0\0\0"), "it wants version 1 of the "
	    "protocol; we offer 2 to 6" },
	{ BYTES("O\0\0\0\7\0\0\0\0\0\0\0\0"), "it wants version 7 of the "
	    "protocol; we offer 2 to 6" },
	{ BYTES("O\377\377\377\377\0\0\0\0\0\0\0\0"), "it wants version "
	    "4294967295 of the protocol; we offer 2 to 6" },
	{ BYTES("O\0\0\0\6\0\0\0\23\0\0\0\0"), "it wants the actions 0x13, of "
	    "which 0x10 are not offered" },
	{ BYTES(GOOD_TERMS "\0\0\0"), "answer \"O\": the packet ends within a "
	    "number" },
	{ BYTES(GOOD_TERMS "\0\0\0\0"), "answer \"O\": a text is missing" },
	{ BYTES(GOOD_TERMS "\0\0\0\0i"), "answer \"O\": a text without its "
	    "end" },
};

START_TEST(test_terms_bad)
{
	const struct milter_terms offered = { .version = 6, .actions = 0xf };
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	unsigned char *packet = exact(refused[_i].bytes, refused[_i].len);
	struct milter_terms terms = { .version = 99 };

	ck_assert_int_eq(milter_read_terms(&terms, arena, &offered, packet,
	    refused[_i].len, &diag), -1);
	ck_assert_str_eq(diag_first(&diag), refused[_i].why);
	ck_assert_uint_eq(terms.version, 99);
	free(packet);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

/* What an old version does not have is not offered, and so not to be had. */
START_TEST(test_old_version_lacks_actions)
{
	const struct milter_terms offered = {
		.version = 2,
		.actions = MILTER_MAY_ALL,
	};
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct milter_terms terms;

	ck_assert_int_eq(milter_read_terms(&terms, arena, &offered,
	    (const unsigned char *)"O\0\0\0\2\0\0\0\100\0\0\0\0", 13, &diag),
	    -1);
	ck_assert_str_eq(diag_first(&diag), "it wants the actions 0x40, of "
	    "which 0x40 are not offered");
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

/* What we offer, a filter that wants all of it sends back. */
START_TEST(test_round_trip)
{
	const struct milter_terms offered = {
		.version = 6,
		.actions = MILTER_MAY_ALL,
		.steps = MILTER_NO_HELO | MILTER_QUIET_RCPT,
	};
	struct strbuf out = STRBUF_INIT;
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct milter_terms terms;

	milter_write_negotiate(&out, &offered);
	ck_assert_int_eq(milter_read_terms(&terms, arena, &offered,
	    (const unsigned char *)out.text + MILTER_HEAD_BYTES,
	    out.len - MILTER_HEAD_BYTES, &diag), 0);
	ck_assert_uint_eq(terms.version, 6);
	ck_assert_uint_eq(terms.actions, offered.actions);
	ck_assert_uint_eq(terms.steps, offered.steps);
	strbuf_release(&out);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_write_negotiate, 1 },
		{ test_write_macros, 1 },
		{ test_write_connect, COUNT(connects) },
		{ test_write_others, 1 },
		{ test_write_large, 1 },
		{ test_head, COUNT(heads) },
		{ test_read, COUNT(answers) },
		{ test_read_body, 1 },
		{ test_read_bad, COUNT(bad) },
		{ test_terms, COUNT(agreed) },
		{ test_symbols, 1 },
		{ test_terms_bad, COUNT(refused) },
		{ test_old_version_lacks_actions, 1 },
		{ test_round_trip, 1 },
	};

	return table_run("milter", tests, COUNT(tests));
}
