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

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/strbuf.h"

struct arena;

#define INCLUDE_DEPTH_MAX	10
#define SOURCE_BYTES_MAX	((size_t)64 * 1024 * 1024)

/* Lines, from 1, whose mistakes may come of another one told already. */
struct doubt {
	unsigned	from, to;
};

struct source {
	struct arena	*arena;		/* holds the names of files */
	struct strbuf	 text;		/* all lines, each ended by \n */
	struct place	*places;	/* of each line; line 1 is places[0] */
	size_t		 count;
	size_t		 room;
	const char	**files;	/* in the order of reading */
	size_t		 file_count;
	size_t		 file_room;
	struct doubt	*doubts;
	size_t		 doubt_count;
	size_t		 doubt_room;
	/* Behind this line it may be prose of an open comment; 0: none. */
	unsigned	 unsure_from;
	bool		 broken;	/* too much is missing to go on */
};

void	source_init(struct source *source, struct arena *arena);
void	source_release(struct source *source);

/*
 * Returns 0; or -1 with every problem at its place in diag.  The text is then
 * mended as far as that is sure, so that the rest of it can be checked: a
 * quote is closed on its line, an @include that fails takes in nothing.
 */
int	source_read(struct source *source, const char *file,
	    struct diag *diag);
/* The same with a text that is at hand; file is its name. */
int	source_read_text(struct source *source, const char *text,
	    const char *file, struct diag *diag);

/* Where line n (from 1) of the joined text stands. */
struct place	 source_place(const struct source *source, unsigned line);

/* Marks lines of the joined text: what is found there is not told. */
void		 source_doubt(struct source *source, unsigned from,
		    unsigned to);
bool		 source_is_doubtful(const struct source *source,
		    unsigned line);
/* The same by a place. */
bool		 source_place_is_doubtful(const struct source *source,
		    const char *file, unsigned line);

#endif
