/*
 * plan_index - which policies of one stage can a message concern?
 *
 * Each group of a policy's `when' is found through one of its conditions, the
 * one that the fewest mails will meet: its patterns stand in a matcher that
 * holds those of all policies about that attribute.  So one look-up per
 * attribute, not per policy, gives the few that are worth trying; whether they
 * hold is then asked of the policy itself (policy_match), and nowhere else.
 * An attribute is only looked up when its first policy's turn comes: what
 * decides early spares the look at a body.
 * Immutable once made; any thread may ask.
 */
#ifndef POLICY_PLAN_INDEX_H
#define POLICY_PLAN_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/marks.h"

struct arena;
struct condition;
struct facts;
struct operand;
struct plan_index;
struct policy;

const struct plan_index	*plan_index_new(struct arena *arena,
			    const struct policy *const policies[],
			    size_t count);

/* Policies to try, in the order of the file. */
struct candidates {
	const struct plan_index	*index;
	struct facts		*facts;		/* NULL: asked step by step */
	struct marks		 marks;		/* by position in the stage */
	uint32_t		 next, end;	/* positions */
	size_t			 asked;		/* attributes looked up */
};

/*
 * Begins with those that have to be tried for any message.  Every policy whose
 * number is below limit, and that could hold or be undecided for these facts,
 * is among those that candidates_next() will tell.
 */
void	candidates_begin(struct candidates *candidates,
	    const struct plan_index *index, struct facts *facts,
	    unsigned limit);
/*
 * Without facts, for plan_reach: adds those whose way is about the condition's
 * attribute and holds for the value; or, where operand is NULL, has the very
 * expression or list that the condition begins with.
 */
void	candidates_meet(struct candidates *candidates,
	    const struct condition *condition,
	    const struct operand *operand);
/* How many candidates_meet() added, about. */
size_t	candidates_met(const struct candidates *candidates);
/* The next one, or NULL at the end. */
const struct policy	*candidates_next(struct candidates *candidates);

#endif
