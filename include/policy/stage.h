/*
 * stage - the steps of an SMTP conversation at which something can be decided.
 *
 * Everything that the message itself tells is decided at its end: no MTA can
 * stop a client between two header lines, so asking earlier would only cost
 * round trips.  Pure; safe from any thread.
 */
#ifndef POLICY_STAGE_H
#define POLICY_STAGE_H

enum stage {
	STAGE_CONNECT,		/* xxfi_connect */
	STAGE_HELO,		/* xxfi_helo: HELO or EHLO */
	STAGE_MAIL,		/* xxfi_envfrom: MAIL */
	STAGE_RCPT,		/* xxfi_envrcpt: RCPT, for each recipient */
	STAGE_EOM,		/* xxfi_eom: end of message */
	STAGE_COUNT
};

const char	*stage_name(enum stage stage);	/* "connect", "helo", ... */

#endif
