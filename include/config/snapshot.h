/*
 * snapshot - one configuration, read, compiled and checked.
 *
 * A snapshot never changes after snapshot_load() made it.  It is counted: a
 * session holds one reference from connect to close, so that no message sees
 * half of a reload.  The last reference frees it, or hands it to a thread that
 * has the time for that.  All functions but snapshot_load() and
 * snapshot_retire_to() are safe from any thread.
 */
#ifndef CONFIG_SNAPSHOT_H
#define CONFIG_SNAPSHOT_H

#include <stddef.h>

struct catalogue;
struct diag;
struct expectation;
struct lists;
struct rules;
struct settings;
struct snapshot;
struct strbuf;

/*
 * Reads the file and all that it includes, checks everything, runs the lint
 * rules on every reply and the expect cases.  Every problem goes to diag with
 * file and line, sorted.  Returns a snapshot with one reference, or NULL if
 * there was an error; warnings alone do not stop it.
 */
struct snapshot	*snapshot_load(const char *file, struct diag *diag);
/*
 * As snapshot_load(), but takes over what before has and would be the same:
 * the entries of lists whose files have the same bytes.  before may go first,
 * or be NULL.
 */
struct snapshot	*snapshot_load_again(const char *file,
		    const struct snapshot *before, struct diag *diag);
/* As snapshot_load(), but an expect case that fails is only a warning. */
struct snapshot	*snapshot_load_for_tools(const char *file,
		    struct diag *diag);
/* As snapshot_load(), but of text; file is its name in messages. */
struct snapshot	*snapshot_load_text(const char *text, const char *file,
		    struct diag *diag);

struct snapshot	*snapshot_get(struct snapshot *snapshot);	/* one more */
void		 snapshot_put(struct snapshot *snapshot);	/* one less */

/*
 * Snapshots that nobody has a reference to any more, until they are freed: for
 * a large one that takes milliseconds, which a session must not wait for.
 */
struct retired {
	_Atomic(struct snapshot *) newest;
	/* Told of each, in the thread that put it; it must not block. */
	void		(*notify)(void *arg);
	void		*arg;
};

/* Before others have it.  retired must outlive all references. */
void		 snapshot_retire_to(struct snapshot *snapshot,
		    struct retired *retired);
void		 retired_free(struct retired *retired);	/* those so far */

const struct settings	*snapshot_settings(const struct snapshot *snapshot);
const struct rules	*snapshot_rules(const struct snapshot *snapshot);
const struct catalogue	*snapshot_catalogue(const struct snapshot *snapshot);
/* How many rows of `recognise' it has. */
size_t			 snapshot_recognise_count(
			    const struct snapshot *snapshot);
/* How many expect cases it has; all of them passed. */
size_t			 snapshot_expect_count(const struct snapshot *snapshot);
/* Names of the files it was read from, for people. */
const char *const	*snapshot_files(const struct snapshot *snapshot,
			    size_t *count);

/* The configuration as text that loads to the same, with every setting. */
void	snapshot_print(const struct snapshot *snapshot, struct strbuf *out);

#endif
