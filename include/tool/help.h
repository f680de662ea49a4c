/*
 * help - how to use the command and each verb of it, from their tables.
 */
#ifndef TOOL_HELP_H
#define TOOL_HELP_H

struct tool;
struct verb;

/* verb NULL: of the whole command.  Returns TOOL_FINE. */
int	help(struct tool *tool, const struct verb *verb);

#endif
