#include "session/map.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/knowledge.h"
#include "reply/reason.h"
#include "reply/reply.h"
#include "reply/template.h"
#include "session/case.h"
#include "session/env.h"
#include "session/record.h"
#include "session/refused.h"
#include "session/rules.h"
#include "table.h"

/* All zeros make the case "2222-2222". */
static void
no_chance(void *world, void *bytes, size_t size)
{
	(void)world;
	memset(bytes, 0, size);
}

/* "(done reject 550 footer REASON SURE CLIENT SENDER RECIPIENT)" */
static void
tell(void *world, const struct record *record)
{
	ck_assert_int_eq(record->source, SOURCE_MTA);
	ck_assert_ptr_nonnull(record->reply);
	ck_assert_str_eq(record->case_id, "2222-2222");
	ck_assert_str_ne(record->original, "");
	strbuf_addf(world, "(%s %s %u %s %s %s %s %s %s)",
	    outcome_name(record->outcome), action_name(record->action),
	    record->reply->status.code, record->map,
	    record->reason != NULL ? record->reason->name : "-",
	    record->sure, record->client_ip, record->sender,
	    record->recipient);
}

struct site {
	struct arena	*arena;
	struct rules	 rules;
	struct env	 env;
	struct refused	*refused;
	struct strbuf	 records;
};

static void
site_make(struct site *site, bool show_case)
{
	struct catalogue *catalogue;
	struct knowledge *knowledge;

	memset(site, 0, sizeof(*site));
	site->arena = arena_new();
	catalogue = catalogue_new(site->arena);
	knowledge = knowledge_new(site->arena, catalogue);
	knowledge_finish(knowledge);
	strbuf_init(&site->records);
	site->refused = refused_new();
	site->env = (struct env){ .world = &site->records,
		.random = no_chance, .record = tell };
	site->rules = (struct rules){
		.catalogue = catalogue,
		.knowledge = knowledge,
		.show_case = show_case,
		.letterhead = {
			.help = template_compile(site->arena,
			    "https://example.com/mail/{reason}", NULL),
			.host = "mx.example.com",
			.detail = DETAIL_FULL,
		},
	};
}

static void
site_drop(struct site *site)
{
	strbuf_release(&site->records);
	refused_free(site->refused);
	arena_free(site->arena);
}

static enum socketmap_answer
ask(struct site *site, const char *name, const char *key, size_t len,
    struct strbuf *text)
{
	struct socketmap_request request = { name, strlen(name), key, len };

	return map_answer(&site->rules, &site->env, site->refused,
	    site->arena, &request, text);
}

#define HELP(reason)	"More help: https://example.com/mail/" reason \
			" Case: 2222-2222"

