#include <stdlib.h>

#include "scripted.h"

/* What comes back as changes, told as text. */
static const struct {
	const char	*name;
	struct play	 plays[8];
	uint32_t	 no_actions;	/* that it did not ask for */
	bool		 bare;		/* values without leading space */
	uint32_t	 steps;		/* of its own */
	const char	*changes;	/* NULL: nonsense */
	const char	*why;
} edits[] = {
	{
		.name = "all of them, in order, the body last",
		.plays = { SAYS("qbad\r\nnews\177\0"), SAYS("b1\0"),
		    SAYS("hX-A\0one\0"), SAYS("b2"),
		    SAYS("i\0\0\0\0X-B\0\0"), SAYS("e<c@example.com>\0A=b\0"),
		    SAYS("-<bob@example.net>\0"), C },
		.changes = "q(bad  news ) +X-A( one) 0^X-B( ) "
		    "from(<c@example.com> A=b) drop(<bob@example.net>) "
		    "body(1|2)",
	}, {
		.name = "fields changed and deleted",
		.plays = { SAYS("m\0\0\0\2X-A\0two\0"),
		    SAYS("m\0\0\0\0X-A\0\0"), C },
		.changes = "2=X-A( two) 1=X-A()",
	}, {
		.name = "recipients",
		.plays = { SAYS("+<a@example.com>\0"),
		    SAYS("2<b@example.com>\0NOTIFY=NEVER\0"),
		    SAYS("2<c@example.com>\0"), SAYS("a") },
		.changes = "rcpt(<a@example.com> ) "
		    "rcpt(<b@example.com> NOTIFY=NEVER) "
		    "rcpt(<c@example.com> )",
	}, {
		.name = "values of one who keeps leading spaces",
		.plays = { SAYS("hX-A\0one\0"), SAYS("hX-B\0  two\0"), C },
		.steps = MILTER_LEADING_SPACE,
		.changes = "+X-A(one) +X-B(  two)",
	}, {
		.name = "values where the MTA adds the space",
		.plays = { SAYS("hX-A\0one\0"), SAYS("i\0\0\0\7X-B\0 two\0"),
		    C },
		.bare = true, .changes = "+X-A(one) 7^X-B( two)",
	}, {
		.name = "lines of a value",
		.plays = { SAYS("hX-A\0one\r\n\ttwo\n three\n \0"), C },
		.changes = "+X-A( one/\ttwo/ three/ )",
	}, {
		.name = "an empty body", .plays = { SAYS("b"), C },
		.changes = "body()",
	}, {
		.name = "no change of a message that it refuses",
		.plays = { SAYS("b1"), SAYS("hX-A\0one\0"), SAYS("r") },
		.changes = "",
	}, {
		.name = "nor of one that it discards",
		.plays = { SAYS("b1"), SAYS("hX-A\0one\0"), SAYS("d") },
		.changes = "",
	}, {
		.name = "bare CR", .plays = { SAYS("hX-A\0a\rb\0"), C },
		.why = "it added a header with a bare CR in it",
	}, {
		.name = "bare CR at the end",
		.plays = { SAYS("hX-A\0a\r\0"), C },
		.why = "it added a header with a bare CR in it",
	}, {
		.name = "another field in the value",
		.plays = { SAYS("hX-A\0a\nX-B: b\0"), C },
		.why = "it added a header with a line that does not begin "
		    "with a blank",
	}, {
		.name = "the same behind CR LF",
		.plays = { SAYS("m\0\0\0\1X-A\0a\r\nX-B: b\0"), C },
		.why = "it changed a header with a line that does not begin "
		    "with a blank",
	}, {
		.name = "the end of the headers in the value",
		.plays = { SAYS("i\0\0\0\1X-A\0a\r\n\r\n b\0"), C },
		.why = "it inserted a header with a line that does not begin "
		    "with a blank",
	}, {
		.name = "a line behind the value",
		.plays = { SAYS("hX-A\0a\n\0"), C },
		.why = "it added a header with a line that does not begin "
		    "with a blank",
	}, {
		.name = "a blank in the name",
		.plays = { SAYS("hX A\0a\0"), C },
		.why = "it added a header whose name is none",
	}, {
		.name = "a name that is not ASCII",
		.plays = { SAYS("hX-\303\204\0a\0"), C },
		.why = "it added a header whose name is none",
	}, {
		.name = "no name", .plays = { SAYS("h\0a\0"), C },
		.why = "it added a header whose name is none",
	}, {
		.name = "two fields in one name",
		.plays = { SAYS("i\0\0\0\1X-A: a\nX-B\0a\0"), C },
		.why = "it inserted a header whose name is none",
	}, {
		.name = "a negative place",
		.plays = { SAYS("m\377\377\377\377X-A\0a\0"), C },
		.why = "it changed a header at a negative place",
	}, {
		.name = "no address", .plays = { SAYS("+\0"), C },
		.why = "it added a recipient without an address",
	}, {
		.name = "two lines in an address",
		.plays = { SAYS("e<a@example.com>\r\n\0"), C },
		.why = "it changed the sender with control characters in it",
	}, {
		.name = "two lines in an argument",
		.plays = { SAYS("2<a@example.com>\0A\nB\0"), C },
		.why = "it added a recipient with arguments with control "
		    "characters in it",
	}, {
		.name = "a field that does not end",
		.plays = { SAYS("hX-A\0a"), C },
		.why = "answer \"h\": a text without its end",
	}, {
		.name = "may not add", .plays = { SAYS("hX-A\0a\0"), C },
		.no_actions = MILTER_MAY_ADD_HEADERS,
		.why = "it added a header without having asked to be allowed "
		    "to",
	}, {
		.name = "may not insert",
		.plays = { SAYS("i\0\0\0\1X-A\0a\0"), C },
		.no_actions = MILTER_MAY_ADD_HEADERS,
		.why = "it inserted a header without having asked to be "
		    "allowed to",
	}, {
		.name = "may not change",
		.plays = { SAYS("m\0\0\0\1X-A\0a\0"), C },
		.no_actions = MILTER_MAY_CHANGE_HEADERS,
		.why = "it changed a header without having asked to be "
		    "allowed to",
	}, {
		.name = "may not replace", .plays = { SAYS("b"), C },
		.no_actions = MILTER_MAY_CHANGE_BODY,
		.why = "it changed the body without having asked to be "
		    "allowed to",
	}, {
		.name = "may not be somebody else",
		.plays = { SAYS("e<>\0"), C },
		.no_actions = MILTER_MAY_CHANGE_SENDER,
		.why = "it changed the sender without having asked to be "
		    "allowed to",
	}, {
		.name = "may not add a recipient",
		.plays = { SAYS("+<a>\0"), C },
		.no_actions = MILTER_MAY_ADD_RCPT,
		.why = "it added a recipient without having asked to be "
		    "allowed to",
	}, {
		.name = "may not add arguments",
		.plays = { SAYS("2<a>\0b\0"), C },
		.no_actions = MILTER_MAY_ADD_RCPT_ARGS,
		.why = "it added a recipient with arguments without having "
		    "asked to be allowed to",
	}, {
		.name = "may not delete a recipient",
		.plays = { SAYS("-<a>\0"), C },
		.no_actions = MILTER_MAY_DELETE_RCPT,
		.why = "it deleted a recipient without having asked to be "
		    "allowed to",
	}, {
		.name = "may not quarantine", .plays = { SAYS("qa\0"), C },
		.no_actions = MILTER_MAY_QUARANTINE,
		.why = "it quarantined the message without having asked to be "
		    "allowed to",
	}, {
		.name = "a body of too many pieces of nothing",
		.plays = { { .kind = PLAY_PACKET, .bytes = "b", .len = 1,
		    .times = CHILD_CHANGES_MAX }, C },
		.why = "it changed the body after too many other changes",
	}, {
		.name = "too many changes",
		.plays = { { .kind = PLAY_PACKET, .bytes = "-<a>", .len = 5,
		    .times = CHILD_CHANGES_MAX }, C },
		.why = "it deleted a recipient after too many other changes",
	},
};

