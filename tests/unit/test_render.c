#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "reply/lint.h"
#include "reply/raw.h"
#include "reply/render.h"
#include "reply/reply.h"
#include "reply/template.h"
#include "table.h"

#define TEN	"aaaaaaaaaa"
#define FIFTY	TEN TEN TEN TEN TEN
#define LABEL	FIFTY TEN "aaa"					/* 63 */

/* The longest values there are. */
#define LONG_IP		"2001:db8:1234:5678:9abc:def0:1234:5678"
#define LONG_DOMAIN	LABEL "." LABEL "." LABEL "." FIFTY ".example.com"
#define LONG_ADDRESS	LABEL "@" LABEL "." LABEL ".example.com"

/* What one rendering gets; the reason is changed first, where change is set. */
struct scene {
	const char		*name;
	const char		*reason;
	enum form		 form;
	enum detail		 detail;
	const char		*help;		/* NULL: none */
	const char		*contact;
	const char		*case_id;
	const char		*host;		/* NULL: mx.example.com */
	struct reason_change	 change;
	struct values		 values;
};

static struct rendering
scene_render(struct arena *arena, const struct scene *scene)
{
	struct catalogue *c = catalogue_new(arena);
	struct diag diag = DIAG_INIT;
	struct reason_change change = scene->change;
	struct letterhead letterhead = {
		.host = scene->host != NULL ? scene->host : "mx.example.com",
		.detail = scene->detail,
	};

	change.name = scene->reason;
	change.place = PLACE_NONE;
	ck_assert_msg(catalogue_change(c, &change, &diag) == 0, "%s",
	    diag_first(&diag));
	if (scene->help != NULL)
		letterhead.help = template_compile(arena, scene->help, &diag);
	if (scene->contact != NULL)
		letterhead.contact = template_compile(arena, scene->contact,
		    &diag);
	ck_assert_uint_eq(diag.count, 0);
	return render(arena, catalogue_find(c, scene->reason), scene->form,
	    &scene->values, &letterhead, scene->case_id);
}

#define HELP	"https://example.com/mail/{reason}"

