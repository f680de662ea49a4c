#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/strbuf.h"
#include "policy/list.h"
#include "policy/matcher.h"
#include "table.h"

static const struct place here = { .file = "test.conf", .line = 3 };

/* The sources of all entries with their lines: "1 a|3 b". */
static void
describe(const struct list *list, struct strbuf *out)
{
	for (uint32_t n = 0; n < matcher_count(list->matcher); n++)
		strbuf_addf(out, "%s%u %s", n == 0 ? "" : "|",
		    matcher_place(list->matcher, n).line,
		    matcher_source(list->matcher, n));
}

/* Adds a file's text in pieces of so many bytes. */
static int
read_text(struct lists *lists, struct list *list, const char *text, size_t len,
    size_t piece, const char *file, struct diag *diag)
{
	struct list_reader *reader = list_reader_new(lists, list, file, diag);

	while (len > 0) {
		size_t take = len < piece ? len : piece;

		list_reader_add(reader, text, take);
		text += take;
		len -= take;
	}
	return list_reader_end(reader);
}

#define TEXT(literal)	.text = literal, .len = sizeof(literal) - 1

static const struct {
	const char	*text;
	size_t		 len;
	const char	*entries;
	const char	*messages;
} files[] = {
	{ TEXT(""), "", "" },
	{ TEXT("a.example\nb.example\n"), "1 a.example|2 b.example", "" },
	{ TEXT("a.example\r\n\r\n  b.example  \r\nlast"),
	    "1 a.example|3 b.example|4 last", "" },
	{ TEXT("\xef\xbb\xbf# hosts\n\t#more\na #b\na#c # d\n"),
	    "3 a|4 a#c", "" },
	{ TEXT("a\nA\na\n"), "1 a", "" },
	{ TEXT("/a b/\n.x\n*@y # z"), "1 /a b/|2 .x|3 *@y", "" },
	{ TEXT("a\0b\nok\n@x\n192.0.2.1/8\n/(/\n"), "2 ok",
	    "F:1: error: this line has a NUL byte\n"
	    "F:3: error: \"@x\": a list cannot hold another list\n"
	    "F:4: error: \"192.0.2.1/8\" has bits set behind its prefix; "
	    "write 192.0.0.0/8\n"
	    "F:5: error: regular expression: missing closing parenthesis, at "
	    "offset 1\n" },
	{ TEXT("caf\351\n@example.com\na\rb\n"), "",
	    "F:1: error: \"caf\\xe9\" is not valid UTF-8\n"
	    "F:2: error: there is no list \"@example.com\"; write "
	    "\"*@example.com\" for all addresses of the domain\n"
	    "F:3: error: \"a\\x0db\" has a control character\n" },
};

static void
check_file(int n, size_t piece)
{
	struct arena *arena = arena_new();
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;
	struct strbuf out = STRBUF_INIT;
	struct list *list = lists_add(lists, "x", here, &diag);
	char file[] = "F";

	list_expect(lists, list, 2, files[n].len);
	ck_assert_int_eq(read_text(lists, list, files[n].text, files[n].len,
	    piece, file, &diag), files[n].messages[0] == '\0' ? 0 : -1);
	file[0] = '?';		/* the name was copied */
	lists_finish(lists);
	describe(list, &out);
	ck_assert_str_eq(out.text, files[n].entries);
	strbuf_reset(&out);
	diag_format(&diag, &out);
	ck_assert_str_eq(out.text, files[n].messages);
	if (matcher_count(list->matcher) > 0)
		ck_assert_str_eq(matcher_place(list->matcher, 0).file, "F");
	strbuf_release(&out);
	diag_release(&diag);
	arena_free(arena);
}

START_TEST(reads_files)
{
	for (size_t piece = 1; piece <= files[_i].len + 1; piece++)
		check_file(_i, piece);
}
END_TEST

