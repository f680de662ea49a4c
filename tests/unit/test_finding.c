#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "reply/finding.h"
#include "reply/reason.h"
#include "table.h"

static const struct {
	const char	*reason;
	const char	*text;
	const char	*values;	/* "name=value name=value" */
} cases[] = {
	/* The only mail address. */
	{ "no-such-mailbox", "550 5.1.1 bob@example.com... qqqq",
	    "recipient=bob@example.com" },
	{ "no-such-mailbox", "550 qqqq (bob@example.com)",
	    "recipient=bob@example.com" },
	{ "mailbox-full", "552 'bob@example.com' is full, <bob@EXAMPLE.com>.",
	    "recipient=bob@example.com" },
	{ "bad-recipient-address", "qqqq to bob+x@example.com.",
	    "recipient=bob+x@example.com" },
	{ "sender-refused", "550 sender address <ann@example.net> qqqq",
	    "sender=ann@example.net" },
	{ "sender-domain-unknown", "550 mail from ann@example.net: qqqq",
	    "sender=ann@example.net" },

	/* The only address of a server. */
	{ "rate-limit", "450 4.7.1 too much mail from 192.0.2.3",
	    "client_ip=192.0.2.3" },
	{ "ip-blocklisted", "550 [192.0.2.7] qqqq", "client_ip=192.0.2.7" },
	{ "client-refused", "550 host out.example.net[192.0.2.7], 192.0.2.7",
	    "client_ip=192.0.2.7" },
	{ "client-refused", "550 ip:192.0.2.7. Sorry", "client_ip=192.0.2.7" },
	{ "spf-fail", "550 [IPv6:2001:db8::1] is not allowed",
	    "client_ip=2001:db8::1" },
	{ "no-reverse-dns", "550 no PTR for (2001:DB8::1)",
	    "client_ip=2001:db8::1" },
	{ "ip-blocklisted", "554 qqqq https://bl.example.org/q?ip=192.0.2.7",
	    "client_ip=192.0.2.7" },
	{ "ip-blocklisted", "554 192.0.2.7 gave 127.0.0.2",
	    "client_ip=192.0.2.7" },

	/* Lists. */
	{ "ip-blocklisted", "550 Listed at bl.example.org.",
	    "list=bl.example.org" },
	{ "ip-blocklisted", "554 in a black list at bl.example.org",
	    "list=bl.example.org" },
	{ "domain-blocklisted", "554 blocked using Spamhaus", "list=Spamhaus" },
	{ "ip-blocklisted", "554 (zen.spamhaus.org) qqqq",
	    "list=zen.spamhaus.org" },
	{ "ip-blocklisted", "554 7.2.0.192.zen.spamhaus.org, qqqq",
	    "list=zen.spamhaus.org" },
	{ "ip-blocklisted", "554 7.2.0.192.bl.spamcop.net: qqqq",
	    "list=bl.spamcop.net" },
	{ "bad-reputation", "554 qqqq: bl.spamcop.net", "list=bl.spamcop.net" },

	/* A new address, where the text invites to write there. */
	{ "mailbox-moved", "551 qqqq; please try <bob@example.net>",
	    "new_rcpt=bob@example.net" },
	{ "mailbox-moved", "551 has moved to bob@example.net.",
	    "new_rcpt=bob@example.net" },

	/* Sizes. */
	{ "too-big", "552 maximum message size (10000000)", "limit=10" },
	{ "too-big", "552 qqqq, limit is 25 MB", "limit=25" },
	{ "too-big", "552 size exceeds the 25.5MB limit", "limit=25.5" },
	{ "too-big", "552 size 30000000 exceeds size limit 10485760",
	    "limit=10.5" },
	{ "too-big-for-mailbox", "552 larger than 20480 kB", "limit=20.5" },
	{ "too-big", "552 max. size: 10000000 bytes", "limit=10" },

	/* Counts. */
	{ "too-many-recipients", "452 qqqq (maximum 100)", "limit=100" },
	{ "too-many-recipients", "452 more than 50 recipients per message",
	    "limit=50" },
	{ "too-many-recipients", "452 120 recipients, limit is 100.",
	    "limit=100" },
	{ "too-many-connections", "421 max 10 connections from 192.0.2.3",
	    "client_ip=192.0.2.3 limit=10" },

	/* Rates. */
	{ "rate-limit", "450 Rate limit exceeded: 100 messages per hour",
	    "limit=100 period=hour" },
	{ "rate-limit", "450 limit of 20/minute", "limit=20 period=minute" },
	{ "rate-limit", "450 wait 90 seconds", "minutes=2" },

	/* Times. */
	{ "greylisted", "451 qqqq for 300 seconds", "minutes=5" },
	{ "greylisted", "451 come back in 00:05:00", "minutes=5" },
	{ "greylisted", "451 try again in 301 s", "minutes=6" },
	{ "greylisted", "451 retry after 1 hour", "minutes=60" },
	{ "greylisted", "451 wait at least 5 minutes (in 5 min)",
	    "minutes=5" },
};

