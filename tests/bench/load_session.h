/*
 * load_session - one SMTP session, for the parts of the load generator that
 * carry it on: its life (load_session.c), the commands (load_steps.c), and what
 * comes of answers (load_answers.c).
 */
#ifndef BENCH_LOAD_SESSION_H
#define BENCH_LOAD_SESSION_H

#include "load.h"
#include "load_filter.h"

enum step {
	STEP_CONNECT,
	STEP_HELO,
	STEP_MAIL,
	STEP_RCPT,
	STEP_DATA,
	STEP_HAND_OVER,
	STEP_CONTENT,
	STEP_END
};

enum part {
	PART_HEADERS,
	PART_END_OF_HEADERS,
	PART_BODY,
	PART_END
};

enum waiting {
	WAITING_NOT,
	WAITING_ANSWER,
	WAITING_WRITE,		/* the socket takes no more */
	WAITING_DUE,		/* parked */
	WAITING_IDLE,
	WAITING_ENDED
};

struct session {
	struct run		*run;
	struct session		*next;		/* parked */
	enum session_kind	 kind;
	enum waiting		 waiting;
	struct filter		*asked;		/* who is to answer, */
	enum milter_command	 command;	/* and to what */
	uint64_t		 deadline_ns;
	bool			 writes_all;

	/* The position. */
	enum step		 step;
	size_t			 at;		/* filter */
	unsigned long		 recipient;
	enum part		 part;		/* of the content */
	size_t			 item;		/* field, or byte of the body */

	unsigned long		 message;	/* its number */
	uint64_t		 began_ns;
	bool			 is_open;	/* the connection */
	unsigned long		 on_connection;	/* messages so far */
	unsigned long		 recipients_refused;
	struct envelope		 envelope;
	size_t			 count;
	struct filter		 filters[];
};

/* The one offer to all filters. */
extern const struct milter_terms session_offer;

/* One command to one filter, or none, and the position moved on. */
void	session_step(struct session *session);
/* The filter has been told its part of the step: on to the next one. */
void	session_next(struct session *session);
/* Takes all packets that a filter has sent. */
void	session_take(struct session *session, struct filter *filter);

/* The message has its last answer. */
void	session_end_message(struct session *session, bool is_refused);
/*
 * Takes up the next message, on the same connection or on a new one, as soon
 * as it is due; or ends.
 */
void	session_go_on(struct session *session);
/* Closes the connections without a word. */
void	session_close(struct session *session);
/* The message at hand has failed; the next one has new connections. */
void	session_fail(struct session *session, const char *why);

#endif
