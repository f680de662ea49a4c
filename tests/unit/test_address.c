/* test_address - what the path of MAIL or RCPT means. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/address.h"
#include "table.h"

static const struct {
	const char *path, *address, *domain;
} cases[] = {
	{ "<joe@example.com>", "joe@example.com", "example.com" },
	{ "joe@example.com", "joe@example.com", "example.com" },
	{ "<>", "", "" },
	{ "", "", "" },
	{ "<postmaster>", "postmaster", "" },
	{ "<\"joe\"@example.com>", "joe@example.com", "example.com" },
	{ "<j\\oe@example.com>", "joe@example.com", "example.com" },
	{ "<\"j\\oe\"@example.com>", "joe@example.com", "example.com" },
	{ "<joe(c)@example.com>", "joe@example.com", "example.com" },
	{ "<joe@example.com(c)>", "joe@example.com", "example.com" },
	{ "<joe @ example.com>", "joe@example.com", "example.com" },
	{ "<(a(b)\\)c)joe@example.com>", "joe@example.com", "example.com" },
	{ "(c)<joe@example.com>", "joe@example.com", "example.com" },
	{ "Joe <joe@example.com> (c)", "joe@example.com", "example.com" },
	{ "<joe@\"example.com\">", "joe@example.com", "example.com" },
	{ "<@a.example,@b.example:joe@example.com>", "joe@example.com",
	    "example.com" },
	{ "<\"a@b\"@example.com>", "a@b@example.com", "example.com" },
	{ "<\"a b\"@example.com>", "a b@example.com", "example.com" },
	{ "<\"a>b\"@example.com>", "a>b@example.com", "example.com" },
	{ "<\"a:b\"@example.com>", "a:b@example.com", "example.com" },
	{ "<a:b@example.com>", "a:b@example.com", "example.com" },
	{ "<joe@>", "joe@", "" },
	{ "<joe@example.com", "joe@example.com", "example.com" },
	{ "<\"joe@example.com>", "joe@example.com>", "" },
	{ "<joe@example.com\\", "joe@example.com", "example.com" },
	{ "(((", "", "" },
	{ "<joe%example.com@example.net>", "joe%example.com@example.net",
	    "example.net" },
};

START_TEST(test_read)
{
	const char *path = cases[_i].path;
	size_t len = strlen(path), out_len, at;
	char *out = xmalloc(len + 1);	/* not a byte more is needed */

	at = address_read(path, len, out, &out_len);
	ck_assert_str_eq(out, cases[_i].address);
	ck_assert_uint_eq(out_len, strlen(cases[_i].address));
	ck_assert_str_eq(out + at, cases[_i].domain);
	free(out);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_read, COUNT(cases) },
	};

	return table_run("address", tests, COUNT(tests));
}
