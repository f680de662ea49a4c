#include "session/child_inside.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "session/env.h"
#include "session/milter.h"

#define AT_CONNECTION	"connection"
#define AT_NEGOTIATION	"negotiation"

struct child *
child_new(const struct milter *milter, const struct env *env,
    const struct child_terms *terms)
{
	struct child *child = xcalloc(1, sizeof(*child));
	unsigned version = milter->version;

	if (version < MILTER_VERSION_MIN)
		version = MILTER_VERSION_MIN;
	if (version > MILTER_VERSION_MAX)
		version = MILTER_VERSION_MAX;
	child->milter = milter;
	child->env = env;
	child->terms = terms;
	child->offer.version = version;
	child->offer.actions = terms->offered.actions &
	    milter_known_actions(version);
	child->offer.steps = terms->offered.steps &
	    milter_known_steps(version);
	if (!terms->leading_space)
		child->offer.steps &= ~MILTER_LEADING_SPACE;
	child->foretold_arena = arena_new();
	child->connection = arena_new();
	child->answer = arena_new();
	for (int p = 0; p < MILTER_PLACE_COUNT; p++)
		strbuf_init(&child->unsent[p]);
	strbuf_init(&child->out);
	strbuf_init(&child->reply);
	strbuf_init(&child->why);
	return child;
}

void
child_free(struct child *child)
{
	if (child == NULL)
		return;
	child_reset(child);
	for (int p = 0; p < MILTER_PLACE_COUNT; p++)
		strbuf_release(&child->unsent[p]);
	strbuf_release(&child->out);
	strbuf_release(&child->reply);
	strbuf_release(&child->why);
	free(child->packet);
	arena_free(child->foretold_arena);
	arena_free(child->connection);
	arena_free(child->answer);
	free(child);
}

void
child_drop_macros(struct child *child, enum milter_place place)
{
	for (int p = (int)place; p < MILTER_PLACE_COUNT; p++)
		strbuf_reset(&child->unsent[p]);
}

/* All that is of the connection goes with it. */
static void
close_channel(struct child *child)
{
	if (child->channel == NULL)
		return;
	child->env->channel_close(child->env->world, child->channel);
	child->channel = NULL;
	child->in_message = false;
	child->told_quiet = false;
	strbuf_reset(&child->out);
	memset(child->told_macros, 0, sizeof(child->told_macros));
	arena_reset(child->connection);
}

/*
 * A command that nobody answers, behind what was not yet written, now or
 * never: who says it may hold a lock that all sessions wait for.  Returns 0 or
 * -1.
 */
static int
say(struct child *child, enum milter_command command)
{
	struct diag why = DIAG_INIT;
	int rc;

	milter_write(&child->out, command);
	rc = child->env->channel_write(child->env->world, child->channel,
	    child->out.text, child->out.len, 0, &why);
	strbuf_reset(&child->out);
	diag_release(&why);
	return rc;
}

/*
 * What was not yet written is of no use any more, and a milter that does not
 * take its QUIT does not matter.
 */
void
child_close(struct child *child)
{
	if (child->channel == NULL)
		return;
	if (!child->reported)
		child->env->milter_left(child->env->world, child->milter,
		    child->opened_ms);
	strbuf_reset(&child->out);
	say(child, MILTER_QUIT);
	close_channel(child);
}

int
child_part(struct child *child, const char *where)
{
	struct diag why = DIAG_INIT;
	unsigned char byte;
	bool more;

	say(child, MILTER_QUIT);
	/* Who does not close at QUIT does it at the end of what there is. */
	child->env->channel_finish(child->env->world, child->channel);
	more = child->env->channel_read(child->env->world, child->channel,
	    &byte, 1, CHILD_PARTING_MS, &why) == 0;
	diag_release(&why);
	if (more) {
		child_fail(child, where, CHILD_SURPLUS);
		return -1;
	}
	close_channel(child);
	return 0;
}

void
child_end_message(struct child *child)
{
	bool spent = child->in_message && child->told_quiet;

	child->in_message = false;
	child->at_end = false;
	child->praised = false;
	child_drop_macros(child, MILTER_AT_MAIL);
	if (child->scope == SCOPE_MESSAGE)
		child->scope = SCOPE_NONE;
	if (spent)
		child_close(child);
}

void
child_reset(struct child *child)
{
	child_close(child);
	child_drop_macros(child, MILTER_AT_CONNECT);
	child->scope = SCOPE_NONE;
	child->at_end = false;
}

