/*
 * plan - all policies, arranged by the stage at which each can be tried.
 *
 * An index over the patterns of all policies of a stage finds the few that a
 * message can concern; only these are tried, in the order of the file.  So the
 * cost of a message does not grow with the policies that do not concern it.
 * Immutable once made; any thread may ask with facts of its own.
 */
#ifndef POLICY_PLAN_H
#define POLICY_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

struct arena;
struct diag;
struct plan;

/*
 * policies are in the order of the file, finished, and live as long as arena.
 * Adds a warning to diag for each that can never be reached, because one
 * before it decides every mail of its stage.
 */
const struct plan	*plan_new(struct arena *arena,
			    const struct policy *const policies[],
			    size_t count, struct diag *diag);

size_t			 plan_count(const struct plan *plan);
const struct policy	*plan_at(const struct plan *plan, size_t n);
/* True if a policy of this stage names the attribute. */
bool			 plan_names(const struct plan *plan, enum stage stage,
			    enum attribute attribute);
bool			 plan_has_stage(const struct plan *plan,
			    enum stage stage);
/* The first policy of this stage that may make a refusal, or NULL. */
const struct policy	*plan_first_refusal(const struct plan *plan,
			    enum stage stage);
bool			 plan_has_action(const struct plan *plan,
			    enum action action);
/* Names of macros (without braces) that policies of any stage look at and
 * that are known from this stage on; *count of them. */
const char *const	*plan_macros(const struct plan *plan, enum stage stage,
			    size_t *count);

/* What came of the policies of one stage. */
struct finding {
	const struct policy	*policy;	/* NULL: none decides */
	enum truth		 truth;		/* YES, or UNKNOWN: on_error */
	struct evidence		 evidence;
};

/* Told of policies that held but do not decide. */
struct plan_watch {
	/* held is yes (it only observes) or unknown (on_error is accept). */
	void	(*passed)(void *arg, const struct policy *policy,
		    enum truth held, const struct evidence *evidence);
	void	*arg;
};

/*
 * Tries the policies of this stage whose number is below limit, in order, and
 * fills *finding with the first that decides.
 */
void	plan_try(const struct plan *plan, enum stage stage,
	    struct facts *facts, unsigned limit,
	    const struct plan_watch *watch, struct finding *finding);

#endif
