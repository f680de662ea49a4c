/*
 * facts - what is known so far about client, envelope and message.
 *
 * One fact for each attribute.  A fact can be not known yet, known not to be
 * there (no user signed in), known, or unknown for good (DNS did not answer);
 * the last is never taken for "not there".  Texts are raw bytes from outside,
 * bounded by FACT_TEXT_MAX.  Belongs to one session, thus to one thread at a
 * time.
 */
#ifndef POLICY_FACTS_H
#define POLICY_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/text.h"
#include "policy/attribute.h"

struct arena;
struct memo;
struct message;

/* client_name where the MTA could not verify one. */
#define CLIENT_UNKNOWN	"unknown"
#define FACT_TEXTS_MAX	2	/* an address as written, and as the MTA
				   has it */
#define FACT_TEXT_MAX	4096	/* longer texts from the MTA are cut */

enum fact_state {
	FACT_LATER,		/* its stage has not come */
	FACT_ABSENT,		/* there is none */
	FACT_KNOWN,
	FACT_UNKNOWN		/* nobody could say */
};

struct fact {
	enum fact_state		 state;
	bool			 complete;	/* false: there may be more */
	size_t			 count;		/* of texts */
	const struct text	*texts;
	struct ip		 ip;
	uint64_t		 number;
};

/* A macro of the MTA under its name without braces. */
struct macro {
	const char	*name;
	struct text	 value;
	enum stage	 stage;		/* when it came */
	struct macro	*next;
};

struct facts {
	enum stage	 stage;			/* reached */
	struct fact	 of[ATTRIBUTE_COUNT];	/* not: named, and content */
	struct text	 text[ATTRIBUTE_COUNT][FACT_TEXTS_MAX];	/* of these */
	struct macro	*macros;
	struct message	*message;		/* NULL before its first part */
	bool		 has_fields, has_body;	/* of it, when it is over */
	struct memo	*memo;			/* while only the recipient
						   changes; else NULL */
};

/*
 * Where results of this attribute can be kept from one recipient to the next;
 * NULL where they cannot.
 */
struct memo	*facts_memo(const struct facts *facts,
		    enum attribute attribute);

/* Everything is to come later. */
void	facts_init(struct facts *facts);
/* Forgets the envelope and the message, keeps what is of the connection. */
void	facts_forget_message(struct facts *facts);
/* Forgets the recipient of the last RCPT. */
void	facts_forget_recipient(struct facts *facts);

/* text NULL: there is none.  Copies at most FACT_TEXT_MAX bytes to arena. */
void	facts_set_text(struct facts *facts, struct arena *arena,
	    enum attribute attribute, const char *text);
void	facts_set_number(struct facts *facts, enum attribute attribute,
	    uint64_t number);
/* ip NULL: the client has no address (a local pipe). */
void	facts_set_ip(struct facts *facts, enum attribute attribute,
	    const struct ip *ip);
void	facts_set_unknown(struct facts *facts, enum attribute attribute);
/*
 * Sets the address that the path of MAIL or RCPT means (policy/address.h), and
 * its domain's attribute beside it.
 */
void	facts_set_address(struct facts *facts, struct arena *arena,
	    enum attribute address, enum attribute domain, const char *path);
/*
 * Adds the form that the MTA made of it, with the domain that it added, or
 * with an old routing character resolved.  A condition holds if it does for
 * either.  Without a domain it is no address, and nothing is added.
 */
void	facts_add_address(struct facts *facts, struct arena *arena,
	    enum attribute address, enum attribute domain, const char *path);
void	facts_set_macro(struct facts *facts, struct arena *arena,
	    enum stage stage, const char *name, const char *value);
/* NULL where the MTA did not give it. */
const char	*facts_macro(const struct facts *facts, const char *name);

/*
 * The fact behind an attribute; name for the named ones, else "".  Content is
 * decoded at the first question.  What comes back lives as long as the message.
 */
struct fact	facts_get(struct facts *facts, enum attribute attribute,
		    const char *name);

/* The first text of a fact, or NULL. */
const char	*fact_text(const struct fact *fact);

#endif
