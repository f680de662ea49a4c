#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "reply/reason.h"
#include "tool/advice.h"
#include "table.h"

#define RETRY	"Mail servers retry by themselves; act only if yours has " \
	"given up. "

static const struct {
	const char	*status;
	const char	*reason;	/* "" for none, or more than one */
	const char	*begins;
	const char	*text;
} cases[] = {
	{ "550 5.1.1", "no-such-mailbox", "Check the spelling", "" },
	{ "552 5.2.2", "mailbox-full", "Only that person can make room.", "" },
	{ "452 4.2.2", "mailbox-full", "Mail servers retry by themselves. If "
	    "yours has given up, tell the person", "" },
	{ "550 5.7.1", "", "Read the text of the reply: the code says only",
	    "" },
	{ "451 4.7.1", "", RETRY "Read the text", "" },
	{ "550 5.7.99", "", "Have your mail provider read the text", "" },
	{ "550 5.2.99", "", "Contact the person another way", "" },
	{ "450 4.2.99", "", RETRY "Contact the person another way", "" },
	{ "550 5.99.1", "", "Read the text of the reply; the code is in no",
	    "" },
	{ "550 5.7.1", "relay-denied", "If it is your own provider's server",
	    "Relaying not for you" },
	{ "550 5.7.1", "no-reverse-dns", "Only the people who run that server",
	    "cannot find your Reverse Hostname" },
	{ "550 5.7.1", "", "Read the text", "the crispfx gateway said no" },
	{ "450 4.7.1", "greylisted", "Mail servers retry", "Greylisted" },
	{ "550 5.7.1", "", "Read the text", "Greylisted for good" },
};

START_TEST(advises)
{
	struct arena *arena = arena_new();
	const struct catalogue *catalogue = catalogue_new(arena);
	struct strbuf text = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	const struct reason *reason;
	struct status status;

	ck_assert_int_eq(status_parse(&status, cases[_i].status, &diag), 0);
	reason = advice_reason(catalogue, status, cases[_i].text);
	ck_assert_str_eq(reason != NULL ? reason->name : "",
	    cases[_i].reason);
	advice_format(catalogue, status, cases[_i].text, &text);
	strbuf_cut(&text, strlen(cases[_i].begins));
	ck_assert_str_eq(text.text, cases[_i].begins);
	strbuf_release(&text);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ advises, COUNT(cases) },
	};

	return table_run("advice", tests, COUNT(tests));
}
