/*
 * given - the imaginary mail that options and a message describe.
 *
 * What is not given is not there: nothing is made up, save where SMTP cannot
 * go on without it, and then `try' says so.
 */
#ifndef TOOL_GIVEN_H
#define TOOL_GIVEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/ip.h"
#include "policy/stage.h"
#include "session/env.h"
#include "tool/letter.h"

struct arena;
struct diag;
struct facts;
struct options;
struct session;

struct given {
	const struct options	*options;	/* for the texts */
	struct ip		 client_ip;	/* family 0: not given */
	unsigned		 client_port;
	struct local_time	 now;
	bool			 has_letter;	/* fields, or: */
	bool			 has_body;
	struct letter		 letter;
};

enum given_result {
	GIVEN_FINE,
	GIVEN_WRONG,		/* an option is not written as it must be */
	GIVEN_UNREADABLE	/* the message is not there, or too large */
};

/*
 * Reads the options of facts, texts into arena.  now is what the clock says,
 * for where --day or --time is not given.  message is a file's name, "-" for
 * in, or NULL.  Unless it is fine, the reason is in diag; if it is, the caller
 * releases.
 */
enum given_result
	given_read(struct given *given, struct arena *arena,
	    const struct options *options, struct local_time now,
	    const char *message, FILE *in, struct diag *diag);
void	given_release(struct given *given);

/* Facts given by the options, not by the message; NULL if not given. */
const char	*given_client_name(const struct given *given);
const char	*given_helo(const struct given *given);
const char	*given_sender(const struct given *given);
/* Recipient n from 0; NULL behind the last. */
const char	*given_recipient(const struct given *given, size_t n);

/* Tells the session the macros of a stage. */
void	given_tell_macros(const struct given *given,
	    struct session *session, enum stage stage);
/* Tells the session the fields and the body. */
void	given_tell_letter(const struct given *given,
	    struct session *session);
/*
 * Sets all that is given at once, the recipient given last, for the values of
 * a reply.  The caller frees facts->message.
 */
void	given_set_facts(const struct given *given, struct arena *arena,
	    struct facts *facts);
/*
 * Adds a sentence on the facts that were not given and count as absent; none
 * where all were.
 */
void	given_absent(const struct given *given, struct strbuf *out);

#endif
