/*
 * scripted - a milter with a script, in memory, and the MTA's conversation with
 * it: for the tests of a child.
 */
#ifndef TESTS_SCRIPTED_H
#define TESTS_SCRIPTED_H

#include <check.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/ip.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "session/child.h"
#include "session/env.h"
#include "session/milter.h"
#include "table.h"

/*
 * A milter that exists in memory: it says what its script has, one thing after
 * the other, and everything that goes over the wire is written down.
 */
enum play_kind {
	PLAY_END,		/* silent for ever; closes when we do */
	PLAY_HANG,		/* not even then */
	PLAY_PACKET,
	PLAY_RAW,		/* bytes as they are */
	PLAY_STRAY,		/* a packet that is there by itself, when it
				   was looked for so many times */
	PLAY_WAIT,		/* ms pass */
	PLAY_CLOSE
};

struct play {
	enum play_kind	 kind;
	const char	*bytes;
	size_t		 len;
	unsigned	 ms;
	unsigned	 times;		/* more than once */
};

#define SAYS(s)		{ .kind = PLAY_PACKET, .bytes = (s), \
			    .len = sizeof(s) - 1 }
#define RAW(s)		{ .kind = PLAY_RAW, .bytes = (s), \
			    .len = sizeof(s) - 1 }
#define STRAY(s, n)	{ .kind = PLAY_STRAY, .bytes = (s), \
			    .len = sizeof(s) - 1, .times = (n) }
#define WAIT(n)		{ .kind = PLAY_WAIT, .ms = (n) }
#define CLOSE		{ .kind = PLAY_CLOSE }
#define HANG		{ .kind = PLAY_HANG }
#define PLAYS_MAX	24

/* The terms that the milter answers with. */
struct wish {
	unsigned	 version;
	uint32_t	 actions, steps;
	const char	*symbols;	/* behind the numbers */
	size_t		 symbols_len;
};

struct world {
	const struct wish *wish;	/* NULL: it says nothing by itself */
	const struct play *plays;
	unsigned	 played;	/* of the first, how often */
	struct strbuf	 incoming;	/* not yet read */
	size_t		 read;		/* of it */
	struct strbuf	 transcript;
	struct strbuf	 failures;
	uint64_t	 now_ms;
	bool		 rested, unreachable, deaf;
	bool		 finished;	/* we write no more */
	unsigned	 connect_ms;	/* that it takes */
	unsigned	 write_ms;	/* each */
	unsigned	 writes;
	unsigned	 opened, closed, worked, failed, left;
	uint64_t	 opened_ms;
};

#define ANSWER_MS	1000u
#define END_MS		5000u

static inline uint64_t
fake_now(void *p)
{
	struct world *world = p;

	return world->now_ms;
}

static inline void
add_packet(struct strbuf *out, const char *bytes, size_t len)
{
	const char head[] = { (char)(len >> 24), (char)(len >> 16),
	    (char)(len >> 8), (char)len };

	strbuf_add(out, head, sizeof(head));
	strbuf_add(out, bytes, len);
}

static inline void
add_wish(struct world *world, const struct wish *wish)
{
	const uint32_t numbers[] = { wish->version, wish->actions,
	    wish->steps };
	struct strbuf packet = STRBUF_INIT;

	strbuf_addch(&packet, 'O');
	for (int i = 0; i < COUNT(numbers); i++)
		for (int shift = 24; shift >= 0; shift -= 8)
			strbuf_addch(&packet, (char)(numbers[i] >> shift));
	strbuf_add(&packet, wish->symbols, wish->symbols_len);
	add_packet(&world->incoming, packet.text, packet.len);
	strbuf_release(&packet);
}

static inline void
next_play(struct world *world)
{
	if (++world->played > world->plays->times) {
		world->plays++;
		world->played = 0;
	}
}

static inline struct channel *
fake_open(void *p, const struct milter *milter, bool *rested,
    struct diag *why)
{
	struct world *world = p;

