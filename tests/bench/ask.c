/*
 * ask - asks questions of a socketmap service, and measures its answers.
 *
 *	ask [OPTIONS] SOCKET
 *
 * As Postfix does it, each client keeps its connection and asks one question
 * at a time; --pipeline has more of them in flight.  Keys are the lines of a
 * file in turn, or one refusal.  What was measured goes to standard output as
 * one JSON object; failed counts the questions without a right answer, and the
 * exit code is 1 when there was one.
 */
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "measure.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/socket_name.h"
#include "base/strbuf.h"
#include "wire/netstring.h"

#define TIMEOUT_MS	30000
#define READ_BYTES	65536
#define EVENTS_MAX	64
#define PIPELINE_MAX	10000
#define DEFAULT_KEY	"550 5.1.1 <user@example.com>: Recipient address " \
			"rejected: User unknown in local recipient table"

static const char usage[] =
    "usage: ask [OPTIONS] SOCKET\n"
    "  --connections=N  at once (1)\n"
    "  --requests=N     in all (10000)\n"
    "  --pipeline=N     in flight on each connection (1)\n"
    "  --file=FILE      keys, one a line\n"
    "  --map=NAME       that is asked (filter)\n";

struct client {
	int		 fd;
	bool		 polls_write;
	struct strbuf	 out;
	size_t		 written;
	struct strbuf	 in;
	size_t		 in_flight;
	size_t		 oldest;	/* of asked_ns, a ring */
	uint64_t	*asked_ns;
};

static struct {
	unsigned long	 connections;
	unsigned long	 requests;
	size_t		 pipeline;
	const char	*map;
	const char	*socket;

	struct strbuf	*questions;	/* as written, made once */
	size_t		 question_count;
	int		 epoll;
	unsigned long	 asked;
	unsigned long	 answered;
	unsigned long	 failed;
	unsigned long	 found;
	unsigned long	 not_found;
	uint64_t	*latency_ns;
	size_t		 latency_room;
} run = {
	.connections = 1,
	.requests = 10000,
	.pipeline = 1,
	.map = "filter",
};

static void
fail(const char *what)
{
	fprintf(stderr, "ask: %s\n%s", what, usage);
	exit(2);
}

/* --- questions --- */

static void
add_question(const char *key)
{
	static size_t room;
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "%s %s", run.map, key);
	run.questions = xgrow(run.questions, run.question_count, &room,
	    sizeof(*run.questions));
	strbuf_init(&run.questions[run.question_count]);
	netstring_write(&run.questions[run.question_count], text.text,
	    text.len);
	run.question_count++;
	strbuf_release(&text);
}

static void
read_questions(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (file == NULL)
		fail("the file of keys cannot be read");
	while ((len = getline(&line, &room, file)) > 0) {
		if (line[len - 1] == '\n')
			line[--len] = '\0';
		if (len > 0)
			add_question(line);
	}
	free(line);
	fclose(file);
}

static unsigned long
take_count(const char *text, unsigned long high)
{
	unsigned long number;

	if (!read_count(&number, text, 1, high))
		fail("a number is out of range");
	return number;
}

static void
take_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ "connections", required_argument, NULL, 'c' },
		{ "requests", required_argument, NULL, 'r' },
		{ "pipeline", required_argument, NULL, 'p' },
		{ "file", required_argument, NULL, 'f' },
		{ "map", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 }
	};
	const char *file = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (option) {
		case 'c':
			run.connections = take_count(optarg, 10000);
			break;
		case 'r':
			run.requests = take_count(optarg, 1000000000);
			break;
		case 'p':
			run.pipeline = take_count(optarg, PIPELINE_MAX);
			break;
		case 'f':
			file = optarg;
			break;
		case 'm':
			run.map = optarg;
			break;
		default:
			fail("no such option");
		}
	if (optind != argc - 1)
		fail("one socket is needed");
	run.socket = argv[optind];
	if (file != NULL)
		read_questions(file);
	else
		add_question(DEFAULT_KEY);
	if (run.question_count == 0)
		fail("the file has no keys");
}

