#include "reply/knowledge.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "reply/cue.h"
#include "reply/finding.h"
#include "reply/origin.h"
#include "reply/reason.h"

#define GRAM		4	/* bytes of a piece that cues are found by */
#define SLOT_BITS	15
#define SLOTS		(1u << SLOT_BITS)
#define TRIED		64	/* cues that are not tried twice on a text */

/* etc/recognise/ORIGIN.conf, as compile.awk turned it into a table. */
static const struct builtin {
	const char *origin;
	const char *reply;
	const char *reason;
	bool doubtful;
} builtins[] = {
#define MEANING(file, pattern, name, low)	\
	{ .origin = (file), .reply = (pattern), .reason = (name),	\
	  .doubtful = (low) },
#include "reply/meanings.def"
#undef MEANING
};

#define BUILTIN_COUNT	(sizeof(builtins) / sizeof(builtins[0]))

struct entry {
	struct meaning meaning;
	size_t file;		/* ORIGIN_NO_FILE: configuration */
	const char *literal;	/* of the cue */
	size_t literal_len;
	size_t gram_at;		/* where its piece begins in the literal */
	bool is_literal;	/* the cue asks for nothing else */
};

/* An entry in the index: the one of this number has this piece. */
struct hook {
	uint32_t gram;
	uint32_t number;
};

/*
 * Each cue hangs at one piece of four bytes of its literal, the one that the
 * fewest other literals hold.  A text is read once: where a piece of it has
 * hooks, and the whole literal stands around it, the cue is tried.  The hooks
 * of a slot are those from starts[slot] to starts[slot + 1], in their order.
 */
struct knowledge {
	struct arena *arena;
	const struct catalogue *catalogue;
	struct entry **entries;	/* once finished, those of the configuration
				   first; until then last */
	size_t count, room;
	size_t builtin_count;
	const struct finder *finder;
	struct hook *hooks;
	uint32_t starts[SLOTS + 1];
};

static uint32_t
gram_at(const char *lower)
{
	uint32_t gram;

	memcpy(&gram, lower, GRAM);
	return gram;
}

static size_t
gram_slot(uint32_t gram)
{
	return (gram * UINT32_C(2654435761)) >> (32 - SLOT_BITS);
}

static void
entry_add(struct knowledge *k, const struct meaning *meaning, size_t file)
{
	const char *literal = cue_literal(meaning->cue);
	struct entry *entry = arena_alloc(k->arena, sizeof(*entry));

	if (k->count == k->room) {
		struct entry **entries;

		k->room = k->room == 0 ? BUILTIN_COUNT + 16 : 2 * k->room;
		entries = arena_alloc(k->arena, k->room * sizeof(*entries));
		if (k->count > 0)
			memcpy(entries, k->entries,
			    k->count * sizeof(*entries));
		k->entries = entries;
	}
	*entry = (struct entry){
		.meaning = *meaning,
		.file = file,
		.literal = literal,
		.literal_len = strlen(literal),
		.is_literal = cue_is_literal(meaning->cue),
	};
	k->entries[k->count++] = entry;
}

static void
builtin_add(struct knowledge *k, const struct builtin *builtin)
{
	struct meaning meaning = {
		.cue = cue_compile_own(k->arena, builtin->reply),
		.origin = builtin->origin,
		.doubtful = builtin->doubtful,
		.place = PLACE_NONE,
	};

	if (strcmp(builtin->reason, UNCLEAR) != 0) {
		meaning.reason = catalogue_find(k->catalogue, builtin->reason);
		if (meaning.reason == NULL)
			abort();
	}
	entry_add(k, &meaning, origin_file_find(builtin->origin));
}

struct knowledge *
knowledge_new(struct arena *arena, const struct catalogue *catalogue)
{
	struct knowledge *k = arena_alloc(arena, sizeof(*k));

	k->arena = arena;
	k->catalogue = catalogue;
	for (size_t i = 0; i < BUILTIN_COUNT; i++)
		builtin_add(k, &builtins[i]);
	k->builtin_count = k->count;
	k->finder = finder_new(arena, catalogue);
	return k;
}

int
knowledge_add(struct knowledge *k, const struct meaning_source *source,
    struct diag *diag)
{
	struct diag problems = DIAG_INIT, why = DIAG_INIT;
	const struct reason *reason = NULL;
	const struct cue *cue;
	size_t errors;

	cue = cue_compile(k->arena, source->reply, &why);
	diag_take(&problems, &why, PLACE_NONE, "reply: ");
	if (strcmp(source->reason, UNCLEAR) != 0 &&
	    (reason = catalogue_find(k->catalogue, source->reason)) == NULL) {
		catalogue_unknown(k->catalogue, source->reason, &why);
		diag_take(&problems, &why, PLACE_NONE, "reason: ");
	}
	errors = problems.errors;
	diag_take(diag, &problems, PLACE_NONE, "");
	if (errors > 0)
		return -1;
	entry_add(k, &(struct meaning){
		.cue = cue,
		.origin = arena_strdup(k->arena, source->from),
		.reason = reason,
		.doubtful = source->doubtful,
		.place = source->place,
	}, ORIGIN_NO_FILE);
	return 0;
}