static const struct {
	struct scene	 scene;
	const char	*wire;
	enum detail	 detail;
	const char	*lint;
} cases[] = {
	{ { .name = "as in the design", .reason = "no-such-mailbox",
	    .help = HELP, .case_id = "7K3Q-X2M9", .values = { .text = {
	    [VARIABLE_RECIPIENT_DOMAIN] = "example.com" } } },
	    "550-5.1.1 The address you wrote to does not exist at "
	    "example.com.\r\n"
	    "550-5.1.1 Check the spelling, or ask the person for the current "
	    "address. Sending again to this address will not help.\r\n"
	    "550 5.1.1 More help: https://example.com/mail/no-such-mailbox "
	    "Case: 7K3Q-X2M9\r\n", DETAIL_FULL, "" },
	{ { .name = "brief", .reason = "no-such-mailbox", .help = HELP,
	    .detail = DETAIL_BRIEF, .case_id = "", .values = { .text = {
	    [VARIABLE_RECIPIENT_DOMAIN] = "example.com" } } },
	    "550-5.1.1 The address you wrote to does not exist.\r\n"
	    "550-5.1.1 Check the spelling, or ask the person for the current "
	    "address. Sending again to this address will not help.\r\n"
	    "550 5.1.1 More help: https://example.com/mail/no-such-mailbox"
	    "\r\n", DETAIL_BRIEF, "" },
	{ { .name = "minimal", .reason = "no-such-mailbox",
	    .detail = DETAIL_MINIMAL, .contact = "postmaster@example.com",
	    .case_id = "7K3Q-X2M9" },
	    "550-5.1.1 One of the addresses of your message cannot be used "
	    "here.\r\n"
	    "550-5.1.1 Check the addresses for a slip, then send the message "
	    "once more.\r\n"
	    "550 5.1.1 Contact: postmaster@example.com Case: 7K3Q-X2M9\r\n",
	    DETAIL_MINIMAL, "" },
	{ { .name = "help goes before contact", .reason = "spam",
	    .help = HELP, .contact = "postmaster@example.com",
	    .case_id = "" },
	    "550-5.7.1 Our spam filter refused your message because of its "
	    "content or its links.\r\n"
	    "550-5.7.1 If it is not spam, contact us. We can check it and let "
	    "it through.\r\n"
	    "550 5.7.1 More help: https://example.com/mail/spam\r\n",
	    DETAIL_FULL, "" },
	{ { .name = "case alone", .reason = "spam", .case_id = "7K3Q-X2M9" },
	    "550-5.7.1 Our spam filter refused your message because of its "
	    "content or its links.\r\n"
	    "550-5.7.1 If it is not spam, contact us. We can check it and let "
	    "it through.\r\n"
	    "550 5.7.1 If you ask us about this refusal, name its case. Case: "
	    "7K3Q-X2M9\r\n", DETAIL_FULL, "" },
	{ { .name = "neither", .reason = "spam", .case_id = "" },
	    "550-5.7.1 Our spam filter refused your message because of its "
	    "content or its links.\r\n"
	    "550 5.7.1 If it is not spam, contact us. We can check it and let "
	    "it through.\r\n", DETAIL_FULL, "" },
	{ { .name = "421 begins with the host", .reason = "too-many-errors",
	    .form = FORM_TEMPORARY, .case_id = "", .values = { .text = {
	    [VARIABLE_CLIENT_IP] = "192.0.2.1" } } },
	    "421-4.7.0 mx.example.com The server 192.0.2.1 that sent your "
	    "message made mistake after mistake, so we close the connection."
	    "\r\n421 4.7.0 Mail servers retry by themselves. If yours has "
	    "given up, its admins should look into its log.\r\n",
	    DETAIL_FULL, "" },
	{ { .name = "421 of a host that reads like a code",
	    .reason = "busy", .form = FORM_TEMPORARY, .case_id = "",
	    .host = "4.7.0", .change = {
	    .status = "421 4.3.2", .what = "{host} Our mail system rests.",
	    .fix = "Mail servers retry by themselves." } },
	    "421-4.3.2 localhost 4.7.0 Our mail system rests.\r\n"
	    "421 4.3.2 Mail servers retry by themselves.\r\n",
	    DETAIL_FULL, "" },
	{ { .name = "421 that names the host itself", .reason = "busy",
	    .form = FORM_TEMPORARY, .case_id = "", .change = {
	    .status = "421 4.3.2", .what = "{host} Our mail system rests.",
	    .fix = "Mail servers retry by themselves." } },
	    "421-4.3.2 mx.example.com Our mail system rests.\r\n"
	    "421 4.3.2 Mail servers retry by themselves.\r\n",
	    DETAIL_FULL, "" },
	{ { .name = "421 of the subject", .reason = "too-many-errors",
	    .form = FORM_TEMPORARY, .detail = DETAIL_MINIMAL, .case_id = "" },
	    "421-4.7.0 mx.example.com The rules of our mail system do not let "
	    "your message in right now.\r\n"
	    "421 4.7.0 Mail servers retry by themselves. If yours has given "
	    "up, send the message again.\r\n", DETAIL_MINIMAL, "" },
	{ { .name = "551 with the address", .reason = "mailbox-moved",
	    .case_id = "", .change = { .status = "551 5.1.6",
	    .what = "The person you wrote to has moved[ to <{new_rcpt}>]." },
	    .values = { .text = { [VARIABLE_NEW_RCPT] = "bob@example.org" } } },
	    "551-5.1.6 The person you wrote to has moved to "
	    "<bob@example.org>.\r\n"
	    "551 5.1.6 Ask the person for the new address, then send your "
	    "message there.\r\n", DETAIL_FULL, "" },
	{ { .name = "551 without it is a 550", .reason = "mailbox-moved",
	    .case_id = "", .change = { .status = "551 5.1.6",
	    .what = "The person you wrote to has moved[ to <{new_rcpt}>]." } },
	    "550-5.1.6 The person you wrote to has moved.\r\n"
	    "550 5.1.6 Ask the person for the new address, then send your "
	    "message there.\r\n", DETAIL_FULL, "" },
	{ { .name = "551 that needs it", .reason = "mailbox-moved",
	    .case_id = "", .change = { .status = "551 5.1.6",
	    .what = "The person you wrote to has moved to <{new_rcpt}>." } },
	    "550-5.1.6 One of the addresses of your message cannot be used "
	    "here.\r\n"
	    "550 5.1.6 Check the addresses for a slip, then send the message "
	    "once more.\r\n", DETAIL_MINIMAL, "F12" },
	{ { .name = "a value that is missing", .reason = "x", .case_id = "",
	    .change = { .status = "550 5.2.0",
	    .what = "The mailbox of {recipient} is odd.", .fix = "Ask us." } },
	    "550-5.2.0 The mailbox you wrote to cannot take this message.\r\n"
	    "550 5.2.0 Contact the person another way.\r\n",
	    DETAIL_MINIMAL, "F12" },
	{ { .name = "a private address is the client's own",
	    .reason = "client-refused", .case_id = "", .values = { .text = {
	    [VARIABLE_CLIENT_IP] = "10.0.0.1" } } },
	    "550-5.7.1 We take no mail from the server 10.0.0.1 that sent "
	    "your message.\r\n"
	    "550 5.7.1 This is rarely about you. Ask your mail provider to "
	    "contact us, or reach the person another way.\r\n",
	    DETAIL_FULL, "" },
	{ { .name = "a sender of an inner domain is what the sender wrote",
	    .reason = "sender-domain-unknown", .case_id = "",
	    .values = { .text = { [VARIABLE_SENDER_DOMAIN] = "pc.local" } } },
	    "550-5.1.8 Your sender domain pc.local does not exist in DNS, so "
	    "nobody could answer you.\r\n"
	    "550 5.1.8 Check the sender address in your mail program, or ask "
	    "your mail provider to correct the DNS of the domain.\r\n",
	    DETAIL_FULL, "" },
	{ { .name = "a line 1 that a value makes too long", .reason = "x",
	    .case_id = "", .change = { .status = "550 5.7.1", .what = "The "
	    "rules of our mail system do not let your message go to the "
	    "address that you wrote to, whatever it says, or from where it "
	    "comes[: <{recipient}>].", .fix = "Ask us." }, .values = {
	    .text = { [VARIABLE_RECIPIENT] = LONG_ADDRESS } } },
	    "550-5.7.1 The rules of our mail system do not let your message "
	    "go to the address that you wrote to, whatever it says, or from "
	    "where it comes.\r\n550 5.7.1 Ask us.\r\n", DETAIL_BRIEF, "F2" },
	{ { .name = "a text that is too long anyway is the site's wish",
	    .reason = "x", .case_id = "", .change = { .status = "550 5.7.1",
	    .what = "The rules of our mail system do not let your message go "
	    "to the address that you wrote to, whatever it says, or from "
	    "where it comes, because they are long and this site is proud of "
	    "each of them[, {ip}].", .fix = "Ask us." }, .values = {
	    .text = { [VARIABLE_CLIENT_IP] = "192.0.2.1" } } },
	    "550-5.7.1 The rules of our mail system do not let your message "
	    "go to the address that you wrote to, whatever it says, or from "
	    "where it comes, because they are long and this site is proud of "
	    "each of them, 192.0.2.1.\r\n550 5.7.1 Ask us.\r\n",
	    DETAIL_FULL, "F2" },
	{ { .name = "a percent sign in a text of the site", .reason = "x",
	    .case_id = "", .change = { .status = "550 5.7.1",
	    .what = "We take 100% of nothing.", .fix = "Ask us." } },
	    "550-5.7.1 The rules of our mail system do not let your message "
	    "in.\r\n550 5.7.1 Ask your mail provider for help, or contact the "
	    "person another way.\r\n", DETAIL_MINIMAL, "F6" },
	{ { .name = "a link that breaks every line 3", .reason = "spam",
	    .help = "https://example.com/100%/{reason}", .case_id = "" },
	    "550-5.7.1 The rules of our mail system do not let your message "
	    "in.\r\n550 5.7.1 Ask your mail provider for help, or contact the "
	    "person another way.\r\n", DETAIL_MINIMAL, "F6" },
	{ { .name = "a text that begins like a code", .reason = "x",
	    .case_id = "", .change = { .status = "550 5.7.1",
	    .what = "550 is what we say to this.", .fix = "Ask us." } },
	    "550-5.7.1 The rules of our mail system do not let your message "
	    "in.\r\n550 5.7.1 Ask your mail provider for help, or contact the "
	    "person another way.\r\n", DETAIL_MINIMAL, "F13" },
	{ { .name = "an unknown subject", .reason = "x", .case_id = "",
	    .detail = DETAIL_MINIMAL, .change = { .status = "550 5.99.1",
	    .what = "A.", .fix = "B." } },
	    "550-5.99.1 Our mail system does not take this message.\r\n"
	    "550 5.99.1 Ask your mail provider what stands in the way.\r\n",
	    DETAIL_MINIMAL, "" },
	{ { .name = "a hostile value", .reason = "sender-refused",
	    .case_id = "", .values = { .text = { [VARIABLE_SENDER] =
	    "a${run{x}}\r\n250 ok@https://evil.example/%n" } } },
	    "550-5.7.1 We take no mail from your sender address "
	    "<a?run?x?250?ok@https:?evil.example?n>.\r\n"
	    "550 5.7.1 Contact us if you think that this is our mistake. To "
	    "reach the person, write another way.\r\n", DETAIL_FULL, "" },
};

