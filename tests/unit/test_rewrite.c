#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/knowledge.h"
#include "reply/lint.h"
#include "reply/raw.h"
#include "reply/reason.h"
#include "reply/reply.h"
#include "reply/rewrite.h"
#include "reply/template.h"
#include "reply/unwrap.h"
#include "table.h"

#define LINK	"https://example.com/mail/{reason}"
#define TEN	"aaaa aaaa "
#define FIFTY	TEN TEN TEN TEN TEN
#define LONG_WORD "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* Meanings of our own, so that the data files may change. */
static const struct meaning_source sources[] = {
	{ .from = "", .reply = "*zebra unknown*", .reason = "no-such-mailbox" },
	{ .from = "", .reply = "*zebra full*", .reason = "mailbox-full" },
	{ .from = "", .reply = "*zebra spam*", .reason = "spam" },
	{ .from = "", .reply = "*zebra disk*", .reason = "disk-full" },
	{ .from = "", .reply = "*zebra grey*", .reason = "greylisted" },
	{ .from = "", .reply = "*zebra rate*", .reason = "rate-limit" },
	{ .from = "", .reply = "*zebra policy*", .reason = "message-refused" },
	{ .from = "", .reply = "*zebra tls*", .reason = "tls-needed" },
	{ .from = "", .reply = "*zebra lookup*", .reason = "lookup-failed" },
	{ .from = "", .reply = "*zebra connections*",
	  .reason = "too-many-connections" },
	{ .from = "", .reply = "*zebra problem*", .reason = "system-problem" },
	{ .from = "", .reply = "*zebra client*", .reason = "client-refused" },
	{ .from = "", .reply = "*zebra syntax*", .reason = "protocol-error" },
	{ .from = "", .reply = "*zebra helo*", .reason = "bad-helo" },
	{ .from = "", .reply = "*zebra sign-in*", .reason = "sign-in-failed" },
};

/* How a case is rewritten; the zero value is the usual one. */
struct scene {
	bool		 class_stays;
	bool		 plain;		/* neither help nor case */
	const char	*client_ip;	/* of the session */
};

struct desk {
	struct arena		*arena;
	struct knowledge	*knowledge;
	struct catalogue	*catalogue;
	struct letterhead	 letterhead;
	struct unwrapped	 unwrapped;
};

static void
desk_init(struct desk *desk)
{
	struct diag diag = DIAG_INIT;

	*desk = (struct desk){ .arena = arena_new() };
	desk->catalogue = catalogue_new(desk->arena);
	desk->knowledge = knowledge_new(desk->arena, desk->catalogue);
	for (size_t i = 0; i < COUNT(sources); i++)
		ck_assert_int_eq(knowledge_add(desk->knowledge, &sources[i],
		    &diag), 0);
	knowledge_finish(desk->knowledge);
	desk->letterhead = (struct letterhead){ .host = "mx.example.com",
	    .help = template_compile(desk->arena, LINK, &diag) };
}

static struct rewriting
desk_rewrite(struct desk *desk, const struct scene *scene, const char *text)
{
	struct values values = { .text = {
		[VARIABLE_CLIENT_IP] = scene->client_ip } };
	struct rewrite_how how = {
		.catalogue = desk->catalogue,
		.knowledge = desk->knowledge,
		.letterhead = &desk->letterhead,
		.values = &values,
		.case_id = scene->plain ? "" : "7K3Q-X2M9",
		.origin = "",
		.class_stays = scene->class_stays,
	};

	if (scene->plain)
		desk->letterhead.help = NULL;
	desk->unwrapped = unwrap(desk->arena, text, strlen(text));
	return rewrite(desk->arena, &how, &desk->unwrapped);
}

static void
desk_release(struct desk *desk)
{
	arena_free(desk->arena);
}

