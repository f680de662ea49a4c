#include "session/demand.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "policy/matcher.h"
#include "policy/plan.h"
#include "reply/template.h"
#include "session/milter.h"
#include "session/rules.h"

enum milter_place
demand_place(enum stage stage)
{
	static const enum milter_place places[STAGE_COUNT] = {
		[STAGE_CONNECT] = MILTER_AT_CONNECT,
		[STAGE_HELO] = MILTER_AT_HELO,
		[STAGE_MAIL] = MILTER_AT_MAIL,
		[STAGE_RCPT] = MILTER_AT_RCPT,
		[STAGE_EOM] = MILTER_AT_END,
	};

	return places[stage];
}

/* What policies are tried after DATA is tried at the end of the message. */
enum stage
demand_stage(enum milter_place place)
{
	for (int s = 0; s < STAGE_COUNT; s++)
		if (demand_place((enum stage)s) == place)
			return (enum stage)s;
	return STAGE_EOM;
}

static bool
form_uses(const struct policy *policy, enum variable variable)
{
	const struct reason_form *form;

	if (policy->reason == NULL || variable == VARIABLE_NONE)
		return false;
	form = &policy->reason->forms[policy->form];
	return template_uses(form->what, variable) ||
	    template_uses(form->fix, variable);
}

/* A policy asks about the attribute, or the text of a reply may show it. */
static bool
wants(const struct plan *plan, enum attribute attribute)
{
	for (int s = 0; s < STAGE_COUNT; s++)
		if (plan_names(plan, (enum stage)s, attribute))
			return true;
	for (size_t i = 0; i < plan_count(plan); i++)
		if (form_uses(plan_at(plan, i), attribute_variable(attribute)))
			return true;
	return false;
}

/* What only the message tells is asked for by policies alone. */
static bool
asks(const struct plan *plan, bool (*needs)(enum attribute attribute))
{
	for (int a = 0; a < ATTRIBUTE_COUNT; a++)
		if (needs((enum attribute)a) &&
		    plan_names(plan, STAGE_EOM, (enum attribute)a))
			return true;
	return false;
}

/* Could a policy, up to this stage, make us answer anything but "go on"? */
static bool
answers(const struct rules *rules, enum stage stage)
{
	for (int s = 0; s <= (int)stage; s++)
		if (plan_first_refusal(rules->plan, (enum stage)s) != NULL)
			return true;
	return false;
}

