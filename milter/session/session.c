#include "session/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "policy/facts.h"
#include "policy/matcher.h"
#include "policy/message.h"
#include "session/case.h"
#include "session/env.h"
#include "session/record.h"
#include "session/rules.h"
#include "session/values.h"
#include "session/verdict.h"

struct recipient {
	const char	*given;		/* as RCPT carried it */
	bool		 protected;	/* site.never_refuse */
	struct verdict	 verdict;
};

struct session {
	const struct rules	*rules;
	const struct env	*env;
	struct arena		*connection;	/* lives to the end */
	struct arena		*transaction;	/* one message */
	struct facts		 facts;
	struct verdict		 at[STAGE_RCPT];	/* connect, helo, mail */
	struct recipient	*recipients;	/* accepted ones; heap */
	size_t			 recipient_count, recipient_room;
	enum stage		 trying;	/* for the watch */
	bool			 over;		/* the message was judged */
};

static const struct answer answer_continue = { .kind = ANSWER_CONTINUE };

struct session *
session_new(const struct rules *rules, const struct env *env)
{
	struct session *session = xcalloc(1, sizeof(*session));

	session->rules = rules;
	session->env = env;
	session->connection = arena_new();
	session->transaction = arena_new();
	facts_init(&session->facts);
	return session;
}

/* Leaves what is of the connection. */
static void
forget_message(struct session *session)
{
	message_free(session->facts.message);
	facts_forget_message(&session->facts);
	session->at[STAGE_MAIL].finding.policy = NULL;
	session->recipient_count = 0;
	session->over = false;
	arena_reset(session->transaction);
}

void
session_free(struct session *session)
{
	if (session == NULL)
		return;
	forget_message(session);
	free(session->recipients);
	arena_free(session->transaction);
	arena_free(session->connection);
	free(session);
}

/*
 * The answer to the last message stays valid until the next one begins: with
 * its macros, which come before MAIL itself.
 */
static void
begin_message(struct session *session, enum stage stage)
{
	if (stage == STAGE_MAIL && session->over)
		forget_message(session);
}

static struct arena *
arena_of(struct session *session, enum stage stage)
{
	return stage < STAGE_MAIL ? session->connection : session->transaction;
}

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

