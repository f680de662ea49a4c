/*
 * milter-reply - refuses mail with replies that help.
 */
#include "tool/tool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* https://no-color.org: any text that is not empty. */
static bool
wants_colour(void)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) == 1 &&
	    (no_colour == NULL || *no_colour == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

int
main(int argc, char *argv[])
{
	struct tool tool = {
		.in = stdin,
		.out = stdout,
		.err = stderr,
		.colour = wants_colour(),
	};
	int status = tool_run(&tool, argc, argv);

	/* A full disk must not look like success. */
	if (fflush(stdout) == EOF || ferror(stdout) != 0)
		status = tool_wrong(&tool, "the output could not be written");
	return status;
}
