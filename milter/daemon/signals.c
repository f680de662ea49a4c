#include "daemon/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	int		number;
	enum request	request;
} known[] = {
	{ SIGHUP, REQUEST_STOP },
	{ SIGINT, REQUEST_STOP },
	{ SIGTERM, REQUEST_STOP },
	{ SIGUSR1, REQUEST_RELOAD },
};

/*
 * The notes of the handler, one byte each: a handler has no other way to reach
 * what it belongs to.  Set by signals_take(), before there is any thread.
 */
static int notes[2];

/* A full pipe holds more notes than anybody needs: then this one is lost. */
static void
take_note(enum request request)
{
	unsigned char byte = (unsigned char)request;
	ssize_t n = write(notes[1], &byte, 1);

	(void)n;
}

static void
handle(int number)
{
	int error = errno;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].number == number)
			take_note(known[i].request);
	errno = error;
}

void
signals_take(void)
{
	struct sigaction action = {
		.sa_handler = handle,
		.sa_flags = SA_RESTART,
	};
	sigset_t set;

	if (pipe2(notes, O_CLOEXEC) == -1 ||
	    fcntl(notes[1], F_SETFL, O_NONBLOCK) == -1)
		abort();
	/*
	 * Nothing is held back meanwhile: a signal that finds it blocked here
	 * goes to libmilter's thread.
	 */
	sigemptyset(&action.sa_mask);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		sigaction(known[i].number, &action, NULL);
		sigaddset(&set, known[i].number);
	}
	/* Whoever started us may have blocked them. */
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void
signals_block(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		sigaddset(&set, known[i].number);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/*
 * poll() first, because a signal always ends it: ThreadSanitizer holds handlers
 * back while a read() goes on, and SA_RESTART makes it go on for ever.
 */
enum request
signals_wait(void)
{
	struct pollfd ready = { .fd = notes[0], .events = POLLIN };
	unsigned char byte;

	while (poll(&ready, 1, -1) != 1 || read(notes[0], &byte, 1) != 1)
		continue;
	return (enum request)byte;
}

void
signals_stop(void)
{
	take_note(REQUEST_STOP);
}

void
signals_loaded(void)
{
	take_note(REQUEST_LOADED);
}
