#include "scripted.h"

#define SURPLUS	"it answered more often than it was asked"

/*
 * Answers that nobody waits for, connections that could bring some, and
 * answers that are waited for how long.
 */
static const struct {
	const char	*name;
	struct wish	 wish;
	struct play	 plays[PLAYS_MAX];
	const char	*steps;
	const char	*results;
	const char	*transcript;
	const char	*why;			/* of the failures */
	unsigned	 worked, left;
	unsigned	 ms;			/* how long it took */
	unsigned	 writes;		/* 0: of no interest */
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
		.name = "the same, and it does not close at all",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL) | MILTER_QUIET_MAIL),
		.plays = { C, HANG }, .steps = "ME", .results = "..",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) E <c Q",
		.why = "", .worked = 1, .ms = CHILD_PARTING_MS,
	}, {
		.name = "they go out with the next that has one",
		.wish = WISH(0, QUIET_ALL), .plays = { C },
		.steps = "CHMRTUE", .results = ".......",
		.transcript = O6 " C(client|4AB192.0.2.1|) H(helo|) "
		    "M(<ann@example.com>|SIZE=9|) R(<bob@example.net>|) T "
		    "U(XYZZY|) L(From|ann@example.com|) "
		    "L(Subject|<09>of<0a><09>many lines|) N "
		    "B(Hello.<0d><0a>) E <c Q",
		.why = "", .worked = 1, .writes = 5,
	}, {
		.name = "the same, and the message is given up",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL) | MILTER_QUIET_MAIL),
		.steps = "MAM", .results = "...",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) A Q "
		    O6 " Q",
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
		.transcript = O6 " Q " O6
		    " R(<bob@example.net>|) <c E <c R(<bob@example.net>|) <c "
		    "Q", .why = "", .worked = 1, .left = 1,
	}, {
		.name = "without a message it stays",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO | MILTER_NO_UNKNOWN) |
		    MILTER_QUIET_HELO), .plays = { C, C },
		.steps = "HUAHU", .results = ".....",
		.transcript = O6 " H(helo|) U(XYZZY|) <c H(helo|) U(XYZZY|) "
		    "<c Q", .why = "", .left = 1,
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
		.wish = WISH(0, EXCEPT(MILTER_NO_RCPT | MILTER_NO_DATA) |
		    MILTER_QUIET_RCPT),
		.plays = { STRAY("c", 2), C },
		.steps = "RT", .results = ".!",
		.transcript = O6 " R(<bob@example.net>|)",
		.why = "DATA: " SURPLUS,
	}, {
		.name = "the same, before the step went out",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO | MILTER_NO_MAIL) |
		    MILTER_QUIET_HELO),
		.plays = { STRAY("c", 1), C },
		.steps = "HM", .results = ".!",
		.transcript = O6, .why = "MAIL: " SURPLUS,
	}, {
		.name = "the same, taken for the answer to the end",
		.wish = WISH(0, EXCEPT(MILTER_NO_BODY) | QUIET_ALL),
		.plays = { C, STRAY("r", 1) }, .steps = "EM", .results = "!!",
		.transcript = O6 " B(Hello.<0d><0a>) E <c Q <r",
		.why = "end of message: " SURPLUS,
	}, {
		.name = "still at work, one time limit after another",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { WAIT(900), SAYS("p"), WAIT(900), SAYS("p"),
		    WAIT(900), C },
		.steps = "H", .results = ".",
		.transcript = O6 " H(helo|) <p <p <c Q",
		.why = "", .left = 1, .ms = 2700,
	}, {
		.name = "still at work for ever",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { WAIT(900), SAYS("p"), WAIT(900), SAYS("p"),
		    WAIT(900), SAYS("p"), WAIT(400), C },
		.steps = "H", .results = "!",
		.transcript = O6 " H(helo|) <p <p <p",
		.why = "HELO: no answer", .ms = 3000,
	}, {
		.name = "an answer in the last moment",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { WAIT(999), C }, .steps = "H", .results = ".",
		.transcript = O6 " H(helo|) <c Q", .why = "", .left = 1,
		.ms = 999,
	}, {
		.name = "an answer that is too late",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { WAIT(1000), C }, .steps = "H", .results = "!",
		.transcript = O6 " H(helo|)", .why = "HELO: no answer",
		.ms = 1000,
	}, {
		.name = "the end of a message has a time limit of its own",
		.wish = WISH(0, 0x37f), .plays = { WAIT(4999), C },
		.steps = "E", .results = ".", .transcript = O6 " E <c Q",
		.why = "", .worked = 1, .ms = 4999,
	}, {
		.name = "an end that is too late",
		.wish = WISH(0, 0x37f), .plays = { WAIT(5000), C },
		.steps = "E", .results = "!", .transcript = O6 " E",
		.why = "end of message: no answer", .ms = 5000,
	}, {
		.name = "an end that is at work",
		.wish = WISH(0, 0x37f),
		.plays = { WAIT(4900), SAYS("p"), WAIT(4900), SAYS("p"),
		    WAIT(4900), C },
		.steps = "E", .results = ".", .transcript = O6 " E <p <p <c Q",
		.why = "", .worked = 1, .ms = 14700,
	}, {
		.name = "an end that is at work for ever",
		.wish = WISH(0, 0x37f),
		.plays = { WAIT(4900), SAYS("p"), WAIT(4900), SAYS("p"),
		    WAIT(4900), SAYS("p"), WAIT(4900), SAYS("p"), C },
		.steps = "E", .results = "!", .transcript = O6 " E <p <p <p",
		.why = "end of message: no answer", .ms = 15000,
	}, {
		.name = "one time limit for all that is told at the end",
		.wish = WISH(0, EXCEPT(NO_FIELDS | MILTER_NO_BODY |
		    MILTER_NO_DATA)),
		.plays = { WAIT(900), C, WAIT(900), C, WAIT(900), C,
		    WAIT(900), C, WAIT(1399), C },
		.steps = "BTE", .results = "...",
		.transcript = O6 " T <c L(From|ann@example.com|) <c "
		    "L(Subject|<09>of<0a><09>many lines|) <c "
		    "B(Hello.<0d><0a>) <c E <c Q", .why = "", .worked = 1,
		.ms = 4999,
	}, {
		.name = "the same, and a little later",
		.wish = WISH(0, EXCEPT(NO_FIELDS | MILTER_NO_BODY |
		    MILTER_NO_DATA)),
		.plays = { WAIT(900), C, WAIT(900), C, WAIT(900), C,
		    WAIT(900), C, WAIT(1400), C },
		.steps = "BTE", .results = "..!",
		.transcript = O6 " T <c L(From|ann@example.com|) <c "
		    "L(Subject|<09>of<0a><09>many lines|) <c "
		    "B(Hello.<0d><0a>) <c E",
		.why = "end of message: no answer", .ms = 5000,
	}, {
		.name = "a step at the end has the limit of a step",
		.wish = WISH(0, EXCEPT(MILTER_NO_BODY)),
		.plays = { WAIT(1000), C }, .steps = "E", .results = "!",
		.transcript = O6 " B(Hello.<0d><0a>)", .why = "body: no answer",
		.ms = 1000,
	}, {
		.name = "still at work on the content prolongs the end",
		.wish = WISH(0, EXCEPT(NO_FIELDS | MILTER_NO_BODY)),
		.plays = { WAIT(900), C, WAIT(900), SAYS("p"), WAIT(900), C,
		    WAIT(900), C, WAIT(3199), C },
		.steps = "E", .results = ".",
		.transcript = O6 " L(From|ann@example.com|) <c "
		    "L(Subject|<09>of<0a><09>many lines|) <p <c "
		    "B(Hello.<0d><0a>) <c E <c Q", .why = "", .worked = 1,
		.ms = 6799,
	}, {
		.name = "each message has the time of its own",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL)),
		.plays = { C, WAIT(4900), C, C, WAIT(4900), C },
		.steps = "MEME", .results = "....",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) <c E <c "
		    "M(<ann@example.com>|SIZE=9|) <c E <c Q",
		.why = "", .worked = 2, .ms = 9800,
	}, {
		.name = "and so after one that was given up",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL | MILTER_NO_DATA)),
		.plays = { C, WAIT(900), C, C, WAIT(900), C, WAIT(4099), C },
		.steps = "MBTAMBTE", .results = "........",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) <c T <c A "
		    "M(<ann@example.com>|SIZE=9|) <c T <c E <c Q",
		.why = "", .worked = 1, .ms = 5899,
	}, {
		.name = "changes do not prolong the end",
		.wish = WISH(MILTER_MAY_ALL, 0x37f),
		.plays = { WAIT(3000), SAYS("-<b>\0"), WAIT(3000), C },
		.steps = "E", .results = "!", .transcript = O6 " E <-",
		.why = "end of message: no answer", .ms = 5000,
	},
};

START_TEST(takes_one_answer_in_time)
{
	struct talk talk = { .changes = CHANGES_INIT };
	char results[24];

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
	ck_assert_uint_eq(talk.world.now_ms, talks[_i].ms);
	if (talks[_i].writes > 0)
		ck_assert_uint_eq(talk.world.writes, talks[_i].writes);
	talk_end(&talk);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ takes_one_answer_in_time, COUNT(talks) },
	};

	return table_run("child_wire", tests, COUNT(tests));
}