/* Where it could be something else, nothing is found. */
static const struct {
	const char	*reason;
	const char	*text;
} silent[] = {
	/* Somebody else's address. */
	{ "no-such-mailbox", "550 contact postmaster@example.com" },
	{ "no-such-mailbox", "550 contact the admins: help@example.com" },
	{ "no-such-mailbox", "550 mailto:ann@example.com" },
	{ "no-such-mailbox", "550 no user; questions to abuse@example.com" },
	{ "no-such-mailbox", "550 see Postmaster@example.com" },
	{ "no-such-mailbox", "550 or email ann@example.com" },
	{ "no-such-mailbox", "550 mail from ann@example.net" },
	{ "no-such-mailbox", "550 bob@example.com or eve@example.com" },
	{ "no-such-mailbox", "550 bob@localhost" },
	{ "no-such-mailbox", "550 a=bob@example.com" },
	{ "no-such-mailbox", "550 https://example.com/?a/bob@example.com" },
	{ "no-such-mailbox", "550 @ @@ bob@ @example.com" },
	{ "sender-refused", "550 ann@example.net" },
	{ "sender-refused", "550 sender may not write to bob@example.com" },
	{ "mailbox-moved", "551 was bob@example.com" },
	{ "mailbox-moved", "551 please try again" },
	{ "mailbox-moved", "551 do not try bob@example.com" },
	{ "message-refused", "550 bob@example.com [192.0.2.7] limit 10 MB" },

	/* Another server, or no server. */
	{ "no-reverse-dns", "550 PTR lookup failed by resolver 192.0.2.53" },
	{ "no-reverse-dns", "550 192.0.2.7 asked of 192.0.2.53" },
	{ "client-refused", "550 refused by mx.example.com[192.0.2.9]" },
	{ "client-refused", "550 refused at 192.0.2.9" },
	{ "client-refused", "550 helo [192.0.2.9]" },
	{ "client-refused", "550 ann@[192.0.2.9]" },
	{ "client-refused", "550 https://192.0.2.9/help" },
	{ "client-refused", "550 https://example.com/192.0.2.9" },
	{ "client-refused", "550 192.0.2.0/24" },
	{ "client-refused", "550 7.2.0.192.bl.example.org" },
	{ "client-refused", "550 version 1.2.3.4" },
	{ "client-refused", "550 999.0.2.1, 1.2.3, 12:30:00, bad:cafe" },
	{ "ip-blocklisted", "550 127.0.0.2" },

	/* No name of a list. */
	{ "ip-blocklisted", "550 listed in the database" },
	{ "ip-blocklisted", "550 blocked using a list" },
	{ "ip-blocklisted", "550 blocked using 127.0.0.2" },
	{ "ip-blocklisted", "550 listed at https://bl.example.org/x" },
	{ "ip-blocklisted", "550 see https://www.spamhaus.org/" },
	{ "ip-blocklisted", "550 see check.spamhaus.org" },
	{ "ip-blocklisted", "550 see 1.spamhaus.org, xbl.spamcop.net" },
	{ "ip-blocklisted", "550 ask x@zen.spamhaus.org" },
	{ "ip-blocklisted", "550 notzen-spamhaus.org" },

	/* No limit, or two. */
	{ "too-big", "552 size 30000000" },
	{ "too-big", "552 limit is 25" },
	{ "too-big", "552 limit is 250000 lines" },
	{ "too-big", "552 limit is 9999999999999 GB" },
	{ "too-big", "552 limit 10240" },
	{ "too-big", "552 limit exceeded by 5 MB" },
	{ "too-big", "552 limit 10 MB, maximum 20 MB" },
	{ "too-big", "552 quota limit is 10 MB" },
	{ "too-big", "552 limit 10,240,000" },
	{ "too-big", "552 limit 10 messages" },
	{ "too-big", "552 limit 99999999999999999999999999" },
	{ "too-many-recipients", "452 4.5.3 too many recipients (120)" },
	{ "too-many-recipients", "452 limit 10 MB" },
	{ "too-many-recipients", "452 limit 100 recipients per hour" },
	{ "too-many-recipients", "452 limit 100 per hour" },
	{ "too-many-recipients", "452 maximum 4.5.3" },
	{ "too-many-recipients", "452 unlimited 100, limits 100" },
	{ "rate-limit", "450 100 messages per hour" },
	{ "rate-limit", "450 limit 100 messages" },
	{ "rate-limit", "450 limit 10 per hour, limit 20 per day" },

	/* No time to wait. */
	{ "rate-limit", "450 100 messages in 60 seconds" },
	{ "greylisted", "451 300 seconds ago" },
	{ "greylisted", "451 wait 5-10 minutes" },
	{ "greylisted", "451 in 5 minutes, at most in 60 minutes" },
	{ "greylisted", "451 in 36 days" },
	{ "greylisted", "451 in 00:00:00" },
	{ "greylisted", "451 in 00:77:00" },
	{ "greylisted", "451 at 00:05:00" },
	{ "greylisted", "451 wait 0 minutes" },
	{ "greylisted", "451 wait 5 min 30 sec" },
	{ "greylisted", "451 wait 5 minutes and 30 seconds" },
	{ "greylisted", "451 wait for" },
};