static const struct {
	const char	*text;
	struct scene	 scene;
	const char	*lines[4];
} cases[] = {
	/* Ours: the words and the codes of the catalogue. */
	{ "550 zebra unknown", { .plain = true }, {
	    "550-5.1.1 The address you wrote to does not exist.",
	    "550 5.1.1 Check the spelling, or ask the person for the current "
	    "address. Sending again to this address will not help." } },
	{ "554 5.7.1 zebra client", { .client_ip = "192.0.2.1" }, {
	    "550-5.7.1 We take no mail from the server 192.0.2.1 that sent "
	    "your message.",
	    "550-5.7.1 This is rarely about you. Ask your mail provider to "
	    "contact us, or reach the person another way.",
	    "550 5.7.1 More help: https://example.com/mail/client-refused "
	    "Case: 7K3Q-X2M9" } },

	/* The class stays ... */
	{ "450 zebra full", { .plain = true }, {
	    "452-4.2.2 The mailbox of the person you wrote to is full at the "
	    "moment.",
	    "452 4.2.2 Mail servers retry by themselves. If yours has given "
	    "up, tell the person another way and send again later." } },
	{ "5.2.2 zebra full", { .plain = true }, {
	    "552-5.2.2 The mailbox of the person you wrote to is full, so we "
	    "could not store your message.",
	    "552 5.2.2 Only that person can make room. Tell them another way, "
	    "then send your message again." } },
	/* ... where the reason has no such form as well ... */
	{ "450 4.1.1 zebra unknown", { .plain = true }, {
	    "450-4.1.1 The address you wrote to does not exist.",
	    "450 4.1.1 Mail servers retry by themselves. If yours has given "
	    "up, send the message again later." } },
	{ "421 zebra unknown", { .plain = true }, {
	    "451-4.1.1 The address you wrote to does not exist.",
	    "451 4.1.1 Mail servers retry by themselves. If yours has given "
	    "up, send the message again later." } },
	{ "499 zebra tls", { .plain = true }, {
	    "450-4.7.0 This server takes mail only over an encrypted "
	    "connection (TLS).",
	    "450 4.7.0 Mail servers retry by themselves. If yours has given "
	    "up, send the message again later." } },
	/* ... but no fault of the server's own lasts, nor a wait. */
	{ "554 5.3.0 zebra disk", { .plain = true }, {
	    "452-4.3.1 Our mail system has no free storage right now; your "
	    "message is not the reason.",
	    "452 4.3.1 Mail servers retry by themselves for some days. If "
	    "yours has given up, send the message again later." } },
	{ "550 zebra grey", { .plain = true }, {
	    "451-4.7.1 We do not know the server that sent your message yet, "
	    "so it must wait and come back.",
	    "451 4.7.1 Mail servers retry by themselves. If yours has given "
	    "up, send again." } },
	{ "550 5.7.1 zebra policy", { .plain = true }, {
	    "550-5.7.1 The rules of our mail system do not let your message "
	    "in.",
	    "550 5.7.1 Contact us if you think that this is our mistake. To "
	    "reach the person, write another way." } },
	{ "554 5.3.0 zebra disk", { .plain = true, .class_stays = true }, {
	    "554-5.3.1 Our mail system has no free storage; your message is "
	    "not the reason.",
	    "554 5.3.1 Your message will not be sent again by itself. Contact "
	    "the person another way." } },
	/* Without codes the lasting form is taken, where there is one. */
	{ "zebra spam", { .plain = true }, {
	    "550-5.7.1 Our spam filter refused your message because of its "
	    "content or its links.",
	    "550 5.7.1 If it is not spam, contact us. We can check it and let "
	    "it through." } },
	{ "zebra lookup", { .plain = true }, {
	    "451-4.4.3 Our mail system cannot look up something that it needs "
	    "to take your message right now.",
	    "451 4.4.3 Mail servers retry by themselves. If yours has given "
	    "up, send the message again later." } },

	/* After a 421 the server closes the connection. */
	{ "421 4.7.0 zebra connections", { .plain = true }, {
	    "421-4.7.0 mx.example.com The server that sent your message has "
	    "too many connections open to us at once.",
	    "421 4.7.0 Mail servers retry by themselves. The admins of that "
	    "server can lower the number of connections." } },
	{ "450 4.7.1 zebra connections", { .plain = true }, {
	    "450-4.7.0 The server that sent your message has too many "
	    "connections open to us at once.",
	    "450 4.7.0 Mail servers retry by themselves. The admins of that "
	    "server can lower the number of connections." } },
	{ "zebra connections", { .plain = true }, {
	    "421-4.7.0 mx.example.com The server that sent your message has "
	    "too many connections open to us at once.",
	    "421 4.7.0 Mail servers retry by themselves. The admins of that "
	    "server can lower the number of connections." } },
	{ "421 4.7.1 zebra problem", { .plain = true }, {
	    "421-4.3.0 mx.example.com Our mail system has a problem right now; "
	    "your message is not the reason.",
	    "421 4.3.0 Mail servers retry by themselves for some days. If "
	    "yours has given up, send the message again later." } },
	{ "421 4.3.0 zebra disk", { .plain = true }, {
	    "421-4.3.0 mx.example.com Our mail system has no free storage "
	    "right now; your message is not the reason.",
	    "421 4.3.0 Mail servers retry by themselves for some days. If "
	    "yours has given up, send the message again later." } },
	{ "421 4.4.0 zebra policy", { .plain = true }, {
	    "421-4.7.0 mx.example.com The rules of our mail system do not let "
	    "your message in right now.",
	    "421 4.7.0 Mail servers retry by themselves. If yours has given "
	    "up, contact us about it." } },
	{ "421 4.7.1 zebra grey", { .plain = true }, {
	    "421-4.7.0 mx.example.com We do not know the server that sent your "
	    "message yet, so it must wait and come back.",
	    "421 4.7.0 Mail servers retry by themselves. If yours has given "
	    "up, send again." } },

	/* Unclear: the words stay, the form is mended. */
	{ "554 5.7.1 Command qqqq", { .plain = false }, {
	    "554-5.7.1 Command qqqq",
	    "554 5.7.1 More help: https://example.com/mail/unclear Case: "
	    "7K3Q-X2M9" } },
	{ "550 4.7.1 Command qqqq", { .plain = true }, {
	    "550 5.7.1 Command qqqq" } },
	{ "450 Command qqqq", { .plain = true }, { "450 4.0.0 Command qqqq" } },
	{ "542 Command qqqq", { .plain = true }, { "550 5.0.0 Command qqqq" } },
	{ "4.7.1 Command qqqq", { .plain = true }, {
	    "451 4.7.1 Command qqqq" } },
	{ "250 Command qqqq", { .plain = true }, { "550 5.0.0 Command qqqq" } },
	{ "551 Command qqqq", { .plain = true }, { "550 5.0.0 Command qqqq" } },
	{ "Command qqqq", { .plain = true }, { "550 5.0.0 Command qqqq" } },
	{ "550-5.7.1 Command\\r\\n550-5.7.1  qqqq \\r\\n550 5.7.1 see "
	    "https://example.org/x", { .plain = true }, {
	    "550 5.7.1 Command qqqq see https://example.org/x" } },
	{ "550 5.7.1 qqqq 100% m\303\274de ${x} `y`", { .plain = true }, {
	    "550 5.7.1 qqqq 100? m de ?{x} ?y?" } },
	{ "550 5.7.1 " LONG_WORD, { .plain = true }, {
	    "550 5.7.1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..." } },
	{ "550 5.7.1 " FIFTY FIFTY FIFTY FIFTY FIFTY "end", { .plain = true }, {
	    "550 5.7.1 " FIFTY FIFTY FIFTY FIFTY TEN TEN TEN "..." } },
	{ "421 4.7.0 qqqq", { .plain = true }, {
	    "421 4.7.0 mx.example.com qqqq" } },
	{ "421 4.7.0 mail.example.org qqqq", { .plain = true }, {
	    "421 4.7.0 mail.example.org qqqq" } },
	/* What would be read as codes or as a value is not first. */
	{ "550 5.7.1 550 qqqq", { .plain = true }, {
	    "550 5.7.1 Not accepted: 550 qqqq" } },
	{ "550 5.7.1 <bob@example.com>: qqqq", { .plain = true }, {
	    "550 5.7.1 Not accepted: <bob@example.com>: qqqq" } },
	/* No words at all. */
	{ "550", { .plain = true }, {
	    "550 5.0.0 Our mail server refused the message without saying "
	    "why." } },
	{ "451 4.7.1", { .plain = true }, {
	    "451 4.7.1 Our mail server does not take the message right now, "
	    "without saying why." } },
	{ "", { .plain = true }, {
	    "550 5.0.0 Our mail server refused the message without saying "
	    "why." } },

	/* What another server said. */
	{ "host mx.example.net[192.0.2.9] said: 550 5.7.1 zebra spam", {
	    .plain = false }, {
	    "550-5.7.1 The server mx.example.net refused your message: their "
	    "spam filter refused your message because of its content or its "
	    "links.",
	    "550-5.7.1 If it is not spam, contact them. They can check it and "
	    "let it through.",
	    "550 5.7.1 More help: https://example.com/mail/spam Case: "
	    "7K3Q-X2M9 The server said: 550 5.7.1 zebra spam" } },
	{ "host mx.example.net[192.0.2.9] said: 450 zebra grey", {
	    .plain = true }, {
	    "451-4.7.1 The server mx.example.net does not take your message "
	    "yet: they do not know the server that sent your message yet, so "
	    "it must wait and come back.",
	    "451-4.7.1 Mail servers retry by themselves. If yours has given "
	    "up, send again.",
	    "451 4.7.1 The server said: 450 zebra grey" } },
	/* It is decided: a bounce of a lasting refusal is no wait. */
	{ "host mx.example.net[192.0.2.9] said: 554 zebra disk", {
	    .plain = true }, {
	    "554-5.3.1 The server mx.example.net refused your message: their "
	    "mail system has no free storage; your message is not the "
	    "reason.",
	    "554-5.3.1 Your message will not be sent again by itself. Contact "
	    "the person another way.",
	    "554 5.3.1 The server said: 554 zebra disk" } },
	{ "host mx.example.net[192.0.2.9] said: 421 4.7.0 zebra connections", {
	    .plain = true }, {
	    "450-4.7.0 The server mx.example.net does not take your message "
	    "yet: the server that sent your message has too many connections "
	    "open to them at once.",
	    "450-4.7.0 Mail servers retry by themselves. The admins of that "
	    "server can lower the number of connections.",
	    "450 4.7.0 The server said: 421 4.7.0 zebra connections" } },
	{ "host mx.example.net[192.0.2.9] said: 554 5.7.1 qqqq", {
	    .plain = false }, {
	    "554-5.7.1 The server mx.example.net said: qqqq",
	    "554 5.7.1 More help: https://example.com/mail/unclear Case: "
	    "7K3Q-X2M9" } },
	{ "host mx.example.net[192.0.2.9] said: 554", { .plain = true }, {
	    "554 5.0.0 The server mx.example.net refused the message without "
	    "saying why." } },
	{ "Diagnostic-Code: smtp; 550 zebra spam", { .plain = true }, {
	    "550-5.7.1 The other server refused your message: their spam "
	    "filter refused your message because of its content or its links.",
	    "550-5.7.1 If it is not spam, contact them. They can check it and "
	    "let it through.",
	    "550 5.7.1 The server said: 550 zebra spam" } },
};

