/*
 * recognise - a reply of somebody else becomes a reason of the catalogue.
 *
 * The meaning of the words counts first, because codes often lie; a code
 * counts only where words say nothing against it.  Where the text does not
 * say why, the honest answer is "unclear".  Pure; safe from any thread with
 * an arena of its own.
 */
#ifndef REPLY_RECOGNISE_H
#define REPLY_RECOGNISE_H

#include "reply/unwrap.h"
#include "reply/value.h"

struct arena;
struct knowledge;
struct meaning;
struct reason;

enum sure {
	SURE_NONE,		/* unclear */
	SURE_LOW,		/* likely */
	SURE_HIGH
};

const char	*sure_name(enum sure sure);	/* "none", "low", "high" */

struct recognition {
	const struct reason	*reason;	/* NULL: unclear */
	enum sure		 sure;
	const struct meaning	*meaning;	/* that decided; NULL none */
	/*
	 * What the words tell where the cue or a standing form says so, then
	 * the wrapping, then whatever the words tell besides; raw texts in
	 * the arena.
	 */
	struct values		 values;
};

/* origin as in knowledge_find(). */
struct recognition	recognise(struct arena *arena,
			    const struct knowledge *knowledge,
			    const char *origin,
			    const struct unwrapped *unwrapped);

#endif
