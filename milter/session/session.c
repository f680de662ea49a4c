#include "session/inside.h"

#include <string.h>

#include "base/arena.h"
#include "policy/matcher.h"
#include "policy/message.h"
#include "session/demand.h"
#include "session/env.h"
#include "session/milters.h"
#include "session/refused.h"
#include "session/rules.h"
#include "session/values.h"

struct session *
session_new(const struct rules *rules, const struct env *env)
{
	struct arena *connection = arena_new();
	struct session *session = arena_alloc(connection, sizeof(*session));

	session->rules = rules;
	session->env = env;
	session->demand = &rules->demand;
	session->connection = connection;
	session->transaction = arena_new();
	facts_init(&session->facts);
	session->facts.has_fields = rules->demand.headers;
	session->facts.has_body = rules->demand.body;
	return session;
}

static void
watch_milters(void *context, const struct objection *objection,
    enum outcome outcome)
{
	foreign_record(context, objection, outcome);
}

const struct demand *
session_negotiate(struct session *session, const struct milter_terms *offered)
{
	struct demand *demand;

	if (session->rules->milter_count == 0 ||
	    session->env->foretold == NULL)
		return session->demand;
	demand = arena_alloc(session->connection, sizeof(*demand));
	*demand = session->rules->demand;
	session->demand = demand;
	session->milters = milters_new(session->rules, session->env,
	    session->connection, offered, watch_milters, session, demand);
	return demand;
}

void
session_sent(struct session *session, const struct reply *reply)
{
	if (session->env->refused != NULL)
		refused_note_own(session->env->refused, session, reply);
}

void
session_go_on(struct session *session)
{
	const struct rejection last = session->rejection;

	session->rejection.recipient = NULL;
	if (session->env->refused != NULL &&
	    refused_forget(session->env->refused, session) &&
	    last.recipient != NULL)
		foreign_note(session, &last);
}

/* Ends it for all who have a part of it outside of its arena. */
static void
end_message(struct session *session)
{
	session_go_on(session);
	if (session->milters != NULL)
		milters_forget_message(session->milters);
}

/* Leaves what is of the connection. */
static void
forget_message(struct session *session)
{
	end_message(session);
	facts_forget_message(&session->facts);
	session->at[STAGE_MAIL].policy = NULL;
	session->recipients = NULL;
	session->recipient_count = 0;
	session->recipient_room = 0;
	session->told = NULL;
	session->over = false;
	arena_reset(session->transaction);
}

void
session_free(struct session *session)
{
	if (session == NULL)
		return;
	end_message(session);
	milters_free(session->milters);
	arena_free(session->transaction);
	arena_free(session->connection);	/* and the session with it */
}

/*
 * The answer to the last message stays valid until the next one begins: with
 * its macros, which come before MAIL itself.
 */
static void
begin_message(struct session *session, enum stage stage)
{
	if (stage == STAGE_MAIL && (session->over ||
	    session->facts.message != NULL))
		forget_message(session);
}

struct arena *
session_arena(struct session *session, enum stage stage)
{
	return stage < STAGE_MAIL ? session->connection : session->transaction;
}

static struct answer
answer_milter(struct session *session, struct objection objection)
{
	return objection.milter != NULL ?
	    foreign_answer(session, &objection) : ANSWER_GO_ON;
}

/* Before RCPT a refusal is given only where the site wants it so. */
static struct answer
answer_early(struct session *session, const struct verdict *verdict)
{
	if (!session->rules->refuse_early || session->rules->observe ||
	    !verdict_refuses(verdict))
		return ANSWER_GO_ON;
	return decide_refuse(session, verdict);
}

void
session_macro(struct session *session, enum milter_place place,
    const char *name, const char *value)
{
	enum stage stage = demand_stage(place);
	struct arena *arena = session_arena(session, stage);

	begin_message(session, stage);
	facts_set_macro(&session->facts, arena, stage, name, value);
	if (session->milters != NULL)
		milters_macro(session->milters, arena, place, name, value);
}

void
session_arguments(struct session *session, const char *const *args,
    size_t count)
{
	session->arguments = (struct session_arguments){ count, args };
}

/* The arguments of this event; without any told, the address alone. */
static struct session_arguments
take_arguments(struct session *session, const char *const *address)
{
	struct session_arguments taken = session->arguments;

	session->arguments.count = 0;
	return taken.count > 0 ? taken :
	    (struct session_arguments){ 1, address };
}

void
session_take_macros(struct session *session, enum stage stage)
{
	size_t count;
	const enum attribute *carried = attribute_carried(&count);

	for (size_t i = 0; i < count; i++) {
		const char *value;

		if (attribute_stage(carried[i]) != stage)
			continue;
		value = facts_macro(&session->facts,
		    attribute_macro(carried[i]));
		facts_set_text(&session->facts, session_arena(session, stage),
		    carried[i], value == NULL || *value == '\0' ? NULL : value);
	}
}

