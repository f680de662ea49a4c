#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "reply/raw.h"
#include "reply/unwrap.h"
#include "table.h"

/* What is in a reply, in one line: "550 5.1.1 words | 550 5.1.1 more". */
static void
reply_show(const struct raw_reply *reply, struct strbuf *out)
{
	for (size_t i = 0; i < reply->count; i++) {
		const struct raw_line *line = &reply->lines[i];

		strbuf_adds(out, i > 0 ? " | " : "");
		if (line->code != 0)
			strbuf_addf(out, "%u ", line->code);
		if (line->enhanced)
			strbuf_addf(out, "%u.%u.%u ", line->class,
			    line->subject, line->detail);
		strbuf_adds(out, line->text);
	}
}

static void
values_show(const struct values *values, struct strbuf *out)
{
	for (size_t i = 0; i < VARIABLE_COUNT; i++)
		if (values->text[i] != NULL)
			strbuf_addf(out, "%s%s=%s", out->len > 0 ? " " : "",
			    variable_name((enum variable)i), values->text[i]);
}

#define HEAD	"Nov 22 07:00:00 mx postfix/"
#define SMTPD	HEAD "smtpd[12]: "
#define SMTP	HEAD "smtp[13]: "
#define SENDMAIL "Nov  2 07:00:00 mx sm-mta[14]: xAM7000a000014: "
#define FIELDS	"; from=<ann@example.net> to=<bob@example.com> proto=ESMTP " \
	"helo=<mail.example.net>"
#define CLIENT	"client_ip=192.0.2.1 client_name=out.example.net " \
	"helo=mail.example.net sender=ann@example.net recipient=bob@example.com"

