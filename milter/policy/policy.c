#include "policy/policy.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "policy/matcher.h"
#include "policy/memo.h"
#include "policy/pattern.h"

static const char *const action_names[] = {
#define ACTION(id, name, help) [ACTION_##id] = name,
#include "policy/action.def"
#undef ACTION
};

const char *
action_name(enum action action)
{
	return action_names[action];
}

bool
action_refuses(enum action action)
{
	return action == ACTION_REJECT || action == ACTION_DEFER;
}

const char *
on_error_name(enum on_error on_error)
{
	return on_error == ON_ERROR_ACCEPT ? "accept" : "defer";
}

/* A field name (RFC 5322 2.2) or a macro's name; both may come from a typo. */
static int
check_name(enum attribute attribute, const char *name, struct diag *diag)
{
	bool named = attribute_is_named(attribute);

	if (named && *name == '\0') {
		diag_error(diag, "%s needs a name beside its pattern; write "
		    "for example %s = { %s = \"...\"; }",
		    attribute_name(attribute), attribute_name(attribute),
		    attribute == ATTRIBUTE_MACRO ? "if_addr" : "Precedence");
		return -1;
	}
	if (!named && *name != '\0') {
		diag_error(diag, "%s takes patterns, not a group of names",
		    attribute_name(attribute));
		return -1;
	}
	for (; *name != '\0'; name++)
		if (!text_is_print(*name) || strchr(" :{}", *name) != NULL) {
			diag_error(diag, "a name in %s has only letters, "
			    "digits, \"-\" and \"_\"",
			    attribute_name(attribute));
			return -1;
		}
	return 0;
}

int
condition_compile(struct condition *condition, struct arena *arena,
    const char *attribute, const char *name, const char *const patterns[],
    size_t count, struct place place, const struct lists *lists,
    struct diag *diag)
{
	struct diag problems = DIAG_INIT;
	struct pattern *compiled;
	struct matcher *matcher;
	enum attribute which;

	if (attribute_from_name(attribute, &which, &problems) == -1)
		goto out;
	check_name(which, name, &problems);
	if (count == 0)
		diag_error(&problems, "%s has an empty array of patterns, "
		    "which can never hold", attribute);
	compiled = arena_alloc(arena, count * sizeof(*compiled));
	matcher = matcher_new(arena);
	for (size_t i = 0; i < count; i++) {
		struct diag why = DIAG_INIT;

		if (pattern_parse(&compiled[i], arena,
		    attribute_subject(which), patterns[i], place, lists,
		    &why) == 0)
			matcher_add(matcher, &compiled[i]);
		diag_take(&problems, &why, PLACE_NONE, "");
	}
	matcher_finish(matcher);
	*condition = (struct condition){
		.attribute = which,
		.name = arena_strdup(arena, name),
		.count = count,
		.patterns = compiled,
		.matcher = matcher,
		.place = place,
	};
out:
	count = problems.errors;
	diag_take(diag, &problems, place, "");
	return count > 0 ? -1 : 0;
}

static enum stage
condition_stage(const struct condition *condition)
{
	return condition->attribute == ATTRIBUTE_MACRO ?
	    macro_stage(condition->name) :
	    attribute_stage(condition->attribute);
}

/* The stage from which on everything in the clause is known. */
static enum stage
clause_stage(const struct clause *clause)
{
	enum stage latest = STAGE_CONNECT;

	for (size_t g = 0; g < clause->count; g++) {
		const struct group *group = &clause->groups[g];

		for (size_t i = 0; i < group->count; i++) {
			enum stage stage =
			    condition_stage(&group->conditions[i]);

			if (stage > latest)
				latest = stage;
		}
	}
	return latest;
}

void
policy_finish(struct policy *policy)
{
	enum stage when = clause_stage(&policy->when);
	enum stage unless = clause_stage(&policy->unless);

	policy->stage = when > unless ? when : unless;
}

static bool
clause_names(const struct clause *clause, enum attribute attribute)
{
	for (size_t g = 0; g < clause->count; g++)
		for (size_t i = 0; i < clause->groups[g].count; i++)
			if (clause->groups[g].conditions[i].attribute ==
			    attribute)
				return true;
	return false;
}

bool
policy_names(const struct policy *policy, enum attribute attribute)
{
	return clause_names(&policy->when, attribute) ||
	    clause_names(&policy->unless, attribute);
}

