#include "tool/tool.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/snapshot.h"
#include "policy/facts.h"
#include "policy/message.h"
#include "reply/reason.h"
#include "reply/render.h"
#include "reply/reply.h"
#include "session/rules.h"
#include "session/values.h"
#include "tool/given.h"
#include "tool/options.h"
#include "tool/say.h"
#include "world/json.h"

#define LABEL_WIDTH	13	/* of "  permanent  " */

/* What all the replies of one run have in common. */
struct sheet {
	struct tool		*tool;
	struct arena		*arena;
	struct letterhead	 letterhead;
	struct values		 values;
	const char		*case_id;	/* "" for none */
};

static void
sample_values(struct values *values)
{
	for (int v = 0; v < VARIABLE_COUNT; v++)
		values->text[v] = variable_sample((enum variable)v);
}

/* NAME=TEXT of --value.  Returns 0, or -1 with the reason in diag. */
static int
value_set(struct sheet *sheet, const char *written, struct diag *diag)
{
	const char *equals = strchr(written, '=');
	enum variable variable;
	char *name;
	int known;

	if (equals == NULL) {
		diag_error(diag, "a value is written NAME=TEXT, not \"%s\"",
		    written);
		return -1;
	}
	name = xstrndup(written, (size_t)(equals - written));
	known = variable_from_name(name, &variable, diag);
	free(name);
	if (known == -1)
		return -1;
	sheet->values.text[variable] = equals + 1;
	return 0;
}

/*
 * Samples where nothing was given; else only what was given, so that the
 * lines are those that a mail with these facts would get.
 */
static int
values_set(struct sheet *sheet, const struct given *given,
    struct facts *facts, struct diag *diag)
{
	const struct options *options = sheet->tool->options;

	if (!options_has_group(options, OPTIONS_FACTS) &&
	    !options_has(options, OPT_VALUE)) {
		sample_values(&sheet->values);
		return 0;
	}
	given_set_facts(given, sheet->arena, facts);
	values_from_facts(&sheet->values, sheet->arena, facts, NULL, NULL);
	for (size_t i = 0; i < options->count; i++)
		if (options->given[i].opt == OPT_VALUE &&
		    value_set(sheet, options->given[i].value, diag) == -1)
			return -1;
	if (sheet->values.text[VARIABLE_HOST] != NULL)
		sheet->letterhead.host = sheet->values.text[VARIABLE_HOST];
	return 0;
}

static void
print_row(struct sheet *sheet, const struct reason *reason, enum form form,
    const struct rendering *rendering)
{
	const struct reply *reply = rendering->reply;
	char status[STATUS_TEXT_MAX];
	struct row *row = row_new();

	status_format(reply->status, status);
	row_text(row, "reason", reason->name);
	row_text(row, "title", reason->title);
	row_text(row, "side", side_name(reason->side));
	row_text(row, "form", form_name(form));
	row_text(row, "status", status);
	row_list(row, "lines");
	for (size_t i = 0; i < reply->count; i++)
		row_list_text(row, "lines", reply->lines[i]);
	row_text(row, "detail", detail_name(rendering->detail));
	row_text(row, "reference", reason->reference);
	row_text(row, "case", *sheet->case_id != '\0' ?
	    sheet->case_id : NULL);
	row_print(row, sheet->tool->out);
}

static void
print_reply(struct sheet *sheet, enum form form,
    const struct rendering *rendering)
{
	struct strbuf line = STRBUF_INIT;

	for (size_t i = 0; i < rendering->reply->count; i++) {
		strbuf_reset(&line);
		reply_format_line(rendering->reply, i, &line);
		say(sheet->tool, "  %-*s%s\n", LABEL_WIDTH - 2, i == 0 ?
		    form_name(form) : "", line.text);
	}
	if (*rendering->lint != '\0')
		say_styled(sheet->tool, STYLE_DOUBT, "  %-*sWith all its "
		    "values it would break rule %s.\n", LABEL_WIDTH - 2, "",
		    rendering->lint);
	strbuf_release(&line);
}

