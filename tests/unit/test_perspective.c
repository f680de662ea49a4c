#include "base/strbuf.h"
#include "reply/perspective.h"
#include "table.h"

static const struct {
	const char	*first, *third;
} cases[] = {
	{ "We take no mail from you.", "They take no mail from you." },
	{ "Our spam filter refused it, so contact us.",
	    "Their spam filter refused it, so contact them." },
	{ "This server takes no mail, and we, too, take none.",
	    "That server takes no mail, and they, too, take none." },
	{ "Most addresses are unknown here.",
	    "Most addresses are unknown there." },
	{ "The choice is ours; our side, our rules.",
	    "The choice is theirs; their side, their rules." },
	/* Within words, names, addresses and variables nothing turns. */
	{ "Your hour were there, because the bus went west.",
	    "Your hour were there, because the bus went west." },
	{ "Write to us@example.com or we.example.org, here.us.",
	    "Write to us@example.com or we.example.org, here.us." },
	{ "See https://us.example.com/our/page of {us}.",
	    "See https://us.example.com/our/page of {us}." },
	{ "we", "they" },
	{ "[we know {list}]", "[they know {list}]" },
	{ "", "" },
};

START_TEST(turns)
{
	struct strbuf out = STRBUF_INIT;

	perspective_turn(cases[_i].first, &out);
	ck_assert_str_eq(out.text, cases[_i].third);
	strbuf_release(&out);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ turns, COUNT(cases) },
	};

	return table_run("perspective", tests, COUNT(tests));
}
