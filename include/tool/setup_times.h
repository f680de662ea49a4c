/*
 * setup_times - how long a mail server has to wait for milters behind us.
 *
 * Each answer of ours may need one of every milter, so what the configuration
 * grants to them adds up:
 *
 *	when we are attached	connect_timeout and timeout: at first we ask
 *				each what it wants to be told
 *	at a command		connect_timeout and five times timeout: at the
 *				first recipient each answers to what we
 *				negotiate, connect, HELO, MAIL and RCPT
 *	at the end of message	connect_timeout and end_timeout: who wants the
 *				content alone is not connected before
 *
 * and SETUP_MARGIN_S more for ourselves.  A milter that says all the time that
 * it is still at work may take longer; that is not counted.
 */
#ifndef TOOL_SETUP_TIMES_H
#define TOOL_SETUP_TIMES_H

#include <stdbool.h>
#include <stdint.h>

struct rules;

#define SETUP_MARGIN_S	5
#define SETUP_ANSWERS	5		/* at the first recipient */

/* RFC 5321: how long clients wait. */
#define SETUP_CLIENT_COMMAND_S	300
#define SETUP_CLIENT_CONTENT_S	600

enum setup_time {
	SETUP_CONNECT,
	SETUP_COMMAND,
	SETUP_CONTENT,
	SETUP_TIME_COUNT
};

struct setup_times {
	uint64_t	limit_s[SETUP_TIME_COUNT];
};

/* All 0 where there are no milters behind us. */
void	setup_times_of(struct setup_times *times, const struct rules *rules);
/* As a note for people; NULL where clients wait long enough. */
const char	*setup_times_warning(const struct setup_times *times);

/*
 * A time as mail servers write it, "30", "30s", "5m" or "1h30m", in seconds.
 * False for what is none.
 */
bool	setup_seconds_parse(const char *text, uint64_t *seconds);

#endif