START_TEST(renders)
{
	struct arena *arena = arena_new();
	struct strbuf wire = STRBUF_INIT;
	struct rendering rendering = scene_render(arena, &cases[_i].scene);

	reply_format(rendering.reply, &wire);
	ck_assert_msg(strcmp(wire.text, cases[_i].wire) == 0, "%s:\n%s",
	    cases[_i].scene.name, wire.text);
	ck_assert_msg(rendering.detail == cases[_i].detail, "%s: %s",
	    cases[_i].scene.name, detail_name(rendering.detail));
	ck_assert_str_eq(rendering.lint, cases[_i].lint);
	strbuf_release(&wire);
	arena_free(arena);
}
END_TEST

enum sample { SAMPLE_NONE, SAMPLE_USUAL, SAMPLE_LONG, SAMPLE_COUNT };

static void
values_sample(struct values *values, enum sample sample)
{
	for (int i = 0; i < VARIABLE_COUNT; i++) {
		const enum variable v = (enum variable)i;

		switch (sample) {
		case SAMPLE_NONE:
		case SAMPLE_COUNT:
			values->text[v] = NULL;
			break;
		case SAMPLE_LONG:
			if (variable_kind(v) == VALUE_IP)
				values->text[v] = LONG_IP;
			else if (variable_kind(v) == VALUE_DOMAIN)
				values->text[v] = LONG_DOMAIN;
			else if (variable_kind(v) == VALUE_ADDRESS)
				values->text[v] = LONG_ADDRESS;
			else
				values->text[v] = variable_sample(v);
			break;
		case SAMPLE_USUAL:
			values->text[v] = variable_sample(v);
			break;
		}
	}
}

