#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "tool/letter.h"
#include "table.h"

/* "name=value;" for each field, "|", the body; line ends as / and \r as ^. */
static void
show(const struct letter *letter, struct strbuf *out)
{
	for (size_t i = 0; i < letter->count; i++)
		strbuf_addf(out, "%s=%s;", letter->fields[i].name,
		    letter->fields[i].value);
	strbuf_addch(out, '|');
	strbuf_add(out, letter->body.text, letter->body.len);
	for (size_t i = 0; i < out->len; i++) {
		if (out->text[i] == '\r')
			out->text[i] = '^';
		else if (out->text[i] == '\n')
			out->text[i] = '/';
		else if (!text_is_print(out->text[i]))
			out->text[i] = '?';
	}
}

#define TEXT(text)	text, sizeof(text) - 1

static const struct {
	const char	*name;
	const char	*text;
	size_t		 len;
	const char	*letter;
} cases[] = {
	{ "empty", TEXT(""), "|" },
	{ "header and body", TEXT("A: 1\nB: 2\n\nx\ny\n"), "A=1;B=2;|x^/y^/" },
	{ "CRLF", TEXT("A: 1\r\nB: 2\r\n\r\nx\r\ny\r\n"), "A=1;B=2;|x^/y^/" },
	{ "no last line end", TEXT("A: 1\n\nx"), "A=1;|x^/" },
	{ "header alone", TEXT("A: 1"), "A=1;|" },
	{ "body alone", TEXT("\nx\n"), "|x^/" },
	{ "folded", TEXT("A: 1\n 2\n\t3\n\nx\n"), "A=1/ 2/?3;|x^/" },
	{ "folded at the end", TEXT("A: 1\n 2"), "A=1/ 2;|" },
	{ "mbox", TEXT("From a@b Mon\nA: 1\n\nFrom x\n"), "A=1;|From x^/" },
	{ "From is a field", TEXT("From: a\n\n"), "From=a;|" },
	{ "no field ends it", TEXT("A: 1\nno field\nB: 2\n"),
	    "A=1;|no field^/B: 2^/" },
	{ "only a body", TEXT("Hello there\n"), "|Hello there^/" },
	{ "one blank goes", TEXT("A:  1 \nB:2\n"), "A= 1 ;B=2;|" },
	{ "blank before colon", TEXT("A : 1\n"), "A=1;|" },
	{ "empty value", TEXT("A:\nB: \n"), "A=;B=;|" },
	{ "colon in value", TEXT("A: b: c\n"), "A=b: c;|" },
	{ "starts folded", TEXT(" x\nA: 1\n"), "| x^/A: 1^/" },
	{ "empty name", TEXT(": 1\n"), "|: 1^/" },
	{ "NUL", TEXT("A: 1\0002\n\nx\0y\n"), "A=12;|x?y^/" },
	{ "8 bit", TEXT("A: \xff\n\xff: 1\n"), "A=?;|?: 1^/" },
	{ "bare CR", TEXT("A: 1\rB: 2\n\nx\ry\n"), "A=1^B: 2;|x^y^/" },
};

START_TEST(parses)
{
	struct letter letter = LETTER_INIT;
	struct arena *arena = arena_new();
	struct strbuf text = STRBUF_INIT;

	letter_parse(&letter, arena, cases[_i].text, cases[_i].len);
	show(&letter, &text);
	ck_assert_msg(strcmp(text.text, cases[_i].letter) == 0, "%s: %s",
	    cases[_i].name, text.text);
	strbuf_release(&text);
	letter_release(&letter);
	arena_free(arena);
}
END_TEST

START_TEST(adds_fields)
{
	struct letter letter = LETTER_INIT;
	struct arena *arena = arena_new();
	struct strbuf text = STRBUF_INIT;
	struct diag diag = DIAG_INIT;

	ck_assert_int_eq(letter_add_field(&letter, arena, "A: 1", &diag), 0);
	ck_assert_int_eq(letter_add_field(&letter, arena, "no", &diag), -1);
	ck_assert_str_eq(diag_first(&diag),
	    "a header field is written \"Name: value\"");
	show(&letter, &text);
	ck_assert_str_eq(text.text, "A=1;|");
	diag_release(&diag);
	strbuf_release(&text);
	letter_release(&letter);
	arena_free(arena);
}
END_TEST

START_TEST(reads_a_stream)
{
	char source[] = "A: 1\n\nx\n";
	FILE *file = fmemopen(source, strlen(source), "r");
	struct letter letter = LETTER_INIT;
	struct arena *arena = arena_new();
	struct strbuf text = STRBUF_INIT;
	struct diag diag = DIAG_INIT;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(letter_read(&letter, arena, file, &diag), 0);
	fclose(file);
	show(&letter, &text);
	ck_assert_str_eq(text.text, "A=1;|x^/");
	strbuf_release(&text);
	letter_release(&letter);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ parses, COUNT(cases) },
		{ adds_fields, 1 },
		{ reads_a_stream, 1 },
	};

	return table_run("letter", tests, COUNT(tests));
}
