#include "config/load.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/socket_name.h"
#include "base/strbuf.h"
#include "config/schema.h"
#include "config/tree.h"
#include "reply/origin.h"
#include "session/milter.h"

#define MS_PER_S	1000u

/* Says what is missing; returns true if all is there. */
static bool
is_whole(struct load *load, const struct node *node,
    const struct milter_entry *entry)
{
	static const char *const keys[] = { "name", "socket" };
	const char *const values[] = { entry->name, entry->socket };
	bool whole = true;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (values[i] != NULL)
			continue;
		whole = false;
		/* One that is written wrongly was told of already. */
		if (node_find(node, keys[i]) == NULL)
			diag_add(load->diag, SEVERITY_ERROR, node->place,
			    "this milter has no %s; write %s", keys[i], i == 0 ?
			    "name = \"...\", for the log and for recognise" :
			    "socket = \"inet:PORT@HOST\"");
	}
	return whole;
}

static void
check_name(struct load *load, const struct node *node, const char *name)
{
	struct strbuf where = STRBUF_INIT;

	for (size_t i = 0; i < load->milter_count; i++) {
		if (strcmp(load->milters[i].name, name) != 0)
			continue;
		place_format(load->root.milters->items[i].place, &where);
		diag_add(load->diag, SEVERITY_ERROR, node_place(node, "name"),
		    "there is a milter \"%s\" already, at %s; give this one "
		    "another name", name, where.text);
	}
	strbuf_release(&where);
}

/* What cannot be parsed is told where it stands. */
static bool
is_socket(const struct socket_name *name, const char *other)
{
	struct diag why = DIAG_INIT;
	struct socket_name parsed;
	bool same = socket_parse(&parsed, other, &why) == 0 &&
	    socket_same(name, &parsed);

	diag_release(&why);
	return same;
}

/*
 * A milter that is ourselves would ask itself without end; one that is asked
 * twice has most likely the socket of another.
 */
static void
check_socket(struct load *load, const struct node *node, const char *socket)
{
	const struct daemon_settings *daemon = &load->settings->daemon;
	const struct place place = node_place(node, "socket");
	struct diag why = DIAG_INIT;
	struct socket_name name;
	const char *ours;

	if (socket_parse(&name, socket, &why) == -1) {
		diag_take(load->diag, &why, place, "in a milter: ");
		return;
	}
	ours = is_socket(&name, daemon->milter) ? "milter" :
	    is_socket(&name, daemon->maps) ? "maps" : NULL;
	if (ours != NULL)
		diag_add(load->diag, SEVERITY_ERROR, place, "socket in a "
		    "milter is our own, daemon.%s; write where the other "
		    "milter listens", ours);
	for (size_t i = 0; i < load->milter_count; i++)
		if (is_socket(&name, load->milters[i].socket))
			diag_add(load->diag, SEVERITY_ERROR, place, "socket "
			    "in a milter is that of the milter \"%s\"; write "
			    "where this one listens", load->milters[i].name);
}

static void
load_milter(struct load *load, const struct node *node)
{
	struct milter_entry entry = { .name = NULL };

	schema_read(SECTION_MILTER, &entry, node, load->defaults, load->arena,
	    load->diag);
	if (!is_whole(load, node, &entry))
		return;
	check_name(load, node, entry.name);
	check_socket(load, node, entry.socket);
	load->milters[load->milter_count++] = (struct milter){
		.name = entry.name,
		.socket = entry.socket,
		.on_error = entry.on_error,
		.observe = entry.observe,
		.version = (unsigned)entry.protocol,
		.connect_timeout_ms = (unsigned)entry.connect_timeout_s *
		    MS_PER_S,
		.answer_timeout_ms = (unsigned)entry.timeout_s * MS_PER_S,
		.end_timeout_ms = (unsigned)entry.end_timeout_s * MS_PER_S,
		.rest_ms = (unsigned)entry.rest_s * MS_PER_S,
		.failures_max = (unsigned)entry.failures,
	};
}

void
load_milters(struct load *load)
{
	const struct node *rows = load->root.milters;
	size_t count = rows != NULL ? rows->count : 0;
	const char *names[MILTERS_MAX];

	if (count > MILTERS_MAX) {
		diag_add(load->diag, SEVERITY_ERROR,
		    rows->items[MILTERS_MAX].place, "there are %zu milters, "
		    "but only %d can be asked", count, MILTERS_MAX);
		count = MILTERS_MAX;
	}
	load->milters = arena_alloc(load->arena,
	    count * sizeof(*load->milters));
	for (size_t i = 0; i < count; i++)
		load_milter(load, &rows->items[i]);
	for (size_t i = 0; i < load->milter_count; i++)
		names[i] = load->milters[i].name;
	load->origins = origins_new(load->arena, names, load->milter_count);
}
