#include "scripted.h"

static const struct {
	const char	*name;
	unsigned	 version;		/* to offer; 0: 6 */
	struct wish	 wish;
	bool		 bare;			/* values without their space */
	bool		 with_macros;
	bool		 foretold;		/* wish was */
	struct play	 plays[PLAYS_MAX];
	const char	*steps;
	const char	*results;
	const char	*transcript;
	const char	*why;			/* of the failures */
	unsigned	 worked, left;
} talks[] = {
	{
		.name = "all that there is",
		.wish = WISH(0, 0),
		.plays = { C, C, C, C, C, C, C, C, C, C, C },
		.steps = "CHMRTE", .results = "......",
		.transcript = O6 " C(client|4AB192.0.2.1|) <c H(helo|) <c "
		    "M(<ann@example.com>|SIZE=9|) <c R(<bob@example.net>|) "
		    "<c T <c L(From|ann@example.com|) <c "
		    "L(Subject|<09>of<0a><09>many lines|) <c N <c "
		    "B(Hello.<0d><0a>) <c E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "values keep their space where it asks for it",
		.wish = WISH(0, EXCEPT(NO_FIELDS) | MILTER_LEADING_SPACE),
		.plays = { C, C, C },
		.steps = "E", .results = ".",
		.transcript = O6 " L(From| ann@example.com|) <c "
		    "L(Subject|<09>of<0a><09>many lines|) <c E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "a value without a leading space to take off",
		.wish = WISH(0, EXCEPT(NO_FIELDS) | MILTER_LEADING_SPACE),
		.bare = true, .plays = { C, C, C },
		.steps = "E", .results = ".",
		.transcript = "O(6,1ff,fffff) L(From|ann@example.com|) <c "
		    "L(Subject| two|) <c E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "version 2",
		.version = 2, .wish = { .version = 2 },
		.plays = { C, C, C, C, C, C, C, C, C },
		.steps = "CHMRTUE", .results = ".......",
		.transcript = "O(2,3f,7f) C(client|4AB192.0.2.1|) <c H(helo|) "
		    "<c M(<ann@example.com>|SIZE=9|) <c "
		    "R(<bob@example.net>|) <c L(From|ann@example.com|) <c "
		    "L(Subject|<09>of<0a><09>many lines|) <c N <c "
		    "B(Hello.<0d><0a>) <c E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "version 3",
		.version = 3, .wish = { .version = 3, .steps = 0x7f },
		.plays = { C },
		.steps = "TU", .results = "..",
		.transcript = "O(3,3f,17f) U(XYZZY|) <c Q",
		.why = "", .left = 1,
	}, {
		.name = "version 4",
		.version = 4, .wish = { .version = 4, .steps = 0x7f },
		.plays = { C, C },
		.steps = "TU", .results = "..",
		.transcript = "O(4,3f,37f) T <c U(XYZZY|) <c Q",
		.why = "", .left = 1,
	}, {
		.name = "version 5",
		.version = 5, .wish = { .version = 5, .steps = 0x7f },
		.plays = { C, C },
		.steps = "TU", .results = "..",
		.transcript = "O(5,3f,37f) T <c U(XYZZY|) <c Q",
		.why = "", .left = 1,
	}, {
		.name = "it knows a lower version only",
		.wish = { .version = 2, .steps = 0x7f },
		.steps = "TU", .results = "..", .plays = { C },
		.transcript = O6 " Q", .why = "", .left = 1,
	}, {
		.name = "it knows a higher version only",
		.version = 4, .wish = WISH(0, 0),
		.steps = "C", .results = "!",
		.transcript = "O(4,3f,37f)",
		.why = "negotiation: it wants version 6 of the protocol; we "
		    "offer 2 to 4",
	}, {
		.name = "it wants actions that were not offered",
		.version = 4,
		.wish = { .version = 4, .actions = MILTER_MAY_CHANGE_SENDER },
		.steps = "C", .results = "!",
		.transcript = "O(4,3f,37f)",
		.why = "negotiation: it wants the actions 0x40, of which 0x40 "
		    "are not offered",
	}, {
		.name = "a step that was not offered is not left unanswered",
		.version = 4,
		.wish = { .version = 4, .steps = MILTER_QUIET_HELO },
		.plays = { C },
		.steps = "H", .results = ".",
		.transcript = "O(4,3f,37f) H(helo|) <c Q",
		.why = "", .left = 1,
	}, {
		.name = "it wants nothing but the end",
		.wish = WISH(0, 0x37f), .plays = { C },
		.steps = "CHMRTUE", .results = ".......",
		.transcript = O6 " E <c Q", .why = "", .worked = 1,
	}, {
		.name = "MAIL without what comes before",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL)), .plays = { C, C },
		.steps = "CHMRTUE", .results = ".......",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) <c E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "foretold, the connection waits",
		.wish = WISH(0, EXCEPT(MILTER_NO_RCPT)), .foretold = true,
		.steps = "CHM", .results = "...", .transcript = "",
		.why = "",
	}, {
		.name = "foretold, it comes with the first step that is wanted",
		.wish = WISH(0, EXCEPT(MILTER_NO_RCPT)), .foretold = true,
		.plays = { C }, .steps = "CHMRA", .results = ".....",
		.transcript = O6 " R(<bob@example.net>|) <c A Q",
		.why = "", .left = 1,
	}, {
		.name = "no answer where none is due",
		.wish = WISH(0, QUIET_ALL), .plays = { C },
		.steps = "CHMRTUE", .results = ".......",
		.transcript = O6 " C(client|4AB192.0.2.1|) H(helo|) "
		    "M(<ann@example.com>|SIZE=9|) R(<bob@example.net>|) T "
		    "U(XYZZY|) L(From|ann@example.com|) "
		    "L(Subject|<09>of<0a><09>many lines|) N "
		    "B(Hello.<0d><0a>) E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "an answer where none is due comes to light later",
		.wish = WISH(0, QUIET_ALL & ~MILTER_QUIET_HELO),
		.plays = { SAYS("s") },
		.steps = "CHM", .results = ".!!",
		.transcript = O6 " C(client|4AB192.0.2.1|) H(helo|) <s",
		.why = "HELO: it skips something that is not a body",
	}, {
		.name = "macros: all of them, where it has no list",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO | MILTER_NO_UNKNOWN)),
		.with_macros = true, .plays = { C, C, C },
		.steps = "HUE", .results = "...",
		.transcript = O6 " D(Hi|Q1|j|mx|{auth_type}|PLAIN|) H(helo|) "
		    "<c U(XYZZY|) <c D(Ni|Q1|j|mx|{auth_type}|PLAIN|) "
		    "D(Ei|Q1|j|mx|{auth_type}|PLAIN|) E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "macros: those of its lists",
		.wish = { .version = 6, .steps = EXCEPT(MILTER_NO_HELO |
		    MILTER_NO_MAIL | MILTER_NO_RCPT), SYMBOLS(
		    "\0\0\0\1j, {auth_type}\0" "\0\0\0\2{auth}\0"
		    "\0\0\0\3auth_types au\0" "\0\0\0\5i\0"
		    "\0\0\0\6auth_type\0") },
		.with_macros = true, .plays = { C, C, C, C },
		.steps = "HMRE", .results = "....",
		.transcript = O6 " D(Hj|mx|{auth_type}|PLAIN|) H(helo|) <c "
		    "M(<ann@example.com>|SIZE=9|) <c R(<bob@example.net>|) "
		    "<c D(N{auth_type}|PLAIN|) D(Ei|Q1|) E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "macros of steps that it does not want come later",
		.wish = { .version = 6, .steps = EXCEPT(MILTER_NO_MAIL),
		    SYMBOLS("\0\0\0\0j\0" "\0\0\0\1i\0" "\0\0\0\2\0"
		    "\0\0\0\5\0" "\0\0\0\6\0") },
		.with_macros = true, .foretold = true, .plays = { C, C },
		.steps = "CHME", .results = "....",
		.transcript = O6 " D(Cj|mx|) D(Hi|Q1|) "
		    "M(<ann@example.com>|SIZE=9|) <c E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "a second message on the same connection",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL)),
		.plays = { C, C, C, SAYS("r"), C, SAYS("a") },
		.steps = "MEMEME", .results = "...r.a",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) <c E <c "
		    "M(<ann@example.com>|SIZE=9|) <c E <r "
		    "M(<ann@example.com>|SIZE=9|) <c E <a Q",
		.why = "", .worked = 3,
	}, {
		.name = "refused recipients are an answer for each message",
		.wish = WISH(0, EXCEPT(MILTER_NO_RCPT)),
		.plays = { SAYS("r"), SAYS("t"), SAYS("r") },
		.steps = "MRRAMR", .results = ".rt..r",
		.transcript = O6 " R(<bob@example.net>|) <r "
		    "R(<bob@example.net>|) <t A R(<bob@example.net>|) <r Q",
		.why = "", .worked = 2,
	}, {
		.name = "an unknown command begins no message",
		.wish = WISH(0, EXCEPT(MILTER_NO_UNKNOWN)), .plays = { C },
		.steps = "UA", .results = "..",
		.transcript = O6 " U(XYZZY|) <c Q", .why = "", .left = 1,
	}, {
		.name = "a message that is given up",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL | MILTER_NO_HELO)),
		.plays = { C, C, C, C },
		.steps = "AMAAMMH", .results = ".......",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) <c A "
		    "M(<ann@example.com>|SIZE=9|) <c A "
		    "M(<ann@example.com>|SIZE=9|) <c A H(helo|) <c Q",
		.why = "", .left = 1,
	}, {
		.name = "accepted at connect, it is asked no more",
		.wish = WISH(0, 0), .plays = { SAYS("a") },
		.steps = "CHMRTUEA", .results = "aaaaaaa.",
		.transcript = O6 " C(client|4AB192.0.2.1|) <a Q",
		.why = "", .worked = 1,
	}, {
		.name = "refused at HELO, for the whole connection",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { SAYS("y550 5.7.1 go\0") },
		.steps = "CHMXH", .results = ".rr.!",
		.transcript = O6 " H(helo|) <y Q " O6 " H(helo|)",
		.why = "HELO: no answer", .worked = 1,
	}, {
		.name = "a discarded connection goes on",
		.wish = WISH(0, EXCEPT(MILTER_NO_CONNECT)),
		.plays = { SAYS("d") }, .steps = "CH", .results = "..",
		.transcript = O6 " C(client|4AB192.0.2.1|) <d Q",
		.why = "", .left = 1,
	}, {
		.name = "accepted at MAIL, for this message",
		.wish = WISH(0, EXCEPT(MILTER_NO_MAIL | MILTER_NO_RCPT)),
		.plays = { SAYS("a"), C, C },
		.steps = "MRUEAMR", .results = "aa.a...",
		.transcript = O6 " M(<ann@example.com>|SIZE=9|) <a "
		    "M(<ann@example.com>|SIZE=9|) <c R(<bob@example.net>|) "
		    "<c Q",
		.why = "", .worked = 1,
	}, {
		.name = "a refused recipient is refused alone",
		.wish = WISH(0, EXCEPT(MILTER_NO_RCPT)),
		.plays = { SAYS("r"), SAYS("t"), C, C },
		.steps = "MRRRE", .results = ".rt..",
		.transcript = O6 " R(<bob@example.net>|) <r "
		    "R(<bob@example.net>|) <t R(<bob@example.net>|) <c "
		    "E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "refused at DATA, for the message",
		.wish = WISH(0, EXCEPT(MILTER_NO_DATA)),
		.plays = { SAYS("y451 later\0") },
		.steps = "TEA", .results = "tt.",
		.transcript = O6 " T <y Q", .why = "", .worked = 1,
	}, {
		.name = "refused at a header, the rest is not told",
		.wish = WISH(0, EXCEPT(NO_FIELDS | MILTER_NO_BODY)),
		.plays = { C, SAYS("r") }, .steps = "EA", .results = "r.",
		.transcript = O6 " L(From|ann@example.com|) <c "
		    "L(Subject|<09>of<0a><09>many lines|) <r Q",
		.why = "", .worked = 1,
	}, {
		.name = "a skipped body",
		.wish = WISH(0, EXCEPT(MILTER_NO_BODY) | MILTER_SKIP_OFFERED),
		.plays = { SAYS("s"), C }, .steps = "E", .results = ".",
		.transcript = O6 " B(Hello.<0d><0a>) <s E <c Q",
		.why = "", .worked = 1,
	}, {
		.name = "skipping is of version 6",
		.version = 4,
		.wish = { .version = 4, .steps = EXCEPT(MILTER_NO_BODY) },
		.plays = { SAYS("s") }, .steps = "E", .results = "!",
		.transcript = "O(4,3f,37f) B(Hello.<0d><0a>) <s",
		.why = "body: it skips what is left without having been "
		    "offered to",
	}, {
		.name = "it shuts the connection down",
		.wish = WISH(0, EXCEPT(MILTER_NO_RCPT)),
		.plays = { SAYS("4") }, .steps = "MRRE", .results = ".s!!",
		.transcript = O6 " R(<bob@example.net>|) <4 Q",
		.why = "", .worked = 1,
	}, {
		.name = "once failed, it stays failed",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { CLOSE }, .steps = "HMHUAOE", .results = "!!!!.!!",
		.transcript = O6 " H(helo|)", .why = "HELO: closed",
	}, {
		.name = "a packet of 0 bytes",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { RAW("\0\0\0\0") }, .steps = "H", .results = "!",
		.transcript = O6 " H(helo|) <?",
		.why = "HELO: a packet of 0 bytes",
	}, {
		.name = "a packet of far too many bytes",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { RAW("\377\377\377\377c") },
		.steps = "H", .results = "!", .transcript = O6 " H(helo|) <?",
		.why = "HELO: a packet of 4294967295 bytes, more than the "
		    "1048576 that are taken",
	}, {
		.name = "a packet that does not end",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { RAW("\0\0\0\11y550"), CLOSE },
		.steps = "H", .results = "!", .transcript = O6 " H(helo|) <?",
		.why = "HELO: closed",
	}, {
		.name = "a packet that comes in drops",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { RAW("\0"), WAIT(300), RAW("\0\0"), WAIT(300),
		    RAW("\1"), WAIT(300), RAW("c") },
		.steps = "H", .results = ".",
		.transcript = O6 " H(helo|) <? <? <? <? Q",
		.why = "", .left = 1,
	}, {
		.name = "a packet that comes in drops, too slowly",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { RAW("\0"), WAIT(300), RAW("\0\0"), WAIT(300),
		    RAW("\1"), WAIT(400), RAW("c") },
		.steps = "H", .results = "!",
		.transcript = O6 " H(helo|) <? <? <?",
		.why = "HELO: no answer",
	}, {
		.name = "a reply of class 2",
		.wish = WISH(0, EXCEPT(MILTER_NO_HELO)),
		.plays = { SAYS("y250 \"fine\"\r\n\0") },
		.steps = "H", .results = "!", .transcript = O6 " H(helo|) <y",
		.why = "HELO: its reply begins with "
		    "\"250 \\\"fine\\\"\\x0d\\x0a\", not with a code of class "
		    "4 or 5",
	}, {
		.name = "an HTTP server",
		.wish = { .version = 0x20343030 },
		.steps = "C", .results = "!", .transcript = O6,
		.why = "negotiation: it wants version 540291120 of the "
		    "protocol; we offer 2 to 6",
	},
};