	(void)milter;
	if (world->rested || world->unreachable) {
		*rested = world->rested;
		diag_error(why, world->rested ? "rests" : "refused");
		return NULL;
	}
	world->opened++;
	world->finished = false;
	world->opened_ms = world->now_ms;
	world->now_ms += world->connect_ms;
	ck_assert_uint_eq(world->opened, world->closed + 1);
	strbuf_reset(&world->incoming);
	world->read = 0;
	return (struct channel *)p;
}

static inline void
fake_close(void *p, struct channel *channel)
{
	struct world *world = p;

	ck_assert_ptr_eq(channel, p);
	world->closed++;
	ck_assert_uint_eq(world->opened, world->closed);
	/* It closed this connection; the next is another one. */
	if (world->plays != NULL && world->plays->kind == PLAY_CLOSE)
		next_play(world);
}

static inline void
fake_worked(void *p, const struct milter *milter, uint64_t opened_ms)
{
	struct world *world = p;

	(void)milter;
	ck_assert_uint_eq(opened_ms, world->opened_ms);
	world->worked++;
}

static inline void
fake_left(void *p, const struct milter *milter, uint64_t opened_ms)
{
	struct world *world = p;

	(void)milter;
	ck_assert_uint_eq(opened_ms, world->opened_ms);
	world->left++;
}

static inline void
fake_failed(void *p, const struct milter *milter, const char *why)
{
	struct world *world = p;

	(void)milter;
	world->failed++;
	strbuf_adds(&world->failures, why);
}

static inline size_t
number_at(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;

	return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 |
	    b[3];
}

/* "C(mail|4|)": NULs as bars; of what is long, how much it is. */
static inline void
write_down(struct strbuf *out, const char *bytes, size_t len)
{
	strbuf_addf(out, "%s%c", out->len > 0 ? " " : "", bytes[0]);
	if (len == 1)
		return;
	if (bytes[0] == 'O') {
		ck_assert_uint_eq(len, 13);
		strbuf_addf(out, "(%zu,%zx,%zx)", number_at(bytes + 1),
		    number_at(bytes + 5), number_at(bytes + 9));
		return;
	}
	if (len > 100) {
		strbuf_addf(out, "[%zu]", len - 1);
		return;
	}
	strbuf_addch(out, '(');
	for (size_t i = 1; i < len; i++)
		if (bytes[i] == '\0')
			strbuf_addch(out, '|');
		else if (text_is_print(bytes[i]))
			strbuf_addch(out, bytes[i]);
		else
			strbuf_addf(out, "<%02x>", (unsigned char)bytes[i]);
	strbuf_addch(out, ')');
}

/* Only whole packets are written, however many at once. */
static inline int
fake_write(void *p, struct channel *channel, const void *bytes, size_t len,
    unsigned timeout_ms, struct diag *why)
{
	struct world *world = p;
	const char *packet = bytes;

	ck_assert_ptr_eq(channel, p);
	ck_assert(!world->finished);
	ck_assert_uint_le(timeout_ms, ANSWER_MS);
	if (world->deaf) {
		diag_error(why, "broken");
		return -1;
	}
	world->writes++;
	world->now_ms += world->write_ms;
	while (len > 0) {
		size_t size;

		ck_assert_uint_gt(len, 4);
		size = number_at(packet);
		ck_assert_uint_le(size, MILTER_BODY_BYTES_MAX + 1);
		ck_assert_uint_le(size, len - 4);
		write_down(&world->transcript, packet + 4, size);
		/* Nobody waits for these to be taken. */
		if (len == 4 + size)
			ck_assert_int_eq(timeout_ms == 0, packet[4] == 'A' ||
			    packet[4] == 'Q');
		if (packet[4] == 'O' && world->wish != NULL)
			add_wish(world, world->wish);
		packet += 4 + size;
		len -= 4 + size;
	}
	return 0;
}

