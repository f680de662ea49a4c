#include "tool/tool.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/snapshot.h"
#include "reply/lint.h"
#include "reply/origin.h"
#include "reply/reason.h"
#include "reply/recognise.h"
#include "reply/rewrite.h"
#include "reply/unwrap.h"
#include "session/rules.h"
#include "tool/audit_line.h"
#include "tool/audit_progress.h"
#include "tool/audit_report.h"
#include "tool/audit_tally.h"
#include "tool/options.h"
#include "tool/translate.h"
#include "world/logfile.h"

#define MASKED_MAX	400	/* bytes of a text that tell it from others */
#define MAP_DELIVERY	"delivery"	/* in our log */

struct audit {
	struct tool		*tool;
	struct arena		*arena;		/* emptied after each line */
	struct rewrite_how	 how;
	struct tally		 tally;
	struct progress		 progress;
	struct strbuf		 masked;	/* of the line in hand */
};

/*
 * Words of ours about a delivery: of a server that refused it, or of ours that
 * could not do it.
 */
static enum refuser
delivery_source(const char *words)
{
	return strstr(words, " said: ") != NULL ? REFUSER_REMOTE :
	    REFUSER_DELIVERY;
}

/*
 * "policy fake helo" or "milter rspamd" refused, as our own log has it, or what
 * the mail server said of a delivery.  Of its refusals, its own lines tell,
 * with its own words.
 */
static void
count_own_line(struct audit *audit, const struct own_line *own)
{
	enum refuser source = REFUSER_POLICY;

	if (strcmp(own->map, MAP_DELIVERY) == 0)
		source = delivery_source(own->original);
	else if (strcmp(own->source, ORIGIN_MTA) == 0) {
		audit->tally.mapped++;
		return;
	} else if (origin_is_milter(own->source))
		source = REFUSER_MILTER;
	tally_count_ours(&audit->tally, TELLER_OURSELVES, catalogue_find(
	    audit->how.catalogue, own->reason), source, own->case_id);
}

/* Who made use of our words, as far as the mail server's line tells. */
static enum refuser
own_source(struct audit *audit, const struct unwrapped *unwrapped)
{
	switch (unwrapped->speaker) {
	case SPEAKER_MTA:
		return REFUSER_MTA;
	case SPEAKER_DELIVERY:
		return delivery_source(unwrapped_words(audit->arena,
		    &unwrapped->reply));
	case SPEAKER_NONE:
	case SPEAKER_UNTOLD:
	case SPEAKER_MILTER:
	case SPEAKER_REMOTE:
		break;
	}
	return REFUSER_OURS;
}

/*
 * The mail server's line of a reply that we gave.  What another server said is
 * never that: it may have a milter-reply of its own, with cases of its own.
 */
static bool
count_own_reply(struct audit *audit, const struct unwrapped *unwrapped)
{
	char case_id[CASE_TEXT_MAX];
	struct strbuf name = STRBUF_INIT;
	bool own = unwrapped->speaker != SPEAKER_REMOTE &&
	    reply_read_own(&unwrapped->reply, case_id, &name);

	if (own)
		tally_count_ours(&audit->tally, TELLER_MTA, catalogue_find(
		    audit->how.catalogue, name.text), own_source(audit,
		    unwrapped), case_id);
	strbuf_release(&name);
	return own;
}

/* What tells one text from another: speaker, codes, words. */
static struct text
masked(struct audit *audit, const struct unwrapped *unwrapped)
{
	struct strbuf *text = &audit->masked;
	char codes[RAW_CODES_MAX];

	strbuf_reset(text);
	strbuf_addf(text, "%s ", speaker_name(unwrapped->speaker));
	for (size_t i = 0; i < unwrapped->reply.count; i++) {
		const struct raw_reply one = {
			.count = 1,
			.lines = &unwrapped->reply.lines[i],
		};

		if (i > 0)
			strbuf_adds(text, " / ");
		if (raw_codes_format(raw_codes(&one), codes) > 0)
			strbuf_addf(text, "%s ", codes);
		tally_mask(unwrapped_words(audit->arena, &one), text);
		if (text->len > MASKED_MAX) {
			strbuf_cut(text, MASKED_MAX);
			break;
		}
	}
	return text_of(text);
}

static void
judge(struct audit *audit, const struct unwrapped *unwrapped,
    struct text_verdict *verdict)
{
	const struct lint_context context = { .stage = unwrapped->stage };
	struct lint_findings findings;

	lint_check(audit->arena, &unwrapped->reply, &context, LINT_LOADED,
	    &findings);
	verdict->helpful = true;
	for (size_t i = 0; i < findings.count; i++) {
		const struct lint_finding *finding = &findings.items[i];
		enum lint_rule rule = finding->rule;

		verdict->errors += finding->severity == SEVERITY_ERROR;
		verdict->warnings += finding->severity == SEVERITY_WARNING;
		verdict->broken[rule] = finding->severity != SEVERITY_INFO;
		verdict->uncoded = verdict->uncoded || rule == LINT_C2;
		verdict->at_odds = verdict->at_odds || rule == LINT_C1 ||
		    rule == LINT_C4;
		verdict->helpful = verdict->helpful && rule != LINT_T5;
	}
}

/*
 * A text is understood and judged once, when it is new: millions of lines have
 * few different ones.
 */
