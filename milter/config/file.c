#include "config/file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"

#define PIECE_BYTES	65536

/* strerror() knows a locale and shares a buffer; these are all one needs. */
static const char *
cause(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "there is no such file";
	case EACCES:
	case EPERM:
		return "this user may not read it";
	case EISDIR:
		return "it is a folder";
	case ELOOP:
		return "its links go round in circles";
	case ENAMETOOLONG:
		return "its name is too long";
	default:
		return "the system gives no file of this name";
	}
}

static int
cannot_read(const char *path, const char *why, struct diag *diag)
{
	struct strbuf name = STRBUF_INIT;

	names_quote(&name, path);
	diag_error(diag, "cannot read %s: %s", name.text, why);
	strbuf_release(&name);
	return -1;
}

/* Returns NULL, or why not. */
static const char *
read_pieces(int fd, void (*take)(void *arg, const char *bytes, size_t len),
    void *arg)
{
	char piece[PIECE_BYTES];
	size_t total = 0;
	struct stat about;
	ssize_t n;

	if (fstat(fd, &about) == -1)
		return cause(errno);
	if (S_ISDIR(about.st_mode))
		return cause(EISDIR);
	if (!S_ISREG(about.st_mode))
		return "it is no file of text";
	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return "reading it failed";
		total += (size_t)n;
		if (total > FILE_BYTES_MAX)
			return "it has more than 64 MB";
		take(arg, piece, (size_t)n);
	}
	return NULL;
}

int
file_read_pieces(const char *path,
    void (*take)(void *arg, const char *bytes, size_t len), void *arg,
    struct diag *diag)
{
	const char *why;
	int fd;

	/* O_NONBLOCK: a pipe without a writer would block the open. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return cannot_read(path, cause(errno), diag);
	why = read_pieces(fd, take, arg);
	close(fd);
	return why == NULL ? 0 : cannot_read(path, why, diag);
}

static void
add_piece(void *arg, const char *bytes, size_t len)
{
	strbuf_add(arg, bytes, len);
}

int
file_read(const char *path, struct strbuf *out, struct diag *diag)
{
	size_t before = out->len;
	int rc = file_read_pieces(path, add_piece, out, diag);

	if (rc == -1)
		strbuf_cut(out, before);
	return rc;
}

size_t
file_folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

const char *
file_beside(struct arena *arena, const char *naming, const char *path)
{
	size_t folder_len = path[0] != '/' ? file_folder_len(naming) : 0;

	return arena_format(arena, "%.*s%s", (int)folder_len, naming, path);
}