static const struct {
	const char	*text;
	const char	*speaker;
	const char	*reply;
	const char	*stage, *remote, *queue_id;
	const char	*values;
} cases[] = {
	/* The keys of delivery maps, as our log quotes them. */
	{ "5.0.0 host mx.example.com[192.0.2.9] said: 552 Mailbox full (in "
	    "reply to RCPT TO command)", "remote", "552 Mailbox full", "RCPT",
	    "mx.example.com", "", "" },
	{ "4.4.1 connect to mx.example.com[192.0.2.9]:25: Connection refused",
	    "delivery", "4.4.1 connect to mx.example.com[192.0.2.9]:25: "
	    "Connection refused", "", "mx.example.com", "", "" },
	{ "5.2.2 mailbox is full", "untold", "5.2.2 mailbox is full", "", "",
	    "", "" },
	{ "5.0.0 ghost mx.example.com[192.0.2.9] said: 552 no", "untold",
	    "5.0.0 ghost mx.example.com[192.0.2.9] said: 552 no", "", "", "",
	    "" },

	/* Bare replies, whatever they quote. */
	{ "550 5.1.1 No such user", "untold", "550 5.1.1 No such user", "", "",
	    "", "" },
	{ "550-5.1.1 No\\r\\n550 5.1.1 user", "untold",
	    "550 5.1.1 No | 550 5.1.1 user", "", "", "", "" },
	{ "550-5.1.1 No\r\n550-5.1.1 He said: 550 5.1.1 no\r\n550 5.1.1 user",
	    "untold", "550 5.1.1 No | 550 5.1.1 He said: 550 5.1.1 no | 550 "
	    "5.1.1 user", "", "", "", "" },
	{ "550 5.1.7 <a@b.example>: rejected: host mx[192.0.2.9] said: 550 no "
	    "(in reply to RCPT TO command)", "untold",
	    "550 5.1.7 <a@b.example>: rejected: host mx[192.0.2.9] said: 550 "
	    "no (in reply to RCPT TO command)", "", "", "", "" },
	{ "No such user", "untold", "No such user", "", "", "", "" },
	{ "Greylisted: come back", "untold", "Greylisted: come back", "", "",
	    "", "" },
	{ "<bob@example.com>: Relay access denied", "untold",
	    "<bob@example.com>: Relay access denied", "", "", "", "" },
	{ "Milter check failed: no", "untold", "Milter check failed: no", "",
	    "", "", "" },
	{ "reject: header no", "untold", "reject: header no", "", "", "", "" },
	{ "", "untold", "", "", "", "", "" },

	/* Heads of log lines. */
	{ SMTPD "NOQUEUE: reject: RCPT from out.example.net[192.0.2.1]: 554 "
	    "5.7.1 <bob@example.com>: Relay access denied" FIELDS, "mta",
	    "554 5.7.1 <bob@example.com>: Relay access denied", "RCPT", "", "",
	    CLIENT },
	{ "2026-11-22T07:00:00.123456+00:00 mx postfix/submission/smtpd[12]: "
	    "3F2A1: reject: DATA from out.example.net[2001:db8::1]:4025: 503 "
	    "5.5.1 no" FIELDS, "mta", "503 5.5.1 no", "DATA", "", "3F2A1",
	    "client_ip=2001:db8::1 client_name=out.example.net "
	    "helo=mail.example.net sender=ann@example.net "
	    "recipient=bob@example.com" },
	{ "postfix/smtpd[12]: NOQUEUE: reject_warning: HELO from "
	    "unknown[192.0.2.1]: 450 4.7.1 no; proto=SMTP helo=<x>", "mta",
	    "450 4.7.1 no", "HELO", "", "", "client_ip=192.0.2.1 helo=x" },
	{ "NOQUEUE: reject: RCPT from [192.0.2.1]:4025: 550 5.7.1 no; "
	    "from=<ann@example.net>, to=<bob@example.com>, proto=ESMTP, "
	    "helo=<mail.example.net>", "mta", "550 5.7.1 no", "RCPT", "", "",
	    "client_ip=192.0.2.1 helo=mail.example.net sender=ann@example.net "
	    "recipient=bob@example.com" },
	{ "<22>Nov 22 07:00:00 mx sendmail[1]: [ID 1 mail.info] "
	    "xAM7000a000014: ruleset=check_mail, arg1=<ann@example.net>, "
	    "relay=out.example.net [192.0.2.1], reject=553 5.1.8 no", "mta",
	    "553 5.1.8 no", "MAIL", "", "xAM7000a000014",
	    "client_ip=192.0.2.1 client_name=out.example.net "
	    "sender=ann@example.net" },

	/* Postfix: what its milters say, and what it finds in a message. */
	{ HEAD "cleanup[15]: 3F2A1B: milter-reject: END-OF-MESSAGE from "
	    "out.example.net[192.0.2.1]: 5.7.1 no; from=<ann@example.net> "
	    "to=<bob@example.com> proto=ESMTP helo=<mail.example.net>",
	    "milter", "5.7.1 no", "end-of-data", "", "3F2A1B", CLIENT },
	{ SMTPD "NOQUEUE: milter-reject: CONNECT from out.example.net"
	    "[192.0.2.1]: 451 4.7.1 no; proto=SMTP", "milter", "451 4.7.1 no",
	    "CONNECT", "", "", "client_ip=192.0.2.1 "
	    "client_name=out.example.net" },
	{ HEAD "cleanup[15]: 3F2A1B: reject: header Subject: x from y; "
	    "from=<evil@example.org>: 5.0.0 z from out.example.net[192.0.2.1]"
	    FIELDS ": 5.7.1 no spam", "mta", "5.7.1 no spam", "end-of-data", "",
	    "3F2A1B", CLIENT },

	/* An address that says what a log line says. */
	{ SMTPD "NOQUEUE: reject: RCPT from out.example.net[192.0.2.1]: 554 "
	    "5.7.1 <\"; from=<evil@example.org\"@example.com>: no" FIELDS,
	    "mta", "554 5.7.1 <\"; from=<evil@example.org\"@example.com>: no",
	    "RCPT", "", "", CLIENT },

	/* Postfix: deliveries. */
	{ SMTP "3F2A1B: to=<bob@example.com>, relay=mx.example.com"
	    "[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, "
	    "status=bounced (host mx.example.com[192.0.2.9] said: 550 5.1.1 "
	    "no (really) (in reply to RCPT TO command))", "remote",
	    "550 5.1.1 no (really)", "RCPT", "mx.example.com", "3F2A1B",
	    "recipient=bob@example.com" },
	{ SMTP "3F2A1B: to=<bob@example.com>, relay=none, dsn=4.7.0, "
	    "status=deferred (host mx.example.com[192.0.2.9] refused to talk "
	    "to me: 421-4.7.0 one 421-4.7.0 two 421 4.7.0 three 421 four)",
	    "remote", "421 4.7.0 one | 421 4.7.0 two | 421 4.7.0 three 421 "
	    "four", "CONNECT", "mx.example.com", "3F2A1B",
	    "recipient=bob@example.com" },
	{ SMTP "3F2A1B: to=<bob@example.com>, relay=mx.example.com"
	    "[192.0.2.9]:25, dsn=5.1.1, status=SOFTBOUNCE (host "
	    "mx.example.com[192.0.2.9] said: 550 5.1.1 no (in reply to RCPT TO "
	    "command))", "remote", "550 5.1.1 no", "RCPT", "mx.example.com",
	    "3F2A1B", "recipient=bob@example.com" },
	{ HEAD "qmgr[1]: 3F2A1B: from=<ann@example.net>, status=expired, "
	    "returned to sender", "delivery", "5.4.7 expired, returned to "
	    "sender", "", "", "3F2A1B", "sender=ann@example.net" },
	{ HEAD "qmgr[1]: 3F2A1B: from=<ann@example.net>, "
	    "status=force-expired, returned to sender", "delivery",
	    "5.4.7 expired, returned to sender", "", "", "3F2A1B",
	    "sender=ann@example.net" },
	{ HEAD "qmgr[1]: 3F2A1B: from=<, status=expired, returned to "
	    "sender@example.net>, size=1, nrcpt=1 (queue active)", "none", "",
	    "", "", "3F2A1B", "" },
	{ SMTP "3F2A1B: to=<bob@example.com>, relay=none, dsn=4.4.1, "
	    "status=deferred (connect to mx.example.com[192.0.2.9]:25: "
	    "Connection refused)", "delivery", "4.4.1 connect to mx.example.com"
	    "[192.0.2.9]:25: Connection refused", "", "mx.example.com",
	    "3F2A1B", "recipient=bob@example.com" },
	{ HEAD "qmgr[1]: 3F2A1B: to=<bob@example.com>, relay=none, dsn=4.7.0, "
	    "status=deferred (delivery temporarily suspended: host "
	    "mx.example.com[192.0.2.9] said: 450 no (in reply to MAIL FROM "
	    "command))", "remote", "450 no", "MAIL", "mx.example.com", "3F2A1B",
	    "recipient=bob@example.com" },
	{ HEAD "local[1]: 3F2A1B: to=<bob@example.com>, relay=local, "
	    "dsn=5.1.1, status=bounced (unknown user: \"bob\")", "delivery",
	    "5.1.1 unknown user: \"bob\"", "", "", "3F2A1B",
	    "recipient=bob@example.com" },
	{ SMTP "3F2A1B: SASL authentication failed; server mx.example.com"
	    "[192.0.2.9] said: 535 5.7.8 no", "remote", "535 5.7.8 no", "AUTH",
	    "mx.example.com", "3F2A1B", "" },
	{ SMTPD "warning: out.example.net[192.0.2.1]: SASL LOGIN "
	    "authentication failed: UGFzc3dvcmQ6", "mta",
	    "SASL LOGIN authentication failed: UGFzc3dvcmQ6", "AUTH", "", "",
	    "client_ip=192.0.2.1 client_name=out.example.net" },
	{ SMTP "3F2A1B: host mx.example.com[192.0.2.9] said: 450 no (in reply "
	    "to end of DATA command)", "remote", "450 no", "end-of-data",
	    "mx.example.com", "3F2A1B", "" },
	{ "<bob@example.com>: host mx.example.com[192.0.2.9] said:\n    550 "
	    "5.1.1 no such\n    user (in reply to RCPT TO\n    command)",
	    "remote", "550 5.1.1 no such user", "RCPT", "mx.example.com", "",
	    "recipient=bob@example.com" },
	{ "host mx.example.com[192.0.2.9] said: 550 no", "remote", "550 no", "",
	    "mx.example.com", "", "" },
	{ "Diagnostic-Code: smtp; 550 5.1.1 no", "remote", "550 5.1.1 no", "",
	    "", "", "" },
	{ "192.0.2.9 does not like recipient.\n  Remote host said: 550 no",
	    "remote", "550 no", "", "", "", "" },
	{ "SMTP error from remote mail server after RCPT TO:<bob@example.com>: "
	    "host mx.example.com [192.0.2.9]: 550 5.1.1 no", "remote",
	    "550 5.1.1 no", "", "mx.example.com", "", "" },

	/* Sendmail. */
	{ SENDMAIL "ruleset=check_rcpt, arg1=<bob@example.com>, "
	    "relay=out.example.net [192.0.2.1] (may be forged), reject=550 "
	    "5.7.1 <bob@example.com>... Relaying denied", "mta",
	    "550 5.7.1 <bob@example.com>... Relaying denied", "RCPT", "",
	    "xAM7000a000014", "client_ip=192.0.2.1 "
	    "client_name=out.example.net recipient=bob@example.com" },
	{ SENDMAIL "rejecting commands from out.example.net [192.0.2.1] due to "
	    "pre-greeting traffic after 0 seconds", "mta",
	    "rejecting commands from out.example.net [192.0.2.1] due to "
	    "pre-greeting traffic after 0 seconds", "CONNECT", "",
	    "xAM7000a000014",
	    "client_ip=192.0.2.1 client_name=out.example.net" },
	{ "Nov 22 07:00:00 sendmail[14]: xAM7000a000014: <bob@@x>... Invalid "
	    "route address", "mta", "<bob@@x>... Invalid route address",
	    "RCPT", "", "xAM7000a000014", "recipient=bob@@x" },
	{ SENDMAIL "<bob@example.com>... User unknown", "mta",
	    "<bob@example.com>... User unknown", "RCPT", "", "xAM7000a000014",
	    "recipient=bob@example.com" },
	{ SENDMAIL "to=<bob@example.com>, delay=00:00:01, mailer=esmtp, "
	    "relay=mx.example.com. [192.0.2.9], dsn=4.3.0, stat=Deferred: 451 "
	    "4.3.0 later", "remote", "451 4.3.0 later", "RCPT",
	    "mx.example.com", "xAM7000a000014", "recipient=bob@example.com" },
	{ SENDMAIL "to=<bob@example.com>, relay=mx.example.com. [192.0.2.9], "
	    "dsn=5.1.1, reply=550 5.1.1 nobody, stat=User unknown", "remote",
	    "550 5.1.1 nobody", "RCPT", "mx.example.com", "xAM7000a000014",
	    "recipient=bob@example.com" },
	{ SENDMAIL "to=<bob@example.com>, mailer=local, dsn=5.1.1, stat=User "
	    "unknown", "delivery", "5.1.1 User unknown", "RCPT", "",
	    "xAM7000a000014", "recipient=bob@example.com" },
	{ SENDMAIL "Milter: to=<bob@example.com>, reject=550 5.7.1 no",
	    "milter", "550 5.7.1 no", "RCPT", "", "xAM7000a000014",
	    "recipient=bob@example.com" },
	{ SENDMAIL "Milter: data, reject=554 5.7.1 no", "milter",
	    "554 5.7.1 no", "DATA", "", "xAM7000a000014", "" },
	{ SENDMAIL "milter=x, action=mail, reject=451 4.7.1 no", "milter",
	    "451 4.7.1 no", "MAIL", "", "xAM7000a000014", "" },

	{ SENDMAIL "milter=x, reject=451 4.7.1 no", "milter", "451 4.7.1 no",
	    "", "", "xAM7000a000014", "" },

	/* Log lines without a refusal. */
	{ SMTPD "connect from out.example.net[192.0.2.1]", "none", "", "", "",
	    "", "" },
	{ SMTPD "lost connection after RCPT from out.example.net[192.0.2.1]",
	    "none", "", "", "", "", "" },
	{ SMTP "3F2A1B: to=<bob@example.com>, relay=mx.example.com[192.0.2.9]"
	    ":25, dsn=2.0.0, status=sent (250 2.0.0 ok)", "none", "", "", "",
	    "3F2A1B", "" },
	{ SMTP "3F2A1B: to=<\"status=bounced (550 no)\"@example.com>, "
	    "relay=mx.example.com[192.0.2.9]:25, dsn=2.0.0, status=sent (250 "
	    "ok)", "none", "", "", "", "3F2A1B", "" },
	{ SENDMAIL "to=<bob@example.com>, delay=00:00:00, pri=0, stat=RSET",
	    "none", "", "", "", "xAM7000a000014", "" },
	{ SENDMAIL "to=<bob@example.com>, stat=Sent (ok)", "none", "", "", "",
	    "xAM7000a000014", "" },
	{ SENDMAIL "from=<ann@example.net>, size=1, nrcpts=1", "none", "", "",
	    "", "xAM7000a000014", "" },
};

