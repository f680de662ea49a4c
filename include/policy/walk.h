/*
 * walk - through all parts of a message, to its file names and its text.
 *
 * A broken or hostile tree gives less, and says so; it never stops the mail.
 * Little stack, about linear time.  Results live in the arena, with a NUL
 * behind each.  Safe from any thread.
 */
#ifndef POLICY_WALK_H
#define POLICY_WALK_H

#include <stddef.h>

#include "base/text.h"

struct arena;

struct walk_limits {
	size_t	parts_max;		/* parts looked at */
	size_t	depth_max;		/* nesting */
	size_t	text_bytes_max;		/* decoded text kept in all */
};

#define WALK_NAMES_MAX	5000		/* file names of one message */

/*
 * Walks the message (len bytes: header fields, an empty line, the body).
 *
 * names: the file names of all parts, from all parameters "filename" and
 * "name" of Content-Disposition and Content-Type, RFC 2231 and RFC 2047
 * decoded, also inside of attached messages.  A name that a mail program would
 * save under another one (path, invisible characters, dots and spaces at the
 * end, a NUL) is followed by that one: "..\evil.exe." and then "evil.exe".
 * Where mail programs read a name in different ways, all of them count.
 *
 * bodies: what a person reads without opening anything: parts of any type
 * text/ but attachments with a file name, also those in attached messages,
 * converted to UTF-8; the text of a mail that is all one part in any case.
 * HTML stays the source text that it is.  A message without MIME fields is
 * text/plain.
 *
 * Either may be NULL, then it is not made.
 */
void	walk_message(struct arena *arena, const char *message, size_t len,
	    const struct walk_limits *limits, struct texts *names,
	    struct texts *bodies);

#endif
