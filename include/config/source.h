/*
 * source - the text of a configuration, and where each of its lines stands.
 *
 * All files that the first one includes are joined into one text, so that
 * libconfig never opens a file: it would leave the program where a name turns
 * out to be a folder.  It also takes without a word an open comment or quote
 * (and loses all that follows) and a number beyond 31 bits (and changes it);
 * these are found here.
 *
 * "@include" stands at the beginning of a line, as in libconfig; its path is
 * relative to the folder of the file it stands in.
 */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include <stddef.h>

#include "base/diag.h"
#include "base/strbuf.h"

struct arena;

#define INCLUDE_DEPTH_MAX	10
#define SOURCE_BYTES_MAX	((size_t)64 * 1024 * 1024)

struct source {
	struct arena	*arena;		/* holds the names of files */
	struct strbuf	 text;		/* all lines, each ended by \n */
	struct place	*places;	/* of each line; line 1 is places[0] */
	size_t		 count;
	size_t		 room;
	const char	**files;	/* in the order of reading */
	size_t		 file_count;
	size_t		 file_room;
};

void	source_init(struct source *source, struct arena *arena);
void	source_release(struct source *source);

/* Returns 0; or -1 with every problem at its place in diag. */
int	source_read(struct source *source, const char *file,
	    struct diag *diag);
/* The same with a text that is at hand; file is its name. */
int	source_read_text(struct source *source, const char *text,
	    const char *file, struct diag *diag);

/* Where line n (from 1) of the joined text stands. */
struct place	 source_place(const struct source *source, unsigned line);

#endif
