#include "tool/setup.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/settings.h"
#include "config/snapshot.h"
#include "session/milter.h"
#include "session/rules.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/tool.h"
#include "world/json.h"

#define COLUMNS		78
#define STATE_WIDTH	9	/* of "differs  " */
#define LABEL_WIDTH	19	/* of "         should be " */

static const char *const state_names[SETUP_STATE_COUNT] = {
	[SETUP_FINE] = "fine",
	[SETUP_MISSING] = "missing",
	[SETUP_DIFFERS] = "differs",
};

static const enum style state_styles[SETUP_STATE_COUNT] = {
	[SETUP_FINE] = STYLE_GOOD,
	[SETUP_MISSING] = STYLE_BAD,
	[SETUP_DIFFERS] = STYLE_BAD,
};

struct mta {
	const char	*name;
	int		(*fill)(struct setup *setup);
};

static const struct mta mtas[] = {
	{ "postfix", setup_postfix },
	{ "sendmail", setup_sendmail },
};

#define MTA_COUNT	(sizeof(mtas) / sizeof(mtas[0]))

void
setup_add(struct setup *setup, struct setup_item item)
{
	if (setup->count < SETUP_ITEMS_MAX)
		setup->items[setup->count++] = item;
}

void
setup_note(struct setup *setup, const char *text)
{
	if (setup->note_count < SETUP_ITEMS_MAX)
		setup->notes[setup->note_count++] = text;
}

/* The first milter behind us whose failure puts mail off; NULL for none. */
static const struct milter *
deferring_milter(const struct setup *setup)
{
	for (size_t i = 0; i < setup->rules->milter_count; i++)
		if (setup->rules->milters[i].on_error == MILTER_ERROR_DEFER)
			return &setup->rules->milters[i];
	return NULL;
}

bool
setup_defers(const struct setup *setup)
{
	return setup->daemon->on_error == ON_ERROR_DEFER ||
	    deferring_milter(setup) != NULL;
}

const char *
setup_defers_why(const struct setup *setup)
{
	const struct milter *milter = deferring_milter(setup);
	struct strbuf name = STRBUF_INIT;
	const char *why;

	if (setup->daemon->on_error == ON_ERROR_DEFER || milter == NULL)
		return arena_format(setup->arena, "on_error = \"%s\" in the "
		    "group daemon%s", on_error_name(setup->daemon->on_error),
		    setup_defers(setup) || setup->rules->milter_count == 0 ?
		    "" : ", and \"defer\" for none of the milters");
	names_quote(&name, milter->name);
	why = arena_format(setup->arena, "on_error = \"defer\" of the milter "
	    "%s, which is not asked then either", name.text);
	strbuf_release(&name);
	return why;
}

const char *
setup_defers_what(const struct setup *setup)
{
	if (setup_defers(setup))
		return "clients are told to try again later";
	return setup->rules->milter_count == 0 ?
	    "mail is taken without its policies" :
	    "mail is taken without its policies and milters";
}

const struct milter *
setup_behind_us(const struct setup *setup, const struct socket_name *name)
{
	const struct milter *found = NULL;

	for (size_t i = 0; i < setup->rules->milter_count; i++) {
		const struct milter *milter = &setup->rules->milters[i];
		struct socket_name there = { .kind = SOCKET_INET };
		struct diag diag = DIAG_INIT;

		if (!setup->rules->observe && !milter->observe &&
		    socket_parse(&there, milter->socket, &diag) == 0 &&
		    socket_same(&there, name))
			found = milter;
		diag_release(&diag);
	}
	return found;
}

const char *
setup_twice_why(const struct setup *setup, const char *names)
{
	return arena_format(setup->arena, setup->compare ?
	    "Take out %s: milter-reply asks what is in its list milters, and "
	    "each mail would be scanned twice." :
	    "Left out: %s. milter-reply asks what is in its list milters, and "
	    "each mail would be scanned twice.", names);
}

bool
setup_version_is(const char *version, unsigned major, unsigned minor)
{
	char *end;
	unsigned long have = strtoul(version, &end, 10);

	if (end == version || *end != '.' || !text_is_digit(end[1]))
		return false;
	return have > major ||
	    (have == major && strtoul(end + 1, NULL, 10) >= minor);
}

/* A comment, broken between words; each line begins as comments do. */
static void
say_comment(const struct setup *setup, const char *text)
{
	size_t column = strlen(setup->comment);

	say_styled(setup->tool, STYLE_FAINT, "%s", setup->comment);
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column + 1 + len > COLUMNS) {
			say_styled(setup->tool, STYLE_FAINT, "\n%s",
			    setup->comment);
			column = strlen(setup->comment);
		}
		say_styled(setup->tool, STYLE_FAINT, " %.*s", (int)len, text);
		column += 1 + len;
		text += len + strspn(text + len, " ");
	}
	say(setup->tool, "\n");
}

