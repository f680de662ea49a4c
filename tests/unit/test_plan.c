/*
 * test_plan - which policy decides, which can never be reached, and that the
 * index over all policies finds what trying each in turn would find.
 */
#include <check.h>

#include "base/marks.h"
#include "policy/memo.h"
#include "sample.h"
#include "table.h"

struct asked {
	const char *name;
	const char *policies[SAMPLE_MAX];
	enum stage stage;
	unsigned limit;
	const char *sender, *recipient, *helo, *client_ip;
	const char *expected;		/* "p1 yes", "- [p0 unknown]" */
};

#define NO_LIMIT 1000

static const struct asked askeds[] = {
	{ "first of two", { "sender=.a.example -> accept",
	    "sender=x@a.example -> reject spam" }, STAGE_MAIL, NO_LIMIT,
	    "x@a.example", "", "", "192.0.2.1", "p0 yes" },
	{ "order of the file, not of the index",
	    { "sender=/^x/ -> accept", "sender=x@a.example -> accept" },
	    STAGE_MAIL, NO_LIMIT, "x@a.example", "", "", "192.0.2.1",
	    "p0 yes" },
	{ "only below the limit", { "sender=y@a.example -> accept",
	    "sender=x@a.example -> accept" }, STAGE_MAIL, 1,
	    "x@a.example", "", "", "192.0.2.1", "-" },
	{ "another stage is not asked", { "helo=a -> accept" }, STAGE_MAIL,
	    NO_LIMIT, "x@a.example", "", "a", "192.0.2.1", "-" },
	{ "all of a group", { "sender=x@a.example helo=b -> accept",
	    "sender=x@a.example helo=a -> accept" }, STAGE_MAIL, NO_LIMIT,
	    "x@a.example", "", "a", "192.0.2.1", "p1 yes" },
	{ "one of two groups", { "sender=z@a.example | helo=a -> accept" },
	    STAGE_MAIL, NO_LIMIT, "x@a.example", "", "a", "192.0.2.1",
	    "p0 yes" },
	{ "unless", { "sender=.a.example unless helo=a -> accept",
	    "sender=.a.example unless helo=b -> accept" }, STAGE_MAIL,
	    NO_LIMIT, "x@a.example", "", "a", "192.0.2.1", "p1 yes" },
	{ "unless alone", { "unless helo=b -> accept" }, STAGE_HELO,
	    NO_LIMIT, "", "", "a", "192.0.2.1", "p0 yes" },
	{ "a block of addresses", { "client_ip=198.51.100.0/24 -> accept",
	    "client_ip=192.0.2.0/25 -> accept" }, STAGE_CONNECT, NO_LIMIT,
	    "", "", "", "192.0.2.1", "p1 yes" },
	{ "a list", { "sender=@partners -> accept" }, STAGE_MAIL, NO_LIMIT,
	    "x@sub.partner.example", "", "", "192.0.2.1", "p0 yes" },
	{ "observe passes on", { "sender=* -> reject spam observe",
	    "sender=* -> accept" }, STAGE_MAIL, NO_LIMIT, "x@a.example", "",
	    "", "192.0.2.1", "p1 yes [p0 yes]" },
	{ "unknown passes on and is told",
	    { "client_name=a -> reject spam", "client_ip=192.0.2.1 -> accept" },
	    STAGE_CONNECT, NO_LIMIT, "", "", "", "192.0.2.1",
	    "p1 yes [p0 unknown]" },
	{ "unknown decides where strict",
	    { "client_name=a -> reject spam strict" }, STAGE_CONNECT,
	    NO_LIMIT, "", "", "", "192.0.2.1", "p0 unknown" },
	{ "no beats unknown",
	    { "client_name=a client_ip=192.0.2.9 -> reject spam strict" },
	    STAGE_CONNECT, NO_LIMIT, "", "", "", "192.0.2.1", "-" },
	{ "unless unknown", { "client_ip=192.0.2.1 unless client_name=a "
	    "-> reject spam strict" }, STAGE_CONNECT, NO_LIMIT, "", "", "",
	    "192.0.2.1", "p0 unknown" },
	{ "a regular expression that gives up",
	    { "helo=/^(a+)+$/ -> reject spam" }, STAGE_HELO, NO_LIMIT, "", "",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "192.0.2.1",
	    "- [p0 unknown]" },
};

