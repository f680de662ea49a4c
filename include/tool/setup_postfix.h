/*
 * setup_postfix - what attaches a Postfix, between the files that know it:
 * setup_postfix.c for milters, setup_postfix_list.c for the entries of their
 * lists, setup_postfix_times.c for how long it waits for us,
 * setup_postfix_maps.c for its own refusals.
 */
#ifndef TOOL_SETUP_POSTFIX_H
#define TOOL_SETUP_POSTFIX_H

#include "tool/setup.h"
#include "tool/setup_main_cf.h"

/* What is known of one Postfix. */
struct postfix {
	struct setup	*setup;
	struct main_cf	 main_cf;
	const char	*version;
	const char	*queue;		/* its queue_directory */
	const char	*milter;	/* our socket, as Postfix writes it */
};

/* The value of a parameter, in the arena; "" where it has none. */
const char	*postfix_get(const struct postfix *postfix, const char *name);
/* The same without $names. */
const char	*postfix_get_expanded(const struct postfix *postfix,
		    const char *name);
/* "inet:127.0.0.1:8894", "unix:milter-reply/socket" */
const char	*postfix_socket(const struct postfix *postfix,
		    const struct socket_name *name);
/* wanted is compared with found where state is SETUP_STATE_COUNT. */
void		 postfix_add(const struct postfix *postfix, const char *name,
		    const char *wanted, const char *found,
		    enum setup_state state, const char *why);

/* The entry of a list of milters that is ours; false where there is none. */
bool		 postfix_find_ours(const struct postfix *postfix,
		    const char *list, struct text *entry);
/* The list without our entries, in the arena. */
const char	*postfix_list_without_ours(const struct postfix *postfix,
		    const char *list);
/*
 * The list without those that we ask ourselves, in the arena; *twice names
 * them, "" for none: "inet:127.0.0.1:11332 (rspamd)".
 */
const char	*postfix_list_without_twice(const struct postfix *postfix,
		    const char *list, const char **twice);

/*
 * What of its time limits is too short for the milters behind us, as
 * attributes for an entry of ours; in the arena, "" for none.
 */
const char	*postfix_time_attributes(const struct postfix *postfix);
/* The time limits; own is our entry in smtpd_milters, or has no bytes. */
void		 postfix_add_times(const struct postfix *postfix,
		    struct text own);

/* The tables that ask the service of maps, by the version of Postfix. */
void		 postfix_add_maps(const struct postfix *postfix);
/* Without that service: the tables that ask it all the same. */
void		 postfix_add_no_maps(const struct postfix *postfix);

#endif
