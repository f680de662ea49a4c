/*
 * entity - what the header of one MIME part says about it.
 *
 * Where fields contradict each other it takes the type that shows the most,
 * and the file names and boundaries of all, and says that it is not complete.
 * Pure; safe from any thread.
 */
#ifndef POLICY_ENTITY_H
#define POLICY_ENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "policy/parts.h"

struct arena;

#define ENTITY_FIELD_BYTES_MAX	65536	/* of one field that is read */
#define ENTITY_FIELDS_MAX	20	/* read of one part */

/* What shows the most comes first. */
enum entity_kind {
	ENTITY_MULTIPART,
	ENTITY_MESSAGE,		/* message/rfc822 and its like */
	ENTITY_TEXT,
	ENTITY_PARTIAL,		/* message/partial: the rest is elsewhere */
	ENTITY_OTHER
};

struct entity {
	enum entity_kind	 kind;
	bool			 is_digest;	/* multipart/digest */
	bool			 is_attachment;
	bool			 has_name;	/* one that is not empty */
	bool			 complete;	/* false: beyond these limits,
						   or in contradiction */
	struct text		 boundaries[PARTS_BOUNDARIES_MAX];
	size_t			 boundaries_count;
	struct text		 charset;	/* "" where it tells none */
	struct text		 encoding;	/* "" is the same as 8bit */
	/* Parameters filename and name, in whatever form they came. */
	struct parameter	*names;
	size_t			 names_count;
	size_t			 names_room;
};

/* Lives in arena. */
void	entity_init(struct entity *entity, struct arena *arena,
	    const struct part *part);

#endif
