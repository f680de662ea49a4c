/*
 * prefilter - which of many patterns could hold, by the literals they need.
 *
 * One pass over a text instead of one for each pattern.  Made by one thread;
 * immutable, then any thread may look.
 */
#ifndef POLICY_PREFILTER_H
#define POLICY_PREFILTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/marks.h"

struct arena;
struct needs;
struct prefilter;

/*
 * For count patterns, numbered from 0, with what each of them needs.  A
 * pattern that needs nothing could always hold.  The needs are not looked at
 * any more afterwards.
 */
const struct prefilter	*prefilter_new(struct arena *arena,
			    const struct needs *needs, uint32_t count);
/*
 * Marks the patterns that could hold for text; none that is not marked does.
 */
void			 prefilter_find(const struct prefilter *prefilter,
			    const char *text, size_t len,
			    struct marks *marks);

#endif