START_TEST(counts_what_it_does_not_say)
{
	struct arena *arena = arena_new();
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;
	struct strbuf text = STRBUF_INIT;
	struct list *list = lists_add(lists, "x", here, &diag);

	for (int i = 0; i < 60; i++)
		strbuf_adds(&text, "/x\n");
	strbuf_addch(&text, 'a');
	for (int i = 0; i < PATTERN_TEXT_MAX; i++)
		strbuf_addch(&text, 'a');
	ck_assert_int_eq(read_text(lists, list, text.text, text.len, 1000, "F",
	    &diag), -1);
	ck_assert_uint_eq(diag.count, 51);
	strbuf_reset(&text);
	diag_format(&diag, &text);
	ck_assert_ptr_nonnull(strstr(text.text,
	    "\nF: error: and 11 more entries with errors\n"));
	strbuf_release(&text);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

START_TEST(names)
{
	struct arena *arena = arena_new();
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;
	struct strbuf out = STRBUF_INIT;
	struct list *list = lists_add(lists, "a-b_c.1", here, &diag);

	ck_assert_ptr_nonnull(list);
	ck_assert_ptr_eq(lists_find(lists, "a-b_c.1"), list);
	ck_assert_ptr_null(lists_find(lists, "A-b_c.1"));
	ck_assert_ptr_null(lists_add(lists, "a-b_c.1", here, &diag));
	ck_assert_ptr_null(lists_add(lists, "a b", here, &diag));
	ck_assert_ptr_null(lists_add(lists, "", here, &diag));
	lists_unknown(lists, "a-b_c.2", &diag);
	ck_assert_int_eq(list_add(lists, list, "/x", here, &diag), -1);
	ck_assert_int_eq(list_add(lists, list, "x", here, &diag), 0);
	diag_format(&diag, &out);
	ck_assert_str_eq(out.text,
	    "error: there is a list \"a-b_c.1\" already, at test.conf:3\n"
	    "error: \"a b\" is no name for a list; it may have letters, "
	    "digits, \"-\", \"_\" and \".\"\n"
	    "error: \"\" is no name for a list; it may have letters, digits, "
	    "\"-\", \"_\" and \".\"\n"
	    "error: unknown list \"a-b_c.2\"; did you mean \"a-b_c.1\"?\n"
	    "test.conf:3: error: \"/x\" has no slash at its end; write "
	    "\"/x/\" for a regular expression\n");
	strbuf_release(&out);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

#define NEVER(line, entry)	"F:" line ": warning: \"" entry \
	"\" in list \"x\" can never match here: it "

static const struct {
	enum subject	 subject;
	const char	*text;
	const char	*messages;
} checks[] = {
	{ SUBJECT_IP, "192.0.2.0/24\n*\n2001:db8::1", "" },
	{ SUBJECT_IP, "192.0.2.0/24\n.example.com\n25",
	    NEVER("2", ".example.com") "is no IP address or address block\n"
	    NEVER("3", "25") "is no IP address or address block\n" },
	{ SUBJECT_NUMBER, "25\n> 3\nx", NEVER("3", "x") "is no number\n" },
	{ SUBJECT_HOST, "a\n.a\n*.a\n192.0.2.1\n25\n/@/", "" },
	{ SUBJECT_HOST, "*@a\na b\n192.0.2.0/24\n> 3\n<>",
	    NEVER("1", "*@a") "is no host name\n"
	    NEVER("2", "a b") "is no host name\n"
	    NEVER("3", "192.0.2.0/24") "is an address block, not a text\n"
	    NEVER("4", "> 3") "is a comparison of numbers, not a text\n"
	    NEVER("5", "<>") "is no host name\n" },
	{ SUBJECT_ADDRESS, "*@a\na@b\n.b\n<>\n*x\npostmaster\n/x/", "" },
	{ SUBJECT_ADDRESS, "example.com\n192.0.2.1",
	    NEVER("1", "example.com") "has no @, so it is no address "
	    "(\"*@DOMAIN\" is the addresses of a domain)\n"
	    NEVER("2", "192.0.2.1") "is no address of mail\n" },
	{ SUBJECT_TEXT, "a b\n25\n192.0.2.1\n*@a", "" },
	{ SUBJECT_NUMBER, "a\nb\nc\nd\ne\nf\ng",
	    NEVER("1", "a") "is no number\n" NEVER("2", "b") "is no number\n"
	    NEVER("3", "c") "is no number\n" NEVER("4", "d") "is no number\n"
	    NEVER("5", "e") "is no number\n"
	    "test.conf:3: warning: and 2 more entries of list \"x\" that can "
	    "never match here\n" },
};

START_TEST(finds_entries_that_never_hold)
{
	struct arena *arena = arena_new();
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;
	struct strbuf out = STRBUF_INIT;
	struct list *list = lists_add(lists, "x", here, &diag);

	read_text(lists, list, checks[_i].text, strlen(checks[_i].text), 1000,
	    "F", &diag);
	lists_finish(lists);
	list_check(list, checks[_i].subject, &diag);
	diag_format(&diag, &out);
	ck_assert_str_eq(out.text, checks[_i].messages);
	strbuf_release(&out);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

static const struct digest_value digests[] = { { { 1, 2 } }, { { 1, 3 } } };

/* A list of /^a/ and b, signed; place is freed before the list is asked. */
static struct lists *
shared_lists(struct arena *arena)
{
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;
	struct list *list = lists_add(lists, "x", here, &diag);
	char file[] = "other.conf";

	ck_assert(!list_take_over(list, NULL, &digests[0]));
	read_text(lists, list, "/^a/\n", 5, 5, "F", &diag);
	list_add(lists, list, "b", (struct place){ file, 7 }, &diag);
	file[0] = '?';
	list_sign(list, &digests[0]);
	lists_finish(lists);
	ck_assert_uint_eq(diag.count, 0);
	return lists;
}

START_TEST(takes_over)
{
	struct arena *arenas[] = { arena_new(), arena_new(), arena_new() };
	struct lists *first = shared_lists(arenas[0]);
	struct lists *second = lists_new(arenas[1]);
	struct lists *third = lists_new(arenas[2]);
	struct diag diag = DIAG_INIT;
	struct strbuf out = STRBUF_INIT;
	struct list *other, *same, *again;

	other = lists_add(second, "x", here, &diag);
	ck_assert(!list_take_over(other, first, &digests[1]));
	same = lists_add(second, "another name", here, &diag);
	ck_assert_ptr_null(same);
	diag_release(&diag);
	same = lists_add(second, "another-name", here, &diag);
	ck_assert(list_take_over(same, first, &digests[0]));
	lists_finish(second);
	ck_assert_uint_eq(matcher_count(other->matcher), 0);
	ck_assert_ptr_eq(same->matcher, lists_find(first, "x")->matcher);
	arena_free(arenas[0]);

	again = lists_add(third, "x", here, &diag);
	/* One that was not signed, as it was not read to its end. */
	ck_assert(!list_take_over(again, second, &digests[1]));
	ck_assert(list_take_over(lists_add(third, "y", here, &diag), second,
	    &digests[0]));
	arena_free(arenas[1]);
	lists_finish(third);
	describe(lists_find(third, "y"), &out);
	ck_assert_str_eq(out.text, "1 /^a/|7 b");
	ck_assert_str_eq(matcher_place(lists_find(third, "y")->matcher,
	    1).file, "other.conf");
	list_check(lists_find(third, "y"), SUBJECT_HOST, &diag);
	list_check(lists_find(third, "y"), SUBJECT_HOST, &diag);
	ck_assert_uint_eq(diag.count, 0);
	strbuf_release(&out);
	arena_free(arenas[2]);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ reads_files, COUNT(files) },
		{ counts_what_it_does_not_say, 1 },
		{ names, 1 },
		{ finds_entries_that_never_hold, COUNT(checks) },
		{ takes_over, 1 },
	};

	return table_run("list", tests, COUNT(tests));
}
