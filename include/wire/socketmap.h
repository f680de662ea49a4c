/*
 * socketmap - one question of a table served over a socket, and its answer.
 *
 * socketmap_table(5): the request is "NAME KEY", the answers are "OK value",
 * "NOTFOUND ", "TEMP reason", "TIMEOUT reason" and "PERM reason".  Pure.
 */
#ifndef WIRE_SOCKETMAP_H
#define WIRE_SOCKETMAP_H

#include <stddef.h>

struct strbuf;

struct socketmap_request {
	const char	*name;		/* in the request; name_len bytes */
	size_t		 name_len;
	const char	*key;		/* may hold blanks; key_len bytes */
	size_t		 key_len;
};

/* Returns 0, or -1 where there is no blank behind a name. */
int	socketmap_read(struct socketmap_request *request, const char *bytes,
	    size_t len);

enum socketmap_answer {
	SOCKETMAP_OK,
	SOCKETMAP_NOTFOUND,
	SOCKETMAP_TEMP,
	SOCKETMAP_PERM
};

/* Adds the answer as a netstring.  text "" for NOTFOUND. */
void	socketmap_write(struct strbuf *out, enum socketmap_answer answer,
	    const char *text);

#endif
