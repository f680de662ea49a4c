#include "session/inside.h"

#include "base/arena.h"
#include "policy/plan.h"
#include "session/case.h"
#include "session/env.h"
#include "session/rules.h"
#include "session/values.h"

/* The text of an attribute for the record; "" where it is not known. */
static const char *
known_text(struct session *session, enum attribute attribute)
{
	struct fact fact = facts_get(&session->facts, attribute, "");
	const char *text = fact_text(&fact);

	return text != NULL ? text : "";
}

static void
record(struct session *session, struct record *record)
{
	char client_ip[IP_TEXT_MAX];

	ip_format(&session->facts.of[ATTRIBUTE_CLIENT_IP].ip, client_ip);
	record->client_ip = client_ip;
	record->client_name = known_text(session, ATTRIBUTE_CLIENT_NAME);
	record->helo = known_text(session, ATTRIBUTE_HELO);
	record->sender = known_text(session, ATTRIBUTE_SENDER);
	record->recipient = known_text(session, ATTRIBUTE_RECIPIENT);
	record->queue_id = known_text(session, ATTRIBUTE_QUEUE_ID);
	session->env->record(session->env->world, record);
}

/*
 * The end of the message may be judged for each recipient; what is the same
 * for all of them is told once.
 */
static bool
was_told(struct session *session, const struct policy *policy)
{
	struct told *told = session->told;

	if (session->trying != STAGE_EOM ||
	    policy_names(policy, ATTRIBUTE_RECIPIENT) ||
	    policy_names(policy, ATTRIBUTE_RECIPIENT_DOMAIN))
		return false;
	for (; told != NULL; told = told->next)
		if (told->policy == policy)
			return true;
	told = arena_alloc(session->transaction, sizeof(*told));
	told->policy = policy;
	told->next = session->told;
	session->told = told;
	return false;
}

static void
watch_passed(void *arg, const struct policy *policy, enum truth held,
    const struct evidence *evidence)
{
	struct session *session = arg;

	if (was_told(session, policy))
		return;
	record(session, &(struct record){
		.outcome = held == TRUTH_UNKNOWN ?
		    OUTCOME_UNDECIDED : OUTCOME_OBSERVED,
		.action = policy->action,
		.policy = policy,
		.reason = policy->reason,
		.stage = session->trying,
		.case_id = "",
		.lint = "",
		.evidence = evidence,
	});
}

void
decide_stage(struct session *session, enum stage stage,
    const struct verdict *before, struct verdict *verdict)
{
	const struct plan_watch watch = { watch_passed, session };
	struct verdict found = { .stage = stage };

	session->trying = stage;
	plan_try(session->rules->plan, stage, &session->facts,
	    verdict_limit(before), &watch, &found.finding);
	*verdict = verdict_decided(&found) ? found : *before;
}

/* Makes the reply of a verdict that refuses, and writes the record of it. */
static const struct reply *
refuse(struct session *session, const struct verdict *verdict)
{
	const struct rules *rules = session->rules;
	const struct finding *finding = &verdict->finding;
	const struct policy *policy = finding->policy;
	bool fault = finding->truth == TRUTH_UNKNOWN;
	const struct reason *reason = fault ? rules->fault : policy->reason;
	enum form form = fault ? FORM_TEMPORARY : policy->form;
	struct letterhead letterhead = rules->letterhead;
	char case_id[CASE_TEXT_MAX] = "";
	struct rendering rendering;
	struct values values;

	values_from_facts(&values, session->transaction, &session->facts,
	    fault ? NULL : policy, fault ? NULL : &finding->evidence);
	if (values.text[VARIABLE_HOST] != NULL)
		letterhead.host = values.text[VARIABLE_HOST];
	case_new(session->env, case_id);
	rendering = render(session->transaction, reason, form, &values,
	    &letterhead, rules->show_case ? case_id : "");
	record(session, &(struct record){
		.outcome = rules->observe ? OUTCOME_OBSERVED :
		    fault ? OUTCOME_FAULT : OUTCOME_DONE,
		.action = fault ? ACTION_DEFER : policy->action,
		.policy = policy,
		.reason = reason,
		.stage = verdict->stage,
		.case_id = case_id,
		.reply = rendering.reply,
		.lint = rendering.lint,
		.evidence = fault ? NULL : &finding->evidence,
	});
	return rendering.reply;
}

void
decide_note(struct session *session, const struct verdict *verdict,
    enum outcome outcome)
{
	const struct policy *policy = verdict->finding.policy;

	if (session->rules->observe && outcome == OUTCOME_DONE)
		outcome = OUTCOME_OBSERVED;
	record(session, &(struct record){
		.outcome = outcome,
		.action = verdict->finding.truth == TRUTH_UNKNOWN ?
		    ACTION_DEFER : policy->action,
		.policy = policy,
		.reason = policy->reason,
		.stage = verdict->stage,
		.case_id = "",
		.lint = "",
		.evidence = &verdict->finding.evidence,
	});
}

struct answer
decide_refuse(struct session *session, const struct verdict *verdict)
{
	const struct reply *reply = refuse(session, verdict);

	if (session->rules->observe)
		return ANSWER_GO_ON;
	return (struct answer){ .kind = ANSWER_REFUSE, .reply = reply };
}