void
session_set_recipient(struct session *session, const char *given,
    const char *resolved)
{
	session->last_is_told = false;
	facts_set_address(&session->facts, session->transaction,
	    ATTRIBUTE_RECIPIENT, ATTRIBUTE_RECIPIENT_DOMAIN, given);
	if (resolved != NULL)
		facts_add_address(&session->facts, session->transaction,
		    ATTRIBUTE_RECIPIENT, ATTRIBUTE_RECIPIENT_DOMAIN, resolved);
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
	if (port > 0)
		facts_set_number(facts, ATTRIBUTE_CLIENT_PORT, port);
	else
		facts_set_text(facts, session->connection,
		    ATTRIBUTE_CLIENT_PORT, NULL);
	facts_set_number(facts, ATTRIBUTE_DAY, now.weekday);
	facts_set_number(facts, ATTRIBUTE_TIME, now.minute);
	take_client_name(session, host);
	if (session->milters != NULL)
		milters_connect(session->milters, session->connection, host,
		    ip, port);
	session_take_macros(session, STAGE_CONNECT);
	decide_stage(session, STAGE_CONNECT, &none,
	    &session->at[STAGE_CONNECT]);
	return ANSWER_GO_ON;
}

/* name NULL: the client sent none. */
static void
judge_helo(struct session *session, const char *name)
{
	struct facts *facts = &session->facts;

	facts->stage = STAGE_HELO;
	facts_set_text(facts, session->connection, ATTRIBUTE_HELO, name);
	session_take_macros(session, STAGE_HELO);
	decide_stage(session, STAGE_HELO, &session->at[STAGE_CONNECT],
	    &session->at[STAGE_HELO]);
}

struct answer
session_helo(struct session *session, const char *name)
{
	forget_message(session);
	session->greeted = true;
	if (session->milters != NULL)
		milters_helo(session->milters, session->connection, name);
	judge_helo(session, name);
	return answer_early(session, &session->at[STAGE_HELO]);
}

struct answer
session_mail(struct session *session, const char *sender)
{
	const struct session_arguments args = take_arguments(session,
	    &sender);
	struct facts *facts = &session->facts;
	struct verdict *verdict = &session->at[STAGE_MAIL];
	struct answer answer;
	const char *resolved;

	begin_message(session, STAGE_MAIL);
	session_go_on(session);
	/* A client may leave HELO out, and with it no policy. */
	if (!session->greeted)
		judge_helo(session, NULL);
	facts->stage = STAGE_MAIL;
	facts->message = message_new(session->transaction,
	    &session->rules->limits);
	facts_set_address(facts, session->transaction, ATTRIBUTE_SENDER,
	    ATTRIBUTE_SENDER_DOMAIN, sender);
	resolved = facts_macro(facts, "mail_addr");
	if (resolved != NULL)
		facts_add_address(facts, session->transaction,
		    ATTRIBUTE_SENDER, ATTRIBUTE_SENDER_DOMAIN, resolved);
	session_take_macros(session, STAGE_MAIL);
	decide_stage(session, STAGE_MAIL, &session->at[STAGE_HELO], verdict);
	answer = answer_early(session, verdict);
	if (session->milters == NULL || answer.kind != ANSWER_CONTINUE)
		return answer;
	milters_mail(session->milters, session->transaction, args.items,
	    args.count);
	return session->rules->refuse_early ? answer_milter(session,
	    milters_ask(session->milters, session->transaction)) : answer;
}

/*
 * How the MTA reads the recipient.  Of one that it refused itself, the macro
 * has the reply.
 */
static const char *
resolved_recipient(const struct facts *facts)
{
	const char *mailer = facts_macro(facts, "rcpt_mailer");

	return mailer != NULL && strcmp(mailer, "error") == 0 ? NULL :
	    facts_macro(facts, "rcpt_addr");
}

/*
 * RFC 5321 section 4.5.1: a bare "postmaster" is an address, too.  It stands
 * for that name at any domain of ours, so it is held against the patterns as
 * "postmaster@".
 */
static bool
is_protected(struct session *session)
{
	struct fact fact = facts_get(&session->facts, ATTRIBUTE_RECIPIENT,
	    "");
	uint32_t number;

	for (size_t i = 0; i < fact.count; i++) {
		struct text address = fact.texts[i];
		struct operand operand = { .subject = SUBJECT_ADDRESS };

		if (memchr(address.bytes, '@', address.len) == NULL)
			address.bytes = arena_format(session->transaction,
			    "%s@", address.bytes);
		operand.text = address.bytes;
		operand.len = strlen(address.bytes);
		if (matcher_match(session->rules->never_refuse, &operand,
		    &number) == TRUTH_YES)
			return true;
	}
	return false;
}

