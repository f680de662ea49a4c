/* Which lines of a log can hold a refusal, and which are ours. */
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "reply/raw.h"
#include "tool/audit_line.h"
#include "table.h"

static struct text
text_from(const char *text)
{
	return (struct text){ .bytes = text, .len = strlen(text) };
}

static const struct {
	const char	*line;
	bool		 may;
} lines[] = {
	{ "x postfix/smtpd[1]: NOQUEUE: reject: RCPT from a[192.0.2.1]: 554",
	    true },
	{ "x postfix/cleanup[1]: 1A: milter-reject: END-OF-MESSAGE", true },
	{ "x postfix/smtp[1]: 1A: status=bounced (host a said: 550 no)",
	    true },
	{ "x postfix/smtp[1]: 1A: relay=stat.example.com, status=deferred",
	    true },
	{ "x sendmail[1]: 1a: to=<b@example.com>, stat=User unknown", true },
	{ "x sm-mta[1]: 1a: ruleset=check_rcpt, reject=550 5.7.1 no", true },
	{ "x sendmail[1]: 1a: <b@example.com>... User unknown", true },
	{ "x sendmail[1]: 1a: <bad@@x>... Invalid route address", true },
	{ "x sendmail[1]: 1a: stat=lost input channel", true },
	{ "x milter-reply[1]: outcome=done action=defer", true },
	{ "550 5.1.1 User unknown", true },
	{ "450-4.2.1 one", true },
	{ "", false },
	{ "55", false },
	{ "5501 x", false },
	{ "x stat", false },
	{ "x stat=", false },
	{ "x status", false },
	{ "x postfix/smtp[1]: 1A: status=sent (250 2.0.0 Ok)", false },
	{ "x postfix/verify[1]: status=deliverable", false },
	{ "x sendmail[1]: 1a: stat=Sent (250 Ok)", false },
	{ "x sendmail[1]: 1a: stat=queued", false },
	{ "x sendmail[1]: 1a: to=<b@example.com>, pri=0, stat=RSET", false },
	{ "x sendmail[1]: 1a: to=<b@example.com>, pri=0, stat=EHLO", false },
	{ "x sendmail[1]: 1a: stat=aborted by sender", false },
	{ "x sendmail[1]: 1a: from=<a@example.com>, size=0", false },
	{ "x postfix/smtpd[1]: connect from static.example.com", false },
	{ "2026-11-22T08:00:00 mx postfix/qmgr[1]: 1A: removed", false },
};

START_TEST(first_look)
{
	ck_assert_int_eq(line_may_refuse(text_from(lines[_i].line)),
	    lines[_i].may);
}
END_TEST

#define OWN	"Nov 22 08:00:00 mx milter-reply[9]: "

static const struct {
	const char	*line;
	const char	*read;	/* reason, source, map, original and case; NULL:
				   not ours, or no refusal */
} own[] = {
	{ OWN "outcome=done action=reject case=7K3Q-X2M9 "
	    "source=\"policy fake helo\" stage=helo reason=bad-helo helo=x",
	    "bad-helo|policy fake helo|||7K3Q-X2M9" },
	{ "outcome=fault action=defer reason=system-problem",
	    "system-problem||||" },
	{ OWN "outcome=done action=reject source=\"policy a\\\"b\" "
	    "reason=spam", "spam|policy a\\\"b|||" },
	{ OWN "outcome=done action=reject case=7K3Q-X2M9 source=mta "
	    "map=delivery reason=no-such-mailbox original=\"5.1.1 host x said: "
	    "550 no\"", "no-such-mailbox|mta|delivery|5.1.1 host x said: 550 "
	    "no|7K3Q-X2M9" },
	{ "2026-11-22T08:00:00.1+00:00 mx milter-reply: outcome=done "
	    "action=defer reason=spam", "spam||||" },
	{ "milter-reply[12]: outcome=separated action=reject reason=spam",
	    "spam||||" },
	/* A client may greet with anything. */
	{ OWN "outcome=done action=reject helo=\"x reason=spam case=A "
	    "map=delivery\" lint=T1", "||||" },
	{ OWN "outcome=done action=reject helo=\"x\\\" reason=spam\"",
	    "||||" },
	{ OWN "outcome=observed action=reject reason=spam", NULL },
	{ OWN "outcome=done action=accept", NULL },
	{ OWN "outcome=done", NULL },
	{ OWN "event=start text=x", NULL },
	{ "x postfix/smtpd[1]: reject: helo=<outcome=done action=reject>",
	    NULL },
	{ "x postfix/smtpd[1]: reject: x outcome=done action=reject", NULL },
	{ "x postfix/smtp[1]: 1A: status=bounced (host a[192.0.2.1] said: 550 "
	    "no: outcome=done action=reject reason=spam)", NULL },
	{ "x postfix/smtp[1]: 1A: status=bounced (host a[192.0.2.1] said: 550 "
	    "milter-reply[1]: outcome=done action=reject)", NULL },
	{ "x not-milter-reply[1]: outcome=done action=reject", NULL },
	{ "x milter-reply2[1]: outcome=done action=reject", NULL },
	{ "x milter-reply[1: outcome=done action=reject", NULL },
	{ "x milter-reply1]: outcome=done action=reject", NULL },
	{ OWN "text=x: outcome=done action=reject", NULL },
	{ ": outcome=done action=reject", NULL },
	{ " outcome=done action=reject", NULL },
	{ "", NULL },
};

