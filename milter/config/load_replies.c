#include "config/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/tree.h"
#include "policy/matcher.h"
#include "policy/policy.h"
#include "reply/lint.h"
#include "reply/raw.h"
#include "reply/reason.h"
#include "reply/render.h"
#include "reply/template.h"
#include "session/rules.h"

#define SAMPLE_CASE	"7K3Q-X2M9"

/* A reply that a policy sends, and that was looked at. */
struct sent {
	const struct reason *reason;
	enum form form;
};

/* One look at all replies. */
struct looking {
	struct load *load;
	const struct rules *rules;
	struct arena *scratch;
	bool told[LINT_COUNT];		/* of rules that concern the site */
	/* Few, however many policies there are. */
	struct sent *sent;
	size_t sent_count;
	size_t sent_room;
};

/* One reply to look at. */
struct subject_reply {
	const struct reason *reason;
	enum form form;
	const struct values *values;	/* of a policy, or NULL */
	const char *stage;		/* as the lint names it; "" unknown */
	struct place place;		/* where its findings are told */
};

/* A finding of these rules would come with each reply: it is told once. */
static bool
is_of_site(enum lint_rule rule, const struct looking *looking)
{
	const struct template *help = looking->rules->letterhead.help;

	switch (rule) {
	case LINT_R1:
	case LINT_R2:
		return true;
	case LINT_F10:
		return help != NULL &&
		    !text_starts(template_source(help), "https://");
	case LINT_F11:
		return help != NULL && !template_uses(help, VARIABLE_REASON);
	default:
		return false;
	}
}

static struct place
site_place(const struct load *load, enum lint_rule rule)
{
	const char *key = rule == LINT_R2 ? "show_case" : "help";

	if (load->root.site == NULL)
		return load->root_place;
	return node_place(load->root.site, key);
}

static void
tell(struct looking *looking, const struct subject_reply *subject,
    const struct lint_finding *finding)
{
	if (is_of_site(finding->rule, looking)) {
		if (!looking->told[finding->rule])
			diag_add(looking->load->diag, finding->severity,
			    site_place(looking->load, finding->rule),
			    "all replies: %s (%s)",
			    finding->what, lint_name(finding->rule));
		looking->told[finding->rule] = true;
		return;
	}
	diag_add(looking->load->diag, finding->severity, subject->place,
	    "reason \"%s\", %s form: %s (%s)", subject->reason->name,
	    form_name(subject->form), finding->what,
	    lint_name(finding->rule));
}

static struct values
sample_values(const struct values *given)
{
	struct values values;

	for (int v = 0; v < VARIABLE_COUNT; v++) {
		values.text[v] = variable_sample((enum variable)v);
		if (given != NULL && given->text[v] != NULL)
			values.text[v] = given->text[v];
	}
	return values;
}

/*
 * The reply as its texts want it.  Where render() would send something
 * plainer because a rule is broken, these lines show which and why.
 */
static struct raw_reply
written_reply(struct looking *looking, const struct subject_reply *subject,
    const struct values *values)
{
	const struct reason_form *form =
	    &subject->reason->forms[subject->form];
	const struct template *const templates[] = { form->what, form->fix };
	struct strbuf text = STRBUF_INIT;
	char codes[2][STATUS_TEXT_MAX];
	struct raw_reply raw;

	status_format(form->status, codes[0]);
	status_format(form->status, codes[1]);
	codes[0][3] = '-';
	for (size_t i = 0; i < 2; i++) {
		strbuf_addf(&text, "%s%s ", i > 0 ? "\r\n" : "", codes[i]);
		template_fill(templates[i], values, &text);
	}
	raw = raw_parse(looking->scratch, text.text, text.len);
	strbuf_release(&text);
	return raw;
}

/* detail = "brief" tells no values, and this text cannot do without. */
static void
tell_unfillable(struct looking *looking, const struct subject_reply *subject)
{
	const struct reason_form *form =
	    &subject->reason->forms[subject->form];

	for (int v = 0; v < VARIABLE_COUNT; v++)
		if (v != VARIABLE_HOST && v != VARIABLE_REASON &&
		    (template_requires(form->what, (enum variable)v) ||
		    template_requires(form->fix, (enum variable)v)))
			diag_add(looking->load->diag, SEVERITY_WARNING,
			    subject->place, "reason \"%s\", %s form: the site "
			    "tells no values, and the text needs {%s}; put "
			    "that part in [brackets], or its status alone "
			    "will speak", subject->reason->name,
			    form_name(subject->form),
			    variable_name((enum variable)v));
}

