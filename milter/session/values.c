#include "session/values.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "policy/message.h"
#include "policy/policy.h"

#define MEBIBYTE	(1024 * 1024)

static const char *
number_text(struct arena *arena, uint64_t number)
{
	struct strbuf text = STRBUF_INIT;
	const char *copy;

	strbuf_addf(&text, "%llu", (unsigned long long)number);
	copy = arena_strdup(arena, text.text);
	strbuf_release(&text);
	return copy;
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
	struct strbuf text = STRBUF_INIT;
	const char *copy;

	if (tenths >= 100 || tenths % 10 == 0)
		strbuf_addf(&text, "%llu",
		    (unsigned long long)((tenths + 9) / 10));
	else
		strbuf_addf(&text, "%llu.%llu",
		    (unsigned long long)(tenths / 10),
		    (unsigned long long)(tenths % 10));
	copy = arena_strdup(arena, text.text);
	strbuf_release(&text);
	return copy;
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

static void
take_evidence(struct values *values, struct arena *arena,
    const struct evidence_item *item)
{
	const char *dot;

	switch (item->condition->attribute) {
	case ATTRIBUTE_SIZE:
	case ATTRIBUTE_HOPS:
	case ATTRIBUTE_RECIPIENTS:
		values->text[VARIABLE_LIMIT] = limit_text(arena, item);
		break;
	case ATTRIBUTE_ATTACHMENT:
		dot = strrchr(item->value.bytes, '.');
		if (dot != NULL)
			values->text[VARIABLE_EXT] = dot;
		break;
	case ATTRIBUTE_SUBJECT:
		values->text[VARIABLE_HEADER] = "Subject";
		break;
	case ATTRIBUTE_HEADER:
	case ATTRIBUTE_HEADER_RAW:
		values->text[VARIABLE_HEADER] = item->condition->name;
		break;
	default:
		break;
	}
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

		if (variable != VARIABLE_COUNT)
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