/* As one word of a shell. */
static void
add_quoted(const char *text, struct strbuf *out)
{
	strbuf_addch(out, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			strbuf_adds(out, "'\\''");
		else
			strbuf_addch(out, *text);
	}
	strbuf_addch(out, '\'');
}

/* The same as commands, for those who do not edit files by hand. */
static void
say_commands(const struct setup *setup)
{
	struct strbuf line = STRBUF_INIT;

	say(setup->tool, "\n");
	say_comment(setup, "The same as commands:");
	for (size_t i = 0; i < setup->count; i++) {
		strbuf_reset(&line);
		strbuf_adds(&line, "postconf ");
		if (setup->folder != NULL) {
			strbuf_adds(&line, "-c ");
			add_quoted(setup->folder, &line);
			strbuf_addch(&line, ' ');
		}
		strbuf_adds(&line, "-e ");
		add_quoted(setup->items[i].line, &line);
		say(setup->tool, "%s   %s\n", setup->comment, line.text);
	}
	strbuf_release(&line);
}

static void
say_notes(const struct setup *setup)
{
	for (size_t i = 0; i < setup->note_count; i++) {
		say(setup->tool, "\n");
		if (setup->compare)
			say_paragraph(setup->tool, STYLE_DOUBT, "note",
			    STATE_WIDTH, setup->notes[i]);
		else
			say_comment(setup, setup->notes[i]);
	}
}

static void
say_lines(const struct setup *setup)
{
	say_comment(setup, arena_format(setup->arena, "%s, attached to "
	    "milter-reply with %s: this goes into %s.", setup->mta,
	    setup->config, setup->file));
	for (size_t i = 0; i < setup->count; i++) {
		say(setup->tool, "\n");
		say_comment(setup, setup->items[i].why);
		say(setup->tool, "%s\n", setup->items[i].line);
	}
	say_notes(setup);
	if (strcmp(setup->comment, "#") == 0)
		say_commands(setup);
	say(setup->tool, "\n");
	say_comment(setup, arena_format(setup->arena, "Then: %s",
	    setup->then));
}

static void
say_item(const struct setup *setup, const struct setup_item *item)
{
	enum style style = state_styles[item->state];

	say_styled(setup->tool, style, "%-*s", STATE_WIDTH,
	    state_names[item->state]);
	if (item->state == SETUP_FINE) {
		say(setup->tool, "%s = %s\n", item->name, item->found);
		return;
	}
	say(setup->tool, "%s\n", item->name);
	say_paragraph(setup->tool, STYLE_PLAIN, "         is",
	    LABEL_WIDTH, *item->found != '\0' ? item->found : "(empty)");
	say_paragraph(setup->tool, STYLE_PLAIN, "         should be",
	    LABEL_WIDTH, *item->wanted != '\0' ? item->wanted : "(empty)");
	say_paragraph(setup->tool, STYLE_PLAIN, "", STATE_WIDTH, item->why);
}

static size_t
count_wrong(const struct setup *setup)
{
	size_t wrong = 0;

	for (size_t i = 0; i < setup->count; i++)
		wrong += setup->items[i].state != SETUP_FINE;
	return wrong;
}

static void
say_comparison(const struct setup *setup)
{
	size_t wrong = count_wrong(setup);

	for (size_t i = 0; i < setup->count; i++)
		say_item(setup, &setup->items[i]);
	say_notes(setup);
	if (wrong == 0)
		say(setup->tool, "\n%s is attached as it should be: %s.\n",
		    setup->mta, setup->file);
	else
		say(setup->tool, "\n%s: %zu of %zu settings in %s are not as "
		    "they should be.\n`milter-reply setup' without --check "
		    "prints what to write.\n", setup->mta, wrong,
		    setup->count, setup->file);
}

static void
print_rows(const struct setup *setup)
{
	for (size_t i = 0; i < setup->count; i++) {
		const struct setup_item *item = &setup->items[i];
		struct row *row = row_new();

		row_text(row, "mta", setup->mta);
		row_text(row, "file", setup->file);
		row_text(row, "setting", item->name);
		row_text(row, "line", *item->line != '\0' ? item->line :
		    NULL);
		row_text(row, "wanted", item->wanted);
		row_text(row, "found", item->found);
		row_text(row, "state", state_names[item->state]);
		row_text(row, "text", item->why);
		row_print(row, setup->tool->out);
	}
}