void
child_worked(struct child *child)
{
	if (!child->praised)
		child->env->milter_worked(child->env->world, child->milter,
		    child->opened_ms);
	child->praised = true;
	child->reported = true;
}

static struct child_said
give_up(struct child *child, bool rested)
{
	if (!rested)
		child->env->milter_failed(child->env->world, child->milter,
		    child->why.text);
	close_channel(child);
	child->scope = SCOPE_CONNECTION;
	child->last_word = (struct child_said){
		.result = CHILD_FAILED,
		.reply = "",
		.why = child->why.text,
		.rested = rested,
	};
	return child->last_word;
}

static struct child_said
fail_text(struct child *child, const char *where, const char *reason)
{
	struct strbuf why = STRBUF_INIT;

	strbuf_addf(&why, "%s: %s", where, reason);
	strbuf_release(&child->why);
	child->why = why;
	return give_up(child, false);
}

struct child_said
child_fail(struct child *child, const char *where, const char *format, ...)
{
	struct strbuf reason = STRBUF_INIT;
	struct child_said said;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&reason, format, args);
	va_end(args);
	said = fail_text(child, where, reason.text);
	strbuf_release(&reason);
	return said;
}

struct child_said
child_fail_diag(struct child *child, const char *where, struct diag *diag)
{
	struct child_said said = fail_text(child, where, diag_first(diag));

	diag_release(diag);
	return said;
}

static int
connect_to(struct child *child)
{
	struct diag why = DIAG_INIT;
	bool rested = false;

	child->opened_ms = child_now_ms(child);
	child->channel = child->env->channel_open(child->env->world,
	    child->milter, &rested, &why);
	child->reported = false;
	child->praised = false;
	if (child->channel != NULL) {
		diag_release(&why);
		return 0;
	}
	if (rested) {
		strbuf_reset(&child->why);
		strbuf_adds(&child->why, diag_first(&why));
		diag_release(&why);
		give_up(child, true);
	} else
		child_fail_diag(child, AT_CONNECTION, &why);
	return -1;
}

static int
negotiate(struct child *child)
{
	struct diag why = DIAG_INIT;
	size_t len;

	milter_write_negotiate(&child->out, &child->offer);
	if (child_flush(child, AT_NEGOTIATION) == -1 ||
	    child_read(child, AT_NEGOTIATION, child_until(child,
	    child->milter->answer_timeout_ms), &len) == -1)
		return -1;
	if (len > CHILD_TERMS_BYTES_MAX) {
		child_fail(child, AT_NEGOTIATION, "terms of %zu bytes, more "
		    "than the %d that are taken", len, CHILD_TERMS_BYTES_MAX);
		return -1;
	}
	if (milter_read_terms(&child->agreed, child->connection,
	    &child->offer, child->packet, len, &why) == -1) {
		child_fail_diag(child, AT_NEGOTIATION, &why);
		return -1;
	}
	return 0;
}

int
child_open(struct child *child)
{
	uint64_t begun_ms = child_now_ms(child), took_ms;

	if (child->channel != NULL)
		return 0;
	if (connect_to(child) == -1)
		return -1;
	/* Connecting has a time limit of its own. */
	took_ms = child_now_ms(child) - begun_ms;
	child->due_ms += took_ms;
	child->latest_ms += took_ms;
	return negotiate(child);
}

const struct milter_terms *
child_negotiate(struct child *child, struct child_said *said)
{
	*said = (struct child_said){ .reply = "", .why = "" };
	if (child->scope == SCOPE_CONNECTION) {
		*said = child->last_word;
		return NULL;
	}
	child_set_limit(child);
	if (child_open(child) == -1) {
		*said = child->last_word;
		return NULL;
	}
	return &child->agreed;
}

void
child_foretell(struct child *child, const struct milter_terms *terms)
{
	arena_reset(child->foretold_arena);
	child->is_foretold = true;
	child->foretold = *terms;
	child->foretold.steps &= child->offer.steps;
	for (int p = 0; p < MILTER_PLACE_COUNT; p++)
		if (terms->symbols[p] != NULL)
			child->foretold.symbols[p] = arena_strdup(
			    child->foretold_arena, terms->symbols[p]);
}

bool
child_is_open(const struct child *child)
{
	return child->channel != NULL;
}

/* No answer was due: one who is gone is found out by the next message. */
void
child_abort(struct child *child)
{
	if (child->in_message && say(child, MILTER_ABORT) == -1)
		child_close(child);
	child_end_message(child);
}
