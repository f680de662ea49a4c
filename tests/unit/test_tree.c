/* test_tree - what libconfig read, with its places; and what it could not. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "config/source.h"
#include "config/tree.h"
#include "table.h"

/* NULL where the text is wrong; then the messages are in said. */
static const struct node *
parse(struct arena *arena, const char *text, struct strbuf *said)
{
	struct diag diag = DIAG_INIT;
	const struct node *root = NULL;
	struct source source;

	source_init(&source, arena);
	source_read_text(&source, text, "t.conf", &diag);
	if (!source.broken)
		root = tree_parse(arena, &source, &diag);
	diag_format(&diag, said);
	ck_assert(root != NULL || diag.errors > 0);
	diag_release(&diag);
	source_release(&source);
	return root;
}

/* How values are printed again. */
static const struct {
	const char *name, *text, *printed;
} values[] = {
	{ "text", "a = \"x\";", "\"x\"" },
	{ "joined texts", "a = \"x\" # one\n \"y\";", "\"xy\"" },
	{ "escapes", "a = \"q\\\" b\\\\ t\\t d\\. u\xc3\xa4 h\\x01\";",
	    "\"q\\\" b\\\\ t\\x09 d\\\\. u\xc3\xa4 h\\x01\"" },
	{ "colon", "a: 5", "5" },
	{ "number", "a = -7;", "-7" },
	{ "hexadecimal", "a = 0x1F,", "31" },
	{ "long number", "a = 5000000000L;", "5000000000L" },
	{ "zeros", "a = 0660;", "660" },
	{ "switches", "a = [ true, FALSE ];", "[ true, false ]" },
	{ "float", "a = 1.5e3;", "0.0" },
	{ "array", "a = [ \"x\", \"y\" ];", "[ \"x\", \"y\" ]" },
	{ "empty ones", "a = ( [ ], ( ), { } );", "( [ ], ( ), {\n} )" },
	{ "list", "a = ( 1, \"x\", ( 2 ) );", "( 1, \"x\", ( 2 ) )" },
	{ "group", "a = { b = 1; c = { d = 2 } };",
	    "{\n\tb = 1;\n\tc = {\n\t\td = 2;\n\t};\n}" },
	{ "comments", "# x {\n// y [\na /* ( \n */ = 1; /* \"z */", "1" },
	{ "names", "*a-b_9 = 1;", "1" },
	{ "CR LF", "a = [ 1,\r\n2 ];\r\n", "[ 1, 2 ]" },
	{ "quotes in comments", "# \"\n// '\"\n/* \" */ a = 1;", "1" },
	{ "comments in quotes", "a = \"# // /* x\";", "\"# // /* x\"" },
	{ "no separator", "a = 1 b = 2 c = 3", "1" },
};

START_TEST(test_values)
{
	struct arena *arena = arena_new();
	struct strbuf said = STRBUF_INIT, once = STRBUF_INIT;
	const struct node *root = parse(arena, values[_i].text, &said);

	ck_assert_str_eq(said.text, "");
	node_print(&root->items[0], 0, &once);
	ck_assert_str_eq(once.text, values[_i].printed);
	arena_free(arena);
	strbuf_release(&said);
	strbuf_release(&once);
}
END_TEST

