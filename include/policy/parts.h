/*
 * parts - cuts a message into its MIME parts, by boundaries alone.
 *
 * Goes through the bytes once, front to back, with a stack of open boundaries
 * in place of recursion: a hostile tree costs neither stack nor memory.  It
 * copies nothing but boundaries; what it hands out points into the message.
 * It does not know what fields mean: the caller reads each header and says
 * whether to enter the part.  Belongs to one thread.
 */
#ifndef POLICY_PARTS_H
#define POLICY_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct arena;
struct parts;

struct part {
	struct text	 header;	/* its fields, without the empty line */
	bool		 in_digest;	/* its type is message/rfc822 unless it
					   says otherwise (RFC 2046 5.1.5) */
};

/*
 * Begins at the header of message, which is itself depth levels down.  Lives
 * in arena.
 */
struct parts	*parts_new(struct arena *arena, struct text message,
		    size_t depth, size_t depth_max);
/* The next part.  Returns false behind the last one. */
bool		 parts_next(struct parts *parts, struct part *part);

/*
 * Boundaries, for readers differ about what some fields say: a line of any of
 * them, at most PARTS_BOUNDARIES_MAX, separates the parts.
 */
#define PARTS_BOUNDARIES_MAX	4

/*
 * What to do with the part that parts_next() returned last; at most one of
 * these.  The first two return false, and do nothing, beyond depth_max.
 */
bool		 parts_enter(struct parts *parts,
		    const struct text *boundaries, size_t count, bool digest);
bool		 parts_enter_message(struct parts *parts);
/* The bytes up to the next boundary, in whichever level that is. */
struct text	 parts_content(struct parts *parts);

size_t		 parts_depth(const struct parts *parts);
/* After parts_enter(): whether its boundary occurs before one further out. */
bool		 parts_found(struct parts *parts);

/*
 * Takes the first field off header: its name and its value, which may be
 * folded.  Lines that are no fields are passed over.  Returns false where no
 * field is left.
 */
bool		 header_next(struct text *header, struct text *name,
		    struct text *value);

#endif
