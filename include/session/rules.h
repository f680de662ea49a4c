/*
 * rules - all that a session goes by, made of one configuration.
 *
 * Immutable; whoever starts a session keeps it alive until the session ends.
 */
#ifndef SESSION_RULES_H
#define SESSION_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/message.h"
#include "reply/render.h"
#include "session/demand.h"

struct catalogue;
struct knowledge;
struct matcher;
struct milter;
struct origins;
struct plan;
struct reason;

struct rules {
	const struct plan	*plan;
	const struct catalogue	*catalogue;
	const struct knowledge	*knowledge;
	const struct origins	*origins;	/* of replies to be known */
	size_t			 milter_count;
	const struct milter	*milters;	/* in their order */
	struct letterhead	 letterhead;
	const struct matcher	*never_refuse;	/* addresses */
	const struct reason	*fault;		/* has a temporary form */
	const struct reason	*separate;	/* this one, too */
	const struct reason	*unasked;	/* for milters; this one, too */
	struct message_limits	 limits;
	size_t			 message_bytes_max;	/* for milters */
	bool			 observe;	/* mode = "observe" */
	bool			 refuse_early;	/* refuse_at = "earliest" */
	bool			 show_case;
	bool			 maps;		/* a map asks us, too */
	struct demand		 demand;	/* by demand_find() */
};

#endif