static void
find(struct arena *arena, const char *reason, const char *text,
    struct values *values)
{
	const struct catalogue *catalogue = catalogue_new(arena);
	char *lower = arena_strdup(arena, text);
	const struct reason *found = catalogue_find(catalogue, reason);

	text_lower_all(lower);
	ck_assert_ptr_nonnull(found);
	finder_ask(finder_new(arena, catalogue), found, &(struct search){
		.arena = arena, .text = text, .lower = lower,
		.len = strlen(text), .values = values,
	});
}

static const char *
show(struct arena *arena, const struct values *values)
{
	const char *shown = "";

	for (size_t i = 0; i < VARIABLE_COUNT; i++)
		if (values->text[i] != NULL)
			shown = arena_format(arena, "%s%s%s=%s", shown,
			    *shown != '\0' ? " " : "",
			    variable_name((enum variable)i), values->text[i]);
	return shown;
}

START_TEST(finds)
{
	struct arena *arena = arena_new();
	struct values values = { .text = { NULL } };

	find(arena, cases[_i].reason, cases[_i].text, &values);
	ck_assert_str_eq(show(arena, &values), cases[_i].values);
	arena_free(arena);
}
END_TEST

START_TEST(stays_silent)
{
	struct arena *arena = arena_new();
	struct values values = { .text = { NULL } };

	find(arena, silent[_i].reason, silent[_i].text, &values);
	ck_assert_msg(*show(arena, &values) == '\0', "%s: %s",
	    silent[_i].text, show(arena, &values));
	arena_free(arena);
}
END_TEST

/* What is known is neither changed nor found again under another name. */
START_TEST(leaves_what_is_known)
{
	struct arena *arena = arena_new();
	struct values values = { .text = {
		[VARIABLE_RECIPIENT] = "bob@example.com",
		[VARIABLE_HELO] = "192.0.2.9",
		[VARIABLE_LIST] = "x", [VARIABLE_LIMIT] = "7" } };
	const char *before = show(arena, &values);

	find(arena, "sender-refused", "sender to <bob@example.com>, sender "
	    "<bob@example.com>", &values);
	find(arena, "no-such-mailbox", "eve@example.com", &values);
	find(arena, "client-refused", "192.0.2.9", &values);
	find(arena, "ip-blocklisted", "zen.spamhaus.org", &values);
	find(arena, "rate-limit", "limit 100 per hour", &values);
	ck_assert_str_eq(show(arena, &values), before);
	arena_free(arena);
}
END_TEST

/* Endless or broken texts come to an end. */
START_TEST(hostile)
{
	static const char *const pieces[] = { "@", "a@", "[1", ".", ":",
	    "limit ", "limit 1", "192.0.2.1", "\001", "://", "in 1 ",
	    "a@b.c ", "(((", "max.", "zen.", "listed at " };
	static const char *const reasons[] = { "no-such-mailbox",
	    "sender-refused", "ip-blocklisted", "too-big", "rate-limit",
	    "greylisted", "too-many-connections", "mailbox-moved" };

	for (size_t i = 0; i < COUNT(reasons); i++) {
		struct arena *arena = arena_new();
		struct values values = { .text = { NULL } };
		char text[4001] = "";

		while (strlen(text) + strlen(pieces[_i]) < sizeof(text))
			strcat(text, pieces[_i]);
		find(arena, reasons[i], text, &values);
		find(arena, reasons[i], "", &values);
		arena_free(arena);
	}
}
END_TEST

static const struct {
	const char	*text;
	const char	*scaled;	/* NULL: not known */
} sizes[] = {
	{ "25", "25" }, { "999", "999" }, { "1000", NULL }, { "99999", NULL },
	{ "100000", "0.1" }, { "26214400", "26.2" }, { "30000000", "30" },
	{ "2.5", NULL }, { "99999999999999999999999", NULL },
};

START_TEST(scales)
{
	struct arena *arena = arena_new();
	const char *size = sizes[_i].text;

	finding_scale(arena, &size);
	if (sizes[_i].scaled == NULL)
		ck_assert_ptr_null(size);
	else
		ck_assert_str_eq(size, sizes[_i].scaled);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ finds, COUNT(cases) },
		{ stays_silent, COUNT(silent) },
		{ leaves_what_is_known, 1 },
		{ hostile, 16 },
		{ scales, COUNT(sizes) },
	};

	return table_run("finding", tests, COUNT(tests));
}
