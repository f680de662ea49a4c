/*
 * reason - why mail is refused: a named entry of the catalogue.
 *
 * The built-in catalogue is reasons.def.  The configuration makes a copy with
 * changes and new reasons; once loaded it never changes, so that any thread
 * may read it.
 */
#ifndef REPLY_REASON_H
#define REPLY_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "reply/status.h"

struct arena;
struct template;

/* On whose side the cause is (RFC 3463 section 3, the subject digit). */
enum side {
#define SIDE(id, name, help)	SIDE_##id,
#include "reply/side.def"
#undef SIDE
	SIDE_COUNT
};

const char	*side_name(enum side side);
const char	*side_help(enum side side);
/* Returns 0, or -1 with an error in diag. */
int		 side_from_name(const char *name, enum side *side,
		    struct diag *diag);
/* The side that the subject digit of a status speaks of. */
enum side	 side_from_subject(unsigned subject);

enum form { FORM_PERMANENT, FORM_TEMPORARY, FORM_COUNT };

const char	*form_name(enum form form);	/* "permanent", "temporary" */

struct reason_form {
	bool			 present;
	struct status		 status;
	const struct template	*what;		/* line 1: what happened */
	const struct template	*fix;		/* line 2: who does what now */
};

struct reason {
	const char		*name;		/* "no-such-mailbox" */
	const char		*title;		/* "Unknown user": for lists */
	enum side		 side;
	const char		*reference;	/* of the code pairs; "" */
	struct reason_form	 forms[FORM_COUNT];
	struct place		 place;		/* PLACE_NONE: built in */
	bool			 builtin;	/* began as a built-in entry */
};

/*
 * What a configuration says of one reason, setting by setting; NULL is "not
 * said".  status, what and fix are the permanent form, and of the temporary
 * one for a status of class 4; temporary_* are the temporary form.
 */
struct reason_change {
	const char	*name;
	const char	*title;
	const char	*side;
	const char	*status, *what, *fix;
	const char	*temporary_status, *temporary_what, *temporary_fix;
	struct place	 place;
};

struct catalogue;

/* A catalogue of the built-in reasons, in arena. */
struct catalogue	*catalogue_new(struct arena *arena);
/*
 * Changes a reason or adds a new one.  Returns 0, or -1 with every problem in
 * diag (without a place, begun by its setting: "status: ...") and the catalogue
 * unchanged.  A reason that catalogue_find() gave before stays as it was.  The
 * side of a new reason, where none is said, is that of its subject.
 *
 * No built-in reason says 551, for it discloses an address (RFC 5321 section
 * 3.4): to set it, with <{new_rcpt}> in what, is the consent of the site.
 */
int	catalogue_change(struct catalogue *catalogue,
	    const struct reason_change *change, struct diag *diag);
/* NULL where there is none; catalogue_unknown() says what was meant. */
const struct reason	*catalogue_find(const struct catalogue *catalogue,
			    const char *name);
void	catalogue_unknown(const struct catalogue *catalogue, const char *name,
	    struct diag *diag);
size_t	catalogue_count(const struct catalogue *catalogue);
/* Built-in ones first, in their order, then new ones as they came. */
const struct reason	*catalogue_at(const struct catalogue *catalogue,
			    size_t n);

#endif