/* What is no setting, as rows without one. */
static void
print_notes(const struct setup *setup)
{
	for (size_t i = 0; i < setup->note_count; i++) {
		struct row *row = row_new();

		row_text(row, "mta", setup->mta);
		row_text(row, "file", setup->file);
		row_text(row, "setting", NULL);
		row_text(row, "text", setup->notes[i]);
		row_print(row, setup->tool->out);
	}
}

static int
setup_made(struct setup *setup)
{
	if (options_has(setup->tool->options, OPT_JSON)) {
		print_rows(setup);
		print_notes(setup);
	} else if (setup->compare)
		say_comparison(setup);
	else
		say_lines(setup);
	return setup->compare && count_wrong(setup) > 0 ? TOOL_WRONG :
	    TOOL_FINE;
}

static int
setup_loaded(struct tool *tool, const struct snapshot *snapshot,
    const struct mta *mta)
{
	const struct daemon_settings *daemon =
	    &snapshot_settings(snapshot)->daemon;
	const struct options *options = tool->options;
	const char *warning;
	size_t count;
	struct setup setup = {
		.tool = tool,
		.daemon = daemon,
		.rules = snapshot_rules(snapshot),
		.config = snapshot_files(snapshot, &count)[0],
		.folder = options_get(options, OPT_CONFIG_DIR),
		.compare = options_has(options, OPT_COMPARE),
		.milter = { .kind = SOCKET_INET },
	};
	struct diag diag = DIAG_INIT;
	int status;

	if (socket_parse(&setup.milter, daemon->milter, &diag) == -1) {
		status = tool_wrong(tool, "%s", diag_first(&diag));
	} else {
		setup.arena = arena_new();
		setup_times_of(&setup.times, setup.rules);
		warning = setup_times_warning(&setup.times);
		status = mta->fill(&setup);
		if (warning != NULL)
			setup_note(&setup, warning);
		if (status == 0)
			status = setup_made(&setup);
		arena_free(setup.arena);
	}
	diag_release(&diag);
	return status;
}

/* NULL after it said what is wrong. */
static const struct mta *
mta_read(struct tool *tool)
{
	const struct options *options = tool->options;
	struct diag diag = DIAG_INIT;
	const char *names[MTA_COUNT];

	if (options->operand_count < 2) {
		tool_usage(tool, "setup needs the mail server: postfix or "
		    "sendmail");
		return NULL;
	}
	for (size_t i = 0; i < MTA_COUNT; i++) {
		if (text_equal(mtas[i].name, options->operands[1]))
			return &mtas[i];
		names[i] = mtas[i].name;
	}
	names_unknown(&diag, "mail server", options->operands[1], names,
	    MTA_COUNT);
	tool_usage(tool, "%s", diag_first(&diag));
	diag_release(&diag);
	return NULL;
}

static int
setup_run(struct tool *tool)
{
	const struct options *options = tool->options;
	const char *version = options_get(options, OPT_MTA_VERSION);
	const struct mta *mta = mta_read(tool);
	struct snapshot *snapshot;
	int status;

	if (mta == NULL)
		return TOOL_USAGE;
	if (options->operand_count > 2)
		return tool_usage(tool, "setup takes one mail server, but "
		    "there is also \"%s\"", options->operands[2]);
	if (version != NULL && !setup_version_is(version, 0, 0))
		return tool_usage(tool, "a version is written as 3.7 or "
		    "3.7.11, not \"%s\"", version);
	if (version != NULL && options_has(options, OPT_COMPARE))
		return tool_usage(tool, "--check asks the mail server that "
		    "is installed; it cannot be used with --mta-version");
	snapshot = tool_load_or_builtin(tool);
	if (snapshot == NULL)
		return TOOL_WRONG;
	status = setup_loaded(tool, snapshot, mta);
	snapshot_put(snapshot);
	return status;
}

const struct verb verb_setup = {
	.name = "setup",
	.operands = "postfix | sendmail",
	.summary = "settings that attach a mail server",
	.manual =
	    "Prints the settings that attach this configuration to the mail "
	    "server that is installed, ready to paste; what is set there "
	    "already is kept. Of Postfix it asks postconf. For its own "
	    "refusals, which no milter can change, Postfix 3.11 and later "
	    "gets a filter, older ones a footer, where the configuration has "
	    "a socket for maps. With --check nothing is printed to paste: "
	    "each setting is compared with what is there, and the exit "
	    "status is 1 if one is not as it should be. The times of milters "
	    "behind us are added up, so that the mail server waits long "
	    "enough. Nothing is changed by this command.",
	.examples =
	    "  milter-reply setup postfix\n"
	    "  milter-reply setup postfix --check\n"
	    "  milter-reply setup sendmail --config-dir /etc/mail\n",
	.groups = OPTIONS_SETUP | OPTIONS_JSON,
	.run = setup_run,
};
