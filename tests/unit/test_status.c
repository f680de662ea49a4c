#include <string.h>

#include "base/diag.h"
#include "reply/status.h"
#include "table.h"

static const struct {
	const char	*text;
	struct status	 status;
	const char	*enhanced;
} good[] = {
	{ "550 5.1.1", { 550, 1, 1 }, "5.1.1" },
	{ "421 4.7.0", { 421, 7, 0 }, "4.7.0" },
	{ "250 2.1.5", { 250, 1, 5 }, "2.1.5" },
	{ "556 5.1.10", { 556, 1, 10 }, "5.1.10" },
	{ "550 5.999.999", { 550, 999, 999 }, "5.999.999" },
	{ "554 5.0.0", { 554, 0, 0 }, "5.0.0" },
};

START_TEST(parses_and_formats)
{
	struct diag diag = DIAG_INIT;
	struct status status;
	char text[STATUS_TEXT_MAX];

	ck_assert_int_eq(status_parse(&status, good[_i].text, &diag), 0);
	ck_assert(status_equal(status, good[_i].status));
	status_format(status, text);
	ck_assert_str_eq(text, good[_i].text);
	status_format_enhanced(status, text);
	ck_assert_str_eq(text, good[_i].enhanced);
	ck_assert_uint_eq(status_class(status),
	    (unsigned)(good[_i].text[0] - '0'));
	ck_assert_uint_eq(diag.count, 0);
}
END_TEST

static const struct {
	const char	*text;
	const char	*why;
} wrong[] = {
	{ "", "\"\" is no status; write one like \"550 5.1.1\"" },
	{ "550", "\"550\" is no status; write one like \"550 5.1.1\"" },
	{ "5.1.1", "\"5.1.1\" is no status; write one like \"550 5.1.1\"" },
	{ "550-5.1.1",
	    "\"550-5.1.1\" is no status; write one like \"550 5.1.1\"" },
	{ "550 5.1", "\"550 5.1\" is no status; write one like \"550 5.1.1\"" },
	{ "550 5.1.1 ",
	    "\"550 5.1.1 \" is no status; write one like \"550 5.1.1\"" },
	{ "550 5.1.1000",
	    "\"550 5.1.1000\" is no status; write one like \"550 5.1.1\"" },
	{ "550 3.1.1",
	    "\"550 3.1.1\" is no status; write one like \"550 5.1.1\"" },
	{ "334 5.1.1",
	    "\"334 5.1.1\" is no status; write one like \"550 5.1.1\"" },
	{ "571 5.7.1",
	    "\"571 5.7.1\" is no status; write one like \"550 5.1.1\"" },
	{ "5500 5.1.1",
	    "\"5500 5.1.1\" is no status; write one like \"550 5.1.1\"" },
	{ "550 5.1.\xfc",
	    "\"550 5.1.\\xfc\" is no status; write one like \"550 5.1.1\"" },
	{ "550 4.7.1", "the codes of \"550 4.7.1\" are of two classes; write "
	    "\"550 5.7.1\" or another basic code" },
	{ "451 5.7.1", "the codes of \"451 5.7.1\" are of two classes; write "
	    "\"451 4.7.1\" or another basic code" },
	{ "550 5.01.1", "\"550 5.01.1\" has a leading zero; write "
	    "\"550 5.1.1\"" },
	{ "550 5.1.00", "\"550 5.1.00\" has a leading zero; write "
	    "\"550 5.1.0\"" },
};

START_TEST(says_what_is_wrong)
{
	struct diag diag = DIAG_INIT;
	struct status status = { 1, 2, 3 };

	ck_assert_int_eq(status_parse(&status, wrong[_i].text, &diag), -1);
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_str_eq(diag_first(&diag), wrong[_i].why);
	ck_assert(status_equal(status, (struct status){ 1, 2, 3 }));
	diag_release(&diag);
}
END_TEST

