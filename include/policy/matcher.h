/*
 * matcher - many patterns held against one value at once.
 *
 * Exact texts and domains stand in hash tables, address blocks and ranges in
 * sorted order; of wildcards and regular expressions, where they are many, only
 * those are tried whose literals the value has.  So the cost of a look-up does
 * not grow with the number of patterns that do not concern the value.  The same
 * structure serves a list of the configuration, the patterns of one condition,
 * and the plan's index over all policies.
 *
 * Built by one thread; once matcher_finish() was called it never changes, and
 * any thread may ask.
 */
#ifndef POLICY_MATCHER_H
#define POLICY_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "policy/pattern.h"
#include "policy/truth.h"

struct arena;
struct matcher;

/*
 * A value to hold patterns against; which members count is its subject's.
 * Text may be anything, of any length.  An address stands without < and >, the
 * empty sender is the empty text; one trailing dot of a host name or address
 * does not count.
 */
struct operand {
	enum subject	 subject;	/* never SUBJECT_ANY */
	const char	*text;		/* raw bytes, len of them; not NULL */
	size_t		 len;
	struct ip	 ip;
	uint64_t	 number;
};

struct matcher	*matcher_new(struct arena *arena);
/* At most so many patterns will come, with so many bytes in all. */
void		 matcher_expect(struct matcher *matcher, size_t patterns,
		    size_t bytes);
/*
 * Adds a pattern: its texts are copied; its regex, its list and the file name
 * of its place must live as long as the matcher.  Returns its number: 0, 1, ...
 * in the order of adding; equal patterns share one number: texts whatever their
 * case, expressions only as written.
 */
uint32_t	 matcher_add(struct matcher *matcher,
		    const struct pattern *pattern);
void		 matcher_finish(struct matcher *matcher);
size_t		 matcher_count(const struct matcher *matcher);
/*
 * Was an expression or a list like that of this pattern added?  Then *number is
 * its number.
 */
bool		 matcher_has(const struct matcher *matcher,
		    const struct pattern *pattern, uint32_t *number);
/* Text and place of a pattern, for explanations. */
const char	*matcher_source(const struct matcher *matcher, uint32_t number);
struct place	 matcher_place(const struct matcher *matcher, uint32_t number);
enum pattern_kind	 matcher_kind(const struct matcher *matcher,
			    uint32_t number);

/*
 * Is there a pattern that holds?  On yes, *number is one of them.  Unknown
 * where none holds and a regular expression gave up at its limits.
 */
enum truth	 matcher_match(const struct matcher *matcher,
		    const struct operand *operand, uint32_t *number);

/*
 * Calls hit(arg, number) for every pattern that holds, and for the regular
 * expressions that could: they are not run, only what they need is looked for.
 * In no order, once or more each.  Returns unknown if a list could not be
 * decided, else whether there was any.
 */
enum truth	 matcher_possible(const struct matcher *matcher,
		    const struct operand *operand,
		    void (*hit)(void *arg, uint32_t number), void *arg);

#endif
