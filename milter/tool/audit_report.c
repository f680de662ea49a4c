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

	say(report->tool, "No refusals were found in %s line%s.\n",
	    number_format(report->tally->lines, lines),
	    report->tally->lines == 1 ? "" : "s");
	say_paragraph(report->tool, STYLE_PLAIN, "", 0,
	    "It looks for lines of Postfix with reject:, milter-reject:, "
	    "status=bounced or status=deferred, for lines of Sendmail with "
	    "reject=, <ADDRESS>... or a stat= other than Sent, for lines of "
	    "milter-reply itself, and for replies alone, such as 550 5.1.1 "
	    "User unknown.");
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

	strbuf_addf(&text, "%s line%s, %s refusal%s: the reason of %s is "
	    "clear, of %s not.", number_format(tally->lines, lines),
	    tally->lines == 1 ? "" : "s",
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

/* One of the worst texts, as both forms of the report show it. */
struct shown {
	const struct tally_text	*text;
	const char		*reason;	/* NULL: unclear */
	char			 old_codes[RAW_CODES_MAX];
	struct raw_reply	 old;		/* taken out of its line */
	size_t			 rule_count;
	const char		*rules[LINT_COUNT];	/* the worse first */
	const struct reply	*reply;		/* what it would become */
};

/* The rules that it breaks. */
static void
add_rules(struct shown *shown)
{
	for (int severity = SEVERITY_ERROR; severity <= SEVERITY_WARNING;
	    severity++)
		for (int r = 0; r < LINT_COUNT; r++)
			if (shown->text->verdict.broken[r] &&
			    lint_severity((enum lint_rule)r) ==
			    (enum severity)severity)
				shown->rules[shown->rule_count++] =
				    lint_name((enum lint_rule)r);
}

static struct shown
show(struct report *report, const struct tally_text *text)
{
	const struct unwrapped unwrapped = unwrap(report->arena,
	    text->sample.bytes, text->sample.len);
	const struct reason *reason = text->row->reason;
	struct shown shown = {
		.text = text,
		.reason = reason != NULL ? reason->name : NULL,
		.old = unwrapped.reply,
		.reply = rewrite(report->arena, report->how,
		    &unwrapped).reply,
	};

	raw_codes_format(raw_codes(&unwrapped.reply), shown.old_codes);
	add_rules(&shown);
	return shown;
}

/* The text as it was, in one line. */
static void
add_old(const struct shown *shown, struct strbuf *out)
{
	if (*shown->old_codes != '\0')
		strbuf_addf(out, "%s ", shown->old_codes);
	for (size_t i = 0; i < shown->old.count; i++)
		strbuf_addf(out, "%s%s", i > 0 ? " / " : "",
		    shown->old.lines[i].text);
	if (out->len > SHOWN_MAX) {
		strbuf_cut(out, SHOWN_MAX);
		strbuf_adds(out, "...");
	}
}

static void
say_shown(struct report *report, size_t number, const struct shown *shown)
{
	const uint64_t times = shown->text->count;
	struct strbuf line = STRBUF_INIT;
	char count[NUMBER_TEXT_MAX];

	say_styled(report->tool, STYLE_HEAD, "\n%zu. %s, %s", number,
	    shown->reason != NULL ? shown->reason : "(unclear)",
	    refuser_name(shown->text->row->source));
	say(report->tool, ", %s%s\n", times == 1 ? "once" :
	    number_format(times, count), times == 1 ? "" : " times");
	add_old(shown, &line);
	say_paragraph(report->tool, STYLE_BAD, "  was", LABEL_WIDTH,
	    line.text);
	strbuf_reset(&line);
	for (size_t i = 0; i < shown->rule_count; i++)
		strbuf_addf(&line, "%s%s", i > 0 ? " " : "", shown->rules[i]);
	say_paragraph(report->tool, STYLE_DOUBT, "  breaks", LABEL_WIDTH,
	    line.text);
	for (size_t i = 0; i < shown->reply->count; i++) {
		strbuf_reset(&line);
		reply_format_line(shown->reply, i, &line);
		say_paragraph(report->tool, STYLE_GOOD, i == 0 ? "  becomes" :
		    "", LABEL_WIDTH, line.text);
	}
	strbuf_release(&line);
}

static void
print_shown(struct report *report, const struct shown *shown)
{
	char status[STATUS_TEXT_MAX];
	struct row *row = row_new();

	row_text(row, "kind", "text");
	row_number(row, "count", shown->text->count);
	row_text(row, "reason", shown->reason);
	row_text(row, "source", refuser_name(shown->text->row->source));
	row_text(row, "sure", sure_name(shown->text->verdict.sure));
	row_text(row, "text", shown->text->text);
	row_text(row, "old_status", *shown->old_codes != '\0' ?
	    shown->old_codes : NULL);
	row_list(row, "old_lines");
	for (size_t i = 0; i < shown->old.count; i++)
		row_list_text(row, "old_lines", shown->old.lines[i].text);
	row_list(row, "rules");
	for (size_t i = 0; i < shown->rule_count; i++)
		row_list_text(row, "rules", shown->rules[i]);
	status_format(shown->reply->status, status);
	row_text(row, "status", status);
	row_list(row, "lines");
	for (size_t i = 0; i < shown->reply->count; i++)
		row_list_text(row, "lines", shown->reply->lines[i]);
	row_print(row, report->tool->out);
}

/* Where the names of the rules are told, which say little by themselves. */
static void
say_rules(struct report *report, const char *example)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "`milter-reply explain %s' tells what a rule "
	    "wants.", example);
	say(report->tool, "\n");
	say_paragraph(report->tool, STYLE_FAINT, "", 0, text.text);
	strbuf_release(&text);
}

