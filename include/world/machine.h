/*
 * machine - the env of the pure rooms, made of this machine's clock, random
 * numbers, log and connections.
 */
#ifndef WORLD_MACHINE_H
#define WORLD_MACHINE_H

#include "session/env.h"

struct breaker;

/*
 * Safe from any thread as long as the breaker lives, which is one for a daemon
 * and all its configurations; NULL where no milter is ever asked.
 */
struct env	machine_env(struct breaker *breaker);
/*
 * Log lines: what was decided, by source; and for each milter behind us how
 * often it was asked, failed, and was not asked because it rested.
 */
void		machine_log_counters(const struct env *env);

#endif