START_TEST(unwraps)
{
	struct arena *arena = arena_new();
	struct unwrapped u = unwrap(arena, cases[_i].text,
	    strlen(cases[_i].text));
	struct strbuf reply = STRBUF_INIT, values = STRBUF_INIT;

	reply_show(&u.reply, &reply);
	values_show(&u.values, &values);
	ck_assert_msg(strcmp(speaker_name(u.speaker), cases[_i].speaker) == 0,
	    "%s: %s", speaker_name(u.speaker), cases[_i].text);
	ck_assert_str_eq(reply.text, cases[_i].reply);
	ck_assert_str_eq(u.stage, cases[_i].stage);
	ck_assert_str_eq(u.remote, cases[_i].remote);
	ck_assert_str_eq(u.queue_id, cases[_i].queue_id);
	ck_assert_str_eq(values.text, cases[_i].values);
	strbuf_release(&reply);
	strbuf_release(&values);
	arena_free(arena);
}
END_TEST

/* The keys of maps, and what milters say. */
static const struct {
	const char	*text;
	const char	*speaker;
	const char	*reply;
} said[] = {
	{ "550 5.7.1 host mx.example.com[192.0.2.9] said: 550 no", "untold",
	    "550 5.7.1 host mx.example.com[192.0.2.9] said: 550 no" },
	{ "5.1.1 host mx.example.com[192.0.2.9] said: 550 5.1.1 no (in reply "
	    "to RCPT TO command)", "remote", "550 5.1.1 no" },
	{ "4.4.1 connect to mx.example.com[192.0.2.9]:25: Connection timed out",
	    "delivery", "4.4.1 connect to mx.example.com[192.0.2.9]:25: "
	    "Connection timed out" },
	{ "5.1.1 unknown user: \"bob\"", "delivery",
	    "5.1.1 unknown user: \"bob\"" },
	{ "NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 no", "untold",
	    "NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 no" },
	{ "550-5.7.1 one\r\n550 5.7.1 two", "untold",
	    "550 5.7.1 one | 550 5.7.1 two" },
};

