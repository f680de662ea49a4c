/*
 * names - tables of names, and which one was meant.
 *
 * Every word that a user may write stands in a table; an unknown one is
 * answered with the nearest known one.  No globals; safe from any thread.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stddef.h>

struct diag;
struct strbuf;

/* Index of name in names (letter case counts), or -1. */
int	names_find(const char *const names[], size_t count, const char *name);

/*
 * The name nearest to what was written, by letters inserted, left out,
 * exchanged or swapped; a name that begins with it is nearer than any other.
 * NULL where none is near enough to be meant.
 */
const char	*names_nearest(const char *const names[], size_t count,
		    const char *written);

/*
 * Adds `unknown KIND "WRITTEN"' to diag, and what to write instead: all names
 * that begin with it, or the nearest one, or all where they are few.
 */
void	names_unknown(struct diag *diag, const char *kind, const char *written,
	    const char *const names[], size_t count);

/* Adds text within double quotes, what is not printable ASCII as \xNN. */
void	names_quote(struct strbuf *out, const char *text);

#endif
