#include "tool/tool.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "config/snapshot.h"
#include "tool/options.h"
#include "tool/say.h"

#ifndef DEFAULT_CONFIG
#define DEFAULT_CONFIG	"/etc/milter-reply.conf"
#endif
#ifndef VERSION
#define VERSION		"0.1.0"
#endif

static const struct verb *const verbs[] = {
	&verb_serve,
	&verb_check,
	&verb_try,
	&verb_reasons,
	&verb_explain,
	&verb_help,
};

#define VERB_COUNT	(sizeof(verbs) / sizeof(verbs[0]))

/* The prefix and the text as a whole sentence. */
static void
complain(struct tool *tool, const char *format, va_list args)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_adds(&text, "milter-reply: ");
	strbuf_vaddf(&text, format, args);
	if (strchr(".?", text.text[text.len - 1]) == NULL)
		strbuf_addch(&text, '.');
	(void)fprintf(tool->err, "%s\n", text.text);
	strbuf_release(&text);
}

int
tool_usage(struct tool *tool, const char *format, ...)
{
	va_list args;
	bool own;

	va_start(args, format);
	complain(tool, format, args);
	va_end(args);
	own = tool->verb != NULL && tool->verb != &verb_help;
	(void)fprintf(tool->err, "`milter-reply %s%s--help' says how it is "
	    "used.\n", own ? tool->verb->name : "", own ? " " : "");
	return TOOL_USAGE;
}

int
tool_wrong(struct tool *tool, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(tool, format, args);
	va_end(args);
	return TOOL_WRONG;
}

const char *
tool_config(const struct tool *tool)
{
	const char *given = options_get(tool->options, OPT_CONFIG);

	return given != NULL ? given : DEFAULT_CONFIG;
}

/* Warnings are for `check'; here they would stand before every answer. */
static struct snapshot *
loaded(struct tool *tool, struct snapshot *snapshot, struct diag *diag)
{
	struct strbuf problems = STRBUF_INIT;

	if (snapshot == NULL) {
		diag_format(diag, &problems);
		(void)fputs(problems.text, tool->err);
	}
	strbuf_release(&problems);
	diag_release(diag);
	return snapshot;
}

struct snapshot *
tool_load(struct tool *tool)
{
	struct diag diag = DIAG_INIT;

	return loaded(tool, snapshot_load(tool_config(tool), &diag), &diag);
}

struct snapshot *
tool_load_or_builtin(struct tool *tool)
{
	struct diag diag = DIAG_INIT;

	if (options_has(tool->options, OPT_CONFIG) ||
	    access(DEFAULT_CONFIG, F_OK) == 0)
		return tool_load(tool);
	return loaded(tool, snapshot_load_text("", "built-in settings",
	    &diag), &diag);
}

static const struct verb *
verb_find(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

static int
unknown_verb(struct tool *tool, const char *name)
{
	const char *names[VERB_COUNT];
	struct diag diag = DIAG_INIT;

	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i]->name;
	names_unknown(&diag, "verb", name, names, VERB_COUNT);
	tool_usage(tool, "%s", diag_first(&diag));
	diag_release(&diag);
	return TOOL_USAGE;
}

static void
help_all(struct tool *tool)
{
	struct strbuf options = STRBUF_INIT;

	options_help(OPTIONS_COMMON, &options);
	say(tool,
	    "milter-reply refuses mail with replies that help.\n\n"
	    "usage: milter-reply [-c FILE] [VERB] [OPTIONS]\n\n");
	for (size_t i = 0; i < VERB_COUNT; i++) {
		struct strbuf form = STRBUF_INIT;

		strbuf_addf(&form, "%s %s", verbs[i]->name,
		    verbs[i]->operands);
		say(tool, "  %-26s%s\n", form.text, verbs[i]->summary);
		strbuf_release(&form);
	}
	say(tool,
	    "\nOptions of every verb:\n%s"
	    "\nWithout a verb it serves.  Without -c the configuration is\n"
	    DEFAULT_CONFIG ".\n"
	    "Exit status: 0 all is well, 1 something is wrong, 2 wrong "
	    "usage.\n"
	    "`milter-reply VERB --help' tells more of a verb.\n",
	    options.text);
	strbuf_release(&options);
}

static void
help_verb(struct tool *tool, const struct verb *verb)
{
	struct strbuf options = STRBUF_INIT;

	options_help(verb->groups | OPTIONS_COMMON, &options);
	say(tool, "usage: milter-reply %s [OPTIONS]%s%s\n\n", verb->name,
	    *verb->operands != '\0' ? " " : "", verb->operands);
	say_paragraph(tool, STYLE_PLAIN, "", 0, verb->manual);
	say(tool, "\n%s\nOptions:\n%s", verb->examples, options.text);
	strbuf_release(&options);
}

static int
help(struct tool *tool, const struct verb *verb)
{
	if (verb == NULL || verb == &verb_help)
		help_all(tool);
	else
		help_verb(tool, verb);
	return TOOL_FINE;
}

static int
help_run(struct tool *tool)
{
	const struct verb *verb = NULL;

	if (tool->options->operand_count > 1) {
		verb = verb_find(tool->options->operands[1]);
		if (verb == NULL)
			return unknown_verb(tool,
			    tool->options->operands[1]);
	}
	return help(tool, verb);
}

const struct verb verb_help = {
	.name = "help",
	.operands = "[VERB]",
	.summary = "how to use the command, or a verb",
	.manual = "",
	.examples = "",
	.run = help_run,
};

/* Every option that was given must be one of the verb's. */
static int
check_options(struct tool *tool)
{
	unsigned groups = tool->verb->groups | OPTIONS_COMMON;

	for (size_t i = 0; i < tool->options->count; i++) {
		enum opt opt = tool->options->given[i].opt;

		if ((opt_group(opt) & groups) == 0)
			return tool_usage(tool, "the verb %s has no option "
			    "%s", tool->verb->name, opt_name(opt));
	}
	return TOOL_FINE;
}

static int
run_verb(struct tool *tool)
{
	const struct options *options = tool->options;
	const char *name = options->operand_count > 0 ?
	    options->operands[0] : verb_serve.name;
	const struct verb *verb = verb_find(name);
	int status;

	if (options_has(options, OPT_VERSION)) {
		(void)fputs("milter-reply " VERSION "\n", tool->out);
		return TOOL_FINE;
	}
	if (verb == NULL)
		return unknown_verb(tool, name);
	if (options_has(options, OPT_HELP))
		return help(tool, options->operand_count > 0 ? verb : NULL);
	tool->verb = verb;
	status = check_options(tool);
	return status == TOOL_FINE ? verb->run(tool) : status;
}

int
tool_run(struct tool *tool, int argc, char *argv[])
{
	struct diag diag = DIAG_INIT;
	struct options options;
	int status;

	tool->verb = NULL;
	if (options_parse(&options, argc, argv, &diag) == 0) {
		tool->options = &options;
		status = run_verb(tool);
		tool->options = NULL;
		options_release(&options);
	} else
		status = tool_usage(tool, "%s", diag_first(&diag));
	diag_release(&diag);
	return status;
}
