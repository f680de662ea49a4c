/*
 * digest - a short stand-in for many bytes: are they the same as before?
 *
 * SHA-256.  Nobody can make two inputs of one digest, and by chance that never
 * happens; so what has the same digest is taken for the same, unseen.  The only
 * file that knows GLib's checksums.  No globals; a digest belongs to one
 * thread.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

struct digest;			/* on its way */

#define DIGEST_BYTES	32

struct digest_value {
	unsigned char	bytes[DIGEST_BYTES];
};

struct digest		*digest_new(void);
void			 digest_free(struct digest *digest);
void			 digest_add(struct digest *digest, const void *bytes,
			    size_t len);
/* A text with its end: "a" and "bc" differ from "ab" and "c". */
void			 digest_add_text(struct digest *digest,
			    const char *text);
/* Of all bytes so far; nothing can be added any more. */
struct digest_value	 digest_end(struct digest *digest);

bool			 digest_equal(const struct digest_value *a,
			    const struct digest_value *b);

#endif
