/*
 * load - the parts of the load generator: what is asked for, the messages, the
 * sessions, and what was measured.  See load.c.
 *
 * All of it runs in one thread; nothing here is locked.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/socket_name.h"
#include "base/strbuf.h"
#include "wire/milter.h"

#define MESSAGE_HEADERS_MAX	1000

struct filter;
struct macro;

struct load_options {
	unsigned long		 sessions;
	unsigned long		 messages;	/* ULONG_MAX: no limit */
	unsigned long		 per_connection; /* 0: no limit */
	unsigned long		 recipients;
	unsigned long		 headers;
	unsigned long		 idle;
	size_t			 body_bytes;
	double			 seconds;	/* 0: no limit */
	double			 rate;		/* a second; 0: no limit */
	const char		*subject;
	bool			 only_terms;
	struct socket_name	*sockets;
	size_t			 socket_count;
};

/*
 * What all messages have in common.  The body is written from one buffer that
 * holds it whole.
 */
struct content {
	struct {
		char	*name;
		char	*value;		/* with the space behind the colon */
	}	 headers[MESSAGE_HEADERS_MAX];
	size_t	 header_count;
	char	*body;
	size_t	 body_bytes;
};

void	content_init(struct content *content,
	    const struct load_options *options);
void	content_release(struct content *content);

/*
 * Who sends what: made from the numbers of connection and message, each text
 * out of a set of some hundred.
 */
struct envelope {
	struct ip	 ip;
	char		 address[IP_TEXT_MAX];
	char		 host[40];
	char		 host_and_address[100];	/* macro _ */
	char		 sender[40];		/* without brackets */
	char		 sender_path[44];
	char		 recipient[40];
	char		 recipient_path[44];
	char		 queue_id[20];		/* "" before it has one */
};

void	envelope_client(struct envelope *envelope, unsigned long connection);
void	envelope_sender(struct envelope *envelope, unsigned long message);
void	envelope_recipient(struct envelope *envelope, unsigned long message,
	    unsigned long recipient);
/* From here on it has a queue id. */
void	envelope_queued(struct envelope *envelope, unsigned long message);

/* What a filter asked for, and the macros that it therefore gets. */
struct agreed {
	struct agreed		*next;
	struct milter_terms	 terms;
	struct {
		const struct macro	**rows;
		size_t			  count;
	}			 macros[MILTER_PLACE_COUNT];
};

/*
 * The same object for the same terms, so that thousands of sessions share one.
 * symbols of terms are copied.
 */
const struct agreed	*agreed_find(const struct milter_terms *terms);
/* Writes the macros of a place that have a value, as a packet for command. */
void			 agreed_write_macros(const struct agreed *agreed,
			    struct strbuf *out, enum milter_place place,
			    enum milter_command command,
			    const struct envelope *envelope);
const char		*place_name(enum milter_place place);

/* One run: what is still to do, and what was measured. */
struct run {
	const struct load_options	*options;
	const struct content		*content;
	int				 epoll;
	bool				 stopped;	/* too much failed */
	uint64_t			 began_ns;	/* the messages */
	uint64_t			 ended_ns;	/* the last one */
	unsigned long			 started;	/* messages */
	unsigned long			 connections;
	unsigned long			 messages;	/* that have ended */
	unsigned long			 failed;
	unsigned long			 refused;
	unsigned long			 round_trips;
	uint64_t			*latency_ns;	/* of each message */
	size_t				 latency_room;
	const struct agreed		*agreed;	/* by filter 1 */
	struct session			*parked;	/* until one is due, */
	struct session			*parked_last;	/* oldest first */
};

enum session_kind {
	SESSION_BUSY,
	SESSION_IDLE,
	SESSION_TERMS		/* only negotiates */
};

struct session	*session_new(struct run *run, enum session_kind kind);
/* Ends what is open. */
void		 session_free(struct session *session);
void		 session_start(struct session *session);
bool		 session_is_ended(const struct session *session);
/* Has it come to where an idle session stays? */
bool		 session_is_idle(const struct session *session);
/* Fails a session whose answer is overdue. */
void		 session_check_time(struct session *session, uint64_t now);
/* Something has happened on the socket of a filter. */
void		 session_event(struct filter *filter);
/* Starts a parked session whose message is due; returns whether there was. */
bool		 session_start_due(struct run *run);
/* When the next parked session is due; UINT64_MAX for none. */
uint64_t	 session_due_ns(const struct run *run);

#endif
