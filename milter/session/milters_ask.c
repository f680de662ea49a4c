#include "session/milters_inside.h"

#include "base/arena.h"
#include "session/change.h"
#include "session/demand.h"
#include "session/milter.h"
#include "session/rules.h"

/* Steps before the end of a message. */
#define NO_EARLY	(MILTER_NO_CONNECT | MILTER_NO_HELO | \
			MILTER_NO_MAIL | MILTER_NO_RCPT)

static struct child_macros
macros_at(const struct milters *milters, enum milter_place place)
{
	return (struct child_macros){
		.count = milters->macros[place].count,
		.items = milters->macros[place].items,
	};
}

/* False for one that is only observed, and where all of us only observe. */
static bool
is_obeyed(const struct milters *milters, const struct link *link)
{
	return !link->milter->observe && !milters->rules->observe;
}

/*
 * What on_error says; returns an objection where mail is to be deferred.  Mail
 * that goes on is written down if it is known of no other failure: those of
 * connections the world logs once and counts.
 */
static struct objection
fail(struct milters *milters, struct link *link, enum stage stage,
    const char *why, bool is_news, struct arena *arena)
{
	const struct objection objection = {
		.milter = link->milter,
		.stage = stage,
		.form = FORM_TEMPORARY,
		.fault = true,
		.reply = "",
		.why = arena_strdup(arena, why),
	};

	link_begin_anew(link);
	/*
	 * Until the message is over: a new connection would know nothing of
	 * the recipients so far.  Who is only observed is not obeyed in its
	 * failing either.
	 */
	if (link->milter->on_error == MILTER_ERROR_DEFER &&
	    is_obeyed(milters, link)) {
		link->objection = objection;
		return objection;
	}
	if (link->milter->on_error == MILTER_ERROR_SKIP)
		link->gone = true;
	else
		link->done = true;
	if (is_news)
		milters->observed(milters->context, &objection,
		    OUTCOME_UNDECIDED);
	return OBJECTION_NONE;
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
		return OBJECTION_NONE;
	case CHILD_ACCEPTS:
		if (stage <= STAGE_HELO)
			link->gone = true;
		else
			link->done = true;
		return OBJECTION_NONE;
	case CHILD_FAILED:
		return fail(milters, link, stage, said->why, false, arena);
	case CHILD_SHUTS_DOWN:
		objection.closes = true;
		break;
	case CHILD_DISCARDS:
		objection.discards = true;
		break;
	case CHILD_REFUSES:
	case CHILD_DEFERS:
		break;
	}
	if (!is_obeyed(milters, link)) {
		milters->observed(milters->context, &objection,
		    OUTCOME_OBSERVED);
		/* It takes what it refused for gone. */
		if (stage <= STAGE_HELO || objection.closes)
			link->gone = true;
		else if (stage != STAGE_RCPT || objection.discards)
			link->done = true;
		return OBJECTION_NONE;
	}
	if (objection.closes)
		link->objection = objection;
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

/* True while a milter still has a say in this message. */
static bool
has_say(const struct link *link)
{
	return !link->gone && !link->done;
}

static struct objection
fail_terms(struct milters *milters, struct link *link, struct arena *arena)
{
	return fail(milters, link, STAGE_MAIL, "it asks for more than the "
	    "last time; from the next connection on it gets that", true,
	    arena);
}

/*
 * Now that a milter is connected to: did it ask for more than the last time,
 * by which it was settled with the MTA what we are told and may answer?  It
 * would miss a part of the mail, or be heard by nobody.
 */
static struct objection
check_terms(struct milters *milters, struct link *link,
    const struct milter_terms *terms, struct arena *arena)
{
	return demand_covers(milters->demand, milters->rules, link->milter,
	    terms) ? OBJECTION_NONE : fail_terms(milters, link, arena);
}

/*
 * Connects, where that was not done yet, and looks at what the milter asks for
 * this time: before it is told a step, so that it misses none.  One that wanted
 * no step before the end the last time is connected to only then; if it wants
 * one now, it has missed it.
 */
static struct objection
settle(struct milters *milters, struct link *link, struct arena *arena)
{
	const struct milter_terms *terms;
	struct child_said said;
	bool missed;

	if (link->noted)
		return OBJECTION_NONE;
	terms = link_note_terms(milters, link, &said);
	if (terms == NULL)
		return heed(milters, link, STAGE_MAIL, &said, arena);
	missed = link->told == TOLD_MAIL &&
	    (link->foretold_steps & ~terms->steps & NO_EARLY) != 0;
	link->foretold_steps = terms->steps;
	child_foretell(link->child, terms);
	return missed ? fail_terms(milters, link, arena) :
	    check_terms(milters, link, terms, arena);
}

/* Tells what is to be told up to MAIL, and heeds the answers. */
static void
tell_steps(struct milters *milters, struct link *link, struct arena *arena)
{
	while (!link->gone && !link->done && link->told < TOLD_MAIL &&
	    link->objection.milter == NULL) {
		enum told step = (enum told)(link->told + 1);
		struct child_said said = tell_step(milters, link, step);
		struct objection objection;

		/* What is said of client and HELO holds longer than a mail. */
		link->told = step;
		objection = heed(milters, link, stage_of(step), &said,
		    step < TOLD_MAIL ? milters->connection : arena);
		if (objection.milter != NULL)
			link->objection = objection;
	}
}

