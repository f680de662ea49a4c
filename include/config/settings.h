/*
 * settings - the plain values of the configuration, group by group.
 *
 * What schema.def describes, read into structs.  daemon and site are used as
 * they are; the entries of the other groups are compiled into reasons, lists,
 * policies and expect cases.  Lives in its snapshot's arena; immutable.
 */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"
#include "reply/render.h"
#include "session/milter.h"

struct node;

enum mode { MODE_ENFORCE, MODE_OBSERVE, MODE_COUNT };
enum refuse_at { REFUSE_AT_RCPT, REFUSE_AT_EARLIEST, REFUSE_AT_COUNT };
enum destination {
	DESTINATION_STDERR,
	DESTINATION_SYSLOG,
	DESTINATION_COUNT
};

/* Several texts of one setting. */
struct words {
	size_t			 count;
	const char *const	*items;
};

struct daemon_settings {
	const char	*milter;	/* "inet:8894@127.0.0.1" */
	const char	*maps;		/* the same; "" for none */
	uint64_t	 socket_mode;	/* of a unix socket: 0660 */
	const char	*socket_group;	/* its group; "" leaves it */
	const char	*user;		/* to become; "" stays as it is */
	const char	*state;		/* folder; "" for none */
	const char	*pid_file;	/* "" for none */
	enum mode	 mode;
	enum refuse_at	 refuse_at;
	enum on_error	 on_error;
	enum destination	 log;
	const char	*log_facility;	/* of syslog: "mail" */
	uint64_t	 timeout_s;	/* silence that ends a session */
	uint64_t	 body_bytes_max;	/* kept of a message */
	uint64_t	 message_bytes_max;	/* kept for milters */
	uint64_t	 text_bytes_max;	/* kept of decoded text */
	uint64_t	 parts_max;	/* MIME parts looked at */
};

struct site_settings {
	const char	*name;		/* "Example Ltd" */
	const char	*contact;	/* for people; "" for none */
	const char	*help;		/* link with {reason}; "" for none */
	const char	*host;		/* in 421 if the MTA's is unknown */
	enum detail	 detail;
	bool		 show_case;
	struct words	 never_refuse;
};

struct settings {
	struct daemon_settings	daemon;
	struct site_settings	site;
};

/* The entries as they are written; NULL is "not said". */

struct root_entry {
	const struct node	*daemon, *site;
	const struct node	*reasons, *lists, *policies;
	const struct node	*milters, *recognise, *expect;
};

struct reason_entry {
	const char		*title, *side, *status, *what, *fix;
	const struct node	*temporary;
};

struct temporary_entry {
	const char		*status, *what, *fix;
};

struct list_entry {
	const char		*file;
	struct words		 entries;
};

struct policy_entry {
	const char		*name;
	const struct node	*when, *unless;
	bool			 accept, discard;
	const char		*reject, *defer, *quarantine;
	const struct node	*values;
	bool			 observe;
	enum on_error		 on_error;
};

struct milter_entry {
	const char		*name, *socket;
	enum milter_error	 on_error;
	bool			 observe;
	uint64_t		 connect_timeout_s, timeout_s, end_timeout_s;
	uint64_t		 failures, rest_s, protocol;
};

struct recognise_entry {
	const char		*from;
	struct words		 reply;
	const char		*reason;
	const char		*sure;		/* "high" or "low" */
	struct words		 cases;
};

struct expect_entry {
	const char		*name;
	const struct node	*given;
	const char		*reply, *reason, *policy;
	bool			 accept, discard, quarantine;
};

#endif
