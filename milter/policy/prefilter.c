#include "policy/prefilter.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/grams.h"
#include "base/mem.h"
#include "policy/fold.h"
#include "policy/needs.h"
#include "policy/textmap.h"

#define WINDOW_BYTES	4096	/* of a folded text */
#define SEEN		64	/* literals that are not looked up twice */

/*
 * Of what a pattern needs one choice is enough, and each literal of that choice
 * leads to the pattern.  Patterns share literals; those to which a literal
 * leads are owners[] from starts[literal] to starts[literal + 1].
 */
struct prefilter {
	uint32_t count;			/* of patterns */
	struct marks free;		/* those that need nothing */
	const struct grams *grams;
	uint32_t *starts;
	uint32_t *owners;
};

/* All literals of all choices while the prefilter is made. */
struct census {
	struct textmap *map;		/* literal to number */
	uint32_t *sharers;		/* by number: choices that have it */
	uint32_t count;
	size_t room;
};

static void
census_take(struct census *census, const struct choice *choice)
{
	for (size_t i = 0; i < choice->count; i++) {
		const struct text *item = &choice->items[i];
		uint32_t number;

		if (!textmap_has(census->map, 0, item->bytes, item->len,
		    &number)) {
			number = census->count;
			textmap_add(census->map, 0, number, item->bytes, 0,
			    item->len);
			census->sharers = xgrow(census->sharers,
			    census->count, &census->room,
			    sizeof(*census->sharers));
			census->sharers[census->count++] = 0;
		}
		census->sharers[number]++;
	}
}

static uint32_t
number_of(const struct census *census, const struct text *literal)
{
	uint32_t number;

	if (!textmap_has(census->map, 0, literal->bytes, literal->len,
	    &number))
		abort();
	return number;
}

/* How many share the most common literal of the choice. */
static uint32_t
crowd(const struct census *census, const struct choice *choice)
{
	uint32_t most = 0;

	for (size_t i = 0; i < choice->count; i++) {
		uint32_t here = census->sharers[number_of(census,
		    &choice->items[i])];

		if (here > most)
			most = here;
	}
	return most;
}

/*
 * The choice that leads to the fewest patterns.  Of ten thousand wildcards
 * like "user17*@example.com" it is "user17" that counts.
 */
static const struct choice *
best_choice(const struct census *census, const struct needs *needs)
{
	const struct choice *best = &needs->choices[0];
	uint32_t least = crowd(census, best);

	for (size_t i = 1; i < needs->count; i++) {
		const struct choice *choice = &needs->choices[i];
		uint32_t here = crowd(census, choice);

		if (here < least || (here == least &&
		    choice_is_better(choice, best))) {
			least = here;
			best = choice;
		}
	}
	return best;
}

/* The literals of the chosen choices, numbered as they come. */
struct chosen {
	const struct choice **choices;	/* by pattern; NULL: none */
	uint32_t *numbers;		/* by that of the census */
	struct text *literals;
	uint32_t count;
	size_t room;
};

#define UNNUMBERED	UINT32_MAX

static void
choose(struct chosen *chosen, struct arena *arena,
    const struct census *census, const struct choice *choice)
{
	for (size_t i = 0; i < choice->count; i++) {
		const struct text *item = &choice->items[i];
		uint32_t *number = &chosen->numbers[number_of(census, item)];

		if (*number != UNNUMBERED)
			continue;
		*number = chosen->count;
		chosen->literals = xgrow(chosen->literals, chosen->count,
		    &chosen->room, sizeof(*chosen->literals));
		chosen->literals[chosen->count++] = (struct text){
		    arena_memdup(arena, item->bytes, item->len), item->len };
	}
}

/* Sorts the patterns by literal: first how many each has, then where. */
static void
enter_owners(struct prefilter *prefilter, struct arena *arena,
    const struct census *census, const struct chosen *chosen)
{
	uint32_t *starts = arena_alloc(arena,
	    (chosen->count + 1) * sizeof(*starts));
	uint32_t sum = 0;

	for (uint32_t p = 0; p < prefilter->count; p++)
		for (size_t i = 0; chosen->choices[p] != NULL &&
		    i < chosen->choices[p]->count; i++)
			starts[chosen->numbers[number_of(census,
			    &chosen->choices[p]->items[i])]]++;
	for (uint32_t n = 0; n <= chosen->count; n++) {
		sum += starts[n];
		starts[n] = sum;
	}
	prefilter->owners = arena_alloc(arena,
	    sum * sizeof(*prefilter->owners));
	for (uint32_t p = prefilter->count; p-- > 0;)
		for (size_t i = 0; chosen->choices[p] != NULL &&
		    i < chosen->choices[p]->count; i++)
			prefilter->owners[--starts[chosen->numbers[number_of(
			    census, &chosen->choices[p]->items[i])]]] = p;
	prefilter->starts = starts;
}

const struct prefilter *
prefilter_new(struct arena *arena, const struct needs *needs, uint32_t count)
{
	struct prefilter *prefilter = arena_alloc(arena, sizeof(*prefilter));
	struct census census = { .map = textmap_new() };
	struct chosen chosen = {
		.choices = xcalloc(count, sizeof(*chosen.choices))
	};

	prefilter->count = count;
	marks_clear(&prefilter->free, count);
	for (uint32_t p = 0; p < count; p++)
		for (size_t i = 0; i < needs[p].count; i++)
			census_take(&census, &needs[p].choices[i]);
	chosen.numbers = xcalloc(census.count, sizeof(*chosen.numbers));
	memset(chosen.numbers, 0xff, census.count * sizeof(*chosen.numbers));
	for (uint32_t p = 0; p < count; p++) {
		if (needs[p].count == 0) {
			marks_set(&prefilter->free, p);
			continue;
		}
		chosen.choices[p] = best_choice(&census, &needs[p]);
		choose(&chosen, arena, &census, chosen.choices[p]);
	}
	enter_owners(prefilter, arena, &census, &chosen);
	prefilter->grams = grams_new(arena, chosen.literals, chosen.count);
	textmap_free(census.map);
	free(census.sharers);
	free(chosen.choices);
	free(chosen.numbers);
	free(chosen.literals);
	return prefilter;
}

struct search {
	const struct prefilter *prefilter;
	struct marks *marks;
	uint32_t seen[SEEN];		/* literals, + 1 */
};

static void
hit(void *arg, uint32_t literal)
{
	struct search *search = arg;
	const struct prefilter *prefilter = search->prefilter;
	uint32_t *seen = &search->seen[literal % SEEN];

	/* A text that repeats itself must not cost more than another one. */
	if (*seen == literal + 1)
		return;
	*seen = literal + 1;
	for (uint32_t i = prefilter->starts[literal];
	    i < prefilter->starts[literal + 1]; i++)
		marks_set(search->marks, prefilter->owners[i]);
}

/*
 * The text is folded window by window.  A window begins with the end of the
 * one before, so that each literal stands within one.
 */
void
prefilter_find(const struct prefilter *prefilter, const char *text,
    size_t len, struct marks *marks)
{
	struct search search = { .prefilter = prefilter, .marks = marks };
	char window[WINDOW_BYTES + 1];
	size_t at = 0, used = 0;

	marks_copy(marks, &prefilter->free);
	while (at < len) {
		size_t keep = used < LITERAL_MAX ? used : LITERAL_MAX;

		memmove(window, window + used - keep, keep);
		used = keep + fold_text(text, len, &at, window + keep,
		    WINDOW_BYTES - keep);
		window[used] = '\0';
		grams_find(prefilter->grams, window, used, hit, &search);
	}
}
