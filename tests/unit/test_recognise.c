#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "reply/cue.h"
#include "reply/knowledge.h"
#include "reply/reason.h"
#include "reply/recognise.h"
#include "reply/unwrap.h"
#include "table.h"

#define TEN	"aaaa aaaa "
#define HUNDRED	TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED \
	HUNDRED HUNDRED HUNDRED

/* Meanings of our own, so that the data files may change. */
static const struct meaning_source sources[] = {
	{ .from = "", .reply = "*zebra <{recipient}> unknown*",
	  .reason = "no-such-mailbox" },
	{ .from = "", .reply = "*zebra * of {sender}*",
	  .reason = "sender-refused", .doubtful = true },
	{ .from = "", .reply = "*zebra size {size} limit {limit}*",
	  .reason = "too-big" },
	{ .from = "", .reply = "*zebra rate limit {limit}*",
	  .reason = "rate-limit" },
	{ .from = "", .reply = "*zebra says no*", .reason = UNCLEAR },
	{ .from = "", .reply = "*zebra is on {list}*",
	  .reason = "ip-blocklisted" },
	{ .from = "", .reply = "4?? 4.7.1 zebra", .reason = "greylisted" },
	{ .from = "", .reply = "*zebra from {client_name}*",
	  .reason = "client-refused" },
	{ .from = "postfix", .reply = "*zebra of postfix*", .reason = "spam" },
};

#define LOG(reply)	"Nov 22 07:00:00 mx postfix/smtpd[12]: NOQUEUE: " \
	"reject: RCPT from out.example.net[192.0.2.1]: " reply \
	"; from=<ann@example.net> to=<bob@example.com> proto=ESMTP helo=<x>"

static const struct {
	const char	*text;
	const char	*reason;	/* NULL: the data files know */
	enum sure	 sure;
	const char	*values;	/* "name=value name=value" */
} cases[] = {
	{ "550 zebra <bob@example.com> unknown", "no-such-mailbox", SURE_HIGH,
	    "recipient=bob@example.com recipient_domain=example.com" },
	{ "550 zebra mail of ann@example.net", "sender-refused", SURE_LOW,
	    "sender=ann@example.net sender_domain=example.net" },
	{ "550-ZEBRA\r\n550 says no", UNCLEAR, SURE_NONE, "" },
	{ "451 4.7.1 zebra", "greylisted", SURE_HIGH, "" },
	{ "550 zebra from unknown", "client-refused", SURE_HIGH, "" },

	/* Names are no words. */
	{ "550 no such user zebra.says.no@example.com", "no-such-mailbox",
	    SURE_HIGH, "recipient=zebra.says.no@example.com "
	    "recipient_domain=example.com" },
	{ "550 5.1.1 <zebra.says.no>: qqqq", NULL, SURE_NONE, "" },
	{ "550 <zebra.says.no@example.com>... qqqq", NULL, SURE_NONE, "" },
	{ "550 zebra says no, not a@example.com", UNCLEAR, SURE_NONE, "" },

	/* What stands where servers always put it, and the cue leaves out. */
	{ "450 4.7.1 <bob@example.com>: Recipient address rejected: zebra "
	    "size 1 limit 2", "too-big", SURE_HIGH, "recipient=bob@example.com "
	    "recipient_domain=example.com size=1 limit=2" },
	{ "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: qqqq",
	    NULL, SURE_NONE, "client_ip=192.0.2.1" },

	/* The wrapping knows better than the rest of the words. */
	{ LOG("451 zebra rate limit 5: 192.0.2.7 must wait 90 seconds"),
	    "rate-limit", SURE_HIGH, "client_ip=192.0.2.1 "
	    "client_name=out.example.net helo=x sender=ann@example.net "
	    "sender_domain=example.net recipient=bob@example.com "
	    "recipient_domain=example.com limit=5 minutes=2" },
	{ "451 zebra rate limit 5: 192.0.2.7", "rate-limit", SURE_HIGH,
	    "client_ip=192.0.2.7 limit=5" },
	/* A list is a name. */
	{ "550 zebra is on bl.example.org", "ip-blocklisted", SURE_HIGH,
	    "list=bl.example.org" },
	{ "550 zebra is on the list", "ip-blocklisted", SURE_HIGH, "" },
	{ "550 zebra is on 127.0.0.2", "ip-blocklisted", SURE_HIGH, "" },

	/* Sizes: of bytes we make megabytes, and never guess. */
	{ "552 zebra size 26214400 limit 10485760", "too-big", SURE_HIGH,
	    "size=26.2 limit=10.5" },
	{ "552 zebra size 30000000 limit 25", "too-big", SURE_HIGH,
	    "size=30 limit=25" },
	{ "552 zebra size 26214 limit 10240", "too-big", SURE_HIGH, "" },
	{ "451 zebra rate limit 500000", "rate-limit", SURE_HIGH,
	    "limit=500000" },

	/* The words count more than the code ... */
	{ "550 5.2.2 zebra <bob@example.com> unknown", "no-such-mailbox",
	    SURE_HIGH,
	    "recipient=bob@example.com recipient_domain=example.com" },
	{ "550 5.1.1 zebra says no", UNCLEAR, SURE_NONE, "" },
	/* ... which alone tells something only where it is telling. */
	{ "550 5.1.1 qqqq", "no-such-mailbox", SURE_LOW, "" },
	{ "552 5.2.2", "mailbox-full", SURE_LOW, "" },
	{ "452 4.2.2 qqqq", "mailbox-full", SURE_LOW, "" },
	{ "5.7.23 qqqq", "spf-fail", SURE_LOW, "" },
	{ "5.4.7 qqqq", "expired", SURE_LOW, "" },
	{ "4.4.7 qqqq", UNCLEAR, SURE_NONE, "" },
	{ "qqqq (#5.2.3)", "too-big-for-mailbox", SURE_LOW, "" },
	{ "450 4.1.1 qqqq", UNCLEAR, SURE_NONE, "" },
	{ "450 5.1.1 qqqq", UNCLEAR, SURE_NONE, "" },
	{ "550 5.7.1 qqqq", UNCLEAR, SURE_NONE, "" },
	{ "550 5.0.0 qqqq", UNCLEAR, SURE_NONE, "" },
	{ "qqqq", UNCLEAR, SURE_NONE, "" },
	{ "", UNCLEAR, SURE_NONE, "" },

	/* What the wrapping tells comes behind what the words tell. */
	{ LOG("550 zebra <eve@example.org> unknown"), "no-such-mailbox",
	    SURE_HIGH, "client_ip=192.0.2.1 client_name=out.example.net helo=x "
	    "sender=ann@example.net sender_domain=example.net "
	    "recipient=eve@example.org recipient_domain=example.org" },
	{ LOG("450 qqqq"), UNCLEAR, SURE_NONE, "client_ip=192.0.2.1 "
	    "client_name=out.example.net helo=x sender=ann@example.net "
	    "sender_domain=example.net recipient=bob@example.com "
	    "recipient_domain=example.com" },
	/* A log of Postfix says who speaks. */
	{ "postfix/smtpd[12]: NOQUEUE: reject: HELO from x[192.0.2.1]: 550 a "
	    "zebra of postfix", "spam", SURE_HIGH, "client_ip=192.0.2.1 "
	    "client_name=x" },
	{ "550 a zebra of postfix", UNCLEAR, SURE_NONE, "" },

	/* Only the beginning of a text without end is looked at. */
	{ "550 " THOUSAND "zebra <bob@example.com> unknown", "no-such-mailbox",
	    SURE_HIGH,
	    "recipient=bob@example.com recipient_domain=example.com" },
	{ "550 " THOUSAND THOUSAND THOUSAND THOUSAND "zebra says unknown",
	    UNCLEAR, SURE_NONE, "" },
};

