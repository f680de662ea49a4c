/*
 * charset - text of any charset to UTF-8, by iconv.
 *
 * The names are those of mail, which iconv does not all know.  What comes out
 * is always valid UTF-8, with U+FFFD for what made no sense.  Never looks at
 * the locale; a struct charsets belongs to one thread at a time.
 */
#ifndef POLICY_CHARSET_H
#define POLICY_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct arena;
struct charsets;
struct strbuf;

/*
 * The converters of one message.  To make one takes glibc a lock of the whole
 * process and often the load of a module, 0.1 ms, so the last few are kept;
 * and a mail that changes its charset at each word gets no more than so many.
 */
#define CHARSETS_KEPT		8
#define CHARSETS_OPENS_MAX	200
#define CHARSETS_USES_MAX	100000	/* conversions; UTF-8 is none */

/* They go with the arena. */
struct charsets	*charsets_new(struct arena *arena);
/*
 * Two buffers for whoever decodes with them, empty, so that many texts need no
 * more of the heap than one: for bytes that are to be converted, and for what
 * comes out.  Good until the next call.
 */
struct strbuf	*charsets_bytes(struct charsets *charsets);
struct strbuf	*charsets_text(struct charsets *charsets);

/* True for most texts: conversion would leave all as it is. */
bool	charset_is_plain(struct text charset, struct text text);

#define CHARSET_ALL	((size_t)-1 / 4)	/* as much as there is */

/*
 * Appends text, converted from the charset of this name, until out has
 * max bytes.  "" and us-ascii mean that the sender told nothing about bytes
 * above 127: they are read as UTF-8 where they are valid UTF-8, else as
 * windows-1252.  Returns 0; or -1 and appends nothing where nobody knows the
 * charset.  *complete becomes false where max cut the text, and where charsets
 * has had its conversions, then with -1.
 */
int	charset_convert(struct charsets *charsets, struct text charset,
	    struct text text, size_t max, struct strbuf *out, bool *complete);
/* Appends text that should be UTF-8 already, in the same way. */
void	charset_mend(struct text text, size_t max, struct strbuf *out,
	    bool *complete);

#endif
