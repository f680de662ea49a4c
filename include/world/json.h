/*
 * json - rows of data for other programs, and from them: one object of JSON a
 * line.
 *
 * The only file that knows jansson.  A row is built field by field, in the
 * order in which it is printed, and printed in plain ASCII, so that no byte
 * from outside reaches a terminal or breaks a line.  Belongs to one thread at
 * a time.
 */
#ifndef WORLD_JSON_H
#define WORLD_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/strbuf.h"

struct row;

struct row	*row_new(void);
void		 row_free(struct row *row);
/* Prints the row on a line of its own, and frees it. */
void		 row_print(struct row *row, FILE *out);

/*
 * Fields.  A text is made valid UTF-8: each byte that is not becomes U+FFFD.
 * NULL is written as null.
 */
void	row_text(struct row *row, const char *key, const char *text);
void	row_bytes(struct row *row, const char *key, const char *bytes,
	    size_t len);
void	row_number(struct row *row, const char *key, uint64_t number);
void	row_bool(struct row *row, const char *key, bool value);
/* An object inside of the row; it is freed with the row. */
struct row	*row_object(struct row *row, const char *key);

/* An empty list, and what may follow in it: texts or objects. */
void		 row_list(struct row *row, const char *key);
void		 row_list_text(struct row *row, const char *key,
		    const char *text);
struct row	*row_list_object(struct row *row, const char *key);

/*
 * Reads an object of len bytes: what its members named by keys have for text,
 * also where it is a list of bytes (as journalctl writes what is no UTF-8),
 * goes to texts, one for each key; a member that is not there, or something
 * else, leaves "".  Returns false where json is no object.
 */
bool		 json_read_texts(const char *json, size_t len,
		    const char *const keys[], size_t count,
		    struct strbuf texts[]);

#endif
