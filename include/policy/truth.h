/*
 * truth - yes, no, or not known.
 *
 * Not known is never treated as no: whoever gets it must say what happens.
 */
#ifndef POLICY_TRUTH_H
#define POLICY_TRUTH_H

enum truth {
	TRUTH_NO,
	TRUTH_UNKNOWN,
	TRUTH_YES
};

/* Both hold: the lesser of the two.  Either holds: the greater. */
static inline enum truth
truth_and(enum truth a, enum truth b)
{
	return a < b ? a : b;
}

static inline enum truth
truth_or(enum truth a, enum truth b)
{
	return a > b ? a : b;
}

static inline enum truth
truth_not(enum truth a)
{
	return TRUTH_YES - a;
}

#endif
