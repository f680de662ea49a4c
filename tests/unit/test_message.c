/* What message.c keeps, counts and remembers. */
#include "base/arena.h"
#include "base/strbuf.h"
#include "policy/header.h"
#include "policy/message.h"
#include "table.h"

static const struct message_limits limits = {
	.body_bytes_max = 1000,
	.mime = { .parts_max = 10, .depth_max = 5, .text_bytes_max = 1000 }
};

static struct arena *arena;
static struct message *message;

static void
begin(void)
{
	arena = arena_new();
	message = message_new(arena, &limits);
}

static void
end(void)
{
	arena_free(arena);
}

static void
ck_row(const struct texts *texts, const char *expected)
{
	struct strbuf out = STRBUF_INIT;

	for (size_t n = 0; n < texts->count; n++)
		strbuf_addf(&out, "%s%s", n > 0 ? "|" : "",
		    texts->items[n].bytes);
	if (!texts->complete)
		strbuf_adds(&out, "|...");
	ck_assert_str_eq(out.text, expected);
	strbuf_release(&out);
}

static void
ck_fields(const char *name, bool raw, const char *expected)
{
	struct texts texts = message_fields(message, name, raw);

	ck_row(&texts, expected);
}

static void
add_body(const char *text)
{
	message_add_body(message, text, strlen(text), true);
}

static const struct {
	const char *value;		/* as from the MTA */
	const char *raw;
	const char *decoded;
	unsigned size_bytes;		/* of "X: value", CR and LF */
} values[] = {
	{ "a b", "a b", "a b", 8 },
	{ " a", "a", "a", 6 },
	{ "", "", "", 5 },
	{ "a\n\tb", "a\tb", "a\tb", 10 },
	{ "a\r\n b", "a b", "a b", 10 },
	{ "a\nb", "a b", "a b", 9 },
	{ "a \n ", "a", "a", 10 },
	{ "=?utf-8?q?=C3=A4?=\n =?utf-8?q?b?=",
	    "=?utf-8?q?=C3=A4?= =?utf-8?q?b?=", "äb", 39 },
	{ "\xe4", "\xe4", "ä", 6 }
};

START_TEST(reads_value)
{
	begin();
	message_add_field(message, "X", values[_i].value);
	ck_fields("X", true, values[_i].raw);
	ck_fields("x", false, values[_i].decoded);
	ck_assert_uint_eq(message_size_bytes(message),
	    values[_i].size_bytes + 2);
	end();
}
END_TEST

static const struct {
	const char *name;
	const char *fields[3];
	const char *domain;
} froms[] = {
	{ "one", { "Ann <a@Example.org>" }, "example.org" },
	{ "none", { NULL }, "" },
	{ "two fields", { "a@example.org", "a@example.org" }, "" },
	{ "folded", { "=?utf-8?q?Ann?=\n <a@example.org>" }, "example.org" }
};

START_TEST(knows_from_domain)
{
	begin();
	for (size_t n = 0; froms[_i].fields[n] != NULL; n++)
		message_add_field(message, "FROM", froms[_i].fields[n]);
	ck_assert_str_eq(message_from_domain(message).bytes,
	    froms[_i].domain);
	ck_assert_str_eq(message_from_domain(message).bytes,
	    froms[_i].domain);
	end();
}
END_TEST

START_TEST(finds_fields_by_name)
{
	begin();
	message_add_field(message, "Received", "one");
	message_add_field(message, "received", "two");
	message_add_field(message, "Receive", "three");
	ck_assert_uint_eq(message_count_fields(message, "RECEIVED"), 2);
	ck_fields("Received", true, "one|two");
	ck_fields("Received", false, "one|two");
	ck_fields("Sender", true, "");
	/* What was remembered must not hide what came after. */
	message_add_field(message, "Received", "four");
	ck_fields("Received", true, "one|two|four");
	end();
}
END_TEST

START_TEST(remembers)
{
	struct texts first, again;

	begin();
	message_add_field(message, "Subject", "=?utf-8?q?a?=");
	add_body("hello");
	first = message_fields(message, "Subject", false);
	again = message_fields(message, "subject", false);
	ck_assert_ptr_eq(first.items, again.items);
	first = message_bodies(message);
	message_attachments(message);
	again = message_bodies(message);
	ck_assert_ptr_eq(first.items, again.items);
	end();
}
END_TEST

START_TEST(walks_body)
{
	struct texts texts;

	begin();
	message_add_field(message, "Subject", "x");
	message_add_field(message, "Content-Type",
	    "multipart/mixed;\n\tboundary=b");
	add_body("--b\r\n\r\nhel");
	add_body("lo\r\n--b\r\nContent-Type: a/b; name=a.exe\r\n\r\n");
	add_body("x\r\n--b--\r\n");
	texts = message_bodies(message);
	ck_row(&texts, "hello");
	texts = message_attachments(message);
	ck_row(&texts, "a.exe");
	ck_assert_uint_eq(message_size_bytes(message), strlen(
	    "Subject: x\r\n"
	    "Content-Type: multipart/mixed;\r\n\tboundary=b\r\n"
	    "\r\n"
	    "--b\r\n\r\nhello\r\n--b\r\nContent-Type: a/b; name=a.exe\r\n"
	    "\r\nx\r\n--b--\r\n"));
	end();
}
END_TEST

