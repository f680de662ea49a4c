/*
 * demand - what an MTA must be asked for, so that the rules can be followed.
 *
 * Every step that the MTA need not tell of, or need not wait for, is a round
 * trip saved for each mail.  A plain value: what the policies need is worked
 * out once for a configuration and kept in its rules; a session with milters
 * behind us adds what these need.
 */
#ifndef SESSION_DEMAND_H
#define SESSION_DEMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/stage.h"
#include "wire/milter.h"

struct arena;
struct diag;
struct milter;
struct rules;

#define DEMAND_MACROS_MAX	48	/* Sendmail takes no more than 50 */
#define DEMAND_MACRO_LEN_MAX	100	/* of one name; Sendmail has 25 */

struct demand {
	bool	 ask[STAGE_COUNT];	/* tell us of this stage */
	bool	 answer[STAGE_COUNT];	/* and wait for our answer */
	bool	 unknown;		/* the same of unknown commands */
	bool	 headers;
	bool	 body;
	bool	 leading_space;		/* header values as they are */
	bool	 separate;		/* protected recipients come alone */
	uint32_t actions;		/* at the end of message:
					   MILTER_MAY_* */
	size_t	 macro_count[MILTER_PLACE_COUNT];
	const char *macros[MILTER_PLACE_COUNT][DEMAND_MACROS_MAX]; /* no
					   braces */
};

/* The place whose macros belong to a stage, and the reverse. */
enum milter_place	demand_place(enum stage stage);
enum stage		demand_stage(enum milter_place place);

/*
 * Works out the demand of rules whose other members are set.  The names of
 * macros live as long as the rules.  Returns 0, or -1 with an error in diag
 * where policies name more macros, or longer ones, than an MTA can be asked
 * for.
 */
int	demand_find(struct demand *demand, const struct rules *rules,
	    struct diag *diag);

/*
 * Adds what a milter behind us asked for.  terms NULL: nobody knows yet, so
 * everything.  Names of macros are copied to the arena; more than
 * DEMAND_MACROS_MAX at a place are left out, and those that are too long.
 */
void	demand_add_milter(struct demand *demand, struct arena *arena,
	    const struct rules *rules, const struct milter *milter,
	    const struct milter_terms *terms);
/* True if the demand has all of what it asks for, macros apart. */
bool	demand_covers(const struct demand *demand, const struct rules *rules,
	    const struct milter *milter, const struct milter_terms *terms);

#endif
