#include "tool/tool.h"

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/snapshot.h"
#include "policy/plan.h"
#include "reply/reason.h"
#include "session/rules.h"
#include "tool/options.h"
#include "tool/say.h"
#include "world/json.h"

/*
 * Problems go to standard error, as compilers do it and editors read it; so
 * `check --print' leaves nothing but the configuration on standard output.
 */
static void
print_problems(struct tool *tool, const struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;

	diag_format(diag, &text);
	(void)fputs(text.text, tool->err);
	strbuf_release(&text);
}

static void
print_rows(struct tool *tool, const struct diag *diag)
{
	for (size_t i = 0; i < diag->count; i++) {
		const struct diag_message *message = &diag->messages[i];
		struct strbuf place = STRBUF_INIT;
		struct row *row = row_new();

		place_format((struct place){ message->file, message->line },
		    &place);
		row_text(row, "severity", severity_name(message->severity));
		row_text(row, "place", place.len > 0 ? place.text : NULL);
		row_text(row, "text", message->text);
		row_print(row, tool->out);
		strbuf_release(&place);
	}
}

/* The last row: whether it loads, and what it has. */
static void
print_summary(struct tool *tool, const struct snapshot *snapshot,
    const struct diag *diag)
{
	struct row *row = row_new();

	row_text(row, "file", tool_config(tool));
	row_bool(row, "loads", snapshot != NULL);
	row_number(row, "errors", diag->errors);
	row_number(row, "warnings", diag->count - diag->errors);
	if (snapshot != NULL) {
		const struct rules *rules = snapshot_rules(snapshot);

		row_number(row, "policies", plan_count(rules->plan));
		row_number(row, "reasons", catalogue_count(rules->catalogue));
		row_number(row, "milters", rules->milter_count);
		row_number(row, "recognise",
		    snapshot_recognise_count(snapshot));
		row_number(row, "expect", snapshot_expect_count(snapshot));
	}
	row_print(row, tool->out);
}

static void
add_count(struct strbuf *out, size_t count, const char *what)
{
	strbuf_addf(out, "%s%zu %s%s", out->len > 0 ? ", " : "", count, what,
	    count == 1 ? "" : "s");
}

static void
summarize(struct tool *tool, const struct snapshot *snapshot,
    const struct diag *diag)
{
	const char *file = tool_config(tool);
	size_t warnings = diag->count - diag->errors;
	struct strbuf text = STRBUF_INIT;
	const struct rules *rules;

	if (snapshot == NULL) {
		add_count(&text, diag->errors, "error");
	} else {
		size_t recognised = snapshot_recognise_count(snapshot);

		rules = snapshot_rules(snapshot);
		strbuf_addf(&text, "%zu polic%s", plan_count(rules->plan),
		    plan_count(rules->plan) == 1 ? "y" : "ies");
		add_count(&text, catalogue_count(rules->catalogue), "reason");
		if (rules->milter_count > 0)
			add_count(&text, rules->milter_count, "milter");
		if (recognised > 0)
			strbuf_addf(&text, ", %zu row%s of recognise",
			    recognised, recognised == 1 ? "" : "s");
		add_count(&text, snapshot_expect_count(snapshot),
		    "expect case");
		if (snapshot_expect_count(snapshot) > 0)
			strbuf_adds(&text, " passed");
	}
	if (warnings > 0)
		add_count(&text, warnings, "warning");
	say(tool, "%s: ", file);
	say_styled(tool, snapshot == NULL ? STYLE_BAD : STYLE_GOOD, "%s",
	    text.text);
	say(tool, "\n");
	strbuf_release(&text);
}

static int
check_run(struct tool *tool)
{
	bool print = options_has(tool->options, OPT_PRINT);
	bool json = options_has(tool->options, OPT_JSON);
	struct diag diag = DIAG_INIT;
	struct snapshot *snapshot;

	if (tool->options->operand_count > 1)
		return tool_usage(tool, "check takes no operands; write "
		    "-c %s to check that file", tool->options->operands[1]);
	if (print && json)
		return tool_usage(tool, "give either --print or --json");
	if (!json && tool_lacks_config(tool))
		return TOOL_WRONG;
	snapshot = snapshot_load(tool_config(tool), &diag);
	if (json) {
		print_rows(tool, &diag);
		print_summary(tool, snapshot, &diag);
	} else
		print_problems(tool, &diag);
	if (print && snapshot != NULL) {
		struct strbuf text = STRBUF_INIT;

		snapshot_print(snapshot, &text);
		(void)fputs(text.text, tool->out);
		strbuf_release(&text);
	} else if (!print && !json)
		summarize(tool, snapshot, &diag);
	diag_release(&diag);
	if (snapshot == NULL)
		return TOOL_WRONG;
	snapshot_put(snapshot);
	return TOOL_FINE;
}

const struct verb verb_check = {
	.name = "check",
	.operands = "",
	.summary = "find what is wrong with the configuration",
	.manual =
	    "Loads the configuration as the daemon would, holds every reply "
	    "against the rules of good writing, and runs the expect cases. "
	    "Every problem goes to standard error as `file:line: error: "
	    "text', a summary to standard output. The exit status is 1 if "
	    "there is an error; warnings alone leave it at 0.",
	.examples =
	    "  milter-reply check\n"
	    "  milter-reply -c new.conf check\n"
	    "  milter-reply check --print > whole.conf\n",
	.groups = OPTIONS_JSON | OPTIONS_CHECK,
	.run = check_run,
};
