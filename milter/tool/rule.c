#include "tool/rule.h"

#include "base/diag.h"
#include "base/text.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/tool.h"
#include "world/json.h"

#define LABEL_WIDTH	12

bool
rule_find(const char *name, enum lint_rule *rule)
{
	for (int r = 0; r < LINT_COUNT; r++)
		if (text_equal(lint_name((enum lint_rule)r), name)) {
			*rule = (enum lint_rule)r;
			return true;
		}
	return false;
}

static const char *
severity_text(enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		return "error: a configuration with such a reply is not used.";
	case SEVERITY_WARNING:
		return "warning: the reply is sound, and could be better.";
	case SEVERITY_INFO:
		return "info: a hint.";
	}
	return "";
}

static const char *
upheld_text(enum lint_when when)
{
	switch (when) {
	case LINT_SENT:
		return "When the configuration is loaded, by explain, and "
		    "again on each reply that leaves.";
	case LINT_LOADED:
		return "When the configuration is loaded, and by explain.";
	case LINT_BUILT:
		return "Never: the program is built so that no reply of its "
		    "own can break it.";
	}
	return "";
}

static const char *
upheld_word(enum lint_when when)
{
	switch (when) {
	case LINT_SENT:
		return "sent";
	case LINT_LOADED:
		return "loaded";
	case LINT_BUILT:
		return "built";
	}
	return "";
}

void
rule_explain(struct tool *tool, enum lint_rule rule)
{
	struct row *row;

	if (!options_has(tool->options, OPT_JSON)) {
		say_paragraph(tool, STYLE_HEAD, lint_name(rule), LABEL_WIDTH,
		    lint_wants(rule));
		say_paragraph(tool, STYLE_HEAD, "severity", LABEL_WIDTH,
		    severity_text(lint_severity(rule)));
		say_paragraph(tool, STYLE_HEAD, "looked at", LABEL_WIDTH,
		    upheld_text(lint_when(rule)));
		return;
	}
	row = row_new();
	row_text(row, "rule", lint_name(rule));
	row_text(row, "severity", severity_name(lint_severity(rule)));
	row_text(row, "looked_at", upheld_word(lint_when(rule)));
	row_text(row, "text", lint_wants(rule));
	row_print(row, tool->out);
}