static bool
is_text(enum subject subject)
{
	return subject == SUBJECT_TEXT || subject == SUBJECT_HOST ||
	    subject == SUBJECT_ADDRESS;
}

static void
testify(struct evidence_item *item, const struct condition *condition,
    const struct operand *operand, uint32_t number)
{
	const char *source = matcher_source(condition->matcher, number);

	if (item == NULL)
		return;
	*item = (struct evidence_item){
		.condition = condition,
		.value = { operand->text, operand->len },
		.pattern = source,
		.number = operand->number,
	};
	for (size_t i = 0; i < condition->count; i++) {
		const struct pattern *pattern = &condition->patterns[i];

		if (pattern->kind == PATTERN_RANGE &&
		    strcmp(pattern->source, source) == 0) {
			item->low = pattern->low;
			item->high = pattern->high;
		}
	}
}

static enum truth
hold(const struct condition *condition, struct facts *facts,
    struct evidence_item *item)
{
	struct fact fact = facts_get(facts, condition->attribute,
	    condition->name);
	struct operand operand = {
		.subject = attribute_subject(condition->attribute),
		.text = "",
		.ip = fact.ip,
		.number = fact.number,
	};
	size_t texts = is_text(operand.subject) ? fact.count : 1;
	enum truth found;
	uint32_t number;

	if (fact.state == FACT_ABSENT)
		return TRUTH_NO;
	if (fact.state != FACT_KNOWN)
		return TRUTH_UNKNOWN;
	found = fact.complete ? TRUTH_NO : TRUTH_UNKNOWN;
	for (size_t i = 0; i < texts && found != TRUTH_YES; i++) {
		enum truth one;

		if (is_text(operand.subject)) {
			operand.text = fact.texts[i].bytes;
			operand.len = fact.texts[i].len;
		}
		one = matcher_match(condition->matcher, &operand, &number);
		if (one == TRUTH_YES)
			testify(item, condition, &operand, number);
		found = truth_or(found, one);
	}
	return found;
}

/* What came of a condition, kept for the other recipients. */
struct result {
	enum truth		 truth;
	struct evidence_item	 item;
};

enum truth
condition_match(const struct condition *condition, struct facts *facts,
    struct evidence_item *item)
{
	struct memo *memo = facts_memo(facts, condition->attribute);
	struct result *kept;

	if (memo == NULL)
		return hold(condition, facts, item);
	kept = memo_find(memo, condition);
	if (kept == NULL) {
		kept = memo_add(memo, condition, sizeof(*kept));
		kept->truth = hold(condition, facts, &kept->item);
	}
	if (kept->truth == TRUTH_YES && item != NULL)
		*item = kept->item;
	return kept->truth;
}

/* All conditions hold.  The first "no" ends it: the rest cannot matter. */
static enum truth
group_match(const struct group *group, struct facts *facts,
    struct evidence *evidence)
{
	enum truth all = TRUTH_YES;

	for (size_t i = 0; i < group->count && all != TRUTH_NO; i++) {
		struct evidence_item *item = NULL;
		enum truth one;

		if (evidence != NULL && evidence->count < EVIDENCE_MAX)
			item = &evidence->items[evidence->count];
		one = condition_match(&group->conditions[i], facts, item);
		if (one == TRUTH_YES && item != NULL)
			evidence->count++;
		all = truth_and(all, one);
	}
	return all;
}

static enum truth
clause_match(const struct clause *clause, struct facts *facts,
    struct evidence *evidence)
{
	enum truth any = TRUTH_NO;

	for (size_t g = 0; g < clause->count && any != TRUTH_YES; g++) {
		if (evidence != NULL)
			evidence->count = 0;
		any = truth_or(any, group_match(&clause->groups[g], facts,
		    evidence));
	}
	return any;
}

enum truth
policy_match(const struct policy *policy, struct facts *facts,
    struct evidence *evidence)
{
	enum truth holds = TRUTH_YES;

	evidence->count = 0;
	if (policy->when.count > 0)
		holds = clause_match(&policy->when, facts, evidence);
	if (holds != TRUTH_NO)
		holds = truth_and(holds, truth_not(clause_match(
		    &policy->unless, facts, NULL)));
	return holds;
}
