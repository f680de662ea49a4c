/* What audit counts, and that its memory is bounded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "reply/reason.h"
#include "tool/audit_tally.h"
#include "table.h"

static const struct {
	const char	*text;
	const char	*masked;
} masks[] = {
	{ "", "" },
	{ "Relay access denied", "Relay access denied" },
	{ "<ann@example.com>: Relay access denied",
	    "<ADDRESS>: Relay access denied" },
	{ "<mx.example.com>: Helo command rejected",
	    "<ADDRESS>: Helo command rejected" },
	{ "user ann@example.com unknown", "user ADDRESS unknown" },
	{ "client [192.0.2.1] blocked using bl.example.org;",
	    "client [NUMBER] blocked using bl.example.org;" },
	{ "host mx.example.com[2001:db8::25] said", "host HOST[NUMBER] said" },
	{ "come back in 300 seconds", "come back in NUMBER seconds" },
	{ "queued as 4Zx1Qk2Bc9", "queued as ID" },
	{ "score=15.2", "score=NUMBER" },
	{ "a < b and <open", "a < b and <open" },
	{ "more than 25MB", "more than NUMBERMB" },
};

START_TEST(masking)
{
	struct strbuf masked = STRBUF_INIT;

	tally_mask(masks[_i].text, &masked);
	ck_assert_str_eq(masked.text, masks[_i].masked);
	strbuf_release(&masked);
}
END_TEST

static struct text
text_from(const char *text)
{
	return (struct text){ .bytes = text, .len = strlen(text) };
}

static struct tally_text *
added(struct tally *tally, const char *text, struct tally_row *row,
    unsigned errors, unsigned warnings, unsigned times)
{
	const struct text_verdict verdict = {
		.errors = errors,
		.warnings = warnings,
		.uncoded = true,
	};
	struct tally_text *one = tally_add(tally, text_from(text),
	    text_from("the line"));

	ck_assert_ptr_nonnull(one);
	one->row = row;
	one->verdict = verdict;
	while (times-- > 0)
		tally_count(tally, row, &one->verdict, one);
	return one;
}

START_TEST(counts)
{
	struct arena *arena = arena_new();
	struct catalogue *catalogue = catalogue_new(arena);
	const struct reason *spam = catalogue_find(catalogue, "spam");
	const struct tally_text **worst;
	const struct tally_row **rows;
	struct tally tally;
	size_t count;

	tally_init(&tally, catalogue);
	added(&tally, "rare and bad", tally_row(&tally, NULL, REFUSER_MTA), 3,
	    0, 2);
	added(&tally, "frequent", tally_row(&tally, spam, REFUSER_REMOTE), 0,
	    1, 70);
	added(&tally, "good", tally_row(&tally, spam, REFUSER_REMOTE), 0, 0,
	    99);
	added(&tally, "once", tally_row(&tally, spam, REFUSER_MTA), 1, 0, 1);
	ck_assert_uint_eq(tally.refusals, 172);
	ck_assert_uint_eq(tally.recognised, 170);
	ck_assert_ptr_nonnull(tally_find(&tally, text_from("once")));
	ck_assert_ptr_null(tally_find(&tally, text_from("twice")));

	rows = tally_rows(&tally, &count);
	ck_assert_uint_eq(count, 3);
	ck_assert_ptr_eq(rows[0]->reason, spam);
	ck_assert_int_eq(rows[0]->source, REFUSER_REMOTE);
	ck_assert_uint_eq(rows[0]->count, 169);
	ck_assert_uint_eq(rows[0]->uncoded, 169);
	ck_assert_ptr_null(rows[1]->reason);
	free(rows);

	worst = tally_worst(&tally, 2, &count);
	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(worst[0]->text, "frequent");	/* 70 against 60 */
	ck_assert_str_eq(worst[1]->text, "rare and bad");
	free(worst);
	tally_release(&tally);
	arena_free(arena);
}
END_TEST

START_TEST(a_case_counts_once)
{
	struct arena *arena = arena_new();
	struct catalogue *catalogue = catalogue_new(arena);
	const struct reason *spam = catalogue_find(catalogue, "spam");
	struct tally tally;

	tally_init(&tally, catalogue);
	tally_count_ours(&tally, TELLER_OURSELVES, spam, REFUSER_POLICY,
	    "7K3Q-X2M9");
	tally_count_ours(&tally, TELLER_MTA, NULL, REFUSER_MTA, "7K3Q-X2M9");
	tally_count_ours(&tally, TELLER_MTA, spam, REFUSER_OURS, "7K3Q-X2M8");
	tally_count_ours(&tally, TELLER_MTA, NULL, REFUSER_OURS, "");
	tally_count_ours(&tally, TELLER_MTA, NULL, REFUSER_OURS, "");
	ck_assert_uint_eq(tally.ours, 4);
	ck_assert_uint_eq(tally.refusals, 4);
	ck_assert_uint_eq(tally.recognised, 2);
	ck_assert_uint_eq(tally.unnoted, 0);
	tally_release(&tally);
	arena_free(arena);
}
END_TEST

