/*
 * entity - what the header of one MIME part says about it.
 *
 * Takes the first of contradicting fields, but the file names of all.  Pure;
 * safe from any thread.
 */
#ifndef POLICY_ENTITY_H
#define POLICY_ENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/mime.h"

struct arena;
struct part;

#define ENTITY_FIELD_BYTES_MAX	65536	/* of one field that is read */
#define ENTITY_FIELDS_MAX	20	/* read of one part */

enum entity_kind {
	ENTITY_TEXT,
	ENTITY_MULTIPART,
	ENTITY_MESSAGE,		/* message/rfc822 and its like */
	ENTITY_PARTIAL,		/* message/partial: the rest is elsewhere */
	ENTITY_OTHER
};

struct entity {
	enum entity_kind	 kind;
	bool			 is_digest;	/* multipart/digest */
	bool			 has_boundary;
	bool			 is_attachment;
	bool			 complete;	/* false: beyond these limits */
	struct text		 boundary;
	struct text		 charset;	/* "" where it tells none */
	struct text		 encoding;	/* "" is the same as 8bit */
	/* Parameters filename and name, in whatever form they came. */
	struct parameter	*names;
	size_t			 names_count;
	size_t			 names_room;
};

/* Lives in arena but for names: give it to entity_release(). */
void	entity_init(struct entity *entity, struct arena *arena,
	    const struct part *part);
void	entity_release(struct entity *entity);

#endif
