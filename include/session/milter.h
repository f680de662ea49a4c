/*
 * milter - what the configuration says of one milter behind us.
 *
 * Immutable; lives in its snapshot.  Times are in milliseconds.
 */
#ifndef SESSION_MILTER_H
#define SESSION_MILTER_H

#include <stdbool.h>

#define MILTERS_MAX	32	/* of a configuration */

/* What becomes of mail when the milter cannot be asked. */
enum milter_error {
	MILTER_ERROR_ACCEPT,	/* of this message: as if it had accepted */
	MILTER_ERROR_DEFER,	/* a temporary refusal that blames us */
	MILTER_ERROR_SKIP,	/* as if it were not there until the client's
				   connection ends */
	MILTER_ERROR_COUNT
};

struct milter {
	const char		*name;		/* "rspamd" */
	const char		*socket;	/* "inet:11332@127.0.0.1" */
	enum milter_error	 on_error;
	bool			 observe;	/* asked, logged, not obeyed */
	unsigned		 version;	/* of the protocol to offer */
	unsigned		 connect_timeout_ms;
	unsigned		 answer_timeout_ms;	/* of a step */
	unsigned		 end_timeout_ms;	/* of the whole end of
							   message */
	unsigned		 rest_ms;	/* not asked, once it failed */
	unsigned		 failures_max;	/* in a row, before it rests */
};

#endif