static void
print_reason(struct sheet *sheet, const struct reason *reason, bool whole)
{
	bool json = options_has(sheet->tool->options, OPT_JSON);
	struct strbuf text = STRBUF_INIT;

	if (!json) {
		say_styled(sheet->tool, STYLE_HEAD, "%s", reason->name);
		say(sheet->tool, ": %s\n", reason->title);
		if (!text_starts(side_help(reason->side),
		    side_name(reason->side)))
			strbuf_addf(&text, "%s: ", side_name(reason->side));
		strbuf_adds(&text, side_help(reason->side));
		say_paragraph(sheet->tool, STYLE_PLAIN, "  side",
		    LABEL_WIDTH, text.text);
		if (whole && *reason->reference != '\0')
			say_paragraph(sheet->tool, STYLE_PLAIN,
			    "  codes from", LABEL_WIDTH, reason->reference);
	}
	for (int f = 0; f < FORM_COUNT; f++) {
		enum form form = (enum form)f;
		struct rendering rendering;

		if (!reason->forms[f].present)
			continue;
		rendering = render(sheet->arena, reason, form,
		    &sheet->values, &sheet->letterhead, sheet->case_id);
		if (json)
			print_row(sheet, reason, form, &rendering);
		else
			print_reply(sheet, form, &rendering);
	}
	strbuf_release(&text);
}

/* name NULL: all of them. */
static int
print_catalogue(struct sheet *sheet, const struct catalogue *catalogue,
    const char *name)
{
	bool json = options_has(sheet->tool->options, OPT_JSON);
	const struct reason *reason;
	struct diag diag = DIAG_INIT;

	if (name != NULL) {
		reason = catalogue_find(catalogue, name);
		if (reason == NULL) {
			catalogue_unknown(catalogue, name, &diag);
			tool_usage(sheet->tool, "%s", diag_first(&diag));
			diag_release(&diag);
			return TOOL_USAGE;
		}
		print_reason(sheet, reason, true);
		return TOOL_FINE;
	}
	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		if (i > 0 && !json)
			say(sheet->tool, "\n");
		print_reason(sheet, catalogue_at(catalogue, i), false);
	}
	return TOOL_FINE;
}

static int
detail_set(struct sheet *sheet, struct diag *diag)
{
	const char *detail = options_get(sheet->tool->options, OPT_DETAIL);

	return detail == NULL ? 0 : detail_from_name(detail,
	    &sheet->letterhead.detail, diag);
}

static int
reasons_given(struct tool *tool, struct arena *arena,
    const struct given *given, const struct snapshot *snapshot)
{
	const struct rules *rules = snapshot_rules(snapshot);
	const struct options *options = tool->options;
	struct sheet sheet = {
		.tool = tool,
		.arena = arena,
		.letterhead = rules->letterhead,
		.case_id = tool_case(tool, rules),
	};
	struct facts facts = { .message = NULL };
	struct diag diag = DIAG_INIT;
	int status;

	if (detail_set(&sheet, &diag) == -1 ||
	    values_set(&sheet, given, &facts, &diag) == -1)
		status = tool_usage(tool, "%s", diag_first(&diag));
	else
		status = print_catalogue(&sheet,
		    snapshot_catalogue(snapshot),
		    options->operand_count > 1 ? options->operands[1] : NULL);
	diag_release(&diag);
	return status;
}

static int
reasons_run(struct tool *tool)
{
	static const struct local_time midnight;
	const struct options *options = tool->options;
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct snapshot *snapshot;
	struct given given;
	int status = TOOL_WRONG;

	if (options->operand_count > 2)
		status = tool_usage(tool, "reasons takes one name, but there "
		    "is also \"%s\"", options->operands[2]);
	else if (given_read(&given, arena, options, midnight, NULL, tool->in,
	    &diag) != GIVEN_FINE)
		status = tool_usage(tool, "%s", diag_first(&diag));
	else {
		snapshot = tool_load_or_builtin(tool);
		if (snapshot != NULL) {
			status = reasons_given(tool, arena, &given, snapshot);
			snapshot_put(snapshot);
		}
		given_release(&given);
	}
	diag_release(&diag);
	arena_free(arena);
	return status;
}

const struct verb verb_reasons = {
	.name = "reasons",
	.operands = "[NAME]",
	.summary = "the catalogue, as it would appear on the wire",
	.manual =
	    "Prints each reason for which mail can be refused, or the one "
	    "that is named, with its replies as they would go out: with the "
	    "site's own texts, help link and level of detail. Without a "
	    "configuration file, it is the built-in catalogue. Values are "
	    "samples; but if facts or values are given, only those are "
	    "filled in, and the lines are what a mail with these facts would "
	    "get.",
	.examples =
	    "  milter-reply reasons\n"
	    "  milter-reply reasons no-such-mailbox --rcpt jane@example.com\n"
	    "  milter-reply reasons too-big --value size=38 --value limit=25\n",
	.groups = OPTIONS_REASONS | OPTIONS_CASE | OPTIONS_FACTS | OPTIONS_JSON,
	.run = reasons_run,
};