#define GIVEN	"550-5.1.1 The address you wrote to does not exist at " \
	"example.org."
#define CHECK	"550-5.1.1 Check the spelling, or ask the person for the " \
	"current address. Sending again to this address will not help."
#define CASE	"550 5.1.1 More help: https://example.org/x Case: A2B3-C4D5"
#define BOUNCE	"The server mx.example.net refused your message: zebra spam. "

/* Replies that say already what we would say: as they were. */
static const struct {
	const char	*text;
	const char	*lines[5];
	const char	*reason;	/* NULL: not asked */
} own[] = {
	/* By their case, whatever they say. */
	{ GIVEN "\\r\\n" CHECK "\\r\\n" CASE, { GIVEN, CHECK, CASE },
	    "no-such-mailbox" },
	{ "554 5.7.1 zebra spam Case: A2B3-C4D5",
	    { "554 5.7.1 zebra spam Case: A2B3-C4D5" }, "spam" },
	{ "551 5.1.6 qqqq <eve@example.org> Case: A2B3-C4D5",
	    { "551 5.1.6 qqqq <eve@example.org> Case: A2B3-C4D5" }, NULL },
	{ "421 4.7.0 mx.example.org zebra grey Case: A2B3-C4D5",
	    { "421 4.7.0 mx.example.org zebra grey Case: A2B3-C4D5" }, NULL },
	{ "5.7.1 zebra spam Case: A2B3-C4D5",
	    { "550 5.7.1 zebra spam Case: A2B3-C4D5" }, NULL },
	/* By the words of a reason, with its values or without. */
	{ GIVEN "\\r\\n" CHECK, { GIVEN,
	    "550 5.1.1 Check the spelling, or ask the person for the current "
	    "address. Sending again to this address will not help." },
	    "no-such-mailbox" },
	{ "550-5.1.1 The address you wrote to does not exist.\\r\\n" CHECK,
	    { "550-5.1.1 The address you wrote to does not exist.",
	    "550 5.1.1 Check the spelling, or ask the person for the current "
	    "address. Sending again to this address will not help." },
	    "no-such-mailbox" },
	{ "421-4.7.0 a.example.org The server 192.0.2.7 that sent your message "
	    "has too many connections open to us at once: the limit is 5."
	    "\\r\\n421 4.7.0 Mail servers retry by themselves. The admins of "
	    "that server can lower the number of connections.",
	    { "421-4.7.0 a.example.org The server 192.0.2.7 that sent your "
	    "message has too many connections open to us at once: the limit is "
	    "5.", "421 4.7.0 Mail servers retry by themselves. The admins of "
	    "that server can lower the number of connections." },
	    "too-many-connections" },
	{ "450-4.1.1 The address you wrote to does not exist at example.org."
	    "\\r\\n450 4.1.1 Mail servers retry by themselves. If yours has "
	    "given up, send the message again later.", { "450-4.1.1 The "
	    "address you wrote to does not exist at example.org.", "450 4.1.1 "
	    "Mail servers retry by themselves. If yours has given up, send the "
	    "message again later." }, "no-such-mailbox" },
	/* By those of a subject. */
	{ "550-5.7.1 The rules of our mail system do not let your message in."
	    "\\r\\n550 5.7.1 Ask your mail provider for help, or contact the "
	    "person another way.", { "550-5.7.1 The rules of our mail system "
	    "do not let your message in.", "550 5.7.1 Ask your mail provider "
	    "for help, or contact the person another way." }, NULL },
	/* A bounce of ours does not nest. */
	{ "5.7.1 " BOUNCE "Case: A2B3-C4D5 The server said: 550 zebra",
	    { "550 5.7.1 " BOUNCE "Case: A2B3-C4D5 The server said: 550 "
	    "zebra" }, "spam" },
	{ "550 5.7.1 " BOUNCE "The server said: 550 zebra spam",
	    { "550 5.7.1 " BOUNCE "The server said: 550 zebra spam" }, "spam" },
	{ "550 5.7.1 The server 127.0.0.1 refused your message: zebra spam.",
	    { "550 5.7.1 The server 127.0.0.1 refused your message: zebra "
	    "spam." }, "spam" },
	{ "451 4.7.1 The other server said: qqqq",
	    { "451 4.7.1 The other server said: qqqq" }, NULL },
	/* Another server with words like ours: they stay its own. */
	{ "host mx.example.net[192.0.2.9] said: " GIVEN " " CHECK " " CASE,
	    { "550-5.1.1 The server mx.example.net said: The address you wrote "
	    "to does not exist at example.org.", CHECK,
	    "550-5.1.1 More help: https://example.org/x Case: A2B3-C4D5",
	    "550 5.1.1 More help: https://example.com/mail/unclear Case: "
	    "7K3Q-X2M9" }, "no-such-mailbox" },
};

