#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "reply/reason.h"
#include "reply/template.h"
#include "table.h"

/* Each change goes into a fresh catalogue; expected is what is found there. */
static const struct {
	struct reason_change	 change;
	enum form		 form;
	const char		*status;
	const char		*what;
	const char		*fix;
	enum side		 side;
	bool			 builtin;
} good[] = {
	/* One text of a built-in reason. */
	{ { .name = "no-such-mailbox", .fix = "Look at our staff list." },
	    FORM_PERMANENT, "550 5.1.1", "The address you wrote to does not "
	    "exist[ at {recipient_domain}].", "Look at our staff list.",
	    SIDE_SENDER, true },
	/* Its temporary form, by the setting of that name. */
	{ { .name = "mailbox-full", .temporary_fix = "Tell the person." },
	    FORM_TEMPORARY, "452 4.2.2", "The mailbox of the person you wrote "
	    "to is full at the moment.", "Tell the person.",
	    SIDE_RECIPIENT, true },
	/* A reason with a temporary form only: what and fix mean that one. */
	{ { .name = "greylisted", .what = "Our server does not know yours." },
	    FORM_TEMPORARY, "451 4.7.1", "Our server does not know yours.",
	    "Mail servers retry by themselves[, normally with success after "
	    "{minutes} minutes]. If yours has given up, send again.",
	    SIDE_NOBODY, true },
	{ { .name = "greylisted", .status = "450 4.2.1" },
	    FORM_TEMPORARY, "450 4.2.1", "We do not know the server that sent "
	    "your message yet, so it must wait and come back.",
	    "Mail servers retry by themselves[, normally with success after "
	    "{minutes} minutes]. If yours has given up, send again.",
	    SIDE_NOBODY, true },
	/* A built-in reason gets the form that it lacked. */
	{ { .name = "greylisted", .status = "550 5.7.1", .what = "No.",
	    .fix = "Ask us." }, FORM_PERMANENT, "550 5.7.1", "No.", "Ask us.",
	    SIDE_NOBODY, true },
	{ { .name = "malware", .temporary_status = "451 4.7.1",
	    .temporary_what = "Wait.", .temporary_fix = "Ask us." },
	    FORM_TEMPORARY, "451 4.7.1", "Wait.", "Ask us.", SIDE_SENDER,
	    true },
	{ { .name = "malware", .side = "receiver" }, FORM_PERMANENT,
	    "550 5.7.1", "Our scanner found harmful software in your message "
	    "or in a file with it.", "Scan your device before you send again. "
	    "If you are sure that the file is safe, contact us.",
	    SIDE_RECEIVER, true },
	/* The new address is told only where a site asks for it. */
	{ { .name = "mailbox-moved", .status = "551 5.1.6",
	    .what = "The person you wrote to has moved[ to <{new_rcpt}>]." },
	    FORM_PERMANENT, "551 5.1.6", "The person you wrote to has moved"
	    "[ to <{new_rcpt}>].", "Ask the person for the new address, then "
	    "send your message there.", SIDE_RECIPIENT, true },
	/* New reasons; the side comes from the subject unless it is said. */
	{ { .name = "embargo", .status = "550 5.7.1",
	    .side = "sender-provider", .what = "We take no mail from {ip}.",
	    .fix = "Ask us." }, FORM_PERMANENT, "550 5.7.1",
	    "We take no mail from {ip}.", "Ask us.", SIDE_SENDER_PROVIDER,
	    false },
	{ { .name = "x1", .status = "452 4.2.2", .what = "Full.",
	    .fix = "Wait." }, FORM_TEMPORARY, "452 4.2.2", "Full.", "Wait.",
	    SIDE_RECIPIENT, false },
	{ { .name = "x2", .temporary_status = "451 4.3.0",
	    .temporary_what = "Broken.", .temporary_fix = "Wait." },
	    FORM_TEMPORARY, "451 4.3.0", "Broken.", "Wait.", SIDE_RECEIVER,
	    false },
};

