#include "policy/plan_index.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "policy/matcher.h"
#include "policy/pattern.h"
#include "policy/policy.h"

/* The policies that one pattern leads to, as positions in the stage. */
struct owner {
	uint32_t position;
	struct owner *next;
};

/* One attribute (with its name, for header and macro) and all its patterns. */
struct access {
	enum attribute attribute;
	const char *name;
	struct matcher *matcher;
	struct owner **owners;		/* by number of the pattern */
	struct owner *everyone;		/* all owners, where unknown */
	uint32_t *uses;			/* conditions per pattern */
	struct access *next;
};

struct plan_index {
	const struct policy *const *policies;
	uint32_t count;
	struct access *accesses;
	uint32_t *always;		/* positions to try each time, sorted */
	size_t always_count;
};

static bool
same_name(enum attribute attribute, const char *a, const char *b)
{
	return attribute == ATTRIBUTE_MACRO ? strcmp(a, b) == 0 :
	    text_equal(a, b);
}

static struct access *
access_find(struct access *accesses, const struct condition *condition)
{
	for (struct access *a = accesses; a != NULL; a = a->next)
		if (a->attribute == condition->attribute &&
		    same_name(a->attribute, a->name, condition->name))
			return a;
	return NULL;
}

/*
 * A condition serves as the way to its group if no pattern of it has to be
 * tried for its own sake.  Regular expressions do: the index would run all of
 * them even where an early policy decides, so their policies are tried in
 * turn.  So would "*", which leads everywhere.
 */
static bool
leads(const struct condition *condition)
{
	for (size_t i = 0; i < condition->count; i++) {
		const struct pattern *pattern = &condition->patterns[i];

		if (pattern->kind == PATTERN_REGEX ||
		    strcmp(pattern->source, "*") == 0)
			return false;
	}
	return true;
}

/* First round: every condition's patterns are entered and counted. */
static void
count_condition(struct plan_index *index, struct arena *arena,
    const struct condition *condition)
{
	struct access *access = access_find(index->accesses, condition);

	if (!leads(condition))
		return;
	if (access == NULL) {
		access = arena_alloc(arena, sizeof(*access));
		access->attribute = condition->attribute;
		access->name = condition->name;
		access->matcher = matcher_new(arena);
		access->next = index->accesses;
		index->accesses = access;
	}
	for (size_t i = 0; i < condition->count; i++)
		matcher_add(access->matcher, &condition->patterns[i]);
}

/* The number of a pattern that was entered before. */
static uint32_t
number_of(const struct access *access, const struct pattern *pattern)
{
	return matcher_add(access->matcher, pattern);
}

/* How many conditions share this one's most common pattern. */
static uint32_t
crowd(const struct access *access, const struct condition *condition)
{
	uint32_t most = 0;

	for (size_t i = 0; i < condition->count; i++) {
		uint32_t uses = access->uses[number_of(access,
		    &condition->patterns[i])];

		if (uses > most)
			most = uses;
	}
	return most;
}

/* The condition of the group that leads to the fewest policies, or NULL. */
static const struct condition *
best_way(const struct plan_index *index, const struct group *group)
{
	const struct condition *best = NULL;
	uint32_t least = UINT32_MAX;

	for (size_t i = 0; i < group->count; i++) {
		const struct condition *condition = &group->conditions[i];
		uint32_t here;

		if (!leads(condition))
			continue;
		here = crowd(access_find(index->accesses, condition),
		    condition);
		if (here < least) {
			least = here;
			best = condition;
		}
	}
	return best;
}

static struct owner *
own(struct arena *arena, uint32_t position, struct owner *next)
{
	struct owner *owner = arena_alloc(arena, sizeof(*owner));

	owner->position = position;
	owner->next = next;
	return owner;
}

/* Second round: the group's best condition leads to the policy. */
static void
enter_group(const struct condition *way, struct arena *arena,
    struct access *access, uint32_t position)
{
	for (size_t i = 0; i < way->count; i++) {
		struct owner **owners = &access->owners[number_of(access,
		    &way->patterns[i])];

		if (*owners == NULL || (*owners)->position != position)
			*owners = own(arena, position, *owners);
	}
	if (access->everyone == NULL ||
	    access->everyone->position != position)
		access->everyone = own(arena, position, access->everyone);
}

static void
enter_policy(struct plan_index *index, struct arena *arena,
    uint32_t position)
{
	const struct clause *when = &index->policies[position]->when;
	bool always = when->count == 0;

	for (size_t g = 0; g < when->count; g++) {
		const struct condition *way = best_way(index,
		    &when->groups[g]);

		if (way == NULL)
			always = true;
		else
			enter_group(way, arena, access_find(index->accesses,
			    way), position);
	}
	if (always)
		index->always[index->always_count++] = position;
}

static void
each_when(struct plan_index *index, struct arena *arena,
    void (*visit)(struct plan_index *, struct arena *,
    const struct condition *))
{
	for (uint32_t p = 0; p < index->count; p++) {
		const struct clause *when = &index->policies[p]->when;

		for (size_t g = 0; g < when->count; g++)
			for (size_t i = 0; i < when->groups[g].count; i++)
				visit(index, arena,
				    &when->groups[g].conditions[i]);
	}
}