START_TEST(own_stays)
{
	const struct scene scene = { .plain = false };
	struct desk desk;
	struct rewriting r;
	struct strbuf again = STRBUF_INIT;
	size_t count = 0;

	desk_init(&desk);
	r = desk_rewrite(&desk, &scene, own[_i].text);
	while (count < COUNT(own[_i].lines) && own[_i].lines[count] != NULL)
		count++;
	ck_assert_uint_eq(r.reply->count, count);
	for (size_t i = 0; i < count; i++) {
		struct strbuf line = STRBUF_INIT;

		reply_format_line(r.reply, i, &line);
		ck_assert_str_eq(line.text, own[_i].lines[i]);
		strbuf_release(&line);
	}
	if (own[_i].reason != NULL)
		ck_assert_str_eq(r.recognition.reason->name, own[_i].reason);
	rewriting_footer(desk.arena, &r, &desk.unwrapped, &again);
	if (desk.unwrapped.speaker != SPEAKER_REMOTE)
		ck_assert_str_eq(again.text, "");
	strbuf_release(&again);
	desk_release(&desk);
}
END_TEST

/* What only looks like one of ours is written anew. */
static const char *const not_own[] = {
	"550 5.7.1 zebra spam Case: 7k3q-x2m9",
	"550 5.7.1 zebra spam Case: A2B3-C4D5 and more",
	"550 5.7.1 zebra spam Case: A2B3-C4D5\\r\\n550 5.7.1 more",
	"550 5.7.1 The server mx is full of zebra spam",
	"550 5.7.1 zebra spam \303\274 Case: A2B3-C4D5 \303\274 x",
	"550-5.1.1 The address you wrote to does not exist at .\\r\\n" CHECK
	    "\\r\\n550 zebra spam",
	"550-5.1.1 The address you wrote to does not exist at a b.\\r\\n"
	    CHECK "\\r\\n550 zebra spam",
	"450-4.1.1 The address you wrote to does not exist.\\r\\n450-4.1.1 "
	    "Check the spelling.\\r\\n450 zebra spam",
	GIVEN "\\r\\n550 5.1.1 zebra spam",
	"550 5.7.1 \001zebra spam\001 Case: A2B3-C4D5",
};

