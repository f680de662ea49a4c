#include "session/child_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/milter.h"

/*
 * The name has a packet that is full to itself only where somebody plays with
 * us: then it goes without a value.
 */
static void
write_field(struct child *child, const char *name, const char *value)
{
	size_t taken = strlen(name) + 2;	/* two NULs */
	size_t room = taken < MILTER_BODY_BYTES_MAX ?
	    MILTER_BODY_BYTES_MAX - taken : 0;
	char *cut = strlen(value) > room ? xstrndup(value, room) : NULL;

	milter_write_texts(&child->out, MILTER_HEADER,
	    (const char *const []){ name, cut != NULL ? cut : value }, 2);
	free(cut);
}

/*
 * A value without its leading space is what a milter gets that did not ask for
 * it; only one is taken off, and no tab.
 */
static struct child_said
tell_headers(struct child *child, const struct child_message *message)
{
	struct child_said said = { .reply = "", .why = "" };

	for (size_t i = 0; i < message->field_count &&
	    said.result == CHILD_GOES_ON; i++) {
		const struct child_field *field = &message->fields[i];
		const char *value = field->value;

		if (!child_begin(child, STEP_HEADER, NULL, &said))
			return said;
		if (child->terms->leading_space && *value == ' ' &&
		    (child->agreed.steps & MILTER_LEADING_SPACE) == 0)
			value++;
		write_field(child, field->name, value);
		said = child_finish(child, STEP_HEADER);
	}
	return said;
}

static struct child_said
tell_end_of_headers(struct child *child, const struct child_macros *macros)
{
	struct child_said said;

	if (!child_begin(child, STEP_END_OF_HEADERS, macros, &said))
		return said;
	milter_write(&child->out, MILTER_END_OF_HEADERS);
	return child_finish(child, STEP_END_OF_HEADERS);
}

static struct child_said
tell_body(struct child *child, const struct child_message *message)
{
	struct child_said said = { .reply = "", .why = "" };
	size_t len;

	for (size_t at = 0; at < message->body_len &&
	    said.result == CHILD_GOES_ON; at += len) {
		len = message->body_len - at;
		if (len > MILTER_BODY_BYTES_MAX)
			len = MILTER_BODY_BYTES_MAX;
		if (!child_begin(child, STEP_BODY, NULL, &said))
			return said;
		milter_write_bytes(&child->out, MILTER_BODY,
		    message->body + at, len);
		said = child_finish(child, STEP_BODY);
		if (child->skips)
			break;
	}
	return said;
}

/*
 * Changes come in any number before the answer, and prolong nothing.  The
 * answer to a step that should have none would look as that to this one: with
 * such steps, it counts once the milter has said nothing more.
 */
static struct child_said
tell_end(struct child *child, const struct child_macros *macros,
    struct collected *collected)
{
	unsigned wait_ms = child->milter->end_timeout_ms;
	struct child_said said;
	uint64_t until_ms;

	if (!child_begin(child, STEP_END, macros, &said))
		return said;
	milter_write(&child->out, MILTER_END);
	if (child_flush(child, child_steps[STEP_END].name) == -1)
		return child->last_word;
	until_ms = child_until(child, wait_ms);
	for (;;) {
		if (child_hear(child, STEP_END, wait_ms, &until_ms) == -1)
			return child->last_word;
		if (child_change_name(child->heard.answer) == NULL)
			break;
		if (child_collect(child, collected) == -1)
			return child->last_word;
	}
	if (child->told_quiet &&
	    child_part(child, child_steps[STEP_END].name) == -1)
		return child->last_word;
	return child_judge(child, STEP_END);
}

struct child_said
child_message(struct child *child, const struct child_macros *eoh_macros,
    const struct child_macros *end_macros,
    const struct child_message *message, struct arena *arena,
    struct changes *changes)
{
	struct collected collected = {
		.arena = arena, .body = STRBUF_INIT,
	};
	struct child_said said;

	child_begin_end(child);
	child->skips = false;
	said = tell_headers(child, message);
	if (said.result == CHILD_GOES_ON)
		said = tell_end_of_headers(child, eoh_macros);
	if (said.result == CHILD_GOES_ON)
		said = tell_body(child, message);
	if (said.result == CHILD_GOES_ON) {
		said = tell_end(child, end_macros, &collected);
		if (said.result == CHILD_GOES_ON ||
		    said.result == CHILD_ACCEPTS)
			child_hand_over(&collected, changes);
	}
	strbuf_release(&collected.body);
	return said;
}
