/*
 * errno_text - what an error number means, without strerror()'s static buffer.
 *
 * No globals; safe from any thread.
 */
#ifndef WORLD_ERRNO_TEXT_H
#define WORLD_ERRNO_TEXT_H

#include <string.h>

#define ERRNO_TEXT_MAX	128	/* with the NUL */

/*
 * "No such file or directory".  GNU's strerror_r() returns the text and writes
 * it to the buffer only where it has to make it up.
 */
static inline const char *
errno_text(int error, char text[ERRNO_TEXT_MAX])
{
	return strerror_r(error, text, ERRNO_TEXT_MAX);
}

#endif
