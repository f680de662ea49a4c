#include <stdlib.h>

#include "scripted.h"

/*
 * Every answer at every step, with data that fits it and followed by
 * "continue"; what is not in the table is nonsense.
 */
static const struct {
	const char	*step;
	const char	*tell;
	uint32_t	 wanted;
	const char	*answers, *results;
} answers[] = {
	{ "connect", "C", MILTER_NO_CONNECT, "cpadrty4", "..a.rtrs" },
	{ "HELO", "H", MILTER_NO_HELO, "cpadrty4", "..a.rtrs" },
	{ "MAIL", "M", MILTER_NO_MAIL, "cpadrty4", "..adrtrs" },
	{ "RCPT", "R", MILTER_NO_RCPT, "cpadrty4", "..adrtrs" },
	{ "DATA", "T", MILTER_NO_DATA, "cpadrty4", "..adrtrs" },
	{ "unknown command", "U", MILTER_NO_UNKNOWN, "cpadrty4", "..adrtrs" },
	{ "header", "E", MILTER_NO_HEADERS, "cpadrty4", "..adrtrs" },
	{ "end of headers", "E", MILTER_NO_END_OF_HEADERS, "cpadrty4",
	    "..adrtrs" },
	{ "body", "E", MILTER_NO_BODY, "cpadrty4s", "..adrtrs." },
	{ "end of message", "E", 0, "cpadrty4himbe+2-q", "..adrtrs........." },
};

static struct play
answer_of(int byte)
{
	static const struct play withs[] = {
		SAYS("y550 5.7.1 no\0"), SAYS("hX-A\0b\0"),
		SAYS("i\0\0\0\1X-A\0b\0"), SAYS("m\0\0\0\1X-A\0b\0"),
		SAYS("bnew\r\n"), SAYS("e<a@b>\0"), SAYS("+<a@b>\0"),
		SAYS("2<a@b>\0A=b\0"), SAYS("-<a@b>\0"), SAYS("qbad\0"),
	};
	static char bytes[256];

	for (int i = 0; i < COUNT(withs); i++)
		if (*withs[i].bytes == byte)
			return withs[i];
	bytes[byte] = (char)byte;
	return (struct play){
		.kind = PLAY_PACKET, .bytes = &bytes[byte], .len = 1,
	};
}

START_TEST(every_answer_at_every_step)
{
	const struct wish wish = WISH(MILTER_MAY_ALL,
	    EXCEPT(answers[_i].wanted));

	for (int byte = 0; byte < 256; byte++) {
		struct talk talk = { .changes = CHANGES_INIT };
		struct play plays[] = { answer_of(byte), C, C, C,
			{ .kind = PLAY_END } };
		const char *at = byte != 0 ?
		    strchr(answers[_i].answers, byte) : NULL;
		char expected = at != NULL ?
		    answers[_i].results[at - answers[_i].answers] : '!';
		bool changed = expected == '.' && strchr("himbe+2-q",
		    byte) != NULL && byte != 0;
		char result;

		talk_begin(&talk, 6, true);
		talk.world.wish = &wish;
		talk.world.plays = plays;
		result = tell(&talk, *answers[_i].tell);
		ck_assert_msg(result == expected, "%s, %c: %c, not %c: %s",
		    answers[_i].step, byte, result, expected, talk.said.why);
		ck_assert_uint_eq(talk.world.failed, result == '!');
		if (result == '!')
			ck_assert(text_starts(talk.said.why,
			    answers[_i].step));
		if (strchr("!s", result) != NULL)
			ck_assert(!child_is_open(talk.child));
		ck_assert_int_eq(talk.changes.first != NULL, changed);
		ck_assert_str_eq(talk.said.reply,
		    byte == 'y' ? "550 5.7.1 no" : "");
		talk_end(&talk);
		ck_assert_uint_eq(talk.world.worked + talk.world.failed +
		    talk.world.left, 1);
		/* Only an answer to a message is one that counts. */
		if (strchr("CHMRT", *answers[_i].tell) != NULL)
			ck_assert_int_eq(talk.world.left, expected == '.');
		else if (*answers[_i].tell == 'U')
			ck_assert_int_eq(talk.world.left,
			    strchr(".rt", expected) != NULL);
	}
}
END_TEST

static const struct {
	const char	*said;		/* without its NUL */
	char		 result;
	const char	*reply;
} replies[] = {
	{ "550 5.7.1 no", 'r', "550 5.7.1 no" },
	{ "451", 't', "451" },
	{ "421 4.3.2 closing", 't', "421 4.3.2 closing" },
	{ "550-5.7.1 one\r\n550 5.7.1 two", 'r',
	    "550-5.7.1 one\r\n550 5.7.1 two" },
	{ "550 5.7.1 one\r\nRCPT TO:<x>", 'r',
	    "550 5.7.1 one\r\nRCPT TO:<x>" },
	{ "550 100%% sure %s %n %%%", 'r', "550 100% sure %s %n %%" },
	{ "599\r\n", 'r', "599\r\n" },
	{ "", '!', "" },
	{ "5", '!', "" },
	{ "55", '!', "" },
	{ "5x0 no", '!', "" },
	{ "5500 no", '!', "" },
	{ "550no", '!', "" },
	{ "250 ok", '!', "" },
	{ "354 go ahead", '!', "" },
	{ " 550 no", '!', "" },
};

