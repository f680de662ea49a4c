#include "session/inside.h"

#include <string.h>

#include "base/arena.h"
#include "reply/knowledge.h"
#include "reply/origin.h"
#include "reply/reason.h"
#include "reply/reply.h"
#include "reply/rewrite.h"
#include "session/case.h"
#include "session/env.h"
#include "session/milter.h"
#include "session/milters.h"
#include "session/rules.h"
#include "session/values.h"

/*
 * The words of an MTA whose milter refuses without any: what `recognise' of
 * the configuration can name, and nothing that is told to anybody.
 */
static const char *const words_of_mta[FORM_COUNT] = {
	[FORM_PERMANENT] = "550 5.7.1 Command rejected",
	[FORM_TEMPORARY] = "451 4.7.1 Service unavailable - try again later",
};

/* With 421 the MTA ends the connection. */
static const char *
wordless(const struct objection *objection)
{
	return objection->closes ? "421 4.7.0" :
	    objection->form == FORM_PERMANENT ? "550 5.7.1" : "451 4.7.1";
}

/* A reply in our words, and what is told of it. */
struct story {
	const struct reply	*reply;
	const struct reason	*reason;
	const char		*sure;
	const char		*original;
	const char		*lint;
};

static struct rewriting
rewrite_text(struct session *session, const struct rewrite_how *how,
    const char *text)
{
	struct unwrapped unwrapped = unwrap_said(session->transaction, text,
	    strlen(text));

	unwrapped.speaker = SPEAKER_MILTER;
	return rewrite(session->transaction, how, &unwrapped);
}

/* The milter's reply; one without words may have a meaning all the same. */
static struct story
retell(struct session *session, const struct objection *objection,
    const struct values *values, const struct letterhead *letterhead,
    const char *case_id)
{
	const struct rewrite_how how = {
		.catalogue = session->rules->catalogue,
		.knowledge = session->rules->knowledge,
		.letterhead = letterhead,
		.values = values,
		.case_id = case_id,
		.origin = origin_of_milter(session->transaction,
		    objection->milter->name),
	};
	/* A shutdown has no words either, and stays a 421. */
	bool silent = objection->reply[0] == '\0' && !objection->closes;
	struct rewriting rewriting = rewrite_text(session, &how, silent ?
	    words_of_mta[objection->form] : objection->closes ?
	    wordless(objection) : objection->reply);

	if (silent && (rewriting.recognition.meaning == NULL ||
	    rewriting.recognition.meaning->place.line == 0))
		rewriting = rewrite_text(session, &how,
		    wordless(objection));
	return (struct story){
		.reply = rewriting.reply,
		.reason = rewriting.recognition.reason,
		.sure = sure_name(rewriting.recognition.sure),
		.original = objection->reply,
		.lint = rewriting.lint,
	};
}

/* That the milter could not be asked is our fault, and we say so. */
static struct story
blame_us(struct session *session, const struct objection *objection,
    const struct values *values, const struct letterhead *letterhead,
    const char *case_id)
{
	const struct reason *reason = session->rules->unasked;
	struct rendering rendering = render(session->transaction, reason,
	    FORM_TEMPORARY, values, letterhead, case_id);

	return (struct story){
		.reply = rendering.reply,
		.reason = reason,
		.sure = "",
		.original = objection->why,
		.lint = rendering.lint,
	};
}

/* What was done: a reply of ours may be of another class than the milter's. */
static enum action
action_of(const struct objection *objection, const struct reply *reply)
{
	if (objection->discards)
		return ACTION_DISCARD;
	if (objection->holds)
		return ACTION_QUARANTINE;
	return reply != NULL && status_class(reply->status) == 5 ?
	    ACTION_REJECT : ACTION_DEFER;
}

static void
record_objection(struct session *session, const struct objection *objection,
    enum outcome outcome, const struct story *story, const char *case_id)
{
	decide_record(session, &(struct record){
		.outcome = outcome,
		.action = action_of(objection, story->reply),
		.source = SOURCE_MILTER,
		.milter = objection->milter->name,
		.reason = story->reason,
		.stage = objection->stage,
		.case_id = case_id,
		.reply = story->reply,
		.original = story->original,
		.sure = story->sure,
		.lint = story->lint,
	});
}

/* Makes the reply to an objection and its record. */
static const struct reply *
compose(struct session *session, const struct objection *objection,
    enum outcome outcome)
{
	struct arena *arena = session->transaction;
	char case_id[CASE_TEXT_MAX] = "";
	struct letterhead letterhead;
	struct values values;
	struct story story;
	const char *shown;

	values_from_facts(&values, arena, &session->facts, NULL, NULL);
	letterhead = decide_letterhead(session, &values);
	case_new(session->env, case_id);
	shown = session->rules->show_case ? case_id : "";
	story = objection->fault ?
	    blame_us(session, objection, &values, &letterhead, shown) :
	    retell(session, objection, &values, &letterhead, shown);
	if (outcome != OUTCOME_OBSERVED)
		session_sent(session, story.reply);
	record_objection(session, objection, outcome, &story, case_id);
	return story.reply;
}

/* Of what has no reply: thrown away, held, or let go on. */
static void
record_silent(struct session *session, const struct objection *objection,
    enum outcome outcome)
{
	const struct story silent = {
		.sure = "",
		.original = objection->why,
		.lint = "",
	};

	record_objection(session, objection, outcome, &silent, "");
}

void
foreign_record(struct session *session, const struct objection *objection,
    enum outcome outcome)
{
	if (objection->discards || objection->holds || objection->fault)
		record_silent(session, objection, outcome);
	else
		compose(session, objection, outcome);
}

struct answer
foreign_answer(struct session *session, const struct objection *objection)
{
	if (objection->discards) {
		record_silent(session, objection, OUTCOME_DONE);
		return (struct answer){ .kind = ANSWER_DISCARD };
	}
	return (struct answer){
		.kind = ANSWER_REFUSE,
		.reply = compose(session, objection, objection->fault ?
		    OUTCOME_FAULT : OUTCOME_DONE),
	};
}

void
foreign_note(struct session *session, const struct rejection *rejection)
{
	struct arena *arena = session->transaction;
	const char *text = arena_format(arena, "%s %s", rejection->enhanced,
	    rejection->text);
	struct unwrapped unwrapped = unwrap_said(arena, text, strlen(text));
	struct recognition recognition = recognise(arena,
	    session->rules->knowledge, ORIGIN_MTA, &unwrapped);

	decide_record(session, &(struct record){
		.outcome = OUTCOME_NOTED,
		.action = rejection->enhanced[0] == '4' ? ACTION_DEFER :
		    ACTION_REJECT,
		.source = SOURCE_MTA,
		.reason = recognition.reason,
		.stage = STAGE_RCPT,
		.case_id = "",
		.original = text,
		.sure = sure_name(recognition.sure),
		.lint = "",
	});
}
