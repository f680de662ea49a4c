#include "session/values.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "policy/message.h"
#include "policy/policy.h"

#define MEBIBYTE	(1024 * 1024)

static const char *
number_text(struct arena *arena, uint64_t number)
{
	return arena_format(arena, "%" PRIu64, number);
}

/*
 * A size as people read it: "38" MB, and below ten with one decimal, "1.5".
 * Rounded up, so that a message just above the limit does not seem to equal
 * it.
 */
static const char *
megabytes_text(struct arena *arena, uint64_t bytes)
{
	uint64_t tenths = bytes / MEBIBYTE * 10 +
	    (bytes % MEBIBYTE * 10 + MEBIBYTE - 1) / MEBIBYTE;

	if (tenths >= 100 || tenths % 10 == 0)
		return number_text(arena, (tenths + 9) / 10);
	return arena_format(arena, "%" PRIu64 ".%" PRIu64, tenths / 10,
	    tenths % 10);
}

static const char *
ip_text(struct arena *arena, const struct ip *ip)
{
	char text[IP_TEXT_MAX];

	ip_format(ip, text);
	return arena_strdup(arena, text);
}

/* The value of a plain fact, or NULL where it is not known. */
static const char *
value_of(struct arena *arena, struct facts *facts, enum attribute attribute)
{
	struct fact fact = facts_get(facts, attribute, "");

	if (fact.state != FACT_KNOWN)
		return NULL;
	switch (attribute_subject(attribute)) {
	case SUBJECT_IP:
		return ip_text(arena, &fact.ip);
	case SUBJECT_NUMBER:
		return attribute == ATTRIBUTE_SIZE ?
		    megabytes_text(arena, fact.number) :
		    number_text(arena, fact.number);
	default:
		return fact_text(&fact);
	}
}

/* The limit that a number passed: 25 for "> 25", and for ">= 26". */
static const char *
limit_text(struct arena *arena, const struct evidence_item *item)
{
	uint64_t limit = item->number < item->low ? item->low :
	    item->low > 0 ? item->low - 1 : item->high;

	return item->condition->attribute == ATTRIBUTE_SIZE ?
	    megabytes_text(arena, limit) : number_text(arena, limit);
}

/* The field whose text held the condition. */
static const char *
field_name(const struct condition *condition)
{
	return attribute_is_named(condition->attribute) ? condition->name :
	    attribute_field(condition->attribute);
}

static void
take_evidence(struct values *values, struct arena *arena,
    const struct evidence_item *item)
{
	enum variable variable = attribute_tells(item->condition->attribute);
	const char *text = NULL;

	if (variable == VARIABLE_LIMIT)
		text = limit_text(arena, item);
	else if (variable == VARIABLE_EXT)
		text = strrchr(item->value.bytes, '.');
	else if (variable == VARIABLE_HEADER)
		text = field_name(item->condition);
	if (text != NULL)
		values->text[variable] = text;
}

void
values_from_facts(struct values *values, struct arena *arena,
    struct facts *facts, const struct policy *policy,
    const struct evidence *evidence)
{
	memset(values, 0, sizeof(*values));
	for (int a = 0; a < ATTRIBUTE_COUNT; a++) {
		enum variable variable =
		    attribute_variable((enum attribute)a);

		if (variable != VARIABLE_NONE)
			values->text[variable] = value_of(arena, facts,
			    (enum attribute)a);
	}
	/* The MTA's word for a name that it could not verify is no name. */
	if (values->text[VARIABLE_CLIENT_NAME] != NULL &&
	    strcmp(values->text[VARIABLE_CLIENT_NAME], CLIENT_UNKNOWN) == 0)
		values->text[VARIABLE_CLIENT_NAME] = NULL;
	values->text[VARIABLE_HOW_MANY] = values->text[VARIABLE_RECIPIENTS];
	values->text[VARIABLE_HOST] = facts_macro(facts, "j");
	if (facts->message != NULL && facts->has_fields)
		values->text[VARIABLE_FROM_DOMAIN] =
		    message_from_domain(facts->message).bytes;
	for (size_t i = 0; evidence != NULL && i < evidence->count; i++)
		take_evidence(values, arena, &evidence->items[i]);
	for (int v = 0; policy != NULL && v < VARIABLE_COUNT; v++)
		if (policy->values.text[v] != NULL)
			values->text[v] = policy->values.text[v];
}
