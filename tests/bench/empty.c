/*
 * empty - the filter that others are measured against: it does nothing.
 *
 *	empty [--steps=0xHEX] [--actions=0xHEX] [--symbols=PLACE:LIST]... SOCKET
 *
 * libmilter with every callback, and each returns "continue".  With options it
 * agrees to exactly these, as `load --terms' tells them of another filter, and
 * leaves unanswered what is agreed to be: then it is the least that a filter
 * with this negotiation can cost.  Says "ready" on standard output once it
 * listens; SIGTERM ends it.
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmilter/mfapi.h>

#include "measure.h"

#define BACKLOG		1024	/* as our daemon */
#define TIMEOUT_S	7210

static const char *const places[] = {
	[SMFIM_CONNECT] = "connect",
	[SMFIM_HELO] = "helo",
	[SMFIM_ENVFROM] = "mail",
	[SMFIM_ENVRCPT] = "rcpt",
	[SMFIM_DATA] = "data",
	[SMFIM_EOM] = "eom",
	[SMFIM_EOH] = "eoh",
};
#define PLACE_COUNT	(sizeof(places) / sizeof(places[0]))

/* Set before libmilter's threads run, and only read afterwards. */
static struct {
	unsigned long	 steps;
	unsigned long	 actions;
	char		*symbols[PLACE_COUNT];	/* NULL: does not say */
} want;

static sfsistat
answer(unsigned long quiet)
{
	return (want.steps & quiet) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long unused2, unsigned long unused3, unsigned long *want_actions,
    unsigned long *want_steps, unsigned long *want2, unsigned long *want3)
{
	(void)actions;
	(void)steps;
	(void)unused2;
	(void)unused3;
	for (size_t p = 0; p < PLACE_COUNT; p++)
		if (want.symbols[p] != NULL)
			smfi_setsymlist(ctx, (int)p, want.symbols[p]);
	*want_actions = want.actions;
	*want_steps = want.steps;
	*want2 = 0;
	*want3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	(void)ctx;
	(void)host;
	(void)address;
	return answer(SMFIP_NR_CONN);
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	(void)ctx;
	(void)name;
	return answer(SMFIP_NR_HELO);
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return answer(SMFIP_NR_MAIL);
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return answer(SMFIP_NR_RCPT);
}

static sfsistat
on_data(SMFICTX *ctx)
{
	(void)ctx;
	return answer(SMFIP_NR_DATA);
}

static sfsistat
on_unknown(SMFICTX *ctx, const char *command)
{
	(void)ctx;
	(void)command;
	return answer(SMFIP_NR_UNKN);
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return answer(SMFIP_NR_HDR);
}

static sfsistat
on_end_of_headers(SMFICTX *ctx)
{
	(void)ctx;
	return answer(SMFIP_NR_EOH);
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *bytes, size_t len)
{
	(void)ctx;
	(void)bytes;
	(void)len;
	return answer(SMFIP_NR_BODY);
}

static sfsistat
on_other(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static void
fail(const char *what)
{
	fprintf(stderr, "empty: %s\n", what);
	exit(2);
}

static unsigned long
take_bits(const char *text)
{
	char *end;
	unsigned long bits;

	errno = 0;
	bits = strtoul(text, &end, 16);
	if (errno != 0 || end == text || *end != '\0')
		fail("bits are written as 0x1f");
	return bits;
}

static void
take_symbols(const char *text)
{
	for (size_t p = 0; p < PLACE_COUNT; p++) {
		size_t len = strlen(places[p]);

		if (strncmp(text, places[p], len) == 0 && text[len] == ':') {
			want.symbols[p] = strdup(text + len + 1);
			return;
		}
	}
	fail("no such place for symbols");
}

/* Returns the socket. */
static char *
take_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ "steps", required_argument, NULL, 's' },
		{ "actions", required_argument, NULL, 'a' },
		{ "symbols", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (option) {
		case 's':
			want.steps = take_bits(optarg);
			break;
		case 'a':
			want.actions = take_bits(optarg);
			break;
		case 'm':
			take_symbols(optarg);
			break;
		default:
			fail("wrong usage");
		}
	if (optind != argc - 1)
		fail("one socket is needed");
	return argv[optind];
}

static void
listen_at(char *socket)
{
	char name[] = "empty";
	struct smfiDesc filter = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = want.actions,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_end_of_headers,
		.xxfi_body = on_body,
		.xxfi_eom = on_other,
		.xxfi_abort = on_other,
		.xxfi_close = on_other,
		.xxfi_unknown = on_unknown,
		.xxfi_data = on_data,
		.xxfi_negotiate = on_negotiate,
	};

	if (smfi_register(filter) != MI_SUCCESS ||
	    smfi_setconn(socket) != MI_SUCCESS ||
	    smfi_setbacklog(BACKLOG) != MI_SUCCESS ||
	    smfi_settimeout(TIMEOUT_S) != MI_SUCCESS ||
	    smfi_opensocket(true) != MI_SUCCESS)
		fail("libmilter does not listen there");
}

/* The signal is taken by libmilter's thread or by ours: each ends the other. */
static void *
serve(void *unused)
{
	if (smfi_main() != MI_SUCCESS)
		fail("libmilter has ended");
	kill(getpid(), SIGTERM);
	return unused;
}

/* libmilter itself would take some seconds to stop. */
static void
wait_for_end(void)
{
	sigset_t signals;
	int number;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigwait(&signals, &number);
}

int
main(int argc, char **argv)
{
	char *socket = take_options(argc, argv);
	sigset_t signals;
	pthread_t thread;

	raise_files();
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	listen_at(socket);
	if (pthread_create(&thread, NULL, serve, NULL) != 0)
		fail("no thread");
	puts("ready");
	fflush(stdout);
	wait_for_end();
	if (strncmp(socket, "unix:", 5) == 0 ||
	    strncmp(socket, "local:", 6) == 0)
		unlink(strchr(socket, ':') + 1);
	exit(0);
}
