#include <stdlib.h>

#include "scripted.h"

/* Pieces of the body, and of a field what fits into a packet. */
static const struct {
	size_t		 value_len, body_len;
	uint32_t	 quiet;
	unsigned	 answers;
	unsigned	 writes;
	const char	*transcript;
} sizes[] = {
	{ 0, 0, 0, 2, 3, O6 " L(F||) <c E <c" },
	{ 10, 65535, 0, 3, 4, O6 " L(F|xxxxxxxxxx|) <c B[65535] <c E <c" },
	{ 10, 65536, 0, 4, 5,
	    O6 " L(F|xxxxxxxxxx|) <c B[65535] <c B(y) <c E <c" },
	{ 10, 200000, 0, 6, 7, O6 " L(F|xxxxxxxxxx|) <c B[65535] <c "
	    "B[65535] <c B[65535] <c B[3395] <c E <c" },
	{ 10, 200000, QUIET_ALL, 1, 6, O6 " L(F|xxxxxxxxxx|) B[65535] "
	    "B[65535] B[65535] B[3395] E <c Q" },
	{ 10, 1, QUIET_ALL, 1, 3, O6 " L(F|xxxxxxxxxx|) B(y) E <c Q" },
	{ 65532, 1, 0, 3, 4, O6 " L[65535] <c B(y) <c E <c" },
	{ 65533, 1, 0, 3, 4, O6 " L[65535] <c B(y) <c E <c" },
	{ 900000, 1, 0, 3, 4, O6 " L[65535] <c B(y) <c E <c" },
};

START_TEST(tells_in_pieces)
{
	const struct wish wish = WISH(0, (EXCEPT(MILTER_NO_HEADERS |
	    MILTER_NO_BODY)) | sizes[_i].quiet);
	struct talk talk = { .changes = CHANGES_INIT };
	char *value = calloc(1, sizes[_i].value_len + 1);
	unsigned char *body = calloc(1, sizes[_i].body_len + 1);
	const struct child_field field = { "F", value };
	const struct child_message message = {
		.field_count = 1, .fields = &field, .body = body,
		.body_len = sizes[_i].body_len,
	};
	struct play plays[] = { C, { .kind = PLAY_END } };

	memset(value, 'x', sizes[_i].value_len);
	memset(body, 'y', sizes[_i].body_len);
	plays[0].times = sizes[_i].answers - 1;
	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	talk.said = child_message(talk.child, NULL, NULL, &message,
	    talk.arena, &talk.changes);
	ck_assert_int_eq(letter(talk.said), '.');
	ck_assert_str_eq(talk.world.transcript.text, sizes[_i].transcript);
	ck_assert_uint_eq(talk.world.writes, sizes[_i].writes);
	talk_end(&talk);
	free(value);
	free(body);
}
END_TEST

/* One that has seen enough of a body sees all of the next. */
START_TEST(skips_the_rest)
{
	const struct wish wish = WISH(0, EXCEPT(MILTER_NO_BODY) |
	    MILTER_SKIP_OFFERED);
	const struct play plays[] = { C, SAYS("s"), C, C, C, C, C, C,
		{ .kind = PLAY_END } };
	unsigned char *body = calloc(1, 200000);
	const struct child_message message = {
		.body = body, .body_len = 200000,
	};
	struct talk talk = { .changes = CHANGES_INIT };

	talk_begin(&talk, 6, true);
	talk.world.wish = &wish;
	talk.world.plays = plays;
	for (int i = 0; i < 2; i++)
		talk.said = child_message(talk.child, NULL, NULL, &message,
		    talk.arena, &talk.changes);
	ck_assert_int_eq(letter(talk.said), '.');
	ck_assert_str_eq(talk.world.transcript.text, O6
	    " B[65535] <c B[65535] <s E <c "
	    "B[65535] <c B[65535] <c B[65535] <c B[3395] <c E <c");
	talk_end(&talk);
	free(body);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ tells_in_pieces, COUNT(sizes) },
		{ skips_the_rest, 1 },
	};

	return table_run("child_message", tests, COUNT(tests));
}