START_TEST(others_change)
{
	const struct scene scene = { .plain = false };
	struct desk desk;
	struct rewriting r;

	desk_init(&desk);
	r = desk_rewrite(&desk, &scene, not_own[_i]);
	ck_assert_ptr_nonnull(r.recognition.reason);
	ck_assert_str_eq(r.recognition.reason->name, "spam");
	ck_assert(text_ends(r.reply->lines[r.reply->count - 1],
	    "Case: 7K3Q-X2M9"));
	desk_release(&desk);
}
END_TEST

/* A bounce in one line is longer than a line may be. */
START_TEST(long_bounce_stays)
{
	const struct scene scene = { .plain = false };
	const char *text = "5.7.1 " BOUNCE FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
	    FIFTY FIFTY FIFTY "Case: A2B3-C4D5";
	struct desk desk;
	struct strbuf out = STRBUF_INIT;
	struct rewriting r;

	desk_init(&desk);
	r = desk_rewrite(&desk, &scene, text);
	rewriting_delivery(&r, &out);
	ck_assert_str_eq(out.text, text);
	strbuf_release(&out);
	desk_release(&desk);
}
END_TEST

/* Whatever we say once stays so when it comes back. */
START_TEST(twice_is_once)
{
	const struct scene scene = { .plain = true };
	struct desk desk;
	struct strbuf wire = STRBUF_INIT, again = STRBUF_INIT;
	struct rewriting r;

	desk_init(&desk);
	r = desk_rewrite(&desk, &scene, cases[_i].text);
	reply_format(r.reply, &wire);
	if (r.recognition.reason != NULL) {
		r = desk_rewrite(&desk, &scene, wire.text);
		reply_format(r.reply, &again);
		ck_assert_str_eq(again.text, wire.text);
	}
	strbuf_release(&wire);
	strbuf_release(&again);
	desk_release(&desk);
}
END_TEST