/* Makes more bytes come in; -1: there are none in time. */
static inline int
play(struct world *world, uint64_t until_ms, struct diag *why)
{
	const struct play *now = world->plays;

	switch (now->kind) {
	case PLAY_PACKET:
	case PLAY_STRAY:
		strbuf_addf(&world->transcript, " <%c", now->bytes[0]);
		add_packet(&world->incoming, now->bytes, now->len);
		break;
	case PLAY_RAW:
		strbuf_adds(&world->transcript, " <?");
		strbuf_add(&world->incoming, now->bytes, now->len);
		break;
	case PLAY_WAIT:
		world->now_ms += now->ms;
		if (world->now_ms < until_ms)
			break;
		/* FALLTHROUGH */
	case PLAY_END:
		if (world->finished) {
			diag_error(why, "closed");
			return -1;
		}
		/* FALLTHROUGH */
	case PLAY_HANG:
		world->now_ms = until_ms;
		diag_error(why, "no answer");
		return -1;
	case PLAY_CLOSE:
		diag_error(why, "closed");
		return -1;
	}
	next_play(world);
	return 0;
}

static inline int
fake_read(void *p, struct channel *channel, void *bytes, size_t len,
    unsigned timeout_ms, struct diag *why)
{
	struct world *world = p;
	uint64_t until_ms = world->now_ms + timeout_ms;

	ck_assert_ptr_eq(channel, p);
	ck_assert_uint_gt(timeout_ms, 0);
	while (world->incoming.len - world->read < len)
		if (play(world, until_ms, why) == -1)
			return -1;
	memcpy(bytes, world->incoming.text + world->read, len);
	world->read += len;
	if (world->read == world->incoming.len) {
		strbuf_reset(&world->incoming);
		world->read = 0;
	}
	return 0;
}

static inline bool
fake_waiting(void *p, struct channel *channel)
{
	struct world *world = p;

	ck_assert_ptr_eq(channel, p);
	if (world->incoming.len > world->read)
		return true;
	return world->plays != NULL && world->plays->kind == PLAY_STRAY &&
	    world->played++ == world->plays->times;
}

static inline void
fake_finish(void *p, struct channel *channel)
{
	struct world *world = p;

	ck_assert_ptr_eq(channel, p);
	world->finished = true;
}

static inline struct env
world_env(struct world *world)
{
	strbuf_init(&world->incoming);
	strbuf_init(&world->transcript);
	strbuf_init(&world->failures);
	return (struct env){
		.world = world, .now_ms = fake_now,
		.channel_open = fake_open, .channel_write = fake_write,
		.channel_read = fake_read, .channel_close = fake_close,
		.channel_waiting = fake_waiting, .channel_finish = fake_finish,
		.milter_worked = fake_worked, .milter_failed = fake_failed,
		.milter_left = fake_left,
	};
}

static inline void
world_release(struct world *world)
{
	ck_assert_uint_eq(world->opened, world->closed);
	strbuf_release(&world->incoming);
	strbuf_release(&world->transcript);
	strbuf_release(&world->failures);
}

#define BODY	"Hello.\r\n"

static const struct child_field fields[] = {
	{ "From", " ann@example.com" },
	{ "Subject", "\tof\n\tmany lines" },
};
static const struct child_field bare_fields[] = {
	{ "From", "ann@example.com" },
	{ "Subject", " two" },
};
static const struct milter_macro given[] = {
	{ "i", "Q1" },
	{ "j", "mx" },
	{ "auth_type", "PLAIN" },
};
static const struct child_macros macros = { 3, given };
static const struct child_macros no_macros = { 0, NULL };

/* One conversation: what is set up, and what came of it. */
struct talk {
	struct world		 world;
	struct env		 env;
	struct milter		 milter;
	struct child_terms	 terms;
	struct child		*child;
	struct arena		*arena;
	struct changes		 changes;
	struct child_said	 said;
	const struct child_macros *macros;
};

static const struct milter_terms all = {
	.version = 6, .actions = MILTER_MAY_ALL, .steps = 0x1fffff,
};