static void
count_foreign(struct audit *audit, const struct unwrapped *unwrapped,
    struct text line)
{
	struct text key = masked(audit, unwrapped);
	struct tally_text *text = tally_find(&audit->tally, key);
	struct text_verdict verdict = { .sure = SURE_NONE };
	struct recognition recognition;
	struct tally_row *row;

	if (text != NULL) {
		tally_count(&audit->tally, text->row, &text->verdict, text);
		return;
	}
	recognition = recognise(audit->arena, audit->how.knowledge,
	    audit->how.origin, unwrapped);
	judge(audit, unwrapped, &verdict);
	verdict.sure = recognition.sure;
	row = tally_row(&audit->tally, recognition.reason,
	    refuser_of(unwrapped->speaker));
	text = tally_add(&audit->tally, key, line);
	if (text != NULL) {
		text->row = row;
		text->verdict = verdict;
	}
	tally_count(&audit->tally, row, &verdict, text);
}

static void
audit_line(struct audit *audit, struct text line)
{
	struct text said = line;
	struct unwrapped unwrapped;
	struct own_line own;

	audit->tally.lines++;
	if (!line_may_refuse(line))
		return;
	if (line_is_ours(&said)) {
		if (line_read_own(audit->arena, said, &own))
			count_own_line(audit, &own);
	} else {
		unwrapped = unwrap(audit->arena, line.bytes, line.len);
		/* Words alone, without a code, may be anything. */
		if (unwrapped.speaker != SPEAKER_NONE &&
		    raw_refuses(&unwrapped.reply) &&
		    (unwrapped.speaker != SPEAKER_UNTOLD ||
		    unwrapped.reply.lines[0].code != 0) &&
		    !count_own_reply(audit, &unwrapped))
			count_foreign(audit, &unwrapped, line);
	}
	arena_reset(audit->arena);
}

/* Returns TOOL_FINE; or TOOL_WRONG after it said what is wrong. */
static int
audit_file(struct audit *audit, const char *name)
{
	struct diag diag = DIAG_INIT;
	struct logfile *file = logfile_open(name, &diag);
	int status = TOOL_FINE;
	struct text line;

	if (file == NULL) {
		status = tool_wrong(audit->tool, "%s", diag_first(&diag));
		diag_release(&diag);
		return status;
	}
	while (logfile_next(file, &line)) {
		audit_line(audit, line);
		progress_step(&audit->progress, name, file,
		    audit->tally.lines);
	}
	progress_erase(&audit->progress);
	if (logfile_close(file, &diag) == -1)
		status = tool_wrong(audit->tool, "\"%s\": %s", name,
		    diag_first(&diag));
	diag_release(&diag);
	return status;
}

static int
audit_files(struct audit *audit)
{
	const struct options *options = audit->tool->options;
	int status = TOOL_FINE;

	if (options->operand_count < 2) {
		tool_tell_waiting(audit->tool);
		return audit_file(audit, "-");
	}
	for (size_t i = 1; i < options->operand_count; i++)
		if (audit_file(audit, options->operands[i]) != TOOL_FINE)
			status = TOOL_WRONG;
	return status;
}

static int
audit_loaded(struct tool *tool, const struct rules *rules)
{
	struct audit audit = {
		.tool = tool,
		.masked = STRBUF_INIT,
	};
	int status;

	if (translate_how(tool, rules, &audit.how) == -1)
		return TOOL_USAGE;
	audit.arena = arena_new();
	tally_init(&audit.tally, rules->catalogue);
	progress_begin(&audit.progress, tool->err);
	status = audit_files(&audit);
	/* Of files that are not there, there is nothing more to say. */
	if (status == TOOL_FINE || audit.tally.lines > 0)
		audit_report(tool, &audit.tally, &audit.how);
	tally_release(&audit.tally);
	strbuf_release(&audit.masked);
	arena_free(audit.arena);
	return status;
}

static int
audit_run(struct tool *tool)
{
	struct snapshot *snapshot = tool_load_or_builtin(tool);
	int status;

	if (snapshot == NULL)
		return TOOL_WRONG;
	status = audit_loaded(tool, snapshot_rules(snapshot));
	snapshot_put(snapshot);
	return status;
}

const struct verb verb_audit = {
	.name = "audit",
	.operands = "[FILE...]",
	.summary = "what the refusals in a log are like",
	.manual =
	    "Reads logs of Postfix and Sendmail, or standard input, and says "
	    "for each reason and each source how many refusals there were, "
	    "how many had no enhanced code or codes that contradict each "
	    "other, and how many told their reader what to do. Then come the "
	    "ten worst texts, by the rules that they break and how often they "
	    "were sent, and what they would become. The source is one of our "
	    "policies, a milter, the mail server (mta), a server that ours "
	    "delivers to (remote), or our server about a delivery; `ours' "
	    "is a policy or a milter behind us, which our own log tells "
	    "where it is read, too, in any order. Files may "
	    "be compressed with gzip; what journalctl writes with -o export "
	    "or -o json is understood, too. The exit status is 1 if a file "
	    "could not be read.",
	.examples =
	    "  journalctl -o export -u 'postfix*' | milter-reply audit\n"
	    "  milter-reply audit /var/log/mail.log /var/log/mail.log.2.gz\n"
	    "  milter-reply audit --json /var/log/mail.log\n",
	.groups = OPTIONS_ORIGIN | OPTIONS_JSON,
	.run = audit_run,
};
