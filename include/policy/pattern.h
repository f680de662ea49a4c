/*
 * pattern - one pattern of the configuration, read and checked.
 *
 *   text             the same text, letter case apart; <> is the empty sender
 *   *.example.net    wildcards: * any characters, ? one character
 *   .example.com     the domain and all below it; for an address, its domain
 *   /regex/          a PCRE2 expression, letter case apart, found anywhere
 *   192.0.2.0/24     an address or a block of addresses
 *   > 25M            a comparison (< <= > >= =), with k, M, G for 1024s
 *   mon-fri          days of the week
 *   8:00-18:00       times of day; 18:00 itself is outside
 *   @name            all patterns of a list
 *
 * How a pattern reads depends on what it is for, so that a mistake is found at
 * load: a client_ip that is no address, an address without an @.  Text with
 * letters beyond ASCII is compiled to an expression, as these have case, too.
 * Pure; a pattern never changes once parsed.
 */
#ifndef POLICY_PATTERN_H
#define POLICY_PATTERN_H

#include <stdint.h>

#include "base/diag.h"
#include "base/ip.h"

struct arena;
struct list;
struct lists;
struct regex;

/* What a pattern is held against. */
enum subject {
	SUBJECT_TEXT,		/* any text */
	SUBJECT_HOST,		/* a host or domain name */
	SUBJECT_ADDRESS,	/* a mail address */
	SUBJECT_IP,
	SUBJECT_NUMBER,
	SUBJECT_DAY,		/* the number 0 (Sunday) to 6 */
	SUBJECT_TIME,		/* the number of minutes since midnight */
	SUBJECT_ANY		/* an entry of a list: its form decides */
};

enum pattern_kind {
	PATTERN_TEXT,
	PATTERN_GLOB,
	PATTERN_DOMAIN,		/* .example.com */
	PATTERN_REGEX,
	PATTERN_BLOCK,
	PATTERN_RANGE,		/* low <= number <= high; wraps if low > high */
	PATTERN_LIST
};

#define PATTERN_TEXT_MAX	1000	/* bytes of one pattern */

struct pattern {
	enum pattern_kind	 kind;
	const char		*source;	/* as written */
	/*
	 * Lower case, without the dots around a domain: for TEXT, GLOB and
	 * DOMAIN.  An address or number in a list is also the text that it
	 * was written as; else "" for BLOCK and RANGE.
	 */
	const char		*text;
	struct ip_block		 block;
	uint64_t		 low, high;	/* both inclusive */
	const struct regex	*regex;
	const struct list	*list;
	struct place		 place;
};

/*
 * Reads source for this subject into *pattern, what it needs into arena.
 * lists resolves @name; NULL (inside of a list) refuses it.  Returns 0; or -1
 * with the reason, and what to write instead, in diag, without a place.
 * A pattern that can never hold (an address without "@", a host name with a
 * blank) is refused, too.
 */
int	pattern_parse(struct pattern *pattern, struct arena *arena,
	    enum subject subject, const char *source, struct place place,
	    const struct lists *lists, struct diag *diag);

#endif
