#include "tool/story.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "policy/policy.h"
#include "reply/reply.h"
#include "reply/template.h"
#include "session/values.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/tool.h"
#include "world/json.h"

static bool
is_json(const struct tool *tool)
{
	return options_has(tool->options, OPT_JSON);
}

/* Only what the texts of the reason name, as the reply shows it. */
static void
take_values(struct note *note, struct arena *arena,
    const struct values *values)
{
	const struct reason_form *form = &note->reason->forms[note->form];

	for (int v = 0; v < VARIABLE_COUNT; v++) {
		enum variable variable = (enum variable)v;
		struct strbuf text = STRBUF_INIT;

		if (values->text[v] != NULL &&
		    (template_uses(form->what, variable) ||
		    template_uses(form->fix, variable)) &&
		    value_clean(variable_kind(variable), values->text[v],
		    &text))
			note->values.text[v] = arena_strdup(arena, text.text);
		strbuf_release(&text);
	}
}

void
note_take(struct note *note, struct arena *arena, const struct record *record,
    struct facts *facts)
{
	struct values values;

	*note = (struct note){
		.outcome = record->outcome,
		.action = record->action,
		.policy = record->policy,
		.reason = record->reason,
		.reply = record->reply,
		.lint = arena_strdup(arena, record->lint),
	};
	for (size_t i = 0; i + 1 < sizeof(note->case_id) &&
	    record->case_id[i] != '\0'; i++)
		note->case_id[i] = record->case_id[i];
	if (note->reply == NULL)
		return;
	note->form = status_class(note->reply->status) == 4 ?
	    FORM_TEMPORARY : FORM_PERMANENT;
	values_from_facts(&values, arena, facts,
	    record->evidence != NULL ? record->policy : NULL,
	    record->evidence);
	take_values(note, arena, &values);
}

bool
note_is_aside(const struct note *note)
{
	return note->outcome == OUTCOME_UNDECIDED ||
	    (note->outcome == OUTCOME_OBSERVED && note->policy->observe);
}

void
story_event(struct tool *tool, enum stage stage, const char *what)
{
	if (is_json(tool))
		return;
	say_styled(tool, STYLE_HEAD, "%s", stage == STAGE_EOM ?
	    "end of message" : stage_name(stage));
	say(tool, "%s%s\n", *what != '\0' ? " " : "", what);
}

void
story_remark(struct tool *tool, const char *format, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list args;

	if (is_json(tool))
		return;
	va_start(args, format);
	strbuf_vaddf(&text, format, args);
	va_end(args);
	say_styled(tool, STYLE_FAINT, "%s\n", text.text);
	strbuf_release(&text);
}

static void
row_place(struct row *row, const struct policy *policy)
{
	struct strbuf place = STRBUF_INIT;

	if (policy != NULL)
		place_format(policy->place, &place);
	row_text(row, "place", place.len > 0 ? place.text : NULL);
	strbuf_release(&place);
}

static const char *
truth_word(enum truth truth)
{
	return truth == TRUTH_YES ? "yes" : truth == TRUTH_NO ? "no" :
	    "undecided";
}

static void
policy_row(struct tool *tool, enum stage stage, const char *recipient,
    const struct policy *policy, enum truth truth, const char *why)
{
	struct row *row = row_new();

	row_text(row, "kind", "policy");
	row_text(row, "stage", stage_name(stage));
	row_text(row, "recipient", recipient);
	row_text(row, "policy", policy->name);
	row_place(row, policy);
	row_text(row, "holds", truth_word(truth));
	row_text(row, "why", why);
	row_text(row, "action", action_name(policy->action));
	row_text(row, "reason", policy->reason != NULL ?
	    policy->reason->name : NULL);
	row_bool(row, "observe", policy->observe);
	row_print(row, tool->out);
}

void
story_policy(struct tool *tool, enum stage stage, const char *recipient,
    const struct policy *policy, enum truth truth, const char *why)
{
	static const enum style styles[] = {
		[TRUTH_NO] = STYLE_FAINT,
		[TRUTH_UNKNOWN] = STYLE_DOUBT,
		[TRUTH_YES] = STYLE_HEAD,
	};
	struct strbuf place = STRBUF_INIT;

	if (is_json(tool)) {
		policy_row(tool, stage, recipient, policy, truth, why);
		return;
	}
	place_format(policy->place, &place);
	say(tool, "  %s (%s)  ", policy->name, place.text);
	say_styled(tool, styles[truth], "%s", truth_word(truth));
	if (truth != TRUTH_NO && policy->observe)
		say(tool, ", but it only observes");
	else if (truth == TRUTH_UNKNOWN)
		say(tool, ", and on_error is %s",
		    on_error_name(policy->on_error));
	say(tool, ": %s\n", why);
	strbuf_release(&place);
}

void
story_skipped(struct tool *tool, size_t count, const struct policy *decided)
{
	story_remark(tool, "  %zu more %s not tried: \"%s\" stands before %s "
	    "and has decided", count, count == 1 ? "policy is" :
	    "policies are", decided->name, count == 1 ? "it" : "them");
}

