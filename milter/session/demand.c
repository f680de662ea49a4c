#include "session/demand.h"

#include <string.h>

#include "base/diag.h"
#include "policy/matcher.h"
#include "policy/plan.h"
#include "reply/template.h"
#include "session/rules.h"

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

static int
add_macro(struct demand *demand, enum stage stage, const char *name)
{
	size_t *count = &demand->macro_count[stage];

	for (size_t i = 0; i < *count; i++)
		if (strcmp(demand->macros[stage][i], name) == 0)
			return 0;
	if (*count == DEMAND_MACROS_MAX)
		return -1;
	demand->macros[stage][(*count)++] = name;
	return 0;
}

/*
 * Besides what policies and texts name: "j", the MTA's own name, is the first
 * word of a 421; Sendmail's "client_resolve" tells whether the client's name
 * is to be trusted; "i", the queue id, ties our log to the MTA's.
 */
static int
add_macros(struct demand *demand, const struct plan *plan)
{
	int result = add_macro(demand, STAGE_CONNECT, "j");

	if (wants(plan, ATTRIBUTE_CLIENT_NAME))
		result |= add_macro(demand, STAGE_CONNECT, "client_resolve");
	if (wants(plan, ATTRIBUTE_SENDER) ||
	    wants(plan, ATTRIBUTE_SENDER_DOMAIN))
		result |= add_macro(demand, STAGE_MAIL, "mail_addr");
	if (demand->answer[STAGE_RCPT] || wants(plan, ATTRIBUTE_RECIPIENT) ||
	    wants(plan, ATTRIBUTE_RECIPIENT_DOMAIN)) {
		result |= add_macro(demand, STAGE_RCPT, "rcpt_addr");
		result |= add_macro(demand, STAGE_RCPT, "rcpt_mailer");
	}
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

int
demand_find(struct demand *demand, const struct rules *rules,
    struct diag *diag)
{
	const struct plan *plan = rules->plan;
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
	demand->answer[STAGE_EOM] = true;
	demand->body = asks(plan, attribute_needs_body);
	demand->headers = asks(plan, attribute_needs_header);
	demand->quarantine = enforce &&
	    plan_has_action(plan, ACTION_QUARANTINE);
	demand->delete_recipients = enforce &&
	    plan_has_action(plan, ACTION_DISCARD);
	if (add_macros(demand, plan) == 0)
		return 0;
	diag_error(diag, "the policies name more than %d macros of one stage, "
	    "which is more than an MTA can be asked for", DEMAND_MACROS_MAX);
	return -1;
}
