/*
 * origin - who wrote a reply: of --from, or as its wrapping tells.
 */
#ifndef TOOL_ORIGIN_H
#define TOOL_ORIGIN_H

struct rules;
struct tool;
struct unwrapped;

/*
 * Reads --from: the name of a file of built-in knowledge ("postfix") or
 * "milter NAME".  *origin is "" where it was not given.  Returns 0; or -1
 * after it said what is wrong, and which there are.
 */
int		 origin_read(struct tool *tool, const struct rules *rules,
		    const char **origin);
/* The given one; or, for "", that of the program whose log line it is. */
const char	*origin_of(const char *given,
		    const struct unwrapped *unwrapped);

#endif
