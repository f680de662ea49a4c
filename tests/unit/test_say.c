#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "tool/say.h"
#include "tool/tool.h"
#include "table.h"

#define BYTES(text)	text, sizeof(text) - 1

static const struct {
	const char	*bytes;
	size_t		 len;
	const char	*clean, *quoted;
} cases[] = {
	{ BYTES("plain text"), "plain text", "\"plain text\"" },
	{ BYTES(""), "", "\"\"" },
	{ BYTES("\033[2J"), "\\x1b[2J", "\"\\x1b[2J\"" },
	{ BYTES("a\r\nb"), "a\\x0d\\x0ab", "\"a\\x0d\\x0ab\"" },
	{ BYTES("a\0b"), "a\\x00b", "\"a\\x00b\"" },
	{ BYTES("\177"), "\\x7f", "\"\\x7f\"" },
	{ BYTES("gr\xc3\xbc\xc3\x9f" "e"), "gr\xc3\xbc\xc3\x9f" "e",
	    "\"gr\xc3\xbc\xc3\x9f" "e\"" },
	{ BYTES("\xc2\x9b" "2J"), "\\xc2\\x9b2J", "\"\\xc2\\x9b2J\"" },
	{ BYTES("\xe2\x80\xaeyx"), "\\xe2\\x80\\xaeyx",
	    "\"\\xe2\\x80\\xaeyx\"" },
	{ BYTES("\xef\xbb\xbfyx"), "\\xef\\xbb\\xbfyx",
	    "\"\\xef\\xbb\\xbfyx\"" },
	{ BYTES("\xff\xc3"), "\\xff\\xc3", "\"\\xff\\xc3\"" },
	{ BYTES("a\"b\\"), "a\"b\\", "\"a\\\"b\\\\\"" },
};

START_TEST(cleans)
{
	struct strbuf text = STRBUF_INIT;

	clean(&text, cases[_i].bytes, cases[_i].len);
	ck_assert_str_eq(text.text, cases[_i].clean);
	strbuf_reset(&text);
	quote(&text, cases[_i].bytes, cases[_i].len);
	ck_assert_str_eq(text.text, cases[_i].quoted);
	strbuf_release(&text);
}
END_TEST

START_TEST(quotes_are_cut)
{
	char bytes[200];
	struct strbuf text = STRBUF_INIT;

	memset(bytes, 'x', sizeof(bytes));
	quote(&text, bytes, sizeof(bytes));
	ck_assert_uint_eq(text.len, 80 + 2 + 3);
	ck_assert_str_eq(text.text + 81, "\"...");
	strbuf_reset(&text);
	quote(&text, bytes, 80);
	ck_assert_uint_eq(text.len, 80 + 2);
	strbuf_release(&text);
}
END_TEST

static const struct {
	bool		 colour;
	const char	*text;
} screens[] = {
	{ false, "red \\x1b[0m\nlabel   a paragraph\n" },
	{ true, "\033[31mred\033[0m \\x1b[0m\n"
	    "\033[1mlabel\033[0m   a paragraph\n" },
};

/* Colour comes from the style alone, never from the text. */
START_TEST(colours)
{
	char *text = NULL;
	size_t len;
	struct tool tool = {
		.out = open_memstream(&text, &len),
		.colour = screens[_i].colour,
	};

	say_styled(&tool, STYLE_BAD, "%s", "red");
	say(&tool, " %s\n", "\033[0m");
	say_paragraph(&tool, STYLE_HEAD, "label", 8, "a paragraph");
	fclose(tool.out);
	ck_assert_str_eq(text, screens[_i].text);
	free(text);
}
END_TEST

START_TEST(paragraphs_are_narrow)
{
	struct strbuf words = STRBUF_INIT;
	char *text = NULL, *line, *rest = NULL;
	size_t len;
	struct tool tool = { .out = open_memstream(&text, &len) };

	for (int i = 0; i < 60; i++)
		strbuf_addf(&words, "word%d  ", i);
	say_paragraph(&tool, STYLE_PLAIN, "label", 10, words.text);
	fclose(tool.out);
	for (line = strtok_r(text, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest)) {
		ck_assert_uint_le(strlen(line), 78);
		ck_assert_int_eq(line[9], ' ');
		ck_assert_int_ne(line[10], ' ');
		ck_assert_int_ne(line[strlen(line) - 1], ' ');
	}
	strbuf_release(&words);
	free(text);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ cleans, COUNT(cases) },
		{ quotes_are_cut, 1 },
		{ colours, COUNT(screens) },
		{ paragraphs_are_narrow, 1 },
	};

	return table_run("say", tests, COUNT(tests));
}
