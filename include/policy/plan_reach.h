/*
 * plan_reach - policies that can never be reached.
 *
 * A policy is out of reach when one before it, tried at the same stage or an
 * earlier one, decides every mail for which it could hold.  What is proven
 * here is sure; what cannot be proven (two regular expressions, say) is passed
 * over.
 */
#ifndef POLICY_PLAN_REACH_H
#define POLICY_PLAN_REACH_H

#include <stddef.h>

#include "policy/stage.h"

struct diag;
struct plan_index;
struct policy;

/*
 * policies stand in the order of the file; stages holds their index by stage,
 * NULL where a stage has none.  Adds a warning at the place of each policy
 * that is out of reach.
 */
void	plan_reach_check(const struct policy *const policies[], size_t count,
	    const struct plan_index *const stages[STAGE_COUNT],
	    struct diag *diag);

#endif
