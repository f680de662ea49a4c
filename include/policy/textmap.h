/*
 * textmap - texts without case, each with a number, found by hashing.
 *
 * Made for millions of entries: see textmap.c for how little one costs.  The
 * hash of a text runs from its end to its start, so whoever walks a host name
 * backwards has the hash of each of its domains on the way.  Built by one
 * thread; then any thread may look.
 */
#ifndef POLICY_TEXTMAP_H
#define POLICY_TEXTMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct textmap;

struct textmap	*textmap_new(void);
void		 textmap_free(struct textmap *map);

/*
 * What a key stands for, below TEXTMAP_MARKS; the same text may be a key under
 * several marks, and under one mark have several numbers.
 */
#define TEXTMAP_MARKS		8
#define TEXTMAP_KEY_MAX		1024	/* bytes */

/*
 * At most so many keys will come, in so many bytes of text with a NUL behind
 * each: all room is made at once, and just enough of it.
 */
void		 textmap_expect(struct textmap *map, size_t keys,
		    size_t bytes);
/*
 * Keeps text, of which len bytes from skip on are the key.  Returns the place
 * of the text.
 */
uint32_t	 textmap_add(struct textmap *map, unsigned mark,
		    uint32_t number, const char *text, size_t skip, size_t len);
/* Keeps a text that nobody looks for.  Returns its place. */
uint32_t	 textmap_keep(struct textmap *map, const char *text);
const char	*textmap_text(const struct textmap *map, uint32_t place);
/* After the last key: gives back the room that was kept for more. */
void		 textmap_finish(struct textmap *map);

#define TEXTMAP_HASH_EMPTY	UINT64_C(0xcbf29ce484222325)

/* The hash of a text from that of what follows its first character, c. */
static inline uint64_t
textmap_hash_before(uint64_t hash, char c)
{
	return (hash ^ (unsigned char)text_lower(c)) *
	    UINT64_C(0x100000001b3);
}

uint64_t	 textmap_hash(const char *key, size_t len);

/*
 * Calls hit(arg, number) for each entry of key (of this hash) whose mark is in
 * the set marks: the sum of 1 << mark.
 */
void		 textmap_find(const struct textmap *map, uint64_t hash,
		    const char *key, size_t len, unsigned marks,
		    void (*hit)(void *arg, uint32_t number), void *arg);
/* Has key an entry under mark?  Then *number is that of one. */
bool		 textmap_has(const struct textmap *map, unsigned mark,
		    const char *key, size_t len, uint32_t *number);

#endif