START_TEST(rewrites)
{
	struct desk desk;
	struct rewriting r;
	size_t count = 0;

	desk_init(&desk);
	r = desk_rewrite(&desk, &cases[_i].scene, cases[_i].text);
	while (count < COUNT(cases[_i].lines) &&
	    cases[_i].lines[count] != NULL)
		count++;
	for (size_t i = 0; i < count && i < r.reply->count; i++) {
		struct strbuf line = STRBUF_INIT;

		reply_format_line(r.reply, i, &line);
		ck_assert_str_eq(line.text, cases[_i].lines[i]);
		strbuf_release(&line);
	}
	ck_assert_uint_eq(r.reply->count, count);
	desk_release(&desk);
}
END_TEST

/* Programs act on these codes: each with what comes of it. */
static const struct {
	const char	*text;
	const char	*status;
} dialogue[] = {
	{ "500 5.5.2 zebra syntax", "500 5.5.2" },
	{ "500 zebra syntax", "500 5.5.1" },
	{ "501 zebra syntax", "501 5.5.1" },
	{ "501 5.5.4 zebra syntax", "501 5.5.4" },
	{ "502 5.5.1 zebra syntax", "502 5.5.1" },
	{ "502 5.5.2 zebra syntax", "502 5.5.2" },
	{ "503 5.5.0 zebra syntax", "503 5.5.1" },
	{ "504 5.5.4 zebra syntax", "504 5.5.4" },
	{ "504 zebra syntax", "503 5.5.1" },
	{ "555 5.5.4 zebra syntax", "555 5.5.4" },
	{ "530 5.7.0 zebra tls", "530 5.7.0" },
	{ "538 5.7.11 zebra tls", "538 5.7.11" },
	{ "534 5.7.9 zebra sign-in", "534 5.7.9" },
	{ "535 5.7.0 zebra sign-in", "535 5.7.8" },
	{ "535 4.7.8 zebra sign-in", "535 5.7.8" },
	/* Codes of another matter are no better for standing here. */
	{ "504 5.5.2 zebra helo", "550 5.7.1" },
	{ "500 5.7.1 zebra spam", "550 5.7.1" },
	{ "501 5.5.4 zebra unknown", "550 5.1.1" },
	{ "554 5.5.1 zebra syntax", "503 5.5.1" },
	/* A wait, though the code says otherwise. */
	{ "503 5.5.1 zebra grey", "451 4.7.1" },
	/* Another server's dialogue is over. */
	{ "host mx.example.net[192.0.2.9] said: 500 5.5.2 zebra syntax",
	    "503 5.5.1" },
};

START_TEST(dialogue_stays)
{
	const struct scene scene = { .plain = true };
	char status[STATUS_TEXT_MAX];
	struct desk desk;
	struct rewriting r;

	desk_init(&desk);
	r = desk_rewrite(&desk, &scene, dialogue[_i].text);
	status_format(r.reply->status, status);
	ck_assert_str_eq(status, dialogue[_i].status);
	desk_release(&desk);
}
END_TEST

static const char *const first_person[] = { "we", "us", "our", "ours",
    "ourselves", "here", "this server", "this mail system" };

static bool
has_word(const char *text, const char *word)
{
	const size_t len = strlen(word);

	for (const char *p = text; (p = text_find(p, word)) != NULL; p++)
		if ((p == text || !text_is_letter(p[-1])) &&
		    !text_is_letter(p[len]))
			return true;
	return false;
}

static bool
sound(struct arena *arena, const struct rewriting *r)
{
	const struct raw_reply raw = raw_from_reply(arena, r->reply);
	const struct lint_context context = {
		.reason = r->recognition.reason };
	struct lint_findings findings;

	lint_check(arena, &raw, &context, LINT_SENT, &findings);
	for (size_t i = 0; i < findings.count; i++)
		ck_abort_msg("%s: %s in: %s", lint_name(findings.items[i].rule),
		    findings.items[i].what, r->reply->lines[0]);
	return findings.count == 0;
}

/*
 * Each reason of the catalogue, said by another server: sound as what is sent,
 * and nobody speaks of himself.
 */
