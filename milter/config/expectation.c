#include "config/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "config/mail.h"
#include "config/schema.h"
#include "config/tree.h"
#include "policy/policy.h"
#include "reply/reason.h"
#include "session/env.h"
#include "session/record.h"
#include "session/rules.h"
#include "session/session.h"

/* One case while it is read and run. */
struct expectation {
	struct load *load;
	const struct rules *rules;
	const struct node *node;
	struct expect_entry entry;
	struct status status;		/* of entry.reply */
	struct mail mail;
	/* The decision that was carried out first; NULL for none. */
	const struct policy *policy;
	const struct reason *reason;
};

static struct local_time
case_time(void *world)
{
	const struct expectation *e = world;

	return e->mail.now;
}

/* Always the same: a case number that nobody looks up. */
static void
case_random(void *world, void *bytes, size_t size)
{
	(void)world;
	memset(bytes, 0, size);
}

static void
case_record(void *world, const struct record *record)
{
	struct expectation *e = world;

	if ((record->outcome != OUTCOME_DONE &&
	    record->outcome != OUTCOME_FAULT) ||
	    (e->policy != NULL && e->policy->action != ACTION_ACCEPT))
		return;
	e->policy = record->policy;
	e->reason = record->reason;
}

static void
problem(struct expectation *e, const char *key, const char *text)
{
	diag_add(e->load->diag, SEVERITY_ERROR, node_place(e->node, key),
	    "expect \"%s\": %s", e->entry.name, text);
}

static void
check_reply(struct expectation *e)
{
	struct diag why = DIAG_INIT;

	if (e->entry.reply == NULL)
		return;
	status_parse(&e->status, e->entry.reply, &why);
	diag_take(e->load->diag, &why, node_place(e->node, "reply"),
	    "reply in an expect case: ");
}

static void
check_reason(struct expectation *e)
{
	struct diag why = DIAG_INIT;

	if (e->entry.reason == NULL ||
	    catalogue_find(e->load->catalogue, e->entry.reason) != NULL ||
	    load_reason_is_written(e->load, e->entry.reason))
		return;
	catalogue_unknown(e->load->catalogue, e->entry.reason, &why);
	diag_take(e->load->diag, &why, node_place(e->node, "reason"), "");
}

/* Any policy of the file will do: what is wrong with it was reported. */
static void
check_policy(struct expectation *e)
{
	const struct node *rows = e->load->root.policies;
	size_t row_count = rows != NULL ? rows->count : 0, count = 0;
	struct diag why = DIAG_INIT;
	const char **names;

	if (e->entry.policy == NULL)
		return;
	names = xcalloc(row_count, sizeof(*names));
	for (size_t i = 0; i < row_count; i++) {
		const struct node *name = node_find(&rows->items[i], "name");

		if (name != NULL && name->kind == NODE_TEXT)
			names[count++] = name->text;
	}
	/* One without a name may be the one that is meant. */
	if (count == row_count &&
	    names_find(names, count, e->entry.policy) == -1)
		names_unknown(&why, "policy", e->entry.policy, names, count);
	diag_take(e->load->diag, &why, node_place(e->node, "policy"), "");
	free(names);
}

/* Does the case say something, and nothing that contradicts itself? */
static void
check_claims(struct expectation *e)
{
	const struct expect_entry *entry = &e->entry;
	bool refusal = entry->reply != NULL || entry->reason != NULL;
	int ends = refusal + entry->accept + entry->discard +
	    entry->quarantine;

	if (ends == 0 && entry->policy == NULL)
		problem(e, "name", "it does not say what must happen; write "
		    "reply = \"550 5.7.1\", reason = \"...\", policy = "
		    "\"...\", accept = true, discard = true or quarantine = "
		    "true");
	else if (ends > 1)
		problem(e, "name", "a mail ends in one way; keep one of reply "
		    "and reason, accept, discard, and quarantine");
}

