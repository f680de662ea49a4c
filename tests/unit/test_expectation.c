/* test_expectation - each attribute of an imaginary mail reaches its policy. */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/snapshot.h"
#include "policy/attribute.h"
#include "table.h"

/* A condition, a mail for which it holds, and one for which it does not. */
static const struct {
	const char *attribute, *when, *holds, *other;
} mails[] = {
	{ "client_ip", "client_ip = \"192.0.2.0/24\";",
	    "client_ip = \"192.0.2.7\";", "client_ip = \"198.51.100.7\";" },
	{ "client_ip", "client_ip = \"2001:db8::/32\";",
	    "client_ip = \"2001:db8::1\";", "" },
	{ "client_name", "client_name = \".example.net\";",
	    "client_name = \"mx.example.net\";", "" },
	{ "client_port", "client_port = \"< 1024\";",
	    "client_port = 1000;", "client_port = 40000;" },
	{ "daemon_name", "daemon_name = \"MSA\";",
	    "daemon_name = \"MSA\";", "" },
	{ "day", "day = \"sat\";", "day = \"sat\";", "" },
	{ "day", "day = \"mon-fri\";", "", "day = \"sun\";" },
	{ "time", "time = \"22:00-06:00\";", "time = \"23:30\";",
	    "time = \"12:00\";" },
	{ "helo", "helo = \"localhost\";", "helo = \"localhost\";",
	    "helo = \"mx.example.net\";" },
	{ "sender", "sender = \"<>\";", "sender = \"<>\";", "" },
	{ "sender", "sender = \"ann@example.net\";", "",
	    "sender = \"eve@example.net\";" },
	{ "sender_domain", "sender_domain = \"example.org\";",
	    "sender = \"ann@example.org\";", "" },
	{ "auth_user", "auth_user = \"*\";", "auth_user = \"ann\";", "" },
	{ "auth_mech", "auth_mech = \"PLAIN\";", "auth_mech = \"plain\";",
	    "auth_mech = \"LOGIN\";" },
	{ "tls", "tls = \"TLSv1\";", "tls = \"TLSv1\";", "tls = \"TLSv1.3\";" },
	{ "cipher", "cipher = \"*RC4*\";", "cipher = \"RC4-SHA\";", "" },
	{ "recipient", "recipient = \"bob@example.com\";", "",
	    "recipient = \"kim@example.com\";" },
	{ "recipient", "recipient = \"kim@example.com\";",
	    "recipient = [ \"bob@example.com\", \"kim@example.com\" ];", "" },
	{ "recipient_domain", "recipient_domain = \"example.org\";",
	    "recipient = \"kim@example.org\";", "" },
	{ "recipients", "recipients = \"> 50\";", "recipients = 51;",
	    "recipients = 50;" },
	{ "queue_id", "queue_id = \"4Zx*\";", "queue_id = \"4Zx1\";", "" },
	{ "size", "size = \">= 100k\";", "size = \"100k\";",
	    "size = 102399;" },
	{ "hops", "hops = \"> 20\";", "hops = 21;", "hops = 20;" },
	{ "subject", "subject = \"/lottery/\";",
	    "subject = \"A Lottery!\";", "subject = \"Dinner\";" },
	{ "header", "header = { Precedence = \"bulk\"; X-A = \"b\"; };",
	    "header = { precedence = [ \"list\", \"bulk\" ]; X-A = \"B\"; };",
	    "header = { Precedence = \"bulk\"; X-A = \"c\"; };" },
	{ "header_raw", "header_raw = { Subject = \"=?*\"; };",
	    "subject = \"=?utf-8?q?x?=\";", "subject = \"x\";" },
	{ "body", "body = \"/click here/\";",
	    "body = \"Now click here.\";", "body = \"Dear Ann\";" },
	{ "body", "body = \"/click here/\";",
	    "body = \"Click here\"; attachment = \"a.pdf\";", "" },
	{ "attachment", "attachment = \"*.docm\";",
	    "attachment = [ \"a.pdf\", \"B \\\"2\\\".DOCM\" ];",
	    "attachment = \"a.docx\";" },
	{ "macro", "macro = { if_addr = \"192.0.2.1\"; };",
	    "macro = { if_addr = \"192.0.2.1\"; };",
	    "macro = { if_addr = \"192.0.2.2\"; };" },
};

static void
must_load(const char *text)
{
	struct diag diag = DIAG_INIT;
	struct strbuf said = STRBUF_INIT;
	struct snapshot *snapshot = snapshot_load_text(text, "x.conf", &diag);

	diag_format(&diag, &said);
	ck_assert_msg(said.len == 0, "%s\n%s", text, said.text);
	ck_assert_ptr_nonnull(snapshot);
	snapshot_put(snapshot);
	diag_release(&diag);
	strbuf_release(&said);
}

START_TEST(test_mails)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "site: { contact = \"postmaster@example.com\"; };\n"
	    "policies: ( { name = \"it\"; when = { %s };\n"
	    "reject = \"message-refused\"; } );\n"
	    "expect: ( { name = \"holds\"; given = { %s }; policy = \"it\"; "
	    "reason = \"message-refused\"; },\n"
	    "{ name = \"does not\"; given = { %s }; accept = true; } );\n",
	    mails[_i].when, mails[_i].holds, mails[_i].other);
	must_load(text.text);
	strbuf_release(&text);
}
END_TEST

