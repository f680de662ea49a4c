#include "session/inside.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "policy/plan.h"
#include "session/case.h"
#include "session/env.h"
#include "session/rules.h"
#include "session/values.h"

#define RECIPIENTS_TOLD_MAX	5

/* The text of an attribute for the record; "" where it is not known. */
static const char *
known_text(struct session *session, enum attribute attribute)
{
	struct fact fact = facts_get(&session->facts, attribute, "");
	const char *text = fact_text(&fact);

	return text != NULL ? text : "";
}

/* The sender as in MAIL: bounces have an empty one, which is not unknown. */
static const char *
known_sender(struct session *session)
{
	const struct fact *fact = &session->facts.of[ATTRIBUTE_SENDER];
	const char *text = fact_text(fact);

	if (text == NULL)
		return "";
	return *text != '\0' ? text : "<>";
}

/* An address as RCPT carried it, without its brackets. */
static void
add_address(struct strbuf *out, const char *given)
{
	size_t len = strlen(given);

	if (len >= 2 && given[0] == '<' && given[len - 1] == '>')
		strbuf_add(out, given + 1, len - 2);
	else
		strbuf_adds(out, given);
}

/*
 * The recipients that a record is about; of many only the first few.  At the
 * end of the message these are the ones for whom the policy decided, or all
 * where policy is NULL.
 */
static const char *
known_recipients(struct session *session, const struct policy *policy)
{
	const char *one = known_text(session, ATTRIBUTE_RECIPIENT);
	struct strbuf all = STRBUF_INIT;
	const char *text;
	size_t told = 0;

	if (*one != '\0' || session->facts.stage != STAGE_EOM)
		return one;
	for (size_t i = 0; i < session->recipient_count; i++) {
		const struct recipient *recipient = &session->recipients[i];

		if (policy != NULL &&
		    recipient->verdict.policy != policy)
			continue;
		if (told++ == RECIPIENTS_TOLD_MAX) {
			strbuf_adds(&all, ",...");
			break;
		}
		strbuf_adds(&all, told > 1 ? "," : "");
		add_address(&all, recipient->given);
	}
	text = arena_strdup(session->transaction, all.text);
	strbuf_release(&all);
	return text;
}

/* A recipient that is set stays. */
void
decide_record(struct session *session, struct record *record)
{
	char client_ip[IP_TEXT_MAX];

	ip_format(&session->facts.of[ATTRIBUTE_CLIENT_IP].ip, client_ip);
	record->client_ip = client_ip;
	record->client_name = known_text(session, ATTRIBUTE_CLIENT_NAME);
	record->helo = known_text(session, ATTRIBUTE_HELO);
	record->sender = known_sender(session);
	if (record->recipient == NULL)
		record->recipient = known_recipients(session, NULL);
	record->queue_id = known_text(session, ATTRIBUTE_QUEUE_ID);
	if (record->milter == NULL)
		record->milter = "";
	if (record->map == NULL)
		record->map = "";
	if (record->original == NULL)
		record->original = "";
	if (record->sure == NULL)
		record->sure = "";
	session->env->record(session->env->world, record);
}

struct letterhead
decide_letterhead(struct session *session, const struct values *values)
{
	struct letterhead letterhead = session->rules->letterhead;

	if (values->text[VARIABLE_HOST] != NULL)
		letterhead.host = values->text[VARIABLE_HOST];
	return letterhead;
}

/*
 * Renders the reply that a verdict leads to, with a case of its own, and
 * writes its record.
 */
static const struct reply *
compose(struct session *session, const struct verdict *verdict,
    enum outcome outcome)
{
	const struct rules *rules = session->rules;
	const struct policy *policy = verdict->policy;
	bool ours = verdict->truth == TRUTH_UNKNOWN ||
	    outcome == OUTCOME_SEPARATED;
	const struct evidence *evidence = ours ? NULL : verdict->evidence;
	const struct reason *reason = outcome == OUTCOME_SEPARATED ?
	    rules->separate : ours ? rules->fault : policy->reason;
	enum form form = ours ? FORM_TEMPORARY : policy->form;
	struct letterhead letterhead;
	char case_id[CASE_TEXT_MAX] = "";
	struct rendering rendering;
	struct values values;

	values_from_facts(&values, session->transaction, &session->facts,
	    ours ? NULL : policy, evidence);
	letterhead = decide_letterhead(session, &values);
	case_new(session->env, case_id);
	rendering = render(session->transaction, reason, form, &values,
	    &letterhead, rules->show_case ? case_id : "");
	if (outcome != OUTCOME_OBSERVED)
		session_sent(session, rendering.reply);
	decide_record(session, &(struct record){
		.outcome = outcome,
		.action = ours ? ACTION_DEFER : policy->action,
		.policy = policy,
		.reason = reason,
		.stage = verdict->stage,
		.case_id = case_id,
		.reply = rendering.reply,
		.lint = rendering.lint,
		.evidence = evidence,
	});
	return rendering.reply;
}

