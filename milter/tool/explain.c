#include "tool/tool.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "config/snapshot.h"
#include "reply/lint.h"
#include "reply/raw.h"
#include "reply/reason.h"
#include "reply/status.h"
#include "tool/advice.h"
#include "tool/options.h"
#include "tool/rule.h"
#include "tool/say.h"
#include "world/errno_text.h"
#include "world/json.h"

#define LABEL_WIDTH	12
#define FINDING_WIDTH	14	/* of "  T10 warning " */

/* A reply from anywhere, and what is known of it. */
struct subject_matter {
	struct arena *arena;
	const struct catalogue *catalogue;
	struct raw_reply raw;
	const char *text;		/* as it was given */
	unsigned code;			/* of the first line; 0 for none */
	const struct raw_line *enhanced;	/* first with one, or NULL */
	bool agrees;			/* both codes, of one class */
	struct status status;		/* if agrees */
	bool refusal;			/* else a yes, or a step on */
	bool sound;
	struct lint_findings findings;
};

static bool
has_text(const struct raw_reply *raw)
{
	for (size_t i = 0; i < raw->count; i++)
		if (*raw->lines[i].text != '\0')
			return true;
	return false;
}

/* Codes alone are judged as codes: rules on the text have nothing to say. */
static void
keep_code_rules(struct subject_matter *matter)
{
	struct lint_findings *findings = &matter->findings;
	size_t kept = 0;

	matter->sound = true;
	for (size_t i = 0; i < findings->count; i++)
		if (*lint_name(findings->items[i].rule) == 'C') {
			findings->items[kept++] = findings->items[i];
			if (findings->items[i].severity == SEVERITY_ERROR)
				matter->sound = false;
		}
	findings->count = kept;
}

static void
judge(struct subject_matter *matter)
{
	const struct lint_context context = { .stage = "" };
	const struct raw_line *first = &matter->raw.lines[0];
	unsigned class;

	matter->code = first->code;
	for (size_t i = 0; i < matter->raw.count &&
	    matter->enhanced == NULL; i++)
		if (matter->raw.lines[i].enhanced)
			matter->enhanced = &matter->raw.lines[i];
	matter->agrees = matter->code != 0 && matter->enhanced != NULL &&
	    matter->enhanced->class == matter->code / 100;
	if (matter->agrees)
		matter->status = (struct status){
			.code = (unsigned short)matter->code,
			.subject = matter->enhanced->subject,
			.detail = matter->enhanced->detail,
		};
	class = matter->code != 0 ? matter->code / 100 :
	    matter->enhanced->class;
	matter->refusal = (class != 2 && class != 3) ||
	    (matter->enhanced != NULL && matter->code != 0 &&
	    !matter->agrees);
	matter->sound = true;
	if (!matter->refusal)
		return;
	matter->sound = lint_check(matter->arena, &matter->raw, &context,
	    LINT_LOADED, &matter->findings);
	if (!has_text(&matter->raw))
		keep_code_rules(matter);
}

static const char *
pair_text(const struct subject_matter *matter, struct strbuf *out)
{
	if (matter->code == 0)
		return "There is no basic code, so nobody can say.";
	if (matter->enhanced == NULL)
		return "There is no enhanced code, so mail programs guess "
		    "one by themselves.";
	if (!matter->agrees) {
		strbuf_addf(out, "They contradict each other: %u is of class "
		    "%u, and %u.%u.%u of class %u.", matter->code,
		    matter->code / 100, matter->enhanced->class,
		    matter->enhanced->subject, matter->enhanced->detail,
		    matter->enhanced->class);
		return out->text;
	}
	switch (status_pair(matter->status)) {
	case PAIR_LISTED:
		return "They belong together: the registry of enhanced codes "
		    "lists the pair.";
	case PAIR_KNOWN:
		strbuf_addf(out, "They belong together by practice: %s.",
		    status_pair_reference(matter->status));
		return out->text;
	case PAIR_UNLISTED:
		return "Both are registered, but they are not known to go "
		    "together.";
	case PAIR_UNREGISTERED:
		return "One of them stands in no registry.";
	}
	return "";
}

static const char *
pair_word(const struct subject_matter *matter)
{
	if (matter->code == 0 || matter->enhanced == NULL)
		return NULL;
	if (!matter->agrees)
		return "contradiction";
	switch (status_pair(matter->status)) {
	case PAIR_LISTED:
		return "listed";
	case PAIR_KNOWN:
		return "known";
	case PAIR_UNLISTED:
		return "unlisted";
	case PAIR_UNREGISTERED:
		return "unregistered";
	}
	return NULL;
}

