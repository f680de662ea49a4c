/*
 * knowledge - what the refusals of known software mean.
 *
 * A table of cues, each with the reason that it stands for.  The built-in ones
 * are etc/recognise/ORIGIN.conf, one file for each origin, compiled in; those
 * of the configuration come before them.  The first cue that matches decides.
 * Made by one thread; immutable once finished, then any thread may read it.
 */
#ifndef REPLY_KNOWLEDGE_H
#define REPLY_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct arena;
struct catalogue;
struct cue;
struct finder;
struct knowledge;
struct reason;

#define UNCLEAR	"unclear"	/* for cues: the words do not say why */

struct meaning {
	const struct cue	*cue;
	const char		*origin;	/* "postfix"; of the
						   configuration: its `from',
						   "" for any */
	const struct reason	*reason;	/* NULL: unclear */
	bool			 doubtful;	/* sure = "low" */
	struct place		 place;		/* PLACE_NONE: built in */
};

/* One entry as it is written. */
struct meaning_source {
	const char	*from;		/* "" for any */
	const char	*reply;		/* the cue's pattern */
	const char	*reason;	/* a name, or "unclear" */
	bool		 doubtful;
	struct place	 place;
};

/* With the built-in meanings, whose reasons are those of catalogue. */
struct knowledge	*knowledge_new(struct arena *arena,
			    const struct catalogue *catalogue);
/*
 * Adds a meaning of the configuration, behind those added before and ahead of
 * all built-in ones.  Returns 0, or -1 with every problem in diag, without a
 * place, begun by its setting: "reply: ...".
 */
int			 knowledge_add(struct knowledge *knowledge,
			    const struct meaning_source *source,
			    struct diag *diag);
/* After the last knowledge_add(), before the first recognise(). */
void			 knowledge_finish(struct knowledge *knowledge);

/* A reason of the catalogue that it was made with, or NULL. */
const struct reason	*knowledge_reason(const struct knowledge *knowledge,
			    const char *name);

/*
 * The first meaning whose cue matches, or NULL.  origin as in origin.h:
 * meanings of the configuration with a `from' that does not match are passed
 * over; the built-in file of its software is asked before the others.  text
 * and lower as in cue_match().
 */
const struct meaning	*knowledge_find(const struct knowledge *knowledge,
			    const char *origin, const char *text,
			    const char *lower, size_t len);
/* Finds the values of texts with the reasons of its catalogue. */
const struct finder	*knowledge_finder(const struct knowledge *knowledge);

#endif