START_TEST(unwraps_what_is_no_log)
{
	struct arena *arena = arena_new();
	struct unwrapped u = unwrap_said(arena, said[_i].text,
	    strlen(said[_i].text));
	struct strbuf reply = STRBUF_INIT;

	reply_show(&u.reply, &reply);
	ck_assert_str_eq(speaker_name(u.speaker), said[_i].speaker);
	ck_assert_str_eq(reply.text, said[_i].reply);
	strbuf_release(&reply);
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*reply, *words;
} words[] = {
	{ "550 5.1.1  No   such\tuser ", "No such user" },
	{ "550-5.1.1 No such\r\n550 5.1.1 user", "No such user" },
	{ "550 m\303\274de", "m de" },
	{ "550 no such mailbox (#5.1.1)", "no such mailbox" },
	{ "550 5.1.1", "" },
	{ "550\r\n", "" },
};

START_TEST(words_are_clean)
{
	struct arena *arena = arena_new();
	struct raw_reply reply = raw_parse(arena, words[_i].reply,
	    strlen(words[_i].reply));

	ck_assert_str_eq(unwrapped_words(arena, &reply), words[_i].words);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ unwraps, COUNT(cases) },
		{ unwraps_what_is_no_log, COUNT(said) },
		{ words_are_clean, COUNT(words) },
	};

	return table_run("unwrap", tests, COUNT(tests));
}
