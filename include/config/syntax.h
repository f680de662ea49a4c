/*
 * syntax - is a text a configuration, and if not, why?
 *
 * Goes through libconfig's grammar before libconfig does, which says no more
 * than "syntax error" at a line that is often far behind the slip, and loses
 * memory each time.  What people mistype is told by name: a bracket that is
 * not closed, a comma before a closing one, a word without quotes.
 */
#ifndef CONFIG_SYNTAX_H
#define CONFIG_SYNTAX_H

struct diag;
struct source;

/* Returns 0; or -1 with one error in diag, the first. */
int	syntax_check(const struct source *source, struct diag *diag);

#endif
