#include "policy/plan.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "policy/plan_index.h"
#include "policy/plan_reach.h"

struct plan {
	size_t count;
	const struct policy *const *policies;
	const struct plan_index *stages[STAGE_COUNT];	/* NULL: no policy */
	bool names[STAGE_COUNT][ATTRIBUTE_COUNT];
	bool actions[ACTION_COUNT];
	const char *const *macros[STAGE_COUNT];
	size_t macro_count[STAGE_COUNT];
};

/* The policies of one stage, in the order of the file. */
static const struct plan_index *
index_stage(struct arena *arena, const struct policy *const policies[],
    size_t count, enum stage stage)
{
	const struct policy **some =
	    arena_alloc(arena, count * sizeof(struct policy *));
	size_t some_count = 0;

	for (size_t i = 0; i < count; i++)
		if (policies[i]->stage == stage)
			some[some_count++] = policies[i];
	return some_count == 0 ? NULL :
	    plan_index_new(arena, some, some_count);
}

static void
note_macro(struct plan *plan, struct arena *arena, const char *name)
{
	enum stage stage = macro_stage(name);
	size_t count = plan->macro_count[stage];
	const char **macros;

	for (size_t i = 0; i < count; i++)
		if (strcmp(plan->macros[stage][i], name) == 0)
			return;
	macros = arena_alloc(arena, (count + 1) * sizeof(*macros));
	for (size_t i = 0; i < count; i++)
		macros[i] = plan->macros[stage][i];
	macros[count] = name;
	plan->macros[stage] = macros;
	plan->macro_count[stage]++;
}

static void
note_clause(struct plan *plan, struct arena *arena, enum stage stage,
    const struct clause *clause)
{
	for (size_t g = 0; g < clause->count; g++)
		for (size_t i = 0; i < clause->groups[g].count; i++) {
			const struct condition *condition =
			    &clause->groups[g].conditions[i];

			plan->names[stage][condition->attribute] = true;
			if (condition->attribute == ATTRIBUTE_MACRO)
				note_macro(plan, arena, condition->name);
		}
}

const struct plan *
plan_new(struct arena *arena, const struct policy *const policies[],
    size_t count, struct diag *diag)
{
	struct plan *plan = arena_alloc(arena, sizeof(*plan));

	plan->count = count;
	plan->policies = policies;
	for (int s = 0; s < STAGE_COUNT; s++)
		plan->stages[s] = index_stage(arena, policies, count,
		    (enum stage)s);
	for (size_t i = 0; i < count; i++) {
		const struct policy *policy = policies[i];

		plan->actions[policy->action] = true;
		note_clause(plan, arena, policy->stage, &policy->when);
		note_clause(plan, arena, policy->stage, &policy->unless);
	}
	plan_reach_check(policies, count, plan->stages, diag);
	return plan;
}

size_t
plan_count(const struct plan *plan)
{
	return plan->count;
}

const struct policy *
plan_at(const struct plan *plan, size_t n)
{
	return plan->policies[n];
}

bool
plan_names(const struct plan *plan, enum stage stage,
    enum attribute attribute)
{
	return plan->names[stage][attribute];
}

bool
plan_has_stage(const struct plan *plan, enum stage stage)
{
	return plan->stages[stage] != NULL;
}

const struct policy *
plan_first_refusal(const struct plan *plan, enum stage stage)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct policy *policy = plan->policies[i];

		if (policy->stage == stage && !policy->observe &&
		    (action_refuses(policy->action) ||
		    policy->on_error == ON_ERROR_DEFER))
			return policy;
	}
	return NULL;
}

bool
plan_has_action(const struct plan *plan, enum action action)
{
	return plan->actions[action];
}

const char *const *
plan_macros(const struct plan *plan, enum stage stage, size_t *count)
{
	*count = plan->macro_count[stage];
	return plan->macros[stage];
}

/* Does this policy end the search?  If not, whoever watches is told. */
static bool
decides(const struct policy *policy, struct facts *facts,
    const struct plan_watch *watch, struct finding *finding)
{
	finding->truth = policy_match(policy, facts, &finding->evidence);
	switch (finding->truth) {
	case TRUTH_NO:
		return false;
	case TRUTH_UNKNOWN:
		if (policy->on_error == ON_ERROR_DEFER && !policy->observe)
			return true;
		break;
	case TRUTH_YES:
		if (!policy->observe)
			return true;
		break;
	}
	watch->passed(watch->arg, policy, finding->truth, &finding->evidence);
	return false;
}

void
plan_try(const struct plan *plan, enum stage stage, struct facts *facts,
    unsigned limit, const struct plan_watch *watch, struct finding *finding)
{
	const struct plan_index *index = plan->stages[stage];
	struct candidates candidates;
	const struct policy *policy;

	finding->policy = NULL;
	finding->truth = TRUTH_NO;
	finding->evidence.count = 0;
	if (index == NULL)
		return;
	candidates_begin(&candidates, index, facts, limit);
	while ((policy = candidates_next(&candidates)) != NULL)
		if (decides(policy, facts, watch, finding)) {
			finding->policy = policy;
			return;
		}
	finding->truth = TRUTH_NO;
	finding->evidence.count = 0;
}