static void
check_clean(struct arena *arena, const struct reason *reason, enum form form,
    const struct letterhead *letterhead, const struct values *values)
{
	struct rendering r = render(arena, reason, form, values, letterhead,
	    "7K3Q-X2M9");
	struct raw_reply raw = raw_from_reply(arena, r.reply);
	const struct lint_context context = {
		.reason = reason,
		.stage = "",
		.has_help = true,
		.has_case = true,
		.templates = true,
	};
	struct lint_findings findings;

	ck_assert_msg(r.detail == letterhead->detail && r.lint[0] == '\0',
	    "%s %s: %s", reason->name, form_name(form), r.lint);
	lint_check(arena, &raw, &context, LINT_LOADED, &findings);
	ck_assert_msg(findings.count == 0, "%s %s %s: %s: %s (%s)",
	    reason->name, form_name(form), detail_name(letterhead->detail),
	    lint_name(findings.items[0].rule), findings.items[0].what,
	    r.reply->lines[0]);
	ck_assert_uint_le(raw.lines[0].size_bytes - 2, 200);
	ck_assert_uint_eq(raw.count, 3);
}

/* No built-in text has a finding: each form, detail, and set of values. */
START_TEST(catalogue_is_clean)
{
	const enum detail detail = (enum detail)(_i % DETAIL_COUNT);
	const enum sample sample = (enum sample)(_i / DETAIL_COUNT);
	struct arena *arena = arena_new();
	const struct catalogue *c = catalogue_new(arena);
	struct diag diag = DIAG_INIT;
	const struct letterhead letterhead = {
		.help = template_compile(arena, HELP, &diag),
		.host = "a-rather-long-name-of-a-mail-server.mx.example.com",
		.detail = detail,
	};
	struct values values;

	values_sample(&values, sample);
	for (size_t i = 0; i < catalogue_count(c); i++)
		for (size_t f = 0; f < FORM_COUNT; f++)
			if (catalogue_at(c, i)->forms[f].present)
				check_clean(arena, catalogue_at(c, i),
				    (enum form)f, &letterhead, &values);
	arena_free(arena);
}
END_TEST

