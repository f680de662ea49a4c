#include "tool/setup_postfix.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/settings.h"
#include "tool/options.h"
#include "tool/setup.h"
#include "tool/tool.h"

#define VERSION_ASSUMED	"3.7"	/* where there is no Postfix to ask */
#define QUEUE_FOLDER	"/var/spool/postfix"

const char *
postfix_get(const struct postfix *postfix, const char *name)
{
	return main_cf_get(postfix->setup->arena, &postfix->main_cf.plain,
	    name);
}

const char *
postfix_get_expanded(const struct postfix *postfix, const char *name)
{
	return main_cf_get(postfix->setup->arena, &postfix->main_cf.expanded,
	    name);
}

/*
 * A path below the queue folder without it: all services have that for working
 * directory, and those in a chroot have it for their root.
 */
static const char *
path_from_queue(const struct postfix *postfix, const char *path)
{
	size_t len = strlen(postfix->queue);

	return strncmp(path, postfix->queue, len) == 0 && path[len] == '/' ?
	    path + len + 1 : path;
}

const char *
postfix_socket(const struct postfix *postfix,
    const struct socket_name *name)
{
	struct arena *arena = postfix->setup->arena;
	const char *host = socket_host(name);

	if (name->kind == SOCKET_UNIX)
		return arena_format(arena, "unix:%s",
		    path_from_queue(postfix, name->path));
	return arena_format(arena, strchr(host, ':') != NULL ?
	    "inet:[%s]:%u" : "inet:%s:%u", host, name->port);
}

/* A socket as a user wrote it, in the form of postfix_socket(). */
static const char *
socket_normal(const struct postfix *postfix, struct text written)
{
	struct arena *arena = postfix->setup->arena;
	const char *text = arena_memdup(arena, written.bytes, written.len);
	const char *host;

	if (text_starts(text, "unix:"))
		return arena_format(arena, "unix:%s",
		    path_from_queue(postfix, text + strlen("unix:")));
	host = text_starts(text, "inet:") ? text + strlen("inet:") : text;
	if (text_starts(host, "localhost:"))
		return arena_format(arena, "inet:127.0.0.1:%s",
		    host + strlen("localhost:"));
	return arena_format(arena, "inet:%s", host);
}

/* The entry of a list of milters that is ours; false where there is none. */
static bool
find_ours(const struct postfix *postfix, const char *list,
    struct text *entry)
{
	while (list_entry(&list, entry))
		if (strcmp(socket_normal(postfix, entry_word(*entry)),
		    postfix->milter) == 0)
			return true;
	return false;
}

/* The list without our entries. */
static const char *
list_without_ours(const struct postfix *postfix, const char *list)
{
	struct arena *arena = postfix->setup->arena;
	const char *rest = "";
	struct text entry;

	while (list_entry(&list, &entry))
		if (strcmp(socket_normal(postfix, entry_word(entry)),
		    postfix->milter) != 0)
			rest = list_with(arena, rest, arena_memdup(arena,
			    entry.bytes, entry.len));
	return rest;
}

void
postfix_add(const struct postfix *postfix, const char *name, const char *wanted,
    const char *found, enum setup_state state, const char *why)
{
	struct setup *setup = postfix->setup;

	if (state == SETUP_STATE_COUNT)
		state = strcmp(wanted, found) == 0 ? SETUP_FINE :
		    *found == '\0' ? SETUP_MISSING : SETUP_DIFFERS;
	setup_add(setup, (struct setup_item){
		.name = name,
		.line = arena_format(setup->arena, "%s =%s%s", name,
		    *wanted != '\0' ? " " : "", wanted),
		.wanted = wanted,
		.found = found,
		.state = state,
		.why = why,
	});
}

static const char *
action_wanted(const struct setup *setup)
{
	return setup_defers(setup) ? "tempfail" : "accept";
}

