/*
 * list - a named set of patterns, written @name in policies.
 *
 * A list whose entries come from a file may have a million of them.  Where a
 * configuration is loaded again, and they are the same as before, the new one
 * takes them over: they are counted, and live as long as any configuration
 * that has them.  Immutable once loaded; any thread may ask.
 */
#ifndef POLICY_LIST_H
#define POLICY_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "policy/pattern.h"

struct arena;
struct digest_value;
struct list_reader;
struct lists;
struct matcher;

#define LIST_ENTRIES_MAX	4000000	/* of one list */

struct list {
	const char		*name;
	const struct matcher	*matcher;	/* after lists_finish() */
	struct place		 place;
};

struct lists	*lists_new(struct arena *arena);
/*
 * Starts a list.  Returns it, for list_add(); or NULL with the reason in diag
 * (the name is taken, or is not made of letters, digits, "-", "_" and ".").
 */
struct list	*lists_add(struct lists *lists, const char *name,
		    struct place place, struct diag *diag);
/*
 * Takes over the entries of the list in before that list_sign() was called for
 * with the same digest, if there is one: then the list is complete.  Else, or
 * where before is NULL, returns false: the list is still empty, and its entries
 * can be taken over later.
 */
bool		 list_take_over(struct list *list,
		    const struct lists *before,
		    const struct digest_value *digest);
/*
 * After list_take_over() said no, and the last entry: the digest of all that
 * the entries were made of, with their places.
 */
void		 list_sign(struct list *list,
		    const struct digest_value *digest);
/* Before the first entry: at most so many come, in so many bytes. */
void		 list_expect(struct lists *lists, struct list *list,
		    size_t entries, size_t bytes);
/* Adds one entry.  Returns 0, or -1 with the reason at its place in diag. */
int		 list_add(struct lists *lists, struct list *list,
		    const char *entry, struct place place, struct diag *diag);
/*
 * Adds the entries of a text file, whose bytes come in pieces of any size: one
 * entry a line, blanks around it dropped, empty lines and those that begin with
 * # skipped, " #" begins a comment behind an entry.  Lines end in LF or CRLF,
 * the last one may have no end; a UTF-8 byte order mark is skipped.  Problems
 * are reported in diag at file and line, 50 of them, then how many more.
 */
struct list_reader	*list_reader_new(struct lists *lists,
			    struct list *list, const char *file,
			    struct diag *diag);
void			 list_reader_add(struct list_reader *reader,
			    const char *bytes, size_t len);
/* After the last piece; frees the reader.  Returns 0, or -1. */
int			 list_reader_end(struct list_reader *reader);
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
