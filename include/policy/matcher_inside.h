/*
 * matcher_inside - what a matcher is made of, for the files that make it work.
 *
 * matcher.c takes the patterns, matcher_ask.c holds them against a value.
 * Nobody else includes this.
 */
#ifndef POLICY_MATCHER_INSIDE_H
#define POLICY_MATCHER_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct iptree;
struct list;
struct prefilter;
struct ranges;
struct regex;
struct textmap;

/*
 * Under which marks the text map has what.  The first five are looked for in
 * the value; the others only tell whether a pattern was added before.
 */
enum mark {
	MARK_WHOLE,		/* the text itself */
	MARK_DOMAIN,		/* .example.com */
	MARK_BELOW,		/* *.example.com, without example.com itself */
	MARK_AT,		/* *@example.com */
	MARK_ALSO,		/* what a block or range is as text */
	MARK_GLOB,		/* other wildcards */
	MARK_REGEX,
	MARK_RANGE		/* written as "LOW-HIGH" */
};

#define BIT(mark)	(1u << (mark))

struct trial {			/* a pattern that is tried one by one */
	uint32_t		 number;
	uint32_t		 glob;	/* its place in texts */
	const struct regex	*regex;
	const struct list	*list;
};

struct trials {
	struct trial	*rows;
	size_t		 count;
	size_t		 room;
};

struct file {
	const char	*name;
	uint32_t	 first;		/* the first number that is from it */
};

/*
 * A list may have a million patterns, so there is no struct pattern for each,
 * only 9 bytes in the three arrays below, and what the structures need.  Texts
 * stand in the pool of the text map.  As patterns come file by file, a file's
 * name is kept where a new one begins.
 */
struct matcher {
	struct arena	*arena;
	struct textmap	*texts;
	bool		 has_keys;	/* of those looked for in a value */
	size_t		 longest_key;
	struct iptree	*blocks;
	struct ranges	*ranges;
	struct trials	 globs;
	struct trials	 regexes;
	struct trials	 lists;
	/* Of the globs, and of the regexes behind them; NULL: try them all. */
	const struct prefilter *prefilter;
	bool		 has_any;	/* "*" */
	uint32_t	 any;

	uint32_t	*sources;	/* by number: places in texts */
	uint32_t	*lines;
	unsigned char	*kinds;
	size_t		 count;
	size_t		 room;
	struct file	*files;
	size_t		 file_count;
	size_t		 file_room;
};

#endif
