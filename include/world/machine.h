/*
 * machine - the env of the pure rooms, made of this machine's clock, random
 * numbers, log and connections.
 */
#ifndef WORLD_MACHINE_H
#define WORLD_MACHINE_H

#include "session/env.h"

/* Immutable and valid for the whole run; safe from any thread. */
const struct env	*machine_env(void);
/*
 * Log lines: what was decided, by source; and for each milter behind us how
 * often it was asked, failed, and was not asked because it rested.
 */
void			 machine_log_counters(void);

#endif