static const char *
action_why(const struct postfix *postfix, const char *found)
{
	struct setup *setup = postfix->setup;
	const char *note = "";

	if (setup->compare && strcmp(found, action_wanted(setup)) != 0)
		note = strcmp(found, "accept") == 0 ? " What is set is "
		    "weaker: mail is taken unchecked." :
		    strcmp(found, "tempfail") == 0 ? " What is set is "
		    "stronger: all mail waits." :
		    strcmp(found, "reject") == 0 ? " What is set loses mail: "
		    "all of it is refused for good." : "";
	return arena_format(setup->arena, "While milter-reply does not run, "
	    "%s: %s.%s", setup_defers_what(setup), setup_defers_why(setup),
	    note);
}

/* For the end of a list; action NULL: as everybody's. */
static const char *
new_entry(const struct postfix *postfix, const char *action, const char *times)
{
	if (action == NULL && *times == '\0')
		return postfix->milter;
	return arena_format(postfix->setup->arena, "{ %s%s%s%s }",
	    postfix->milter, action != NULL ? ", default_action = " : "",
	    action != NULL ? action : "", times);
}

/*
 * Our entry in smtpd_milters, what happens while we do not run, and how long
 * we are waited for.  Where others are in the list, theirs stays, and ours has
 * its own; Postfix can do that since 3.0.
 */
static void
add_milter(const struct postfix *postfix)
{
	static const char name[] = "smtpd_milters";
	static const char action_name[] = "milter_default_action";
	struct arena *arena = postfix->setup->arena;
	const char *found = postfix_get(postfix, name);
	const char *action = postfix_get_expanded(postfix, action_name);
	const char *wanted = action_wanted(postfix->setup), *own = NULL;
	const char *why = "milter-reply is asked about each mail.";
	bool others = *found != '\0', differs = strcmp(action, wanted) != 0;
	bool apart = others && setup_version_is(postfix->version, 3, 0);
	struct text entry;

	if (find_ours(postfix, postfix_get_expanded(postfix, name), &entry)) {
		own = entry_attribute(arena, entry, "default_action");
		apart = false;
		postfix_add(postfix, name, found, found, SETUP_FINE, why);
	} else {
		own = apart && differs ? wanted : NULL;
		entry.len = 0;
		postfix_add(postfix, name, list_with(arena, found,
		    new_entry(postfix, own, apart ?
		    postfix_time_attributes(postfix) : "")), found,
		    SETUP_MISSING, !others ? why : "milter-reply is asked "
		    "about each mail, behind the milters that are there "
		    "already. What those refuse stays in their words; they "
		    "could move into the list milters of the configuration, "
		    "and their refusals be rewritten.");
	}
	if (own == NULL)
		postfix_add(postfix, action_name, wanted, action,
		    SETUP_STATE_COUNT, action_why(postfix, action));
	else if (strcmp(own, wanted) != 0)
		postfix_add(postfix, name, found, found, SETUP_DIFFERS,
		    arena_format(arena, "In the entry of milter-reply, "
		    "default_action should be %s. %s", wanted,
		    action_why(postfix, own)));
	if (!apart)
		postfix_add_times(postfix, entry);
}

static void
add_protocol(const struct postfix *postfix)
{
	static const char name[] = "milter_protocol";
	const char *found = postfix_get_expanded(postfix, name);
	bool fine = *found >= '6' && *found <= '9' && found[1] == '\0';

	postfix_add(postfix, name, fine ? found : "6", found, SETUP_STATE_COUNT,
	    "Older versions of the protocol cannot tell which recipients "
	    "Postfix itself refused.");
}

static void
add_non_smtpd(const struct postfix *postfix)
{
	static const char name[] = "non_smtpd_milters";
	const char *found = postfix_get(postfix, name);
	const char *expanded = postfix_get_expanded(postfix, name);
	struct text entry;

	/* "$smtpd_milters" will have us as soon as that list has. */
	if (find_ours(postfix, expanded, &entry) ||
	    strstr(found, "smtpd_milters") != NULL)
		postfix_add(postfix, name, list_without_ours(postfix, expanded),
		    found, SETUP_DIFFERS,
		    "Mail that programs on the same machine hand in has no "
		    "client that could be refused: Postfix would keep it in "
		    "its queue.");
}

