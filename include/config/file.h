/*
 * file - text files, read at once or in pieces.
 *
 * Only regular files of a bounded size: a folder, a pipe or a disk image named
 * by mistake must not hold up a reload.  Safe from any thread.
 */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stddef.h>

struct arena;
struct diag;
struct strbuf;

#define FILE_BYTES_MAX	((size_t)64 * 1024 * 1024)

/*
 * Adds the bytes of the file to out.  Returns 0; or -1 with the reason in
 * diag, without a place, and out unchanged.
 */
int	file_read(const char *path, struct strbuf *out, struct diag *diag);

/*
 * Calls take(arg, ...) for one piece after another, of a few kilobytes each.
 * Returns 0; or -1 with the reason in diag, without a place, maybe after some
 * pieces.
 */
int	file_read_pieces(const char *path,
	    void (*take)(void *arg, const char *bytes, size_t len), void *arg,
	    struct diag *diag);

/*
 * The path of a file that another one names: relative names begin at the
 * folder in which the naming file lies.  The result is in the arena.
 */
const char	*file_beside(struct arena *arena, const char *naming,
		    const char *path);
/* The length of the folder's part of a path, with the "/" behind it. */
size_t		 file_folder_len(const char *path);

#endif
