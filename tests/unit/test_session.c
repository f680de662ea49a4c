/*
 * test_session - whole conversations without a socket: policies, what the MTA
 * says, and what comes back.
 */
#include <check.h>

#include "policy/list.h"
#include "reply/reply.h"
#include "sample.h"
#include "session/demand.h"
#include "session/env.h"
#include "session/record.h"
#include "session/rules.h"
#include "session/session.h"
#include "table.h"

/*
 * A step a word: "connect:IP,HOST", "helo:NAME", "mail:ADDRESS",
 * "rcpt:ADDRESS", "macro:STAGE,NAME,VALUE", "header:NAME,VALUE", "body:TEXT",
 * "end", "abort".  The transcript has "go" or the status for each step that
 * is answered, and "(OUTCOME ACTION POLICY STAGE [RECIPIENT])" for each record.
 */
struct conversation {
	const char *name;
	const char *policies[SAMPLE_MAX];
	const char *steps;
	const char *expected;
	bool early, observe;
};

static const struct conversation conversations[] = {
	{ .name = "nothing to say",
	    .policies = { NULL },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com end",
	    .expected = "go go go go go" },
	{ .name = "a verdict of connect is given at rcpt",
	    .policies = { "client_ip=192.0.2.0/24 -> reject client-refused" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com rcpt:z@example.com",
	    .expected = "go go go "
		"(done reject p0 connect y@example.com) 550 "
		"(done reject p0 connect z@example.com) 550" },
	{ .name = "never at connect, even where early",
	    .policies = { "client_ip=192.0.2.0/24 -> reject client-refused" },
	    .steps = "connect:192.0.2.1,a.example helo:a",
	    .expected = "go (done reject p0 connect) 550",
	    .early = true },
	{ .name = "early at mail",
	    .policies = { "sender=.bad.example -> defer client-refused" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<x@bad.example>",
	    .expected = "go go (done defer p0 mail) 451",
	    .early = true },
	{ .name = "postmaster is never refused",
	    .policies = { "helo=localhost -> reject bad-helo" },
	    .steps = "connect:192.0.2.1,a.example helo:localhost "
		"mail:x@a.example rcpt:Postmaster@example.com "
		"rcpt:y@example.com end",
	    .expected = "go go go "
		"(protected reject p0 helo Postmaster@example.com) go "
		"(done reject p0 helo y@example.com) 550 go" },
	{ .name = "the first in the file wins over stages before rcpt",
	    .policies = { "recipient=y@example.com -> accept",
		"helo=localhost -> reject bad-helo" },
	    .steps = "connect:192.0.2.1,a.example helo:localhost "
		"mail:x@a.example rcpt:y@example.com rcpt:z@example.com",
	    .expected = "go go go (done accept p0 rcpt y@example.com) go "
		"(done reject p1 helo z@example.com) 550" },
	{ .name = "accept ends only what comes after it",
	    .policies = { "header:X-Bad=yes -> reject content-refused",
		"sender=.a.example -> accept",
		"header:X-Worse=yes -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com header:X-Worse,yes end "
		"mail:x@a.example rcpt:y@example.com header:X-Bad,yes end",
	    .expected = "go go go (done accept p1 mail y@example.com) go go "
		"go (done accept p1 mail y@example.com) go "
		"(done reject p0 eom y@example.com) 550" },
	{ .name = "observe only tells",
	    .policies = { "helo=localhost -> reject bad-helo observe",
		"recipient=z@example.com -> reject recipient-refused" },
	    .steps = "connect:192.0.2.1,a.example helo:localhost "
		"mail:x@a.example rcpt:y@example.com rcpt:z@example.com",
	    .expected = "go (observed reject p0 helo) go go go "
		"(done reject p1 rcpt z@example.com) 550" },
	{ .name = "observed once for a message, not for each recipient",
	    .policies = { "recipient=z@example.com -> discard",
		"subject=spam -> reject spam observe",
		"subject=spam recipient=/./ -> reject spam observe" },
	    .steps = "connect:192.0.2.1,a.example mail:x@a.example "
		"rcpt:w@example.com rcpt:x@example.com header:Subject,spam "
		"end",
	    .expected = "go go go go (observed reject p1 eom w@example.com) "
		"(observed reject p2 eom w@example.com) "
		"(observed reject p2 eom x@example.com) go" },
	{ .name = "mode observe refuses nothing and tells once",
	    .policies = { "helo=localhost -> reject bad-helo",
		"subject=spam -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:localhost "
		"mail:x@a.example rcpt:y@example.com header:Subject,spam end",
	    .expected = "go go go "
		"(observed reject p0 helo y@example.com) go go",
	    .observe = true },
	{ .name = "mode observe at the end of message",
	    .policies = { "subject=spam -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example mail:x@a.example "
		"rcpt:y@example.com header:Subject,spam end",
	    .expected = "go go go (observed reject p0 eom y@example.com) go",
	    .observe = true },
	{ .name = "content is refused for all recipients",
	    .policies = { "subject=spam -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com rcpt:z@example.com header:Subject,spam "
		"end",
	    .expected = "go go go go go "
		"(done reject p0 eom y@example.com,z@example.com) 550" },
	{ .name = "a content policy that names one of two recipients",
	    .policies = {
		"subject=spam recipient=y@example.com -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com rcpt:z@example.com header:Subject,spam "
		"end mail:x@a.example rcpt:y@example.com "
		"header:Subject,spam end",
	    .expected = "go go go go go "
		"(held-back reject p0 eom y@example.com) go go go "
		"(done reject p0 eom y@example.com) 550" },
	{ .name = "a recipient refused before is not in the message any more",
	    .policies = { "recipient=z@example.com -> reject recipient-refused",
		"subject=spam recipient=y@example.com -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com rcpt:z@example.com header:Subject,spam "
		"end",
	    .expected = "go go go go "
		"(done reject p0 rcpt z@example.com) 550 "
		"(done reject p1 eom y@example.com) 550" },
	{ .name = "an accepted recipient keeps the message",
	    .policies = { "recipient=y@example.com -> accept",
		"subject=spam -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com rcpt:z@example.com header:Subject,spam "
		"end",
	    .expected = "go go go (done accept p0 rcpt y@example.com) go go "
		"(held-back reject p1 eom z@example.com) go" },
	{ .name = "a protected recipient keeps the message",
	    .policies = { "subject=spam -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:abuse@example.com header:Subject,spam end",
	    .expected = "go go go go "
		"(protected reject p0 eom abuse@example.com) go" },
	{ .name = "a bare postmaster is postmaster",
	    .policies = { "helo=localhost -> reject bad-helo" },
	    .steps = "connect:192.0.2.1,a.example helo:localhost "
		"mail:x@a.example rcpt:<postmaster> rcpt:<postmistress>",
	    .expected = "go go go (protected reject p0 helo postmaster) go "
		"(done reject p0 helo postmistress) 550" },
	{ .name = "a protected recipient does not shield others from content",
	    .policies = { "subject=spam -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<> "
		"rcpt:y@example.com rcpt:abuse@example.com "
		"rcpt:z@example.com header:Subject,spam end mail:<> "
		"rcpt:abuse@example.com rcpt:y@example.com "
		"header:Subject,spam end",
	    .expected = "go go go go (separated defer p0 rcpt "
		"abuse@example.com) 452 go "
		"(done reject p0 eom y@example.com,z@example.com) 550 "
		"go go (separated defer p0 rcpt y@example.com) 452 "
		"(protected reject p0 eom abuse@example.com) go" },
	{ .name = "without content policies nobody needs to come alone",
	    .policies = { "helo=localhost -> reject bad-helo" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<> "
		"rcpt:y@example.com rcpt:abuse@example.com end",
	    .expected = "go go go go go go" },
	{ .name = "quoting and comments hide no address",
	    .policies = { "sender=spam@evil.example -> reject spam",
		"recipient=closed@example.com -> reject mailbox-closed" },
	    .steps = "connect:192.0.2.1,a.example helo:a "
		"mail:<\"spam\"@evil.example> rcpt:y@example.com "
		"mail:<sp\\am@evil.example(c)> rcpt:y@example.com "
		"mail:<x@a.example> rcpt:<\"closed\"@example.com> "
		"rcpt:<@a:closed@example.com>",
	    .expected = "go go go (done reject p0 mail y@example.com) 550 "
		"go (done reject p0 mail y@example.com) 550 "
		"go (done reject p1 rcpt closed@example.com) 550 "
		"(done reject p1 rcpt closed@example.com) 550" },
	{ .name = "what the MTA makes of an address counts as well",
	    .policies = {
		"recipient=closed@example.com -> reject mailbox-closed",
		"recipient_domain=example.com -> accept" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<> "
		"macro:rcpt,rcpt_addr,closed@example.com rcpt:<closed> "
		"macro:rcpt,rcpt_addr,closed@example.com "
		"rcpt:<closed%example.com@[127.0.0.1]> "
		"macro:rcpt,rcpt_addr,local rcpt:<x@example.net>",
	    .expected = "go go go (done reject p0 rcpt closed) 550 (done "
		"reject p0 rcpt closed%example.com@[127.0.0.1]) 550 go" },
	{ .name = "who leaves HELO out leaves no policy out",
	    .policies = { "client_ip=192.0.2.0/24 unless helo=good.example "
		"-> reject bad-helo" },
	    .steps = "connect:192.0.2.1,a.example mail:<> "
		"rcpt:y@example.com helo:good.example mail:<> "
		"rcpt:y@example.com",
	    .expected = "go go (done reject p0 helo y@example.com) 550 "
		"go go go" },
	{ .name = "a second MAIL is another message",
	    .policies = { "recipients=>1 -> reject too-many-recipients" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<> "
		"rcpt:y@example.com mail:<> rcpt:z@example.com end",
	    .expected = "go go go go go go go" },
	{ .name = "header, body and end without MAIL harm nobody",
	    .policies = { "subject=spam -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a header:a,b body:c "
		"end",
	    .expected = "go go go" },
	{ .name = "a refused RCPT does not count at the end",
	    .policies = { "recipient=gone@example.com -> reject "
		"recipient-refused", "recipients=>1 subject=x -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<> "
		"rcpt:y@example.com rcpt:gone@example.com header:Subject,x "
		"end",
	    .expected = "go go go go "
		"(done reject p0 rcpt gone@example.com) 550 go" },
	{ .name = "what holds for a protected recipient before the refusal",
	    .policies = { "subject=odd -> quarantine",
		"client_ip=192.0.2.1 -> reject client-refused" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<> "
		"rcpt:abuse@example.com header:Subject,odd end",
	    .expected = "go go go "
		"(protected reject p1 connect abuse@example.com) go "
		"(done quarantine p0 eom abuse@example.com) hold go" },
	{ .name = "one reply for two: what may pass beats what lasts",
	    .policies = {
		"subject=x recipient=y@example.com -> reject spam",
		"subject=x recipient=z@example.com -> defer greylisted" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<> "
		"rcpt:y@example.com rcpt:z@example.com header:Subject,x end",
	    .expected = "go go go go go "
		"(done defer p1 eom y@example.com,z@example.com) 451" },
	{ .name = "a source route is dropped before a recipient is",
	    .policies = { "recipient=trap@example.com -> discard" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<> "
		"rcpt:<@b:trap@example.com> rcpt:z@example.com end",
	    .expected = "go go go go go (done discard p0 rcpt "
		"@b:trap@example.com) drop:<trap@example.com> go" },
	{ .name = "of many recipients the first few are told",
	    .policies = { "subject=spam -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<> rcpt:a@b.c "
		"rcpt:b@b.c rcpt:c@b.c rcpt:d@b.c rcpt:e@b.c rcpt:f@b.c "
		"header:Subject,spam end",
	    .expected = "go go go go go go go go go (done reject p0 eom "
		"a@b.c,b@b.c,c@b.c,d@b.c,e@b.c,...) 550" },
	{ .name = "discard for all",
	    .policies = { "sender=.a.example -> discard" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com rcpt:z@example.com end",
	    .expected = "go go go go go "
		"(done discard p0 mail y@example.com,z@example.com) discard" },
	{ .name = "discard for one takes it out",
	    .policies = { "recipient=y@example.com -> discard" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:<y@example.com> rcpt:z@example.com end",
	    .expected = "go go go go go (done discard p0 rcpt y@example.com) "
		"drop:<y@example.com> go" },
	{ .name = "discard for one, refused for the other",
	    .policies = { "recipient=y@example.com -> discard",
		"subject=spam -> reject spam" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com rcpt:z@example.com header:Subject,spam "
		"end",
	    .expected = "go go go go go "
		"(done reject p1 eom y@example.com,z@example.com) 550" },
	{ .name = "quarantine",
	    .policies = { "attachment=*.docm -> quarantine" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com "
		"header:Content-Type,application/x;name=a.docm body:x end",
	    .expected = "go go go go "
		"(done quarantine p0 eom y@example.com) hold go" },
	{ .name = "too many recipients, counted without those refused",
	    .policies = { "recipient=w@example.com -> reject recipient-refused",
		"recipients=>2 -> reject too-many-recipients" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:w@example.com rcpt:x@example.com rcpt:y@example.com "
		"rcpt:z@example.com",
	    .expected = "go go go (done reject p0 rcpt w@example.com) 550 "
		"go go (done reject p1 rcpt z@example.com) 550" },
	{ .name = "a name that DNS did not tell is not no name",
	    .policies = { "client_name=unknown -> reject no-reverse-dns" },
	    .steps = "macro:connect,client_resolve,TEMP "
		"connect:192.0.2.1,[192.0.2.1] helo:a mail:x@a.example "
		"rcpt:y@example.com",
	    .expected = "(undecided reject p0 connect) go go go go" },
	{ .name = "and is deferred where the policy says so",
	    .policies = {
		"client_name=unknown -> reject no-reverse-dns strict" },
	    .steps = "macro:connect,client_resolve,TEMP "
		"connect:192.0.2.1,[192.0.2.1] helo:a mail:x@a.example "
		"rcpt:y@example.com",
	    .expected = "go go go (fault defer p0 connect y@example.com) 451" },
	{ .name = "a forged name is unknown",
	    .policies = { "client_name=unknown -> reject no-reverse-dns" },
	    .steps = "macro:connect,client_resolve,FORGED "
		"connect:192.0.2.1,fake.example helo:a mail:x@a.example "
		"rcpt:y@example.com",
	    .expected =
		"go go go (done reject p0 connect y@example.com) 550" },
	{ .name = "signed in or not, message by message",
	    .policies = {
		"sender=.a.example unless auth_user=* -> reject sign-in-needed"
	    },
	    .steps = "connect:192.0.2.1,a.example helo:a "
		"macro:mail,auth_authen,jane mail:x@a.example "
		"rcpt:y@example.com end mail:x@a.example rcpt:y@example.com",
	    .expected = "go go go go go go "
		"(done reject p0 mail y@example.com) 530" },
	{ .name = "abort forgets the message",
	    .policies = { "recipients=>1 -> reject too-many-recipients" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com abort mail:x@a.example "
		"rcpt:z@example.com end",
	    .expected = "go go go go go go go" },
	{ .name = "a second helo replaces the first",
	    .policies = { "helo=localhost -> reject bad-helo" },
	    .steps = "connect:192.0.2.1,a.example helo:localhost helo:a "
		"mail:x@a.example rcpt:y@example.com",
	    .expected = "go go go go go" },
	{ .name = "a macro by name",
	    .policies = { "macro:if_addr=192.0.2.9 -> reject client-refused" },
	    .steps = "macro:connect,if_addr,192.0.2.9 "
		"connect:192.0.2.1,a.example helo:a mail:<> "
		"rcpt:y@example.com",
	    .expected =
		"go go go (done reject p0 connect y@example.com) 550" },
	{ .name = "no port is not a low port",
	    .policies = { "client_port=<1024 -> reject client-refused" },
	    .steps = "connect:192.0.2.1,portless.example mail:<> "
		"rcpt:y@example.com",
	    .expected = "go go go" },
	{ .name = "an empty macro is nobody",
	    .policies = { "auth_user=* -> reject sender-not-yours" },
	    .steps = "connect:192.0.2.1,a.example macro:mail,auth_authen, "
		"mail:<> rcpt:y@example.com",
	    .expected = "go go go" },
	{ .name = "the empty sender",
	    .policies = {
		"sender=<> recipients=>1 -> reject too-many-recipients" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:<> "
		"rcpt:y@example.com rcpt:z@example.com",
	    .expected = "go go go go "
		"(done reject p0 rcpt z@example.com) 550" },
	{ .name = "hops and size",
	    .policies = { "hops=>2 -> reject mail-loop",
		"size=>100 -> reject too-big" },
	    .steps = "connect:192.0.2.1,a.example helo:a mail:x@a.example "
		"rcpt:y@example.com header:Received,a header:received,b "
		"header:Received,c end mail:x@a.example rcpt:y@example.com "
		"body:0123456789012345678901234567890123456789012345678901"
		"23456789012345678901234567890123456789012345678901234567890"
		" end",
	    .expected = "go go go go (done reject p0 eom y@example.com) 554 "
		"go go (done reject p1 eom y@example.com) 552" },
};

static struct local_time
noon(void *world)
{
	(void)world;
	return (struct local_time){ .weekday = 1, .minute = 720 };
}

static void
same_bytes(void *world, void *bytes, size_t size)
{
	(void)world;
	memset(bytes, 7, size);
}

static void
write_record(void *world, const struct record *record)
{
	struct strbuf *out = world;

	strbuf_addf(out, "%s(%s %s %s %s%s%s)", out->len > 0 ? " " : "",
	    outcome_name(record->outcome), action_name(record->action),
	    record->policy->name, stage_name(record->stage),
	    record->recipient[0] != '\0' ? " " : "", record->recipient);
	if (record->reply != NULL)
		ck_assert_uint_eq(record->reply->lines != NULL, 1);
}

static void
write_answer(struct strbuf *out, const struct answer *answer)
{
	for (size_t i = 0; i < answer->drop_count; i++)
		strbuf_addf(out, " drop:%s", answer->drop[i]);
	if (answer->quarantine != NULL)
		strbuf_adds(out, " hold");
	if (out->len > 0)
		strbuf_addch(out, ' ');
	switch (answer->kind) {
	case ANSWER_CONTINUE:
		strbuf_adds(out, "go");
		break;
	case ANSWER_REFUSE:
		strbuf_addf(out, "%u", answer->reply->status.code);
		break;
	case ANSWER_DISCARD:
		strbuf_adds(out, "discard");
		break;
	}
}

static void
step_connect(struct session *session, char *rest, struct strbuf *out)
{
	char *host = strchr(rest, ',');
	struct answer answer;
	struct ip ip;

	*host++ = '\0';
	ck_assert_int_eq(ip_parse(&ip, rest), 0);
	answer = session_connect(session, host, &ip,
	    strcmp(host, "portless.example") == 0 ? 0 : 40000);
	write_answer(out, &answer);
}

static void
step_macro(struct session *session, char *rest)
{
	char *name = strchr(rest, ','), *value;

	*name++ = '\0';
	value = strchr(name, ',');
	*value++ = '\0';
	session_macro(session, strcmp(rest, "connect") == 0 ?
	    MILTER_AT_CONNECT : strcmp(rest, "rcpt") == 0 ? MILTER_AT_RCPT :
	    MILTER_AT_MAIL, name, value);
}

static void
step(struct session *session, char *word, struct strbuf *out)
{
	char *rest = strchr(word, ':');
	struct answer answer;

	if (rest != NULL)
		*rest++ = '\0';
	if (strcmp(word, "connect") == 0) {
		step_connect(session, rest, out);
	} else if (strcmp(word, "macro") == 0) {
		step_macro(session, rest);
	} else if (strcmp(word, "header") == 0) {
		char *value = strchr(rest, ',');

		*value++ = '\0';
		session_header(session, rest, value);
	} else if (strcmp(word, "body") == 0) {
		session_body(session, rest, strlen(rest));
	} else if (strcmp(word, "abort") == 0) {
		session_abort(session);
	} else {
		if (strcmp(word, "helo") == 0)
			answer = session_helo(session, rest);
		else if (strcmp(word, "mail") == 0)
			answer = session_mail(session, rest);
		else if (strcmp(word, "rcpt") == 0)
			answer = session_rcpt(session, rest);
		else
			answer = session_end(session);
		write_answer(out, &answer);
	}
}

/* Rules of policies; all in the arena. */
static void
make_rules(struct rules *rules, struct arena *arena,
    const char *const policies[])
{
	struct catalogue *catalogue = catalogue_new(arena);
	struct lists *lists = lists_new(arena);
	struct matcher *never_refuse = matcher_new(arena);
	static const char *const protected[] = { "postmaster@*", "abuse@*" };
	struct diag diag = DIAG_INIT;

	lists_finish(lists);
	for (int i = 0; i < 2; i++) {
		struct pattern pattern;

		pattern_parse(&pattern, arena, SUBJECT_ADDRESS, protected[i],
		    PLACE_NONE, lists, &diag);
		matcher_add(never_refuse, &pattern);
	}
	matcher_finish(never_refuse);
	*rules = (struct rules){
		.plan = sample_plan(arena, policies, lists, catalogue, &diag),
		.catalogue = catalogue,
		.letterhead = { .host = "mx.example.com" },
		.never_refuse = never_refuse,
		.fault = catalogue_find(catalogue, "lookup-failed"),
		.separate = catalogue_find(catalogue, "separate-delivery"),
		.limits = { .body_bytes_max = 100000, .mime = {
			.parts_max = 100, .depth_max = 10,
			.text_bytes_max = 10000 } },
		.show_case = true,
	};
	ck_assert_int_eq(demand_find(&rules->demand, rules, &diag), 0);
	ck_assert_uint_eq(diag.errors, 0);
	diag_release(&diag);
}

START_TEST(test_conversation)
{
	const struct conversation *c = &conversations[_i];
	struct arena *arena = arena_new();
	struct strbuf out = STRBUF_INIT;
	const struct env env = {
		.world = &out,
		.local_time = noon,
		.random = same_bytes,
		.record = write_record,
	};
	char *steps = arena_strdup(arena, c->steps), *save = NULL;
	struct rules rules;
	struct session *session;

	make_rules(&rules, arena, c->policies);
	rules.refuse_early = c->early;
	rules.observe = c->observe;
	session = session_new(&rules, &env);
	for (char *word = strtok_r(steps, " ", &save); word != NULL;
	    word = strtok_r(NULL, " ", &save))
		step(session, word, &out);
	session_free(session);
	ck_assert_msg(strcmp(out.text, c->expected) == 0,
	    "%s:\n     got %s\nexpected %s", c->name, out.text, c->expected);
	strbuf_release(&out);
	arena_free(arena);
}
END_TEST

/* What an MTA is asked for: steps, "!" where our answer is waited for. */
struct wanted {
	const char *name;
	const char *policies[SAMPLE_MAX];
	const char *expected;
	bool early, observe;
};

#define RCPT	"j,rcpt_addr,rcpt_host,rcpt_mailer,i"
#define RCPT_ALONE	"rcpt_addr,rcpt_host,rcpt_mailer,i"

static const struct wanted wanteds[] = {
	{ "nothing", { NULL }, "connect mail rcpt eom! [][][][" RCPT "][i]",
	    false, false },
	{ "envelope only", { "client_ip=192.0.2.1 -> reject client-refused" },
	    "connect mail rcpt! eom! [][][][" RCPT "][i]",
	    false, false },
	{ "helo, early", { "helo=localhost -> reject bad-helo" },
	    "connect helo! mail! rcpt! eom! [j][][][" RCPT_ALONE "]"
	    "[i]", true, false },
	{ "helo, observed", { "helo=localhost -> reject bad-helo" },
	    "connect helo mail rcpt eom! [j][][][" RCPT_ALONE "][i]",
	    true, true },
	{ "observed before the first recipient",
	    { "client_ip=192.0.2.1 -> reject client-refused observe" },
	    "connect mail rcpt eom! [j][][][" RCPT_ALONE "][i]",
	    false, false },
	{ "headers", { "subject=x -> reject spam" },
	    "connect mail rcpt! eom! headers "
	    "[][][][" RCPT "][i]", false, false },
	{ "body", { "attachment=*.docm -> reject attachment-type" },
	    "connect mail rcpt! eom! headers body "
	    "[][][][" RCPT "][i]", false, false },
	{ "size", { "size=>1M -> reject too-big" },
	    "connect mail rcpt! eom! headers body "
	    "[][][][" RCPT "][i]", false, false },
	{ "accept and observe need no answer",
	    { "sender=<> -> accept", "helo=x -> reject bad-helo observe" },
	    "connect helo mail rcpt eom! [j][][mail_addr][" RCPT_ALONE "][i]",
	    true, false },
	{ "undecided may defer", { "client_name=x -> accept strict" },
	    "connect mail rcpt! eom! "
	    "[client_resolve][][][" RCPT "][i]", false, false },
	{ "macros", { "tls=TLSv1 macro:if_addr=x auth_user=* -> quarantine" },
	    "connect mail rcpt eom! quarantine "
	    "[if_addr][][auth_authen,tls_version][" RCPT "][i]",
	    false, false },
	{ "a macro that we ask for ourselves", { "macro:j=x -> accept" },
	    "connect mail rcpt eom! [j][][][" RCPT_ALONE "][i]",
	    false, false },
	{ "drops", { "recipient=x@example.com -> discard" },
	    "connect mail rcpt eom! drop "
	    "[][][][" RCPT "][i]", false, false },
	{ "a text that shows the helo",
	    { "sender_domain=a.example -> reject tls-too-old" },
	    "connect mail rcpt! eom! "
	    "[][][mail_addr,tls_version][" RCPT "][i]", false,
	    false },
};

START_TEST(test_demand)
{
	const struct wanted *w = &wanteds[_i];
	struct arena *arena = arena_new();
	struct strbuf out = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	struct demand demand;
	struct rules rules;

	make_rules(&rules, arena, w->policies);
	rules.refuse_early = w->early;
	rules.observe = w->observe;
	ck_assert_int_eq(demand_find(&demand, &rules, &diag), 0);
	for (int s = 0; s < STAGE_COUNT; s++)
		if (demand.ask[s])
			strbuf_addf(&out, "%s%s ", stage_name((enum stage)s),
			    demand.answer[s] ? "!" : "");
	strbuf_adds(&out, demand.headers ? "headers " : "");
	strbuf_adds(&out, demand.body ? "body " : "");
	strbuf_adds(&out, (demand.actions & MILTER_MAY_QUARANTINE) != 0 ?
	    "quarantine " : "");
	strbuf_adds(&out, (demand.actions & MILTER_MAY_DELETE_RCPT) != 0 ?
	    "drop " : "");
	for (int s = 0; s < STAGE_COUNT; s++) {
		enum milter_place p = demand_place((enum stage)s);

		strbuf_addch(&out, '[');
		for (size_t i = 0; i < demand.macro_count[p]; i++)
			strbuf_addf(&out, "%s%s", i > 0 ? "," : "",
			    demand.macros[p][i]);
		strbuf_addch(&out, ']');
	}
	ck_assert_msg(strcmp(out.text, w->expected) == 0,
	    "%s:\n     got %s\nexpected %s", w->name, out.text, w->expected);
	strbuf_release(&out);
	arena_free(arena);
}
END_TEST

START_TEST(test_too_many_macros)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const char *policies[DEMAND_MACROS_MAX + 2] = { NULL };
	struct strbuf text = STRBUF_INIT;
	struct demand demand;
	struct rules rules;

	make_rules(&rules, arena, policies);
	for (int i = 0; i <= DEMAND_MACROS_MAX; i++) {
		strbuf_reset(&text);
		strbuf_addf(&text, "macro:m%d=x -> accept", i);
		policies[i] = arena_strdup(arena, text.text);
	}
	rules.plan = sample_plan(arena, policies, NULL, rules.catalogue,
	    &diag);
	ck_assert_int_eq(demand_find(&demand, &rules, &diag), -1);
	ck_assert_str_eq(diag_first(&diag), "the policies name more than 48 "
	    "macros of one stage, which is more than an MTA can be asked for");
	diag_release(&diag);
	strbuf_release(&text);
	arena_free(arena);
}
END_TEST

START_TEST(test_long_macro)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const char *policies[2] = { NULL };
	struct strbuf text = STRBUF_INIT, expected = STRBUF_INIT;
	struct demand demand;
	struct rules rules;

	make_rules(&rules, arena, policies);
	strbuf_addf(&text, "macro:%0*d=x -> accept", DEMAND_MACRO_LEN_MAX, 0);
	policies[0] = text.text;
	rules.plan = sample_plan(arena, policies, NULL, rules.catalogue,
	    &diag);
	ck_assert_int_eq(demand_find(&demand, &rules, &diag), 0);
	strbuf_reset(&text);
	strbuf_addf(&text, "macro:%0*d=x -> accept", DEMAND_MACRO_LEN_MAX + 1,
	    0);
	policies[0] = text.text;
	rules.plan = sample_plan(arena, policies, NULL, rules.catalogue,
	    &diag);
	ck_assert_int_eq(demand_find(&demand, &rules, &diag), -1);
	strbuf_addf(&expected, "no MTA has a macro with a name of more than "
	    "100 characters: \"%0*d\"", DEMAND_MACRO_LEN_MAX + 1, 0);
	ck_assert_str_eq(diag_first(&diag), expected.text);
	diag_release(&diag);
	strbuf_release(&text);
	strbuf_release(&expected);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_conversation, COUNT(conversations) },
		{ test_demand, COUNT(wanteds) },
		{ test_too_many_macros, 1 },
		{ test_long_macro, 1 },
	};

	return table_run("session", tests, COUNT(tests));
}
