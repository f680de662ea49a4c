#include "tool/tool.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "config/snapshot.h"
#include "reply/knowledge.h"
#include "reply/reason.h"
#include "reply/reply.h"
#include "reply/rewrite.h"
#include "reply/unwrap.h"
#include "session/rules.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/translate.h"
#include "world/json.h"

/* What all lines of one run have in common. */
struct desk {
	struct tool		*tool;
	struct arena		*arena;		/* emptied after each line */
	struct rewrite_how	 how;
};

static void
row_values(struct row *row, const struct values *values)
{
	struct row *object = row_object(row, "values");
	struct strbuf text = STRBUF_INIT;

	for (int v = 0; v < VARIABLE_COUNT; v++) {
		enum variable variable = (enum variable)v;

		strbuf_reset(&text);
		if (values->text[v] != NULL &&
		    value_clean(variable_kind(variable), values->text[v],
		    &text))
			row_text(object, variable_name(variable), text.text);
	}
	strbuf_release(&text);
}

static void
row_recognition(struct row *row, const struct recognition *recognition)
{
	const struct meaning *meaning = recognition->meaning;
	struct strbuf place = STRBUF_INIT;

	row_text(row, "reason", recognition->reason != NULL ?
	    recognition->reason->name : NULL);
	row_text(row, "sure", sure_name(recognition->sure));
	row_values(row, &recognition->values);
	row_text(row, "from", meaning != NULL && *meaning->origin != '\0' ?
	    meaning->origin : NULL);
	if (meaning != NULL)
		place_format(meaning->place, &place);
	row_text(row, "place", place.len > 0 ? place.text : NULL);
	strbuf_release(&place);
}

static void
print_row(struct desk *desk, const struct unwrapped *unwrapped,
    const struct rewriting *rewriting)
{
	const struct reply *reply = rewriting->reply;
	const char *case_id = desk->how.case_id;
	char status[STATUS_TEXT_MAX], old[RAW_CODES_MAX];
	struct row *row = row_new();

	status_format(reply->status, status);
	row_recognition(row, &rewriting->recognition);
	row_text(row, "source", translate_speaker(unwrapped->speaker));
	row_text(row, "old_status", raw_codes_format(raw_codes(
	    &unwrapped->reply), old) > 0 ? old : NULL);
	row_text(row, "status", status);
	row_list(row, "lines");
	for (size_t i = 0; i < reply->count; i++)
		row_list_text(row, "lines", reply->lines[i]);
	row_text(row, "words", rewriting->words);
	row_text(row, "case", *case_id != '\0' ? case_id : NULL);
	row_print(row, desk->tool->out);
}

/* No refusal: the fields are those of print_row(). */
static void
print_row_as_is(struct desk *desk, const struct unwrapped *unwrapped)
{
	const struct recognition nothing = { .sure = SURE_NONE };
	struct row *row = row_new();
	char codes[RAW_CODES_MAX];
	const char *status;

	status = raw_codes_format(raw_codes(&unwrapped->reply), codes) > 0 ?
	    codes : NULL;
	row_recognition(row, &nothing);
	row_text(row, "source", translate_speaker(unwrapped->speaker));
	row_text(row, "old_status", status);
	row_text(row, "status", status);
	row_list(row, "lines");
	for (size_t i = 0; i < unwrapped->reply.count; i++)
		row_list_text(row, "lines", unwrapped->reply.lines[i].text);
	row_text(row, "words", unwrapped_words(desk->arena,
	    &unwrapped->reply));
	row_text(row, "case", NULL);
	row_print(row, desk->tool->out);
}

static void
print_reply(struct desk *desk, const struct reply *reply)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < reply->count; i++) {
		if (i > 0)
			strbuf_adds(&text, "\\r\\n");
		reply_format_line(reply, i, &text);
	}
	say(desk->tool, "%s\n", text.text);
	strbuf_release(&text);
}

