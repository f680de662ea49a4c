/*
 * notfound - the socketmap service that ours is measured against.
 *
 *	notfound SOCKET
 *
 * Answers each request with NOTFOUND and looks at nothing but its end, in a few
 * threads that wait as those of our daemon do: no service can answer faster on
 * this machine.  Says "ready" on standard output once it listens; SIGTERM ends
 * it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/socket_name.h"
#include "base/strbuf.h"
#include "wire/netstring.h"
#include "wire/socketmap.h"
#include "world/listener.h"

#define BACKLOG		128
#define THREADS		2
#define EVENTS		16
#define READ_BYTES	4096

/* Answers the requests that came; they come whole.  Returns -1 at the end. */
static int
serve(int fd, struct strbuf *out)
{
	char bytes[READ_BYTES];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	size_t done = 0, len, used;
	const char *start;

	while (n > 0 && netstring_read(bytes + done, (size_t)n - done, &start,
	    &len, &used) == NETSTRING_WHOLE) {
		socketmap_write(out, SOCKETMAP_NOTFOUND, "");
		done += used;
	}
	n = done > 0 ? send(fd, out->text, out->len, MSG_NOSIGNAL) : -1;
	strbuf_reset(out);
	return n > 0 ? 0 : -1;
}

static void *
run(void *arg)
{
	const int set = *(const int *)arg;
	struct epoll_event events[EVENTS];
	struct strbuf out = STRBUF_INIT;

	for (;;) {
		int count = epoll_wait(set, events, EVENTS, -1);

		for (int i = 0; i < count; i++)
			if (serve(events[i].data.fd, &out) == -1)
				close(events[i].data.fd);
	}
	return NULL;
}

int
main(int argc, char *argv[])
{
	int listener, sets[THREADS];
	struct diag diag = DIAG_INIT;
	struct socket_name name;

	if (argc != 2 || socket_parse(&name, argv[1], &diag) == -1 ||
	    (listener = listener_open(&name, BACKLOG, &diag)) == -1) {
		fprintf(stderr, "notfound: %s\n",
		    argc == 2 ? diag_first(&diag) : "name one socket");
		return 2;
	}
	if (fcntl(listener, F_SETFL, 0) == -1)	/* accept() waits */
		abort();
	for (int t = 0; t < THREADS; t++) {
		pthread_t thread;

		sets[t] = epoll_create1(EPOLL_CLOEXEC);
		if (sets[t] == -1 ||
		    pthread_create(&thread, NULL, run, &sets[t]) != 0)
			abort();
	}
	puts("ready");
	fflush(stdout);
	for (unsigned next = 0;; next++) {
		int fd = accept(listener, NULL, NULL);
		struct epoll_event event = { .events = EPOLLIN,
			.data.fd = fd };

		if (fd == -1 || epoll_ctl(sets[next % THREADS], EPOLL_CTL_ADD,
		    fd, &event) == -1)
			abort();
	}
}
