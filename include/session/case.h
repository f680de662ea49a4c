/*
 * case - the short id in a reply by which staff find the whole story.
 *
 * Eight random characters in two groups, "7K3Q-X2M9", of an alphabet without
 * the look-alikes 0 O 1 I: no time, no address, nothing to guess from.
 */
#ifndef SESSION_CASE_H
#define SESSION_CASE_H

#include <stdbool.h>
#include <stddef.h>

struct env;

#define CASE_TEXT_MAX	10	/* with the NUL */

void	case_new(const struct env *env, char text[CASE_TEXT_MAX]);
/* True for a text of len bytes that ends as our replies do: "Case: ID". */
bool	case_ends(const char *text, size_t len);

#endif
