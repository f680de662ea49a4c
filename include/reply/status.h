/*
 * status - a basic reply code and an enhanced status code that belong together.
 *
 * The class of the enhanced code is not stored: it is the first digit of the
 * basic code (RFC 2034 section 4), so a contradicting pair cannot be written.
 * The registries behind it are basic.def (RFC 5321 and its extensions) and
 * enhanced.def (RFC 3463, IANA registry of RFC 5248).  Pure and without
 * globals; safe from any thread.
 */
#ifndef REPLY_STATUS_H
#define REPLY_STATUS_H

#include <stdbool.h>
#include <stddef.h>

struct diag;

struct status {
	unsigned short	code;		/* 400 to 599 in a refusal */
	unsigned short	subject;	/* 0 to 999 */
	unsigned short	detail;		/* 0 to 999 */
};

#define STATUS_TEXT_MAX	16		/* "550 5.999.999" and the NUL */
#define STATUS_ENHANCED_MAX 12		/* "5.999.999" and the NUL */

/* The class: 2, 4 or 5. */
static inline unsigned
status_class(struct status status)
{
	return status.code / 100u;
}

static inline bool
status_equal(struct status a, struct status b)
{
	return a.code == b.code && a.subject == b.subject &&
	    a.detail == b.detail;
}

/*
 * Reads "550 5.1.1".  Returns 0; or -1 with the reason in diag (not of this
 * form, classes that differ, leading zeros) and *status untouched.
 */
int	status_parse(struct status *status, const char *text,
	    struct diag *diag);
void	status_format(struct status status, char text[STATUS_TEXT_MAX]);
/* Only the enhanced code: "5.1.1". */
void	status_format_enhanced(struct status status,
	    char text[STATUS_ENHANCED_MAX]);
/*
 * One number of a code, of at most three digits, without a NUL.  Returns the
 * end of it.
 */
char	*status_format_part(unsigned part, char *to);

/* One row of basic.def. */
struct basic_code {
	unsigned short	 code;
	const char	*title;
	const char	*stages;	/* where RFCs list it: "MAIL, RCPT" */
	const char	*reference;
	const char	*note;
};

/* One row of enhanced.def; the class is left open, as in the registry. */
struct enhanced_code {
	unsigned short	 subject;
	unsigned short	 detail;
	const char	*title;
	const char	*basic;		/* "451, 550", "5XX", "Any" or "" */
	const char	*reference;
	const char	*note;
	unsigned char	 classes;	/* CLASS_* bits, by the RFC's words */
};
#define CLASS_SUCCESS	1u
#define CLASS_TRANSIENT	2u
#define CLASS_PERMANENT	4u

/* NULL where the code is in no registry. */
const struct basic_code		*basic_code_find(unsigned code);
const struct enhanced_code	*enhanced_code_find(unsigned subject,
				    unsigned detail);
/* All rows, in the order of the registries; n is below the count. */
size_t				 basic_code_count(void);
const struct basic_code		*basic_code_at(size_t n);
size_t				 enhanced_code_count(void);
const struct enhanced_code	*enhanced_code_at(size_t n);

/* True if mail programs know the code as a refusal (rule C5). */
bool		 basic_code_refuses(unsigned code);
/* What a subject digit speaks of: "a mailbox"; NULL for an unknown one. */
const char	*enhanced_subject_title(unsigned subject);

/* How well the two codes of a status go together (RFC 5248 section 2.1). */
enum pair {
	PAIR_LISTED,		/* in the registry's list of associated codes */
	PAIR_KNOWN,		/* not listed, but practice: pair.def */
	PAIR_UNLISTED,		/* both registered, not seen together */
	PAIR_UNREGISTERED	/* one of them stands in no registry */
};
enum pair	 status_pair(struct status status);
/* Where the pair of a PAIR_KNOWN comes from; "" for any other. */
const char	*status_pair_reference(struct status status);

#endif