START_TEST(turns_every_reason)
{
	static const char *const codes[] = { "450", "550", "421 4.7.0" };
	struct desk desk;
	const struct reason *reason;
	struct diag diag = DIAG_INIT;

	desk_init(&desk);
	reason = catalogue_at(desk.catalogue, (size_t)_i);
	desk.knowledge = knowledge_new(desk.arena, desk.catalogue);
	ck_assert_int_eq(knowledge_add(desk.knowledge,
	    &(struct meaning_source){ .from = "", .reply = "*unicorn*",
	    .reason = reason->name, .place = PLACE_NONE }, &diag), 0);
	knowledge_finish(desk.knowledge);
	for (size_t i = 0; i < COUNT(codes); i++) {
		const struct scene scene = { .client_ip = "192.0.2.1" };
		const char *said = arena_format(desk.arena, "host "
		    "mx.example.net[192.0.2.9] said: %s unicorn", codes[i]);
		struct rewriting r = desk_rewrite(&desk, &scene, said);

		ck_assert_ptr_eq(r.recognition.reason, reason);
		ck_assert(sound(desk.arena, &r));
		ck_assert_uint_eq(r.reply->count, 3);
		ck_assert(text_starts(r.reply->lines[0],
		    "The server mx.example.net "));
		for (size_t n = 0; n < COUNT(first_person); n++)
			for (size_t line = 0; line < 2; line++)
				ck_assert_msg(!has_word(r.reply->lines[line],
				    first_person[n]), "\"%s\" in: %s",
				    first_person[n], r.reply->lines[line]);
		ck_assert(text_ends(r.reply->lines[2], arena_format(desk.arena,
		    "The server said: %s unicorn", codes[i])));

		r = desk_rewrite(&desk, &scene, arena_format(desk.arena,
		    "%s unicorn", codes[i]));
		ck_assert(sound(desk.arena, &r));
	}
	desk_release(&desk);
}
END_TEST

/* Whatever comes, what goes is sound: codes that agree, clean lines. */
static const char *const hostile[] = {
	"550 5.7.1 \001\002\003", "550 5.7.1 %s%n%d", "999 9.9.9 x",
	"550 9.9.9 x", "000 x", "550 5.1.1\\r\\n250 ok\\r\\n451 4.4.4 y",
	"2.0.0 ok", "421 ", "550 5.5.5 550 5.5.5 550 5.5.5 x",
	"host x[y] said: ", "host [192.0.2.1] said: 550 \001",
	"host " LONG_WORD "[192.0.2.1] said: 550 zebra spam",
	"host a.example.[192.0.2.1] said: 550-zebra\\r\\n550 spam " FIFTY FIFTY
	FIFTY FIFTY FIFTY FIFTY, "421 4.7.0 " FIFTY FIFTY FIFTY FIFTY FIFTY,
	"550 \"<script>alert(1)</script>\" \\r\\n.\\r\\n", "550 5.7.1 .",
	"550 {list} [x] {{ ]]", "host {list}.example[192.0.2.1] said: 550 "
	"zebra spam", "550 zebra spam {list}", LONG_WORD LONG_WORD LONG_WORD,
	"421 " LONG_WORD LONG_WORD LONG_WORD,
	"550 5.7.1 " LONG_WORD LONG_WORD " Case: A2B3-C4D5",
	"550 5.7.1 %s 5% Case: A2B3-C4D5", "550 5.7.1 x\\r\\n550 5.7.1 \\r\\n"
	"550 5.7.1 550 x Case: A2B3-C4D5", "550 2.0.0 x Case: A2B3-C4D5",
	"550 5.7.1 The other server said: " LONG_WORD LONG_WORD LONG_WORD
	LONG_WORD LONG_WORD, "host x[192.0.2.1] said: 421 4.7.0 " LONG_WORD
	LONG_WORD " Case: A2B3-C4D5",
};

START_TEST(always_sound)
{
	const struct scene scenes[] = { { .plain = false },
	    { .class_stays = true }, { .plain = true } };

	for (size_t i = 0; i < COUNT(scenes); i++) {
		struct desk desk;
		struct rewriting r;
		struct raw_reply raw;
		struct lint_findings findings;

		desk_init(&desk);
		r = desk_rewrite(&desk, &scenes[i], hostile[_i]);
		raw = raw_from_reply(desk.arena, r.reply);
		lint_check(desk.arena, &raw, &(struct lint_context){
		    .reason = NULL }, LINT_SENT, &findings);
		/* That a line is long is a warning, and so it may be. */
		for (size_t n = 0; n < findings.count; n++)
			ck_assert_msg(findings.items[n].rule == LINT_F2 ||
			    findings.items[n].rule == LINT_F12, "%s: %s: %s",
			    lint_name(findings.items[n].rule),
			    findings.items[n].what, r.reply->lines[0]);
		desk_release(&desk);
	}
}
END_TEST

