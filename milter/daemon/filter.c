#include "daemon/filter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <libmilter/mfapi.h>

#include "base/ip.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/live.h"
#include "config/snapshot.h"
#include "daemon/answer.h"
#include "daemon/negotiate.h"
#include "session/demand.h"
#include "session/env.h"
#include "session/session.h"
#include "wire/milter.h"
#include "world/clock.h"
#include "world/log.h"

/*
 * What libmilter 8.17 does, as read in its source, where this file depends on
 * it:
 *
 * - Debian's runs a pool of workers.  Between two commands a connection belongs
 *   to no thread, the next one may go on with another; its own lock is between
 *   them, so a conversation needs none.
 * - xxfi_close() may run in the thread that watches over all connections, with
 *   the lock of the pool held, for a connection that was silent too long (it
 *   looks every ten minutes): it must not block.  xxfi_abort() is not called
 *   before it then.
 * - xxfi_close() may come twice, and callbacks may come without
 *   xxfi_negotiate(): a peer that begins with MAIL is let through.  "Quit, but
 *   a new connection follows" behind a message leads there, too; neither
 *   Sendmail nor Postfix send it.  Such a connection has no conversation, and
 *   what was agreed is unknown: its recipients and messages get a temporary
 *   refusal, because nobody could look at them.  The steps before go on, as a
 *   refusal of a step that goes unanswered would leave the peer waiting.
 * - Its check of the order of commands has holes: behind an unknown command a
 *   recipient or a body may come without MAIL.  in_message closes them.
 * - xxfi_abort() follows on a message that was begun and not ended.  A refused
 *   MAIL has begun none: Sendmail aborts it all the same, Postfix does not.
 */

/* One connection; belongs to the callback that runs. */
struct conversation {
	struct snapshot		*snapshot;	/* one reference */
	struct session		*session;
	const struct demand	*demand;	/* of the session */
	struct agreement	 agreement;
	bool			 in_message;	/* between MAIL and its end */
};

/*
 * libmilter hands nothing of ours to a callback: the globals of this room.
 * live and env are set before the first thread is made; live has its own lock,
 * env is immutable.
 */
static struct live *live;
static const struct env *env;
static atomic_uint running;	/* callbacks */

/* Every callback begins with enter() and ends with leave(). */
static struct conversation *
enter(SMFICTX *ctx)
{
	atomic_fetch_add(&running, 1);
	return smfi_getpriv(ctx);
}

static sfsistat
leave(sfsistat verdict)
{
	atomic_fetch_sub(&running, 1);
	return verdict;
}

/*
 * libmilter writes the answer after our callback has returned, and tells
 * nobody when it has: hence the pause at the end.
 */
bool
filter_drain(unsigned timeout_ms)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	const uint64_t end = clock_now_ms() + timeout_ms;

	while (clock_now_ms() < end) {
		bool idle = atomic_load(&running) == 0;

		nanosleep(&pause, NULL);
		if (idle && atomic_load(&running) == 0)
			return true;
	}
	return false;
}

static void
conversation_free(struct conversation *c)
{
	if (c == NULL)
		return;
	session_free(c->session);
	snapshot_put(c->snapshot);
	free(c);
}

/* For a peer that skipped the negotiation, or MAIL. */
static sfsistat
out_of_order(const char *step)
{
	log_event(LEVEL_WARNING, "protocol", "the mail server sent %s "
	    "without a "
	    "negotiation or without MAIL, it is refused for now", step);
	return SMFIS_TEMPFAIL;
}

static sfsistat
finish_step(SMFICTX *ctx, const struct conversation *c, enum stage stage,
    const struct answer *answer)
{
	if (!agreement_is_quiet(&c->agreement, stage))
		return answer_give(ctx, answer);
	if (answer->kind != ANSWER_CONTINUE)
		log_event(LEVEL_ERROR, "answer", "a verdict at %s was lost: no "
		    "answer was agreed with the mail server",
		    stage_name(stage));
	return SMFIS_NOREPLY;
}

/* libmilter finds "i" as "{i}", too. */
static const char *
macro_value(SMFICTX *ctx, const char *name)
{
	char symbol[DEMAND_MACRO_LEN_MAX + sizeof("{}")];
	size_t len = strlen(name);

	symbol[0] = '{';
	memcpy(symbol + 1, name, len);
	symbol[1 + len] = '}';
	symbol[2 + len] = '\0';
	return smfi_getsymval(ctx, symbol);
}

