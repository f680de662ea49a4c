/*
 * sample - policies for tests, written in one line each.
 *
 *   "sender=*@example.net helo=localhost | auth_user=* unless
 *    client_ip=192.0.2.0/24 -> reject client-refused"
 *
 * Words between "|" are groups; NAME/PATTERN after header or macro
 * ("header:Precedence=bulk"); flags behind the action: observe, strict
 * (on_error = "defer").  Patterns have no blanks.
 */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "policy/list.h"
#include "policy/matcher.h"
#include "policy/plan.h"
#include "policy/policy.h"
#include "reply/reason.h"

#define SAMPLE_MAX	16

static inline void
sample_condition(struct condition *condition, struct arena *arena,
    const char *word, const struct lists *lists)
{
	const char *equals = strchr(word, '=');
	const char *colon = memchr(word, ':', (size_t)(equals - word));
	const char *end = colon != NULL ? colon : equals;
	char *attribute = arena_memdup(arena, word, (size_t)(end - word));
	char *name = colon == NULL ? arena_strdup(arena, "") :
	    arena_memdup(arena, colon + 1, (size_t)(equals - colon - 1));
	const char *const patterns[] = { arena_strdup(arena, equals + 1) };
	struct diag diag = DIAG_INIT;
	int result = condition_compile(condition, arena, attribute, name,
	    patterns, 1, PLACE_NONE, lists, &diag);

	ck_assert_msg(result == 0, "%s", diag_first(&diag));
	diag_release(&diag);
}

static inline void
sample_add(struct clause *clause, struct arena *arena, const char *word,
    bool *fresh, const struct lists *lists)
{
	struct group *groups = (struct group *)(uintptr_t)clause->groups;
	struct condition *conditions;
	struct group *group;

	if (groups == NULL) {
		groups = arena_alloc(arena, SAMPLE_MAX * sizeof(*groups));
		clause->groups = groups;
	}
	if (*fresh) {
		groups[clause->count++].conditions = arena_alloc(arena,
		    SAMPLE_MAX * sizeof(struct condition));
		*fresh = false;
	}
	group = &groups[clause->count - 1];
	conditions = (struct condition *)(uintptr_t)group->conditions;
	sample_condition(&conditions[group->count++], arena, word, lists);
}

static inline void
sample_action(struct policy *policy, const char *word,
    const struct catalogue *catalogue)
{
	if (strcmp(word, "observe") == 0)
		policy->observe = true;
	else if (strcmp(word, "strict") == 0)
		policy->on_error = ON_ERROR_DEFER;
	else if (strcmp(word, "accept") == 0)
		policy->action = ACTION_ACCEPT;
	else if (strcmp(word, "discard") == 0)
		policy->action = ACTION_DISCARD;
	else if (strcmp(word, "quarantine") == 0) {
		policy->action = ACTION_QUARANTINE;
		policy->text = "held by a test";
	} else if (strcmp(word, "reject") == 0)
		policy->action = ACTION_REJECT;
	else if (strcmp(word, "defer") == 0) {
		policy->action = ACTION_DEFER;
		policy->form = FORM_TEMPORARY;
	} else {
		policy->reason = catalogue_find(catalogue, word);
		ck_assert_msg(policy->reason != NULL, "no reason %s", word);
	}
}

/* Makes policy number n of its text; named "p0", "p1", ..., at line n + 1. */
static inline const struct policy *
sample_policy(struct arena *arena, unsigned n, const char *text,
    const struct lists *lists, const struct catalogue *catalogue)
{
	struct policy *policy = arena_alloc(arena, sizeof(*policy));
	struct clause *clause = &policy->when;
	char *copy = arena_strdup(arena, text), *save = NULL;
	bool fresh = true, acting = false;
	char name[16];

	snprintf(name, sizeof(name), "p%u", n);
	policy->name = arena_strdup(arena, name);
	policy->number = n;
	policy->place = (struct place){ "test", n + 1 };
	policy->text = "";
	policy->form = FORM_PERMANENT;
	for (char *word = strtok_r(copy, " \n", &save); word != NULL;
	    word = strtok_r(NULL, " \n", &save)) {
		if (strcmp(word, "->") == 0)
			acting = true;
		else if (acting)
			sample_action(policy, word, catalogue);
		else if (strcmp(word, "|") == 0)
			fresh = true;
		else if (strcmp(word, "unless") == 0) {
			clause = &policy->unless;
			fresh = true;
		} else
			sample_add(clause, arena, word, &fresh, lists);
	}
	policy_finish(policy);
	return policy;
}

/* A plan of policies, given as texts and ended by NULL. */
static inline const struct plan *
sample_plan(struct arena *arena, const char *const texts[],
    const struct lists *lists, const struct catalogue *catalogue,
    struct diag *diag)
{
	const struct policy **policies;
	size_t count = 0;

	while (texts[count] != NULL)
		count++;
	policies = arena_alloc(arena, count * sizeof(struct policy *));
	for (size_t i = 0; i < count; i++)
		policies[i] = sample_policy(arena, (unsigned)i, texts[i],
		    lists, catalogue);
	return plan_new(arena, policies, count, diag);
}

#endif