/* No attribute was forgotten above. */
START_TEST(test_all_attributes)
{
	const char *name = attribute_name((enum attribute)_i);
	bool found = false;

	for (int i = 0; i < COUNT(mails); i++)
		if (strcmp(mails[i].attribute, name) == 0)
			found = true;
	ck_assert_msg(found, "%s is not tried", name);
}
END_TEST

/* What becomes of a mail where more than one thing happens. */
static const struct {
	const char *name, *settings, *policies, *cases;
} ends[] = {
	{ "observe does not change what cases see", "mode = \"observe\";",
	    "{ name = \"a\"; when = { helo = \"h\"; }; "
	    "reject = \"bad-helo\"; }",
	    "{ name = \"x\"; given = { helo = \"h\"; }; reply = \"550 5.7.1\";"
	    " }" },
	{ "a policy that observes does not decide", "",
	    "{ name = \"a\"; when = { helo = \"h\"; }; reject = \"bad-helo\";"
	    " observe = true; }",
	    "{ name = \"x\"; given = { helo = \"h\"; }; accept = true; }" },
	{ "early refusal", "refuse_at = \"earliest\";",
	    "{ name = \"a\"; when = { helo = \"h\"; }; "
	    "reject = \"bad-helo\"; }",
	    "{ name = \"x\"; given = { helo = \"h\"; }; policy = \"a\"; }" },
	{ "protected recipient", "",
	    "{ name = \"a\"; when = { helo = \"h\"; }; "
	    "reject = \"bad-helo\"; }",
	    "{ name = \"x\"; given = { helo = \"h\"; recipient = "
	    "\"postmaster@example.com\"; }; accept = true; }" },
	{ "one of two recipients", "",
	    "{ name = \"a\"; when = { recipient = \"kim@*\"; }; "
	    "reject = \"no-such-mailbox\"; }",
	    "{ name = \"x\"; given = { recipient = [ \"kim@example.com\", "
	    "\"bob@example.com\" ]; }; reply = \"550 5.1.1\"; }" },
	{ "defer", "",
	    "{ name = \"a\"; when = { helo = \"h\"; }; defer = \"rate-limit\";"
	    " }",
	    "{ name = \"x\"; given = { helo = \"h\"; }; reply = \"451 4.7.1\"; "
	    "reason = \"rate-limit\"; }" },
	{ "not decided, so deferred", "body_max = \"64k\"; on_error = "
	    "\"defer\";",
	    "{ name = \"a\"; when = { attachment = \"*.exe\"; }; "
	    "discard = true; }",
	    "{ name = \"x\"; given = { size = \"100k\"; attachment = \"a\"; }; "
	    "reply = \"451 4.3.0\"; reason = \"system-problem\"; "
	    "policy = \"a\"; }" },
	{ "discard and quarantine", "",
	    "{ name = \"a\"; when = { subject = \"a\"; }; discard = true; },\n"
	    "{ name = \"b\"; when = { subject = \"b\"; }; quarantine = \"q\"; "
	    "}",
	    "{ name = \"x\"; given = { subject = \"a\"; }; discard = true; },\n"
	    "{ name = \"y\"; given = { subject = \"b\"; }; quarantine = true; "
	    "policy = \"b\"; }" },
	{ "accepted by a policy", "",
	    "{ name = \"a\"; when = { helo = \"h\"; }; accept = true; },\n"
	    "{ name = \"b\"; when = { helo = \"h*\"; }; reject = \"bad-helo\"; "
	    "}",
	    "{ name = \"x\"; given = { helo = \"h\"; }; accept = true; "
	    "policy = \"a\"; },\n"
	    "{ name = \"y\"; given = { helo = \"hh\"; }; policy = \"b\"; }" },
};

START_TEST(test_ends)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "daemon: { %s };\n"
	    "site: { contact = \"postmaster@example.com\"; };\n"
	    "policies: ( %s );\nexpect: ( %s );\n", ends[_i].settings,
	    ends[_i].policies, ends[_i].cases);
	must_load(text.text);
	strbuf_release(&text);
}
END_TEST

/* A case that fails: the daemon does not load it, tools do and say so. */
START_TEST(test_tools)
{
	char file[] = "/tmp/test_expectation.XXXXXX";
	static const char text[] =
	    "site: { contact = \"postmaster@example.com\"; };\n"
	    "policies: ( { name = \"a\"; when = { helo = \"h\"; }; "
	    "accept = true; } );\n"
	    "expect: ( { name = \"x\"; given = { helo = \"h\"; }; "
	    "policy = \"a\"; discard = true; } );\n";
	struct diag diag = DIAG_INIT;
	struct snapshot *snapshot;
	int fd = mkstemp(file);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	ck_assert_ptr_null(snapshot_load(file, &diag));
	ck_assert_uint_eq(diag.errors, 1);
	diag_release(&diag);
	snapshot = snapshot_load_for_tools(file, &diag);
	ck_assert_ptr_nonnull(snapshot);
	ck_assert_uint_eq(diag.errors, 0);
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_int_eq(diag.messages[0].severity, SEVERITY_WARNING);
	snapshot_put(snapshot);
	diag_release(&diag);
	unlink(file);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_mails, COUNT(mails) },
		{ test_all_attributes, ATTRIBUTE_COUNT },
		{ test_ends, COUNT(ends) },
		{ test_tools, 1 },
	};

	return table_run("expectation", tests, COUNT(tests));
}