static const struct {
	struct status	status;
	enum pair	pair;
} pairs[] = {
	{ { 550, 1, 1 }, PAIR_LISTED },
	{ { 451, 1, 1 }, PAIR_LISTED },
	{ { 552, 2, 2 }, PAIR_LISTED },
	{ { 553, 6, 7 }, PAIR_LISTED },
	{ { 550, 0, 0 }, PAIR_LISTED },		/* "Any" */
	{ { 550, 7, 17 }, PAIR_LISTED },	/* "5XX" */
	{ { 421, 7, 0 }, PAIR_KNOWN },
	{ { 452, 5, 3 }, PAIR_KNOWN },
	{ { 551, 1, 6 }, PAIR_KNOWN },
	{ { 554, 7, 10 }, PAIR_KNOWN },
	{ { 552, 1, 1 }, PAIR_UNLISTED },
	{ { 450, 7, 17 }, PAIR_UNLISTED },	/* class 4 is no 5XX */
	{ { 550, 3, 5 }, PAIR_UNLISTED },	/* the registry gives none */
	{ { 550, 7, 509 }, PAIR_UNREGISTERED },
	{ { 591, 7, 1 }, PAIR_UNREGISTERED },
};

START_TEST(pairs_go_together)
{
	ck_assert_int_eq(status_pair(pairs[_i].status), pairs[_i].pair);
	ck_assert_int_eq(status_pair_reference(pairs[_i].status)[0] != '\0',
	    pairs[_i].pair == PAIR_KNOWN);
}
END_TEST

/* A pair that the registry lists needs no row of its own. */
static const struct status known[] = {
#define PAIR(code, subject, detail, reference)	{ code, subject, detail },
#include "reply/pair.def"
#undef PAIR
};

START_TEST(known_pairs_are_registered_and_unlisted)
{
	ck_assert_int_eq(status_pair(known[_i]), PAIR_KNOWN);
	ck_assert(basic_code_refuses(known[_i].code));
}
END_TEST

static const struct {
	unsigned	code;
	bool		refuses;
} refusals[] = {
	{ 421, true }, { 450, true }, { 455, true }, { 500, true },
	{ 504, true }, { 521, true }, { 535, true }, { 550, true },
	{ 556, true },
	{ 0, false }, { 250, false }, { 354, false }, { 432, false },
	{ 499, false }, { 505, false }, { 520, false }, { 557, false },
	{ 571, false }, { 591, false },
};

START_TEST(refusals_are_known)
{
	ck_assert_int_eq(basic_code_refuses(refusals[_i].code),
	    refusals[_i].refuses);
}
END_TEST

START_TEST(registries_are_whole)
{
	const size_t basics = basic_code_count();
	const size_t enhanceds = enhanced_code_count();

	ck_assert_uint_eq(basics, 48);
	for (size_t i = 0; i < basics; i++) {
		const struct basic_code *row = basic_code_at(i);

		ck_assert_ptr_eq(basic_code_find(row->code), row);
		ck_assert(row->title[0] != '\0' && row->stages[0] != '\0');
		ck_assert(row->reference[0] != '\0' && row->note[0] != '\0');
		ck_assert(i == 0 || row->code > basic_code_at(i - 1)->code);
	}
	ck_assert_uint_eq(enhanceds, 81);
	for (size_t i = 0; i < enhanceds; i++) {
		const struct enhanced_code *row = enhanced_code_at(i);

		ck_assert_ptr_eq(enhanced_code_find(row->subject, row->detail),
		    row);
		ck_assert(row->title[0] != '\0' && row->note[0] != '\0');
		ck_assert_uint_ne(row->classes, 0);
		ck_assert_ptr_nonnull(enhanced_subject_title(row->subject));
	}
	ck_assert_ptr_null(basic_code_find(591));
	ck_assert_ptr_null(enhanced_code_find(7, 509));
	ck_assert_ptr_null(enhanced_subject_title(8));
	ck_assert_str_eq(enhanced_subject_title(2), "a mailbox");
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ parses_and_formats, COUNT(good) },
		{ says_what_is_wrong, COUNT(wrong) },
		{ pairs_go_together, COUNT(pairs) },
		{ known_pairs_are_registered_and_unlisted, COUNT(known) },
		{ refusals_are_known, COUNT(refusals) },
		{ registries_are_whole, 1 },
	};

	return table_run("status", tests, COUNT(tests));
}