/* The class that mail servers go by: that of the basic code. */
static unsigned
class_of(const struct subject_matter *matter)
{
	return matter->code != 0 ? matter->code / 100 :
	    matter->enhanced->class;
}

/* As mail servers take it, whatever the enhanced code says. */
static bool
is_refused(const struct subject_matter *matter)
{
	return class_of(matter) == 4 || class_of(matter) == 5;
}

static const char *
duration_text(const struct subject_matter *matter)
{
	switch (class_of(matter)) {
	case 2:
		return "It is no refusal: the command was carried out.";
	case 3:
		return "It is no refusal: the server waits for more.";
	case 4:
		return "For now: the sending server keeps the message and "
		    "tries again, mostly for some days.";
	case 5:
		return "For good: the sending server gives up and returns the "
		    "message to its sender.";
	default:
		return "Nobody can say: the first digit means nothing.";
	}
}

/* The one reason that words or codes can mean, or NULL. */
static const struct reason *
reason_of(const struct subject_matter *matter)
{
	return matter->agrees ?
	    advice_reason(matter->catalogue, matter->status, matter->text) :
	    NULL;
}

/*
 * False where the codes do not tell: subject 0 is anything, and the rules of
 * subject 7 are about the writer, the network or the server alike.
 */
static bool
side_of(const struct subject_matter *matter, enum side *side)
{
	const struct reason *reason = reason_of(matter);

	if (!is_refused(matter) || matter->enhanced == NULL)
		return false;
	if (reason == NULL && (matter->enhanced->subject == 0 ||
	    matter->enhanced->subject == 7))
		return false;
	*side = reason != NULL ? reason->side :
	    side_from_subject(matter->enhanced->subject);
	return true;
}

static void
add_advice(const struct subject_matter *matter, struct strbuf *out)
{
	struct status status = matter->status;

	if (!is_refused(matter))
		return;
	if (matter->enhanced == NULL) {
		strbuf_adds(out, class_of(matter) == 4 ?
		    "Mail servers retry by themselves. If yours has given "
		    "up, have your mail provider read the text." :
		    "Only the text says what is wrong. Have your mail "
		    "provider read it before you send again.");
		return;
	}
	/* Of two codes that contradict each other, the basic one counts. */
	if (!matter->agrees)
		status = (struct status){
			.code = (unsigned short)(class_of(matter) * 100),
			.subject = matter->enhanced->subject,
			.detail = matter->enhanced->detail,
		};
	advice_format(matter->catalogue, status, matter->text, out);
}

static void
say_basic(struct tool *tool, const struct subject_matter *matter)
{
	const struct basic_code *basic = basic_code_find(matter->code);
	struct strbuf label = STRBUF_INIT, text = STRBUF_INIT;

	strbuf_addf(&label, "%u", matter->code);
	if (basic != NULL)
		strbuf_addf(&text, "%s. %s (%s)", basic->title, basic->note,
		    basic->reference);
	else
		strbuf_adds(&text, "This basic code stands in no standard.");
	say_paragraph(tool, STYLE_HEAD, label.text, LABEL_WIDTH, text.text);
	strbuf_release(&label);
	strbuf_release(&text);
}

static void
say_enhanced(struct tool *tool, const struct raw_line *line)
{
	const struct enhanced_code *code = enhanced_code_find(line->subject,
	    line->detail);
	const char *title = enhanced_subject_title(line->subject);
	struct strbuf label = STRBUF_INIT, text = STRBUF_INIT;

	strbuf_addf(&label, "%u.%u.%u", line->class, line->subject,
	    line->detail);
	if (code != NULL)
		strbuf_addf(&text, "%s. %s (%s)", code->title, code->note,
		    code->reference);
	else
		strbuf_addf(&text, "This enhanced code stands in no registry%s"
		    "%s.", title != NULL ? "; its subject is " : "",
		    title != NULL ? title : "");
	say_paragraph(tool, STYLE_HEAD, label.text, LABEL_WIDTH, text.text);
	strbuf_release(&label);
	strbuf_release(&text);
}