static void
add_changes(struct strbuf *out, const struct changes *changes)
{
	for (const struct change *c = changes->first; c != NULL;
	    c = c->next) {
		strbuf_adds(out, out->len > 0 ? " " : "");
		switch (c->kind) {
		case CHANGE_ADD_HEADER:
			strbuf_addf(out, "+%s(%s)", c->name, c->value);
			break;
		case CHANGE_INSERT_HEADER:
			strbuf_addf(out, "%u^%s(%s)", c->index, c->name,
			    c->value);
			break;
		case CHANGE_HEADER:
			strbuf_addf(out, "%u=%s(%s)", c->index, c->name,
			    c->value);
			break;
		case CHANGE_BODY:
			strbuf_adds(out, "body(");
			for (size_t i = 0; i < c->len; i++)
				strbuf_addch(out, c->bytes[i] == 0 ? '|' :
				    (char)c->bytes[i]);
			strbuf_addch(out, ')');
			break;
		case CHANGE_SENDER:
			strbuf_addf(out, "from(%s %s)", c->name, c->value);
			break;
		case CHANGE_ADD_RCPT:
			strbuf_addf(out, "rcpt(%s %s)", c->name, c->value);
			break;
		case CHANGE_DELETE_RCPT:
			strbuf_addf(out, "drop(%s)", c->name);
			break;
		case CHANGE_QUARANTINE:
			strbuf_addf(out, "q(%s)", c->name);
			break;
		}
		ck_assert((c->next == NULL) == (c == changes->last));
	}
	for (size_t i = 0; i < out->len; i++)
		if (out->text[i] == '\n')
			out->text[i] = '/';
}

