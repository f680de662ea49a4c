#include "session/milters.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/mem.h"
#include "session/change.h"
#include "session/child.h"
#include "session/copy.h"
#include "session/demand.h"
#include "session/env.h"
#include "session/foretold.h"
#include "session/milter.h"
#include "session/rules.h"

#define ARGUMENTS_MAX	64	/* of MAIL and RCPT; more are left out */

/* How much of what came before this milter has been told. */
enum told { TOLD_NOTHING, TOLD_CONNECT, TOLD_HELO, TOLD_MAIL };

/* One milter in the chain of this connection. */
struct link {
	const struct milter	*milter;
	struct child		*child;
	enum told		 told;
	bool			 data_told;	/* of this message */
	bool			 noted;		/* what it asks for */
	bool			 gone;	/* has no say in this connection any
					   more */
	bool			 done;	/* nor in this message */
	/* Against client or sender: holds for all that follows. */
	struct objection	 objection;
};

struct told_macros {
	size_t			 count, room;
	struct milter_macro	*items;		/* heap; texts in an arena */
};

struct arguments {
	size_t			 count;
	const char		*items[ARGUMENTS_MAX];
};

struct milters {
	const struct rules	*rules;
	const struct env	*env;
	milters_observer	*observed;
	void			*context;
	struct child_terms	 terms;
	const struct demand	*demand;
	size_t			 count;
	struct link		*links;
	/* What the MTA told. */
	struct told_macros	 macros[MILTER_PLACE_COUNT];
	bool			 connected;
	const char		*host;
	struct ip		 ip;
	bool			 has_ip;
	unsigned		 port;
	const char		*helo;		/* NULL: none yet */
	bool			 helo_is_new;	/* its macros come */
	struct arguments	 mail;
	struct copy		 copy;
};

static const struct objection none = { .milter = NULL };

/* After a failure: the next message begins with a new connection. */
static void
begin_anew(struct link *link)
{
	child_reset(link->child);
	link->told = TOLD_NOTHING;
	link->data_told = false;
	link->noted = false;
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
	return terms;
}

/* Keeps in mind, for the sessions to come, what a milter asks for now. */
static const struct milter_terms *
note_terms(struct milters *milters, struct link *link,
    struct child_said *said)
{
	const struct milter_terms *terms;