/* The texts of all subjects are clean, too, also those that no reason has. */
START_TEST(subjects_are_clean)
{
	struct arena *arena = arena_new();
	struct catalogue *c = catalogue_new(arena);
	struct diag diag = DIAG_INIT;
	const struct letterhead letterhead = {
		.help = template_compile(arena, HELP, &diag),
		.host = "mx.example.com",
		.detail = DETAIL_MINIMAL,
	};
	/* A pair that the registry has for each subject and class. */
	static const char *const statuses[8][FORM_COUNT] = {
		{ "550 5.0.0", "451 4.0.0" }, { "550 5.1.1", "451 4.1.8" },
		{ "550 5.2.1", "450 4.2.1" }, { "552 5.3.4", "451 4.3.0" },
		{ "554 5.4.6", "451 4.4.3" }, { "550 5.5.3", "452 4.5.3" },
		{ "554 5.6.0", "554 5.6.3" }, { "550 5.7.1", "451 4.7.1" },
	};
	const enum form form = (enum form)(_i % FORM_COUNT);
	const char *status = statuses[_i / FORM_COUNT][form];
	const struct reason_change change = {
		.name = "minimal",
		.status = status,
		.what = "A.",
		.fix = "B.",
		.place = PLACE_NONE,
	};
	const struct reason *reason;

	ck_assert_int_eq(catalogue_change(c, &change, &diag), 0);
	reason = catalogue_find(c, "minimal");
	check_clean(arena, reason, status[0] == '4' ? FORM_TEMPORARY :
	    FORM_PERMANENT, &letterhead, NULL);
	arena_free(arena);
}
END_TEST

START_TEST(details_have_names)
{
	const enum detail detail = (enum detail)_i;
	struct diag diag = DIAG_INIT;
	enum detail read;

	ck_assert_int_eq(detail_from_name(detail_name(detail), &read, &diag),
	    0);
	ck_assert_int_eq(read, detail);
	ck_assert_int_eq(detail_from_name("ful", &read, &diag), -1);
	ck_assert_str_eq(diag_first(&diag),
	    "unknown detail \"ful\"; did you mean \"full\"?");
	diag_release(&diag);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ renders, COUNT(cases) },
		{ catalogue_is_clean, SAMPLE_COUNT * DETAIL_COUNT },
		{ subjects_are_clean, 8 * FORM_COUNT },
		{ details_have_names, DETAIL_COUNT },
	};

	return table_run("render", tests, COUNT(tests));
}