START_TEST(collects_changes)
{
	const struct wish wish = WISH(
	    MILTER_MAY_ALL & ~edits[_i].no_actions, 0x37f | edits[_i].steps);
	struct talk talk = { .changes = CHANGES_INIT };
	struct strbuf out = STRBUF_INIT;
	struct change earlier = { .kind = CHANGE_DELETE_RCPT, .name = "a" };
	const struct play more[] = { SAYS("qb\0"), C, { .kind = PLAY_END } };

	talk_begin(&talk, 6, !edits[_i].bare);
	talk.world.wish = &wish;
	talk.world.plays = edits[_i].plays;
	tell(&talk, 'E');
	add_changes(&out, &talk.changes);
	ck_assert_msg(strcmp(out.text, edits[_i].changes != NULL ?
	    edits[_i].changes : "") == 0, "%s: %s", edits[_i].name, out.text);
	if (edits[_i].why != NULL) {
		ck_assert_int_eq(talk.said.result, CHILD_FAILED);
		ck_assert(text_starts(talk.said.why, "end of message: "));
		ck_assert_str_eq(talk.said.why + strlen("end of message: "),
		    edits[_i].why);
	} else
		ck_assert_str_eq(talk.said.why, "");

	/* Behind what earlier milters changed. */
	if (talk.changes.first != NULL) {
		talk.changes.first = talk.changes.last = &earlier;
		talk.world.plays = more;
		talk.world.played = 0;
		tell(&talk, 'E');
		ck_assert_ptr_eq(talk.changes.first, &earlier);
		ck_assert_ptr_eq(earlier.next, talk.changes.last);
	}
	strbuf_release(&out);
	talk_end(&talk);
}
END_TEST

/* A body of more than it may be. */
START_TEST(bounds_the_new_body)
{
	const struct wish wish = WISH(MILTER_MAY_ALL, 0x37f);
	const size_t size = MILTER_PACKET_BYTES_MAX - 1;
	struct talk talk = { .changes = CHANGES_INIT };
	char *piece = calloc(1, size + 1);
	struct play plays[] = {
		{ .kind = PLAY_PACKET, .bytes = piece, .len = size + 1 },
		C, { .kind = PLAY_END },
	};
	unsigned most = (unsigned)(CHILD_BODY_BYTES_MAX / size);

	piece[0] = 'b';
	plays[0].times = _i == 0 ? most - 1 : most;
	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	if (_i == 0) {
		ck_assert_int_eq(tell(&talk, 'E'), '.');
		ck_assert_uint_eq(talk.changes.first->len, size * most);
	} else {
		ck_assert_int_eq(tell(&talk, 'E'), '!');
		ck_assert_str_eq(talk.said.why, "end of message: it changed "
		    "the body to one that is too large");
	}
	talk_end(&talk);
	free(piece);
}
END_TEST