static void
release_questions(void)
{
	for (size_t i = 0; i < run.question_count; i++)
		strbuf_release(&run.questions[i]);
	free(run.questions);
}

/* --- clients --- */

static int
open_unix(const struct socket_name *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, name->path, SOCKET_PATH_MAX);
	if (fd == -1 || connect(fd, (const struct sockaddr *)&address,
	    sizeof(address)) == -1)
		return -1;
	return fd;
}

static int
open_inet(const struct socket_name *name)
{
	struct addrinfo hints = {
		.ai_family = name->kind == SOCKET_INET6 ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *to;
	char port[16];
	int fd, one = 1;

	snprintf(port, sizeof(port), "%u", name->port);
	if (getaddrinfo(socket_host(name), port, &hints, &to) != 0)
		return -1;
	fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, to->ai_addr, to->ai_addrlen) == -1)
		return -1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	freeaddrinfo(to);
	return fd;
}

static void
client_open(struct client *client, const struct socket_name *name)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

	client->fd = name->kind == SOCKET_UNIX ? open_unix(name) :
	    open_inet(name);
	if (client->fd == -1)
		fail("no connection");
	strbuf_init(&client->out);
	strbuf_init(&client->in);
	client->asked_ns = xcalloc(run.pipeline, sizeof(*client->asked_ns));
	(void)epoll_ctl(run.epoll, EPOLL_CTL_ADD, client->fd, &event);
}

static void
client_release(struct client *client)
{
	if (client->fd != -1)
		close(client->fd);
	strbuf_release(&client->out);
	strbuf_release(&client->in);
	free(client->asked_ns);
}

/* What it had asked, and will not ask any more, has failed. */
static void
client_fail(struct client *client, const char *why)
{
	fprintf(stderr, "ask: %s\n", why);
	run.failed += client->in_flight;
	run.answered += client->in_flight;
	client->in_flight = 0;
	close(client->fd);
	client->fd = -1;
}

