/* One client of the maps service. */

#include "daemon/maps_inside.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "config/live.h"
#include "config/snapshot.h"
#include "session/map.h"
#include "wire/netstring.h"
#include "wire/socketmap.h"
#include "world/log.h"

#define KEPT_BYTES	MAPS_READ_BYTES

void
maps_client_tell(const struct maps_client *client, const char *why)
{
	struct maps *maps = client->worker->maps;

	if (!maps_may_tell(maps, &maps->told_wrong_ms))
		return;
	log_lines_write(&client->worker->lines);	/* they came before */
	log_event(LEVEL_WARNING, "maps", "a client of the maps service is cut "
	    "off: %s; further ones within a minute are not told", why);
}

static void
answer(struct maps_client *client, const struct snapshot *snapshot,
    const struct socketmap_request *request)
{
	struct maps_worker *worker = client->worker;
	enum socketmap_answer kind;

	kind = map_answer(snapshot_rules(snapshot), &worker->env,
	    worker->maps->refused, worker->arena, request, &worker->text);
	socketmap_write(&client->out, kind, worker->text.text);
	strbuf_reset(&worker->text);
	arena_reset(worker->arena);
	client->moved = true;
}

/* Answers all whole requests.  Returns how many of the bytes they are. */
static size_t
answer_all(struct maps_client *client, const char *bytes, size_t size)
{
	/* After they came: whoever asks after a reload gets what is new. */
	struct snapshot *snapshot = live_get(client->worker->maps->live);
	struct socketmap_request request;
	size_t done = 0, used, len;
	const char *start;

	while (!client->wrong) {
		enum netstring_read read = netstring_read(bytes + done,
		    size - done, &start, &len, &used);

		if (read == NETSTRING_MORE)
			break;
		if (read == NETSTRING_WRONG ||
		    socketmap_read(&request, start, len) == -1) {
			maps_client_tell(client, "this is no socketmap "
			    "request");
			client->wrong = true;
			break;
		}
		answer(client, snapshot, &request);
		done += used;
	}
	snapshot_put(snapshot);
	return done;
}

/* An idle client holds no memory that one large request has taken. */
static void
keep_small(struct strbuf *buf)
{
	if (buf->len == 0 && buf->room > KEPT_BYTES)
		strbuf_release(buf);
}

/* Most requests come whole, and are read where they are. */
static void
take(struct maps_client *client, const char *bytes, size_t size)
{
	struct strbuf *in = &client->in;
	size_t done;

	if (in->len == 0) {
		done = answer_all(client, bytes, size);
		strbuf_add(in, bytes + done, size - done);
		return;
	}
	strbuf_add(in, bytes, size);
	done = answer_all(client, in->text, in->len);
	memmove(in->text, in->text + done, in->len - done);
	strbuf_cut(in, in->len - done);
	keep_small(in);
}

void
maps_client_read(struct maps_client *client)
{
	char *buffer = client->worker->buffer;
	ssize_t n;

	if (client->blocked)
		return;
	do
		n = recv(client->fd, buffer, MAPS_READ_BYTES, MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n > 0)
		take(client, buffer, (size_t)n);
	else if (n == 0 || errno != EAGAIN)
		client->over = true;
}

void
maps_client_write(struct maps_client *client)
{
	struct strbuf *out = &client->out;

	while (client->sent < out->len && !client->over) {
		ssize_t n = send(client->fd, out->text + client->sent,
		    out->len - client->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			client->sent += (size_t)n;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			client->over = true;
	}
	client->blocked = client->sent < out->len;
	if (client->blocked)
		return;
	client->moved = client->moved || out->len > 0;
	client->sent = 0;
	strbuf_reset(out);
	keep_small(out);
	client->over = client->over || client->wrong;
}

void
maps_client_release(struct maps_client *client)
{
	close(client->fd);
	strbuf_release(&client->in);
	strbuf_release(&client->out);
}