static void
show_worst(struct report *report, bool json)
{
	size_t count;
	const struct tally_text **texts = tally_worst(report->tally,
	    WORST_MAX, &count);
	const char *example = NULL;

	if (!json && count > 1)
		say_styled(report->tool, STYLE_HEAD, "\nThe %zu worst texts, "
		    "by what they lack and how often they were sent:\n",
		    count);
	for (size_t i = 0; i < count; i++) {
		const struct shown shown = show(report, texts[i]);

		if (json)
			print_shown(report, &shown);
		else
			say_shown(report, i + 1, &shown);
		if (example == NULL && shown.rule_count > 0)
			example = shown.rules[0];
		arena_reset(report->arena);
	}
	if (!json && example != NULL)
		say_rules(report, example);
	free(texts);
}

/* What did not fit into a table of kept entries, if anything, and so what. */
static void
say_rest(struct report *report, uint64_t kept, const char *what,
    uint64_t rest, const char *so)
{
	char kept_text[NUMBER_TEXT_MAX], rest_text[NUMBER_TEXT_MAX];
	struct strbuf text = STRBUF_INIT;

	if (rest == 0)
		return;
	strbuf_addf(&text, "There were more than %s %s %s %s",
	    number_format(kept, kept_text), what,
	    number_format(rest, rest_text), so);
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
	row_number(row, "unnoted", tally->unnoted);
	row_print(row, report->tool->out);
}

void
audit_report(struct tool *tool, const struct tally *tally,
    const struct rewrite_how *how)
{
	struct report report = {
		.tool = tool,
		.tally = tally,
		.how = how,
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
		say_rest(&report, TALLY_TEXTS_MAX, "different texts. The",
		    report.tally->others, "refusals with other ones are "
		    "counted, but not looked at for the worst.");
		say_rest(&report, TALLY_CASES_MAX, "cases. Of the",
		    report.tally->unnoted, "further lines with one, those "
		    "of the same refusal in two logs were counted as two.");
	}
	arena_free(report.arena);
}