static void
look_at(struct looking *looking, const struct subject_reply *subject)
{
	const struct letterhead *letterhead = &looking->rules->letterhead;
	const struct values values = sample_values(subject->values);
	const struct lint_context context = {
		.reason = subject->reason,
		.stage = subject->stage,
		.has_help = letterhead->help != NULL ||
		    letterhead->contact != NULL,
		.has_case = looking->rules->show_case,
		.templates = true,
	};
	struct lint_findings findings;
	struct rendering rendering;
	struct raw_reply raw;

	rendering = render(looking->scratch, subject->reason, subject->form,
	    &values, letterhead,
	    looking->rules->show_case ? SAMPLE_CASE : "");
	if (rendering.lint[0] == '\0')
		raw = raw_from_reply(looking->scratch, rendering.reply);
	else if (letterhead->detail == DETAIL_BRIEF &&
	    strcmp(rendering.lint, lint_name(LINT_F12)) == 0) {
		tell_unfillable(looking, subject);
		return;
	} else
		raw = written_reply(looking, subject, &values);
	lint_check(looking->scratch, &raw, &context, LINT_LOADED, &findings);
	for (size_t i = 0; i < findings.count; i++)
		if (findings.items[i].rule != LINT_R3)
			tell(looking, subject, &findings.items[i]);
	arena_reset(looking->scratch);
}

static bool
is_sent(const struct looking *looking, const struct reason *reason,
    enum form form)
{
	for (size_t i = 0; i < looking->sent_count; i++)
		if (looking->sent[i].reason == reason &&
		    looking->sent[i].form == form)
			return true;
	return false;
}

static const char *
stage_of_reply(const struct policy *policy)
{
	return policy->stage == STAGE_EOM ? "end-of-data" : "RCPT";
}

static void
look_at_policies(struct looking *looking)
{
	struct load *load = looking->load;

	for (size_t i = 0; i < load->policy_count; i++) {
		const struct policy *policy = load->policies[i];

		if (policy->reason == NULL ||
		    is_sent(looking, policy->reason, policy->form))
			continue;
		looking->sent = xgrow(looking->sent, looking->sent_count,
		    &looking->sent_room, sizeof(*looking->sent));
		looking->sent[looking->sent_count++] = (struct sent){
			policy->reason, policy->form
		};
		look_at(looking, &(struct subject_reply){
			.reason = policy->reason,
			.form = policy->form,
			.values = &policy->values,
			.stage = stage_of_reply(policy),
			.place = policy->reason->place.line > 0 ?
			    policy->reason->place : policy->place,
		});
	}
}

/* Forms that the file changes and no policy sends yet. */
static void
look_at_reasons(struct looking *looking)
{
	struct load *load = looking->load;

	for (size_t i = 0; i < catalogue_count(load->catalogue); i++) {
		const struct reason *reason = catalogue_at(load->catalogue, i);

		if (reason->place.line == 0)
			continue;
		for (int f = 0; f < FORM_COUNT; f++)
			if (reason->forms[f].present &&
			    !is_sent(looking, reason, (enum form)f))
				look_at(looking, &(struct subject_reply){
					.reason = reason,
					.form = (enum form)f,
					.stage = "",
					.place = reason->place,
				});
	}
}

/*
 * R3: whoever is refused must be able to ask.  The lint can only guess from
 * the name of the address; here it is known which ones are never refused.
 */
static void
check_contact(struct looking *looking)
{
	static const char signs[] = " <>(),;";
	const struct template *contact = looking->rules->letterhead.contact;
	struct values values = {
		.text[VARIABLE_HOST] = looking->rules->letterhead.host,
		.text[VARIABLE_REASON] = "",
	};
	struct strbuf text = STRBUF_INIT;
	size_t len;

	if (contact != NULL)
		template_fill(contact, &values, &text);
	for (const char *p = text.text; *p != '\0'; p += len) {
		struct operand operand = { .subject = SUBJECT_ADDRESS };
		uint32_t number;

		p += strspn(p, signs);
		len = strcspn(p, signs);
		if (memchr(p, '@', len) == NULL)
			continue;
		operand.text = p;
		operand.len = len;
		if (matcher_match(looking->rules->never_refuse, &operand,
		    &number) == TRUTH_YES)
			continue;
		diag_add(looking->load->diag, SEVERITY_WARNING,
		    node_place(looking->load->root.site, "contact"),
		    "contact in site: mail to %.*s may be refused as well, "
		    "and then nobody can ask; add it to never_refuse (%s)",
		    (int)len, p, lint_name(LINT_R3));
	}
	strbuf_release(&text);
}

/* True if a policy sends a reply. */
static bool
refuses(const struct load *load)
{
	for (size_t i = 0; i < load->policy_count; i++)
		if (load->policies[i]->reason != NULL)
			return true;
	return false;
}

void
load_check_replies(struct load *load, const struct rules *rules)
{
	struct looking looking = {
		.load = load,
		.rules = rules,
		.scratch = arena_new(),
	};

	look_at_policies(&looking);
	look_at_reasons(&looking);
	if (refuses(load))
		check_contact(&looking);
	free(looking.sent);
	arena_free(looking.scratch);
}
