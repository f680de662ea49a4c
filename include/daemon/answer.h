/*
 * answer - what a session says, carried out through libmilter.
 *
 * Whatever fails on the way ends in a temporary refusal and a line in the log:
 * no refusal becomes an acceptance, and no mail is lost.
 */
#ifndef DAEMON_ANSWER_H
#define DAEMON_ANSWER_H

#include <libmilter/mfapi.h>

struct answer;

/* Returns what the callback has to return. */
sfsistat	answer_give(SMFICTX *ctx, const struct answer *answer);
/* The same at the end of the message, where a message can be changed. */
sfsistat	answer_give_end(SMFICTX *ctx, const struct answer *answer);

#endif