static void
watch_passed(void *arg, const struct policy *policy, enum truth held,
    const struct evidence *evidence)
{
	struct session *session = arg;

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

/*
 * Tries the policies of a stage that stand before the one which decided so
 * far: an "accept" ends only what comes after it.
 */
static void
try_stage(struct session *session, enum stage stage,
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

/* A verdict that is no refusal, or one that is not carried out. */
static void
note(struct session *session, const struct verdict *verdict,
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

static struct answer
answer_refuse(struct session *session, const struct verdict *verdict)
{
	const struct reply *reply = refuse(session, verdict);

	if (session->rules->observe)
		return answer_continue;
	return (struct answer){ .kind = ANSWER_REFUSE, .reply = reply };
}

/* Before RCPT a refusal is given only where the site wants it so. */
static struct answer
answer_early(struct session *session, const struct verdict *verdict)
{
	if (!session->rules->refuse_early || session->rules->observe ||
	    !verdict_refuses(verdict))
		return answer_continue;
	return answer_refuse(session, verdict);
}

void
session_macro(struct session *session, enum stage stage, const char *name,
    const char *value)
{
	begin_message(session, stage);
	facts_set_macro(&session->facts, arena_of(session, stage), stage,
	    name, value);
}

/* Attributes of this stage that come as a macro. */
static void
take_macros(struct session *session, enum stage stage)
{
	for (int a = 0; a < ATTRIBUTE_COUNT; a++) {
		enum attribute attribute = (enum attribute)a;
		const char *macro = attribute_macro(attribute);

		if (*macro != '\0' && attribute_stage(attribute) == stage)
			facts_set_text(&session->facts,
			    arena_of(session, stage), attribute,
			    facts_macro(&session->facts, macro));
	}
}

/*
 * Postfix says "unknown" for a client without a verified name, Sendmail puts
 * the address in brackets, and its {client_resolve} tells why: FAIL and FORGED
 * are known not to be verified, TEMP is a DNS server that did not answer.
 */
static void
take_client_name(struct session *session, const char *host)
{
	const char *resolve = facts_macro(&session->facts, "client_resolve");

	if (resolve != NULL && strcmp(resolve, "TEMP") == 0) {
		facts_set_unknown(&session->facts, ATTRIBUTE_CLIENT_NAME);
		return;
	}
	if (host == NULL || *host == '\0' || *host == '[' ||
	    (resolve != NULL && strcmp(resolve, "OK") != 0))
		host = CLIENT_UNKNOWN;
	facts_set_text(&session->facts, session->connection,
	    ATTRIBUTE_CLIENT_NAME, host);
}

struct answer
session_connect(struct session *session, const char *host,
    const struct ip *ip, unsigned port)
{
	struct local_time now = session->env->local_time(session->env->world);
	struct facts *facts = &session->facts;
	static const struct verdict none;

	facts->stage = STAGE_CONNECT;
	facts_set_ip(facts, ATTRIBUTE_CLIENT_IP, ip);
	facts_set_number(facts, ATTRIBUTE_CLIENT_PORT, port);
	facts_set_number(facts, ATTRIBUTE_DAY, now.weekday);
	facts_set_number(facts, ATTRIBUTE_TIME, now.minute);
	take_client_name(session, host);
	take_macros(session, STAGE_CONNECT);
	try_stage(session, STAGE_CONNECT, &none, &session->at[STAGE_CONNECT]);
	return answer_continue;
}

struct answer
session_helo(struct session *session, const char *name)
{
	struct facts *facts = &session->facts;
	struct verdict *verdict = &session->at[STAGE_HELO];

	forget_message(session);
	facts->stage = STAGE_HELO;
	facts_set_text(facts, session->connection, ATTRIBUTE_HELO, name);
	take_macros(session, STAGE_HELO);
	try_stage(session, STAGE_HELO, &session->at[STAGE_CONNECT], verdict);
	return answer_early(session, verdict);
}

struct answer
session_mail(struct session *session, const char *sender)
{
	struct facts *facts = &session->facts;
	struct verdict *before = &session->at[STAGE_HELO];
	struct verdict *verdict = &session->at[STAGE_MAIL];

	begin_message(session, STAGE_MAIL);
	/* A client may send MAIL without HELO, and some rules do not ask. */
	if (!verdict_decided(before))
		before = &session->at[STAGE_CONNECT];
	facts->stage = STAGE_MAIL;
	facts->message = message_new(session->transaction,
	    &session->rules->limits);
	if (facts->of[ATTRIBUTE_HELO].state == FACT_LATER)
		facts_set_text(facts, session->connection, ATTRIBUTE_HELO,
		    NULL);
	facts_set_address(facts, session->transaction, ATTRIBUTE_SENDER,
	    ATTRIBUTE_SENDER_DOMAIN, sender);
	take_macros(session, STAGE_MAIL);
	try_stage(session, STAGE_MAIL, before, verdict);
	return answer_early(session, verdict);
}

static bool
is_protected(struct session *session)
{
	const struct text *address =
	    &session->facts.text[ATTRIBUTE_RECIPIENT];
	struct operand operand = {
		.subject = SUBJECT_ADDRESS,
		.text = address->bytes,
		.len = address->len,
	};
	uint32_t number;

	return matcher_match(session->rules->never_refuse, &operand,
	    &number) == TRUTH_YES;
}

static void
keep_recipient(struct session *session, const char *given, bool protected,
    const struct verdict *verdict)
{
	session->recipients = xgrow(session->recipients,
	    session->recipient_count, &session->recipient_room,
	    sizeof(*session->recipients));
	session->recipients[session->recipient_count++] = (struct recipient){
		.given = arena_strdup(session->transaction, given),
		.protected = protected,
		.verdict = *verdict,
	};
}

static void
set_recipient(struct session *session, const char *given)
{
	facts_set_address(&session->facts, session->transaction,
	    ATTRIBUTE_RECIPIENT, ATTRIBUTE_RECIPIENT_DOMAIN, given);
}

struct answer
session_rcpt(struct session *session, const char *recipient)
{
	struct facts *facts = &session->facts;
	struct answer answer = answer_continue;
	struct verdict verdict;
	bool protected;

	facts->stage = STAGE_RCPT;
	set_recipient(session, recipient);
	facts_set_number(facts, ATTRIBUTE_RECIPIENTS,
	    session->recipient_count + 1);
	facts_set_text(facts, session->transaction, ATTRIBUTE_QUEUE_ID,
	    facts_macro(facts, attribute_macro(ATTRIBUTE_QUEUE_ID)));
	try_stage(session, STAGE_RCPT, &session->at[STAGE_MAIL], &verdict);
	protected = is_protected(session);
	if (verdict_refuses(&verdict)) {
		if (protected)
			note(session, &verdict, OUTCOME_PROTECTED);
		else
			answer = answer_refuse(session, &verdict);
	} else if (verdict_does(&verdict, ACTION_ACCEPT))
		note(session, &verdict, OUTCOME_DONE);
	if (answer.kind == ANSWER_CONTINUE)
		keep_recipient(session, recipient, protected, &verdict);
	return answer;
}

void
session_rcpt_refused(struct session *session, const char *recipient)
{
	(void)session;
	(void)recipient;
}

void
session_header(struct session *session, const char *name, const char *value)
{
	message_add_field(session->facts.message, name, value);
}

bool
session_body(struct session *session, const void *bytes, size_t len)
{
	message_add_body(session->facts.message, bytes, len, true);
	return true;
}

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

	facts_forget_recipient(&session->facts);
	for (size_t i = 0; i < session->recipient_count; i++) {
		struct recipient *recipient = &session->recipients[i];
		unsigned limit = verdict_limit(&recipient->verdict);

		/* A refusal at RCPT that was not carried out is settled. */
		if (verdict_refuses(&recipient->verdict))
			continue;
		if (each)
			set_recipient(session, recipient->given);
		else if (like != NULL && limit == like_limit) {
			recipient->verdict = like->verdict;
			continue;
		}
		try_stage(session, STAGE_EOM, &recipient->verdict,
		    &recipient->verdict);
		like = recipient;
		like_limit = limit;
	}
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

/* Of the verdicts with this fate, the one that stands first in the file. */
static const struct verdict *
first_verdict(const struct session *session, enum fate fate)
{
	const struct verdict *first = NULL;

	for (size_t i = 0; i < session->recipient_count; i++) {
		const struct recipient *recipient = &session->recipients[i];

		if (fate_of(recipient) == fate && (first == NULL ||
		    verdict_limit(&recipient->verdict) < verdict_limit(first)))
			first = &recipient->verdict;
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

/* One record for each policy and fate, not for each of many recipients. */
static bool
is_news(const struct session *session, size_t n)
{
	const struct recipient *recipient = &session->recipients[n];

	for (size_t i = 0; i < n; i++)
		if (verdict_limit(&session->recipients[i].verdict) ==
		    verdict_limit(&recipient->verdict) &&
		    fate_of(&session->recipients[i]) == fate_of(recipient))
			return false;
	return true;
}

/* The message goes on: says what became of each decision about it. */
static void
note_fates(struct session *session)
{
	for (size_t i = 0; i < session->recipient_count; i++) {
		const struct recipient *recipient = &session->recipients[i];
		const struct verdict *verdict = &recipient->verdict;

		if (!is_news(session, i))
			continue;
		switch (fate_of(recipient)) {
		case FATE_TAKEN:
			if (verdict_does(verdict, ACTION_ACCEPT) &&
			    verdict->stage == STAGE_EOM)
				note(session, verdict, OUTCOME_DONE);
			break;
		case FATE_REFUSED:
			note(session, verdict, OUTCOME_HELD_BACK);
			break;
		case FATE_PROTECTED:
			note(session, verdict, OUTCOME_PROTECTED);
			break;
		case FATE_DROPPED:
		case FATE_HELD:
			note(session, verdict, OUTCOME_DONE);
			break;
		}
	}
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
			    session->recipients[i].given;
	answer->drop = drop;
}

/*
 * One reply is for all recipients, so that the message is refused only if it
 * is for each of them.  Those whose mail is to be thrown away have no say.
 */
struct answer
session_end(struct session *session)
{
	struct answer answer = answer_continue;
	const struct verdict *held;
	size_t dropped, refused;

	session->facts.stage = STAGE_EOM;
	session->over = true;
	take_macros(session, STAGE_EOM);
	judge_recipients(session);
	dropped = count_fate(session, FATE_DROPPED);
	refused = count_fate(session, FATE_REFUSED);
	if (refused > 0 && refused + dropped == session->recipient_count)
		return answer_refuse(session,
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
		answer.quarantine = held->finding.policy->text;
	return answer;
}

void
session_abort(struct session *session)
{
	forget_message(session);
}

struct facts *
session_facts(struct session *session)
{
	return &session->facts;
}