/* Pieces are small with some milters. */
START_TEST(takes_many_pieces)
{
	const struct wish wish = WISH(MILTER_MAY_ALL, 0x37f);
	const struct play plays[] = {
		{ .kind = PLAY_PACKET, .bytes = "bx", .len = 2,
		    .times = CHILD_CHANGES_MAX },
		C, { .kind = PLAY_END },
	};
	struct talk talk = { .changes = CHANGES_INIT };

	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	ck_assert_int_eq(tell(&talk, 'E'), '.');
	ck_assert_uint_eq(talk.changes.first->len, CHILD_CHANGES_MAX + 1);
	talk_end(&talk);
}
END_TEST

START_TEST(bounds_the_names)
{
	const struct wish wish = WISH(MILTER_MAY_ALL, 0x37f);
	struct strbuf said = STRBUF_INIT;
	struct talk talk = { .changes = CHANGES_INIT };
	struct play plays[] = { { .kind = PLAY_PACKET }, C,
		{ .kind = PLAY_END } };

	strbuf_addch(&said, 'h');
	for (int i = 0; i < CHILD_NAME_BYTES_MAX + _i; i++)
		strbuf_addch(&said, 'x');
	strbuf_add(&said, "\0", 2);
	plays[0].bytes = said.text;
	plays[0].len = said.len;
	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	ck_assert_int_eq(tell(&talk, 'E'), _i == 0 ? '.' : '!');
	talk_end(&talk);
	strbuf_release(&said);
}
END_TEST

/* Nothing is taken that could not be passed on. */
START_TEST(bounds_each_change)
{
	static const char *const begins[] = { "hX", "i\0\0\0\1X",
	    "m\0\0\0\1X", "2", "e", "q" };
	static const size_t lens[] = { 2, 6, 6, 1, 1, 1 };
	const struct wish wish = WISH(MILTER_MAY_ALL, 0x37f);
	struct talk talk = { .changes = CHANGES_INIT };
	struct strbuf said = STRBUF_INIT;
	struct play plays[] = { { .kind = PLAY_PACKET }, C,
		{ .kind = PLAY_END } };
	bool is_field = _i / 2 < 3;
	size_t texts = is_field ? 1 : 0;

	strbuf_add(&said, begins[_i / 2], lens[_i / 2]);
	if (is_field)
		strbuf_addch(&said, '\0');
	for (; texts < CHILD_CHANGE_BYTES_MAX + (size_t)(_i % 2); texts++)
		strbuf_addch(&said, 'x');
	strbuf_addch(&said, '\0');
	plays[0].bytes = said.text;
	plays[0].len = said.len;
	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	ck_assert_int_eq(tell(&talk, 'E'), _i % 2 == 0 ? '.' : '!');
	ck_assert_int_eq(text_ends(talk.said.why,
	    " with more text than can be passed on"), _i % 2);
	talk_end(&talk);
	strbuf_release(&said);
}
END_TEST

/* As large as each may be. */
START_TEST(bounds_the_new_texts)
{
	const struct wish wish = WISH(MILTER_MAY_ALL, 0x37f);
	const size_t size = CHILD_CHANGE_BYTES_MAX;
	struct talk talk = { .changes = CHANGES_INIT };
	char *field = malloc(size);
	const struct play plays[] = {
		{ .kind = PLAY_PACKET, .bytes = field, .len = size,
		    .times = CHILD_TEXT_BYTES_MAX / CHILD_CHANGE_BYTES_MAX },
		C, { .kind = PLAY_END },
	};

	memset(field, 'x', size);
	field[0] = 'h';
	field[4] = '\0';
	field[size - 1] = '\0';
	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	ck_assert_int_eq(tell(&talk, 'E'), '!');
	ck_assert_str_eq(talk.said.why, "end of message: it added a header "
	    "after changes with too much text");
	ck_assert_ptr_null(talk.changes.first);
	talk_end(&talk);
	free(field);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ collects_changes, COUNT(edits) },
		{ bounds_the_new_body, 2 },
		{ takes_many_pieces, 1 },
		{ bounds_the_names, 2 },
		{ bounds_each_change, 12 },
		{ bounds_the_new_texts, 1 },
	};

	return table_run("child_change", tests, COUNT(tests));
}