START_TEST(own_lines)
{
	struct arena *arena = arena_new();
	struct strbuf read = STRBUF_INIT;
	struct own_line line;
	struct text said = text_from(own[_i].line);
	bool ours = line_is_ours(&said) && line_read_own(arena, said, &line);

	ck_assert_int_eq(ours, own[_i].read != NULL);
	if (ours) {
		strbuf_addf(&read, "%s|%s|%s|%s|%s", line.reason, line.source,
		    line.map, line.original, line.case_id);
		ck_assert_str_eq(read.text, own[_i].read);
	}
	strbuf_release(&read);
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*reply;
	const char	*read;	/* case and reason; NULL: not ours */
} replies[] = {
	{ "550-5.1.1 No such address.\\r\\n550 5.1.1 More help: "
	    "https://example.com/mail/no-such-mailbox Case: 7K3Q-X2M9",
	    "7K3Q-X2M9|no-such-mailbox" },
	{ "550 5.1.1 Name its case. Case: 7K3Q-X2M9", "7K3Q-X2M9|" },
	{ "5.1.1 The server a refused it. More help: https://a/no-mail Case: "
	    "7K3Q-X2M9 The server said: 550 5.1.1 no", "7K3Q-X2M9|no-mail" },
	{ "550-5.1.1 Ask us. Case: 7K3Q-X2M9\\r\\n550 5.1.1 for help, call us",
	    "7K3Q-X2M9|" },
	{ "550 5.1.1 Ask us. Case: 7K3Q-X2M9; a footer", "7K3Q-X2M9|" },
	{ "550 5.1.1 <a@example.com>: x Case: 7K3Q-X2M9", "7K3Q-X2M9|" },
	{ "550 5.1.1 a <b Case: 7K3Q-X2M9", "7K3Q-X2M9|" },
	{ "550 5.1.1 Case: 7K3Q-X2M9", NULL },
	{ "550 5.1.1 A Case: 7k3q-x2m9", NULL },
	{ "550 5.1.1 A Case: 7K3QX2M99", NULL },
	{ "550 5.1.1 A Case: 7K3Q-X2M99", NULL },
	{ "550 5.1.1 A Case: 7K3Q-X2M", NULL },
	/* 0, 1, I and O are in no case. */
	{ "550 5.1.1 A Case: 7K3Q-X2M0", NULL },
	{ "550 5.1.1 A Case: 7K3Q-IOM9", NULL },
	{ "550 5.1.1 <\"a Case: 7K3Q-X2M9\"@example.com>: User unknown", NULL },
	{ "550 5.1.1 <a Case: 7K3Q-X2M9>: Helo command rejected", NULL },
	{ "550 5.1.1 <a Case: 7K3Q-X2M9>: b <c> Case: ABCD-EFGH",
	    "ABCD-EFGH|" },
	{ "550 5.1.1 X: 7K3Q-X2M9", NULL },
	{ "550 5.1.1 7K3Q-X2M9", NULL },
	{ "550 5.1.1 User unknown", NULL },
	{ "550", NULL },
	{ "", NULL },
};

START_TEST(own_replies)
{
	struct arena *arena = arena_new();
	struct strbuf reason = STRBUF_INIT;
	char case_id[CASE_TEXT_MAX];
	struct raw_reply reply = raw_parse(arena, replies[_i].reply,
	    strlen(replies[_i].reply));
	bool ours = reply_read_own(&reply, case_id, &reason);

	ck_assert_int_eq(ours, replies[_i].read != NULL);
	if (ours)
		ck_assert_str_eq(arena_format(arena, "%s|%s", case_id,
		    reason.text), replies[_i].read);
	strbuf_release(&reason);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ first_look, COUNT(lines) },
		{ own_lines, COUNT(own) },
		{ own_replies, COUNT(replies) },
	};

	return table_run("audit_line", tests, COUNT(tests));
}