START_TEST(reads_replies)
{
	const struct wish wish = WISH(0, EXCEPT(MILTER_NO_RCPT));
	struct talk talk = { .changes = CHANGES_INIT };
	struct strbuf said = STRBUF_INIT;
	struct play plays[] = {
		{ .kind = PLAY_PACKET }, SAYS("r"), { .kind = PLAY_END },
	};

	strbuf_addf(&said, "y%s", replies[_i].said);
	plays[0].bytes = said.text;
	plays[0].len = said.len + 1;
	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	ck_assert_int_eq(tell(&talk, 'R'), replies[_i].result);
	ck_assert_str_eq(talk.said.reply, replies[_i].reply);
	if (replies[_i].result != '!') {
		ck_assert_int_eq(tell(&talk, 'R'), 'r');
		ck_assert_str_eq(talk.said.reply, "");
	}
	talk_end(&talk);
	strbuf_release(&said);
}
END_TEST

START_TEST(reads_a_long_reply)
{
	const struct wish wish = WISH(0, EXCEPT(MILTER_NO_RCPT));
	const size_t size = _i == 0 ? CHILD_REPLY_BYTES_MAX + 1 :
	    MILTER_PACKET_BYTES_MAX;
	struct talk talk = { .changes = CHANGES_INIT };
	char *said = malloc(size);
	const struct play plays[] = {
		{ .kind = PLAY_PACKET, .bytes = said, .len = size },
		{ .kind = PLAY_END },
	};

	memset(said, 'x', size);
	memcpy(said, "y550 ", 5);
	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	ck_assert_int_eq(tell(&talk, 'R'), 'r');
	ck_assert_uint_eq(strlen(talk.said.reply), CHILD_REPLY_BYTES_MAX);
	ck_assert(text_starts(talk.said.reply, "550 xxx"));
	talk_end(&talk);
	free(said);
}
END_TEST

/* Macros that are gone are forgotten, and only those. */
START_TEST(forgets_macros)
{
	static const struct milter_macro one = { "i", "Q1" };
	static const struct child_macros some = { 1, &one };
	const struct wish wish = WISH(0, EXCEPT(MILTER_NO_RCPT));
	const struct play plays[] = { C, C, C, C, { .kind = PLAY_END } };
	struct talk talk = { .changes = CHANGES_INIT };

	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	talk.macros = &no_macros;
	tell(&talk, 'R');
	talk.macros = &some;
	tell(&talk, 'R');
	talk.macros = &no_macros;
	tell(&talk, 'R');
	ck_assert_str_eq(talk.world.transcript.text, O6
	    " R(<bob@example.net>|) <c D(Ri|Q1|) R(<bob@example.net>|) <c "
	    "D(R) R(<bob@example.net>|) <c");
	tell(&talk, 'X');
	strbuf_reset(&talk.world.transcript);
	tell(&talk, 'R');
	ck_assert_str_eq(talk.world.transcript.text, O6
	    " R(<bob@example.net>|) <c");
	talk_end(&talk);
}
END_TEST

/* Macros that wait for a step are those of this connection and message. */
START_TEST(drops_macros)
{
	static const struct {
		const char	*steps;		/* with macros */
		const char	*transcript;	/* of the next message */
	} waiting[] = {
		{ "H", O6 " D(Hi|Q1|j|mx|{auth_type}|PLAIN|) E <c" },
		{ "HX", O6 " E <c" },
		{ "MRTA", O6 " E <c" },
		{ "MRM", O6 " D(Mi|Q1|j|mx|{auth_type}|PLAIN|) E <c" },
	};
	const struct wish wish = WISH(0, 0x37f);
	const struct play plays[] = { C, { .kind = PLAY_END } };
	struct talk talk = { .changes = CHANGES_INIT };
	char results[8];

	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	foretell(&talk);
	talk.macros = &macros;
	tell_all(&talk, waiting[_i].steps, results);
	talk.macros = NULL;
	ck_assert_int_eq(tell(&talk, 'E'), '.');
	ck_assert_str_eq(talk.world.transcript.text, waiting[_i].transcript);
	talk_end(&talk);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ every_answer_at_every_step, COUNT(answers) },
		{ reads_replies, COUNT(replies) },
		{ reads_a_long_reply, 2 },
		{ forgets_macros, 1 },
		{ drops_macros, 4 },
	};

	return table_run("child_step", tests, COUNT(tests));
}