static void
passed(void *arg, const struct policy *policy, enum truth held,
    const struct evidence *evidence)
{
	(void)evidence;
	strbuf_addf(arg, " [%s %s]", policy->name,
	    held == TRUTH_YES ? "yes" : "unknown");
}

static struct lists *
some_lists(struct arena *arena)
{
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;
	struct list *list = lists_add(lists, "partners", PLACE_NONE, &diag);

	list_add(lists, list, ".partner.example", PLACE_NONE, &diag);
	list_add(lists, list, "192.0.2.0/28", PLACE_NONE, &diag);
	lists_finish(lists);
	ck_assert_uint_eq(diag.errors, 0);
	diag_release(&diag);
	return lists;
}

/* client_name stays unknown: DNS did not answer. */
static void
set_facts(struct facts *facts, struct arena *arena, enum stage stage,
    const char *sender, const char *recipient, const char *helo,
    const char *client_ip)
{
	struct ip ip;

	facts_init(facts);
	facts->stage = stage;
	ck_assert_int_eq(ip_parse(&ip, client_ip), 0);
	facts_set_ip(facts, ATTRIBUTE_CLIENT_IP, &ip);
	facts_set_unknown(facts, ATTRIBUTE_CLIENT_NAME);
	facts_set_text(facts, arena, ATTRIBUTE_HELO, helo);
	facts_set_address(facts, arena, ATTRIBUTE_SENDER,
	    ATTRIBUTE_SENDER_DOMAIN, sender);
	facts_set_address(facts, arena, ATTRIBUTE_RECIPIENT,
	    ATTRIBUTE_RECIPIENT_DOMAIN, recipient);
	facts_set_number(facts, ATTRIBUTE_RECIPIENTS, 3);
}

static void
describe(struct strbuf *out, const struct finding *finding)
{
	struct strbuf told = *out;

	strbuf_init(out);
	if (finding->policy == NULL)
		strbuf_adds(out, "-");
	else
		strbuf_addf(out, "%s %s", finding->policy->name,
		    finding->truth == TRUTH_YES ? "yes" : "unknown");
	strbuf_adds(out, told.text);
	strbuf_release(&told);
}

