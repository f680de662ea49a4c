/*
 * case_form - how a case looks, the short id by which staff find the story of
 * a reply: "7K3Q-X2M9".
 *
 * Two groups of an alphabet without the look-alikes 0 O 1 I.  By it our own
 * replies are known again, wherever they turn up.  Pure; safe from any thread.
 */
#ifndef REPLY_CASE_FORM_H
#define REPLY_CASE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#define CASE_ALPHABET	"23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#define CASE_TEXT_MAX	10	/* with the NUL */
#define CASE_GROUP	4	/* characters ahead of the "-", and behind */

/* True for a text of len bytes that ends as our replies do: " Case: ID". */
bool	case_ends(const char *text, size_t len);
/* The place behind the first " Case: ID" of text, or NULL; ID a whole word. */
const char	*case_behind(const char *text);

#endif