static void
tell_macros(SMFICTX *ctx, struct conversation *c, enum milter_place place)
{
	for (size_t i = 0; i < c->demand->macro_count[place]; i++) {
		const char *name = c->demand->macros[place][i];
		const char *value = macro_value(ctx, name);

		if (value != NULL)
			session_macro(c->session, place, name, value);
	}
}

static void
set_symbols(SMFICTX *ctx, const struct demand *demand)
{
	struct strbuf list = STRBUF_INIT;

	for (int place = SMFIM_FIRST; place <= SMFIM_LAST; place++) {
		strbuf_reset(&list);
		demand_symbols(demand, place, &list);
		if (smfi_setsymlist(ctx, place, list.text) != MI_SUCCESS)
			log_event(LEVEL_WARNING, "protocol", "libmilter took "
			    "no list of macros for place %d", place);
	}
	strbuf_release(&list);
}

/*
 * What the milters behind us may leave out or unanswered is between them and
 * us; but what tells them more has to come from the MTA.
 */
#define PASSED_STEPS	(MILTER_TELL_REJECTED | MILTER_LEADING_SPACE)
#define OFFERED_STEPS	((uint32_t)SMFI_CURR_PROT & ~PASSED_STEPS)

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long unused2, unsigned long unused3, unsigned long *want_actions,
    unsigned long *want_steps, unsigned long *want2, unsigned long *want3)
{
	const struct milter_terms offered = {
		.version = MILTER_VERSION_MAX,
		.actions = (uint32_t)actions & MILTER_MAY_ALL,
		.steps = OFFERED_STEPS |
		    ((uint32_t)steps & PASSED_STEPS),
	};
	struct conversation *c = enter(ctx);

	(void)unused2;
	(void)unused3;
	conversation_free(c);
	c = xcalloc(1, sizeof(*c));
	c->snapshot = live_get(live);
	c->session = session_new(snapshot_rules(c->snapshot), env);
	c->demand = session_negotiate(c->session, &offered);
	c->agreement = agreement_make(c->demand, actions, steps);
	if ((c->agreement.actions & SMFIF_SETSYMLIST) != 0)
		set_symbols(ctx, c->demand);
	smfi_setpriv(ctx, c);

	*want_actions = c->agreement.actions;
	*want_steps = c->agreement.steps;
	*want2 = 0;
	*want3 = 0;
	return leave(SMFIS_CONTINUE);
}

/*
 * Fills *ip and *port; returns false for a client without an address.  By way
 * of text, because that knows IPv4 addresses that are mapped into IPv6.
 */
static bool
client_address(const struct sockaddr *address, struct ip *ip, unsigned *port)
{
	char text[INET6_ADDRSTRLEN];
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	*port = 0;
	if (address == NULL)
		return false;
	switch (address->sa_family) {
	case AF_INET:
		memcpy(&in, address, sizeof(in));
		*port = ntohs(in.sin_port);
		inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
		break;
	case AF_INET6:
		memcpy(&in6, address, sizeof(in6));
		*port = ntohs(in6.sin6_port);
		inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text));
		break;
	default:
		return false;
	}
	return ip_parse(ip, text) == 0;
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	struct conversation *c = enter(ctx);
	struct answer answer;
	struct ip ip;
	unsigned port;
	bool has_ip;

	if (c == NULL)
		return leave(SMFIS_CONTINUE);
	has_ip = client_address(address, &ip, &port);
	tell_macros(ctx, c, MILTER_AT_CONNECT);
	answer = session_connect(c->session, host != NULL ? host : "unknown",
	    has_ip ? &ip : NULL, port);
	return leave(finish_step(ctx, c, STAGE_CONNECT, &answer));
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	struct conversation *c = enter(ctx);
	struct answer answer;

	if (c == NULL)
		return leave(SMFIS_CONTINUE);
	c->in_message = false;	/* HELO ends it (RFC 5321 section 4.1.4) */
	tell_macros(ctx, c, MILTER_AT_HELO);
	answer = session_helo(c->session, name != NULL ? name : "");
	return leave(finish_step(ctx, c, STAGE_HELO, &answer));
}

/* The address of MAIL or RCPT; what follows are ESMTP parameters. */
static const char *
argument(char **argv)
{
	return argv != NULL && argv[0] != NULL ? argv[0] : "";
}

