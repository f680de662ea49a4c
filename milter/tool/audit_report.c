#include "tool/audit_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "reply/reason.h"
#include "reply/reply.h"
#include "reply/rewrite.h"
#include "reply/unwrap.h"
#include "tool/audit_tally.h"
#include "tool/options.h"
#include "tool/rewrite.h"
#include "tool/say.h"
#include "tool/tool.h"
#include "world/json.h"

#define WORST_MAX	10
#define LABEL_WIDTH	10	/* of "  becomes " */
#define NUMBER_TEXT_MAX	27	/* of 18,446,744,073,709,551,615 and the NUL */
#define SHOWN_MAX	300	/* bytes of a text as it was */

struct report {
	struct tool		*tool;
	const struct tally	*tally;
	const struct rewrite_how *how;
	const char		*origin;
	struct arena		*arena;
};

/* "1,234,567" */
static const char *
number_format(uint64_t number, char text[NUMBER_TEXT_MAX])
{
	char digits[NUMBER_TEXT_MAX];
	size_t len, at = 0;

	len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number);
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

static void
say_nothing_found(struct report *report)
{
	char lines[NUMBER_TEXT_MAX];

	say(report->tool, "No refusals were found in %s lines.\n",
	    number_format(report->tally->lines, lines));
	say_paragraph(report->tool, STYLE_PLAIN, "", 0,
	    "It looks for lines of Postfix with reject:, milter-reject:, "
	    "status=bounced or status=deferred, for lines of Sendmail with "
	    "reject= or a stat= other than Sent, for lines of milter-reply "
	    "itself, and for replies alone, such as 550 5.1.1 User unknown.");
}

static void
say_totals(struct report *report)
{
	const struct tally *tally = report->tally;
	uint64_t unclear = tally->refusals - tally->recognised;
	char lines[NUMBER_TEXT_MAX], refusals[NUMBER_TEXT_MAX];
	char known[NUMBER_TEXT_MAX], open[NUMBER_TEXT_MAX];
	char ours[NUMBER_TEXT_MAX], mapped[NUMBER_TEXT_MAX];
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "%s lines, %s refusal%s: the reason of %s is clear, "
	    "of %s not.", number_format(tally->lines, lines),
	    number_format(tally->refusals, refusals),
	    tally->refusals == 1 ? "" : "s",
	    number_format(tally->recognised, known),
	    number_format(unclear, open));
	if (tally->ours > 0)
		strbuf_addf(&text, " %s of them had a reply of ours already.",
		    number_format(tally->ours, ours));
	if (tally->mapped > 0)
		strbuf_addf(&text, " Of the mail server's own, %s went out in "
		    "our words, though its log has the old ones.",
		    number_format(tally->mapped, mapped));
	say_paragraph(report->tool, STYLE_PLAIN, "", 0, text.text);
	strbuf_release(&text);
}

static void
say_rows(struct report *report)
{
	size_t count;
	const struct tally_row **rows = tally_rows(report->tally, &count);

	say_styled(report->tool, STYLE_HEAD, "\n%-26s%-9s%12s%10s%13s%10s\n",
	    "reason", "source", "refusals", "no code", "codes differ",
	    "helpful");
	for (size_t i = 0; i < count; i++) {
		const struct tally_row *row = rows[i];
		char all[NUMBER_TEXT_MAX], uncoded[NUMBER_TEXT_MAX];
		char at_odds[NUMBER_TEXT_MAX], helpful[NUMBER_TEXT_MAX];

		say(report->tool, "%-25s %-9s%12s%10s%13s%10s\n",
		    row->reason != NULL ? row->reason->name : "(unclear)",
		    refuser_name(row->source), number_format(row->count, all),
		    number_format(row->uncoded, uncoded),
		    number_format(row->at_odds, at_odds),
		    number_format(row->helpful, helpful));
	}
	free(rows);
	say(report->tool, "\n");
	say_paragraph(report->tool, STYLE_FAINT, "", 0,
	    "no code: without an enhanced code. codes differ: they "
	    "contradict each other. helpful: the text says who can do what "
	    "now.");
}

/* The rules that it breaks, the worse ones first. */
static void
add_rules(const struct tally_text *text, struct strbuf *out)
{
	for (int severity = SEVERITY_ERROR; severity <= SEVERITY_WARNING;
	    severity++)
		for (int r = 0; r < LINT_COUNT; r++)
			if (text->verdict.broken[r] &&
			    lint_severity((enum lint_rule)r) ==
			    (enum severity)severity)
				strbuf_addf(out, "%s%s", out->len > 0 ? " " :
				    "", lint_name((enum lint_rule)r));
}

/* The sample as it was, taken out of its line. */
static void
add_old(const struct unwrapped *unwrapped, struct strbuf *out)
{
	for (size_t i = 0; i < unwrapped->reply.count; i++)
		strbuf_addf(out, "%s%s", i > 0 ? " / " : "",
		    unwrapped->reply.lines[i].text);
	if (out->len > SHOWN_MAX) {
		strbuf_cut(out, SHOWN_MAX);
		strbuf_adds(out, "...");
	}
}

