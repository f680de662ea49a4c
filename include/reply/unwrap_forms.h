/*
 * unwrap_forms - the forms that unwrap() knows, and what they share.
 *
 * Used by the unwrap sources only.  All texts are strings without NULs whose
 * words may be hostile: a form that does not fit exactly is not that form.
 */
#ifndef REPLY_UNWRAP_FORMS_H
#define REPLY_UNWRAP_FORMS_H

#include <stdbool.h>
#include <stddef.h>

#include "reply/unwrap.h"

/* One text while its wrapping comes off. */
struct unwrapping {
	struct arena		*arena;
	struct unwrapped	 out;
};

/*
 * Each looks at the text behind the head of a log line, or at a bare one, and
 * returns true if it knows its form; then out is filled in.
 */
bool	unwrap_postfix(struct unwrapping *u, const char *text);
bool	unwrap_sendmail(struct unwrapping *u, const char *text);
/*
 * The end of a delivery, as Postfix words it in "status=bounced (...)", in
 * bounces, and in the keys of its maps; enhanced is the status that stands
 * beside it ("5.1.1"), or "".
 */
bool	unwrap_delivery(struct unwrapping *u, const char *text,
	    const char *enhanced);

/* "said" is a reply of len bytes; lines that a log joined come apart. */
void	unwrap_reply(struct unwrapping *u, enum speaker speaker,
	    const char *said, size_t len);
/* Keeps a value, unless it is empty, "unknown" or was told before. */
void	unwrap_value(struct unwrapping *u, enum variable variable,
	    const char *value, size_t len);
const char	*unwrap_keep(struct unwrapping *u, const char *text,
		    size_t len);

/* "name[192.0.2.1]", also "name [192.0.2.1]", and ":port" behind it. */
struct unwrap_host {
	const char	*name;
	size_t		 name_len;
	const char	*ip;
	size_t		 ip_len;
};
/* Returns the place behind it, or NULL where no host stands at text. */
const char	*unwrap_host(const char *text, struct unwrap_host *host);
void		 unwrap_client(struct unwrapping *u,
		    const struct unwrap_host *host);
void		 unwrap_remote(struct unwrapping *u,
		    const struct unwrap_host *host);
/* Behind "ID: ", the id of a message; text itself where there is none. */
const char	*unwrap_queue_id(struct unwrapping *u, const char *text);
/*
 * "<ann@example.net>" at text: returns the place behind it, or NULL; the
 * address is what stands between.
 */
const char	*unwrap_address(const char *text, const char **address,
		    size_t *len);

#endif
