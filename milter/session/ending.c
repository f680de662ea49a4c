#include "session/inside.h"

#include <string.h>

#include "base/arena.h"
#include "policy/memo.h"
#include "policy/plan.h"
#include "session/milters.h"
#include "session/rules.h"

/*
 * Tries what is decided at the end of the message for each recipient that is
 * still in it.  Where no policy of that stage looks at the recipient, those
 * with the same history share one answer.
 */
static void
judge_recipients(struct session *session)
{
	const struct plan *plan = session->rules->plan;
	bool each = session->recipient_count == 1 ||
	    plan_names(plan, STAGE_EOM, ATTRIBUTE_RECIPIENT) ||
	    plan_names(plan, STAGE_EOM, ATTRIBUTE_RECIPIENT_DOMAIN);
	const struct recipient *like = NULL;
	unsigned like_limit = 0;

	/* Most mail: what the facts say of its recipient holds still. */
	if (session->recipient_count == 1 && session->last_is_told) {
		decide_stage(session, STAGE_EOM,
		    &session->recipients[0].verdict,
		    &session->recipients[0].verdict);
		return;
	}
	facts_forget_recipient(&session->facts);
	if (each && session->recipient_count > 1)
		session->facts.memo = memo_new(session->transaction);
	for (size_t i = 0; i < session->recipient_count; i++) {
		struct recipient *recipient = &session->recipients[i];
		unsigned limit = verdict_limit(&recipient->verdict);

		if (each)
			session_set_recipient(session, recipient->given,
			    recipient->resolved);
		else if (like != NULL && limit == like_limit) {
			recipient->verdict = like->verdict;
			continue;
		}
		decide_stage(session, STAGE_EOM, &recipient->verdict,
		    &recipient->verdict);
		like = recipient;
		like_limit = limit;
	}
	session->facts.memo = NULL;
	if (session->recipient_count > 1)
		facts_forget_recipient(&session->facts);
}

/* What becomes of a recipient at the end of the message. */
enum fate {
	FATE_TAKEN,
	FATE_REFUSED,		/* if all others are */
	FATE_PROTECTED,		/* refused but for site.never_refuse */
	FATE_DROPPED,
	FATE_HELD
};

static enum fate
fate_of(const struct recipient *recipient)
{
	const struct verdict *verdict = &recipient->verdict;

	if (verdict_does(verdict, ACTION_DISCARD))
		return FATE_DROPPED;
	if (verdict_does(verdict, ACTION_QUARANTINE))
		return FATE_HELD;
	if (verdict->stage != STAGE_EOM || !verdict_refuses(verdict))
		return FATE_TAKEN;
	return recipient->protected ? FATE_PROTECTED : FATE_REFUSED;
}

static bool
is_temporary(const struct verdict *verdict)
{
	return verdict->truth == TRUTH_UNKNOWN ||
	    verdict->policy->form == FORM_TEMPORARY;
}

/*
 * Of the verdicts with this fate, the one that stands first in the file; but
 * one that may pass comes before all that last, since the reply is for all.
 */
static const struct verdict *
first_verdict(const struct session *session, enum fate fate)
{
	const struct verdict *first = NULL;

	for (size_t i = 0; i < session->recipient_count; i++) {
		const struct recipient *recipient = &session->recipients[i];
		const struct verdict *verdict = &recipient->verdict;

		if (fate_of(recipient) != fate)
			continue;
		if (first == NULL || (is_temporary(verdict) ==
		    is_temporary(first) ?
		    verdict_limit(verdict) < verdict_limit(first) :
		    is_temporary(verdict)))
			first = verdict;
	}
	return first;
}

static size_t
count_fate(const struct session *session, enum fate fate)
{
	size_t count = 0;

	for (size_t i = 0; i < session->recipient_count; i++)
		count += fate_of(&session->recipients[i]) == fate;
	return count;
}

/*
 * The message goes on: says what became of each decision about it, once for a
 * policy and not for each of many recipients.
 */
static void
note_fates(struct session *session)
{
	enum outcome refused = count_fate(session, FATE_PROTECTED) > 0 ?
	    OUTCOME_PROTECTED : OUTCOME_HELD_BACK;

	for (size_t i = 0; i < session->recipient_count; i++) {
		const struct verdict *verdict =
		    &session->recipients[i].verdict;
		enum outcome outcome = OUTCOME_DONE;

		switch (fate_of(&session->recipients[i])) {
		case FATE_TAKEN:
			if (verdict->stage != STAGE_EOM ||
			    !verdict_does(verdict, ACTION_ACCEPT))
				continue;
			break;
		case FATE_REFUSED:
		case FATE_PROTECTED:
			outcome = refused;
			break;
		case FATE_DROPPED:
		case FATE_HELD:
			break;
		}
		if (decide_first(session, verdict->policy, outcome))
			decide_note(session, verdict, outcome);
	}
}

/*
 * A recipient as smfi_delrcpt() knows it: Postfix has forgotten the source
 * route by then.
 */
static const char *
without_route(struct session *session, const char *given)
{
	const char *colon = strchr(given, ':');

	if (colon == NULL || strncmp(given, "<@", 2) != 0)
		return given;
	return arena_format(session->transaction, "<%s", colon + 1);
}

/* Takes out the recipients to drop, where others keep the message. */
static void
answer_drops(struct session *session, struct answer *answer)
{
	size_t count = count_fate(session, FATE_DROPPED);
	const char **drop = arena_alloc(session->transaction,
	    count * sizeof(*drop));

	for (size_t i = 0; i < session->recipient_count; i++)
		if (fate_of(&session->recipients[i]) == FATE_DROPPED)
			drop[answer->drop_count++] =
			    without_route(session,
			    session->recipients[i].given);
	answer->drop = drop;
}

/*
 * One reply is for all recipients, so that the message is refused only if it
 * is for each of them.  Those whose mail is to be thrown away have no say.
 */
static struct answer
answer_policies(struct session *session)
{
	struct answer answer = ANSWER_GO_ON;
	const struct verdict *held;
	size_t dropped, refused;

	session->facts.stage = STAGE_EOM;
	session->over = true;
	facts_set_number(&session->facts, ATTRIBUTE_RECIPIENTS,
	    session->recipient_count);
	session_take_macros(session, STAGE_EOM);
	judge_recipients(session);
	dropped = count_fate(session, FATE_DROPPED);
	refused = count_fate(session, FATE_REFUSED);
	if (refused > 0 && refused + dropped == session->recipient_count)
		return decide_refuse(session,
		    first_verdict(session, FATE_REFUSED));
	note_fates(session);
	if (session->rules->observe || session->recipient_count == 0)
		return answer;
	if (dropped == session->recipient_count) {
		answer.kind = ANSWER_DISCARD;
		return answer;
	}
	if (dropped > 0)
		answer_drops(session, &answer);
	held = first_verdict(session, FATE_HELD);
	if (held != NULL)
		answer.quarantine = held->policy->text;
	return answer;
}

/* What our own policies let go on, the milters behind us are asked about. */
struct answer
session_end(struct session *session)
{
	struct answer answer;
	struct objection objection;

	session_go_on(session);
	answer = answer_policies(session);
	if (session->milters == NULL || answer.kind != ANSWER_CONTINUE)
		return answer;
	objection = milters_end(session->milters, session->transaction,
	    &answer.changes);
	return objection.milter != NULL ?
	    foreign_answer(session, &objection) : answer;
}