START_TEST(talks_as_an_mta)
{
	struct talk talk = { .changes = CHANGES_INIT };
	unsigned version = talks[_i].version;
	char results[16];

	talk_begin(&talk, version > 0 ? version : 6, !talks[_i].bare);
	talk.world.plays = talks[_i].plays;
	if (talks[_i].with_macros)
		talk.macros = &macros;
	talk.world.wish = &talks[_i].wish;
	if (talks[_i].foretold)
		foretell(&talk);
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
	ck_assert_ptr_null(talk.changes.first);
	talk_end(&talk);
}
END_TEST

/* It goes away, falls silent or talks nonsense wherever it can. */
START_TEST(fails_at_every_step)
{
	static const struct {
		struct play	 play;
		const char	*why;
	} ends[] = {
		{ CLOSE, "closed" },
		{ { .kind = PLAY_END }, "no answer" },
		{ RAW("\0\0\0\0"), "a packet of 0 bytes" },
		{ RAW("HTTP/1.1 400"), "a packet of 1213486160 bytes, more "
		    "than the 1048576 that are taken" },
		{ SAYS("O\0\0\0\6\0\0\0\0\0\0\0\0"),
		    "answer \"O\": there is no such answer" },
	};
	const struct wish wish = WISH(MILTER_MAY_ALL, 0);

	for (int e = 0; e < COUNT(ends); e++) {
		struct talk talk = { .changes = CHANGES_INIT };
		struct play plays[16];
		const char *steps = "CHMRTUE";
		uint64_t begun_ms;

		for (int i = 0; i < 16; i++)
			plays[i] = i < _i ? (struct play)C : ends[e].play;
		talk_begin(&talk, 6, true);
		talk.world.wish = &wish;
		talk.world.plays = plays;
		while (tell(&talk, *steps) == '.')
			steps++;
		ck_assert_int_eq(talk.said.result, CHILD_FAILED);
		ck_assert(text_ends(talk.said.why, ends[e].why));
		ck_assert(!child_is_open(talk.child));
		ck_assert_uint_eq(talk.world.failed, 1);
		ck_assert_ptr_null(talk.changes.first);
		begun_ms = talk.world.now_ms;
		ck_assert_int_eq(tell(&talk, 'E'), '!');
		ck_assert_uint_eq(talk.world.now_ms, begun_ms);
		/* A new connection, for the next message. */
		tell(&talk, 'X');
		talk.world.plays = (const struct play []){ C,
			{ .kind = PLAY_END } };
		ck_assert_int_eq(tell(&talk, 'C'), '.');
		talk_end(&talk);
	}
}
END_TEST

