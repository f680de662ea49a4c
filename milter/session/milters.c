#include "session/milters_inside.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "session/demand.h"
#include "session/env.h"
#include "session/foretold.h"
#include "session/milter.h"
#include "session/rules.h"

void
link_begin_anew(struct link *link)
{
	child_reset(link->child);
	link->told = TOLD_NOTHING;
	link->noted = false;
}

const struct milter_terms *
link_note_terms(struct milters *milters, struct link *link,
    struct child_said *said)
{
	const struct milter_terms *terms;

	terms = child_negotiate(link->child, said);
	if (terms != NULL && !link->noted)
		foretold_put(milters->env->foretold, link->milter, terms);
	link->noted = terms != NULL;
	return terms;
}

/*
 * Takes a milter at the word that it gave the last time.  Returns that, or
 * NULL where it is not known.
 */
static const struct milter_terms *
foretell(struct milters *milters, struct link *link, struct arena *arena)
{
	struct milter_terms *terms = arena_alloc(arena, sizeof(*terms));

	if (!foretold_get(milters->env->foretold, link->milter, arena, terms))
		return NULL;
	child_foretell(link->child, terms);
	link->foretold_steps = terms->steps;
	return terms;
}

struct milters *
milters_new(const struct rules *rules, const struct env *env,
    struct arena *connection, const struct milter_terms *offered,
    milters_observer *observed, void *context, struct demand *demand)
{
	struct milters *milters = xcalloc(1, sizeof(*milters));

	milters->rules = rules;
	milters->env = env;
	milters->observed = observed;
	milters->context = context;
	milters->demand = demand;
	milters->connection = connection;
	milters->copy = (struct copy)COPY_INIT;
	milters->terms.offered = *offered;
	milters->terms.leading_space =
	    (offered->steps & MILTER_LEADING_SPACE) != 0;
	milters->count = rules->milter_count;
	milters->links = xcalloc(milters->count, sizeof(*milters->links));
	for (size_t i = 0; i < milters->count; i++) {
		struct link *link = &milters->links[i];
		const struct milter_terms *terms;
		struct child_said said;

		link->milter = &rules->milters[i];
		link->child = child_new(link->milter, env, &milters->terms);
		terms = foretell(milters, link, connection);
		if (terms == NULL)
			terms = link_note_terms(milters, link, &said);
		if (terms == NULL)
			link_begin_anew(link);
		demand_add_milter(demand, connection, rules, link->milter,
		    terms);
	}
	demand->leading_space = milters->terms.leading_space;
	return milters;
}

void
milters_free(struct milters *milters)
{
	if (milters == NULL)
		return;
	for (size_t i = 0; i < milters->count; i++)
		child_free(milters->links[i].child);
	for (int p = 0; p < MILTER_PLACE_COUNT; p++)
		free(milters->macros[p].items);
	copy_release(&milters->copy);
	free(milters->links);
	free(milters);
}

void
milters_macro(struct milters *milters, struct arena *arena,
    enum milter_place place, const char *name, const char *value)
{
	struct told_macros *macros = &milters->macros[place];

	if (place == MILTER_AT_HELO && !milters->helo_is_new) {
		macros->count = 0;
		milters->helo_is_new = true;
	}
	macros->items = xgrow(macros->items, macros->count, &macros->room,
	    sizeof(*macros->items));
	macros->items[macros->count++] = (struct milter_macro){
		.name = arena_strdup(arena, name),
		.value = arena_strdup(arena, value),
	};
}

void
milters_connect(struct milters *milters, struct arena *arena,
    const char *host, const struct ip *ip, unsigned port)
{
	milters->connected = true;
	milters->host = arena_strdup(arena, host);
	milters->has_ip = ip != NULL;
	if (ip != NULL)
		milters->ip = *ip;
	milters->port = port;
}

/* A second HELO takes the place of the first, for the milters, too. */
void
milters_helo(struct milters *milters, struct arena *arena, const char *name)
{
	milters->helo = arena_strdup(arena, name);
	milters->helo_is_new = false;
	for (size_t i = 0; i < milters->count; i++) {
		struct link *link = &milters->links[i];

		if (link->told > TOLD_CONNECT)
			link->told = TOLD_CONNECT;
		if (link->objection.milter != NULL &&
		    link->objection.stage == STAGE_HELO) {
			link->objection = OBJECTION_NONE;
			link_begin_anew(link);	/* it takes us for gone */
		}
	}
}

struct arguments
milters_arguments(struct arena *arena, const char *const *args, size_t count)
{
	struct arguments kept = { .count = 0 };

	for (size_t i = 0; i < count && i < MILTERS_ARGUMENTS_MAX; i++)
		kept.items[kept.count++] = arena_strdup(arena, args[i]);
	return kept;
}

void
milters_mail(struct milters *milters, struct arena *arena,
    const char *const *args, size_t count)
{
	milters->mail = milters_arguments(arena, args, count);
}

void
milters_header(struct milters *milters, struct arena *arena,
    const char *name, const char *value)
{
	copy_add_field(&milters->copy, arena, name, value,
	    milters->rules->message_bytes_max);
}

void
milters_body(struct milters *milters, const void *bytes, size_t len)
{
	copy_add_body(&milters->copy, bytes, len,
	    milters->rules->message_bytes_max);
}

void
milters_rcpt_over(struct milters *milters)
{
	milters->macros[MILTER_AT_RCPT].count = 0;
}

void
milters_forget_message(struct milters *milters)
{
	static const enum milter_place of_message[] = { MILTER_AT_MAIL,
	    MILTER_AT_RCPT, MILTER_AT_DATA, MILTER_AT_END_OF_HEADERS,
	    MILTER_AT_END };

	for (size_t i = 0; i < milters->count; i++) {
		struct link *link = &milters->links[i];

		child_abort(link->child);
		if (link->told > TOLD_HELO)
			link->told = TOLD_HELO;
		link->done = false;
		if (link->objection.milter != NULL &&
		    (link->objection.fault ||
		    link->objection.stage >= STAGE_MAIL))
			link->objection = OBJECTION_NONE;
	}
	for (size_t i = 0; i < sizeof(of_message) / sizeof(of_message[0]);
	    i++)
		milters->macros[of_message[i]].count = 0;
	milters->mail.count = 0;
	copy_reset(&milters->copy);
}
