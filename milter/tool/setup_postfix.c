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

/* Mail that waits is never lost, nor is it taken unseen. */
static bool
action_is_safe(const struct setup *setup, const char *found)
{
	return strcmp(found, action_wanted(setup)) == 0 ||
	    strcmp(found, "tempfail") == 0;
}

static const char *
action_why(const struct postfix *postfix, const char *found)
{
	struct setup *setup = postfix->setup;
	const char *note = "";

	if (setup->compare)
		note = strcmp(found, "accept") == 0 ? " What is set is "
		    "weaker: mail is taken unchecked." :
		    strcmp(found, "reject") == 0 ? " What is set loses mail: "
		    "all of it is refused for good." : "";
	return arena_format(setup->arena, "While milter-reply does not run, "
	    "%s: %s.%s", setup_defers_what(setup), setup_defers_why(setup),
	    note);
}

/* More than was asked for is nothing wrong, but not what the user expects. */
static void
note_action(const struct postfix *postfix, const char *found)
{
	struct setup *setup = postfix->setup;

	if (setup->compare && strcmp(found, action_wanted(setup)) != 0)
		setup_note(setup, arena_format(setup->arena, "While "
		    "milter-reply does not run, all mail waits: "
		    "default_action is %s, which is safer than the "
		    "configuration asks for. With %s, %s: %s.", found,
		    action_wanted(setup), setup_defers_what(setup),
		    setup_defers_why(setup)));
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

/* What happens while we do not run; own is what our entry says of it. */
static void
add_action(const struct postfix *postfix, const char *own)
{
	static const char list[] = "smtpd_milters";
	static const char name[] = "milter_default_action";
	struct arena *arena = postfix->setup->arena;
	const char *wanted = action_wanted(postfix->setup);
	const char *found = own != NULL ? own : postfix_get_expanded(postfix,
	    name);
	bool safe = postfix->setup->compare &&
	    action_is_safe(postfix->setup, found);

	if (own == NULL)
		postfix_add(postfix, name, wanted, found, safe ? SETUP_FINE :
		    SETUP_STATE_COUNT, action_why(postfix, found));
	else if (!safe && strcmp(own, wanted) != 0)
		postfix_add(postfix, list, postfix_get(postfix, list),
		    postfix_get(postfix, list), SETUP_DIFFERS,
		    arena_format(arena, "In the entry of milter-reply, "
		    "default_action should be %s. %s", wanted,
		    action_why(postfix, own)));
	if (safe)
		note_action(postfix, found);
}

/* rest is what stays of the milters that are there already. */
static const char *
milter_why(const struct postfix *postfix, const char *rest,
    const char *twice)
{
	const char *why = *rest == '\0' ?
	    "milter-reply is asked about each mail." :
	    "milter-reply is asked about each mail, behind the milters that "
	    "are there already. What those refuse stays in their words; they "
	    "could move into the list milters of the configuration, and "
	    "their refusals be rewritten.";

	return *twice == '\0' ? why : arena_format(postfix->setup->arena,
	    "%s %s", why, setup_twice_why(postfix->setup, twice));
}

/*
 * Our entry in smtpd_milters, what happens while we do not run, and how long
 * we are waited for.  Where others are in the list, theirs stays, and ours has
 * its own; Postfix can do that since 3.0.  Those that we ask ourselves go.
 */
static void
add_milter(const struct postfix *postfix)
{
	static const char name[] = "smtpd_milters";
	const char *found = postfix_get(postfix, name);
	const char *expanded = postfix_get_expanded(postfix, name);
	const char *wanted = action_wanted(postfix->setup), *own = NULL;
	const char *twice, *rest;
	bool apart = false;
	struct text entry;

	rest = postfix_list_without_twice(postfix, expanded, &twice);
	/* Where all of it stays, so do the $names in it. */
	if (*twice == '\0')
		rest = found;
	if (postfix_find_ours(postfix, expanded, &entry)) {
		own = entry_attribute(postfix->setup->arena, entry,
		    "default_action");
		postfix_add(postfix, name, rest, found, *twice == '\0' ?
		    SETUP_FINE : SETUP_DIFFERS, *twice == '\0' ?
		    milter_why(postfix, "", "") :
		    setup_twice_why(postfix->setup, twice));
	} else {
		apart = *rest != '\0' &&
		    setup_version_is(postfix->version, 3, 0);
		if (apart && strcmp(postfix_get_expanded(postfix,
		    "milter_default_action"), wanted) != 0)
			own = wanted;
		entry.len = 0;
		postfix_add(postfix, name, list_with(postfix->setup->arena,
		    rest, new_entry(postfix, own, apart ?
		    postfix_time_attributes(postfix) : "")), found,
		    *twice == '\0' ? SETUP_MISSING : SETUP_DIFFERS,
		    milter_why(postfix, rest, twice));
	}
	add_action(postfix, own);
	if (!apart)
		postfix_add_times(postfix, entry);
}

static void
add_protocol(const struct postfix *postfix)
{
	static const char name[] = "milter_protocol";
	const char *found = postfix_get_expanded(postfix, name);
	bool fine = *found >= '6' && *found <= '9' && found[1] == '\0';

	if (!setup_version_is(postfix->version, 2, 6)) {
		setup_note(postfix->setup, "Postfix before 2.6 does not know "
		    "version 6 of the protocol, and with older ones it cannot "
		    "tell which recipients it refused itself.");
		return;
	}
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
	if (postfix_find_ours(postfix, expanded, &entry) ||
	    strstr(found, "smtpd_milters") != NULL)
		postfix_add(postfix, name, postfix_list_without_ours(postfix,
		    expanded), found, SETUP_DIFFERS,
		    "Mail that programs on the same machine hand in has no "
		    "client that could be refused: Postfix would keep it in "
		    "its queue.");
}

/*
 * Services that do not ask us, or ask others as we do, by master.cf:
 * "submission/inet".
 */
static void
note_services(const struct postfix *postfix)
{
	static const char name[] = "/smtpd_milters =";
	struct arena *arena = postfix->setup->arena;
	const char *line = postfix->main_cf.services.text;

	while (*line != '\0') {
		size_t len = strcspn(line, "\n");
		const char *text = arena_memdup(arena, line, len);
		const char *at = strstr(text, name), *twice;
		struct text entry;

		line += len + (line[len] == '\n');
		if (at == NULL)
			continue;
		postfix_list_without_twice(postfix, at + strlen(name), &twice);
		if (!postfix_find_ours(postfix, at + strlen(name), &entry))
			setup_note(postfix->setup, arena_format(arena,
			    "The service %.*s does not ask milter-reply: "
			    "master.cf sets smtpd_milters for it.",
			    (int)(at - text), text));
		else if (*twice != '\0')
			setup_note(postfix->setup, arena_format(arena,
			    "The service %.*s has each mail scanned twice by "
			    "%s: milter-reply asks it, too. master.cf sets "
			    "smtpd_milters for it.", (int)(at - text), text,
			    twice));
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