START_TEST(changes)
{
	struct arena *arena = arena_new();
	struct catalogue *c = catalogue_new(arena);
	const size_t count = catalogue_count(c);
	struct diag diag = DIAG_INIT;
	struct reason_change change = good[_i].change;
	const struct reason *before = catalogue_find(c, change.name);
	const struct reason *reason;
	const struct reason_form *form;
	char status[STATUS_TEXT_MAX];

	change.place = (struct place){ "t.conf", 7 };
	ck_assert_msg(catalogue_change(c, &change, &diag) == 0, "%s",
	    diag_first(&diag));
	ck_assert_uint_eq(diag.count, 0);
	reason = catalogue_find(c, change.name);
	form = &reason->forms[good[_i].form];
	ck_assert(form->present);
	status_format(form->status, status);
	ck_assert_str_eq(status, good[_i].status);
	ck_assert_str_eq(template_source(form->what), good[_i].what);
	ck_assert_str_eq(template_source(form->fix), good[_i].fix);
	ck_assert_int_eq(reason->side, good[_i].side);
	ck_assert_int_eq(reason->builtin, good[_i].builtin);
	ck_assert_uint_eq(reason->place.line, 7);
	ck_assert_uint_eq(catalogue_count(c),
	    count + (good[_i].builtin ? 0 : 1));
	if (before != NULL)
		ck_assert_str_eq(before->place.file, "");
	else
		ck_assert_ptr_eq(catalogue_at(c, count), reason);
	arena_free(arena);
}
END_TEST

static const struct {
	struct reason_change	 change;
	const char		*why[4];
} wrong[] = {
	{ { .name = "spam", .status = "550" },
	    { "status: \"550\" is no status; write one like \"550 5.1.1\"" } },
	{ { .name = "spam", .status = "550 4.7.1" },
	    { "status: the codes of \"550 4.7.1\" are of two classes; write "
	    "\"550 5.7.1\" or another basic code" } },
	{ { .name = "spam", .status = "250 2.0.0" },
	    { "status: \"250 2.0.0\" is no refusal; write a status of class 4 "
	    "or 5" } },
	{ { .name = "spam", .status = "557 5.7.1" },
	    { "status: 557 is no code that mail programs know; write 550" } },
	{ { .name = "spam", .temporary_status = "432 4.7.12" },
	    { "temporary_status: 432 is no code that mail programs know; "
	    "write 451" } },
	{ { .name = "spam", .what = "A {sendr}.", .fix = "" },
	    { "what: unknown variable \"sendr\"; did you mean \"sender\"?",
	    "fix: the text is empty; write a whole sentence" } },
	{ { .name = "spam", .side = "sendr" },
	    { "side: unknown side \"sendr\"; did you mean \"sender\"?" } },
	{ { .name = "spam", .temporary_status = "550 5.7.1" },
	    { "temporary_status: \"550 5.7.1\" is permanent; write a status "
	    "of class 4" } },
	{ { .name = "spam", .status = "451 4.7.1",
	    .temporary_status = "450 4.7.1" },
	    { "status: \"451 4.7.1\" is temporary, and so is "
	    "temporary_status; write one of class 5 here, or leave one "
	    "out" } },
	{ { .name = "malware", .temporary_what = "Wait." },
	    { "temporary_status: is missing; write one like \"451 4.7.1\"",
	    "temporary_fix: is missing; write who can do what now" } },
	{ { .name = "mailbox-moved", .status = "551 5.1.6" },
	    { "what: a 551 must tell the new address; write <{new_rcpt}> into "
	    "it, or use \"550 5.1.6\"" } },
	{ { .name = "embargo" },
	    { "status: is missing; write one like \"550 5.7.1\"" } },
	{ { .name = "embargo", .status = "550 5.7.1" },
	    { "what: is missing; write what happened, in one sentence",
	    "fix: is missing; write who can do what now" } },
	{ { .name = "embargo", .what = "We take no mail.", .fix = "Wait." },
	    { "status: is missing; write one like \"550 5.7.1\"" } },
	{ { .name = "embargo", .status = "nonsense", .what = "A [b].",
	    .fix = "}", .side = "" },
	    { "status: \"nonsense\" is no status; write one like "
	    "\"550 5.1.1\"", "what: \"[b]\" has no variable, so nothing "
	    "decides when to leave it out; write [[ and ]] for the brackets "
	    "themselves", "fix: \"}\" closes nothing; write \"}}\" for the "
	    "character itself", "side: unknown side \"\"; write one of "
	    "sender, sender-provider, sender-program, recipient, "
	    "recipient-provider, receiver, list-owner, between, nobody" } },
	{ { .name = "Em bargo", .status = "550 5.7.1", .what = "A.",
	    .fix = "B." },
	    { "\"Em bargo\" is no name for a reason; write at most 48 small "
	    "letters, digits and \"-\"" } },
};