/* The same with what it says first. */
static const struct {
	struct play	 play;
	const char	*why;
} beginnings[] = {
	{ CLOSE, "negotiation: closed" },
	{ { .kind = PLAY_END }, "negotiation: no answer" },
	{ SAYS("c"), "negotiation: answer \"c\" where the terms are due" },
	{ SAYS("O\0\0\0\6"), "negotiation: the terms are cut short: 4 bytes "
	    "of 12" },
	{ RAW("\377\377\377\377"), "negotiation: a packet of 4294967295 "
	    "bytes, more than the 1048576 that are taken" },
};

START_TEST(fails_at_the_negotiation)
{
	struct talk talk = { .changes = CHANGES_INIT };

	talk_begin(&talk, 6, true);
	talk.world.plays = &beginnings[_i].play;
	ck_assert_int_eq(tell(&talk, 'O'), '!');
	ck_assert_str_eq(talk.said.why, beginnings[_i].why);
	ck_assert_str_eq(talk.world.failures.text, beginnings[_i].why);
	ck_assert(!talk.said.rested);
	talk_end(&talk);
}
END_TEST

START_TEST(cannot_be_reached)
{
	static const char *const whys[] = {
		"connection: refused", "rests", "negotiation: broken",
	};
	struct talk talk = { .world = {
		.unreachable = _i == 0, .rested = _i == 1, .deaf = _i == 2,
	} };

	talk_begin(&talk, 6, true);
	ck_assert_int_eq(tell(&talk, 'C'), '!');
	ck_assert_str_eq(talk.said.why, whys[_i]);
	ck_assert_int_eq(talk.said.rested, _i == 1);
	ck_assert_int_eq(tell(&talk, 'E'), '!');
	ck_assert_int_eq(talk.said.rested, _i == 1);
	/* Resting is no failure of its own. */
	ck_assert_uint_eq(talk.world.failed, _i != 1);
	ck_assert_uint_eq(talk.world.worked, 0);
	talk_end(&talk);
}
END_TEST

