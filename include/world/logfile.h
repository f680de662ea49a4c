/*
 * logfile - the lines of a log, however it is kept.
 *
 * Plain or compressed with gzip, which the content tells; lines of syslog, or
 * journald's entries as `journalctl -o export' and `-o json' write them, which
 * become lines of syslog.  The only file that knows zlib.  Belongs to one
 * thread at a time.
 */
#ifndef WORLD_LOGFILE_H
#define WORLD_LOGFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct diag;
struct logfile;

#define LOGFILE_LINE_MAX 100000	/* bytes; the rest of a line is passed over */

/* path "-": standard input.  Returns NULL with the reason in diag. */
struct logfile	*logfile_open(const char *path, struct diag *diag);
/*
 * The next line, without its end; it holds until the next call.  Returns false
 * at the end, and where reading failed, which logfile_close() tells.
 */
bool		 logfile_next(struct logfile *file, struct text *line);
/* How much of the file was read; *total is 0 where its size is unknown. */
void		 logfile_position(const struct logfile *file, uint64_t *done,
		    uint64_t *total);
/* Returns 0; or -1 with the reason in diag, if not all could be read. */
int		 logfile_close(struct logfile *file, struct diag *diag);

#endif
