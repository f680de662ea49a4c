/*
 * origin - who wrote a reply: the word for it, in --from and in a `from' of the
 * configuration.
 *
 * "mta" is our mail server, whichever software it is; "milter NAME" a milter
 * behind us; "postfix" software of which we know replies, by a file of that
 * name in etc/recognise.  "" is for nobody knows.  Pure; safe from any thread.
 */
#ifndef REPLY_ORIGIN_H
#define REPLY_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diag;
struct strbuf;
struct unwrapped;

#define ORIGIN_MTA	"mta"
#define ORIGIN_POSTFIX	"postfix"
#define ORIGIN_NO_FILE	SIZE_MAX

/* The built-in files, in the order in which they are asked. */
size_t		 origin_file_count(void);
const char	*origin_file(size_t n);
/* The file of this origin's software, or ORIGIN_NO_FILE. */
size_t		 origin_file_find(const char *origin);

/* "milter NAME", in the arena. */
const char	*origin_of_milter(struct arena *arena, const char *name);
bool		 origin_is_milter(const char *origin);

/*
 * Is a meaning with this `from' one for replies of origin?  "" is for all;
 * "mta" for each mail server and the other way round; "rspamd" for "milter
 * rspamd", too.
 */
bool		 origin_match(const char *from, const char *origin);

/*
 * Who wrote the words, where the log names the program and nobody else; else
 * "".
 */
const char	*origin_guess(const struct unwrapped *unwrapped);

/* All that may be written with a configuration; lives in its arena. */
struct origins {
	size_t		 count;
	const char	**names;
};

/* milters: the names of those that it has. */
const struct origins	*origins_new(struct arena *arena,
			    const char *const milters[], size_t count);
/* Returns 0, or -1 with the reason, and what was meant, in diag. */
int		 origins_check(const struct origins *origins,
		    const char *written, struct diag *diag);
/* Adds "mta, postfix, ..., milter rspamd". */
void		 origins_format(const struct origins *origins,
		    struct strbuf *out);

#endif
