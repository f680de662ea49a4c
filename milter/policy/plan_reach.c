#include "policy/plan_reach.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "policy/matcher.h"
#include "policy/pattern.h"
#include "policy/plan_index.h"
#include "policy/policy.h"

/*
 * A policy that meets more of those before it is passed over: to compare each
 * with each would take too long.
 */
#define MET_MAX	192

/* ".example.com" without its dot. */
static const char *
domain_of(const struct pattern *pattern)
{
	return pattern->text + (pattern->text[0] == '.');
}

/* Room for an address below a domain. */
struct example {
	char text[PATTERN_TEXT_MAX + 3];
};

/*
 * A value that holds for a pattern, and for every pattern that covers it:
 * ".example.com" as "example.com" or "x@example.com", a wildcard as itself, a
 * range by its lower end.  False where there is no such value.
 */
static bool
pattern_as_operand(const struct pattern *pattern, enum subject subject,
    struct operand *operand, struct example *example)
{
	*operand = (struct operand){ .subject = subject, .text = "" };
	switch (pattern->kind) {
	case PATTERN_TEXT:
	case PATTERN_GLOB:
		operand->text = pattern->text;
		break;
	case PATTERN_DOMAIN:
		snprintf(example->text, sizeof(example->text), "%s%s",
		    subject == SUBJECT_ADDRESS ? "x@" : "",
		    domain_of(pattern));
		operand->text = example->text;
		break;
	case PATTERN_BLOCK:
		operand->ip = pattern->block.ip;
		return true;
	case PATTERN_RANGE:
		operand->number = pattern->low;
		return true;
	case PATTERN_REGEX:
	case PATTERN_LIST:
		return false;
	}
	operand->len = strlen(operand->text);
	return true;
}

/* "a.example.com" is below "example.com". */
static bool
domain_covers(const char *outer, const char *inner)
{
	size_t outer_len = strlen(outer), inner_len = strlen(inner);

	return text_ends(inner, outer) && (inner_len == outer_len ||
	    inner[inner_len - outer_len - 1] == '.');
}

/* Everything that holds for inner holds for outer, too. */
static bool
pattern_covers(const struct pattern *outer, const struct pattern *inner)
{
	if (strcmp(outer->source, "*") == 0 ||
	    (outer->kind == inner->kind && (outer->kind == PATTERN_REGEX ?
	    strcmp(outer->source, inner->source) == 0 :
	    text_equal(outer->source, inner->source))))
		return true;
	if (outer->kind == PATTERN_DOMAIN && inner->kind == PATTERN_DOMAIN)
		return domain_covers(domain_of(outer), domain_of(inner));
	if (outer->kind == PATTERN_BLOCK && inner->kind == PATTERN_BLOCK)
		return outer->block.prefix <= inner->block.prefix &&
		    ip_block_holds(&outer->block, &inner->block.ip);
	if (outer->kind == PATTERN_RANGE && inner->kind == PATTERN_RANGE)
		return outer->low <= inner->low && inner->low <= inner->high &&
		    inner->high <= outer->high;
	return false;
}

static bool
condition_covers_pattern(const struct condition *outer,
    const struct pattern *inner)
{
	struct example example;
	struct operand operand;
	uint32_t number;

	for (size_t i = 0; i < outer->count; i++)
		if (pattern_covers(&outer->patterns[i], inner))
			return true;
	return inner->kind == PATTERN_TEXT &&
	    pattern_as_operand(inner, attribute_subject(outer->attribute),
	    &operand, &example) &&
	    matcher_match(outer->matcher, &operand, &number) == TRUTH_YES;
}

static bool
condition_covers(const struct condition *outer,
    const struct condition *inner)
{
	if (outer->attribute != inner->attribute ||
	    !text_equal(outer->name, inner->name))
		return false;
	for (size_t i = 0; i < inner->count; i++)
		if (!condition_covers_pattern(outer, &inner->patterns[i]))
			return false;
	return true;
}

static bool
group_covers(const struct group *outer, const struct group *inner)
{
	for (size_t o = 0; o < outer->count; o++) {
		bool covered = false;

		for (size_t i = 0; i < inner->count && !covered; i++)
			covered = condition_covers(&outer->conditions[o],
			    &inner->conditions[i]);
		if (!covered)
			return false;
	}
	return true;
}

/* Whatever mail the inner policy could hold for, the outer one decides. */
static bool
policy_covers(const struct policy *outer, const struct policy *inner)
{
	if (outer->observe || outer->unless.count > 0)
		return false;
	if (outer->when.count == 0)
		return true;
	if (inner->when.count == 0)
		return false;
	for (size_t i = 0; i < inner->when.count; i++) {
		bool covered = false;

		for (size_t o = 0; o < outer->when.count && !covered; o++)
			covered = group_covers(&outer->when.groups[o],
			    &inner->when.groups[i]);
		if (!covered)
			return false;
	}
	return true;
}

/*
 * Asks the index for policies that a value of this policy would meet: only
 * these can cover it, so that the search does not compare each with each.
 */
static const struct policy *
cover_in(const struct plan_index *index, const struct policy *policy)
{
	const struct group *group = policy->when.count > 0 ?
	    &policy->when.groups[0] : NULL;
	struct candidates candidates;
	const struct policy *before;

	candidates_begin(&candidates, index, NULL, policy->number);
	for (size_t i = 0; group != NULL && i < group->count; i++) {
		const struct condition *condition = &group->conditions[i];
		struct example example;
		struct operand operand;
		bool has = pattern_as_operand(&condition->patterns[0],
		    attribute_subject(condition->attribute), &operand,
		    &example);

		candidates_meet(&candidates, condition,
		    has ? &operand : NULL);
	}
	if (candidates_met(&candidates) > MET_MAX)
		return NULL;
	while ((before = candidates_next(&candidates)) != NULL)
		if (policy_covers(before, policy))
			return before;
	return NULL;
}

void
plan_reach_check(const struct policy *const policies[], size_t count,
    const struct plan_index *const stages[STAGE_COUNT], struct diag *diag)
{
	for (size_t i = 0; i < count; i++) {
		const struct policy *policy = policies[i], *before = NULL;
		struct strbuf text = STRBUF_INIT;

		for (unsigned s = 0; s <= policy->stage && before == NULL; s++)
			if (stages[s] != NULL)
				before = cover_in(stages[s], policy);
		if (before == NULL)
			continue;
		strbuf_adds(&text, "policy ");
		names_quote(&text, policy->name);
		strbuf_adds(&text, " can never be reached: ");
		names_quote(&text, before->name);
		strbuf_adds(&text, " (");
		place_format(before->place, &text);
		strbuf_adds(&text, ") decides every mail that it could hold "
		    "for; move it up, or take one of them out");
		diag_add(diag, SEVERITY_WARNING, policy->place, "%s",
		    text.text);
		strbuf_release(&text);
	}
}