static const struct {
	const char *text, *said;
} wrong[] = {
	{ "a = 1;\n\nb = { c = 2;\n", "t.conf:3: error: this { is never "
	    "closed; write } behind the last thing in it\n" },
	{ "a = ( 1, 2;\n", "t.conf:1: error: this ( is never closed; write "
	    ") behind the last thing in it\n" },
	{ "a = ( 1\n", "t.conf:1: error: this ( is never closed; write ) "
	    "behind the last thing in it\n" },
	{ "a = ( 1,\n\n", "t.conf:1: error: this ( is never closed; write ) "
	    "behind the last thing in it\n" },
	{ "a = [ 1 );\n", "t.conf:1: error: this ) comes before the [ of "
	    "t.conf:1 is closed; write ] instead\n" },
	{ "a = 1; )\n", "t.conf:1: error: this ) closes nothing; take it out, "
	    "or open it before\n" },
	{ "a = ", "t.conf:1: error: here a value must stand, and the file "
	    "ends\n" },
	{ "a", "t.conf:1: error: behind the name a stands no =; write a = "
	    "...\n" },
	{ "a = b;", "t.conf:1: error: the text b has no quotes; write "
	    "\"b\"\n" },
	{ "a = 08:00-18:00;", "t.conf:1: error: the text 08:00-18:00 has no "
	    "quotes; write \"08:00-18:00\"\n" },
	{ "a = 25M;", "t.conf:1: error: the text 25M has no quotes; write "
	    "\"25M\"\n" },
	{ "a = 1;;", "t.conf:1: error: here a setting, NAME = VALUE, must "
	    "begin, not ;\n" },
	{ "\x01 = 1;", "t.conf:1: error: here a setting, NAME = VALUE, must "
	    "begin, not \\x01\n" },
	{ "a = 1;\nb = 2;\na = 3;", "t.conf:3: error: \"a\" stands twice in "
	    "the same group, first at t.conf:1; write it once, with all its "
	    "values\n" },
	{ "x = { a = 1; };\ny = (\n { a = 1;\n  b = 2; a = 3; } );",
	    "t.conf:4: error: \"a\" stands twice in the same group, first at "
	    "t.conf:3; write it once, with all its values\n" },
	{ "a = [ 1, \"x\" ];", "t.conf:1: error: an array holds values of one "
	    "kind only; put its numbers into quotes, too\n" },
	{ "a = \"x\ny\";", "t.conf:1: error: a quote is opened and not closed "
	    "on this line; close it with \" (a long text goes on in quotes of "
	    "its own on the next line)\nt.conf:2: error: a quote is opened "
	    "and not closed on this line; close it with \" (a long text goes "
	    "on in quotes of its own on the next line)\n" },
	{ "a = 99999999999;", "t.conf:1: error: the number 99999999999 is too "
	    "large; write a number of at most 2147483647, or a size in "
	    "quotes, such as \"25M\"\n" },
	{ "a = 1;\n/* x", "t.conf:2: error: a comment is opened and never "
	    "closed; close it with */\n" },
};

START_TEST(test_wrong)
{
	struct arena *arena = arena_new();
	struct strbuf said = STRBUF_INIT;

	parse(arena, wrong[_i].text, &said);
	ck_assert_str_eq(said.text, wrong[_i].said);
	arena_free(arena);
	strbuf_release(&said);
}
END_TEST

START_TEST(test_places)
{
	struct arena *arena = arena_new();
	struct strbuf said = STRBUF_INIT;
	const struct node *root = parse(arena,
	    "a =\n 1;\nb\n=\n{\n c = \"x\";\n};\nl = (\n {\n  a = 1;\n },\n"
	    " [ 1,\n 2 ]\n);\n", &said);
	const struct node *list = node_find(root, "l");

	ck_assert_uint_eq(root->place.line, 0);
	ck_assert_str_eq(root->place.file, "t.conf");
	ck_assert_uint_eq(node_place(root, "a").line, 1);
	ck_assert_uint_eq(node_place(root, "b").line, 3);
	ck_assert_uint_eq(node_place(node_find(root, "b"), "c").line, 6);
	ck_assert_uint_eq(node_place(node_find(root, "b"), "d").line, 3);
	ck_assert_uint_eq(list->items[0].place.line, 9);
	ck_assert_uint_eq(list->items[1].place.line, 12);
	ck_assert_uint_eq(list->items[1].items[1].place.line, 13);
	ck_assert_ptr_null(node_find(root, "x"));
	arena_free(arena);
	strbuf_release(&said);
}
END_TEST

/*
 * Whatever libconfig would refuse is found before it is asked: it would say
 * no more than "syntax error".
 */
START_TEST(test_grammar)
{
	static const char *const words[] = {
		"a", "b-1", "*c", "=", ":", ";", ",", "{", "}", "(", ")", "[",
		"]", "1", "-2", "+3", "0x1f", "4L", "1.5", "2e3", ".5", "1.2.3",
		"12x", "--1", "\"x\"", "\"\"", "true", "False", "@x", "#\n",
		"/* */", "\n", "a =", "b = 1;", "= {", "= (", "};", ");", "L",
		"0x", "1e", "-", "+", ".", "5LL", "0x5L", "1..2", "e5", "1-2",
	};
	unsigned seed = 1;

	for (int round = 0; round < 30000; round++) {
		struct arena *arena = arena_new();
		struct strbuf text = STRBUF_INIT, said = STRBUF_INIT;

		for (int i = 0; i < 8; i++) {
			seed = seed * 1103515245 + 12345;
			strbuf_adds(&text, words[(seed >> 16) %
			    (unsigned)COUNT(words)]);
			strbuf_addch(&text, ' ');
		}
		parse(arena, text.text, &said);
		ck_assert_msg(strstr(said.text, "syntax error") == NULL &&
		    strstr(said.text, "parse error") == NULL,
		    "libconfig refuses: %s", text.text);
		arena_free(arena);
		strbuf_release(&text);
		strbuf_release(&said);
	}
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_values, COUNT(values) }, { test_wrong, COUNT(wrong) },
		{ test_places, 1 }, { test_grammar, 1 },
	};

	return table_run("tree", tests, COUNT(tests));
}