/* Who is gone when a message is given up is not missed by the next. */
START_TEST(is_gone_when_a_message_is_given_up)
{
	const struct wish wish = WISH(0, EXCEPT(MILTER_NO_MAIL));
	const struct play plays[] = { C, C, { .kind = PLAY_END } };
	struct talk talk = { .changes = CHANGES_INIT };

	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	ck_assert_int_eq(tell(&talk, 'M'), '.');
	talk.world.deaf = true;
	tell(&talk, 'A');
	ck_assert(!child_is_open(talk.child));
	talk.world.deaf = false;
	ck_assert_int_eq(tell(&talk, 'M'), '.');
	ck_assert_uint_eq(talk.world.opened, 2);
	ck_assert_uint_eq(talk.world.failed, 0);
	talk_end(&talk);
}
END_TEST

/* Lists of macros are kept, and copied, for each session. */
START_TEST(bounds_the_terms)
{
	struct strbuf symbols = STRBUF_INIT;
	struct talk talk = { .changes = CHANGES_INIT };
	struct wish wish = WISH(0, 0x37f);

	strbuf_add(&symbols, "\0\0\0", 4);
	while (symbols.len < CHILD_TERMS_BYTES_MAX - 14 + (size_t)_i)
		strbuf_addch(&symbols, 'x');
	strbuf_addch(&symbols, '\0');
	wish.symbols = symbols.text;
	wish.symbols_len = symbols.len;
	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	ck_assert_int_eq(tell(&talk, 'O'), _i == 0 ? '.' : '!');
	ck_assert_str_eq(talk.said.why, _i == 0 ? "" : "negotiation: terms of "
	    "32769 bytes, more than the 32768 that are taken");
	talk_end(&talk);
	strbuf_release(&symbols);
}
END_TEST