static const struct {
	const char	*name, *table, *key;
	/* Notes before, as {rcpt_addr} has it; "" for none. */
	const char	*noted;
	int		 notes;
	/* The answer holds these, and not that; NULL: not found. */
	const char	*has, *also, *hasnt;
	const char	*records;	/* begin so */
} cases[] = {
	{ .name = "filter, with the session's values", .table = "filter",
	    .key = "554 5.7.1 <kim@example.org>: Relay access denied",
	    .noted = "Relay access denied", .notes = 1,
	    .has = "550-5.7.1 This server does not handle mail for the domain "
		"example.org that you wrote to.\r\n550-5.7.1 ",
	    .also = "\r\n550 5.7.1 " HELP("relay-denied"),
	    .hasnt = "\r\n\r\n",
	    .records = "(done reject 550 filter relay-denied high 192.0.2.1 "
		"ann@example.net kim@example.org)" },
	{ .name = "filter, where two could be meant", .table = "filter",
	    .key = "554 5.7.1 <kim@example.org>: Relay access denied",
	    .noted = "Relay access denied", .notes = 2,
	    .has = "550-5.7.1 This server does not handle mail",
	    .also = HELP("relay-denied"),
	    .records = "(done reject 550 filter relay-denied high  "
		"ann@example.net kim@example.org)" },
	{ .name = "filter, without a session", .table = "filter",
	    .key = "554 5.7.1 <kim@example.org>: Relay access denied",
	    .has = "550-5.7.1 This server does not handle mail",
	    .also = HELP("relay-denied"),
	    .records = "(done reject 550 filter relay-denied high   "
		"kim@example.org)" },
	{ .name = "filter, unclear words stay", .table = "filter",
	    .key = "554 5.7.1 Zork quux foo",
	    .has = "554-5.7.1 ", .also = "Zork quux foo",
	    .records = "(done reject 554 filter - none " },
	{ .name = "filter, several lines", .table = "filter",
	    .key = "550-5.7.1 Zork quux\r\n550 5.7.1 foo",
	    .has = "550-5.7.1 ", .also = "Zork quux foo",
	    .records = "(done reject 550 filter - none " },
	{ .name = "filter, a fault of our own becomes temporary",
	    .table = "filter", .key = "554 5.3.5 Server configuration error",
	    .has = "451-4.3.0 ", .also = "\r\n451 4.3.0 ",
	    .records = "(done defer 451 filter system-problem " },
	{ .name = "footer, the codes in front of it stay",
	    .table = "footer", .key = "554 5.3.5 Server configuration error",
	    .has = "will not be sent again by itself",
	    .records = "(done reject 554 footer system-problem " },
	{ .name = "filter, the server's own name in a 421",
	    .table = "filter",
	    .key = "421 4.7.0 in.example.net Error: too many errors",
	    .has = "421-4.7.0 in.example.net The server",
	    .records = "(done defer 421 filter too-many-errors " },
	{ .name = "filter, what is no name in a 421", .table = "filter",
	    .key = "421 4.7.0 a<b>.example Error: too many errors",
	    .has = "421-4.7.0 mx.example.com The server",
	    .records = "(done defer 421 filter too-many-errors " },
	{ .name = "filter, a code where a 421 has its name",
	    .table = "filter",
	    .key = "421 4.7.1 4.7.0 mx.example Error: too many errors",
	    .has = "421-4.7.0 mx.example.com The server",
	    .records = "(done defer 421 filter too-many-errors " },
	{ .name = "footer, as a template", .table = "footer",
	    .key = "554 5.7.1 <kim@example.org>: Relay access denied",
	    .noted = "Relay access denied", .notes = 1,
	    .has = "sign in before you send",
	    .also = "\\n" HELP("relay-denied"), .hasnt = "\n",
	    .records = "(done reject 554 footer relay-denied high 192.0.2.1 " },
	{ .name = "footer, temporary", .table = "footer",
	    .key = "450 4.1.8 <ann@example.net>: Sender address rejected: "
		"Domain not found",
	    .has = HELP("sender-domain-unknown"), .hasnt = "\n",
	    .records = "(done defer 450 footer sender-domain-unknown " },
	{ .name = "delivery, in one line", .table = "delivery",
	    .key = "5.1.1 host mx.example.org[192.0.2.9] said: 550 5.1.1 "
		"<kim@example.org>: Recipient address rejected: User unknown "
		"in virtual mailbox table (in reply to RCPT TO command)",
	    .has = "5.1.1 ", .also = "mx.example.org", .hasnt = "\n",
	    .records = "(done reject 550 delivery no-such-mailbox " },

	{ .name = "delivery, a success", .table = "delivery",
	    .key = "2.0.0 delivered to maildir" },
	{ .name = "filter, no refusal", .table = "filter",
	    .key = "250 2.1.5 Ok" },
	{ .name = "filter, no reply", .table = "filter", .key = "hello" },
	{ .name = "filter, nothing", .table = "filter", .key = "" },
	{ .name = "footer, a form of delivery", .table = "footer",
	    .key = "5.1.1 no such user" },
	{ .name = "filter, ours by its case", .table = "filter",
	    .key = "550-5.7.1 We take no mail.\r\n550 5.7.1 More help: "
		"https://example.com/mail/spam Case: 7K3Q-X2M9" },
	{ .name = "footer, ours by its case and a line end",
	    .table = "footer",
	    .key = "550 5.7.1 We take none. Case: 7K3Q-X2M9\r\n" },
};

START_TEST(answers)
{
	struct strbuf text = STRBUF_INIT;
	enum socketmap_answer kind;
	struct site site;

	site_make(&site, true);
	for (int i = 0; i < cases[_i].notes; i++)
		refused_note(site.refused, &cases[i], "<kim@example.org>",
		    "5.7.1", cases[_i].noted, &(struct values){ .text = {
			[VARIABLE_CLIENT_IP] = i == 0 ? "192.0.2.1" :
			    "192.0.2.2",
			[VARIABLE_SENDER] = "ann@example.net",
			[VARIABLE_RECIPIENT] = "kim@example.org",
			[VARIABLE_RECIPIENT_DOMAIN] = "example.org",
		    } });
	kind = ask(&site, cases[_i].table, cases[_i].key,
	    strlen(cases[_i].key), &text);
	if (cases[_i].has == NULL) {
		ck_assert_msg(kind == SOCKETMAP_NOTFOUND && text.len == 0 &&
		    site.records.len == 0, "%s: %s %s", cases[_i].name,
		    text.text, site.records.text);
	} else {
		ck_assert_msg(kind == SOCKETMAP_OK &&
		    strstr(text.text, cases[_i].has) != NULL &&
		    (cases[_i].also == NULL ||
		    strstr(text.text, cases[_i].also) != NULL) &&
		    (cases[_i].hasnt == NULL ||
		    strstr(text.text, cases[_i].hasnt) == NULL),
		    "%s: %s", cases[_i].name, text.text);
		ck_assert_msg(text_starts(site.records.text,
		    cases[_i].records), "%s: %s", cases[_i].name,
		    site.records.text);
	}
	strbuf_release(&text);
	site_drop(&site);
}
END_TEST