/* One line in, one line out. */
static void
rewrite_line(struct desk *desk, const struct strbuf *line)
{
	bool json = options_has(desk->tool->options, OPT_JSON);
	struct unwrapped unwrapped = unwrap(desk->arena, line->text,
	    line->len);
	struct rewriting rewriting;

	if (unwrapped.speaker == SPEAKER_NONE)
		unwrapped.reply.count = 0;
	if (!raw_refuses(&unwrapped.reply)) {
		if (json)
			print_row_as_is(desk, &unwrapped);
		else if (unwrapped.speaker == SPEAKER_NONE)
			say(desk->tool, "\n");
		else
			say(desk->tool, "%s\n", line->text);
		return;
	}
	rewriting = rewrite(desk->arena, &desk->how, &unwrapped);
	if (json)
		print_row(desk, &unwrapped, &rewriting);
	else
		print_reply(desk, rewriting.reply);
}

/*
 * Reads a line, without its end, of which RAW_BYTES_MAX bytes are kept.
 * Returns false at the end; *cut tells that there was more.
 */
static bool
line_read(FILE *in, struct strbuf *line, bool *cut)
{
	int c;

	strbuf_reset(line);
	*cut = false;
	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		if (line->len < RAW_BYTES_MAX)
			strbuf_addch(line, (char)c);
		else
			*cut = true;
	}
	if (line->len > 0 && line->text[line->len - 1] == '\r')
		strbuf_cut(line, line->len - 1);
	return c != EOF || line->len > 0;
}

/* Each answer goes out at once: who asks may wait for it. */
static int
rewrite_all(struct desk *desk)
{
	struct tool *tool = desk->tool;
	struct strbuf line = STRBUF_INIT;
	unsigned long number = 0;
	bool cut;

	while (line_read(tool->in, &line, &cut)) {
		number++;
		if (cut)
			tool_wrong(tool, "line %lu has more than %d bytes; "
			    "only these are looked at", number,
			    RAW_BYTES_MAX);
		rewrite_line(desk, &line);
		arena_reset(desk->arena);
		if (fflush(tool->out) == EOF)
			break;
	}
	strbuf_release(&line);
	return ferror(tool->in) ? tool_wrong(tool, "standard input cannot be "
	    "read") : TOOL_FINE;
}

static int
rewrite_loaded(struct tool *tool, const struct rules *rules)
{
	struct desk desk = { .tool = tool };
	int status;

	if (translate_how(tool, rules, &desk.how) == -1)
		return TOOL_USAGE;
	tool_tell_waiting(tool);
	desk.arena = arena_new();
	status = rewrite_all(&desk);
	arena_free(desk.arena);
	return status;
}

static int
rewrite_run(struct tool *tool)
{
	struct snapshot *snapshot;
	int status;

	if (tool->options->operand_count > 1)
		return tool_usage(tool, "rewrite reads standard input, but "
		    "there is also \"%s\"", tool->options->operands[1]);
	snapshot = tool_load_or_builtin(tool);
	if (snapshot == NULL)
		return TOOL_WRONG;
	status = rewrite_loaded(tool, snapshot_rules(snapshot));
	snapshot_put(snapshot);
	return status;
}

const struct verb verb_rewrite = {
	.name = "rewrite",
	.operands = "",
	.summary = "replies of others in, ours out",
	.manual =
	    "Reads replies of other servers and milters from standard input, "
	    "one a line, and prints for each what it means in our words, with "
	    "codes that agree: a line for a line, at once. The lines of a "
	    "reply stand apart by a written out \\r\\n, in and out. What "
	    "wraps a reply in the logs of Postfix and Sendmail, or in a "
	    "bounce, is taken off; a log line without a refusal gives an "
	    "empty line. Where a text does not say why, its words stay, and "
	    "only its form is mended. What is no refusal stays as it is. "
	    "Without a configuration file, our words are the built-in ones.",
	.examples =
	    "  echo '554 5.7.1 Relay access denied' | milter-reply rewrite\n"
	    "  milter-reply rewrite --from rspamd --json < replies.txt\n"
	    "  grep reject: /var/log/mail.log | milter-reply rewrite\n",
	.groups = OPTIONS_ORIGIN | OPTIONS_CASE | OPTIONS_JSON,
	.run = rewrite_run,
};
