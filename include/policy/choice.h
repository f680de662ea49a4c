/*
 * choice - a few literals, of which one is in a text or another.
 *
 * What needs.c reckons with while it reads an expression.  Pure values; their
 * literals stand in an arena.
 */
#ifndef POLICY_CHOICE_H
#define POLICY_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct arena;

#define LITERAL_MAX	64	/* bytes; of longer ones a part is enough */
#define CHOICE_MAX	64	/* literals */

struct choice {
	size_t			 count;
	const struct text	*items;		/* each ended by a NUL */
};

/* The bytes of the shortest literal; 0 where there is none. */
size_t		choice_shortest(const struct choice *choice);
/* Fewer texts have one of a than of b, as far as one can tell. */
bool		choice_is_better(const struct choice *a,
		    const struct choice *b);
/* Each of a with each of b behind it.  False where that is too much. */
bool		choice_multiply(struct arena *arena, const struct choice *a,
		    const struct choice *b, struct choice *product);
/* Those of a and those of b.  False where they are too many. */
bool		choice_unite(struct arena *arena, const struct choice *a,
		    const struct choice *b, struct choice *both);
/* A copy in arena, literals and all. */
struct choice	choice_keep(struct arena *arena, const struct choice *choice);

#endif
