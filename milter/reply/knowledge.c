#include "reply/knowledge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/grams.h"
#include "base/text.h"
#include "reply/cue.h"
#include "reply/finding.h"
#include "reply/origin.h"
#include "reply/reason.h"

#define TRIED		64	/* cues that are not tried twice on a text */
#define GRAM		4	/* bytes of a piece of text */
#define SEEN_BITS	11

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
	bool is_literal;	/* the cue asks for nothing but its literal */
	bool asks_more;		/* for another text, which begins and ends */
	uint32_t ends[2];	/* with these pieces */
};

/* A cue is tried where its literal stands in the text. */
struct knowledge {
	struct arena *arena;
	const struct catalogue *catalogue;
	struct entry **entries;	/* once finished, those of the configuration
				   first; until then last */
	size_t count, room;
	size_t builtin_count;
	const struct finder *finder;
	const struct grams *grams;	/* the literals, by number of entry */
};

static uint32_t
gram_at(const char *text)
{
	uint32_t gram;

	memcpy(&gram, text, GRAM);
	return gram;
}

static void
entry_add(struct knowledge *k, const struct meaning *meaning, size_t file)
{
	const char *other = cue_other(meaning->cue);
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
		.is_literal = cue_is_literal(meaning->cue),
		.asks_more = strlen(other) >= GRAM,
	};
	if (entry->asks_more) {
		entry->ends[0] = gram_at(other);
		entry->ends[1] = gram_at(other + strlen(other) - GRAM);
	}
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

static const struct grams *
grams_of(struct arena *arena, struct entry *const entries[], size_t count)
{
	struct text *literals = arena_alloc(arena, count * sizeof(*literals));

	for (size_t i = 0; i < count; i++) {
		const char *literal = cue_literal(entries[i]->meaning.cue);

		literals[i] = (struct text){ literal, strlen(literal) };
	}
	return grams_new(arena, literals, count);
}

void
knowledge_finish(struct knowledge *k)
{
	struct entry **ordered = arena_alloc(k->arena,
	    (k->count + 1) * sizeof(*ordered));
	const size_t added = k->count - k->builtin_count;

	memcpy(ordered, k->entries + k->builtin_count,
	    added * sizeof(*ordered));
	memcpy(ordered + added, k->entries,
	    k->builtin_count * sizeof(*ordered));
	k->entries = ordered;
	k->grams = grams_of(k->arena, ordered, k->count);
}

const struct reason *
knowledge_reason(const struct knowledge *k, const char *name)
{
	return catalogue_find(k->catalogue, name);
}

/*
 * What is asked for: a text, and whose it is.  Dozens of cues may share a
 * literal that stands in the text ("recipient address rejected: *mailbox
 * full*") and differ in what they ask for besides.  So each piece of four bytes
 * of the text is a bit in seen: few cues are tried for whose other text there
 * is nothing.
 */
struct question {
	const struct knowledge *knowledge;
	const char *origin;
	size_t file;			/* that of origin */
	const char *text, *lower;
	size_t len;
	const struct entry *best;
	size_t best_number;
	const struct entry *tried[TRIED];
	uint64_t seen[(1u << SEEN_BITS) / 64];
};

static uint32_t
seen_bit(uint32_t gram)
{
	return gram * UINT32_C(2654435761) >> (32 - SEEN_BITS);
}

static void
seen_fill(struct question *q)
{
	for (size_t at = 0; at + GRAM <= q->len; at++) {
		uint32_t bit = seen_bit(gram_at(q->lower + at));

		q->seen[bit / 64] |= UINT64_C(1) << (bit % 64);
	}
}

static bool
is_seen(const struct question *q, uint32_t gram)
{
	const uint32_t bit = seen_bit(gram);

	return (q->seen[bit / 64] >> (bit % 64) & 1) != 0;
}

/* False where the text surely lacks what the cue asks for. */
static bool
may_match(const struct question *q, const struct entry *entry)
{
	return !entry->asks_more ||
	    (is_seen(q, entry->ends[0]) && is_seen(q, entry->ends[1]));
}

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

/* The literal of the entry of this number stands in the text. */
static void
entry_ask(void *arg, uint32_t number)
{
	struct question *q = arg;
	const struct entry *entry = q->knowledge->entries[number];

	if (!may_match(q, entry) || !is_better(q, entry, number) ||
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
		.knowledge = k,
		.origin = origin, .file = origin_file_find(origin),
		.text = text, .lower = lower, .len = len,
	};

	seen_fill(&q);
	grams_find(k->grams, lower, len, entry_ask, &q);
	return q.best != NULL ? &q.best->meaning : NULL;
}

const struct finder *
knowledge_finder(const struct knowledge *k)
{
	return k->finder;
}
