/* test_facts - what is known of a mail, and for how long. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "policy/facts.h"
#include "table.h"

/* "a|b" for two texts; "..." behind what is not complete, "-" for none. */
static void
add_fact(struct strbuf *out, struct facts *facts, enum attribute attribute)
{
	struct fact fact = facts_get(facts, attribute, "");

	strbuf_adds(out, out->len > 0 ? " " : "");
	strbuf_adds(out, fact.state == FACT_LATER ? "later" :
	    fact.state == FACT_ABSENT ? "-" : "");
	for (size_t i = 0; i < fact.count; i++) {
		ck_assert_uint_eq(strlen(fact.texts[i].bytes),
		    fact.texts[i].len);
		strbuf_addf(out, "%s%s", i > 0 ? "|" : "",
		    fact.texts[i].bytes);
	}
	strbuf_adds(out, fact.state == FACT_KNOWN && !fact.complete ?
	    "..." : "");
}

static const struct {
	const char *path;		/* as RCPT carried it */
	const char *resolved;		/* as the MTA has it; NULL */
	const char *expected;		/* address and domain */
} addresses[] = {
	{ "<a@b.example>", NULL, "a@b.example b.example" },
	{ "<a@b.example>", "a@b.example", "a@b.example b.example" },
	{ "<a@b.example>", "A@B.example", "a@b.example b.example" },
	{ "<a@b.example>", "c@d.example",
	    "a@b.example|c@d.example b.example|d.example" },
	{ "<a@b.example>", "c@b.example",
	    "a@b.example|c@b.example b.example" },
	{ "<a@b.example>", "a", "a@b.example b.example" },
	{ "<a>", "a@b.example", "a|a@b.example b.example" },
	{ "<a>", NULL, "a -" },
	{ "<a@>", NULL, "a@ -" },
	{ "<>", "", "-" },
	{ "<\"a b\"@c.example>", "\"a b\"@c.example", "a b@c.example "
	    "c.example" },
};

START_TEST(reads_address)
{
	struct arena *arena = arena_new();
	struct strbuf out = STRBUF_INIT;
	struct facts facts;

	facts_init(&facts);
	facts_set_address(&facts, arena, ATTRIBUTE_RECIPIENT,
	    ATTRIBUTE_RECIPIENT_DOMAIN, addresses[_i].path);
	if (addresses[_i].resolved != NULL)
		facts_add_address(&facts, arena, ATTRIBUTE_RECIPIENT,
		    ATTRIBUTE_RECIPIENT_DOMAIN, addresses[_i].resolved);
	add_fact(&out, &facts, ATTRIBUTE_RECIPIENT);
	add_fact(&out, &facts, ATTRIBUTE_RECIPIENT_DOMAIN);
	ck_assert_str_eq(out.text, addresses[_i].expected);
	facts_forget_recipient(&facts);
	strbuf_reset(&out);
	add_fact(&out, &facts, ATTRIBUTE_RECIPIENT);
	add_fact(&out, &facts, ATTRIBUTE_RECIPIENT_DOMAIN);
	ck_assert_str_eq(out.text, "later later");
	strbuf_release(&out);
	arena_free(arena);
}
END_TEST

/* local and domain letters in an address; what is complete of both. */
static const struct {
	size_t local, domain;
	size_t address_kept, domain_kept;
} lengths[] = {
	{ 10, FACT_TEXT_MAX - 11, FACT_TEXT_MAX, FACT_TEXT_MAX - 11 },
	{ 11, FACT_TEXT_MAX - 11, FACT_TEXT_MAX, FACT_TEXT_MAX - 11 },
	{ 10, FACT_TEXT_MAX, FACT_TEXT_MAX, FACT_TEXT_MAX },
	{ 10, FACT_TEXT_MAX + 1, FACT_TEXT_MAX, FACT_TEXT_MAX },
	{ FACT_TEXT_MAX, 10, FACT_TEXT_MAX, 10 },
	{ 60000, 60000, FACT_TEXT_MAX, FACT_TEXT_MAX },
};

