#include "world/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "world/errno_text.h"
#include "world/json.h"

#define BUFFER_BYTES	(256u * 1024)
#define NAME_MAX_BYTES	64	/* of a field of journald */

_Static_assert(BUFFER_BYTES > 2 * LOGFILE_LINE_MAX,
    "a line that is cut fits into the buffer");

enum form {
	FORM_UNKNOWN,		/* until the first line that is not empty */
	FORM_LINES,
	FORM_EXPORT,
	FORM_JSON
};

/* What is kept of an entry of journald. */
enum field { FIELD_MESSAGE, FIELD_PROGRAM, FIELD_COUNT };

static const char *const field_names[FIELD_COUNT] = {
	[FIELD_MESSAGE] = "MESSAGE",
	[FIELD_PROGRAM] = "SYSLOG_IDENTIFIER",
};

struct logfile {
	gzFile		 gz;
	uint64_t	 total;		/* bytes of the file; 0 unknown */
	enum form	 form;
	bool		 ended;		/* all is in the buffer */
	bool		 skipping;	/* the rest of a line that was cut */
	int		 error;		/* of zlib, while reading */
	char		*buffer;
	size_t		 start, end;	/* of what is not yet read in it */
	struct strbuf	 fields[FIELD_COUNT];
	struct strbuf	 line;		/* made of an entry */
};

static struct logfile *
failed(const char *path, const char *why, struct diag *diag)
{
	diag_error(diag, "cannot read \"%s\": %s", path, why);
	return NULL;
}

struct logfile *
logfile_open(const char *path, struct diag *diag)
{
	bool standard = strcmp(path, "-") == 0;
	struct logfile *file;
	char why[ERRNO_TEXT_MAX];
	struct stat found;
	int fd;

	/* A copy, because zlib closes what it read. */
	fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) :
	    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return failed(path, errno_text(errno, why), diag);
	if (fstat(fd, &found) == -1 || S_ISDIR(found.st_mode)) {
		close(fd);
		return failed(path, "it is a folder, not a file", diag);
	}
	file = xcalloc(1, sizeof(*file));
	file->gz = gzdopen(fd, "rb");
	if (file->gz == NULL)
		abort();	/* there is no memory */
	(void)gzbuffer(file->gz, BUFFER_BYTES);
	file->total = S_ISREG(found.st_mode) ? (uint64_t)found.st_size : 0;
	file->buffer = xmalloc(BUFFER_BYTES);
	for (int f = 0; f < FIELD_COUNT; f++)
		strbuf_init(&file->fields[f]);
	strbuf_init(&file->line);
	return file;
}

/* Reads more behind what is there.  False where there is no more. */
static bool
fill(struct logfile *file)
{
	size_t len = file->end - file->start;
	int got;

	if (file->ended)
		return false;
	memmove(file->buffer, file->buffer + file->start, len);
	file->start = 0;
	file->end = len;
	got = gzread(file->gz, file->buffer + len,
	    (unsigned)(BUFFER_BYTES - len));
	if (got <= 0) {
		file->ended = true;
		if (got < 0)
			(void)gzerror(file->gz, &file->error);
		return false;
	}
	file->end += (size_t)got;
	return true;
}

static void
line_cut(struct text *line)
{
	if (line->len > LOGFILE_LINE_MAX)
		line->len = LOGFILE_LINE_MAX;
	if (line->len > 0 && line->bytes[line->len - 1] == '\r')
		line->len--;
}

/* The next line as the file has it. */
static bool
line_take(struct logfile *file, struct text *line)
{
	size_t seen = 0;

	for (;;) {
		const char *start = file->buffer + file->start;
		size_t len = file->end - file->start;
		const char *end = memchr(start + seen, '\n', len - seen);
		bool skipped = file->skipping;

		line->bytes = start;
		if (end != NULL) {
			line->len = (size_t)(end - start);
			file->start += line->len + 1;
			file->skipping = false;
			if (!skipped)
				break;
			seen = 0;
		} else if (len >= LOGFILE_LINE_MAX) {
			line->len = len;
			file->start = file->end;
			file->skipping = true;
			if (!skipped)
				break;
			seen = 0;
		} else if (fill(file)) {
			seen = len;
		} else {
			line->len = len;
			file->start = file->end;
			if (len == 0 || skipped)
				return false;
			break;
		}
	}
	line_cut(line);
	return true;
}

/*
 * Takes len bytes, of which not more than a line is kept in out; NULL keeps
 * none.
 */
static bool
bytes_take(struct logfile *file, uint64_t len, struct strbuf *out)
{
	while (len > 0) {
		size_t there = file->end - file->start;
		size_t room;

		if (there == 0) {
			if (!fill(file))
				return false;
			continue;
		}
		if (there > len)
			there = (size_t)len;
		room = out == NULL ? 0 : LOGFILE_LINE_MAX - out->len;
		if (room > 0)
			strbuf_add(out, file->buffer + file->start,
			    there < room ? there : room);
		file->start += there;
		len -= there;
	}
	return true;
}

