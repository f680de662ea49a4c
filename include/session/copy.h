/*
 * copy - a message as the milters that were asked so far have left it.
 *
 * A milter that is attached to an MTA after another sees what that one made of
 * the message; behind us it sees this copy.  Belongs to one session.
 */
#ifndef SESSION_COPY_H
#define SESSION_COPY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "session/child.h"

struct arena;
struct change;

struct copy {
	size_t			 count, room;
	struct child_field	*fields;	/* heap; texts in an arena */
	struct strbuf		 body;
	size_t			 bytes;		/* of all, as it came */
	bool			 whole;		/* false: it was too large */
};
#define COPY_INIT	{ .body = STRBUF_INIT, .whole = true }

/* Forgets the message; memory that is not large is kept for the next. */
void	copy_reset(struct copy *copy);
void	copy_release(struct copy *copy);

/*
 * Adds to the message.  What would make it larger than bytes_max is left out,
 * and the copy is not whole.
 */
void	copy_add_field(struct copy *copy, struct arena *arena,
	    const char *name, const char *value, size_t bytes_max);
void	copy_add_body(struct copy *copy, const void *bytes, size_t len,
	    size_t bytes_max);

/*
 * Makes a change of header or body; those of the envelope change nothing here.
 * As Postfix and Sendmail do it: a field that is to be changed and is not
 * there is added, one that is to be inserted behind the last is, too; and
 * places to insert at count from the MTA's own Received line, which no milter
 * is shown.
 */
void	copy_apply(struct copy *copy, const struct change *change);

/* As a child is told it; valid until the copy changes. */
struct child_message	copy_message(const struct copy *copy);

#endif