START_TEST(recognises)
{
	struct arena *arena = arena_new();
	struct knowledge *knowledge = knowledge_new(arena,
	    catalogue_new(arena));
	struct unwrapped unwrapped = unwrap(arena, cases[_i].text,
	    strlen(cases[_i].text));
	struct diag diag = DIAG_INIT;
	struct recognition r;
	const char *values = "";

	for (size_t i = 0; i < COUNT(sources); i++)
		ck_assert_int_eq(knowledge_add(knowledge, &sources[i], &diag),
		    0);
	knowledge_finish(knowledge);
	r = recognise(arena, knowledge, "", &unwrapped);
	if (cases[_i].reason != NULL) {
		ck_assert_str_eq(r.reason != NULL ? r.reason->name : UNCLEAR,
		    cases[_i].reason);
		ck_assert_str_eq(sure_name(r.sure), sure_name(cases[_i].sure));
	}
	if (r.meaning != NULL)
		ck_assert_ptr_eq(r.meaning->reason, r.reason);
	for (size_t i = 0; i < VARIABLE_COUNT; i++)
		if (r.values.text[i] != NULL)
			values = arena_format(arena, "%s%s%s=%s", values,
			    *values != '\0' ? " " : "",
			    variable_name((enum variable)i), r.values.text[i]);
	ck_assert_str_eq(values, cases[_i].values);
	arena_free(arena);
}
END_TEST

/* Every code of telling.def names a reason, and a code that is registered. */
static const struct {
	unsigned subject, detail;
	const char *reason;
} tellings[] = {
#define TELLING(digit, rest, in, name)	\
	{ .subject = (digit), .detail = (rest), .reason = (name) },
#include "reply/telling.def"
#undef TELLING
};

START_TEST(codes_are_known)
{
	struct arena *arena = arena_new();

	ck_assert_ptr_nonnull(enhanced_code_find(tellings[_i].subject,
	    tellings[_i].detail));
	ck_assert_ptr_nonnull(catalogue_find(catalogue_new(arena),
	    tellings[_i].reason));
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ recognises, COUNT(cases) },
		{ codes_are_known, COUNT(tellings) },
	};

	return table_run("recognise", tests, COUNT(tests));
}
