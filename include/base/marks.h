/*
 * marks - which of many things, numbered from 0, are to be looked at.
 *
 * A set of bits that lives on the stack, whatever the number of things: where
 * there are more than MARKS_MAX, neighbours share a bit.  So whoever walks the
 * marks sees all that were set, in order, and perhaps some more.  Pure.
 */
#ifndef BASE_MARKS_H
#define BASE_MARKS_H

#include <stdint.h>

#define MARKS_MAX	16384	/* things with a bit of their own */

struct marks {
	uint32_t	 count;			/* of things */
	unsigned	 shift;			/* 1 << shift share a bit */
	uint64_t	 words[MARKS_MAX / 64];	/* as many as count needs */
};

/* None of count things is marked. */
void		 marks_clear(struct marks *marks, uint32_t count);
void		 marks_copy(struct marks *marks, const struct marks *from);
/* Sets those of other as well, which is about the same things. */
void		 marks_join(struct marks *marks, const struct marks *other);
/* The first marked thing from this one on; count where there is none. */
uint32_t	 marks_next(const struct marks *marks, uint32_t from);
/* How many things are marked, about: shared bits count once. */
uint32_t	 marks_total(const struct marks *marks);

static inline void
marks_set(struct marks *marks, uint32_t thing)
{
	uint32_t bit = thing >> marks->shift;

	marks->words[bit / 64] |= UINT64_C(1) << (bit % 64);
}

#endif
