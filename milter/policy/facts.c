#include "policy/facts.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "policy/address.h"
#include "policy/message.h"

void
facts_init(struct facts *facts)
{
	memset(facts, 0, sizeof(*facts));
}

static void
forget(struct facts *facts, enum attribute attribute)
{
	facts->of[attribute] = (struct fact){ .state = FACT_LATER };
}

/* What comes before MAIL is of the connection. */
static bool
is_of_message(enum stage stage)
{
	return stage >= STAGE_MAIL;
}

void
facts_forget_message(struct facts *facts)
{
	struct macro **at = &facts->macros;

	/* Before MAIL there is no fact of a message, only its macros. */
	for (int a = 0; facts->stage >= STAGE_MAIL && a < ATTRIBUTE_COUNT; a++)
		if (is_of_message(attribute_stage((enum attribute)a)))
			forget(facts, (enum attribute)a);
	while (*at != NULL) {
		if (is_of_message((*at)->stage))
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
	facts->message = NULL;
	facts->memo = NULL;
	if (facts->stage > STAGE_HELO)
		facts->stage = STAGE_HELO;
}

void
facts_forget_recipient(struct facts *facts)
{
	forget(facts, ATTRIBUTE_RECIPIENT);
	forget(facts, ATTRIBUTE_RECIPIENT_DOMAIN);
}

struct memo *
facts_memo(const struct facts *facts, enum attribute attribute)
{
	return attribute == ATTRIBUTE_RECIPIENT ||
	    attribute == ATTRIBUTE_RECIPIENT_DOMAIN ? NULL : facts->memo;
}

static struct text
copy(struct arena *arena, const char *text, size_t len)
{
	if (len > FACT_TEXT_MAX)
		len = FACT_TEXT_MAX;
	return (struct text){ arena_memdup(arena, text, len), len };
}

/* text lives in the arena, with a NUL behind it. */
static void
set_kept(struct facts *facts, enum attribute attribute, struct text text,
    bool complete)
{
	facts->text[attribute][0] = text;
	facts->of[attribute] = (struct fact){
		.state = FACT_KNOWN,
		.complete = complete,
		.count = 1,
		.texts = facts->text[attribute],
	};
}

static void
set_absent(struct facts *facts, enum attribute attribute)
{
	facts->of[attribute] = (struct fact){
		.state = FACT_ABSENT,
		.complete = true,
	};
}

void
facts_set_text(struct facts *facts, struct arena *arena,
    enum attribute attribute, const char *text)
{
	if (text == NULL)
		set_absent(facts, attribute);
	else {
		size_t len = strlen(text);

		set_kept(facts, attribute, copy(arena, text, len),
		    len <= FACT_TEXT_MAX);
	}
}

void
facts_set_number(struct facts *facts, enum attribute attribute,
    uint64_t number)
{
	facts->of[attribute] = (struct fact){
		.state = FACT_KNOWN,
		.complete = true,
		.number = number,
	};
}

void
facts_set_ip(struct facts *facts, enum attribute attribute,
    const struct ip *ip)
{
	set_absent(facts, attribute);
	if (ip != NULL && ip->family != 0) {
		facts->of[attribute].state = FACT_KNOWN;
		facts->of[attribute].ip = *ip;
	}
}

void
facts_set_unknown(struct facts *facts, enum attribute attribute)
{
	facts->of[attribute] = (struct fact){ .state = FACT_UNKNOWN };
}

/*
 * An address as the path means it, and its domain, which is its end: both are
 * one text in the arena.  Of what is too long each is cut for itself.
 */
struct address {
	struct text	text, domain;	/* domain.len 0: there is none */
	bool		text_complete, domain_complete;
};

static struct text
cut(struct arena *arena, struct text text, bool *complete)
{
	*complete = text.len <= FACT_TEXT_MAX;
	return *complete ? text : copy(arena, text.bytes, text.len);
}

static struct address
read_address(struct arena *arena, const char *path)
{
	size_t len = strlen(path), at;
	char *out = arena_alloc(arena, len + 1);
	struct address address;

	at = address_read(path, len, out, &len);
	address.text = cut(arena, (struct text){ out, len },
	    &address.text_complete);
	address.domain = cut(arena, (struct text){ out + at, len - at },
	    &address.domain_complete);
	return address;
}

static void
set_domain(struct facts *facts, enum attribute domain,
    const struct address *address)
{
	if (address->domain.len == 0)
		set_absent(facts, domain);
	else
		set_kept(facts, domain, address->domain,
		    address->domain_complete);
}

void
facts_set_address(struct facts *facts, struct arena *arena,
    enum attribute address, enum attribute domain, const char *path)
{
	const struct address read = read_address(arena, path);

	set_kept(facts, address, read.text, read.text_complete);
	set_domain(facts, domain, &read);
}

/* Another text of the same fact, unless it is there already. */
static void
add_text(struct facts *facts, enum attribute attribute, struct text text,
    bool complete)
{
	struct fact *fact = &facts->of[attribute];
	struct text *texts = facts->text[attribute];

	if (fact->state != FACT_KNOWN || fact->count == FACT_TEXTS_MAX ||
	    text_same(texts[0], text))
		return;
	texts[fact->count++] = text;
	fact->complete = fact->complete && complete;
}

void
facts_add_address(struct facts *facts, struct arena *arena,
    enum attribute address, enum attribute domain, const char *path)
{
	const struct address read = read_address(arena, path);

	if (read.domain.len == 0)
		return;
	add_text(facts, address, read.text, read.text_complete);
	if (facts->of[domain].state == FACT_KNOWN)
		add_text(facts, domain, read.domain, read.domain_complete);
	else
		set_domain(facts, domain, &read);
}

/*
 * A macro may come with the connection, and again with a message.  The latter
 * stands in front, and when it is forgotten the former is there again.
 */
void
facts_set_macro(struct facts *facts, struct arena *arena, enum stage stage,
    const char *name, const char *value)
{
	struct macro *macro = facts->macros;

	while (macro != NULL && (strcmp(macro->name, name) != 0 ||
	    is_of_message(macro->stage) != is_of_message(stage)))
		macro = macro->next;
	if (macro == NULL) {
		macro = arena_alloc(arena, sizeof(*macro));
		macro->name = arena_strdup(arena, name);
		macro->next = facts->macros;
		facts->macros = macro;
	}
	macro->value = copy(arena, value, strlen(value));
	macro->stage = stage;
}

static const struct macro *
macro_find(const struct facts *facts, const char *name)
{
	for (const struct macro *m = facts->macros; m != NULL; m = m->next)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

const char *
facts_macro(const struct facts *facts, const char *name)
{
	const struct macro *macro = macro_find(facts, name);

	return macro != NULL ? macro->value.bytes : NULL;
}

static struct fact
fact_of_macro(const struct facts *facts, const char *name)
{
	const struct macro *macro = macro_find(facts, name);

	if (macro == NULL)
		return (struct fact){
			.state = facts->stage < macro_stage(name) ?
			    FACT_LATER : FACT_ABSENT,
			.complete = facts->stage >= macro_stage(name),
		};
	return (struct fact){
		.state = FACT_KNOWN,
		.complete = macro->value.len < FACT_TEXT_MAX,
		.count = 1,
		.texts = &macro->value,
	};
}

static struct fact
fact_of_texts(struct texts texts)
{
	return (struct fact){
		.state = texts.count > 0 ? FACT_KNOWN :
		    texts.complete ? FACT_ABSENT : FACT_UNKNOWN,
		.complete = texts.complete,
		.count = texts.count,
		.texts = texts.items,
	};
}

static struct fact
fact_of_number(uint64_t number)
{
	return (struct fact){
		.state = FACT_KNOWN,
		.complete = true,
		.number = number,
	};
}

struct fact
facts_get(struct facts *facts, enum attribute attribute, const char *name)
{
	struct message *message = facts->message;

	if (attribute_needs_header(attribute) && (facts->stage < STAGE_EOM ||
	    message == NULL || !(attribute_needs_body(attribute) ?
	    facts->has_body : facts->has_fields)))
		return (struct fact){ .state = FACT_LATER };
	switch (attribute_source(attribute)) {
	case FACT_SOURCE_EVENT:
	case FACT_SOURCE_MACRO:
		break;
	case FACT_SOURCE_ANY_MACRO:
		return fact_of_macro(facts, name);
	case FACT_SOURCE_FIELD:
		return fact_of_texts(message_fields(message,
		    attribute_field(attribute), false));
	case FACT_SOURCE_FIELD_COUNT:
		return fact_of_number(message_count_fields(message,
		    attribute_field(attribute)));
	case FACT_SOURCE_ANY_FIELD:
		return fact_of_texts(message_fields(message, name, false));
	case FACT_SOURCE_ANY_FIELD_RAW:
		return fact_of_texts(message_fields(message, name, true));
	case FACT_SOURCE_SIZE:
		return fact_of_number(message_size_bytes(message));
	case FACT_SOURCE_BODY:
		return fact_of_texts(message_bodies(message));
	case FACT_SOURCE_FILE_NAMES:
		return fact_of_texts(message_attachments(message));
	}
	return facts->of[attribute];
}

const char *
fact_text(const struct fact *fact)
{
	return fact->state == FACT_KNOWN && fact->count > 0 ?
	    fact->texts[0].bytes : NULL;
}
