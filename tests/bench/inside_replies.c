/*
 * The refusals of other software: known for what they are, and rewritten as
 * Postfix's reject filter asks for it.
 */
#include "inside.h"

#include <stdlib.h>
#include <string.h>

#include "../unit/judged.h"
#include "base/arena.h"
#include "base/strbuf.h"
#include "reply/recognise.h"
#include "reply/unwrap.h"
#include "session/map.h"
#include "session/refused.h"

#define ROUNDS_EACH	20	/* over all replies, in one that is measured */

static const char *const replies[] = {
#define CASE(file, at, words, name)	(words),
#include "reply/cases.def"
#undef CASE
};

#define REPLIES	(sizeof(replies) / sizeof(replies[0]))

struct reading {
	const struct rules	*rules;
	struct env		 env;
	struct refused		*refused;
	struct arena		*arena;		/* one reply */
	struct unwrapped	 unwrapped[REPLIES];
	struct strbuf		 text;
	size_t			 known;
};

static void
recognise_each(void *arg, size_t count)
{
	struct reading *reading = arg;

	for (size_t i = 0; i < count; i++) {
		struct recognition recognition = recognise(reading->arena,
		    reading->rules->knowledge, "",
		    &reading->unwrapped[i % REPLIES]);

		reading->known += recognition.meaning != NULL;
		arena_reset(reading->arena);
	}
}

static void
unwrap_each(void *arg, size_t count)
{
	struct reading *reading = arg;

	for (size_t i = 0; i < count; i++) {
		const char *text = replies[i % REPLIES];
		struct unwrapped unwrapped = unwrap_said(reading->arena, text,
		    strlen(text));

		reading->known += recognise(reading->arena,
		    reading->rules->knowledge, "", &unwrapped).meaning != NULL;
		arena_reset(reading->arena);
	}
}

static void
answer_each(void *arg, size_t count)
{
	struct reading *reading = arg;

	for (size_t i = 0; i < count; i++) {
		const char *key = replies[i % REPLIES];
		const struct socketmap_request request = {
			.name = "filter", .name_len = strlen("filter"),
			.key = key, .key_len = strlen(key),
		};

		reading->known += map_answer(reading->rules, &reading->env,
		    reading->refused, reading->arena, &request,
		    &reading->text) == SOCKETMAP_OK;
		strbuf_reset(&reading->text);
		arena_reset(reading->arena);
	}
}

static size_t
replies_each(const struct inside *inside)
{
	return REPLIES * (inside->instructions ? 1 : ROUNDS_EACH);
}

static void
say_rate(struct inside *inside, const char *name, double ns)
{
	if (ns > 0)
		inside_figure(inside, name, 1e9 / ns);
}

void
inside_recognise(struct inside *inside)
{
	struct snapshot *snapshot = inside_load("");
	struct reading *reading = calloc(1, sizeof(*reading));
	struct arena *lasting = arena_new();

	if (reading == NULL)
		inside_fail("out of memory");
	reading->rules = snapshot_rules(snapshot);
	reading->arena = arena_new();
	for (size_t i = 0; i < REPLIES; i++)
		reading->unwrapped[i] = unwrap_said(lasting, replies[i],
		    strlen(replies[i]));
	say_rate(inside, "per_second", inside_measure(inside, "recognise",
	    recognise_each, reading, replies_each(inside)));
	say_rate(inside, "unwrap_per_second", inside_measure(inside, "unwrap",
	    unwrap_each, reading, replies_each(inside)));
	arena_free(reading->arena);
	arena_free(lasting);
	free(reading);
	snapshot_put(snapshot);
}

void
inside_rewrite(struct inside *inside)
{
	struct snapshot *snapshot = inside_load("");
	struct reading *reading = calloc(1, sizeof(*reading));

	if (reading == NULL)
		inside_fail("out of memory");
	reading->rules = snapshot_rules(snapshot);
	reading->refused = refused_new();
	reading->env = judged_env(reading->refused);
	reading->arena = arena_new();
	strbuf_init(&reading->text);
	say_rate(inside, "answers_per_second", inside_measure(inside, "answer",
	    answer_each, reading, replies_each(inside)));
	strbuf_release(&reading->text);
	arena_free(reading->arena);
	refused_free(reading->refused);
	free(reading);
	snapshot_put(snapshot);
}
