/*
 * plan_index - which policies of one stage can a message concern?
 *
 * Each group of a policy's `when' is found through one of its conditions, the
 * one that the fewest mails will meet: its patterns stand in a matcher that
 * holds those of all policies about that attribute.  So one look-up per
 * attribute, not per policy, gives the few that are worth trying; whether they
 * hold is then asked of the policy itself (policy_match), and nowhere else.
 * Immutable once made; any thread may ask.
 */
#ifndef POLICY_PLAN_INDEX_H
#define POLICY_PLAN_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct condition;
struct facts;
struct operand;
struct plan_index;
struct policy;

const struct plan_index	*plan_index_new(struct arena *arena,
			    const struct policy *const policies[],
			    size_t count);

#define CANDIDATES_MAX	192

/*
 * Policies to try, in the order of the file.  A message that concerns more
 * than CANDIDATES_MAX of them has all policies tried: slower, never wrong.
 */
struct candidates {
	const struct plan_index	*index;
	bool			 all;
	size_t			 count;
	uint32_t		 found[CANDIDATES_MAX];	/* sorted, no doubles */
	size_t			 next_found, next_always;
	uint32_t		 next_all;
};

/* Fills candidates with every policy that could hold or be undecided. */
void	plan_index_find(const struct plan_index *index, struct facts *facts,
	    struct candidates *candidates);
/*
 * The same in steps, for plan_reach: no candidates yet; then those whose way
 * is about the condition's attribute and holds for the value, or all about
 * that attribute where operand is NULL.
 */
void	candidates_begin(const struct plan_index *index,
	    struct candidates *candidates);
void	candidates_meet(struct candidates *candidates,
	    const struct condition *condition,
	    const struct operand *operand);
/* The next one, or NULL at the end. */
const struct policy	*candidates_next(struct candidates *candidates);

#endif
