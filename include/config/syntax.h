/*
 * syntax - is a text a configuration, and if not, why?
 *
 * Goes through libconfig's grammar before libconfig does, which says no more
 * than "syntax error" at a line that is often far behind the slip, and loses
 * memory each time.  What people mistype is told by name: a bracket that is
 * not closed, a comma before a closing one, a word without quotes.  All slips
 * are told, but none that may come of another one.
 */
#ifndef CONFIG_SYNTAX_H
#define CONFIG_SYNTAX_H

struct diag;
struct source;
struct strbuf;

/*
 * Before the name of a group at the top of the file that stands there twice,
 * with its line: libconfig takes no name twice.
 */
#define SYNTAX_AGAIN	"*again-%u*"

/*
 * Adds every slip to diag, and to mended the text with the slips mended, line
 * by line as before; lines where that was not sure are marked in source.
 * Returns -1 where the mended text is not worth checking.
 */
int	syntax_check(struct source *source, struct strbuf *mended,
	    struct diag *diag);

#endif
