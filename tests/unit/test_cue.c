#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "reply/cue.h"
#include "table.h"

#define TEN	"aaaaaaaaaa"
#define HUNDRED	TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char	*pattern;
	const char	*text;
	bool		 matches;
	const char	*found;		/* "name=value name=value" */
} cases[] = {
	/* Plain characters and wildcards. */
	{ "relay denied", "relay denied", true, "" },
	{ "relay denied", "Relay DENIED", true, "" },
	{ "Relay DENIED", "relay denied", true, "" },
	{ "relay denied", "relay denied.", false, "" },
	{ "relay denied", "no relay denied", false, "" },
	{ "relay denied", "relay", false, "" },
	{ "* relay denied*", "554 5.7.1 Relay denied", true, "" },
	{ "* relay denied*", "Relay denied", false, "" },
	{ "*relay denied", "x relay denied relay denied", true, "" },
	{ "*relay*denied*", "relay access is denied here", true, "" },
	{ "*relay*denied*", "denied: relay", false, "" },
	{ "*abcabd*", "abcabcabd", true, "" },
	{ "*abcd*cdef", "abcdef", false, "" },
	{ "*abcd*cdef", "abcd cdef cdef", true, "" },
	{ "re?ay**denied", "relay is denied", true, "" },
	{ "re?ay**denied", "reay is denied", false, "" },
	{ "4?? *greylisted*", "451 4.7.1 Greylisted, come back", true, "" },
	{ "4?? *greylisted*", "550 5.7.1 Greylisted, come back", false, "" },
	{ "*aa?denied", "aaaxdenied", true, "" },
	{ "denied?", "denied", false, "" },
	{ "*{{score}} is*", "the {score} is 5", true, "" },

	/* Values: the longest run of their kind. */
	{ "* client [{client_ip}] blocked using {list};*",
	    "554 client [192.0.2.1] blocked using bl.example.org; see there",
	    true, "client_ip=192.0.2.1 list=bl.example.org" },
	{ "* client [{client_ip}] blocked*", "554 client [2001:db8::1] blocked",
	    true, "client_ip=2001:db8::1" },
	{ "* client [{client_ip}] blocked*", "554 client [unknown] blocked",
	    false, "" },
	{ "* client [{client_ip}] blocked*", "554 client [300.1.1.1] blocked",
	    false, "" },
	{ "from {client_ip} denied*", "from 192.0.2.1 denied", true,
	    "client_ip=192.0.2.1" },
	{ "denied to {client_ip}.", "denied to 192.0.2.1.", true,
	    "client_ip=192.0.2.1" },
	{ "*<{recipient}>: user unknown", "550 <Ann.B+c@example.net>: User "
	    "unknown", true, "recipient=Ann.B+c@example.net" },
	{ "*<{recipient}>: user unknown", "550 <>: User unknown", false, "" },
	{ "*<{recipient}>: user unknown", "550 <a b>: User unknown", false,
	    "" },
	{ "*sender '{sender}' is*", "the sender 'ann@example.net' is bad", true,
	    "sender=ann@example.net" },
	{ "*limit {limit} of {sender_domain}", "the limit 25.5 of "
	    "mail.example.net", true,
	    "sender_domain=mail.example.net limit=25.5" },
	{ "the limit is {limit}.", "The limit is 25.", true, "limit=25" },
	{ "the limit is {limit}*", "The limit is none", false, "" },
	{ "*file {ext} refused", "a file .docm refused", true, "ext=.docm" },
	{ "see {list_url}", "see https://bl.example.org/?ip=192.0.2.1", true,
	    "list_url=https://bl.example.org/?ip=192.0.2.1" },
	/* The first place that fits decides. */
	{ "*<{sender}> denied*", "<a@example.com> <b@example.net> denied", true,
	    "sender=b@example.net" },
};

static void
found_format(struct arena *arena, const struct values *values,
    const char **found)
{
	*found = "";
	for (size_t i = 0; i < VARIABLE_COUNT; i++)
		if (values->text[i] != NULL)
			*found = arena_format(arena, "%s%s%s=%s", *found,
			    **found != '\0' ? " " : "",
			    variable_name((enum variable)i), values->text[i]);
}

