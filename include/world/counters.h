/*
 * counters - how often what was decided, since the start.
 *
 * One of the few globals: numbers that only grow.  Safe from any thread.
 */
#ifndef WORLD_COUNTERS_H
#define WORLD_COUNTERS_H

struct record;

void	counters_add(const struct record *record);
/* A log line for each source that decided anything, with its outcomes. */
void	counters_log(void);

#endif
