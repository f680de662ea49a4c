/* Netstrings: whole, not yet whole, and never to become one. */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "wire/netstring.h"
#include "table.h"

static const struct {
	const char	*bytes;
	const char	*data;
	size_t		 used;
} whole[] = {
	{ "5:hello,", "hello", 8 },
	{ "0:,", "", 3 },
	{ "5:hello,5:world,", "hello", 8 },
	{ "3:a,b,", "a,b", 6 },
	{ "10:0123456789,x", "0123456789", 14 },
};

START_TEST(test_whole)
{
	const char *start;
	size_t len, used;

	ck_assert_int_eq(netstring_read(whole[_i].bytes,
	    strlen(whole[_i].bytes), &start, &len, &used), NETSTRING_WHOLE);
	ck_assert_uint_eq(len, strlen(whole[_i].data));
	ck_assert_mem_eq(start, whole[_i].data, len);
	ck_assert_uint_eq(used, whole[_i].used);
}
END_TEST

/* Every beginning of a netstring may become one; on the heap, for ASan. */
START_TEST(test_more)
{
	const char *start;
	size_t len, used;

	for (size_t size = 0; size < whole[_i].used; size++) {
		char *part = malloc(size + 1);

		memcpy(part, whole[_i].bytes, size);
		ck_assert_msg(netstring_read(part, size, &start, &len,
		    &used) == NETSTRING_MORE, "%s: %zu bytes",
		    whole[_i].bytes, size);
		free(part);
	}
}
END_TEST

static const char *const wrong[] = {
	",", ":", "a", "-1:", " 5:hello,", "+5:hello,", "5 :hello,", "5;",
	"5:hello;", "5:hellohello", "05:hello,", "00", "0:x", "100001",
	"99999999999999999999999", "18446744073709551617:",
};

START_TEST(test_wrong)
{
	const char *start;
	size_t len, used;

	ck_assert_msg(netstring_read(wrong[_i], strlen(wrong[_i]), &start,
	    &len, &used) == NETSTRING_WRONG, "%s", wrong[_i]);
}
END_TEST

START_TEST(test_largest)
{
	struct strbuf out = STRBUF_INIT;
	char *data = malloc(NETSTRING_BYTES_MAX);
	const char *start;
	size_t len, used;

	memset(data, 'x', NETSTRING_BYTES_MAX);
	netstring_write(&out, data, NETSTRING_BYTES_MAX);
	ck_assert_int_eq(netstring_read(out.text, out.len, &start, &len,
	    &used), NETSTRING_WHOLE);
	ck_assert_uint_eq(len, NETSTRING_BYTES_MAX);
	ck_assert_uint_eq(used, out.len);
	free(data);
	strbuf_release(&out);
}
END_TEST

START_TEST(test_write)
{
	struct strbuf out = STRBUF_INIT;

	netstring_write(&out, "hello", 5);
	netstring_write(&out, "", 0);
	netstring_write(&out, "a\0b", 3);
	netstring_begin(&out, 10);
	strbuf_adds(&out, "01234");
	strbuf_adds(&out, "56789");
	netstring_end(&out);
	ck_assert_uint_eq(out.len, 31);
	ck_assert_mem_eq(out.text, "5:hello,0:,3:a\0b,10:0123456789,", 31);
	strbuf_release(&out);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_whole, COUNT(whole) },
		{ test_more, COUNT(whole) },
		{ test_wrong, COUNT(wrong) },
		{ test_largest, 1 },
		{ test_write, 1 },
	};

	return table_run("netstring", tests, COUNT(tests));
}
