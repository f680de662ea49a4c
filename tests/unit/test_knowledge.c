#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/cue.h"
#include "reply/knowledge.h"
#include "reply/reason.h"
#include "reply/recognise.h"
#include "reply/unwrap.h"
#include "table.h"

/* The cases that stand beside the cues in etc/recognise/ORIGIN.conf. */
static const struct {
	const char	*origin;
	int		 line;
	const char	*text;
	const char	*reason;
} cases[] = {
#define CASE(file, at, words, name)	\
	{ .origin = (file), .line = (at), .text = (words), .reason = (name) },
#include "reply/cases.def"
#undef CASE
};

static struct arena *lasting;
static struct knowledge *builtin;

static const char *
answer(struct arena *arena, const char *text, const char *origin,
    const struct meaning **meaning)
{
	struct unwrapped unwrapped = unwrap(arena, text, strlen(text));
	struct recognition recognition = recognise(arena, builtin, origin,
	    &unwrapped);

	*meaning = recognition.meaning;
	return recognition.reason != NULL ? recognition.reason->name :
	    recognition.meaning != NULL ? UNCLEAR : "no cue";
}

/* Each is known for what it is, whether or not its origin is known. */
START_TEST(knows_its_cases)
{
	struct arena *arena = arena_new();
	const char *const origins[] = { "", cases[_i].origin };

	for (size_t i = 0; i < COUNT(origins); i++) {
		const struct meaning *meaning;
		const char *name = answer(arena, cases[_i].text, origins[i],
		    &meaning);

		ck_assert_msg(strcmp(name, cases[_i].reason) == 0 &&
		    meaning != NULL, "etc/recognise/%s.conf:%d: %s, not %s "
		    "(origin \"%s\"), by \"%s\" of %s", cases[_i].origin,
		    cases[_i].line, name, cases[_i].reason, origins[i],
		    meaning != NULL ? cue_source(meaning->cue) : "",
		    meaning != NULL ? meaning->origin : "");
	}
	arena_free(arena);
}
END_TEST

static const struct added {
	const char	*from, *reply, *reason;
	bool		 doubtful;
} added[] = {
	{ "milter blue", "*purple elephant*", "spam", false },
	{ "", "*purple elephant*", "malware", true },
	{ "postfix", "*green elephant*", "system-problem", false },
	{ "mta", "*yellow elephant*", "disk-full", false },
	{ "", "*relay access denied*", "unclear", false },
};

static const struct {
	const char	*origin;
	const char	*text;
	const char	*reason;	/* NULL: nothing known */
	bool		 doubtful;
	const char	*from;
} finds[] = {
	{ "", "550 a purple elephant", "malware", true, "" },
	{ "milter blue", "550 a Purple Elephant", "spam", false,
	    "milter blue" },
	{ "milter red", "550 a purple elephant", "malware", true, "" },
	{ "", "550 a green elephant", NULL, false, "" },
	{ "postfix", "550 a green elephant", "system-problem", false,
	    "postfix" },
	{ "milter postfix", "550 a green elephant", "system-problem", false,
	    "postfix" },
	/* "mta" is our mail server, whichever it is. */
	{ "postfix", "452 a yellow elephant", "disk-full", false, "mta" },
	{ "sendmail", "452 a yellow elephant", "disk-full", false, "mta" },
	{ "mta", "452 a yellow elephant", "disk-full", false, "mta" },
	{ "mta", "452 a green elephant", "system-problem", false,
	    "postfix" },
	{ "milter red", "452 a yellow elephant", NULL, false, "" },
	/* Those of the configuration come first. */
	{ "", "554 5.7.1 <a@example.com>: Relay access denied", "unclear",
	    false, "" },
	{ "", "xyz", NULL, false, "" },
	{ "", "", NULL, false, "" },
};

START_TEST(asks_in_order)
{
	struct arena *arena = arena_new();
	struct knowledge *knowledge = knowledge_new(arena,
	    catalogue_new(arena));
	const char *text = finds[_i].text;
	char *lower = arena_strdup(arena, text);
	struct diag diag = DIAG_INIT;
	const struct meaning *meaning;

	for (size_t i = 0; i < COUNT(added); i++)
		ck_assert_int_eq(knowledge_add(knowledge,
		    &(struct meaning_source){ .from = added[i].from,
		    .reply = added[i].reply, .reason = added[i].reason,
		    .doubtful = added[i].doubtful,
		    .place = { .file = "x.conf", .line = 7 } }, &diag), 0);
	knowledge_finish(knowledge);
	text_lower_all(lower);
	meaning = knowledge_find(knowledge, finds[_i].origin, text, lower,
	    strlen(text));
	ck_assert_int_eq(meaning != NULL, finds[_i].reason != NULL);
	if (meaning != NULL) {
		ck_assert_str_eq(meaning->reason != NULL ?
		    meaning->reason->name : UNCLEAR, finds[_i].reason);
		ck_assert_int_eq(meaning->doubtful, finds[_i].doubtful);
		ck_assert_str_eq(meaning->origin, finds[_i].from);
		ck_assert_uint_eq(meaning->place.line, 7);
	}
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*reply, *reason;
	const char	*why;
} wrong[] = {
	{ "*abc*", "spam", "error: reply: there are no 4 plain characters in a "
	    "row to find it by\n" },
	{ "*abcd*", "spma", "error: reason: unknown reason \"spma\"; did you "
	    "mean \"spam\"?\n" },
	{ "*{abc} d*", "", "error: reply: unknown variable \"abc\"\n"
	    "error: reason: unknown reason \"\"\n" },
};

START_TEST(refuses)
{
	struct arena *arena = arena_new();
	struct knowledge *knowledge = knowledge_new(arena,
	    catalogue_new(arena));
	const char *text = wrong[_i].reply;
	struct strbuf said = STRBUF_INIT;
	struct diag diag = DIAG_INIT;

	ck_assert_int_eq(knowledge_add(knowledge, &(struct meaning_source){
	    .from = "", .reply = text, .reason = wrong[_i].reason,
	    .place = PLACE_NONE }, &diag), -1);
	diag_format(&diag, &said);
	ck_assert_str_eq(said.text, wrong[_i].why);
	knowledge_finish(knowledge);
	ck_assert_ptr_null(knowledge_find(knowledge, "", text, text,
	    strlen(text)));
	strbuf_release(&said);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ knows_its_cases, COUNT(cases) },
		{ asks_in_order, COUNT(finds) },
		{ refuses, COUNT(wrong) },
	};
	int failed;

	lasting = arena_new();
	builtin = knowledge_new(lasting, catalogue_new(lasting));
	knowledge_finish(builtin);
	failed = table_run("knowledge", tests, COUNT(tests));
	arena_free(lasting);
	return failed;
}
