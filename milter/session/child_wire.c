#include "session/child_inside.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "session/env.h"
#include "session/milter.h"

uint64_t
child_now_ms(const struct child *child)
{
	return child->env->now_ms(child->env->world);
}

/* What is left until then: 0 is too late. */
static unsigned
left_ms(const struct child *child, uint64_t until_ms)
{
	uint64_t now = child_now_ms(child);

	return now < until_ms ? (unsigned)(until_ms - now) : 0;
}

static uint64_t
earlier(uint64_t a_ms, uint64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

void
child_set_limit(struct child *child)
{
	if (child->at_end)
		return;
	child->latest_ms = child_now_ms(child) +
	    (uint64_t)child->milter->answer_timeout_ms * CHILD_STRETCH;
	child->due_ms = child->latest_ms;
}

void
child_begin_end(struct child *child)
{
	const uint64_t limit_ms = child->milter->end_timeout_ms;

	if (child->at_end)
		return;
	child->at_end = true;
	child->due_ms = child_now_ms(child) + limit_ms;
	child->latest_ms = child_now_ms(child) + limit_ms * CHILD_STRETCH;
}

uint64_t
child_until(const struct child *child, unsigned wait_ms)
{
	return earlier(child_now_ms(child) + wait_ms, child->due_ms);
}

/* "Still at work": the waits begin anew. */
static void
prolong(struct child *child, unsigned wait_ms, uint64_t *until_ms)
{
	if (child->at_end)
		child->due_ms = earlier(child_now_ms(child) +
		    child->milter->end_timeout_ms, child->latest_ms);
	*until_ms = child_until(child, wait_ms);
}

static void
fail_late(struct child *child, const char *where)
{
	child_fail(child, where, "it took too long");
}

/*
 * Looked for before each command and behind each answer that is the last of
 * its step.  An answer too many that comes later than the next command was
 * written is taken for the answer to that one, and so on, until one is early
 * enough to be noticed.  A milter would have to be so slow each time, from one
 * step to the next, up to the end of a message: then its verdict there is that
 * of the step before, and the real one comes when the next message begins, at
 * worst just after its first command was written.  To send the answer too
 * many, wait, and answer on is more than programs get wrong by themselves.
 */
int
child_check_surplus(struct child *child, const char *where)
{
	if (!child->env->channel_waiting(child->env->world, child->channel))
		return 0;
	child_fail(child, where, CHILD_SURPLUS);
	return -1;
}

int
child_flush(struct child *child, const char *where)
{
	struct diag why = DIAG_INIT;
	unsigned left = left_ms(child, child_until(child,
	    child->milter->answer_timeout_ms));

	if (child->out.len == 0)
		return 0;
	if (left == 0) {
		fail_late(child, where);
		return -1;
	}
	if (child_check_surplus(child, where) == -1)
		return -1;
	if (child->env->channel_write(child->env->world, child->channel,
	    child->out.text, child->out.len, left, &why) == -1) {
		child_fail_diag(child, where, &why);
		return -1;
	}
	strbuf_reset(&child->out);
	return 0;
}

static int
read_bytes(struct child *child, const char *where, uint64_t until_ms,
    unsigned char *bytes, size_t len)
{
	struct diag why = DIAG_INIT;
	unsigned left = left_ms(child, until_ms);

	if (left == 0) {
		fail_late(child, where);
		return -1;
	}
	if (child->env->channel_read(child->env->world, child->channel, bytes,
	    len, left, &why) == -1) {
		child_fail_diag(child, where, &why);
		return -1;
	}
	return 0;
}

int
child_read(struct child *child, const char *where, uint64_t until_ms,
    size_t *len)
{
	unsigned char head[MILTER_HEAD_BYTES];
	struct diag why = DIAG_INIT;

	if (read_bytes(child, where, until_ms, head, sizeof(head)) == -1)
		return -1;
	if (milter_read_head(head, len, &why) == -1) {
		child_fail_diag(child, where, &why);
		return -1;
	}
	if (*len > child->packet_room) {
		free(child->packet);
		child->packet = xmalloc(*len);
		child->packet_room = *len;
	}
	return read_bytes(child, where, until_ms, child->packet, *len);
}

int
child_hear(struct child *child, enum step step, unsigned wait_ms,
    uint64_t *until_ms)
{
	const char *where = child_steps[step].name;
	struct diag why = DIAG_INIT;
	size_t len;

	for (;;) {
		if (child_read(child, where, *until_ms, &len) == -1)
			return -1;
		arena_reset(child->answer);
		if (milter_read(&child->heard, child->answer, child->packet,
		    len, &why) == -1) {
			child_fail_diag(child, where, &why);
			return -1;
		}
		if (child->heard.answer == MILTER_PROGRESS)
			prolong(child, wait_ms, until_ms);
		else if (child_change_name(child->heard.answer) != NULL)
			return 0;
		else
			return child_check_surplus(child, where);
	}
}
