#include "tool/grounds.h"

#include <string.h>

#include "base/strbuf.h"
#include "policy/interval.h"
#include "policy/list.h"
#include "policy/matcher.h"
#include "policy/policy.h"
#include "tool/say.h"

#define PATTERNS_SHOWN	4	/* of a condition that does not hold */

static void
add_attribute(struct strbuf *why, const struct condition *condition)
{
	strbuf_adds(why, attribute_name(condition->attribute));
	if (*condition->name != '\0')
		strbuf_addf(why, " %s", condition->name);
}

static void
add_number(struct strbuf *why, enum subject subject, uint64_t number)
{
	if (subject == SUBJECT_DAY)
		strbuf_adds(why, day_name((unsigned)number));
	else if (subject == SUBJECT_TIME)
		strbuf_addf(why, "%02u:%02u", (unsigned)number / 60,
		    (unsigned)number % 60);
	else
		strbuf_addf(why, "%llu", (unsigned long long)number);
}

static void
add_text(struct strbuf *why, enum subject subject, const struct text *text)
{
	if (subject == SUBJECT_ADDRESS && text->len == 0)
		strbuf_adds(why, "<>");
	else
		quote(why, text->bytes, text->len);
}

/* The value that decided; text NULL where the fact is no text. */
static void
add_value(struct strbuf *why, enum subject subject, const struct fact *fact,
    const struct text *text)
{
	char ip[IP_TEXT_MAX];

	switch (subject) {
	case SUBJECT_IP:
		ip_format(&fact->ip, ip);
		strbuf_adds(why, ip);
		break;
	case SUBJECT_NUMBER:
	case SUBJECT_DAY:
	case SUBJECT_TIME:
		add_number(why, subject, fact->number);
		break;
	default:
		add_text(why, subject, text);
		break;
	}
}

static bool
is_text(enum subject subject)
{
	return subject == SUBJECT_TEXT || subject == SUBJECT_HOST ||
	    subject == SUBJECT_ADDRESS;
}

/* A pattern as it was written; in quotes where it could be taken for prose. */
static void
add_pattern(struct strbuf *why, enum subject subject, const char *source)
{
	if (*source == '@' || !is_text(subject))
		clean(why, source, strlen(source));
	else
		quote(why, source, strlen(source));
}

/* How the value and the pattern go together: "is in", "matches". */
static const char *
relation(enum subject subject, const char *source, bool holds)
{
	if (*source != '@' && is_text(subject))
		return holds ? "matches" : "does not match";
	if (*source == '@' || (subject != SUBJECT_NUMBER &&
	    strpbrk(source, "/-") != NULL))
		return holds ? "is in" : "is not in";
	return holds ? "is" : "is not";
}

/* For a list: which of its entries it was, and where that stands. */
static void
add_entry(struct strbuf *why, const struct evidence_item *item,
    const struct fact *fact)
{
	const struct condition *condition = item->condition;
	struct operand operand = {
		.subject = attribute_subject(condition->attribute),
		.text = item->value.bytes,
		.len = item->value.len,
		.ip = fact->ip,
		.number = item->number,
	};
	uint32_t entry;

	for (size_t i = 0; i < condition->count; i++) {
		const struct pattern *pattern = &condition->patterns[i];
		const char *source;

		if (pattern->kind != PATTERN_LIST ||
		    strcmp(pattern->source, item->pattern) != 0 ||
		    matcher_match(pattern->list->matcher, &operand, &entry) !=
		    TRUTH_YES)
			continue;
		source = matcher_source(pattern->list->matcher, entry);
		strbuf_adds(why, " by ");
		quote(why, source, strlen(source));
		strbuf_adds(why, " (");
		place_format(matcher_place(pattern->list->matcher, entry),
		    why);
		strbuf_addch(why, ')');
		return;
	}
}

static void
add_held(struct strbuf *why, const struct evidence_item *item,
    struct facts *facts)
{
	const struct condition *condition = item->condition;
	enum subject subject = attribute_subject(condition->attribute);
	struct fact fact = facts_get(facts, condition->attribute,
	    condition->name);

	add_attribute(why, condition);
	strbuf_addch(why, ' ');
	add_value(why, subject, &fact, &item->value);
	strbuf_addf(why, " %s ", relation(subject, item->pattern, true));
	add_pattern(why, subject, item->pattern);
	add_entry(why, item, &fact);
}

static void
add_not_held(struct strbuf *why, const struct condition *condition,
    struct facts *facts)
{
	enum subject subject = attribute_subject(condition->attribute);
	struct fact fact = facts_get(facts, condition->attribute,
	    condition->name);

