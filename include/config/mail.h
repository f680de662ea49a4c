/*
 * mail - the imaginary mail of an expect case.
 *
 * Its attributes are those of policies.  What is not given is not there, but
 * for a sender and a recipient, which every mail has.  Lives in an arena and
 * never changes once read.
 */
#ifndef CONFIG_MAIL_H
#define CONFIG_MAIL_H

#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "config/settings.h"
#include "policy/attribute.h"
#include "session/env.h"

struct arena;
struct diag;
struct node;
struct session;

#define MAIL_BYTES_MAX		((uint64_t)256 * 1024 * 1024)
#define MAIL_RECIPIENTS_MAX	10000
#define MAIL_HOPS_MAX		1000

struct mail_pair {
	const char	*name, *value;
};

/* Header fields, or macros. */
struct mail_pairs {
	size_t			 count, room;
	struct mail_pair	*items;
};

struct mail {
	struct ip		 client_ip;	/* family 0: none */
	struct local_time	 now;		/* default: Monday, 12:00 */
	/* As given; NULL is not. */
	const char		*text[ATTRIBUTE_COUNT];
	uint64_t		 number[ATTRIBUTE_COUNT];	/* 0 is not */
	struct words		 recipients, attachments;
	struct mail_pairs	 fields, macros;
};

/* given may be NULL.  Every problem goes to diag at its place. */
void	mail_read(struct mail *mail, struct arena *arena,
	    const struct node *given, struct diag *diag);

/* What becomes of the mail. */
enum mail_end { MAIL_ACCEPTED, MAIL_REFUSED, MAIL_DISCARDED, MAIL_HELD };

struct mail_result {
	enum mail_end	 end;
	struct status	 status;	/* of the first refusal */
};

/* Tells the session all of it, as an MTA would. */
struct mail_result	mail_send(const struct mail *mail,
			    struct session *session);

#endif