/* What an MTA does not offer now was foretold in vain. */
START_TEST(foretold_is_not_offered)
{
	const struct milter_terms foretold = {
		.version = 6, .steps = MILTER_NO_HELO | MILTER_NO_CONNECT,
	};
	const struct wish wish = { .version = 6, .steps = 0x1fffff };
	const struct play plays[] = { C, { .kind = PLAY_END } };
	struct talk talk = { .changes = CHANGES_INIT };

	talk_begin(&talk, 6, true);
	talk.terms.offered.steps = MILTER_NO_CONNECT;
	child_free(talk.child);
	talk.child = child_new(&talk.milter, &talk.env, &talk.terms);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	child_foretell(talk.child, &foretold);
	ck_assert_int_eq(tell(&talk, 'C'), '.');
	ck_assert_int_eq(tell(&talk, 'H'), '.');
	ck_assert_str_eq(talk.world.transcript.text,
	    "O(6,1ff,1) H(helo|) <c");
	talk_end(&talk);
}
END_TEST

/* Connecting does not count as answering. */
START_TEST(connects_slowly)
{
	const struct wish wish = WISH(0, 0);
	const struct play plays[] = { WAIT(900), C, { .kind = PLAY_END } };
	struct talk talk = { .world = { .connect_ms = 30000 } };

	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	ck_assert_int_eq(tell(&talk, 'C'), '.');
	talk_end(&talk);
}
END_TEST