	if (fact.state == FACT_ABSENT) {
		strbuf_adds(why, "there is no ");
		add_attribute(why, condition);
		return;
	}
	add_attribute(why, condition);
	strbuf_addch(why, ' ');
	add_value(why, subject, &fact, fact.texts);
	if (fact.count > 1)
		strbuf_addf(why, " (and %zu more)", fact.count - 1);
	if (condition->count > 1)
		strbuf_adds(why, is_text(subject) ?
		    " matches none of " : " is none of ");
	else
		strbuf_addf(why, " %s ", relation(subject,
		    condition->patterns[0].source, false));
	for (size_t i = 0; i < condition->count; i++) {
		if (i == PATTERNS_SHOWN) {
			strbuf_addf(why, " and %zu more",
			    condition->count - i);
			break;
		}
		strbuf_adds(why, i == 0 ? "" : ", ");
		add_pattern(why, subject, condition->patterns[i].source);
	}
}

static void
add_undecided(struct strbuf *why, const struct condition *condition,
    struct facts *facts)
{
	struct fact fact = facts_get(facts, condition->attribute,
	    condition->name);

	add_attribute(why, condition);
	switch (fact.state) {
	case FACT_LATER:
		strbuf_adds(why, " is not known yet");
		return;
	case FACT_UNKNOWN:
		strbuf_adds(why, " could not be found out");
		return;
	case FACT_ABSENT:
	case FACT_KNOWN:
		break;
	}
	strbuf_adds(why, fact.complete ?
	    " could not be compared within the limits" :
	    " could not be seen as a whole");
}

/* The first condition of the group that came out as wanted, or NULL. */
static const struct condition *
first_that(const struct group *group, struct facts *facts, enum truth wanted)
{
	for (size_t i = 0; i < group->count; i++)
		if (condition_match(&group->conditions[i], facts, NULL) ==
		    wanted)
			return &group->conditions[i];
	return NULL;
}

/* Why a clause is undecided: a condition of each group that is not "no". */
static bool
clause_undecided(struct strbuf *why, const struct clause *clause,
    struct facts *facts)
{
	bool any = false;

	for (size_t g = 0; g < clause->count; g++) {
		const struct group *group = &clause->groups[g];
		const struct condition *condition;

		if (first_that(group, facts, TRUTH_NO) != NULL)
			continue;
		condition = first_that(group, facts, TRUTH_UNKNOWN);
		if (condition == NULL)
			continue;
		strbuf_adds(why, any ? "; " : "");
		add_undecided(why, condition, facts);
		any = true;
	}
	return any;
}

/* Why a clause does not hold: one condition of each of its groups. */
static bool
clause_refuted(struct strbuf *why, const struct clause *clause,
    struct facts *facts)
{
	size_t start = why->len;

	for (size_t g = 0; g < clause->count; g++) {
		const struct condition *condition = first_that(
		    &clause->groups[g], facts, TRUTH_NO);

		if (condition == NULL) {
			strbuf_cut(why, start);
			return false;
		}
		strbuf_adds(why, g == 0 ? "" : "; ");
		add_not_held(why, condition, facts);
	}
	return clause->count > 0;
}

/* The conditions of the first group that holds as a whole. */
static void
clause_held(struct strbuf *why, const struct clause *clause,
    struct facts *facts)
{
	for (size_t g = 0; g < clause->count; g++) {
		const struct group *group = &clause->groups[g];

		if (first_that(group, facts, TRUTH_NO) != NULL ||
		    first_that(group, facts, TRUTH_UNKNOWN) != NULL)
			continue;
		for (size_t i = 0; i < group->count; i++) {
			struct evidence_item item;

			condition_match(&group->conditions[i], facts, &item);
			strbuf_adds(why, i == 0 ? "" : ", ");
			add_held(why, &item, facts);
		}
		return;
	}
}

enum truth
grounds_explain(const struct policy *policy, struct facts *facts,
    struct strbuf *why)
{
	struct evidence evidence;
	enum truth truth = policy_match(policy, facts, &evidence);

	switch (truth) {
	case TRUTH_YES:
		if (policy->when.count == 0)
			strbuf_adds(why, "it is for every mail");
		else
			clause_held(why, &policy->when, facts);
		if (policy->unless.count > 0) {
			strbuf_adds(why, "; and no exception: ");
			clause_refuted(why, &policy->unless, facts);
		}
		break;
	case TRUTH_NO:
		if (clause_refuted(why, &policy->when, facts))
			break;
		strbuf_adds(why, "exception: ");
		clause_held(why, &policy->unless, facts);
		break;
	case TRUTH_UNKNOWN:
		if (clause_undecided(why, &policy->when, facts))
			break;
		strbuf_adds(why, "exception: ");
		clause_undecided(why, &policy->unless, facts);
		break;
	}
	return truth;
}