START_TEST(says_what_is_wrong)
{
	struct arena *arena = arena_new();
	struct catalogue *c = catalogue_new(arena);
	const size_t count = catalogue_count(c);
	const struct reason *before = catalogue_find(c, wrong[_i].change.name);
	struct diag diag = DIAG_INIT;
	size_t n = 0;

	ck_assert_int_eq(catalogue_change(c, &wrong[_i].change, &diag), -1);
	while (n < 4 && wrong[_i].why[n] != NULL) {
		ck_assert_uint_gt(diag.count, n);
		ck_assert_str_eq(diag.messages[n].text, wrong[_i].why[n]);
		n++;
	}
	ck_assert_uint_eq(diag.count, n);
	ck_assert_uint_eq(catalogue_count(c), count);
	ck_assert_ptr_eq(catalogue_find(c, wrong[_i].change.name), before);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

START_TEST(built_in_ones_are_whole)
{
	struct arena *arena = arena_new();
	const struct catalogue *c = catalogue_new(arena);

	ck_assert_uint_ge(catalogue_count(c), 45);
	for (size_t i = 0; i < catalogue_count(c); i++) {
		const struct reason *r = catalogue_at(c, i);
		bool any = false;

		ck_assert_ptr_eq(catalogue_find(c, r->name), r);
		ck_assert(r->title[0] != '\0' && r->reference[0] != '\0');
		ck_assert(r->builtin);
		for (size_t f = 0; f < FORM_COUNT; f++) {
			const struct reason_form *form = &r->forms[f];

			if (!form->present)
				continue;
			any = true;
			ck_assert_uint_eq(status_class(form->status),
			    f == FORM_PERMANENT ? 5 : 4);
			ck_assert_int_le(status_pair(form->status), PAIR_KNOWN);
			ck_assert(basic_code_refuses(form->status.code));
			ck_assert_msg(template_stands_alone(form->what) &&
			    template_stands_alone(form->fix), "%s", r->name);
		}
		ck_assert(any);
	}
	arena_free(arena);
}
END_TEST

/* More names than the table began with are found, old and new. */
START_TEST(many_are_found)
{
	struct arena *arena = arena_new();
	struct catalogue *c = catalogue_new(arena);
	struct diag diag = DIAG_INIT;
	char name[16];

	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "new-%d", i);
		ck_assert_int_eq(catalogue_change(c, &(struct reason_change){
			.name = name, .status = "550 5.7.1", .what = "A.",
			.fix = "B." }, &diag), 0);
	}
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "new-%d", i);
		ck_assert_str_eq(catalogue_find(c, name)->name, name);
	}
	ck_assert_ptr_nonnull(catalogue_find(c, "spam"));
	ck_assert_ptr_null(catalogue_find(c, "new-500"));
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*name;
	const char	*why;
} unknown[] = {
	{ "no-such-mailbx", "unknown reason \"no-such-mailbx\"; did you mean "
	    "\"no-such-mailbox\"?" },
	{ "Spam", "unknown reason \"Spam\"; did you mean \"spam\"?" },
	{ "zzzzzzzz", "unknown reason \"zzzzzzzz\"" },
};

START_TEST(unknown_names)
{
	struct arena *arena = arena_new();
	const struct catalogue *c = catalogue_new(arena);
	struct diag diag = DIAG_INIT;

	ck_assert_ptr_null(catalogue_find(c, unknown[_i].name));
	catalogue_unknown(c, unknown[_i].name, &diag);
	ck_assert_str_eq(diag_first(&diag), unknown[_i].why);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

static const struct {
	unsigned	subject;
	enum side	side;
} subjects[] = {
	{ 0, SIDE_RECEIVER }, { 1, SIDE_SENDER }, { 2, SIDE_RECIPIENT },
	{ 3, SIDE_RECEIVER }, { 4, SIDE_BETWEEN }, { 5, SIDE_SENDER_PROGRAM },
	{ 6, SIDE_SENDER_PROGRAM }, { 7, SIDE_SENDER }, { 8, SIDE_RECEIVER },
	{ 999, SIDE_RECEIVER },
};

START_TEST(sides)
{
	struct diag diag = DIAG_INIT;
	const enum side side = subjects[_i].side;
	enum side read;

	ck_assert_int_eq(side_from_subject(subjects[_i].subject), side);
	ck_assert_int_eq(side_from_name(side_name(side), &read, &diag), 0);
	ck_assert_int_eq(read, side);
	ck_assert_str_ne(side_help(side), "");
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ changes, COUNT(good) },
		{ says_what_is_wrong, COUNT(wrong) },
		{ built_in_ones_are_whole, 1 },
		{ many_are_found, 1 },
		{ unknown_names, COUNT(unknown) },
		{ sides, COUNT(subjects) },
	};

	return table_run("reason", tests, COUNT(tests));
}