static void
say_text(struct report *report, size_t number, const struct tally_text *text)
{
	struct unwrapped unwrapped = unwrap(report->arena,
	    text->sample.bytes, text->sample.len);
	struct rewriting rewriting = rewrite_unwrapped(report->arena,
	    report->how, report->origin, &unwrapped);
	const struct reason *reason = text->row->reason;
	struct strbuf line = STRBUF_INIT;
	char count[NUMBER_TEXT_MAX];

	say_styled(report->tool, STYLE_HEAD, "\n%zu. %s, %s", number,
	    reason != NULL ? reason->name : "(unclear)",
	    refuser_name(text->row->source));
	say(report->tool, ", %s%s\n", text->count == 1 ? "once" :
	    number_format(text->count, count), text->count == 1 ? "" :
	    " times");
	if (raw_status_format(&unwrapped.reply, &line))
		strbuf_addch(&line, ' ');
	add_old(&unwrapped, &line);
	say_paragraph(report->tool, STYLE_BAD, "  was", LABEL_WIDTH,
	    line.text);
	strbuf_reset(&line);
	add_rules(text, &line);
	say_paragraph(report->tool, STYLE_DOUBT, "  breaks", LABEL_WIDTH,
	    line.text);
	for (size_t i = 0; i < rewriting.reply->count; i++) {
		strbuf_reset(&line);
		reply_format_line(rewriting.reply, i, &line);
		say_paragraph(report->tool, STYLE_GOOD, i == 0 ? "  becomes" :
		    "", LABEL_WIDTH, line.text);
	}
	strbuf_release(&line);
}

static void
row_text_of(struct report *report, const struct tally_text *text)
{
	struct unwrapped unwrapped = unwrap(report->arena,
	    text->sample.bytes, text->sample.len);
	struct rewriting rewriting = rewrite_unwrapped(report->arena,
	    report->how, report->origin, &unwrapped);
	const struct reason *reason = text->row->reason;
	struct strbuf old = STRBUF_INIT;
	char status[STATUS_TEXT_MAX];
	struct row *row = row_new();

	row_text(row, "kind", "text");
	row_number(row, "count", text->count);
	row_text(row, "reason", reason != NULL ? reason->name : NULL);
	row_text(row, "source", refuser_name(text->row->source));
	row_text(row, "sure", sure_name(text->verdict.sure));
	row_text(row, "text", text->text);
	row_text(row, "old_status", raw_status_format(&unwrapped.reply,
	    &old) ? old.text : NULL);
	row_list(row, "old_lines");
	for (size_t i = 0; i < unwrapped.reply.count; i++)
		row_list_text(row, "old_lines",
		    unwrapped.reply.lines[i].text);
	row_list(row, "rules");
	for (int r = 0; r < LINT_COUNT; r++)
		if (text->verdict.broken[r])
			row_list_text(row, "rules",
			    lint_name((enum lint_rule)r));
	status_format(rewriting.reply->status, status);
	row_text(row, "status", status);
	row_list(row, "lines");
	for (size_t i = 0; i < rewriting.reply->count; i++)
		row_list_text(row, "lines", rewriting.reply->lines[i]);
	row_print(row, report->tool->out);
	strbuf_release(&old);
}

static void
show_worst(struct report *report, bool json)
{
	size_t count;
	const struct tally_text **texts = tally_worst(report->tally,
	    WORST_MAX, &count);

	if (!json && count > 1)
		say_styled(report->tool, STYLE_HEAD, "\nThe %zu worst texts, "
		    "by what they lack and how often they were sent:\n",
		    count);
	for (size_t i = 0; i < count; i++) {
		if (json)
			row_text_of(report, texts[i]);
		else
			say_text(report, i + 1, texts[i]);
		arena_reset(report->arena);
	}
	free(texts);
}

static void
say_others(struct report *report)
{
	char others[NUMBER_TEXT_MAX], kept[NUMBER_TEXT_MAX];
	struct strbuf text = STRBUF_INIT;

	if (report->tally->others == 0)
		return;
	strbuf_addf(&text, "There were more than %s different texts. The %s "
	    "refusals with other ones are counted, but not looked at for the "
	    "worst.", number_format(TALLY_TEXTS_MAX, kept),
	    number_format(report->tally->others, others));
	say(report->tool, "\n");
	say_paragraph(report->tool, STYLE_DOUBT, "", 0, text.text);
	strbuf_release(&text);
}

static void
print_rows(struct report *report)
{
	const struct tally *tally = report->tally;
	size_t count;
	const struct tally_row **rows = tally_rows(tally, &count);
	struct row *row;

	for (size_t i = 0; i < count; i++) {
		row = row_new();
		row_text(row, "kind", "reason");
		row_text(row, "reason", rows[i]->reason != NULL ?
		    rows[i]->reason->name : NULL);
		row_text(row, "source", refuser_name(rows[i]->source));
		row_number(row, "count", rows[i]->count);
		row_number(row, "no_code", rows[i]->uncoded);
		row_number(row, "codes_differ", rows[i]->at_odds);
		row_number(row, "helpful", rows[i]->helpful);
		row_print(row, report->tool->out);
	}
	free(rows);
	show_worst(report, true);
	row = row_new();
	row_text(row, "kind", "total");
	row_number(row, "read", tally->lines);
	row_number(row, "refusals", tally->refusals);
	row_number(row, "recognised", tally->recognised);
	row_number(row, "unclear", tally->refusals - tally->recognised);
	row_number(row, "ours", tally->ours);
	row_number(row, "mapped", tally->mapped);
	row_number(row, "texts", tally->text_count);
	row_number(row, "others", tally->others);
	row_print(row, report->tool->out);
}

void
audit_report(struct tool *tool, const struct tally *tally,
    const struct rewrite_how *how, const char *origin)
{
	struct report report = {
		.tool = tool,
		.tally = tally,
		.how = how,
		.origin = origin,
		.arena = arena_new(),
	};

	if (options_has(tool->options, OPT_JSON)) {
		print_rows(&report);
	} else if (tally->refusals == 0) {
		say_nothing_found(&report);
	} else {
		say_totals(&report);
		say_rows(&report);
		show_worst(&report, false);
		say_others(&report);
	}
	arena_free(report.arena);
}
