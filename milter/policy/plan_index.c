#include "policy/plan_index.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "policy/matcher.h"
#include "policy/memo.h"
#include "policy/needs.h"
#include "policy/pattern.h"
#include "policy/policy.h"
#include "policy/regex.h"

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
	uint32_t first;			/* the first position of an owner */
	uint32_t *uses;			/* conditions per pattern */
	struct access *next;
};

struct plan_index {
	const struct policy *const *policies;
	uint32_t count;
	struct access *accesses;
	const struct access **turns;	/* those with owners, by their first */
	size_t turn_count;
	struct marks always;		/* positions to try each time */
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
 * tried for its own sake: "*", which leads everywhere, and regular expressions
 * that need no literal by which to tell that they cannot hold.
 */
static bool
leads(const struct condition *condition)
{
	for (size_t i = 0; i < condition->count; i++) {
		const struct pattern *pattern = &condition->patterns[i];

		if (strcmp(pattern->source, "*") == 0 ||
		    (pattern->kind == PATTERN_REGEX &&
		    regex_needs(pattern->regex)->count == 0))
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

/*
 * What a look at the attribute costs each message, in policies that could be
 * tried instead: a header is decoded, of a body all parts are.
 */
static uint32_t
effort(enum attribute attribute)
{
	if (attribute_needs_body(attribute))
		return 16;
	return attribute_needs_header(attribute) ? 4 : 1;
}

/* The condition that leads to the group with the least effort, or NULL. */
static const struct condition *
best_way(const struct plan_index *index, const struct group *group)
{
	const struct condition *best = NULL;
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < group->count; i++) {
		const struct condition *condition = &group->conditions[i];
		uint64_t here;

		if (!leads(condition))
			continue;
		here = (uint64_t)effort(condition->attribute) *
		    crowd(access_find(index->accesses, condition), condition);
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
	if (access->everyone == NULL)
		access->first = position;
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
		marks_set(&index->always, position);
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

static int
compare_turns(const void *a, const void *b)
{
	const struct access *const *first = a, *const *second = b;

	return (*first)->first < (*second)->first ? -1 :
	    (*first)->first > (*second)->first;
}

static void
order_turns(struct plan_index *index, struct arena *arena)
{
	size_t count = 0;

	for (struct access *a = index->accesses; a != NULL; a = a->next)
		count += a->everyone != NULL;
	index->turns = arena_alloc(arena, count * sizeof(*index->turns));
	for (struct access *a = index->accesses; a != NULL; a = a->next)
		if (a->everyone != NULL)
			index->turns[index->turn_count++] = a;
	qsort(index->turns, count, sizeof(*index->turns), compare_turns);
}

const struct plan_index *
plan_index_new(struct arena *arena, const struct policy *const policies[],
    size_t count)
{
	struct plan_index *index = arena_alloc(arena, sizeof(*index));

	index->policies = policies;
	index->count = (uint32_t)count;
	marks_clear(&index->always, index->count);
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
	order_turns(index, arena);
	return index;
}

static void
mark_owners(struct marks *marks, const struct owner *owners)
{
	for (; owners != NULL; owners = owners->next)
		marks_set(marks, owners->position);
}

struct asking {
	const struct access *access;
	struct marks *marks;
};

static void
hit(void *arg, uint32_t number)
{
	struct asking *asking = arg;

	mark_owners(asking->marks, asking->access->owners[number]);
}

/* Returns false where a pattern could not be decided. */
static bool
meet(const struct access *access, const struct operand *operand,
    struct marks *marks)
{
	struct asking asking = { access, marks };

	return matcher_possible(access->matcher, operand, hit, &asking) !=
	    TRUTH_UNKNOWN;
}

/* Marks the policies to which the value of the attribute leads. */
static void
look_up(const struct access *access, struct facts *facts,
    struct marks *marks)
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
		sure = meet(access, &operand, marks) && sure;
	for (size_t i = 0; i < fact.count; i++) {
		operand.text = fact.texts[i].bytes;
		operand.len = fact.texts[i].len;
		sure = meet(access, &operand, marks) && sure;
	}
	if (!sure)
		mark_owners(marks, access->everyone);
}

/* The same, but once for all recipients where that makes no difference. */
static void
ask(struct candidates *candidates, const struct access *access)
{
	struct memo *memo = facts_memo(candidates->facts, access->attribute);
	struct marks *kept;

	if (memo == NULL) {
		look_up(access, candidates->facts, &candidates->marks);
		return;
	}
	kept = memo_find(memo, access);
	if (kept == NULL) {
		kept = memo_add(memo, access, sizeof(*kept));
		marks_clear(kept, candidates->index->count);
		look_up(access, candidates->facts, kept);
	}
	marks_join(&candidates->marks, kept);
}

/* The first position whose policy's number is not below limit. */
static uint32_t
position_of(const struct plan_index *index, unsigned limit)
{
	uint32_t low = 0, high = index->count;

	/* Most often nothing was decided before, and there is no limit. */
	if (index->policies[high - 1]->number < limit)
		return high;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (index->policies[middle]->number < limit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
candidates_begin(struct candidates *candidates,
    const struct plan_index *index, struct facts *facts, unsigned limit)
{
	candidates->index = index;
	candidates->facts = facts;
	candidates->next = 0;
	candidates->end = position_of(index, limit);
	candidates->asked = 0;
	marks_copy(&candidates->marks, &index->always);
}

void
candidates_meet(struct candidates *candidates,
    const struct condition *condition, const struct operand *operand)
{
	const struct access *access = access_find(candidates->index->accesses,
	    condition);
	uint32_t number;

	if (access == NULL)
		return;
	if (operand == NULL) {
		if (matcher_has(access->matcher, &condition->patterns[0],
		    &number))
			mark_owners(&candidates->marks,
			    access->owners[number]);
	} else if (!meet(access, operand, &candidates->marks))
		mark_owners(&candidates->marks, access->everyone);
}

size_t
candidates_met(const struct candidates *candidates)
{
	return marks_total(&candidates->marks) -
	    marks_total(&candidates->index->always);
}

const struct policy *
candidates_next(struct candidates *candidates)
{
	const struct plan_index *index = candidates->index;
	uint32_t position;

	for (;;) {
		const struct access *turn;

		position = marks_next(&candidates->marks, candidates->next);
		if (candidates->facts == NULL ||
		    candidates->asked == index->turn_count)
			break;
		turn = index->turns[candidates->asked];
		if (turn->first >= position || turn->first >= candidates->end)
			break;
		candidates->asked++;
		ask(candidates, turn);
	}
	if (position >= candidates->end)
		return NULL;
	candidates->next = position + 1;
	return index->policies[position];
}
