#include "scripted.h"

#define SURPLUS	"it answered more often than it was asked"

/* Answers that nobody waits for, and connections that could bring some. */
static const struct {
	const char	*name;
	struct wish	 wish;
	struct play	 plays[PLAYS_MAX];
	const char	*steps;
	const char	*results;
	const char	*transcript;
	const char	*why;			/* of the failures */
	unsigned	 worked, left;
} talks[] = {
	{
		.name = "one who has steps without an answer",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO | MILTER_NO_MAIL) |
		    MILTER_QUIET_MAIL),
		.plays = { C, C, CLOSE, C, CLOSE },
		.steps = "HMEME", .results = ".....",
		.transcript = O6 " H(helo|) <c M(<ann@example.com>|SIZE=9|) "
		    "E <c Q " O6 " M(<ann@example.com>|SIZE=9|) E <c Q",
		.why = "", .worked = 2,
	}, {
		.name = "the same, and it does not close by itself",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL) | MILTER_QUIET_MAIL),
		.plays = { C }, .steps = "ME", .results = "..",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "the same, and the message is given up",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL) | MILTER_QUIET_MAIL),
		.steps = "MAM", .results = "...",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) A Q "
		    O6 " M(<ann@example.com>|SIZE=9|) Q",
		.why = "", .left = 2,
	}, {
		.name = "the same, refused before the end",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL | MILTER_NO_DATA) |
		    MILTER_QUIET_MAIL), .plays = { SAYS("r"), C },
		.steps = "MTEMT", .results = ".rr..",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) T <r Q "
		    O6 " M(<ann@example.com>|SIZE=9|) T <c Q",
		.why = "", .worked = 1, .left = 1,
	}, {
		.name = "the next connection is a new one",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL | MILTER_NO_RCPT) |
		    MILTER_QUIET_MAIL), .plays = { C, C, C },
		.steps = "MXRER", .results = ".....",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) Q " O6
		    " R(<bob@example.net>|) <c E <c R(<bob@example.net>|) <c "
		    "Q", .why = "", .worked = 1, .left = 1,
	}, {
		.name = "without a message it stays",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO) | MILTER_QUIET_HELO),
		.steps = "HAH", .results = "...",
		.transcript = O6 " H(helo|) H(helo|) Q", .why = "", .left = 1,
	}, {
		.name = "two answers at once",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO | MILTER_NO_MAIL)),
		.plays = { RAW("\0\0\0\1c\0\0\0\1c"), C, C },
		.steps = "HME", .results = "!!!",
		.transcript = O6 " H(helo|) <?", .why = "HELO: " SURPLUS,
	}, {
		.name = "another answer, a little later",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO | MILTER_NO_MAIL)),
		.plays = { C, STRAY("c", 1), C, C },
		.steps = "HME", .results = ".!!",
		.transcript = O6 " H(helo|) <c", .why = "MAIL: " SURPLUS,
	}, {
		.name = "another answer to the negotiation",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { STRAY("c", 1), C },
		.steps = "H", .results = "!", .transcript = O6,
		.why = "HELO: " SURPLUS,
	}, {
		.name = "two answers to a header",
		.wish = WISH(0, EXCEPT(NO_FIELDS)),
		.plays = { C, STRAY("c", 1), C, SAYS("r") },
		.steps = "EM", .results = "!!",
		.transcript = O6 " L(From|ann@example.com|) <c",
		.why = "header: " SURPLUS,
	}, {
		.name = "two answers to the last step before the end",
		.wish = WISH(0, EXCEPT(MILTER_NO_BODY)),
		.plays = { C, STRAY("c", 1), SAYS("r") },
		.steps = "E", .results = "!",
		.transcript = O6 " B(Hello.<0d><0a>) <c",
		.why = "end of message: " SURPLUS,
	}, {
		.name = "two answers at the end",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL)),
		.plays = { C, RAW("\0\0\0\1r\0\0\0\1c"), C, C },
		.steps = "MEM", .results = ".!!",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) <c E <?",
		.why = "end of message: " SURPLUS,
	}, {
		.name = "two answers at the end, the other with the next mail",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL)),
		.plays = { C, C, STRAY("r", 1), C, C },
		.steps = "MEM", .results = "..!",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) <c E <c",
		.why = "MAIL: " SURPLUS, .worked = 1,
	}, {
		.name = "an answer to a step that has none",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO | MILTER_NO_MAIL) |
		    MILTER_QUIET_HELO),
		.plays = { STRAY("c", 2), C },
		.steps = "HM", .results = ".!",
		.transcript = O6 " H(helo|)", .why = "MAIL: " SURPLUS,
	}, {
		.name = "the same, taken for the answer to the end",
		.wish = WISH(0, EXCEPT(MILTER_NO_BODY) | QUIET_ALL),
		.plays = { C, STRAY("r", 1) }, .steps = "EM", .results = "!!",
		.transcript = O6 " B(Hello.<0d><0a>) E <c Q <r",
		.why = "end of message: " SURPLUS,
	},
};

START_TEST(takes_one_answer_to_each_step)
{
	struct talk talk = { .changes = CHANGES_INIT };
	char results[16];

	talk_begin(&talk, 6, true);
	talk.world.wish = &talks[_i].wish;
	talk.world.plays = talks[_i].plays;
	tell_all(&talk, talks[_i].steps, results);
	child_reset(talk.child);
	ck_assert_msg(strcmp(results, talks[_i].results) == 0,
	    "%s: %s, not %s", talks[_i].name, results, talks[_i].results);
	ck_assert_msg(strcmp(talk.world.transcript.text,
	    talks[_i].transcript) == 0, "%s: %s", talks[_i].name,
	    talk.world.transcript.text);
	ck_assert_str_eq(talk.world.failures.text, talks[_i].why);
	ck_assert_uint_eq(talk.world.failed, *talks[_i].why != '\0');
	ck_assert_uint_eq(talk.world.worked, talks[_i].worked);
	ck_assert_uint_eq(talk.world.left, talks[_i].left);
	talk_end(&talk);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ takes_one_answer_to_each_step, COUNT(talks) },
	};

	return table_run("child_wire", tests, COUNT(tests));
}
