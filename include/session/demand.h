/*
 * demand - what an MTA must be asked for, so that the rules can be followed.
 *
 * Every step that the MTA need not tell of, or need not wait for, is a round
 * trip saved for each mail.  A plain value, worked out once for a
 * configuration and kept in its rules.
 */
#ifndef SESSION_DEMAND_H
#define SESSION_DEMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/stage.h"

struct diag;
struct rules;

#define DEMAND_MACROS_MAX	48	/* Sendmail takes no more than 50 */

struct demand {
	bool	ask[STAGE_COUNT];	/* tell us of this stage */
	bool	answer[STAGE_COUNT];	/* and wait for our answer */
	bool	headers;
	bool	body;
	bool	separate;		/* protected recipients come alone */
	bool	quarantine;		/* actions at the end of message */
	bool	delete_recipients;
	size_t	macro_count[STAGE_COUNT];
	const char *macros[STAGE_COUNT][DEMAND_MACROS_MAX];	/* no braces */
};

/*
 * Works out the demand of rules whose other members are set.  The names of
 * macros live as long as the rules.  Returns 0, or -1 with an error in diag
 * where policies name more macros than an MTA can be asked for.
 */
int	demand_find(struct demand *demand, const struct rules *rules,
	    struct diag *diag);

#endif