/* How many literals hold the pieces that share a slot. */
static void
grams_count(const struct knowledge *k, unsigned counts[SLOTS])
{
	for (size_t i = 0; i < k->count; i++) {
		const struct entry *entry = k->entries[i];

		for (size_t at = 0; at + GRAM <= entry->literal_len; at++)
			counts[gram_slot(gram_at(entry->literal + at))]++;
	}
}

static void
gram_choose(struct entry *entry, const unsigned counts[SLOTS])
{
	unsigned fewest = UINT_MAX;

	for (size_t at = 0; at + GRAM <= entry->literal_len; at++) {
		const unsigned others =
		    counts[gram_slot(gram_at(entry->literal + at))];

		if (others < fewest) {
			fewest = others;
			entry->gram_at = at;
		}
	}
}

static size_t
entry_slot(const struct entry *entry)
{
	return gram_slot(gram_at(entry->literal + entry->gram_at));
}

/* Sorts the hooks by their slots: first how many each has, then where. */
static void
hooks_make(struct knowledge *k)
{
	k->hooks = arena_alloc(k->arena, (k->count + 1) * sizeof(*k->hooks));
	for (size_t i = 0; i < k->count; i++)
		k->starts[entry_slot(k->entries[i])]++;
	for (size_t slot = 0, sum = 0; slot <= SLOTS; slot++) {
		sum += k->starts[slot];
		k->starts[slot] = (uint32_t)sum;
	}
	/* From the last on, so that each start ends up where it belongs. */
	for (size_t i = k->count; i > 0; i--) {
		const struct entry *entry = k->entries[i - 1];

		k->hooks[--k->starts[entry_slot(entry)]] = (struct hook){
			.gram = gram_at(entry->literal + entry->gram_at),
			.number = (uint32_t)(i - 1),
		};
	}
}

void
knowledge_finish(struct knowledge *k)
{
	unsigned *counts = xcalloc(SLOTS, sizeof(*counts));
	struct entry **ordered = arena_alloc(k->arena,
	    (k->count + 1) * sizeof(*ordered));
	const size_t added = k->count - k->builtin_count;

	memcpy(ordered, k->entries + k->builtin_count,
	    added * sizeof(*ordered));
	memcpy(ordered + added, k->entries,
	    k->builtin_count * sizeof(*ordered));
	k->entries = ordered;
	grams_count(k, counts);
	for (size_t i = 0; i < k->count; i++)
		gram_choose(ordered[i], counts);
	hooks_make(k);
	free(counts);
}

const struct reason *
knowledge_reason(const struct knowledge *k, const char *name)
{
	return catalogue_find(k->catalogue, name);
}

/* What is asked for: a text, and whose it is. */
struct question {
	const char *origin;
	size_t file;			/* that of origin */
	const char *text, *lower;
	size_t len;
	const struct entry *best;
	size_t best_number;
	const struct entry *tried[TRIED];
};

static bool
is_for(const struct question *q, const struct entry *entry)
{
	return entry->file != ORIGIN_NO_FILE ||
	    origin_match(entry->meaning.origin, q->origin);
}

/* The configuration, then the file of the origin, then the others. */
static unsigned
turn(const struct question *q, const struct entry *entry)
{
	if (entry->file == ORIGIN_NO_FILE)
		return 0;
	return entry->file == q->file ? 1 : 2;
}

static bool
is_better(const struct question *q, const struct entry *entry, size_t number)
{
	unsigned now, then;

	if (q->best == NULL)
		return true;
	now = turn(q, entry);
	then = turn(q, q->best);
	return now != then ? now < then : number < q->best_number;
}

/* Does the literal stand around the piece that begins at at? */
static bool
literal_is_at(const struct question *q, const struct entry *entry, size_t at)
{
	return at >= entry->gram_at &&
	    q->len - (at - entry->gram_at) >= entry->literal_len &&
	    memcmp(q->lower + at - entry->gram_at, entry->literal,
	    entry->literal_len) == 0;
}

static void
entry_ask(struct question *q, const struct entry *entry, size_t number,
    size_t at)
{
	if (!is_better(q, entry, number) || !literal_is_at(q, entry, at) ||
	    !is_for(q, entry) || q->tried[number % TRIED] == entry)
		return;
	/* A text that repeats itself must not cost more than another one. */
	q->tried[number % TRIED] = entry;
	if (entry->is_literal || cue_match(entry->meaning.cue, NULL, q->text,
	    q->lower, q->len, NULL)) {
		q->best = entry;
		q->best_number = number;
	}
}

const struct meaning *
knowledge_find(const struct knowledge *k, const char *origin,
    const char *text, const char *lower, size_t len)
{
	struct question q = {
		.origin = origin, .file = origin_file_find(origin),
		.text = text, .lower = lower, .len = len,
	};

	for (size_t at = 0; at + GRAM <= len; at++) {
		const uint32_t gram = gram_at(lower + at);
		const size_t slot = gram_slot(gram);

		for (uint32_t i = k->starts[slot]; i < k->starts[slot + 1]; i++)
			if (k->hooks[i].gram == gram)
				entry_ask(&q, k->entries[k->hooks[i].number],
				    k->hooks[i].number, at);
	}
	return q.best != NULL ? &q.best->meaning : NULL;
}

const struct finder *
knowledge_finder(const struct knowledge *k)
{
	return k->finder;
}