/* Nothing is waited for where no time is left. */
START_TEST(writes_slowly)
{
	const struct wish wish = WISH(0, 0);
	const struct play plays[] = { C, { .kind = PLAY_END } };
	struct talk talk = { .changes = CHANGES_INIT };

	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	ck_assert_int_eq(tell(&talk, 'O'), '.');
	talk.world.write_ms = ANSWER_MS * CHILD_STRETCH;
	ck_assert_int_eq(tell(&talk, 'C'), '!');
	ck_assert_str_eq(talk.said.why, "connect: it took too long");
	talk_end(&talk);
}
END_TEST

START_TEST(wants_refused_recipients)
{
	const struct wish wish = WISH(0, _i == 0 ? 0 : MILTER_TELL_REJECTED);
	struct talk talk = { .changes = CHANGES_INIT };

	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	ck_assert(!child_wants_refused(talk.child));
	foretell(&talk);
	ck_assert_int_eq(child_wants_refused(talk.child), _i);
	ck_assert_int_eq(tell(&talk, 'O'), '.');
	ck_assert_int_eq(child_wants_refused(talk.child), _i);
	talk_end(&talk);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ talks_as_an_mta, COUNT(talks) },
		{ fails_at_every_step, 11 },	/* answers of a message */
		{ fails_at_the_negotiation, COUNT(beginnings) },
		{ cannot_be_reached, 3 },
		{ is_gone_when_a_message_is_given_up, 1 },
		{ bounds_the_terms, 2 },
		{ foretold_is_not_offered, 1 },
		{ connects_slowly, 1 },
		{ writes_slowly, 1 },
		{ wants_refused_recipients, 2 },
	};

	return table_run("child", tests, COUNT(tests));
}
