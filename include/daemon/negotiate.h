/*
 * negotiate - what we ask of an MTA, as libmilter's bits and macro lists.
 *
 * Pure, so that a test can go through every MTA; safe from any thread.
 */
#ifndef DAEMON_NEGOTIATE_H
#define DAEMON_NEGOTIATE_H

#include <stdbool.h>

#include "policy/stage.h"

struct demand;
struct strbuf;

/* Both as xxfi_negotiate() returns them: SMFIF_* and SMFIP_* bits. */
struct agreement {
	unsigned long	actions;
	unsigned long	steps;
};

/* No bit is in it that the MTA did not offer. */
struct agreement	agreement_make(const struct demand *demand,
			    unsigned long actions_offered,
			    unsigned long steps_offered);

/* True if the MTA waits for no answer to the callback of this stage. */
bool	agreement_is_quiet(const struct agreement *agreement,
	    enum stage stage);

/*
 * The macros to ask for at a place (SMFIM_*, or enum milter_place) as
 * smfi_setsymlist() wants them: "i {auth_authen}"; empty where none are needed
 * there.
 */
void	demand_symbols(const struct demand *demand, int place,
	    struct strbuf *out);

/* Fields for the log: steps=connect,mail,rcpt headers=no body=no ... */
void	demand_format(const struct demand *demand, struct strbuf *line);

#endif