/* Services that do not ask us, by master.cf: "submission/inet". */
static void
note_services(const struct postfix *postfix)
{
	static const char name[] = "/smtpd_milters =";
	struct arena *arena = postfix->setup->arena;
	const char *line = postfix->main_cf.services.text;

	while (*line != '\0') {
		size_t len = strcspn(line, "\n");
		const char *text = arena_memdup(arena, line, len);
		const char *at = strstr(text, name);
		struct text entry;

		if (at != NULL && !find_ours(postfix, at + strlen(name),
		    &entry))
			setup_note(postfix->setup, arena_format(arena,
			    "The service %.*s does not ask milter-reply: "
			    "master.cf sets smtpd_milters for it.",
			    (int)(at - text), text));
		line += len + (line[len] == '\n');
	}
}

static void
note_socket(const struct postfix *postfix)
{
	const struct socket_name *name = &postfix->setup->milter;

	if (name->kind == SOCKET_UNIX &&
	    path_from_queue(postfix, name->path) == name->path)
		setup_note(postfix->setup, arena_format(postfix->setup->arena,
		    "The socket is not below %s: services in a chroot, as "
		    "smtpd on Debian, cannot see it.", postfix->queue));
}

static void
fill(struct postfix *postfix)
{
	struct setup *setup = postfix->setup;
	const char *folder = postfix_get(postfix, "config_directory");

	if (setup->folder != NULL)
		folder = setup->folder;
	setup->comment = "#";
	setup->mta = arena_format(setup->arena, "Postfix %s",
	    postfix->version);
	setup->file = arena_format(setup->arena, "%s/main.cf",
	    *folder != '\0' ? folder : "/etc/postfix");
	setup->then = "postfix reload";
	postfix->milter = postfix_socket(postfix, &setup->milter);
	add_milter(postfix);
	add_protocol(postfix);
	add_non_smtpd(postfix);
	if (*setup->daemon->maps != '\0')
		postfix_add_maps(postfix);
	else
		postfix_add_no_maps(postfix);
	note_services(postfix);
	note_socket(postfix);
}

/* Returns 0, or an exit status. */
static int
read_main_cf(struct postfix *postfix)
{
	struct setup *setup = postfix->setup;
	struct diag diag = DIAG_INIT;
	int status = 0;

	switch (main_cf_read(&postfix->main_cf, setup->folder, &diag)) {
	case MAIN_CF_READ:
		postfix->version = postfix_get(postfix, "mail_version");
		postfix->queue = postfix_get_expanded(postfix,
		    "queue_directory");
		break;
	case MAIN_CF_NO_POSTFIX:
		if (setup->compare)
			status = tool_wrong(setup->tool, "%s; --check needs "
			    "it", diag_first(&diag));
		else
			setup_note(setup, arena_format(setup->arena,
			    "There is no postconf here to ask: this is for "
			    "Postfix %s and a main.cf without milters. "
			    "--mta-version names another version.",
			    postfix->version));
		break;
	case MAIN_CF_UNREADABLE:
		status = tool_wrong(setup->tool, "%s. --config-dir names "
		    "the folder; with --mta-version nothing is asked",
		    diag_first(&diag));
		break;
	}
	diag_release(&diag);
	return status;
}

int
setup_postfix(struct setup *setup)
{
	const char *version = options_get(setup->tool->options,
	    OPT_MTA_VERSION);
	struct postfix postfix = {
		.setup = setup,
		.main_cf = MAIN_CF_INIT,
		.version = version != NULL ? version : VERSION_ASSUMED,
		.queue = QUEUE_FOLDER,
	};
	int status = 0;

	if (version == NULL)
		status = read_main_cf(&postfix);
	else
		setup_note(setup, "What is set in main.cf was not looked at.");
	if (status == 0)
		fill(&postfix);
	main_cf_release(&postfix.main_cf);
	return status;
}