START_TEST(cuts_address)
{
	size_t local = lengths[_i].local, domain = lengths[_i].domain;
	struct arena *arena = arena_new();
	char *path = xmalloc(local + domain + 2);
	struct fact whole, end;
	struct facts facts;

	memset(path, 'l', local);
	path[local] = '@';
	memset(path + local + 1, 'd', domain);
	path[local + 1 + domain] = '\0';
	facts_init(&facts);
	facts_set_address(&facts, arena, ATTRIBUTE_SENDER,
	    ATTRIBUTE_SENDER_DOMAIN, path);
	whole = facts_get(&facts, ATTRIBUTE_SENDER, "");
	end = facts_get(&facts, ATTRIBUTE_SENDER_DOMAIN, "");
	ck_assert_uint_eq(whole.texts[0].len, lengths[_i].address_kept);
	ck_assert_uint_eq(strlen(whole.texts[0].bytes), whole.texts[0].len);
	ck_assert_int_eq(whole.complete, local + 1 + domain <= FACT_TEXT_MAX);
	ck_assert_uint_eq(end.texts[0].len, lengths[_i].domain_kept);
	ck_assert_uint_eq(strlen(end.texts[0].bytes), end.texts[0].len);
	ck_assert_int_eq(end.complete, domain <= FACT_TEXT_MAX);
	ck_assert_int_eq(end.texts[0].bytes[0], 'd');

	/* One form that is cut leaves the fact open, whichever it is. */
	facts_set_address(&facts, arena, ATTRIBUTE_SENDER,
	    ATTRIBUTE_SENDER_DOMAIN, "<a@b.example>");
	facts_add_address(&facts, arena, ATTRIBUTE_SENDER,
	    ATTRIBUTE_SENDER_DOMAIN, path);
	ck_assert_int_eq(facts_get(&facts, ATTRIBUTE_SENDER, "").complete,
	    local + 1 + domain <= FACT_TEXT_MAX);
	free(path);
	arena_free(arena);
}
END_TEST

START_TEST(forgets_message)
{
	struct arena *arena = arena_new();
	struct strbuf out = STRBUF_INIT;
	struct facts facts;

	facts_init(&facts);
	facts_set_text(&facts, arena, ATTRIBUTE_HELO, "h.example");
	facts_set_macro(&facts, arena, STAGE_CONNECT, "j", "mx.example.com");
	/* Macros of MAIL come before MAIL itself, which may never come. */
	facts_set_macro(&facts, arena, STAGE_MAIL, "auth_authen", "carol");
	facts.stage = STAGE_HELO;
	facts_forget_message(&facts);
	ck_assert_ptr_null(facts_macro(&facts, "auth_authen"));
	ck_assert_str_eq(facts_macro(&facts, "j"), "mx.example.com");

	/* What a message brings anew is gone with it, and only that. */
	facts_set_macro(&facts, arena, STAGE_RCPT, "j", "other.example.com");
	ck_assert_str_eq(facts_macro(&facts, "j"), "other.example.com");
	facts_set_macro(&facts, arena, STAGE_RCPT, "j", "third.example.com");
	ck_assert_str_eq(facts_macro(&facts, "j"), "third.example.com");
	facts_forget_message(&facts);
	ck_assert_str_eq(facts_macro(&facts, "j"), "mx.example.com");

	facts.stage = STAGE_EOM;
	facts_set_text(&facts, arena, ATTRIBUTE_QUEUE_ID, "4Zx1");
	facts_set_text(&facts, arena, ATTRIBUTE_AUTH_USER, NULL);
	facts_set_macro(&facts, arena, STAGE_EOM, "i", "4Zx1");
	facts_forget_message(&facts);
	ck_assert_int_eq(facts.stage, STAGE_HELO);
	ck_assert_ptr_null(facts_macro(&facts, "i"));
	add_fact(&out, &facts, ATTRIBUTE_HELO);
	add_fact(&out, &facts, ATTRIBUTE_QUEUE_ID);
	add_fact(&out, &facts, ATTRIBUTE_AUTH_USER);
	ck_assert_str_eq(out.text, "h.example later later");
	strbuf_release(&out);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ reads_address, COUNT(addresses) },
		{ cuts_address, COUNT(lengths) },
		{ forgets_message, 1 },
	};

	return table_run("facts", tests, COUNT(tests));
}
