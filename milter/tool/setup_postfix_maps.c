#include "tool/setup_postfix.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/settings.h"
#include "tool/setup.h"

/* "socketmap:inet:127.0.0.1:8895:filter" */
static const char *
map_name(const struct postfix *postfix, const char *service)
{
	struct socket_name name = { .kind = SOCKET_INET };
	struct diag diag = DIAG_INIT;
	const char *text = "";

	if (socket_parse(&name, postfix->setup->daemon->maps, &diag) == 0)
		text = arena_format(postfix->setup->arena,
		    "socketmap:%s:%s", postfix_socket(postfix, &name),
		    service);
	diag_release(&diag);
	return text;
}

/* The entry of a list of tables that asks for this service by socketmap. */
static const char *
find_map(const struct postfix *postfix, const char *list,
    const char *service)
{
	struct arena *arena = postfix->setup->arena;
	const char *suffix = arena_format(arena, ":%s", service);
	struct text entry;

	while (list_entry(&list, &entry)) {
		const char *text = arena_memdup(arena, entry.bytes,
		    entry.len);

		if (text_starts(text, "socketmap:") &&
		    text_ends(text, suffix))
			return text;
	}
	return NULL;
}

static const char *
list_exchanged(struct arena *arena, const char *list, const char *old,
    const char *new)
{
	const char *rest = "";
	struct text entry;

	while (list_entry(&list, &entry)) {
		if (!text_is(entry, old))
			rest = list_with(arena, rest, arena_memdup(arena,
			    entry.bytes, entry.len));
		else if (*new != '\0')
			rest = list_with(arena, rest, new);
	}
	return rest;
}

/*
 * Our table in this parameter, which has found for value, or expanded without
 * $names: it is there, at another address, or not there.
 */
static void
add_map_to(const struct postfix *postfix, const char *parameter,
    const char *found, const char *expanded, const char *service,
    const char *why)
{
	struct arena *arena = postfix->setup->arena;
	const char *wanted = map_name(postfix, service);
	const char *there = find_map(postfix, expanded, service);

	if (there != NULL && strcmp(there, wanted) == 0)
		postfix_add(postfix, parameter, found, found, SETUP_FINE, why);
	else if (there != NULL)
		postfix_add(postfix, parameter,
		    list_exchanged(arena, expanded, there, wanted), found,
		    SETUP_DIFFERS, arena_format(arena, "The service %s is "
		    "asked for at another address than maps in the group "
		    "daemon has.", service));
	else
		postfix_add(postfix, parameter, list_with(arena, found, wanted),
		    found, SETUP_MISSING, why);
}

static void
add_map(const struct postfix *postfix, const char *parameter,
    const char *service, const char *why)
{
	const char *expanded = postfix_get_expanded(postfix, parameter);

	add_map_to(postfix, parameter, *expanded != '\0' ?
	    postfix_get(postfix, parameter) : "", expanded, service, why);
}

/*
 * Unless it is set, postscreen has the footer of smtpd, which is none where
 * smtpd has a filter.
 */
static void
add_postscreen(const struct postfix *postfix)
{
	static const char name[] = "postscreen_reject_footer_maps";
	static const char why[] = "Refusals of postscreen, which has no "
	    "filter, get what is missing in them.";
	const char *plain = postfix_get(postfix, name);
	const char *list = postfix_get_expanded(postfix, name);
	const char *there = find_map(postfix, list, "footer");

	if (strstr(plain, "smtpd_reject_footer_maps") == NULL) {
		add_map(postfix, name, "footer", why);
		return;
	}
	if (there != NULL)
		list = list_exchanged(postfix->setup->arena, list, there, "");
	add_map_to(postfix, name, list, list, "footer", why);
}

/* A table that must not be there. */
static void
add_no_map(const struct postfix *postfix, const char *parameter,
    const char *service, const char *why)
{
	const char *found = postfix_get(postfix, parameter);
	const char *there = find_map(postfix, found, service);

	/* One that is inherited goes with the one that it comes from. */
	if (there != NULL)
		postfix_add(postfix, parameter,
		    list_exchanged(postfix->setup->arena, found, there, ""),
		    found, SETUP_DIFFERS, why);
}

static const char *const deliveries[] = {
	"lmtp_delivery_status_filter", "local_delivery_status_filter",
	"pipe_delivery_status_filter", "smtp_delivery_status_filter",
	"virtual_delivery_status_filter",
};

#define DELIVERY_COUNT	(sizeof(deliveries) / sizeof(deliveries[0]))

/* Each of them is $default_delivery_status_filter, unless it is set. */
static void
add_deliveries(const struct postfix *postfix)
{
	static const char name[] = "default_delivery_status_filter";

	add_map(postfix, name, "delivery", "Bounces to your own users say "
	    "what another server's refusal means.");
	for (size_t i = 0; i < DELIVERY_COUNT; i++) {
		const char *found = postfix_get(postfix, deliveries[i]);

		if (*found != '\0' && strstr(found, name) == NULL)
			add_map(postfix, deliveries[i], "delivery",
			    "It is set, and so does not follow "
			    "default_delivery_status_filter.");
	}
}

void
postfix_add_maps(const struct postfix *postfix)
{
	if (setup_version_is(postfix->version, 3, 11)) {
		add_map(postfix, "smtpd_reject_filter_maps", "filter",
		    "Refusals of Postfix itself go out in our words.");
		add_no_map(postfix, "smtpd_reject_footer_maps", "footer",
		    "A filter and a footer at once would say everything "
		    "twice.");
		add_postscreen(postfix);
	} else if (setup_version_is(postfix->version, 3, 4)) {
		add_map(postfix, "smtpd_reject_footer_maps", "footer",
		    "Refusals of Postfix itself get what is missing in them: "
		    "what to do, help and case. postscreen follows, unless "
		    "it has a setting of its own. (Postfix 3.11 and later "
		    "can have them rewritten as a whole.)");
		if (find_map(postfix, postfix_get_expanded(postfix,
		    "smtpd_reject_filter_maps"), "filter") != NULL)
			setup_note(postfix->setup, "smtpd_reject_filter_maps "
			    "is set, but Postfix knows it only from version "
			    "3.11 on.");
	}
	if (setup_version_is(postfix->version, 3, 0))
		add_deliveries(postfix);
	else
		setup_note(postfix->setup, "Postfix before 3.0 has no place "
		    "where replies can be rewritten.");
}

void
postfix_add_no_maps(const struct postfix *postfix)
{
	static const char why[] = "It asks a service that is not there: maps "
	    "in the group daemon is not set.";

	add_no_map(postfix, "smtpd_reject_filter_maps", "filter", why);
	add_no_map(postfix, "smtpd_reject_footer_maps", "footer", why);
	add_no_map(postfix, "postscreen_reject_footer_maps", "footer", why);
	add_no_map(postfix, "default_delivery_status_filter", "delivery",
	    why);
	for (size_t i = 0; i < DELIVERY_COUNT; i++)
		add_no_map(postfix, deliveries[i], "delivery", why);
	setup_note(postfix->setup, "Refusals of Postfix itself stay as they "
	    "are. To have them in our words, too, set maps = "
	    "\"inet:8895@127.0.0.1\" in the group daemon, and run this "
	    "again.");
}