START_TEST(has_no_body)
{
	struct texts texts;

	begin();
	message_add_field(message, "Content-Type", "a/b; name=a.exe");
	texts = message_attachments(message);
	ck_row(&texts, "a.exe");
	texts = message_bodies(message);
	ck_row(&texts, "");
	end();
}
END_TEST

START_TEST(cuts_body)
{
	struct texts texts;
	char piece[600];

	begin();
	memset(piece, 'x', sizeof(piece));
	message_add_body(message, piece, sizeof(piece), true);
	message_add_body(message, piece, sizeof(piece), true);
	message_add_body(message, piece, sizeof(piece), true);
	ck_assert_uint_eq(message_size_bytes(message), 1802);
	texts = message_bodies(message);
	ck_assert_uint_eq(texts.count, 1);
	ck_assert_uint_eq(texts.items[0].len, 1000);
	ck_assert(!texts.complete);
	ck_assert(!message_attachments(message).complete);
	end();
}
END_TEST

START_TEST(only_counts)
{
	struct texts texts;

	begin();
	message_add_body(message, "abc", 3, false);
	ck_assert_uint_eq(message_size_bytes(message), 5);
	texts = message_bodies(message);
	ck_row(&texts, "|...");
	end();
}
END_TEST

/* As it was on the wire: "X: ", the value with CRLF at its folds, CRLF. */
static const struct {
	const char *value;
	size_t bytes;
} sizes[] = {
	{ "", 5 },
	{ "abc", 8 },
	{ " abc", 8 },			/* with its own space */
	{ "a\n b", 5 + 5 },
	{ "a\r\n b", 5 + 5 },
	{ "\n b", 5 + 4 },
	{ "a\n\tb\n\tc", 5 + 9 },
};

START_TEST(counts_folds)
{
	begin();
	message_add_field(message, "X", sizes[_i].value);
	ck_assert_uint_eq(message_size_bytes(message), sizes[_i].bytes + 2);
	end();
}
END_TEST

START_TEST(bounds_fields)
{
	struct texts texts;

	begin();
	for (size_t n = 0; n < MESSAGE_FIELDS_MAX + 10; n++)
		message_add_field(message, "X", "y");
	texts = message_fields(message, "X", true);
	ck_assert_uint_eq(texts.count, MESSAGE_FIELDS_MAX);
	ck_assert(!texts.complete);
	ck_assert(!message_bodies(message).complete);
	ck_assert_uint_eq(message_size_bytes(message),
	    (MESSAGE_FIELDS_MAX + 10) * 6 + 2);
	end();
}
END_TEST

START_TEST(bounds_words)
{
	struct strbuf value = STRBUF_INIT;

	begin();
	for (size_t n = 0; n <= HEADER_RUNS_MAX; n++)
		strbuf_adds(&value, n % 2 == 0 ? "=?koi8-r?q?a?=" :
		    "=?cp1251?q?b?=");
	message_add_field(message, "Subject", value.text);
	message_add_field(message, "X", "=?koi8-r?q?a?=");
	ck_assert(message_fields(message, "Subject", true).complete);
	ck_assert(!message_fields(message, "Subject", false).complete);
	message_add_field(message, "Y", "z");
	ck_assert(!message_fields(message, "Subject", false).complete);
	ck_fields("X", false, "a");
	strbuf_release(&value);
	end();
}
END_TEST

START_TEST(bounds_header_bytes)
{
	static char value[MESSAGE_HEADER_BYTES_MAX / 2];

	begin();
	memset(value, 'x', sizeof(value) - 1);
	message_add_field(message, "A", value);
	message_add_field(message, "B", value);
	message_add_field(message, "C", "small");
	message_add_field(message, "Received", "kept");
	message_add_field(message, "received", value);
	/* Hops count all the same, for a mail that goes round must end. */
	ck_assert_uint_eq(message_count_fields(message, "Received"), 2);
	ck_fields("Received", true, "kept|...");
	ck_fields("B", true, "|...");
	ck_fields("C", true, "small|...");
	end();
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ reads_value, COUNT(values) },
		{ knows_from_domain, COUNT(froms) },
		{ finds_fields_by_name, 1 },
		{ remembers, 1 },
		{ walks_body, 1 },
		{ has_no_body, 1 },
		{ cuts_body, 1 },
		{ only_counts, 1 },
		{ counts_folds, COUNT(sizes) },
		{ bounds_fields, 1 },
		{ bounds_words, 1 },
		{ bounds_header_bytes, 1 },
	};

	return table_run("message", tests, COUNT(tests));
}
