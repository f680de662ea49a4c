/*
 * command - another program, run to its end for what it prints.
 *
 * Without a shell, without input, with a bound on output and time.  For the
 * command line: it waits.
 */
#ifndef WORLD_COMMAND_H
#define WORLD_COMMAND_H

struct diag;
struct strbuf;

#define COMMAND_OUTPUT_MAX	(4u * 1024 * 1024)

enum command_result {
	COMMAND_DONE,		/* it ended with the status 0 */
	COMMAND_MISSING,	/* there is no such program */
	COMMAND_FAILED		/* it ended otherwise, or was stopped */
};

/*
 * Runs argv[0], which is looked for in PATH and then where systems keep
 * programs of administrators, with argv.  What it printed to standard output
 * is added to out.  Unless it is done, the reason is in diag: of a failure,
 * the first line that it printed to standard error.
 */
enum command_result	command_run(const char *const argv[],
			    unsigned timeout_ms, struct strbuf *out,
			    struct diag *diag);

#endif