/* Each is a line: whose it is, its reason and its source. */
static const struct {
	const char	*name;
	size_t		 count;
	struct {
		enum teller	 teller;
		const char	*reason;	/* NULL: unclear */
		enum refuser	 source;
	} lines[3];
	const char	*reason;	/* what is counted, once */
	enum refuser	 source;
} orders[] = {
	{ "the mail server's alone", 1,
	    { { TELLER_MTA, "spam", REFUSER_OURS } }, "spam", REFUSER_OURS },
	{ "ours before", 2, { { TELLER_OURSELVES, "spam", REFUSER_MILTER },
	    { TELLER_MTA, "spam", REFUSER_OURS } }, "spam", REFUSER_MILTER },
	{ "ours behind", 2, { { TELLER_MTA, "spam", REFUSER_OURS },
	    { TELLER_OURSELVES, "spam", REFUSER_MILTER } }, "spam",
	    REFUSER_MILTER },
	{ "between two", 3, { { TELLER_MTA, NULL, REFUSER_OURS },
	    { TELLER_OURSELVES, "spam", REFUSER_POLICY },
	    { TELLER_MTA, NULL, REFUSER_OURS } }, "spam", REFUSER_POLICY },
	{ "unclear after all", 2, { { TELLER_MTA, "spam", REFUSER_OURS },
	    { TELLER_OURSELVES, NULL, REFUSER_REMOTE } }, NULL,
	    REFUSER_REMOTE },
	{ "ours twice", 2, { { TELLER_OURSELVES, "spam", REFUSER_POLICY },
	    { TELLER_OURSELVES, "spam", REFUSER_MILTER } }, "spam",
	    REFUSER_POLICY },
};

START_TEST(our_line_tells_the_source)
{
	struct arena *arena = arena_new();
	struct catalogue *catalogue = catalogue_new(arena);
	const struct tally_row **rows;
	struct tally tally;
	size_t count;

	tally_init(&tally, catalogue);
	for (size_t i = 0; i < orders[_i].count; i++) {
		const char *reason = orders[_i].lines[i].reason;

		tally_count_ours(&tally, orders[_i].lines[i].teller,
		    reason != NULL ? catalogue_find(catalogue, reason) : NULL,
		    orders[_i].lines[i].source, "7K3Q-X2M9");
	}
	rows = tally_rows(&tally, &count);
	ck_assert_msg(count == 1, "%s: %zu rows", orders[_i].name, count);
	ck_assert_uint_eq(rows[0]->count, 1);
	ck_assert_uint_eq(rows[0]->helpful, 1);
	ck_assert_msg(rows[0]->source == orders[_i].source, "%s: %s",
	    orders[_i].name, refuser_name(rows[0]->source));
	ck_assert_ptr_eq(rows[0]->reason, orders[_i].reason != NULL ?
	    catalogue_find(catalogue, orders[_i].reason) : NULL);
	ck_assert_uint_eq(tally.refusals, 1);
	ck_assert_uint_eq(tally.ours, 1);
	ck_assert_uint_eq(tally.recognised, orders[_i].reason != NULL);
	free(rows);
	tally_release(&tally);
	arena_free(arena);
}
END_TEST

START_TEST(cases_are_bounded)
{
	struct arena *arena = arena_new();
	struct catalogue *catalogue = catalogue_new(arena);
	struct tally tally;
	char case_id[16];

	tally_init(&tally, catalogue);
	for (int i = 0; i < TALLY_CASES_MAX + 3; i++) {
		snprintf(case_id, sizeof(case_id), "%d", i);
		tally_count_ours(&tally, TELLER_MTA, NULL, REFUSER_OURS,
		    case_id);
	}
	ck_assert_uint_eq(tally.unnoted, 3);
	/* One of those that are noted, and one of the others, again. */
	tally_count_ours(&tally, TELLER_OURSELVES, NULL, REFUSER_MILTER, "7");
	ck_assert_uint_eq(tally.refusals, TALLY_CASES_MAX + 3);
	tally_count_ours(&tally, TELLER_OURSELVES, NULL, REFUSER_MILTER,
	    case_id);
	ck_assert_uint_eq(tally.refusals, TALLY_CASES_MAX + 4);
	ck_assert_uint_eq(tally.unnoted, 4);
	tally_release(&tally);
	arena_free(arena);
}
END_TEST

START_TEST(texts_are_bounded)
{
	struct arena *arena = arena_new();
	struct catalogue *catalogue = catalogue_new(arena);
	const struct text_verdict verdict = { .errors = 1 };
	struct strbuf text = STRBUF_INIT;
	struct tally_text *one;
	struct tally tally;

	tally_init(&tally, catalogue);
	for (int i = 0; i < TALLY_TEXTS_MAX + 5; i++) {
		strbuf_reset(&text);
		strbuf_addf(&text, "text %d", i);
		one = tally_add(&tally, text_of(&text), text_of(&text));
		ck_assert_int_eq(one != NULL, i < TALLY_TEXTS_MAX);
		tally_count(&tally, tally_row(&tally, NULL, REFUSER_MTA),
		    &verdict, one);
	}
	ck_assert_uint_eq(tally.refusals, TALLY_TEXTS_MAX + 5);
	ck_assert_uint_eq(tally.others, 5);
	strbuf_release(&text);
	tally_release(&tally);
	arena_free(arena);
}
END_TEST

START_TEST(samples_are_bounded)
{
	struct arena *arena = arena_new();
	struct catalogue *catalogue = catalogue_new(arena);
	static char line[2 * TALLY_SAMPLE_MAX];
	struct tally_text *one;
	struct tally tally;

	memset(line, 'a', sizeof(line));
	tally_init(&tally, catalogue);
	one = tally_add(&tally, text_from("x"),
	    (struct text){ .bytes = line, .len = sizeof(line) });
	ck_assert_uint_eq(one->sample.len, TALLY_SAMPLE_MAX);
	tally_release(&tally);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ masking, COUNT(masks) },
		{ counts, 1 },
		{ a_case_counts_once, 1 },
		{ our_line_tells_the_source, COUNT(orders) },
		{ cases_are_bounded, 1 },
		{ texts_are_bounded, 1 },
		{ samples_are_bounded, 1 },
	};

	return table_run("audit_tally", tests, COUNT(tests));
}
