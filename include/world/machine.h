/*
 * machine - the env of the pure rooms, made of this machine's clock, random
 * numbers and log.
 */
#ifndef WORLD_MACHINE_H
#define WORLD_MACHINE_H

#include "session/env.h"

/* Immutable and valid for the whole run; safe from any thread. */
const struct env	*machine_env(void);

#endif