static void
count_uses(struct plan_index *index, struct arena *arena,
    const struct condition *condition)
{
	struct access *access = access_find(index->accesses, condition);

	(void)arena;
	if (!leads(condition))
		return;
	for (size_t i = 0; i < condition->count; i++)
		access->uses[number_of(access, &condition->patterns[i])]++;
}

const struct plan_index *
plan_index_new(struct arena *arena, const struct policy *const policies[],
    size_t count)
{
	struct plan_index *index = arena_alloc(arena, sizeof(*index));

	index->policies = policies;
	index->count = (uint32_t)count;
	index->always = arena_alloc(arena, count * sizeof(uint32_t));
	each_when(index, arena, count_condition);
	for (struct access *a = index->accesses; a != NULL; a = a->next) {
		size_t patterns = matcher_count(a->matcher);

		a->uses = arena_alloc(arena, patterns * sizeof(uint32_t));
		a->owners = arena_alloc(arena,
		    patterns * sizeof(struct owner *));
	}
	each_when(index, arena, count_uses);
	for (uint32_t p = 0; p < index->count; p++)
		enter_policy(index, arena, p);
	for (struct access *a = index->accesses; a != NULL; a = a->next)
		matcher_finish(a->matcher);
	return index;
}

/* Enters a position into the sorted row of those found. */
static void
candidate_add(struct candidates *candidates, uint32_t position)
{
	size_t at = candidates->count;

	while (at > 0 && candidates->found[at - 1] > position)
		at--;
	if (at > 0 && candidates->found[at - 1] == position)
		return;
	if (candidates->count == CANDIDATES_MAX) {
		candidates->all = true;
		return;
	}
	memmove(&candidates->found[at + 1], &candidates->found[at],
	    (candidates->count - at) * sizeof(candidates->found[0]));
	candidates->found[at] = position;
	candidates->count++;
}

static void
candidates_own(struct candidates *candidates, const struct owner *owners)
{
	for (; owners != NULL && !candidates->all; owners = owners->next)
		candidate_add(candidates, owners->position);
}

struct asking {
	const struct access *access;
	struct candidates *candidates;
};

static void
hit(void *arg, uint32_t number)
{
	struct asking *asking = arg;

	candidates_own(asking->candidates, asking->access->owners[number]);
}

/* Returns false where a pattern could not be decided. */
static bool
meet(const struct access *access, const struct operand *operand,
    struct candidates *candidates)
{
	struct asking asking = { access, candidates };

	return matcher_each(access->matcher, operand, hit, &asking) !=
	    TRUTH_UNKNOWN;
}

static void
ask(const struct access *access, struct facts *facts,
    struct candidates *candidates)
{
	struct fact fact = facts_get(facts, access->attribute, access->name);
	struct operand operand = {
		.subject = attribute_subject(access->attribute),
		.text = "",
		.ip = fact.ip,
		.number = fact.number,
	};
	bool sure = fact.complete;

	if (fact.state == FACT_ABSENT)
		return;
	if (fact.state == FACT_KNOWN && fact.count == 0)
		sure = meet(access, &operand, candidates) && sure;
	for (size_t i = 0; i < fact.count; i++) {
		operand.text = fact.texts[i].bytes;
		operand.len = fact.texts[i].len;
		sure = meet(access, &operand, candidates) && sure;
	}
	if (!sure)
		candidates_own(candidates, access->everyone);
}

void
candidates_begin(const struct plan_index *index,
    struct candidates *candidates)
{
	candidates->index = index;
	candidates->all = false;
	candidates->count = 0;
	candidates->next_found = candidates->next_always = 0;
	candidates->next_all = 0;
}

void
candidates_meet(struct candidates *candidates,
    const struct condition *condition, const struct operand *operand)
{
	const struct access *access = access_find(candidates->index->accesses,
	    condition);

	if (access != NULL && (operand == NULL ||
	    !meet(access, operand, candidates)))
		candidates_own(candidates, access->everyone);
}

void
plan_index_find(const struct plan_index *index, struct facts *facts,
    struct candidates *candidates)
{
	candidates_begin(index, candidates);
	for (const struct access *a = index->accesses; a != NULL; a = a->next)
		ask(a, facts, candidates);
}

const struct policy *
candidates_next(struct candidates *c)
{
	const struct plan_index *index = c->index;
	uint32_t found = UINT32_MAX, always = UINT32_MAX, position;

	if (c->all)
		return c->next_all < index->count ?
		    index->policies[c->next_all++] : NULL;
	if (c->next_found < c->count)
		found = c->found[c->next_found];
	if (c->next_always < index->always_count)
		always = index->always[c->next_always];
	position = found < always ? found : always;
	if (position == UINT32_MAX)
		return NULL;
	if (found == position)
		c->next_found++;
	if (always == position)
		c->next_always++;
	return index->policies[position];
}
