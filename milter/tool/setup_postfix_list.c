/* The entries of a list of milters in main.cf, and whose sockets they name. */

#include "tool/setup_postfix.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "session/milter.h"

/*
 * A socket as Postfix has it: "inet:127.0.0.1:8894", "unix:milter-reply/socket"
 * below the queue folder.  False for what is none that we can name.
 */
static bool
entry_socket(const struct postfix *postfix, struct text entry,
    struct socket_name *name)
{
	struct arena *arena = postfix->setup->arena;
	const struct text word = entry_word(entry);
	const char *text = arena_memdup(arena, word.bytes, word.len);
	const char *rest = strchr(text, ':'), *port;
	struct diag diag = DIAG_INIT;
	int rc;

	if (rest == NULL)
		return false;
	if (text_starts(text, "unix:") || text_starts(text, "local:")) {
		text = arena_format(arena, rest[1] == '/' ? "unix:%s%s" :
		    "unix:%s/%s", rest[1] == '/' ? "" : postfix->queue,
		    rest + 1);
	} else {
		if (text_starts(text, "inet:"))
			text = rest + 1;
		port = strrchr(text, ':');
		if (port == NULL)
			return false;
		text = arena_format(arena, "%s:%s@%.*s", memchr(text, ':',
		    (size_t)(port - text)) != NULL ? "inet6" : "inet",
		    port + 1, (int)(port - text), text);
	}
	rc = socket_parse(name, text, &diag);
	diag_release(&diag);
	return rc == 0;
}

static bool
is_ours(const struct postfix *postfix, struct text entry)
{
	struct socket_name name;

	return entry_socket(postfix, entry, &name) &&
	    socket_same(&name, &postfix->setup->milter);
}

bool
postfix_find_ours(const struct postfix *postfix, const char *list,
    struct text *entry)
{
	while (list_entry(&list, entry))
		if (is_ours(postfix, *entry))
			return true;
	return false;
}

const char *
postfix_list_without_ours(const struct postfix *postfix, const char *list)
{
	struct arena *arena = postfix->setup->arena;
	const char *rest = "";
	struct text entry;

	while (list_entry(&list, &entry))
		if (!is_ours(postfix, entry))
			rest = list_with(arena, rest, arena_memdup(arena,
			    entry.bytes, entry.len));
	return rest;
}

const char *
postfix_list_without_twice(const struct postfix *postfix, const char *list,
    const char **twice)
{
	struct arena *arena = postfix->setup->arena;
	const char *rest = "";
	struct text entry;

	*twice = "";
	while (list_entry(&list, &entry)) {
		const struct text word = entry_word(entry);
		const struct milter *milter = NULL;
		struct socket_name name;

		if (entry_socket(postfix, entry, &name))
			milter = setup_behind_us(postfix->setup, &name);
		if (milter == NULL)
			rest = list_with(arena, rest, arena_memdup(arena,
			    entry.bytes, entry.len));
		else
			*twice = list_with(arena, *twice, arena_format(arena,
			    "%.*s (%s)", (int)word.len, word.bytes,
			    milter->name));
	}
	return rest;
}