static void
say_findings(struct tool *tool, const struct subject_matter *matter)
{
	static const enum style styles[] = {
		[SEVERITY_ERROR] = STYLE_BAD,
		[SEVERITY_WARNING] = STYLE_DOUBT,
		[SEVERITY_INFO] = STYLE_FAINT,
	};
	bool text = has_text(&matter->raw);

	if (!matter->refusal)
		return;
	if (matter->findings.count == 0) {
		say_paragraph(tool, STYLE_HEAD, "rules", LABEL_WIDTH, text ?
		    "It keeps all rules of a good reply." :
		    "The codes keep the rules; there is no text to judge.");
		return;
	}
	say_paragraph(tool, STYLE_HEAD, "rules", LABEL_WIDTH, matter->sound ?
	    "It is sound; this could be better:" :
	    "It is not sound; this is wrong:");
	for (size_t i = 0; i < matter->findings.count; i++) {
		const struct lint_finding *finding =
		    &matter->findings.items[i];

		struct strbuf label = STRBUF_INIT;

		strbuf_addf(&label, "  %-4s%s", lint_name(finding->rule),
		    severity_name(finding->severity));
		say_paragraph(tool, styles[finding->severity], label.text,
		    FINDING_WIDTH, finding->what);
		strbuf_release(&label);
	}
}

static void
say_all(struct tool *tool, const struct subject_matter *matter)
{
	struct strbuf text = STRBUF_INIT;
	enum side side;

	if (matter->code != 0)
		say_basic(tool, matter);
	if (matter->enhanced != NULL)
		say_enhanced(tool, matter->enhanced);
	if (matter->refusal || matter->enhanced != NULL)
		say_paragraph(tool, STYLE_HEAD, "together", LABEL_WIDTH,
		    pair_text(matter, &text));
	say_paragraph(tool, STYLE_HEAD, "how long", LABEL_WIDTH,
	    duration_text(matter));
	if (side_of(matter, &side)) {
		strbuf_reset(&text);
		strbuf_addf(&text, "%s on the side of %s.",
		    reason_of(matter) != NULL ? "The cause is" :
		    "By the code alone, the cause is", side_help(side));
		say_paragraph(tool, STYLE_HEAD, "side", LABEL_WIDTH, text.text);
	} else if (is_refused(matter) && matter->enhanced != NULL)
		say_paragraph(tool, STYLE_HEAD, "side", LABEL_WIDTH,
		    "The code does not tell: it can be the writer, the mail "
		    "provider or the mail system that refused.");
	strbuf_reset(&text);
	add_advice(matter, &text);
	if (text.len > 0)
		say_paragraph(tool, STYLE_HEAD, "what helps", LABEL_WIDTH,
		    text.text);
	say_findings(tool, matter);
	strbuf_release(&text);
}

static void
row_enhanced(struct row *row, const struct raw_line *line)
{
	const struct enhanced_code *code;
	struct strbuf text = STRBUF_INIT;

	if (line == NULL) {
		row_text(row, "enhanced", NULL);
		row_text(row, "enhanced_meaning", NULL);
		return;
	}
	code = enhanced_code_find(line->subject, line->detail);
	strbuf_addf(&text, "%u.%u.%u", line->class, line->subject,
	    line->detail);
	row_text(row, "enhanced", text.text);
	row_text(row, "enhanced_meaning", code != NULL ? code->title : NULL);
	strbuf_release(&text);
}

static void
row_findings(struct row *row, const struct subject_matter *matter)
{
	row_list(row, "findings");
	for (size_t i = 0; i < matter->findings.count; i++) {
		const struct lint_finding *finding =
		    &matter->findings.items[i];
		struct row *inner = row_list_object(row, "findings");

		row_text(inner, "rule", lint_name(finding->rule));
		row_text(inner, "severity", severity_name(finding->severity));
		row_text(inner, "text", finding->what);
	}
}

static void
print_row(struct tool *tool, const struct subject_matter *matter)
{
	const struct basic_code *basic = basic_code_find(matter->code);
	const struct reason *reason = reason_of(matter);
	unsigned class = class_of(matter);
	char status[STATUS_TEXT_MAX];
	struct strbuf text = STRBUF_INIT;
	struct row *row = row_new();
	enum side side;

	if (matter->agrees)
		status_format(matter->status, status);
	row_text(row, "status", matter->agrees ? status : NULL);
	row_list(row, "lines");
	for (size_t i = 0; i < matter->raw.count; i++)
		row_list_text(row, "lines", matter->raw.lines[i].text);
	if (matter->code != 0)
		row_number(row, "code", matter->code);
	else
		row_text(row, "code", NULL);
	row_text(row, "code_meaning", basic != NULL ? basic->title : NULL);
	row_enhanced(row, matter->enhanced);
	row_text(row, "pair", pair_word(matter));
	row_text(row, "form", class == 4 ? form_name(FORM_TEMPORARY) :
	    class == 5 ? form_name(FORM_PERMANENT) : NULL);
	row_text(row, "side", side_of(matter, &side) ?
	    side_name(side) : NULL);
	row_text(row, "reason", reason != NULL ? reason->name : NULL);
	add_advice(matter, &text);
	row_text(row, "fix", text.len > 0 ? text.text : NULL);
	row_bool(row, "sound", matter->sound);
	row_findings(row, matter);
	row_print(row, tool->out);
	strbuf_release(&text);
}

