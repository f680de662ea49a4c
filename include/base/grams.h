/*
 * grams - many literals looked for in one pass over a text.
 *
 * For the cues that tell refusals apart, and for the literals without which
 * wildcards and regular expressions do not match.  Bytes count as they are:
 * whoever compares without case folds text and literals alike.  Made by one
 * thread; immutable, then any thread may look.
 */
#ifndef BASE_GRAMS_H
#define BASE_GRAMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct arena;
struct grams;

#define GRAMS_LITERAL_MIN	3	/* bytes */
#define GRAMS_LITERAL_MAX	UINT16_MAX

/*
 * An index of count literals, 0 or more, numbered as they stand.  Their bytes
 * are not copied, and live as long as arena.
 */
const struct grams	*grams_new(struct arena *arena,
			    const struct text literals[], size_t count);
/*
 * Calls hit(arg, number) for each place of each literal in text.  There is one
 * more byte behind the len of text, whatever it is.
 */
void			 grams_find(const struct grams *grams,
			    const char *text, size_t len,
			    void (*hit)(void *arg, uint32_t number),
			    void *arg);

#endif