START_TEST(test_asked)
{
	const struct asked *a = &askeds[_i];
	struct arena *arena = arena_new();
	struct catalogue *catalogue = catalogue_new(arena);
	struct strbuf out = STRBUF_INIT;
	const struct plan_watch watch = { passed, &out };
	struct diag diag = DIAG_INIT;
	struct finding finding;
	struct facts facts;
	const struct plan *plan = sample_plan(arena, a->policies,
	    some_lists(arena), catalogue, &diag);

	set_facts(&facts, arena, a->stage, a->sender, a->recipient, a->helo,
	    a->client_ip);
	plan_try(plan, a->stage, &facts, a->limit, &watch, &finding);
	describe(&out, &finding);
	ck_assert_msg(strcmp(out.text, a->expected) == 0,
	    "%s: got \"%s\", expected \"%s\"", a->name, out.text,
	    a->expected);
	strbuf_release(&out);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

struct reached {
	const char *name;
	const char *policies[SAMPLE_MAX];
	const char *expected;		/* "1<0": p1 is behind p0 */
};

static const struct reached reacheds[] = {
	{ "all can be reached", { "helo=a -> accept", "helo=b -> accept",
	    "sender=a@a.example -> accept" }, "" },
	{ "behind one that always holds", { "-> accept", "helo=b -> accept" },
	    "1<0" },
	{ "the same again", { "helo=a -> accept", "helo=A -> reject spam" },
	    "1<0" },
	{ "a domain in a wider domain", { "sender=.example -> accept",
	    "sender=.a.example -> reject spam" }, "1<0" },
	{ "an address in a domain", { "sender=.a.example -> accept",
	    "sender=x@a.example -> reject spam" }, "1<0" },
	{ "a block in a block", { "client_ip=192.0.2.0/24 -> accept",
	    "client_ip=192.0.2.64/26 -> accept" }, "1<0" },
	{ "a block around a block", { "client_ip=192.0.2.64/26 -> accept",
	    "client_ip=192.0.2.0/24 -> accept" }, "" },
	{ "a narrower range", { "recipients=>5 -> reject spam",
	    "recipients=>50 -> reject too-many-recipients" }, "1<0" },
	{ "a wider range", { "recipients=>50 -> reject spam",
	    "recipients=>5 -> reject too-many-recipients" }, "" },
	{ "more conditions", { "sender=.a.example -> accept",
	    "sender=.a.example helo=b -> reject spam" }, "1<0" },
	{ "fewer conditions", { "sender=.a.example helo=b -> accept",
	    "sender=.a.example -> reject spam" }, "" },
	{ "an exception keeps it reachable",
	    { "sender=.a.example unless helo=b -> accept",
	    "sender=.a.example -> reject spam" }, "" },
	{ "observe decides nothing", { "-> reject spam observe",
	    "sender=.a.example -> reject spam" }, "" },
	{ "an earlier stage decides", { "helo=a -> accept",
	    "helo=a sender=.b.example -> reject spam" }, "1<0" },
	{ "a later stage does not", { "subject=a -> reject spam",
	    "helo=a -> accept" }, "" },
	{ "one of two groups is not enough", { "helo=a -> accept",
	    "helo=a | helo=b -> reject spam" }, "" },
	{ "both groups", { "helo=a | helo=b -> accept",
	    "helo=b | helo=a -> reject spam" }, "1<0" },
	{ "the same expression", { "helo=/x/ -> accept",
	    "helo=/x/ -> reject spam" }, "1<0" },
	{ "expressions that differ by a capital", { "helo=/\\d/ -> accept",
	    "helo=/\\D/ -> reject spam" }, "" },
	{ "the same list", { "sender=@partners -> accept",
	    "sender=@partners -> reject spam" }, "1<0" },
	{ "anybody who signed in", { "auth_user=* -> accept",
	    "auth_user=jane -> reject spam" }, "1<0" },
	{ "another header", { "header:X-A=b -> accept",
	    "header:X-B=b -> accept", "header:x-a=B -> accept" }, "2<0" },
};

START_TEST(test_reached)
{
	const struct reached *r = &reacheds[_i];
	struct arena *arena = arena_new();
	struct catalogue *catalogue = catalogue_new(arena);
	struct strbuf out = STRBUF_INIT;
	struct diag diag = DIAG_INIT;

	sample_plan(arena, r->policies, some_lists(arena), catalogue, &diag);
	for (size_t i = 0; i < diag.count; i++) {
		const char *before = strstr(diag.messages[i].text,
		    "never be reached: \"p");

		ck_assert_int_eq(diag.messages[i].severity,
		    SEVERITY_WARNING);
		ck_assert_ptr_nonnull(before);
		strbuf_addf(&out, "%s%u<%.*s", i > 0 ? " " : "",
		    diag.messages[i].line - 1,
		    (int)strcspn(before + 20, "\""), before + 20);
	}
	ck_assert_msg(strcmp(out.text, r->expected) == 0,
	    "%s: got \"%s\", expected \"%s\"", r->name, out.text,
	    r->expected);
	strbuf_release(&out);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

START_TEST(test_reach_message)
{
	static const char *const policies[] = { "-> accept",
	    "helo=b -> accept", NULL };
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;

	sample_plan(arena, policies, some_lists(arena), catalogue_new(arena),
	    &diag);
	ck_assert_str_eq(diag_first(&diag), "policy \"p1\" can never be "
	    "reached: \"p0\" (test:1) decides every mail that it could hold "
	    "for; move it up, or take one of them out");
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

/* A small generator, so that a failing seed can be run again. */
static unsigned
next_random(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % below;
}

static const char *const random_words[] = {
	"sender=x@a.example", "sender=.a.example", "sender=*@b.example",
	"sender=/x/", "sender=*", "sender=@partners", "sender=x@*",
	"helo=a", "helo=*.b", "helo=/^a/", "client_ip=192.0.2.0/24",
	"client_ip=192.0.2.1", "client_ip=2001:db8::/32",
	"client_ip=@partners", "recipient=y@c.example", "recipient=*c*",
	"recipients=>2", "recipients=<3", "client_name=a", "sender=<>",
	"auth_user=*",
	/* These are looked for by their literals. */
	"sender=/a\\.exa/", "sender=/^y@sub|d\\.example/", "sender=/partner/",
	"sender=/(x|z)@[bd]\\./", "sender=*@sub.?.*", "sender=*partner*le",
	"recipient=/@c\\.example$/", "recipient=/@d.*mple/",
	"recipient=?@?.example", "recipient=*@c.*le", "helo=/ab|^c/"
};
static const char *const random_actions[] = {
	"accept", "reject spam", "reject spam strict", "accept observe"
};
static const char *const random_senders[] = {
	"x@a.example", "y@sub.a.example", "x@b.example", "", "z@d.example",
	"x@partner.example"
};
static const char *const random_helos[] = { "a", "x.b", "ab", "c" };
static const char *const random_ips[] = {
	"192.0.2.1", "192.0.2.77", "198.51.100.1", "2001:db8::7"
};
static const char *const random_recipients[] = {
	"y@c.example", "q@d.example"
};

#define PICK(seed, from) \
	((from)[next_random((seed), sizeof(from) / sizeof((from)[0]))])

static void
random_policy(unsigned *seed, struct strbuf *text)
{
	strbuf_reset(text);
	for (unsigned n = next_random(seed, 5); n > 0; n--)
		strbuf_addf(text, "%s%s ", PICK(seed, random_words),
		    next_random(seed, 4) == 0 ? " |" : "");
	if (text->len > 2 && text->text[text->len - 2] == '|')
		strbuf_cut(text, text->len - 2);
	if (next_random(seed, 3) == 0)
		strbuf_addf(text, " unless %s",
		    PICK(seed, random_words));
	strbuf_addf(text, " -> %s", PICK(seed, random_actions));
}

/* Told with its evidence. */
static void
describe_all(struct strbuf *out, const struct finding *finding)
{
	describe(out, finding);
	for (size_t i = 0; i < finding->evidence.count; i++)
		strbuf_addf(out, " %s:%.*s", finding->evidence.items[i].pattern,
		    (int)finding->evidence.items[i].value.len,
		    finding->evidence.items[i].value.bytes);
}

/* What plan_try() must find: each policy of the stage in turn. */
static void
try_each(const struct plan *plan, enum stage stage, struct facts *facts,
    struct strbuf *out)
{
	struct finding finding = { .policy = NULL };

	for (size_t i = 0; i < plan_count(plan) && finding.policy == NULL;
	    i++) {
		const struct policy *policy = plan_at(plan, i);
		struct evidence evidence;
		enum truth truth;

		if (policy->stage != stage)
			continue;
		truth = policy_match(policy, facts, &evidence);
		if (truth == TRUTH_NO)
			continue;
		if (!policy->observe && (truth == TRUTH_YES ||
		    policy->on_error == ON_ERROR_DEFER)) {
			finding.policy = policy;
			finding.truth = truth;
		} else
			passed(out, policy, truth, NULL);
	}
	describe(out, &finding);
}

#define RANDOM_POLICIES 400

static const struct plan *
random_plan(unsigned *seed, struct arena *arena, unsigned count,
    struct diag *diag)
{
	const char *texts[RANDOM_POLICIES + 1] = { NULL };
	struct strbuf text = STRBUF_INIT;

	for (unsigned i = 0; i < count; i++) {
		random_policy(seed, &text);
		texts[i] = arena_strdup(arena, text.text);
	}
	strbuf_release(&text);
	return sample_plan(arena, texts, some_lists(arena),
	    catalogue_new(arena), diag);
}

START_TEST(test_index_agrees)
{
	unsigned seed = (unsigned)_i + 1;
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const struct plan *plan = random_plan(&seed, arena, _i % 3 == 0 ?
	    RANDOM_POLICIES : 1 + next_random(&seed, 30), &diag);

	for (int round = 0; round < 20; round++) {
		enum stage stage = (enum stage)next_random(&seed, STAGE_EOM);
		struct strbuf found = STRBUF_INIT, wanted = STRBUF_INIT;
		const struct plan_watch watch = { passed, &found };
		struct finding finding;
		struct facts facts;

		set_facts(&facts, arena, stage, PICK(&seed, random_senders),
		    PICK(&seed, random_recipients), PICK(&seed, random_helos),
		    PICK(&seed, random_ips));
		plan_try(plan, stage, &facts, NO_LIMIT, &watch, &finding);
		describe(&found, &finding);
		try_each(plan, stage, &facts, &wanted);
		ck_assert_msg(strcmp(found.text, wanted.text) == 0,
		    "seed %d: found %s, wanted %s", _i + 1, found.text,
		    wanted.text);
		strbuf_release(&found);
		strbuf_release(&wanted);
	}
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

/* What is kept from one recipient to the next changes nothing. */
START_TEST(test_recipients_share)
{
	unsigned seed = (unsigned)_i + 1;
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const struct plan *plan = random_plan(&seed, arena,
	    1 + next_random(&seed, 100), &diag);
	struct facts facts;

	set_facts(&facts, arena, STAGE_RCPT, PICK(&seed, random_senders), "",
	    PICK(&seed, random_helos), PICK(&seed, random_ips));
	facts.memo = memo_new(arena);
	for (int round = 0; round < 20; round++) {
		struct memo *memo = facts.memo;
		unsigned limit = next_random(&seed, 4) == 0 ?
		    next_random(&seed, 100) : NO_LIMIT;
		struct strbuf shared = STRBUF_INIT, alone = STRBUF_INIT;
		struct plan_watch watch = { passed, &shared };
		struct finding finding;

		facts_set_address(&facts, arena, ATTRIBUTE_RECIPIENT,
		    ATTRIBUTE_RECIPIENT_DOMAIN,
		    PICK(&seed, random_recipients));
		plan_try(plan, STAGE_RCPT, &facts, limit, &watch, &finding);
		describe_all(&shared, &finding);
		facts.memo = NULL;
		watch.arg = &alone;
		plan_try(plan, STAGE_RCPT, &facts, limit, &watch, &finding);
		describe_all(&alone, &finding);
		facts.memo = memo;
		ck_assert_str_eq(shared.text, alone.text);
		strbuf_release(&shared);
		strbuf_release(&alone);
	}
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

/* More policies than have a mark of their own, and all are met. */
START_TEST(test_very_many)
{
	const unsigned count = MARKS_MAX + 100;
	struct arena *arena = arena_new();
	const char **texts = arena_alloc(arena,
	    (count + 1) * sizeof(*texts));
	struct strbuf out = STRBUF_INIT;
	const struct plan_watch watch = { passed, &out };
	struct diag diag = DIAG_INIT;
	struct finding finding;
	const struct plan *plan;
	struct facts facts;

	for (unsigned i = 0; i < count; i++)
		texts[i] = arena_format(arena, i == count - 2 ?
		    "helo=a -> accept" : "helo=a%u.example -> accept", i);
	plan = sample_plan(arena, texts, some_lists(arena),
	    catalogue_new(arena), &diag);
	set_facts(&facts, arena, STAGE_HELO, "", "", "a", "192.0.2.1");
	plan_try(plan, STAGE_HELO, &facts, count, &watch, &finding);
	ck_assert_ptr_eq(finding.policy, plan_at(plan, count - 2));
	plan_try(plan, STAGE_HELO, &facts, count - 2, &watch, &finding);
	ck_assert_ptr_null(finding.policy);
	ck_assert_str_eq(out.text, "");
	strbuf_release(&out);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_asked, COUNT(askeds) },
		{ test_reached, COUNT(reacheds) },
		{ test_reach_message, 1 },
		{ test_index_agrees, 60 },
		{ test_recipients_share, 60 },
		{ test_very_many, 1 },
	};

	return table_run("plan", tests, COUNT(tests));
}