/* Writes the record of a verdict without a reply. */
static void
mention(struct session *session, const struct verdict *verdict,
    enum outcome outcome)
{
	const struct policy *policy = verdict->policy;

	decide_record(session, &(struct record){
		.outcome = outcome,
		.action = policy->action,
		.policy = policy,
		.reason = policy->reason,
		.stage = verdict->stage,
		.case_id = "",
		.lint = "",
		.recipient = outcome == OUTCOME_OBSERVED ? NULL :
		    known_recipients(session, policy),
		.evidence = verdict->evidence,
	});
}

bool
decide_first(struct session *session, const struct policy *policy,
    enum outcome outcome)
{
	struct told *told = session->told;

	for (; told != NULL; told = told->next)
		if (told->policy == policy && told->outcome == outcome)
			return false;
	told = arena_alloc(session->transaction, sizeof(*told));
	told->policy = policy;
	told->outcome = outcome;
	told->next = session->told;
	session->told = told;
	return true;
}

/*
 * The end of the message may be judged for each recipient; what is the same
 * for all of them is told once.
 */
static bool
is_news(struct session *session, const struct policy *policy,
    enum outcome outcome)
{
	return session->trying != STAGE_EOM ||
	    policy_names(policy, ATTRIBUTE_RECIPIENT) ||
	    policy_names(policy, ATTRIBUTE_RECIPIENT_DOMAIN) ||
	    decide_first(session, policy, outcome);
}

static void
watch_passed(void *arg, const struct policy *policy, enum truth held,
    const struct evidence *evidence)
{
	struct session *session = arg;
	const struct verdict passed = {
		.policy = policy,
		.evidence = evidence,
		.truth = held,
		.stage = session->trying,
	};
	enum outcome outcome = held == TRUTH_UNKNOWN ?
	    OUTCOME_UNDECIDED : OUTCOME_OBSERVED;

	if (!is_news(session, policy, outcome))
		return;
	if (outcome == OUTCOME_OBSERVED && action_refuses(policy->action))
		compose(session, &passed, outcome);
	else
		mention(session, &passed, outcome);
}

/* A finding is large and most find nothing: only what was found is kept. */
static const struct evidence *
keep_evidence(struct session *session, enum stage stage,
    const struct evidence *found)
{
	const size_t size = offsetof(struct evidence, items) + found->count *
	    sizeof(found->items[0]);
	struct evidence *kept = arena_alloc(session_arena(session, stage),
	    size);

	memcpy(kept, found, size);
	return kept;
}

void
decide_stage(struct session *session, enum stage stage,
    const struct verdict *before, struct verdict *verdict)
{
	const struct plan_watch watch = { watch_passed, session };
	struct finding found;

	session->trying = stage;
	plan_try(session->rules->plan, stage, &session->facts,
	    verdict_limit(before), &watch, &found);
	*verdict = found.policy == NULL ? *before : (struct verdict){
		.policy = found.policy,
		.evidence = keep_evidence(session, stage, &found.evidence),
		.truth = found.truth,
		.stage = stage,
	};
}

void
decide_note(struct session *session, const struct verdict *verdict,
    enum outcome outcome)
{
	if (session->rules->observe && outcome == OUTCOME_DONE)
		outcome = OUTCOME_OBSERVED;
	mention(session, verdict, outcome);
}

struct answer
decide_refuse(struct session *session, const struct verdict *verdict)
{
	bool observe = session->rules->observe;
	bool fault = verdict->truth == TRUTH_UNKNOWN;
	const struct reply *reply = compose(session, verdict,
	    observe ? OUTCOME_OBSERVED :
	    fault ? OUTCOME_FAULT : OUTCOME_DONE);

	if (observe)
		return ANSWER_GO_ON;
	return (struct answer){ .kind = ANSWER_REFUSE, .reply = reply };
}

struct answer
decide_separate(struct session *session)
{
	const struct verdict verdict = {
		.policy = plan_first_refusal(session->rules->plan, STAGE_EOM),
		.truth = TRUTH_YES,
		.stage = STAGE_RCPT,
	};

	return (struct answer){
		.kind = ANSWER_REFUSE,
		.reply = compose(session, &verdict, OUTCOME_SEPARATED),
	};
}