static void
keep_recipient(struct session *session, const char *given,
    const char *resolved, bool protected, const struct verdict *verdict)
{
	session->recipients = arena_grow(session->transaction,
	    session->recipients, session->recipient_count,
	    &session->recipient_room, sizeof(*session->recipients));
	session->last_is_told = true;
	session->recipients[session->recipient_count++] = (struct recipient){
		.given = arena_strdup(session->transaction, given),
		.resolved = resolved == NULL ? NULL :
		    arena_strdup(session->transaction, resolved),
		.protected = protected,
		.verdict = *verdict,
	};
}

struct answer
session_rcpt(struct session *session, const char *recipient)
{
	const struct session_arguments args = take_arguments(session,
	    &recipient);
	struct facts *facts = &session->facts;
	const char *resolved = resolved_recipient(facts);
	struct answer answer = ANSWER_GO_ON;
	struct verdict verdict;
	bool protected;

	session_go_on(session);
	facts->stage = STAGE_RCPT;
	session_set_recipient(session, recipient, resolved);
	facts_set_number(facts, ATTRIBUTE_RECIPIENTS,
	    session->recipient_count + 1);
	facts_set_text(facts, session->transaction, ATTRIBUTE_QUEUE_ID,
	    facts_macro(facts, attribute_macro(ATTRIBUTE_QUEUE_ID)));
	decide_stage(session, STAGE_RCPT, &session->at[STAGE_MAIL], &verdict);
	protected = is_protected(session);
	if (verdict_refuses(&verdict)) {
		if (protected)
			decide_note(session, &verdict, OUTCOME_PROTECTED);
		else
			answer = decide_refuse(session, &verdict);
	} else if (session->rules->demand.separate &&
	    session->recipient_count > 0 &&
	    session->recipients[0].protected != protected)
		answer = decide_separate(session);
	else if (verdict_does(&verdict, ACTION_ACCEPT))
		decide_note(session, &verdict, OUTCOME_DONE);
	if (answer.kind == ANSWER_CONTINUE && session->milters != NULL)
		answer = answer_milter(session, milters_rcpt(session->milters,
		    session->transaction, args.items, args.count));
	if (session->milters != NULL)
		milters_rcpt_over(session->milters);
	if (answer.kind == ANSWER_CONTINUE)
		keep_recipient(session, recipient, resolved, protected,
		    &verdict);
	return answer;
}

/* What the MTA says of a recipient that it refused: see refused.c. */
static const char *
rejection_part(struct session *session, const char *macro)
{
	const char *text = facts_macro(&session->facts, macro);

	return text != NULL ? arena_strdup(session->transaction, text) : "";
}

void
session_rcpt_rejected(struct session *session, const char *recipient)
{
	const struct session_arguments args = take_arguments(session,
	    &recipient);
	struct values values;

	session_go_on(session);
	session->facts.stage = STAGE_RCPT;
	session_set_recipient(session, recipient, NULL);
	session->rejection = (struct rejection){
		.recipient = arena_strdup(session->transaction, recipient),
		.enhanced = rejection_part(session, "rcpt_host"),
		.text = rejection_part(session, "rcpt_addr"),
	};
	if (session->milters != NULL) {
		milters_rcpt_rejected(session->milters, session->transaction,
		    args.items, args.count);
		milters_rcpt_over(session->milters);
	}
	if (session->env->refused == NULL) {
		foreign_note(session, &session->rejection);
		session->rejection.recipient = NULL;
		return;
	}
	values_from_facts(&values, session->transaction, &session->facts,
	    NULL, NULL);
	refused_note(session->env->refused, session,
	    session->rejection.recipient, session->rejection.enhanced,
	    session->rejection.text, &values);
}

struct answer
session_unknown(struct session *session, const char *command)
{
	session_go_on(session);
	return session->milters == NULL ? ANSWER_GO_ON :
	    answer_milter(session, milters_unknown(session->milters,
	    session->transaction, command));
}

void
session_header(struct session *session, const char *name, const char *value)
{
	if (session->milters != NULL)
		milters_header(session->milters, session->transaction, name,
		    value);
	if (session->demand->leading_space && *value == ' ')
		value++;
	if (session->facts.message != NULL && session->rules->demand.headers)
		message_add_field(session->facts.message, name, value);
}

void
session_body(struct session *session, const void *bytes, size_t len)
{
	if (session->milters != NULL)
		milters_body(session->milters, bytes, len);
	if (session->facts.message != NULL && session->rules->demand.body)
		message_add_body(session->facts.message, bytes, len, true);
}

void
session_abort(struct session *session)
{
	forget_message(session);
}

struct facts *
session_facts(struct session *session)
{
	session->last_is_told = false;	/* the caller may change them */
	return &session->facts;
}
