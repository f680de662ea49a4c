#include <stdlib.h>
#include <string.h>

#include "world/json.h"
#include "table.h"

/* Prints and frees the row; the caller frees the text. */
static char *
printed(struct row *row)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	row_print(row, out);
	fclose(out);
	return text;
}

#define BYTES(text)	text, sizeof(text) - 1

static const struct {
	const char	*bytes;
	size_t		 len;
	const char	*json;
} texts[] = {
	{ BYTES("plain"), "plain" },
	{ BYTES(""), "" },
	{ BYTES("a\"b\\c"), "a\\\"b\\\\c" },
	{ BYTES("a\r\n\tb\033[2J"), "a\\r\\n\\tb\\u001B[2J" },
	{ BYTES("a\0b"), "a\\u0000b" },
	{ BYTES("gr\xc3\xbc\xc3\x9f" "e"), "gr\\u00FC\\u00DFe" },
	{ BYTES("\xf0\x9f\x93\xac"), "\\uD83D\\uDCEC" },
	{ BYTES("a\xff" "b"), "a\\uFFFDb" },
	{ BYTES("\xc3"), "\\uFFFD" },
	{ BYTES("\xc0\xaf"), "\\uFFFD\\uFFFD" },	/* overlong */
	{ BYTES("\xed\xa0\x80"), "\\uFFFD\\uFFFD\\uFFFD" },	/* surrogate */
	{ BYTES("\xc2\x9b"), "\\u009B" },	/* what terminals obey */
};

START_TEST(texts_are_clean)
{
	struct row *row = row_new();
	char wanted[128], *text;

	row_bytes(row, "key", texts[_i].bytes, texts[_i].len);
	text = printed(row);
	snprintf(wanted, sizeof(wanted), "{\"key\": \"%s\"}\n",
	    texts[_i].json);
	ck_assert_str_eq(text, wanted);
	free(text);
}
END_TEST

START_TEST(keeps_the_order)
{
	struct row *row = row_new(), *inner;
	char *text;

	row_text(row, "z", "last");
	row_text(row, "a", NULL);
	row_number(row, "n", 7);
	row_number(row, "big", UINT64_MAX);
	row_bool(row, "t", true);
	row_bool(row, "f", false);
	row_list(row, "list");
	row_list_text(row, "list", "one");
	row_list_text(row, "list", NULL);
	inner = row_list_object(row, "list");
	row_text(inner, "k", "v");
	inner = row_object(row, "o");
	row_number(inner, "one", 1);
	text = printed(row);
	ck_assert_str_eq(text, "{\"z\": \"last\", \"a\": null, \"n\": 7, "
	    "\"big\": 9223372036854775807, \"t\": true, \"f\": false, "
	    "\"list\": [\"one\", null, {\"k\": \"v\"}], "
	    "\"o\": {\"one\": 1}}\n");
	free(text);
}
END_TEST

START_TEST(frees_unprinted)
{
	struct row *row = row_new();

	row_text(row_object(row, "o"), "k", "v");
	row_free(row);
}
END_TEST

static const struct {
	const char	*json;
	const char	*read;	/* of a and b; NULL: no object */
} objects[] = {
	{ "{\"a\": \"x\", \"b\": \"y\"}", "x|y" },
	{ "{\"b\": \"\\u00fc\", \"c\": {\"a\": 1}}", "|\xc3\xbc" },
	{ "{\"a\": [104, 105, 255], \"b\": [\"x\", 33]}", "hi\xff|!" },
	{ "{\"a\": 7, \"b\": null}", "|" },
	{ "{\"a\": \"x\"", NULL },
	{ "[\"a\"]", NULL },
	{ "\"a\"", NULL },
	{ "", NULL },
};

START_TEST(reads_texts)
{
	static const char *const keys[] = { "a", "b" };
	struct strbuf read[2] = { STRBUF_INIT, STRBUF_INIT };
	bool found;

	strbuf_adds(&read[0], "old");
	found = json_read_texts(objects[_i].json, strlen(objects[_i].json),
	    keys, 2, read);
	ck_assert_int_eq(found, objects[_i].read != NULL);
	if (found) {
		strbuf_addf(&read[0], "|%s", read[1].text);
		ck_assert_str_eq(read[0].text, objects[_i].read);
	}
	strbuf_release(&read[0]);
	strbuf_release(&read[1]);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ texts_are_clean, COUNT(texts) },
		{ keeps_the_order, 1 },
		{ frees_unprinted, 1 },
		{ reads_texts, COUNT(objects) },
	};

	return table_run("json", tests, COUNT(tests));
}