/* Returns 0, or -1 where the connection broke. */
static int
client_write(struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	bool is_full = false;

	while (client->written < client->out.len && !is_full) {
		ssize_t count = send(client->fd,
		    client->out.text + client->written,
		    client->out.len - client->written,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (count == -1 && errno != EAGAIN)
			return -1;
		is_full = count == -1;
		client->written += is_full ? 0 : (size_t)count;
	}
	if (!is_full) {
		client->written = 0;
		strbuf_reset(&client->out);
	}
	if (is_full != client->polls_write) {
		client->polls_write = is_full;
		event.events |= is_full ? EPOLLOUT : 0;
		(void)epoll_ctl(run.epoll, EPOLL_CTL_MOD, client->fd, &event);
	}
	return 0;
}

/* Has as many questions in flight as it may. */
static void
client_ask(struct client *client)
{
	uint64_t now = now_ns();

	while (client->in_flight < run.pipeline && run.asked < run.requests) {
		const struct strbuf *question =
		    &run.questions[run.asked++ % run.question_count];

		strbuf_add(&client->out, question->text, question->len);
		client->asked_ns[(client->oldest + client->in_flight++) %
		    run.pipeline] = now;
	}
	if (client_write(client) == -1)
		client_fail(client, "the connection broke");
}

static bool
begins(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

static void
client_take(struct client *client, const char *text, size_t len, uint64_t now)
{
	if (begins(text, len, "OK "))
		run.found++;
	else if (begins(text, len, "NOTFOUND "))
		run.not_found++;
	else
		run.failed++;
	run.latency_ns = xgrow(run.latency_ns, run.answered,
	    &run.latency_room, sizeof(*run.latency_ns));
	run.latency_ns[run.answered++] = now -
	    client->asked_ns[client->oldest];
	client->oldest = (client->oldest + 1) % run.pipeline;
	client->in_flight--;
}

/* Takes all whole answers; returns -1 where one is wrong. */
static int
client_take_all(struct client *client)
{
	uint64_t now = now_ns();
	size_t done = 0;

	for (;;) {
		const char *text;
		size_t len, used;
		enum netstring_read what = netstring_read(
		    client->in.text + done, client->in.len - done, &text, &len,
		    &used);

		if (what == NETSTRING_WRONG || (what == NETSTRING_WHOLE &&
		    client->in_flight == 0))
			return -1;
		if (what == NETSTRING_MORE)
			break;
		client_take(client, text, len, now);
		done += used;
	}
	memmove(client->in.text, client->in.text + done,
	    client->in.len - done);
	strbuf_cut(&client->in, client->in.len - done);
	return 0;
}

static void
client_event(struct client *client)
{
	static char buffer[READ_BYTES];
	ssize_t count;

	if (client->fd == -1)
		return;
	count = recv(client->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	if (count == 0 || (count == -1 && errno != EAGAIN)) {
		client_fail(client, "the server closed the connection");
		return;
	}
	if (count > 0)
		strbuf_add(&client->in, buffer, (size_t)count);
	if (client_take_all(client) == -1)
		client_fail(client, "no answer of the protocol");
	else
		client_ask(client);
}

/* --- the run --- */

static unsigned long
open_clients(const struct client *clients)
{
	unsigned long count = 0;

	for (unsigned long i = 0; i < run.connections; i++)
		count += clients[i].fd != -1 ? 1 : 0;
	return count;
}

static void
run_all(struct client *clients)
{
	struct epoll_event events[EVENTS_MAX];

	for (unsigned long i = 0; i < run.connections; i++)
		client_ask(&clients[i]);
	while (run.answered < run.requests && open_clients(clients) > 0) {
		int ready = epoll_wait(run.epoll, events, EVENTS_MAX,
		    TIMEOUT_MS);

		if (ready == 0)
			for (unsigned long i = 0; i < run.connections; i++)
				if (clients[i].fd != -1)
					client_fail(&clients[i],
					    "no answer in 30 seconds");
		for (int i = 0; i < ready; i++)
			client_event(events[i].data.ptr);
	}
	run.failed += run.requests - run.answered;	/* never asked */
}

static void
print_result(double seconds, double own_cpu_s)
{
	size_t count = run.found + run.not_found;

	sort_times(run.latency_ns, count);
	printf("{\"requests\": %lu, \"failed\": %lu, \"seconds\": %.6f, "
	    "\"requests_per_second\": %.1f, \"found\": %lu, "
	    "\"not_found\": %lu, ", run.requests, run.failed, seconds,
	    seconds > 0 ? (double)count / seconds : 0, run.found,
	    run.not_found);
	printf("\"latency_us\": {\"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, "
	    "\"max\": %.1f}, \"own_cpu_us_per_request\": %.3f}\n",
	    percentile_us(run.latency_ns, count, 50),
	    percentile_us(run.latency_ns, count, 90),
	    percentile_us(run.latency_ns, count, 99),
	    percentile_us(run.latency_ns, count, 100),
	    own_cpu_s * 1e6 / (double)run.requests);
}

int
main(int argc, char **argv)
{
	struct diag why = DIAG_INIT;
	struct socket_name name;
	struct client *clients;
	double cpu_s;
	uint64_t began;

	take_options(argc, argv);
	if (socket_parse(&name, run.socket, &why) == -1)
		fail(diag_first(&why));
	run.epoll = epoll_create1(EPOLL_CLOEXEC);
	clients = xcalloc(run.connections, sizeof(*clients));
	for (unsigned long i = 0; i < run.connections; i++)
		client_open(&clients[i], &name);
	cpu_s = cpu_seconds();
	began = now_ns();
	run_all(clients);
	print_result((double)(now_ns() - began) / (double)NS,
	    cpu_seconds() - cpu_s);
	for (unsigned long i = 0; i < run.connections; i++)
		client_release(&clients[i]);
	free(clients);
	free(run.latency_ns);
	release_questions();
	return run.failed > 0 ? 1 : 0;
}
