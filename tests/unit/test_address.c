/* test_address - what the path of MAIL or RCPT means. */
#include <check.h>
#include <string.h>

#include "base/strbuf.h"
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
	struct strbuf out = STRBUF_INIT;
	size_t at;

	strbuf_adds(&out, "before ");
	at = address_read(path, strlen(path), &out);
	ck_assert_str_eq(out.text + 7, cases[_i].address);
	ck_assert_str_eq(out.text + 7 + at, cases[_i].domain);
	strbuf_release(&out);
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
