/*
 * list - a named set of patterns, written @name in policies.
 *
 * Immutable once loaded; any thread may ask.
 */
#ifndef POLICY_LIST_H
#define POLICY_LIST_H

#include <stddef.h>

#include "base/diag.h"
#include "policy/pattern.h"

struct arena;
struct lists;
struct matcher;

#define LIST_ENTRIES_MAX	4000000	/* of one list */

struct list {
	const char		*name;
	const struct matcher	*matcher;
	struct place		 place;
};

struct lists	*lists_new(struct arena *arena);
/*
 * Starts a list.  Returns it, for list_add(); or NULL with the reason in diag
 * (the name is taken, or is not made of letters, digits, "-", "_" and ".").
 */
struct list	*lists_add(struct lists *lists, const char *name,
		    struct place place, struct diag *diag);
/* Adds one entry.  Returns 0, or -1 with the reason at its place in diag. */
int		 list_add(struct lists *lists, struct list *list,
		    const char *entry, struct place place, struct diag *diag);
/*
 * Adds the entries of a text file, len bytes that the caller read: one a line,
 * blanks around it dropped, empty lines and those that begin with # skipped,
 * " #" begins a comment behind an entry.  Lines end in LF or CRLF, the last
 * one may have no end; a UTF-8 byte order mark is skipped.  Problems are
 * reported at file and line, 50 of them, then how many more.  Returns 0, or -1.
 */
int		 list_parse(struct lists *lists, struct list *list,
		    const char *text, size_t len, const char *file,
		    struct diag *diag);
/* After the last entry of the last list. */
void		 lists_finish(struct lists *lists);
/* NULL where there is none. */
const struct list	*lists_find(const struct lists *lists,
			    const char *name);
/* An error with the nearest name in diag. */
void		 lists_unknown(const struct lists *lists, const char *name,
		    struct diag *diag);
/*
 * Warns in diag, at each entry's place, of entries that can never hold for
 * this subject: a host name in a list used for client_ip, ...  At most a few
 * per list, then how many more.
 */
void		 list_check(const struct list *list, enum subject subject,
		    struct diag *diag);

#endif
