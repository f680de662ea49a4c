/* Questions of a table served over a socket, and its answers. */
#include <string.h>

#include "base/strbuf.h"
#include "wire/socketmap.h"
#include "table.h"

static const struct {
	const char	*bytes, *name, *key;
} good[] = {
	{ "filter 550 5.1.1 No.", "filter", "550 5.1.1 No." },
	{ "delivery 5.1.1 a  b ", "delivery", "5.1.1 a  b " },
	{ "footer 550-a\r\n550 b", "footer", "550-a\r\n550 b" },
	{ "x ", "x", "" },
	{ "x  y", "x", " y" },
};

START_TEST(test_read)
{
	struct socketmap_request request;

	ck_assert_int_eq(socketmap_read(&request, good[_i].bytes,
	    strlen(good[_i].bytes)), 0);
	ck_assert_uint_eq(request.name_len, strlen(good[_i].name));
	ck_assert_mem_eq(request.name, good[_i].name, request.name_len);
	ck_assert_uint_eq(request.key_len, strlen(good[_i].key));
	ck_assert_mem_eq(request.key, good[_i].key, request.key_len);
}
END_TEST

static const char *const bad[] = { "", " ", " key", "filter", "filter\tkey" };

START_TEST(test_read_bad)
{
	struct socketmap_request request;

	ck_assert_msg(socketmap_read(&request, bad[_i],
	    strlen(bad[_i])) == -1, "\"%s\"", bad[_i]);
}
END_TEST

static const struct {
	enum socketmap_answer	 answer;
	const char		*text, *want;
} answers[] = {
	{ SOCKETMAP_OK, "550 5.1.1 No.", "16:OK 550 5.1.1 No.," },
	{ SOCKETMAP_NOTFOUND, "", "9:NOTFOUND ," },
	{ SOCKETMAP_TEMP, "later", "10:TEMP later," },
	{ SOCKETMAP_PERM, "no such table", "18:PERM no such table," },
};

START_TEST(test_write)
{
	struct strbuf out = STRBUF_INIT;

	socketmap_write(&out, answers[_i].answer, answers[_i].text);
	ck_assert_str_eq(out.text, answers[_i].want);
	strbuf_release(&out);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_read, COUNT(good) },
		{ test_read_bad, COUNT(bad) },
		{ test_write, COUNT(answers) },
	};

	return table_run("socketmap", tests, COUNT(tests));
}
