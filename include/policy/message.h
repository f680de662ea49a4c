/*
 * message - the header fields and body of one mail as the MTA sent them.
 *
 * Keeps no more than its limits allow, and knows when it let something go.
 * What policies ask for is decoded at the first question and remembered.
 * Belongs to one session, thus to one thread at a time.
 */
#ifndef POLICY_MESSAGE_H
#define POLICY_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/walk.h"

struct arena;
struct message;

#define MESSAGE_HEADER_BYTES_MAX	(1024 * 1024)	/* of all fields */
#define MESSAGE_FIELDS_MAX		2000

struct message_limits {
	size_t			 body_bytes_max;	/* kept for MIME */
	struct walk_limits	 mime;
};

/* An empty message; it and all results live in arena, and go with it. */
struct message	*message_new(struct arena *arena,
		    const struct message_limits *limits);
/* One field; value as from the MTA, perhaps folded.  Counted for size, too. */
void		 message_add_field(struct message *message, const char *name,
		    const char *value);
/*
 * The next piece of the body; all fields come before.  keep false: only
 * counted for the size, and what is asked of the body is not complete.
 */
void		 message_add_body(struct message *message, const void *bytes,
		    size_t len, bool keep);

/* Size as transmitted: fields, empty line and body. */
uint64_t	 message_size_bytes(const struct message *message);
/*
 * Number of fields of this name, letter case apart: among those that the
 * limits let be kept, but of Received, for hops, all.
 */
size_t		 message_count_fields(const struct message *message,
		    const char *name);
/*
 * The values of all fields of a name, unfolded, without white space around
 * them; raw as they came, or decoded.  Not complete where the limits made the
 * message let go of any field, or left encoded words as they are.
 */
struct texts	 message_fields(struct message *message, const char *name,
		    bool raw);
/* File names and text parts: walk_message() at the first call of either. */
struct texts	 message_attachments(struct message *message);
struct texts	 message_bodies(struct message *message);
/* The domain in the From field; "" where there is none or more than one. */
struct text	 message_from_domain(struct message *message);

#endif
