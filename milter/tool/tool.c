#include "tool/tool.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/version.h"
#include "config/snapshot.h"
#include "session/rules.h"
#include "tool/help.h"
#include "tool/options.h"

#define SAMPLE_CASE	"7K3Q-X2M9"

#ifndef DEFAULT_CONFIG
#define DEFAULT_CONFIG	"/etc/milter-reply.conf"
#endif

const char tool_default_config[] = DEFAULT_CONFIG;

static const struct verb *const verbs[] = {
	&verb_serve,
	&verb_check,
	&verb_try,
	&verb_reasons,
	&verb_explain,
	&verb_rewrite,
	&verb_audit,
	&verb_setup,
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

bool
tool_lacks_config(struct tool *tool)
{
	if (options_has(tool->options, OPT_CONFIG) ||
	    access(DEFAULT_CONFIG, F_OK) == 0)
		return false;
	tool_wrong(tool, "cannot read \"%s\": there is no such file; name "
	    "the configuration with -c FILE", DEFAULT_CONFIG);
	return true;
}

struct snapshot *
tool_load(struct tool *tool)
{
	struct diag diag = DIAG_INIT;

	if (tool_lacks_config(tool))
		return NULL;
	return loaded(tool, snapshot_load_for_tools(tool_config(tool), &diag),
	    &diag);
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

void
tool_tell_waiting(struct tool *tool)
{
	int fd = fileno(tool->in);

	if (fd != -1 && isatty(fd) == 1)
		(void)fprintf(tool->err, "milter-reply: reading standard "
		    "input, up to Ctrl-D.\n");
}

const char *
tool_case(const struct tool *tool, const struct rules *rules)
{
	const char *given = options_get(tool->options, OPT_CASE);

	return given != NULL ? given : rules->show_case ? SAMPLE_CASE : "";
}

const struct verb *
verb_at(size_t n)
{
	return n < VERB_COUNT ? verbs[n] : NULL;
}

const struct verb *
verb_find(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

int
verb_unknown(struct tool *tool, const char *name)
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
run_verb(struct tool *tool, struct options *options)
{
	const char *name = options->operand_count > 0 ?
	    options->operands[0] : verb_serve.name;
	const struct verb *verb = verb_find(name);
	int status;

	if (options_has(options, OPT_VERSION)) {
		(void)fprintf(tool->out, "milter-reply %s\n",
		    MILTER_REPLY_VERSION);
		return TOOL_FINE;
	}
	if (verb == NULL)
		return verb_unknown(tool, name);
	if (options_has(options, OPT_HELP))
		return help(tool, options->operand_count > 0 ? verb : NULL);
	tool->verb = verb;
	options_choose(options, verb->groups | OPTIONS_COMMON);
	status = check_options(tool);
	return status == TOOL_FINE ? verb->run(tool) : status;
}

/*
 * The verb of a line that could not be taken apart, for the hint where help
 * is: the first word that is one.
 */
static const struct verb *
verb_guess(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		if (verb_find(argv[i]) != NULL)
			return verb_find(argv[i]);
	return NULL;
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
		status = run_verb(tool, &options);
		tool->options = NULL;
		options_release(&options);
	} else {
		tool->verb = verb_guess(argc, argv);
		status = tool_usage(tool, "%s", diag_first(&diag));
	}
	diag_release(&diag);
	return status;
}
