/* How sockets are written, and which names are of the same one. */
#include <string.h>

#include "base/diag.h"
#include "base/socket_name.h"
#include "base/strbuf.h"
#include "table.h"

static const struct {
	const char	*text, *want;
} good[] = {
	{ "inet:8894@127.0.0.1", "inet:8894@[127.0.0.1]" },
	{ "inet:8894@[127.0.0.1]", "inet:8894@[127.0.0.1]" },
	{ "inet:8894@localhost", "inet:8894@localhost" },
	{ "inet:8894", "inet:8894" },
	{ "INET:1@localhost", "inet:1@localhost" },
	{ "inet6:65535@::1", "inet6:65535@[::1]" },
	{ "inet6:8894@[2001:db8::1]", "inet6:8894@[2001:db8::1]" },
	{ "unix:/run/m/m.sock", "unix:/run/m/m.sock" },
	{ "local:/run/m/m.sock", "unix:/run/m/m.sock" },
};

static const struct {
	const char	*text, *want;
} bad[] = {
	{ "", "socket \"\": write \"inet:PORT@HOST\", \"inet6:PORT@HOST\" or "
	    "\"unix:/path\"" },
	{ "8894", "socket \"8894\": write \"inet:PORT@HOST\", "
	    "\"inet6:PORT@HOST\" or \"unix:/path\"" },
	{ "tcp:8894", "socket \"tcp:8894\": write \"inet:PORT@HOST\", "
	    "\"inet6:PORT@HOST\" or \"unix:/path\"" },
	{ "inet:", "socket \"inet:\": the port is a number from 1 to 65535" },
	{ "inet:0@localhost", "socket \"inet:0@localhost\": the port is a "
	    "number from 1 to 65535" },
	{ "inet:65536", "socket \"inet:65536\": the port is a number from 1 "
	    "to 65535" },
	{ "inet:smtp@localhost", "socket \"inet:smtp@localhost\": the port is "
	    "a number from 1 to 65535" },
	{ "inet:8894@", "socket \"inet:8894@\": a host must follow the \"@\"" },
	{ "inet:8894@a b", "socket \"inet:8894@a b\": this is no host name or "
	    "address" },
	{ "inet:8894@::1", "socket \"inet:8894@::1\": the host is an IPv6 "
	    "address; write \"inet6:\" before the port" },
	{ "inet6:8894@127.0.0.1", "socket \"inet6:8894@127.0.0.1\": the host "
	    "is an IPv4 address; write \"inet:\" before the port" },
	{ "unix:m.sock", "socket \"unix:m.sock\": the path must begin with "
	    "\"/\"" },
};

START_TEST(test_parse)
{
	struct diag diag = DIAG_INIT;
	struct strbuf out = STRBUF_INIT;
	struct socket_name name;

	ck_assert_int_eq(socket_parse(&name, good[_i].text, &diag), 0);
	socket_format(&name, &out);
	ck_assert_str_eq(out.text, good[_i].want);
	ck_assert_uint_eq(diag.count, 0);
	strbuf_release(&out);
}
END_TEST

START_TEST(test_parse_bad)
{
	struct diag diag = DIAG_INIT;
	struct socket_name name;

	ck_assert_int_eq(socket_parse(&name, bad[_i].text, &diag), -1);
	ck_assert_str_eq(diag_first(&diag), bad[_i].want);
	diag_release(&diag);
}
END_TEST

START_TEST(test_parse_long_path)
{
	char text[200] = "unix:/";
	struct diag diag = DIAG_INIT;
	struct socket_name name;

	memset(text + 6, 'x', 105);
	ck_assert_int_eq(socket_parse(&name, text, &diag), 0);
	text[6 + 105] = 'x';
	ck_assert_int_eq(socket_parse(&name, text, &diag), -1);
	diag_release(&diag);
}
END_TEST

static const struct {
	const char	*a, *b;
	bool		 same;
} pairs[] = {
	{ "inet:8894@127.0.0.1", "inet:8894@127.0.0.1", true },
	{ "inet:8894@127.0.0.1", "inet:8894@[127.0.0.1]", true },
	{ "inet:8894@127.0.0.1", "inet:8894@LocalHost", true },
	{ "inet:8894@0.0.0.0", "inet:8894@localhost", true },
	{ "inet:8894", "inet:8894@127.0.0.1", true },
	{ "inet6:8894@::", "inet6:8894@[::1]", true },
	{ "inet:8894@mx.example.com", "inet:8894@MX.example.com", true },
	{ "unix:/run/m.sock", "local:/run/m.sock", true },
	{ "inet:8894@127.0.0.1", "inet:8895@127.0.0.1", false },
	{ "inet:8894@127.0.0.1", "inet:8894@192.0.2.1", false },
	{ "inet:8894@localhost", "inet6:8894@localhost", false },
	{ "unix:/run/m.sock", "unix:/run/M.sock", false },
	{ "unix:/run/m.sock", "inet:8894", false },
};

START_TEST(test_same)
{
	struct diag diag = DIAG_INIT;
	struct socket_name a, b;

	ck_assert_int_eq(socket_parse(&a, pairs[_i].a, &diag), 0);
	ck_assert_int_eq(socket_parse(&b, pairs[_i].b, &diag), 0);
	ck_assert_int_eq(socket_same(&a, &b), pairs[_i].same);
	ck_assert_int_eq(socket_same(&b, &a), pairs[_i].same);
}
END_TEST

START_TEST(test_wrong)
{
	struct diag diag = DIAG_INIT;
	struct socket_name name;

	ck_assert_int_eq(socket_parse(&name, "inet:1@::1x", &diag), -1);
	diag_release(&diag);
	ck_assert_int_eq(socket_parse(&name, "local:/run/m.sock", &diag), 0);
	ck_assert_int_eq(socket_wrong(&name, "gone", &diag), -1);
	ck_assert_str_eq(diag_first(&diag), "socket \"unix:/run/m.sock\": "
	    "gone");
	diag_release(&diag);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_parse, COUNT(good) },
		{ test_parse_bad, COUNT(bad) },
		{ test_parse_long_path, 1 },
		{ test_same, COUNT(pairs) },
		{ test_wrong, 1 },
	};

	return table_run("socket_name", tests, COUNT(tests));
}