static int
explain_text(struct tool *tool, struct arena *arena,
    const struct catalogue *catalogue, const struct strbuf *text)
{
	struct subject_matter matter = {
		.arena = arena,
		.catalogue = catalogue,
		.raw = raw_parse(arena, text->text, text->len),
		.text = text->text,
	};
	bool codes = false;

	for (size_t i = 0; i < matter.raw.count; i++)
		codes = codes || matter.raw.lines[i].enhanced ||
		    matter.raw.lines[0].code != 0;
	if (!codes)
		return tool_usage(tool, "explain needs a reply that begins "
		    "with a status code, such as 550 5.1.1, or a rule, such "
		    "as C9");
	judge(&matter);
	if (options_has(tool->options, OPT_JSON))
		print_row(tool, &matter);
	else
		say_all(tool, &matter);
	return matter.sound ? TOOL_FINE : TOOL_WRONG;
}

/* The operands as one text, or all of standard input for "-" alone. */
static int
read_reply(struct tool *tool, struct strbuf *text)
{
	const struct options *options = tool->options;
	char bytes[4096];
	size_t got;

	if (options->operand_count != 2 ||
	    strcmp(options->operands[1], "-") != 0) {
		for (size_t i = 1; i < options->operand_count; i++)
			strbuf_addf(text, "%s%s", i == 1 ? "" : " ",
			    options->operands[i]);
		return 0;
	}
	errno = 0;
	while (text->len < RAW_BYTES_MAX &&
	    (got = fread(bytes, 1, sizeof(bytes), tool->in)) > 0)
		strbuf_add(text, bytes, got);
	return ferror(tool->in) ? -1 : 0;
}

static int
explain_loaded(struct tool *tool, const struct catalogue *catalogue)
{
	struct strbuf text = STRBUF_INIT;
	struct arena *arena = arena_new();
	char why[ERRNO_TEXT_MAX];
	int status;

	if (read_reply(tool, &text) == -1)
		status = tool_wrong(tool, "standard input cannot be read: %s",
		    errno_text(errno, why));
	else
		status = explain_text(tool, arena, catalogue, &text);
	strbuf_release(&text);
	arena_free(arena);
	return status;
}

static int
explain_run(struct tool *tool)
{
	const struct options *options = tool->options;
	struct snapshot *snapshot;
	enum lint_rule rule;
	int status;

	if (options->operand_count < 2)
		return tool_usage(tool, "explain needs a reply, such as "
		    "'550 5.1.1 User unknown', - for standard input, or a "
		    "rule, such as C9");
	if (options->operand_count == 2 &&
	    rule_find(options->operands[1], &rule)) {
		rule_explain(tool, rule);
		return TOOL_FINE;
	}
	snapshot = tool_load_or_builtin(tool);
	if (snapshot == NULL)
		return TOOL_WRONG;
	status = explain_loaded(tool, snapshot_catalogue(snapshot));
	snapshot_put(snapshot);
	return status;
}

const struct verb verb_explain = {
	.name = "explain",
	.operands = "REPLY | RULE",
	.summary = "what any reply means, and if it is sound",
	.manual =
	    "Says what both codes of a reply mean, whether they belong "
	    "together, for how long the mail is refused, on whose side the "
	    "cause is, and what helps; then holds the reply against the "
	    "rules of good writing. Lines are apart by line ends or by a "
	    "written out \\r\\n; - reads the reply from standard input. What "
	    "helps comes from the catalogue, with the site's own reasons "
	    "where there is a configuration file. The exit status is 1 if a "
	    "rule of severity `error' is broken. With the name of a rule, as "
	    "it stands in brackets behind a warning of `check', it says what "
	    "the rule wants and when it is looked at.",
	.examples =
	    "  milter-reply explain 550 5.7.1 Relaying denied\n"
	    "  milter-reply explain "
	    "'550-5.1.1 No such user\\r\\n550 5.1.1 Ask'\n"
	    "  milter-reply explain - < reply.txt\n"
	    "  milter-reply explain C9\n",
	.groups = OPTIONS_JSON,
	.run = explain_run,
};
