/*
 * refused - which session does a refusal belong to that a map asks about?
 *
 * Postfix tells its milters of a recipient that it refused (SMFIP_RCPT_REJ),
 * and right after that asks its maps for the text.  Sessions put a note here
 * with what they know; it stays until their next event.  The map finds the
 * notes with the same words.  Where several sessions could be meant, only what
 * they all agree on is told: never a wrong value.
 *
 * Replies of our own are noted as well, for Postfix asks about them, too, and
 * they must come back as they are.
 *
 * One for a daemon; all functions are safe from any thread.
 */
#ifndef SESSION_REFUSED_H
#define SESSION_REFUSED_H

#include <stdbool.h>
#include <stddef.h>

#include "reply/value.h"

struct arena;
struct refused;
struct reply;

#define REFUSED_NOTES_MAX	100000	/* the oldest are forgotten first */

struct refused	*refused_new(void);
void		 refused_free(struct refused *refused);	/* or NULL */

/*
 * recipient as RCPT carried it; text as in {rcpt_addr}: "Relay access denied",
 * with the basic code before or without, without the recipient before or
 * with; values are copied.  session is only a key.
 */
void		 refused_note(struct refused *refused, const void *session,
		    const char *recipient, const char *enhanced,
		    const char *text, const struct values *values);
void		 refused_note_own(struct refused *refused,
		    const void *session, const struct reply *reply);
/*
 * The session goes on or ends: its notes are dropped.  Returns true if there
 * was a note of a refusal that no map had asked about.
 */
bool		 refused_forget(struct refused *refused, const void *session);

enum refused_found {
	REFUSED_NONE,		/* no session, or none that is left */
	REFUSED_ONE,
	REFUSED_SEVERAL,	/* values: what all of them agree on */
	REFUSED_OWN		/* a reply of ours */
};

/*
 * reply is the whole reply that the map is asked about, lines apart by CRLF.
 * Values are copied to the arena; what is not known is NULL.
 */
enum refused_found	 refused_find(struct refused *refused,
			    struct arena *arena, const char *reply,
			    size_t len, struct values *values);

#endif