	terms = child_negotiate(link->child, said);
	if (terms != NULL && !link->noted)
		foretold_put(milters->env->foretold, link->milter, terms);
	link->noted = terms != NULL;
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
			terms = note_terms(milters, link, &said);
		if (terms == NULL)
			begin_anew(link);
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

static struct child_macros
macros_at(const struct milters *milters, enum milter_place place)
{
	return (struct child_macros){
		.count = milters->macros[place].count,
		.items = milters->macros[place].items,
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
		if (link->objection.stage == STAGE_HELO)
			link->objection = none;
	}
}

/* The first ARGUMENTS_MAX of them, in the arena. */
static struct arguments
keep_arguments(struct arena *arena, const char *const *args, size_t count)
{
	struct arguments kept = { .count = 0 };

	for (size_t i = 0; i < count && i < ARGUMENTS_MAX; i++)
		kept.items[kept.count++] = arena_strdup(arena, args[i]);
	return kept;
}

void
milters_mail(struct milters *milters, struct arena *arena,
    const char *const *args, size_t count)
{
	milters->mail = keep_arguments(arena, args, count);
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

/* False for one that is only observed, and where all of us only observe. */
static bool
is_obeyed(const struct milters *milters, const struct link *link)
{
	return !link->milter->observe && !milters->rules->observe;
}

/* What on_error says; returns an objection where mail is to be deferred. */
static struct objection
fail(struct milters *milters, struct link *link, enum stage stage,
    const char *why, struct arena *arena)
{
	const struct objection objection = {
		.milter = link->milter,
		.stage = stage,
		.form = FORM_TEMPORARY,
		.fault = true,
		.reply = "",
		.why = arena_strdup(arena, why),
	};

	begin_anew(link);
	switch (link->milter->on_error) {
	case MILTER_ERROR_ACCEPT:
		link->done = true;
		return none;
	case MILTER_ERROR_SKIP:
		link->gone = true;
		return none;
	case MILTER_ERROR_DEFER:
	case MILTER_ERROR_COUNT:
		break;
	}
	/* Who is only observed is not obeyed in its failing either. */
	link->done = !is_obeyed(milters, link);
	return is_obeyed(milters, link) ? objection : none;
}

/*
 * Takes note of what a milter said at a step; returns an objection that is to
 * be carried out, or none.
 */
static struct objection
heed(struct milters *milters, struct link *link, enum stage stage,
    const struct child_said *said, struct arena *arena)
{
	struct objection objection = {
		.milter = link->milter,
		.stage = stage,
		.form = said->result == CHILD_REFUSES ? FORM_PERMANENT :
		    FORM_TEMPORARY,
		.reply = arena_strdup(arena, said->reply),
		.why = "",
	};

	switch (said->result) {
	case CHILD_GOES_ON:
		return none;
	case CHILD_ACCEPTS:
		if (stage <= STAGE_HELO)
			link->gone = true;
		else
			link->done = true;
		return none;
	case CHILD_FAILED:
		return fail(milters, link, stage, said->why, arena);
	case CHILD_SHUTS_DOWN:
		objection.closes = true;
		link->gone = true;
		break;
	case CHILD_DISCARDS:
		objection.discards = true;
		break;
	case CHILD_REFUSES:
	case CHILD_DEFERS:
		break;
	}
	if (!is_obeyed(milters, link)) {
		milters->observed(milters->context, &objection);
		/* It takes what it refused for gone. */
		if (stage <= STAGE_HELO)
			link->gone = true;
		else if (stage != STAGE_RCPT)
			link->done = true;
		return none;
	}
	return objection;
}

/* One step of those before the recipients. */
static struct child_said
tell_step(struct milters *milters, struct link *link, enum told step)
{
	struct child_macros macros;

	switch (step) {
	case TOLD_CONNECT:
		macros = macros_at(milters, MILTER_AT_CONNECT);
		if (!milters->connected)
			break;
		return child_connect(link->child, &macros, milters->host,
		    milters->has_ip ? &milters->ip : NULL, milters->port);
	case TOLD_HELO:
		macros = macros_at(milters, MILTER_AT_HELO);
		if (milters->helo == NULL)
			break;
		return child_helo(link->child, &macros, milters->helo);
	case TOLD_MAIL:
		macros = macros_at(milters, MILTER_AT_MAIL);
		return child_mail(link->child, &macros, milters->mail.items,
		    milters->mail.count);
	case TOLD_NOTHING:
		break;
	}
	return (struct child_said){ .result = CHILD_GOES_ON, .reply = "" };
}

static enum stage
stage_of(enum told step)
{
	return step == TOLD_CONNECT ? STAGE_CONNECT :
	    step == TOLD_HELO ? STAGE_HELO : STAGE_MAIL;
}

/* Tells a milter what the MTA has told us up to MAIL. */
static struct objection
catch_up(struct milters *milters, struct link *link, struct arena *arena)
{
	while (!link->gone && !link->done && link->told < TOLD_MAIL &&
	    link->objection.milter == NULL) {
		enum told step = (enum told)(link->told + 1);
		struct child_said said = tell_step(milters, link, step);
		struct objection objection;

		link->told = step;
		objection = heed(milters, link, stage_of(step), &said, arena);
		if (objection.fault)
			return objection;
		link->objection = objection;
	}
	if (child_is_open(link->child))
		note_terms(milters, link, &(struct child_said){ .why = "" });
	return link->objection;
}

/* True while a milter still has a say in this message. */
static bool
has_say(const struct link *link)
{
	return !link->gone && !link->done;
}

struct objection
milters_ask(struct milters *milters, struct arena *arena)
{
	for (size_t i = 0; i < milters->count; i++) {
		struct objection objection = catch_up(milters,
		    &milters->links[i], arena);

		if (objection.milter != NULL)
			return objection;
	}
	return none;
}

struct objection
milters_rcpt(struct milters *milters, struct arena *arena,
    const char *const *args, size_t count)
{
	const struct arguments rcpt = keep_arguments(arena, args, count);
	const struct child_macros macros = macros_at(milters, MILTER_AT_RCPT);
	struct objection objection = none;

	for (size_t i = 0; i < milters->count &&
	    objection.milter == NULL; i++) {
		struct link *link = &milters->links[i];
		struct child_said said;

		objection = catch_up(milters, link, arena);
		if (objection.milter != NULL || !has_say(link))
			continue;
		said = child_rcpt(link->child, &macros, rcpt.items,
		    rcpt.count);
		objection = heed(milters, link, STAGE_RCPT, &said, arena);
	}
	milters->macros[MILTER_AT_RCPT].count = 0;
	return objection;
}

/* Only for who is there already: a refused recipient wakes nobody. */
void
milters_rcpt_rejected(struct milters *milters, struct arena *arena,
    const char *const *args, size_t count)
{
	const struct arguments rcpt = keep_arguments(arena, args, count);
	const struct child_macros macros = macros_at(milters, MILTER_AT_RCPT);

	for (size_t i = 0; i < milters->count; i++) {
		struct link *link = &milters->links[i];
		struct child_said said;

		if (link->told < TOLD_MAIL || !has_say(link) ||
		    !child_is_open(link->child) ||
		    !child_wants_refused(link->child))
			continue;
		said = child_rcpt(link->child, &macros, rcpt.items,
		    rcpt.count);
		if (said.result == CHILD_FAILED)
			fail(milters, link, STAGE_RCPT, said.why, arena);
	}
	milters->macros[MILTER_AT_RCPT].count = 0;
}

static struct objection
tell_data(struct milters *milters, struct link *link, struct arena *arena)
{
	const struct child_macros macros = macros_at(milters, MILTER_AT_DATA);
	struct child_said said;

	if (link->data_told)
		return none;
	said = child_data(link->child, &macros);
	link->data_told = true;
	return heed(milters, link, STAGE_EOM, &said, arena);
}

struct objection
milters_data(struct milters *milters, struct arena *arena)
{
	struct objection objection = none;

	for (size_t i = 0; i < milters->count &&
	    objection.milter == NULL; i++)
		if (has_say(&milters->links[i]))
			objection = tell_data(milters, &milters->links[i],
			    arena);
	return objection;
}

struct objection
milters_unknown(struct milters *milters, struct arena *arena,
    const char *command)
{
	struct objection objection = none;

	for (size_t i = 0; i < milters->count &&
	    objection.milter == NULL; i++) {
		struct link *link = &milters->links[i];
		struct child_said said;

		if (!has_say(link) || !child_is_open(link->child))
			continue;
		/* As with a recipient, a refusal is of this command alone. */
		said = child_unknown(link->child, command);
		objection = heed(milters, link, STAGE_RCPT, &said, arena);
	}
	return objection;
}

/*
 * Of a milter that was restarted and asks for more than the last time, when it
 * was settled with the MTA what we are sent; "" where all is there.
 */
static const char *
what_is_missing(const struct milters *milters,
    const struct milter_terms *terms)
{
	bool headers = (terms->steps & MILTER_NO_HEADERS) == 0;
	bool body = (terms->steps & MILTER_NO_BODY) == 0;

	if (!milters->copy.whole && (headers || body))
		return "the message is larger than daemon.message_max";
	if ((headers && !milters->demand->headers) ||
	    (body && !milters->demand->body))
		return "it asks for more than before; the next connection "
		    "gives it";
	return "";
}

/*
 * The changes of one milter: those of the message are made in the copy.  Of
 * new bodies only the last counts, for to the MTA we are one milter, and the
 * pieces of one are put together.
 */
static void
take_changes(struct milters *milters, const struct link *link,
    const struct changes *from, struct changes *to)
{
	struct change *next;

	if (link->milter->observe)
		return;
	for (struct change *change = from->first; change != NULL;
	    change = next) {
		next = change->next;
		copy_apply(&milters->copy, change);
		change->next = NULL;
		if (change->kind == CHANGE_BODY)
			to->body = change;
		else
			changes_add(to, change);
	}
}

static struct objection
ask_about_message(struct milters *milters, struct link *link,
    struct arena *arena, struct changes *changes)
{
	const struct child_macros eoh = macros_at(milters,
	    MILTER_AT_END_OF_HEADERS);
	const struct child_macros end = macros_at(milters, MILTER_AT_END);
	const struct child_message message = copy_message(&milters->copy);
	struct changes wanted = CHANGES_INIT;
	const struct milter_terms *terms;
	struct objection objection;
	struct child_said said;
	const char *missing;

	terms = note_terms(milters, link, &said);
	if (terms == NULL)
		return heed(milters, link, STAGE_EOM, &said, arena);
	missing = what_is_missing(milters, terms);
	if (*missing != '\0')
		return fail(milters, link, STAGE_EOM, missing, arena);
	said = child_message(link->child, &eoh, &end, &message, arena,
	    &wanted);
	objection = heed(milters, link, STAGE_EOM, &said, arena);
	if (said.result == CHILD_GOES_ON || said.result == CHILD_ACCEPTS)
		take_changes(milters, link, &wanted, changes);
	return objection;
}

struct objection
milters_end(struct milters *milters, struct arena *arena,
    struct changes *changes)
{
	struct objection objection = none;

	for (size_t i = 0; i < milters->count &&
	    objection.milter == NULL; i++) {
		struct link *link = &milters->links[i];

		objection = catch_up(milters, link, arena);
		if (objection.milter == NULL && has_say(link))
			objection = tell_data(milters, link, arena);
		if (objection.milter == NULL && has_say(link))
			objection = ask_about_message(milters, link, arena,
			    changes);
	}
	return objection;
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
		link->data_told = false;
		if (link->objection.milter != NULL &&
		    link->objection.stage >= STAGE_MAIL)
			link->objection = none;
	}
	for (size_t i = 0; i < sizeof(of_message) / sizeof(of_message[0]);
	    i++)
		milters->macros[of_message[i]].count = 0;
	milters->mail.count = 0;
	copy_reset(&milters->copy);
}
