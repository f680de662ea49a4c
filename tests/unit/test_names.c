/* test_names - which known name was meant by an unknown one. */
#include <check.h>
#include <string.h>

#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "table.h"

static const char *const names[] = {
	"client_ip", "client_name", "helo", "sender", "recipient",
	"no-such-mailbox"
};

static const struct {
	const char *written, *said;
} unknowns[] = {
	{ "client_pi", "unknown word \"client_pi\"; did you mean "
	    "\"client_ip\"?" },
	{ "clientname", "unknown word \"clientname\"; did you mean "
	    "\"client_name\"?" },
	{ "ehlo", "unknown word \"ehlo\"; did you mean \"helo\"?" },
	{ "SENDER", "unknown word \"SENDER\"; did you mean \"sender\"?" },
	{ "no_such_mailbox", "unknown word \"no_such_mailbox\"; did you mean "
	    "\"no-such-mailbox\"?" },
	{ "client", "unknown word \"client\"; it can be client_ip or "
	    "client_name" },
	{ "Client-", "unknown word \"Client-\"; it can be client_ip or "
	    "client_name" },
	{ "client_n", "unknown word \"client_n\"; did you mean "
	    "\"client_name\"?" },
	{ "no-such", "unknown word \"no-such\"; did you mean "
	    "\"no-such-mailbox\"?" },
	{ "s", "unknown word \"s\"; write one of client_ip, client_name, "
	    "helo, sender, recipient, no-such-mailbox" },
	{ "colour", "unknown word \"colour\"; write one of client_ip, "
	    "client_name, helo, sender, recipient, no-such-mailbox" },
	{ "a\"b\n\x1b", "unknown word \"a\\\"b\\x0a\\x1b\"; write one of "
	    "client_ip, client_name, helo, sender, recipient, "
	    "no-such-mailbox" },
};

START_TEST(test_unknown)
{
	struct diag diag = DIAG_INIT;

	names_unknown(&diag, "word", unknowns[_i].written, names,
	    sizeof(names) / sizeof(names[0]));
	ck_assert_str_eq(diag_first(&diag), unknowns[_i].said);
	diag_release(&diag);
}
END_TEST

static const char *const options[] = {
	"--cipher", "--client-ip", "--client-name", "--client-port", "--conf",
};

static const struct {
	const char *written, *said;
} beginnings[] = {
	{ "--client", "unknown option \"--client\"; it can be --client-ip, "
	    "--client-name or --client-port" },
	{ "--con", "unknown option \"--con\"; did you mean \"--conf\"?" },
	{ "--client-", "unknown option \"--client-\"; it can be --client-ip, "
	    "--client-name or --client-port" },
	{ "--cipehr", "unknown option \"--cipehr\"; did you mean "
	    "\"--cipher\"?" },
};

START_TEST(test_beginning)
{
	struct diag diag = DIAG_INIT;

	names_unknown(&diag, "option", beginnings[_i].written, options,
	    COUNT(options));
	ck_assert_str_eq(diag_first(&diag), beginnings[_i].said);
	diag_release(&diag);
}
END_TEST

START_TEST(test_find)
{
	ck_assert_int_eq(names_find(names, 6, "helo"), 2);
	ck_assert_int_eq(names_find(names, 6, "Helo"), -1);
	ck_assert_int_eq(names_find(names, 6, ""), -1);
}
END_TEST

START_TEST(test_long)
{
	char word[300];

	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	ck_assert_ptr_null(names_nearest(names, 6, word));
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_unknown, COUNT(unknowns) },
		{ test_beginning, COUNT(beginnings) },
		{ test_find, 1 },
		{ test_long, 1 },
	};

	return table_run("names", tests, COUNT(tests));
}
