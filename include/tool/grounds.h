/*
 * grounds - why a policy holds, or does not: the value and the pattern.
 *
 * Asks the very functions by which the plan decides, so that an explanation
 * cannot differ from the decision.  The texts are clean.
 */
#ifndef TOOL_GROUNDS_H
#define TOOL_GROUNDS_H

#include "policy/truth.h"

struct facts;
struct policy;
struct strbuf;

/*
 * Returns what policy_match() says, and adds why: "helo "localhost" matches
 * "localhost"".
 */
enum truth	grounds_explain(const struct policy *policy,
		    struct facts *facts, struct strbuf *why);

#endif