static inline void
talk_begin(struct talk *talk, unsigned version, bool leading_space)
{
	talk->env = world_env(&talk->world);
	talk->milter = (struct milter){
		.name = "filter", .version = version,
		.connect_timeout_ms = ANSWER_MS,
		.answer_timeout_ms = ANSWER_MS, .end_timeout_ms = END_MS,
	};
	talk->terms = (struct child_terms){
		.offered = all, .leading_space = leading_space,
	};
	talk->arena = arena_new();
	talk->child = child_new(&talk->milter, &talk->env, &talk->terms);
}

static inline void
talk_end(struct talk *talk)
{
	arena_free(talk->arena);
	child_free(talk->child);
	world_release(&talk->world);
}

static inline struct child_said
tell_message(struct talk *talk)
{
	const struct child_message message = {
		.field_count = 2,
		.fields = talk->terms.leading_space ? fields : bare_fields,
		.body = (const unsigned char *)BODY,
		.body_len = strlen(BODY),
	};

	return child_message(talk->child, talk->macros, talk->macros,
	    &message, talk->arena, &talk->changes);
}

static inline char
letter(struct child_said said)
{
	static const char letters[] = ".artds!";

	ck_assert_ptr_nonnull(said.reply);
	ck_assert_ptr_nonnull(said.why);
	ck_assert_int_eq(*said.why != '\0', said.result == CHILD_FAILED);
	if (said.result != CHILD_REFUSES && said.result != CHILD_DEFERS)
		ck_assert_str_eq(said.reply, "");
	return letters[said.result];
}

/*
 * Tells one step: C H M R T (data) U, E (the message), A (abort), X (reset),
 * O (negotiate), B (the end begins).  Returns what came of it, see letter().
 */
static inline char
tell(struct talk *talk, char step)
{
	static const char *const sender[] = { "<ann@example.com>", "SIZE=9" };
	static const char *const recipient[] = { "<bob@example.net>" };
	const struct ip ip = { .family = 4, .bytes = { 192, 0, 2, 1 } };
	struct child *child = talk->child;

	talk->said = (struct child_said){ .reply = "", .why = "" };
	switch (step) {
	case 'C':
		talk->said = child_connect(child, talk->macros, "client", &ip,
		    0x4142);
		break;
	case 'H':
		talk->said = child_helo(child, talk->macros, "helo");
		break;
	case 'M':
		talk->said = child_mail(child, talk->macros, sender, 2);
		break;
	case 'R':
		talk->said = child_rcpt(child, talk->macros, recipient, 1);
		break;
	case 'T':
		talk->said = child_data(child, talk->macros);
		break;
	case 'U':
		talk->said = child_unknown(child, "XYZZY");
		break;
	case 'E':
		talk->said = tell_message(talk);
		break;
	case 'A':
		child_abort(child);
		break;
	case 'B':
		child_begin_end(child);
		break;
	case 'X':
		child_reset(child);
		break;
	case 'O':
		ck_assert((child_negotiate(child, &talk->said) != NULL) ==
		    (talk->said.result == CHILD_GOES_ON));
		break;
	default:
		ck_abort_msg("step %c", step);
	}
	return letter(talk->said);
}

static inline void
tell_all(struct talk *talk, const char *steps, char *results)
{
	for (; *steps != '\0'; steps++)
		*results++ = tell(talk, *steps);
	*results = '\0';
}

#define C	SAYS("c")
#define O6	"O(6,1ff,1fffff)"
#define WISH(a, s)	{ .version = 6, .actions = (a), .steps = (s) }
#define EXCEPT(s)	(0x37fu & ~(s))		/* wants only this */
#define QUIET_ALL	0x0ff080u
#define SYMBOLS(s)	.symbols = (s), .symbols_len = sizeof(s) - 1
#define NO_FIELDS	MILTER_NO_HEADERS

/* From an earlier connection, which leaves no trace. */
static inline void
foretell(struct talk *talk)
{
	const struct milter_terms *terms = child_negotiate(talk->child,
	    &talk->said);

	ck_assert_ptr_nonnull(terms);
	child_foretell(talk->child, terms);
	child_reset(talk->child);
	strbuf_reset(&talk->world.transcript);
	talk->world.left = 0;
}

#endif
