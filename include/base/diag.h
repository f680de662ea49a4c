/*
 * diag - what is wrong, where, and what to write instead.
 *
 * A function that can fail for a reason adds the reason here and returns -1;
 * it never prints.  Messages are whole: "unknown setting \"usr\"; did you mean
 * \"user\"?".  A diag keeps them all, so that a reader sees every problem of a
 * file at once.  Belongs to one thread at a time.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdarg.h>
#include <stddef.h>

struct strbuf;

/* A place in a text file.  file "" means that there is none. */
struct place {
	const char	*file;		/* outlives the place; never NULL */
	unsigned	 line;		/* from 1; 0 is the file as a whole */
};
#define PLACE_NONE	((struct place){ .file = "", .line = 0 })

/* "FILE:LINE", "FILE" for line 0, or nothing for PLACE_NONE. */
void	place_format(struct place place, struct strbuf *out);

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_INFO };

const char	*severity_name(enum severity severity);

struct diag_message {
	enum severity	 severity;
	char		*file;		/* own copy; "" for none */
	unsigned	 line;
	char		*text;		/* one line, without a full stop */
};

struct diag {
	struct diag_message	*messages;
	size_t			 count;
	size_t			 room;
	size_t			 errors;	/* how many are errors */
};
#define DIAG_INIT	{ .messages = NULL }

void	diag_release(struct diag *diag);

void	diag_add(struct diag *diag, enum severity severity, struct place place,
	    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* An error without a place; whoever knows the place adds it (diag_take). */
void	diag_error(struct diag *diag, const char *format, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * Moves all messages of from to the end of diag.  A message without a place
 * gets this one, and before, a text such as "setting \"reply\": ", in front.
 * from is empty afterwards.
 */
void	diag_take(struct diag *diag, struct diag *from, struct place place,
	    const char *before);

/* Sorts by file and line; messages of one line keep their order. */
void	diag_sort(struct diag *diag);

/* One line per message: "file:line: error: text\n". */
void	diag_format(const struct diag *diag, struct strbuf *out);
/* The text of the first message, or "" where there is none. */
const char	*diag_first(const struct diag *diag);

#endif