/* Tells a milter what the MTA has told us up to MAIL. */
static struct objection
catch_up(struct milters *milters, struct link *link, struct arena *arena)
{
	/* A connection that is gone takes with it what it was told. */
	if (link->told < TOLD_MAIL && !child_is_open(link->child))
		link_begin_anew(link);
	if (link->told < TOLD_MAIL && has_say(link) &&
	    link->objection.milter == NULL &&
	    (link->foretold_steps & NO_EARLY) != NO_EARLY)
		settle(milters, link, arena);
	tell_steps(milters, link, arena);
	return link->objection;
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
	return OBJECTION_NONE;
}

struct objection
milters_rcpt(struct milters *milters, struct arena *arena,
    const char *const *args, size_t count)
{
	const struct arguments rcpt = milters_arguments(arena, args, count);
	const struct child_macros macros = macros_at(milters, MILTER_AT_RCPT);
	struct objection objection = OBJECTION_NONE;

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
	return objection;
}

void
milters_rcpt_rejected(struct milters *milters, struct arena *arena,
    const char *const *args, size_t count)
{
	const struct arguments rcpt = milters_arguments(arena, args, count);
	const struct child_macros macros = macros_at(milters, MILTER_AT_RCPT);

	for (size_t i = 0; i < milters->count; i++) {
		struct link *link = &milters->links[i];
		struct child_said said;

		if (!child_wants_refused(link->child) ||
		    catch_up(milters, link, arena).milter != NULL ||
		    !has_say(link))
			continue;
		said = child_rcpt(link->child, &macros, rcpt.items,
		    rcpt.count);
		if (said.result == CHILD_FAILED)
			fail(milters, link, STAGE_RCPT, said.why, false,
			    arena);
	}
}

/*
 * At the end of the message, as libmilter on our other side takes no second
 * DATA after one that was refused, and the MTA would wait for its answer.
 */
static struct objection
tell_data(struct milters *milters, struct link *link, struct arena *arena)
{
	const struct child_macros macros = macros_at(milters, MILTER_AT_END);
	const struct child_said said = child_data(link->child, &macros);

	return heed(milters, link, STAGE_EOM, &said, arena);
}

struct objection
milters_unknown(struct milters *milters, struct arena *arena,
    const char *command)
{
	struct objection objection = OBJECTION_NONE;

	for (size_t i = 0; i < milters->count &&
	    objection.milter == NULL; i++) {
		struct link *link = &milters->links[i];
		struct child_said said;

		if (!has_say(link) || !child_is_open(link->child))
			continue;
		/*
		 * As with a recipient, a refusal is of this command alone.
		 * Between messages there is none that it could be about.
		 */
		said = child_unknown(link->child, command);
		if (milters->mail.count == 0 &&
		    (said.result == CHILD_FAILED ||
		    said.result == CHILD_ACCEPTS ||
		    said.result == CHILD_DISCARDS)) {
			if (said.result == CHILD_FAILED)
				link_begin_anew(link);
			continue;
		}
		objection = heed(milters, link, STAGE_RCPT, &said, arena);
	}
	return objection;
}

/* Writes down that a milter wants the message held; true if it is. */
static bool
is_held(struct milters *milters, const struct link *link,
    const struct change *change)
{
	const struct objection objection = {
		.milter = link->milter,
		.stage = STAGE_EOM,
		.holds = true,
		.reply = "",
		.why = change->name,
	};
	bool obeyed = is_obeyed(milters, link);

	milters->observed(milters->context, &objection,
	    obeyed ? OUTCOME_DONE : OUTCOME_OBSERVED);
	return obeyed;
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

	for (struct change *change = from->first; change != NULL;
	    change = next) {
		next = change->next;
		if (change->kind == CHANGE_QUARANTINE &&
		    !is_held(milters, link, change))
			continue;
		if (link->milter->observe)
			continue;
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
	const struct child_macros macros = macros_at(milters, MILTER_AT_END);
	const struct child_message message = copy_message(&milters->copy);
	struct changes wanted = CHANGES_INIT;
	const struct milter_terms *terms;
	struct objection objection;
	struct child_said said;

	terms = link_note_terms(milters, link, &said);
	if (terms == NULL)
		return heed(milters, link, STAGE_EOM, &said, arena);
	/* Whoever wants none of it is asked all the same. */
	if (!milters->copy.whole && (terms->steps & (MILTER_NO_HEADERS |
	    MILTER_NO_BODY)) != (MILTER_NO_HEADERS | MILTER_NO_BODY))
		return fail(milters, link, STAGE_EOM, "the message is larger "
		    "than daemon.message_max", true, arena);
	said = child_message(link->child, &macros, &macros, &message, arena,
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
	struct objection objection = OBJECTION_NONE;

	for (size_t i = 0; i < milters->count &&
	    objection.milter == NULL; i++) {
		struct link *link = &milters->links[i];

		objection = catch_up(milters, link, arena);
		if (objection.milter == NULL && has_say(link)) {
			child_begin_end(link->child);
			objection = settle(milters, link, arena);
		}
		if (objection.milter == NULL && has_say(link))
			objection = tell_data(milters, link, arena);
		if (objection.milter == NULL && has_say(link))
			objection = ask_about_message(milters, link, arena,
			    changes);
	}
	return objection;
}
