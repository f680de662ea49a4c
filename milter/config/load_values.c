#include "config/load.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "config/tree.h"
#include "policy/policy.h"
#include "reply/reason.h"
#include "reply/template.h"
#include "reply/value.h"

/* The attribute that a variable shows, or ATTRIBUTE_COUNT. */
static enum attribute
shown_attribute(enum variable variable)
{
	for (int a = 0; a < ATTRIBUTE_COUNT; a++)
		if (attribute_variable((enum attribute)a) == variable)
			return (enum attribute)a;
	return ATTRIBUTE_COUNT;
}

/* What every mail tells by itself, so that a policy need not. */
static bool
is_told_by_mail(enum variable variable)
{
	return shown_attribute(variable) != ATTRIBUTE_COUNT ||
	    variable == VARIABLE_HOST || variable == VARIABLE_REASON ||
	    variable == VARIABLE_FROM_DOMAIN;
}

static const char *
kind_advice(enum value_kind kind)
{
	switch (kind) {
	case VALUE_IP:
		return "an IP address";
	case VALUE_DOMAIN:
		return "the name of a domain or host";
	case VALUE_ADDRESS:
		return "a mail address";
	case VALUE_NUMBER:
		return "a number";
	case VALUE_WORD:
		return "one word";
	case VALUE_LINK:
		return "a link that begins with https://";
	case VALUE_PHRASE:
		return "a few words of plain ASCII";
	}
	return "";
}

static const char *
value_text(struct load *load, const struct node *node)
{
	if (node->kind != NODE_NUMBER)
		return node->text;
	return arena_format(load->arena, "%lld", (long long)node->number);
}

static void
load_value(struct load *load, const struct node *node,
    struct values *values)
{
	struct diag why = DIAG_INIT;
	struct strbuf shown = STRBUF_INIT;
	struct strbuf written = STRBUF_INIT;
	enum variable variable;
	const char *text;
	int known = variable_from_name(node->name, &variable, &why);

	diag_take(load->diag, &why, node->place, "values: ");
	if (known == -1)
		return;
	text = value_text(load, node);
	node_describe(node, &written);
	if (is_told_by_mail(variable))
		diag_add(load->diag, SEVERITY_ERROR, node->place, "values: %s "
		    "is told by the mail itself; take it out", node->name);
	else if (!value_clean(variable_kind(variable), text, &shown))
		diag_add(load->diag, SEVERITY_ERROR, node->place, "values: %s "
		    "must be %s, not %s", node->name,
		    kind_advice(variable_kind(variable)), written.text);
	else if (strcmp(shown.text, text) != 0)
		diag_add(load->diag, SEVERITY_WARNING, node->place, "values: "
		    "of %s = %s a reply shows only \"%s\"; write %s",
		    node->name, written.text, shown.text,
		    kind_advice(variable_kind(variable)));
	values->text[variable] = text;
	strbuf_release(&shown);
	strbuf_release(&written);
}

/* True if a condition of `when' tells the variable where it holds. */
static bool
is_told_by_condition(const struct policy *policy, enum variable variable)
{
	for (int a = 0; a < ATTRIBUTE_COUNT; a++)
		if (attribute_tells((enum attribute)a) == variable &&
		    policy_names(policy, (enum attribute)a))
			return true;
	return false;
}

/* The stage at which the reply is given, which may be later than decided. */
static enum stage
reply_stage(const struct load *load, const struct policy *policy)
{
	enum stage first = load->settings->daemon.refuse_at ==
	    REFUSE_AT_EARLIEST ? STAGE_HELO : STAGE_RCPT;

	return policy->stage > first ? policy->stage : first;
}

/*
 * An error where the text cannot do without the variable, and nothing can
 * ever tell it: then the text would never be sent as it is written.
 */
static void
check_variable(struct load *load, struct place place,
    const struct policy *policy, enum variable variable)
{
	enum attribute attribute = shown_attribute(variable);
	enum stage stage = reply_stage(load, policy);
	enum stage from = STAGE_CONNECT;

	if (policy->values.text[variable] != NULL ||
	    variable == VARIABLE_HOST || variable == VARIABLE_REASON ||
	    is_told_by_condition(policy, variable))
		return;
	if (attribute != ATTRIBUTE_COUNT)
		from = attribute_stage(attribute);
	else if (variable == VARIABLE_HOW_MANY)
		from = STAGE_RCPT;
	else if (variable == VARIABLE_FROM_DOMAIN)
		from = STAGE_EOM;
	else {
		diag_add(load->diag, SEVERITY_ERROR, place, "the text of "
		    "\"%s\" needs {%s}, which nothing tells here; write "
		    "values = { %s = \"%s\"; }, or put that part of the text "
		    "in [brackets]", policy->reason->name,
		    variable_name(variable), variable_name(variable),
		    variable_sample(variable));
		return;
	}
	if (from > stage)
		diag_add(load->diag, SEVERITY_ERROR, place, "the text of "
		    "\"%s\" needs {%s}, which is known from %s on, and this "
		    "policy replies at %s; put that part of the text in "
		    "[brackets]", policy->reason->name,
		    variable_name(variable), stage_name(from),
		    stage_name(stage));
}

static void
check_variables(struct load *load, struct place place,
    const struct policy *policy)
{
	const struct reason_form *form = &policy->reason->forms[policy->form];

	for (int v = 0; v < VARIABLE_COUNT; v++)
		if (template_requires(form->what, (enum variable)v) ||
		    template_requires(form->fix, (enum variable)v))
			check_variable(load, place, policy, (enum variable)v);
}

void
load_values(struct load *load, const struct node *node,
    const struct policy_entry *entry, struct policy *policy)
{
	if (entry->values != NULL && !action_refuses(policy->action))
		diag_add(load->diag, SEVERITY_ERROR, entry->values->place,
		    "values are for replies, and %s sends none; take them out",
		    action_name(policy->action));
	for (size_t i = 0; entry->values != NULL && i < entry->values->count;
	    i++)
		load_value(load, &entry->values->items[i], &policy->values);
	if (policy->reason != NULL)
		check_variables(load,
		    node_place(node, action_name(policy->action)), policy);
}
