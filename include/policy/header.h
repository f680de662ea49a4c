/*
 * header - the value of a header field as a person reads it.
 *
 * Pure; safe from any thread, with an arena and charsets of its own.
 */
#ifndef POLICY_HEADER_H
#define POLICY_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct arena;
struct charsets;
struct strbuf;

#define HEADER_RUNS_MAX	5000		/* of encoded words in one value */

/*
 * True for most values: there is nothing to decode, they are read as they
 * came.
 */
bool		header_is_plain(struct text raw);
/*
 * Decodes RFC 2047 words and raw 8-bit text of one unfolded header value to
 * UTF-8.  Raw bytes are UTF-8 if they are valid, else windows-1252.  A word
 * that is broken, or of a charset that nobody knows, stays as it is; invalid
 * bytes and NULs become U+FFFD.  charsets serves all values of a message.
 * *complete becomes false where words stay because there were too many.
 */
struct text	header_decode(struct arena *arena,
		    struct charsets *charsets, struct text raw,
		    bool *complete);
/* The same, added to out, which is none of those of charsets; NULs stay. */
void		header_decode_into(struct text raw, struct charsets *charsets,
		    struct strbuf *out, bool *complete);
/* One value alone. */
struct text	header_decode_alone(struct arena *arena, const char *raw,
		    size_t len);

#endif