static void
values_row(struct row *row, const struct values *values)
{
	struct row *object = row_object(row, "values");

	for (int v = 0; v < VARIABLE_COUNT; v++)
		if (values->text[v] != NULL)
			row_text(object, variable_name((enum variable)v),
			    values->text[v]);
}

static void
reply_row(struct row *row, const struct reply *reply)
{
	char status[STATUS_TEXT_MAX];

	if (reply != NULL)
		status_format(reply->status, status);
	row_text(row, "status", reply != NULL ? status : NULL);
	row_list(row, "lines");
	for (size_t i = 0; reply != NULL && i < reply->count; i++)
		row_list_text(row, "lines", reply->lines[i]);
}

/* note NULL: nothing was decided. */
static void
decision_row(struct tool *tool, enum stage stage, const char *recipient,
    const struct note *note)
{
	static const struct values none;
	const struct policy *policy = note != NULL ? note->policy : NULL;
	struct row *row = row_new();
	struct strbuf source = STRBUF_INIT;

	if (policy != NULL)
		strbuf_addf(&source, "policy %s", policy->name);
	row_text(row, "kind", "decision");
	row_text(row, "stage", stage_name(stage));
	row_text(row, "recipient", recipient);
	row_text(row, "verdict", note != NULL ? action_name(note->action) :
	    "continue");
	row_text(row, "outcome", note != NULL ?
	    outcome_name(note->outcome) : NULL);
	row_text(row, "source", policy != NULL ? source.text : NULL);
	row_text(row, "policy", policy != NULL ? policy->name : NULL);
	row_place(row, policy);
	row_text(row, "reason", note != NULL && note->reason != NULL ?
	    note->reason->name : NULL);
	reply_row(row, note != NULL ? note->reply : NULL);
	values_row(row, note != NULL ? &note->values : &none);
	row_text(row, "case", note != NULL && note->case_id[0] != '\0' ?
	    note->case_id : NULL);
	row_print(row, tool->out);
	strbuf_release(&source);
}

/* "reject bad-helo", with what kept it from being carried out. */
static void
add_deed(struct strbuf *out, const struct note *note)
{
	bool would = note->outcome != OUTCOME_DONE &&
	    note->outcome != OUTCOME_SEPARATED &&
	    note->outcome != OUTCOME_FAULT;

	strbuf_addf(out, "%s%s", would ? "would " : "",
	    action_name(note->action));
	if (note->reason != NULL)
		strbuf_addf(out, " %s", note->reason->name);
	else if (note->action == ACTION_QUARANTINE) {
		strbuf_adds(out, " with the text ");
		quote(out, note->policy->text, strlen(note->policy->text));
	}
	switch (note->outcome) {
	case OUTCOME_OBSERVED:
		strbuf_adds(out, ", but the daemon only observes");
		break;
	case OUTCOME_PROTECTED:
		strbuf_adds(out, ", but never_refuse names a recipient");
		break;
	case OUTCOME_HELD_BACK:
		strbuf_adds(out, ", but it does not hold for every recipient");
		break;
	case OUTCOME_SEPARATED:
		strbuf_adds(out, ", so that it gets a delivery of its own");
		break;
	case OUTCOME_FAULT:
		strbuf_adds(out, ", because it could not be decided");
		break;
	case OUTCOME_NOTED:
	case OUTCOME_DONE:
	case OUTCOME_UNDECIDED:
	case OUTCOME_COUNT:
		break;
	}
}

static enum style
deed_style(const struct note *note)
{
	if (note->outcome != OUTCOME_DONE)
		return STYLE_DOUBT;
	return note->action == ACTION_ACCEPT ? STYLE_GOOD : STYLE_BAD;
}

void
story_decision(struct tool *tool, enum stage stage, const char *recipient,
    const struct note *note)
{
	struct strbuf text = STRBUF_INIT;

	if (is_json(tool)) {
		decision_row(tool, stage, recipient, note);
		return;
	}
	add_deed(&text, note);
	say(tool, "  -> ");
	say_styled(tool, deed_style(note), "%s", text.text);
	strbuf_reset(&text);
	place_format(note->policy->place, &text);
	say(tool, "; policy \"%s\" (%s)\n", note->policy->name, text.text);
	for (size_t i = 0; note->reply != NULL && i < note->reply->count;
	    i++) {
		strbuf_reset(&text);
		reply_format_line(note->reply, i, &text);
		say(tool, "     %s\n", text.text);
	}
	if (*note->lint != '\0')
		story_remark(tool, "     With its values the reply would "
		    "break rule %s, so it went without.", note->lint);
	strbuf_release(&text);
}

void
story_continue(struct tool *tool, enum stage stage, const char *recipient,
    const char *text)
{
	if (is_json(tool)) {
		decision_row(tool, stage, recipient, NULL);
		return;
	}
	say(tool, "  -> ");
	say_styled(tool, STYLE_GOOD, "%s", text);
	say(tool, "\n");
}