static bool
is_one_of(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int
add_macro_at(struct demand *demand, enum milter_place place, const char *name)
{
	size_t *count = &demand->macro_count[place];

	if (strlen(name) > DEMAND_MACRO_LEN_MAX)
		return -1;
	if (is_one_of(demand->macros[place], *count, name))
		return 0;
	if (*count == DEMAND_MACROS_MAX)
		return -1;
	demand->macros[place][(*count)++] = name;
	return 0;
}

static int
add_macro(struct demand *demand, enum stage stage, const char *name)
{
	return add_macro_at(demand, demand_place(stage), name);
}

/*
 * Could a reply be made, if only for the log, before the first recipient?  A
 * milter behind us may refuse an unknown command.
 */
static bool
replies_early(const struct rules *rules)
{
	const struct plan *plan = rules->plan;

	for (size_t i = 0; i < plan_count(plan); i++) {
		const struct policy *policy = plan_at(plan, i);

		if (policy->stage < STAGE_RCPT && policy->observe &&
		    action_refuses(policy->action))
			return true;
	}
	return rules->refuse_early || rules->milter_count > 0;
}

/* Of a macro that is there from the start. */
static bool
is_needed_early(const struct rules *rules, const char *macro)
{
	size_t count;
	const char *const *named = plan_macros(rules->plan, STAGE_CONNECT,
	    &count);

	return replies_early(rules) || is_one_of(named, count, macro);
}

/*
 * Besides what policies and texts name: "j", the MTA's own name, is the first
 * word of a 421; Sendmail's "client_resolve" tells whether the client's name
 * is to be trusted; "i", the queue id, ties our log to the MTA's; those of the
 * recipient tell which ones the MTA has refused itself, and why.
 *
 * Macros come in a packet of their own before their step, and where we ask for
 * none Sendmail sends none (Postfix does all the same).  Those of RCPT always
 * come, so "j" comes with them where that is early enough.
 */
static int
add_macros(struct demand *demand, const struct rules *rules)
{
	const struct plan *plan = rules->plan;
	int result = add_macro(demand, is_needed_early(rules, "j") ?
	    STAGE_CONNECT : STAGE_RCPT, "j");

	if (wants(plan, ATTRIBUTE_CLIENT_NAME))
		result |= add_macro(demand, STAGE_CONNECT, "client_resolve");
	if (wants(plan, ATTRIBUTE_SENDER) ||
	    wants(plan, ATTRIBUTE_SENDER_DOMAIN))
		result |= add_macro(demand, STAGE_MAIL, "mail_addr");
	result |= add_macro(demand, STAGE_RCPT, "rcpt_addr");
	result |= add_macro(demand, STAGE_RCPT, "rcpt_host");
	result |= add_macro(demand, STAGE_RCPT, "rcpt_mailer");
	result |= add_macro(demand, STAGE_RCPT, "i");
	result |= add_macro(demand, STAGE_EOM, "i");
	for (int a = 0; a < ATTRIBUTE_COUNT; a++) {
		enum attribute attribute = (enum attribute)a;
		const char *macro = attribute_macro(attribute);

		if (*macro != '\0' && wants(plan, attribute))
			result |= add_macro(demand,
			    attribute_stage(attribute), macro);
	}
	for (int s = 0; s < STAGE_COUNT; s++) {
		size_t count;
		const char *const *macros = plan_macros(plan, (enum stage)s,
		    &count);

		for (size_t i = 0; i < count; i++)
			result |= add_macro(demand, (enum stage)s, macros[i]);
	}
	return result;
}

/* NULL: none is too long. */
static const char *
long_macro(const struct plan *plan)
{
	for (int s = 0; s < STAGE_COUNT; s++) {
		size_t count;
		const char *const *macros = plan_macros(plan, (enum stage)s,
		    &count);

		for (size_t i = 0; i < count; i++)
			if (strlen(macros[i]) > DEMAND_MACRO_LEN_MAX)
				return macros[i];
	}
	return NULL;
}

int
demand_find(struct demand *demand, const struct rules *rules,
    struct diag *diag)
{
	const struct plan *plan = rules->plan;
	const char *too_long = long_macro(plan);
	bool enforce = !rules->observe;
	size_t helo_macros;

	memset(demand, 0, sizeof(*demand));
	demand->ask[STAGE_CONNECT] = true;
	plan_macros(plan, STAGE_HELO, &helo_macros);
	demand->ask[STAGE_HELO] = helo_macros > 0 ||
	    wants(plan, ATTRIBUTE_HELO);
	demand->ask[STAGE_MAIL] = true;
	demand->ask[STAGE_RCPT] = true;
	demand->ask[STAGE_EOM] = true;
	demand->answer[STAGE_HELO] = demand->ask[STAGE_HELO] && enforce &&
	    rules->refuse_early && answers(rules, STAGE_HELO);
	demand->answer[STAGE_MAIL] = enforce && rules->refuse_early &&
	    answers(rules, STAGE_MAIL);
	demand->separate = enforce && matcher_count(rules->never_refuse) > 0 &&
	    plan_first_refusal(plan, STAGE_EOM) != NULL;
	demand->answer[STAGE_RCPT] = demand->separate ||
	    (enforce && answers(rules, STAGE_RCPT));
	/*
	 * A map's question has to find what we noted of the recipient: so the
	 * MTA has to wait for us before it asks, and we need all that its
	 * reply can name.
	 */
	if (rules->maps) {
		demand->ask[STAGE_HELO] = true;
		demand->answer[STAGE_RCPT] = true;
	}
	demand->answer[STAGE_EOM] = true;
	demand->body = asks(plan, attribute_needs_body);
	demand->headers = asks(plan, attribute_needs_header);
	if (enforce && plan_has_action(plan, ACTION_QUARANTINE))
		demand->actions |= MILTER_MAY_QUARANTINE;
	if (enforce && plan_has_action(plan, ACTION_DISCARD))
		demand->actions |= MILTER_MAY_DELETE_RCPT;
	if (too_long != NULL) {
		diag_error(diag, "no MTA has a macro with a name of more than "
		    "%d characters: \"%s\"", DEMAND_MACRO_LEN_MAX, too_long);
		return -1;
	}
	if (add_macros(demand, rules) == 0)
		return 0;
	diag_error(diag, "the policies name more than %d macros of one stage, "
	    "which is more than an MTA can be asked for", DEMAND_MACROS_MAX);
	return -1;
}

/*
 * What Postfix and Sendmail tell a milter that does not say which macros it
 * wants, put together: milter_*_macros in postconf(5), confMILTER_MACROS_* in
 * Sendmail's cf/README.
 */
static const char *const usual_macros[MILTER_PLACE_COUNT] = {
	[MILTER_AT_CONNECT] = "j _ v {daemon_name} {daemon_addr} {if_name} "
	    "{if_addr} {client_addr} {client_name} {client_port} {client_ptr} "
	    "{client_resolve}",
	[MILTER_AT_HELO] = "{tls_version} {cipher} {cipher_bits} "
	    "{cert_subject} {cert_issuer}",
	[MILTER_AT_MAIL] = "i {auth_type} {auth_authen} {auth_ssf} "
	    "{auth_author} {mail_mailer} {mail_host} {mail_addr}",
	[MILTER_AT_RCPT] = "i {rcpt_mailer} {rcpt_host} {rcpt_addr}",
	[MILTER_AT_END] = "i {msg_id}",
};

/* "i {auth_authen}", apart by blanks or commas. */
static void
add_symbols(struct demand *demand, struct arena *arena,
    enum milter_place place, const char *symbols)
{
	static const char apart[] = " \t,{}";

	for (;;) {
		size_t len;

		symbols += strspn(symbols, apart);
		len = strcspn(symbols, apart);
		if (len == 0)
			return;
		add_macro_at(demand, place, arena_memdup(arena, symbols, len));
		symbols += len;
	}
}

/*
 * Milters get their first steps together, when the first recipient comes, so
 * that is where what they say of client, HELO and sender is answered, too:
 * with refuse_at = "earliest" at MAIL.
 */
static void
add_answers(struct demand *demand, const struct rules *rules, uint32_t steps)
{
	static const struct {
		uint32_t	none, quiet;
	} early[] = {
		{ MILTER_NO_CONNECT, MILTER_QUIET_CONNECT },
		{ MILTER_NO_HELO, MILTER_QUIET_HELO },
		{ MILTER_NO_MAIL, MILTER_QUIET_MAIL },
		{ MILTER_NO_RCPT, MILTER_QUIET_RCPT },
	};

	for (size_t i = 0; i < sizeof(early) / sizeof(early[0]); i++) {
		if ((steps & (early[i].none | early[i].quiet)) != 0)
			continue;
		demand->answer[STAGE_RCPT] = true;
		if (rules->refuse_early && early[i].none != MILTER_NO_RCPT)
			demand->answer[STAGE_MAIL] = true;
	}
	if ((steps & (MILTER_NO_UNKNOWN | MILTER_QUIET_UNKNOWN)) == 0)
		demand->unknown = true;
}

/* All but the macros. */
static void
add_needs(struct demand *demand, const struct rules *rules,
    const struct milter *milter, const struct milter_terms *terms)
{
	if ((terms->steps & MILTER_NO_HELO) == 0)
		demand->ask[STAGE_HELO] = true;
	if ((terms->steps & MILTER_NO_HEADERS) == 0)
		demand->headers = true;
	if ((terms->steps & MILTER_NO_BODY) == 0)
		demand->body = true;
	if ((terms->steps & MILTER_LEADING_SPACE) != 0)
		demand->leading_space = true;
	if (!milter->observe) {
		demand->actions |= terms->actions & ~MILTER_MAY_SET_SYMBOLS;
		if (!rules->observe)
			add_answers(demand, rules, terms->steps);
	}
}

void
demand_add_milter(struct demand *demand, struct arena *arena,
    const struct rules *rules, const struct milter *milter,
    const struct milter_terms *terms)
{
	const struct milter_terms all = {
		.actions = MILTER_MAY_ALL,
		.steps = MILTER_LEADING_SPACE,
	};

	if (terms == NULL)
		terms = &all;
	add_needs(demand, rules, milter, terms);
	/* DATA and the end of the headers are told at the end, too. */
	for (int p = 0; p < MILTER_PLACE_COUNT; p++) {
		const char *symbols = terms->symbols[p] != NULL ?
		    terms->symbols[p] : usual_macros[p];

		if (symbols != NULL)
			add_symbols(demand, arena, demand_place(demand_stage(
			    (enum milter_place)p)), symbols);
	}
}

bool
demand_covers(const struct demand *demand, const struct rules *rules,
    const struct milter *milter, const struct milter_terms *terms)
{
	struct demand needed = { .ask = { false } };

	add_needs(&needed, rules, milter, terms);
	for (int s = 0; s < STAGE_COUNT; s++)
		if ((needed.ask[s] && !demand->ask[s]) ||
		    (needed.answer[s] && !demand->answer[s]))
			return false;
	return (demand->headers || !needed.headers) &&
	    (demand->body || !needed.body) &&
	    (needed.actions & ~demand->actions) == 0;
}