START_TEST(matches)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const struct cue *cue = cue_compile(arena, cases[_i].pattern, &diag);
	const char *text = cases[_i].text, *found;
	char *lower = arena_strdup(arena, text);
	struct values values = { .text = { NULL } };

	ck_assert_msg(cue != NULL, "%s", diag_first(&diag));
	ck_assert_str_eq(cue_source(cue), cases[_i].pattern);
	text_lower_all(lower);
	ck_assert_int_eq(cue_match(cue, arena, text, lower, strlen(text),
	    NULL), cases[_i].matches);
	ck_assert_int_eq(cue_match(cue, arena, text, lower, strlen(text),
	    &values), cases[_i].matches);
	found_format(arena, &values, &found);
	ck_assert_str_eq(found, cases[_i].found);
	arena_free(arena);
}
END_TEST

/* A text without the literal cannot match, so knowledge looks for that. */
START_TEST(literal)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const struct cue *cue = cue_compile(arena,
	    "*one*The Longest Piece{list}three", &diag);

	ck_assert_ptr_nonnull(cue);
	ck_assert_str_eq(cue_literal(cue), "the longest piece");
	ck_assert_str_eq(cue_other(cue), "three");
	ck_assert(!cue_is_literal(cue));
	ck_assert_str_eq(cue_other(cue_compile(arena, "one piece*", &diag)),
	    "");
	ck_assert(cue_is_literal(cue_compile(arena, "*one piece*", &diag)));
	ck_assert(!cue_is_literal(cue_compile(arena, "*one piece", &diag)));
	ck_assert(!cue_is_literal(cue_compile(arena, "one piece*", &diag)));
	ck_assert(!cue_is_literal(cue_compile(arena, "?one piece*", &diag)));
	arena_free(arena);
}
END_TEST

START_TEST(keeps_what_was_known)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const struct cue *cue = cue_compile(arena, "to {recipient} denied",
	    &diag);
	const char *text = "to b@example.com denied";
	struct values values = {
		.text = { [VARIABLE_RECIPIENT] = "a@example.com" } };

	ck_assert(cue_match(cue, arena, text, text, strlen(text), &values));
	ck_assert_str_eq(values.text[VARIABLE_RECIPIENT], "a@example.com");
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*pattern;
	const char	*why;
} wrong[] = {
	{ "", "there are no 4 plain characters in a row to find it by" },
	{ "*a*b*c*", "there are no 4 plain characters in a row to find it "
	    "by" },
	{ "abc{list}def", "there are no 4 plain characters in a row to find it "
	    "by" },
	{ "blocked by {lst}", "unknown variable \"lst\"; did you mean "
	    "\"list\"?" },
	{ "blocked by {list", "\"{list\" names no variable; write {name} for "
	    "one and {{ for the brace itself" },
	{ "blocked by {}", "\"{}\" names no variable; write {name} for one and "
	    "{{ for the brace itself" },
	{ "blocked by list}", "\"}\" closes nothing; write }} for the "
	    "character itself" },
	{ "blocked  twice", "two blanks in a row never match, because replies "
	    "are read with single ones; write one" },
	{ "m\303\274ll blocked", "the byte \\xc3 never matches, because "
	    "replies are read as printable ASCII; write \"*\"" },
	{ "*{ip}*{ip}*{ip}*{ip}*{ip}*{ip}*{ip}*{ip}*{ip} blocked",
	    "there are more than 8 variables" },
	{ HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "a",
	    "the pattern has 501 characters, the limit is 500" },
};

START_TEST(refuses)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;

	ck_assert_ptr_null(cue_compile(arena, wrong[_i].pattern, &diag));
	ck_assert_str_eq(diag_first(&diag), wrong[_i].why);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ matches, COUNT(cases) },
		{ literal, 1 },
		{ keeps_what_was_known, 1 },
		{ refuses, COUNT(wrong) },
	};

	return table_run("cue", tests, COUNT(tests));
}