/* What only observes changes nothing, and tells what it would have done. */
START_TEST(observes)
{
	static const char key[] =
	    "554 5.7.1 <kim@example.org>: Relay access denied";
	struct strbuf text = STRBUF_INIT;
	struct site site;

	site_make(&site, true);
	site.rules.observe = true;
	ck_assert_int_eq(ask(&site, "filter", key, strlen(key), &text),
	    SOCKETMAP_NOTFOUND);
	ck_assert_uint_eq(text.len, 0);
	ck_assert(text_starts(site.records.text,
	    "(observed reject 550 filter relay-denied high "));
	strbuf_release(&text);
	site_drop(&site);
}
END_TEST

/* Without a case in it, a reply of ours is known by the note of it. */
START_TEST(ours_without_a_case)
{
	static const char *const lines[] = { "We take no mail from there." };
	static const char key[] = "550 5.7.1 We take no mail from there.";
	struct strbuf text = STRBUF_INIT;
	struct site site;

	site_make(&site, false);
	ck_assert_int_eq(ask(&site, "filter", key, strlen(key), &text),
	    SOCKETMAP_OK);
	ck_assert_ptr_null(strstr(text.text, "Case:"));
	strbuf_reset(&text);
	strbuf_reset(&site.records);
	refused_note_own(site.refused, &site, reply_new(site.arena,
	    (struct status){ 550, 7, 1 }, lines, 1, NULL));
	ck_assert_int_eq(ask(&site, "filter", key, strlen(key), &text),
	    SOCKETMAP_NOTFOUND);
	ck_assert_int_eq(ask(&site, "footer", key, strlen(key), &text),
	    SOCKETMAP_NOTFOUND);
	ck_assert_uint_eq(site.records.len, 0);
	strbuf_release(&text);
	site_drop(&site);
}
END_TEST

static const struct {
	const char	*name, *says;
} unknown[] = {
	{ "", "no table \"\" here; there are \"filter\", \"footer\" and "
	    "\"delivery\"" },
	{ "Filter", "no table \"Filter\" here; there are \"filter\", "
	    "\"footer\" and \"delivery\"" },
	{ "fil\r\n", "no table \"fil\\x0d\\x0a\" here; there are \"filter\", "
	    "\"footer\" and \"delivery\"" },
	{ "0123456789012345678901234567890123456789012345", "no table "
	    "\"0123456789012345678901234567890123456789\" here; there are "
	    "\"filter\", \"footer\" and \"delivery\"" },
};

START_TEST(unknown_tables)
{
	struct strbuf text = STRBUF_INIT;
	struct site site;

	site_make(&site, true);
	ck_assert_int_eq(ask(&site, unknown[_i].name, "550 5.1.1 x", 11,
	    &text), SOCKETMAP_PERM);
	ck_assert_str_eq(text.text, unknown[_i].says);
	strbuf_release(&text);
	site_drop(&site);
}
END_TEST

/* Keys of any bytes: the answer is printable, bounded, and of one form. */
START_TEST(hostile_keys)
{
	static const char *const tables[] = { "filter", "footer",
	    "delivery" };
	struct strbuf key = STRBUF_INIT, text = STRBUF_INIT;
	struct site site;

	site_make(&site, true);
	for (int t = 0; t < COUNT(tables); t++) {
		strbuf_reset(&key);
		strbuf_reset(&text);
		strbuf_adds(&key, t == 2 ? "5.7.1 " : "550 5.7.1 ");
		for (int i = 0; i < 99000; i++)
			strbuf_addch(&key, (char)(i * 7 + i / 300));
		ck_assert_int_eq(ask(&site, tables[t], key.text, key.len,
		    &text), SOCKETMAP_OK);
		ck_assert_uint_lt(text.len, 20000);
		for (size_t i = 0; i < text.len; i++)
			ck_assert(text_is_print(text.text[i]) || (t == 0 &&
			    (text.text[i] == '\r' || text.text[i] == '\n')));
	}
	strbuf_release(&key);
	strbuf_release(&text);
	site_drop(&site);
}
END_TEST

static const struct {
	const char	*text;
	bool		 ends;
} endings[] = {
	{ "More help: https://example.com/ Case: 7K3Q-X2M9", true },
	{ "Case: 7K3Q-X2M9", false },		/* never a line of its own */
	{ "x Case: 7K3Q-X2M", false },
	{ "x Case: 7K3QXX2M9", false },
	{ "x Case: 7K3Q-X2M0", false },		/* no 0 O 1 I */
	{ "x Case: 7k3q-x2m9", false },
	{ "x case: 7K3Q-X2M9", false },
	{ "x Case: 7K3Q-X2M9.", false },
	{ "", false },
};

START_TEST(case_endings)
{
	ck_assert_int_eq(case_ends(endings[_i].text,
	    strlen(endings[_i].text)), endings[_i].ends);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ answers, COUNT(cases) },
		{ observes, 1 },
		{ ours_without_a_case, 1 },
		{ unknown_tables, COUNT(unknown) },
		{ hostile_keys, 1 },
		{ case_endings, COUNT(endings) },
	};

	return table_run("map", tests, COUNT(tests));
}