static void
tell_arguments(struct conversation *c, char **argv)
{
	size_t count = 0;

	while (argv != NULL && argv[count] != NULL)
		count++;
	session_arguments(c->session, (const char *const *)argv, count);
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct conversation *c = enter(ctx);
	struct answer answer;
	sfsistat verdict;

	if (c == NULL)
		return leave(SMFIS_CONTINUE);
	tell_macros(ctx, c, MILTER_AT_MAIL);
	tell_arguments(c, argv);
	answer = session_mail(c->session, argument(argv));
	verdict = finish_step(ctx, c, STAGE_MAIL, &answer);
	c->in_message = verdict == SMFIS_CONTINUE || verdict == SMFIS_NOREPLY;
	if (!c->in_message)
		session_abort(c->session);	/* the answer is given */
	return leave(verdict);
}

/*
 * Of a recipient that the MTA has refused itself (SMFIP_RCPT_REJ) the client
 * has its answer: nothing that we say could change it.
 */
static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	struct answer answer = { .kind = ANSWER_CONTINUE };
	struct conversation *c = enter(ctx);
	const char *mailer;

	if (c == NULL || !c->in_message)
		return leave(out_of_order("a recipient"));
	mailer = macro_value(ctx, "rcpt_mailer");
	tell_macros(ctx, c, MILTER_AT_RCPT);
	tell_arguments(c, argv);
	if (mailer != NULL && text_equal(mailer, "error"))
		session_rcpt_rejected(c->session, argument(argv));
	else
		answer = session_rcpt(c->session, argument(argv));
	return leave(finish_step(ctx, c, STAGE_RCPT, &answer));
}

static sfsistat
on_unknown(SMFICTX *ctx, const char *command)
{
	struct conversation *c = enter(ctx);
	struct answer answer;

	if (c == NULL)
		return leave(SMFIS_CONTINUE);
	if ((c->agreement.steps & SMFIP_NR_UNKN) != 0)
		return leave(SMFIS_NOREPLY);
	answer = session_unknown(c->session, command != NULL ? command : "");
	return leave(answer_give(ctx, &answer));
}

/* An MTA that cannot leave fields or body out sends what nobody asked for. */
static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct conversation *c = enter(ctx);

	if (c == NULL)
		return leave(SMFIS_CONTINUE);
	if (c->in_message && c->demand->headers)
		session_header(c->session, name != NULL ? name : "",
		    value != NULL ? value : "");
	return leave((c->agreement.steps & SMFIP_NR_HDR) != 0 ?
	    SMFIS_NOREPLY : SMFIS_CONTINUE);
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *bytes, size_t len)
{
	struct conversation *c = enter(ctx);

	if (c == NULL)
		return leave(SMFIS_CONTINUE);
	if (c->in_message && c->demand->body)
		session_body(c->session, bytes, len);
	return leave((c->agreement.steps & SMFIP_NR_BODY) != 0 ?
	    SMFIS_NOREPLY : SMFIS_CONTINUE);
}

static sfsistat
on_end(SMFICTX *ctx)
{
	struct conversation *c = enter(ctx);
	struct answer answer;

	if (c == NULL || !c->in_message)
		return leave(out_of_order("the end of a message"));
	tell_macros(ctx, c, MILTER_AT_END);
	answer = session_end(c->session);
	c->in_message = false;
	return leave(answer_give_end(ctx, &answer));
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct conversation *c = enter(ctx);

	if (c != NULL) {
		session_abort(c->session);
		c->in_message = false;
	}
	return leave(SMFIS_CONTINUE);
}

static sfsistat
on_close(SMFICTX *ctx)
{
	conversation_free(enter(ctx));
	smfi_setpriv(ctx, NULL);
	return leave(SMFIS_CONTINUE);
}

/*
 * All callbacks are there, the negotiated bits choose.  DATA and the end of
 * the headers tell us nothing: without callbacks libmilter answers them where
 * an MTA cannot leave them out.
 */
int
filter_register(struct live *configuration, const struct env *world)
{
	char name[] = "milter-reply";

	live = configuration;
	env = world;
	return smfi_register((struct smfiDesc){
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_NONE,	/* on_negotiate() says which */
		.xxfi_negotiate = on_negotiate,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_end,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_unknown = on_unknown,
	}) == MI_SUCCESS ? 0 : -1;
}