/* The field of this name that is kept, emptied; or NULL. */
static struct strbuf *
field_named(struct logfile *file, const char *name, size_t len)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		if (strlen(field_names[f]) == len &&
		    memcmp(field_names[f], name, len) == 0) {
			strbuf_reset(&file->fields[f]);
			return &file->fields[f];
		}
	return NULL;
}

/*
 * A value with bytes that are no text: its name on a line, its length in eight
 * bytes, the lowest first, the value, and a line end.
 */
static bool
binary_take(struct logfile *file, struct text name)
{
	struct strbuf *field = field_named(file, name.bytes, name.len);
	struct strbuf bytes = STRBUF_INIT;
	uint64_t len = 0;
	bool done;

	done = bytes_take(file, 8, &bytes);
	for (size_t i = 8; done && i > 0; i--)
		len = len << 8 | (unsigned char)bytes.text[i - 1];
	strbuf_release(&bytes);
	return done && bytes_take(file, len, field) &&
	    bytes_take(file, 1, NULL);
}

/* Reads fields up to the empty line behind an entry. */
static bool
export_take(struct logfile *file)
{
	bool found = false;
	struct text line;

	while (line_take(file, &line)) {
		const char *equals;
		struct strbuf *field;

		if (line.len == 0) {
			if (found)
				break;
			continue;
		}
		found = true;
		equals = memchr(line.bytes, '=', line.len);
		if (equals == NULL) {
			if (!binary_take(file, line))
				break;
			continue;
		}
		field = field_named(file, line.bytes,
		    (size_t)(equals - line.bytes));
		if (field != NULL)
			strbuf_add(field, equals + 1, line.len -
			    (size_t)(equals + 1 - line.bytes));
	}
	return found;
}

static bool
json_take(struct logfile *file)
{
	struct text line;

	while (line_take(file, &line))
		if (json_read_texts(line.bytes, line.len, field_names,
		    FIELD_COUNT, file->fields))
			return true;
	return false;
}

/*
 * An entry as a line of syslog.  The time is made up: nobody asks for it, and a
 * line of syslog begins with one.
 */
static struct text
entry_line(struct logfile *file)
{
	const struct strbuf *message = &file->fields[FIELD_MESSAGE];

	strbuf_reset(&file->line);
	if (file->fields[FIELD_PROGRAM].len > 0)
		strbuf_addf(&file->line, "Jan  1 00:00:00 localhost %s[1]: ",
		    file->fields[FIELD_PROGRAM].text);
	for (size_t i = 0; i < message->len; i++)
		strbuf_addch(&file->line, message->text[i] == '\n' ? ' ' :
		    message->text[i]);
	return text_of(&file->line);
}

static enum form
form_of(struct text line)
{
	size_t n = 0;

	if (line.bytes[0] == '{')
		return FORM_JSON;
	while (n < line.len && n < NAME_MAX_BYTES && (line.bytes[n] == '_' ||
	    (line.bytes[n] >= 'A' && line.bytes[n] <= 'Z')))
		n++;
	return n > 0 && n < line.len && line.bytes[n] == '=' ? FORM_EXPORT :
	    FORM_LINES;
}

/* Looks at the first line that is not empty, and leaves it there. */
static bool
form_find(struct logfile *file)
{
	struct text line;

	do {
		if (!line_take(file, &line))
			return false;
	} while (line.len == 0);
	file->form = form_of(line);
	file->start = (size_t)(line.bytes - file->buffer);
	file->skipping = false;
	return true;
}

bool
logfile_next(struct logfile *file, struct text *line)
{
	bool found = false;

	if (file->form == FORM_UNKNOWN && !form_find(file))
		return false;
	if (file->form == FORM_LINES)
		return line_take(file, line);
	for (int f = 0; f < FIELD_COUNT; f++)
		strbuf_reset(&file->fields[f]);
	found = file->form == FORM_EXPORT ? export_take(file) :
	    json_take(file);
	if (found)
		*line = entry_line(file);
	return found;
}

void
logfile_position(const struct logfile *file, uint64_t *done, uint64_t *total)
{
	z_off_t offset = gzoffset(file->gz);

	*done = offset > 0 ? (uint64_t)offset : 0;
	*total = file->total;
}

int
logfile_close(struct logfile *file, struct diag *diag)
{
	int closed, error = file->error;

	closed = gzclose_r(file->gz);
	if (error == Z_OK)
		error = closed;
	for (int f = 0; f < FIELD_COUNT; f++)
		strbuf_release(&file->fields[f]);
	strbuf_release(&file->line);
	free(file->buffer);
	free(file);
	if (error == Z_OK)
		return 0;
	diag_error(diag, error == Z_BUF_ERROR ?
	    "the compressed data ends too early" :
	    error == Z_DATA_ERROR ? "the compressed data is damaged" :
	    "it could not be read to its end");
	return -1;
}
