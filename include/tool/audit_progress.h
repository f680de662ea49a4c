/*
 * audit_progress - how far a long work is, on a terminal.
 *
 * One line of standard error that is written over and at last erased; nothing
 * where standard error is no terminal.
 */
#ifndef TOOL_AUDIT_PROGRESS_H
#define TOOL_AUDIT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct logfile;

struct progress {
	FILE		*err;
	bool		 shown;		/* it is a terminal */
	uint64_t	 started_ms;
	uint64_t	 drawn_ms;
	unsigned	 waiting;	/* lines until the clock is asked */
};

void	progress_begin(struct progress *progress, FILE *err);
/* Once for each line; lines is their number so far, of all files. */
void	progress_step(struct progress *progress, const char *name,
	    const struct logfile *file, uint64_t lines);
/* Erases it: before any other text, and at the end. */
void	progress_erase(struct progress *progress);

#endif
