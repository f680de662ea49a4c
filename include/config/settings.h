/*
 * settings - the plain values of the configuration's fixed groups.
 *
 * What schema.def describes, read into a struct; policies, reasons and lists
 * are compiled elsewhere.  Lives in its snapshot's arena; immutable.
 */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"
#include "reply/render.h"

enum mode { MODE_ENFORCE, MODE_OBSERVE };
enum refuse_at { REFUSE_AT_RCPT, REFUSE_AT_EARLIEST };
enum log_to { LOG_TO_STDERR, LOG_TO_SYSLOG };

struct daemon_settings {
	const char	*milter;	/* "inet:8894@127.0.0.1", "unix:/path" */
	uint64_t	 socket_mode;	/* of a unix socket: 0660 */
	const char	*socket_group;	/* its group; "" leaves it */
	const char	*user;		/* to become; "" stays as it is */
	const char	*state;		/* folder; "" for none */
	const char	*pid_file;	/* "" for none */
	enum mode	 mode;
	enum refuse_at	 refuse_at;
	enum on_error	 on_error;
	enum log_to	 log;
	const char	*log_facility;	/* of syslog: "mail" */
	uint64_t	 timeout_s;	/* silence of the MTA that ends a session */
	uint64_t	 body_bytes_max;	/* of a message, kept for MIME */
	uint64_t	 text_bytes_max;	/* of decoded text, for body */
	uint64_t	 parts_max;	/* MIME parts looked at */
};

struct site_settings {
	const char		*name;		/* "Example Ltd" */
	const char		*contact;	/* for people; "" for none */
	const char		*help;		/* link with {reason}; "" for none */
	const char		*host;		/* in 421 if the MTA's is unknown */
	enum detail		 detail;
	bool			 show_case;
	const char *const	*never_refuse;
	size_t			 never_refuse_count;
};

struct settings {
	struct daemon_settings	daemon;
	struct site_settings	site;
};

#endif
