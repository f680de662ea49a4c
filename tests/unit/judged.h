/*
 * judged - a mail told to a session as the daemon tells it, without a socket.
 *
 * Only what the session asks for is told: its macros as Postfix gives them, and
 * headers and body where it wants them.
 */
#ifndef TESTS_JUDGED_H
#define TESTS_JUDGED_H

#include <stdio.h>
#include <string.h>

#include "base/ip.h"
#include "config/snapshot.h"
#include "session/demand.h"
#include "session/env.h"
#include "session/rules.h"
#include "session/session.h"

struct judged_field {
	const char	*name, *value;
};

/* What a mail is like. */
struct judged_mail {
	const char	*host, *ip, *helo, *sender, *recipient;
	size_t		 field_count;
	const struct judged_field *fields;
	const char	*body;
	size_t		 body_len;
};

/* One connection of an MTA. */
struct judged {
	struct session		*session;
	const struct demand	*demand;
	size_t			 refused;	/* answers other than go on */
};

static inline struct local_time
judged_local_time(void *world)
{
	(void)world;
	return (struct local_time){ .weekday = 1, .minute = 600 };
}

static inline void
judged_random(void *world, void *bytes, size_t size)
{
	(void)world;
	memset(bytes, 7, size);
}

static inline void
judged_record(void *world, const struct record *record)
{
	(void)world;
	(void)record;
}

static inline uint64_t
judged_now_ms(void *world)
{
	(void)world;
	return 1000;
}

static inline struct env
judged_env(struct refused *refused)
{
	return (struct env){
		.refused = refused,
		.local_time = judged_local_time,
		.random = judged_random,
		.record = judged_record,
		.now_ms = judged_now_ms,
	};
}

/* NULL where the MTA has none. */
static inline const char *
judged_macro(const struct judged_mail *mail, const char *name)
{
	const struct judged_field macros[] = {
		{ "j", "mx.example.com" },
		{ "i", "4XyZ12345z6789" },
		{ "daemon_name", "smtpd" },
		{ "mail_addr", mail->sender },
		{ "rcpt_addr", mail->recipient },
		{ "rcpt_mailer", "local" },
		{ "tls_version", "TLSv1.3" },
		{ "cipher", "TLS_AES_256_GCM_SHA384" },
	};

	for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
		if (strcmp(macros[i].name, name) == 0)
			return macros[i].value;
	return NULL;
}

static inline void
judged_macros(struct judged *judged, const struct judged_mail *mail,
    enum milter_place place)
{
	for (size_t i = 0; i < judged->demand->macro_count[place]; i++) {
		const char *name = judged->demand->macros[place][i];
		const char *value = judged_macro(mail, name);

		if (value != NULL)
			session_macro(judged->session, place, name, value);
	}
}

static inline void
judged_answer(struct judged *judged, struct answer answer)
{
	judged->refused += answer.kind != ANSWER_CONTINUE;
}

/* The beginning of a connection, to its HELO. */
static inline void
judged_begin(struct judged *judged, const struct rules *rules,
    const struct env *env, const struct judged_mail *mail)
{
	const struct milter_terms offered = {
		.version = MILTER_VERSION_MAX,
		.actions = MILTER_MAY_ALL,
		.steps = 0x1fffff,
	};
	struct ip ip;

	*judged = (struct judged){ .session = session_new(rules, env) };
	judged->demand = session_negotiate(judged->session, &offered);
	if (ip_parse(&ip, mail->ip) == -1)
		return;
	judged_macros(judged, mail, MILTER_AT_CONNECT);
	judged_answer(judged, session_connect(judged->session, mail->host, &ip,
	    25252));
	judged_macros(judged, mail, MILTER_AT_HELO);
	judged_answer(judged, session_helo(judged->session, mail->helo));
}

static inline void
judged_end(struct judged *judged)
{
	session_free(judged->session);
}

/* One message, from MAIL to its end. */
static inline void
judged_message(struct judged *judged, const struct judged_mail *mail)
{
	struct session *session = judged->session;
	char sender[300], recipient[300];
	const char *sender_argument = sender, *recipient_argument = recipient;

	snprintf(sender, sizeof(sender), "<%s>", mail->sender);
	snprintf(recipient, sizeof(recipient), "<%s>", mail->recipient);
	judged_macros(judged, mail, MILTER_AT_MAIL);
	session_arguments(session, &sender_argument, 1);
	judged_answer(judged, session_mail(session, sender));
	judged_macros(judged, mail, MILTER_AT_RCPT);
	session_arguments(session, &recipient_argument, 1);
	judged_answer(judged, session_rcpt(session, recipient));
	for (size_t i = 0; judged->demand->headers && i < mail->field_count;
	    i++)
		session_header(session, mail->fields[i].name,
		    mail->fields[i].value);
	if (judged->demand->body)
		session_body(session, mail->body, mail->body_len);
	judged_macros(judged, mail, MILTER_AT_END);
	judged_answer(judged, session_end(session));
}

#endif
