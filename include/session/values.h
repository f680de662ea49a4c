/*
 * values - which values a reply may tell, taken from the facts.
 *
 * Pure; safe from any thread.
 */
#ifndef SESSION_VALUES_H
#define SESSION_VALUES_H

#include "reply/value.h"

struct arena;
struct evidence;
struct facts;
struct policy;

/*
 * Fills values with the facts that are known, then with what the policy's
 * evidence tells (the limit that was passed, the ending of the file name, the
 * header field), then with the values that the policy sets itself.  policy and
 * evidence may be NULL.  Texts are raw: the renderer cleans them.  They live
 * in the arena, or as long as facts and policy.
 */
void	values_from_facts(struct values *values, struct arena *arena,
	    struct facts *facts, const struct policy *policy,
	    const struct evidence *evidence);

#endif