static int
expectation_read(struct expectation *e)
{
	size_t errors = e->load->diag->errors;

	schema_read(SECTION_EXPECT, &e->entry, e->node, e->load->defaults,
	    e->load->arena, e->load->diag);
	if (e->entry.name == NULL) {
		if (node_find(e->node, "name") == NULL)
			diag_add(e->load->diag, SEVERITY_ERROR,
			    e->node->place, "this expect case has no name; "
			    "write name = \"...\", what it shows");
		e->entry.name = "";
	}
	mail_read(&e->mail, e->load->arena, e->entry.given, e->load->diag);
	check_reply(e);
	check_reason(e);
	check_policy(e);
	if (e->load->diag->errors == errors)
		check_claims(e);
	return e->load->diag->errors == errors ? 0 : -1;
}

static bool
holds(const struct expectation *e, const struct mail_result *result)
{
	const struct expect_entry *entry = &e->entry;

	if (entry->reply != NULL && (result->end != MAIL_REFUSED ||
	    !status_equal(e->status, result->status)))
		return false;
	if (entry->reason != NULL && (result->end != MAIL_REFUSED ||
	    strcmp(entry->reason, e->reason->name) != 0))
		return false;
	if (entry->policy != NULL && (e->policy == NULL ||
	    strcmp(entry->policy, e->policy->name) != 0))
		return false;
	return (!entry->accept || result->end == MAIL_ACCEPTED) &&
	    (!entry->discard || result->end == MAIL_DISCARDED) &&
	    (!entry->quarantine || result->end == MAIL_HELD);
}

/* "reply 550 5.7.1, reason bad-helo": what the case says. */
static void
wanted_format(const struct expectation *e, struct strbuf *out)
{
	for (size_t i = 0; i < e->node->count; i++) {
		const struct node *node = &e->node->items[i];

		if (strcmp(node->name, "name") == 0 ||
		    strcmp(node->name, "given") == 0)
			continue;
		strbuf_addf(out, "%s%s = ", out->len > 0 ? ", " : "",
		    node->name);
		node_print(node, 0, out);
	}
}

static void
result_format(const struct expectation *e, const struct mail_result *result,
    struct strbuf *out)
{
	char status[STATUS_TEXT_MAX];

	switch (result->end) {
	case MAIL_ACCEPTED:
		strbuf_adds(out, "it is accepted");
		break;
	case MAIL_REFUSED:
		status_format(result->status, status);
		strbuf_addf(out, "it is refused with %s for \"%s\"", status,
		    e->reason->name);
		break;
	case MAIL_DISCARDED:
		strbuf_adds(out, "it is thrown away");
		break;
	case MAIL_HELD:
		strbuf_adds(out, "it is held");
		break;
	}
	if (e->policy == NULL) {
		strbuf_adds(out, ", as no policy decides");
		return;
	}
	strbuf_addf(out, " by policy \"%s\" at ", e->policy->name);
	place_format(e->policy->place, out);
}

static void
expectation_run(struct expectation *e)
{
	const struct env env = {
		.world = e,
		.local_time = case_time,
		.random = case_random,
		.record = case_record,
	};
	struct session *session = session_new(e->rules, &env);
	struct mail_result result = mail_send(&e->mail, session);
	struct strbuf wanted = STRBUF_INIT, text = STRBUF_INIT;

	session_free(session);
	if (holds(e, &result))
		return;
	wanted_format(e, &wanted);
	strbuf_addf(&text, "this mail must have %s, but ", wanted.text);
	result_format(e, &result, &text);
	diag_add(e->load->diag, e->load->expect_warns ? SEVERITY_WARNING :
	    SEVERITY_ERROR, node_place(e->node, "name"), "expect \"%s\": %s",
	    e->entry.name, text.text);
	strbuf_release(&wanted);
	strbuf_release(&text);
}

void
load_expect(struct load *load, const struct rules *rules)
{
	const struct node *rows = load->root.expect;
	struct rules enforced = *rules;
	size_t errors = load->diag->errors;

	/* What is only observed is what the cases are about, too. */
	enforced.observe = false;
	for (size_t i = 0; rows != NULL && i < rows->count; i++) {
		struct expectation e = {
			.load = load,
			.rules = &enforced,
			.node = &rows->items[i],
		};

		if (expectation_read(&e) == 0 && errors == 0)
			expectation_run(&e);
	}
}
