/* test_ip - addresses and blocks, as text and back. */
#include <check.h>
#include <string.h>

#include "base/diag.h"
#include "base/ip.h"
#include "table.h"

static const struct {
	const char *text, *shown;	/* shown "": no address */
} addresses[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "[192.0.2.1]", "192.0.2.1" },
	{ "2001:DB8:0:0::1", "2001:db8::1" },
	{ "[IPv6:2001:db8::1]", "2001:db8::1" },
	{ "::ffff:192.0.2.1", "192.0.2.1" },
	{ "::1", "::1" },
	{ "192.0.2.1.5", "" },
	{ "192.0.2.256", "" },
	{ "192.0.2.01", "" },
	{ "", "" },
	{ "localhost", "" },
	{ "2001:db8::1%eth0", "" },
	{ "2001:db8:1111:2222:3333:4444:5555:6666:7777:8888:9999:0000", "" },
};

START_TEST(test_address)
{
	char shown[IP_TEXT_MAX] = "";
	struct ip ip = { .family = 0 };
	int result = ip_parse(&ip, addresses[_i].text);

	ck_assert_int_eq(result, addresses[_i].shown[0] == '\0' ? -1 : 0);
	ip_format(&ip, shown);
	ck_assert_str_eq(shown, addresses[_i].shown);
}
END_TEST

static const struct {
	const char *block, *inside, *outside;
} blocks[] = {
	{ "192.0.2.0/24", "192.0.2.255", "192.0.3.0" },
	{ "192.0.2.128/25", "192.0.2.128", "192.0.2.127" },
	{ "192.0.2.7", "192.0.2.7", "192.0.2.6" },
	{ "0.0.0.0/0", "203.0.113.1", "2001:db8::1" },
	{ "::/0", "2001:db8::1", "203.0.113.1" },
	{ "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1" },
};

START_TEST(test_block)
{
	struct diag diag = DIAG_INIT;
	struct ip_block block;
	struct ip ip;

	ck_assert_int_eq(ip_block_parse(&block, blocks[_i].block, &diag), 0);
	ck_assert_int_eq(ip_parse(&ip, blocks[_i].inside), 0);
	ck_assert(ip_block_holds(&block, &ip));
	ck_assert_int_eq(ip_parse(&ip, blocks[_i].outside), 0);
	ck_assert(!ip_block_holds(&block, &ip));
	ck_assert_uint_eq(diag.count, 0);
}
END_TEST

static const struct {
	const char *text, *why;
} refused[] = {
	{ "192.0.2.7/24", "\"192.0.2.7/24\" has bits set behind its prefix; "
	    "write 192.0.2.0/24" },
	{ "2001:db8::1/32", "\"2001:db8::1/32\" has bits set behind its "
	    "prefix; write 2001:db8::/32" },
	{ "192.0.2.0/33", "\"192.0.2.0/33\" has no prefix length between 0 "
	    "and 32 behind the slash" },
	{ "192.0.2.0/", "\"192.0.2.0/\" has no prefix length between 0 and "
	    "32 behind the slash" },
	{ "192.0.2/24", "\"192.0.2/24\" is not an IP address or address "
	    "block; write for example 192.0.2.0/24 or 2001:db8::/32" },
};

START_TEST(test_refused)
{
	struct diag diag = DIAG_INIT;
	struct ip_block block;

	ck_assert_int_eq(ip_block_parse(&block, refused[_i].text, &diag), -1);
	ck_assert_str_eq(diag_first(&diag), refused[_i].why);
	diag_release(&diag);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_address, COUNT(addresses) },
		{ test_block, COUNT(blocks) },
		{ test_refused, COUNT(refused) },
	};

	return table_run("ip", tests, COUNT(tests));
}
