/*
 * tool - the command line: which verb is meant, and what it needs to run.
 *
 * A verb is one file and one row of the table in tool.c.  Verbs print to the
 * streams of struct tool and return an exit status; none of them exits, so
 * that tests can call tool_run() as the shell would.
 */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include <stdbool.h>
#include <stdio.h>

struct options;
struct rules;
struct snapshot;

/* Exit statuses. */
#define TOOL_FINE	0
#define TOOL_WRONG	1	/* the thing looked at is not as it should be */
#define TOOL_USAGE	2	/* the command line is not */

struct tool {
	FILE			*in, *out, *err;
	bool			 colour;	/* of out */
	const struct options	*options;	/* of the running verb */
	const struct verb	*verb;
};

struct verb {
	const char	*name;
	const char	*operands;	/* "[FACTS] [MESSAGE]" */
	const char	*summary;	/* one line in the list of verbs */
	const char	*manual;	/* what it does: a paragraph */
	const char	*examples;	/* whole lines */
	unsigned	 groups;	/* of options, beside the common */
	int		(*run)(struct tool *tool);
};

extern const struct verb verb_serve, verb_check, verb_try, verb_reasons,
    verb_explain, verb_rewrite, verb_audit, verb_setup, verb_help;

/* Runs what argv asks for; argv is reordered.  Returns an exit status. */
int	tool_run(struct tool *tool, int argc, char *argv[]);

/* The verbs in the order of their list; NULL behind the last. */
const struct verb	*verb_at(size_t n);
const struct verb	*verb_find(const char *name);	/* or NULL */
/* Says that there is no such verb.  Returns TOOL_USAGE. */
int			 verb_unknown(struct tool *tool, const char *name);

extern const char	 tool_default_config[];
/* The file that -c names, or the default one. */
const char	*tool_config(const struct tool *tool);
/* True, after it said so, where neither -c nor the default file is there. */
bool	tool_lacks_config(struct tool *tool);
/*
 * Loads the configuration, with a reference for the caller.  Returns NULL
 * after it printed all errors.
 */
struct snapshot	*tool_load(struct tool *tool);
/* The same; but without -c and without the default file, the built-in one. */
struct snapshot	*tool_load_or_builtin(struct tool *tool);

/* For a verb that reads standard input: on a terminal, says that it waits. */
void	tool_tell_waiting(struct tool *tool);

/* The case to show in replies: that of --case, or a sample; "" for none. */
const char	*tool_case(const struct tool *tool, const struct rules *rules);

/*
 * Says to err what is wrong with the command line, and where help is.
 * Returns TOOL_USAGE.
 */
int	tool_usage(struct tool *tool, const char *format, ...)
	    __attribute__((format(printf, 2, 3)));
/* Says to err what went wrong.  Returns TOOL_WRONG. */
int	tool_wrong(struct tool *tool, const char *format, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