static const struct {
	const char	*text;
	struct scene	 scene;
	const char	*footer;
	const char	*delivery;
} forms[] = {
	{ "554 5.7.1 zebra client", { .plain = false },
	    "We take no mail from the server that sent your message.\\n"
	    "This is rarely about you. Ask your mail provider to contact us, "
	    "or reach the person another way.\\n"
	    "More help: https://example.com/mail/client-refused Case: "
	    "7K3Q-X2M9",
	    "5.7.1 We take no mail from the server that sent your message. "
	    "This is rarely about you. Ask your mail provider to contact us, "
	    "or reach the person another way. More help: "
	    "https://example.com/mail/client-refused Case: 7K3Q-X2M9" },
	/* The server's own words say it well enough. */
	{ "550 5.1.1 The mailbox of zebra unknown does not exist at all.",
	    { .plain = true }, "Check the spelling, or ask the person for the "
	    "current address. Sending again to this address will not help.",
	    "5.1.1 The address you wrote to does not exist. Check the "
	    "spelling, or ask the person for the current address. Sending "
	    "again to this address will not help." },
	{ "421 4.7.0 zebra connections", { .plain = true },
	    "The server that sent your message has too many connections open "
	    "to us at once.\\nMail servers retry by themselves. The admins of "
	    "that server can lower the number of connections.",
	    "4.7.0 mx.example.com The server that sent your message has too "
	    "many connections open to us at once. Mail servers retry by "
	    "themselves. The admins of that server can lower the number of "
	    "connections." },
	/* Nothing is known, so nothing is said but where to ask. */
	{ "554 5.7.1 Command qqqq", { .plain = false },
	    "More help: https://example.com/mail/unclear Case: 7K3Q-X2M9",
	    "5.7.1 Command qqqq More help: https://example.com/mail/unclear "
	    "Case: 7K3Q-X2M9" },
	{ "554 5.7.1 Command qqqq", { .plain = true }, "",
	    "5.7.1 Command qqqq" },
	/* A reply that was rewritten needs nothing more. */
	{ "550-5.7.1 Our spam filter refused your message because of its "
	    "content, zebra spam.\\r\\n550-5.7.1 If it is not spam, contact "
	    "us.\\r\\n550 5.7.1 More help: https://example.com/mail/spam Case: "
	    "7K3Q-X2M9", { .plain = false }, "",
	    "5.7.1 Our spam filter refused your message because of its "
	    "content, zebra spam. If it is not spam, contact us. More help: "
	    "https://example.com/mail/spam Case: 7K3Q-X2M9" },
	/* Not even where it does not say what we know it by. */
	{ "500-5.5.2 The program did not keep to the rules.\\r\\n500-5.5.2 "
	    "Update that program.\\r\\n500 5.5.2 More help: "
	    "https://example.com/mail/protocol-error", { .plain = false }, "",
	    "5.5.2 The program did not keep to the rules. Update that program. "
	    "More help: https://example.com/mail/protocol-error More help: "
	    "https://example.com/mail/unclear Case: 7K3Q-X2M9" },
};

START_TEST(forms_for_postfix)
{
	struct desk desk;
	struct strbuf out = STRBUF_INIT;
	struct rewriting r;

	desk_init(&desk);
	r = desk_rewrite(&desk, &forms[_i].scene, forms[_i].text);
	strbuf_adds(&out, "OK ");
	rewriting_footer(desk.arena, &r, &desk.unwrapped, &out);
	ck_assert_str_eq(out.text + 3, forms[_i].footer);
	strbuf_reset(&out);
	strbuf_adds(&out, "OK ");
	rewriting_delivery(&r, &out);
	ck_assert_str_eq(out.text + 3, forms[_i].delivery);
	strbuf_release(&out);
	desk_release(&desk);
}
END_TEST

/* Postfix expands "$name" and takes a backslash for its own. */
START_TEST(footer_escapes)
{
	struct desk desk;
	struct strbuf out = STRBUF_INIT;
	const struct scene scene = { .plain = false };
	struct diag diag = DIAG_INIT;
	struct rewriting r;

	desk_init(&desk);
	desk.letterhead.help = template_compile(desk.arena,
	    "https://example.com/$a?b=\\c", &diag);
	r = desk_rewrite(&desk, &scene, "554 5.7.1 Command qqqq");
	rewriting_footer(desk.arena, &r, &desk.unwrapped, &out);
	ck_assert_str_eq(out.text, "More help: https://example.com/$$a?b=/c "
	    "Case: 7K3Q-X2M9");
	strbuf_release(&out);
	desk_release(&desk);
}
END_TEST

static size_t
reason_count(void)
{
	struct arena *arena = arena_new();
	const size_t count = catalogue_count(catalogue_new(arena));

	arena_free(arena);
	return count;
}

int
main(void)
{
	const struct table_test tests[] = {
		{ rewrites, COUNT(cases) },
		{ own_stays, COUNT(own) },
		{ others_change, COUNT(not_own) },
		{ long_bounce_stays, 1 },
		{ twice_is_once, COUNT(cases) },
		{ dialogue_stays, COUNT(dialogue) },
		{ turns_every_reason, (int)reason_count() },
		{ always_sound, COUNT(hostile) },
		{ forms_for_postfix, COUNT(forms) },
		{ footer_escapes, 1 },
	};

	return table_run("rewrite", tests, COUNT(tests));
}
