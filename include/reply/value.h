/*
 * value - what a reply may tell of the mail that it refuses.
 *
 * Each variable of variable.def has a kind; value_clean() is the one place
 * where a text from outside becomes fit for a reply.  Pure; safe from any
 * thread.
 */
#ifndef REPLY_VALUE_H
#define REPLY_VALUE_H

#include <stdbool.h>
#include <stddef.h>

struct diag;
struct strbuf;

enum value_kind {
	VALUE_IP,		/* an IP address */
	VALUE_DOMAIN,		/* a domain or host name */
	VALUE_ADDRESS,		/* a mail address, without <> */
	VALUE_NUMBER,		/* digits, perhaps with a decimal point */
	VALUE_WORD,		/* a short word: a file ending, a TLS version */
	VALUE_LINK,		/* https://..., from the configuration only */
	VALUE_PHRASE		/* a few words, from the configuration only */
};

enum variable {
#define VARIABLE(id, name, kind, sample, help)	VARIABLE_##id,
#include "reply/variable.def"
#undef VARIABLE
	VARIABLE_COUNT
};

#define VARIABLE_NONE	((enum variable)-1)	/* not one of them */

const char	*variable_name(enum variable variable);
const char	*variable_help(enum variable variable);
const char	*variable_sample(enum variable variable);
enum value_kind	 variable_kind(enum variable variable);
/* Returns 0; or -1 with an error and the nearest name in diag. */
int		 variable_from_name(const char *name, enum variable *variable,
		    struct diag *diag);

/* Raw texts, as they came from outside; NULL is "not known". */
struct values {
	const char	*text[VARIABLE_COUNT];
};

/*
 * Adds raw to out as a reply may show it: printable ASCII of its kind only,
 * bounded (address 100, others 64 characters, a cut shown by "..."), without
 * "://" (links apart), without blanks at its ends, never CR or LF, never a `%'
 * that libmilter would see.  A run of other bytes becomes one "?"; a name that
 * is too long loses its beginning, because its end says whose it is; an IP
 * address, a number or a link (at most 150) is taken whole or not at all.
 * Returns false, and adds nothing, where half or more of it is unfit: then the
 * value counts as not known.
 */
bool	value_clean(enum value_kind kind, const char *raw, struct strbuf *out);

#endif
