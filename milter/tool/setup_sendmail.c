#include "tool/setup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/settings.h"
#include "session/milter.h"
#include "session/rules.h"
#include "tool/options.h"
#include "tool/tool.h"
#include "world/errno_text.h"

#define FOLDER		"/etc/mail"
#define NAME		"milter-reply"
#define READ_S		60
#define END_S		300

/* What Sendmail takes where T= is silent. */
#define READ_USUAL_S	10
#define END_USUAL_S	300

/* What sendmail.cf has of us. */
struct sendmail_cf {
	const char	*line;		/* our X line; "" for none */
	const char	*name;		/* of the filter in it */
	const char	*flag;		/* of F=; "" for none */
	const char	*times;		/* of T=; "" for none */
	const char	*filters;	/* O InputMailFilters */
	size_t		 behind_count;
	struct behind {
		const char	*filter;	/* how Sendmail calls it */
		const char	*milter;	/* and how we do */
	}		 behind[MILTERS_MAX];	/* that are behind us, too */
};

/* "inet:8894@127.0.0.1", "local:/run/milter-reply/socket" */
static const char *
socket_as_sendmail(struct arena *arena, const struct socket_name *name)
{
	if (name->kind == SOCKET_UNIX)
		return arena_format(arena, "local:%s", name->path);
	return arena_format(arena, "%s:%u@%s",
	    name->kind == SOCKET_INET6 ? "inet6" : "inet", name->port,
	    socket_host(name));
}

/* "F=T, " where clients are to try again; nothing where mail is taken. */
static const char *
flag_wanted(const struct setup *setup)
{
	return setup_defers(setup) ? "T" : "";
}

/*
 * R is for each answer of ours, the one at the end of a message as well; E
 * matters to those who say meanwhile that they are still at work.
 */
static uint64_t
read_needed_s(const struct setup *setup)
{
	uint64_t most = 0;

	for (size_t i = 0; i < SETUP_TIME_COUNT; i++)
		if (setup->times.limit_s[i] > most)
			most = setup->times.limit_s[i];
	return most;
}

/* "60s" or "5m", where that is enough; or what is. */
static const char *
time_text(const struct setup *setup, uint64_t needed_s, uint64_t enough_s,
    const char *enough)
{
	return needed_s <= enough_s ? enough :
	    arena_format(setup->arena, "%" PRIu64 "s", needed_s);
}

static const char *
equates(const struct setup *setup)
{
	const char *flag = flag_wanted(setup);

	return arena_format(setup->arena, "S=%s, %s%s%sT=C:30s;S:30s;R:%s;E:%s",
	    socket_as_sendmail(setup->arena, &setup->milter),
	    *flag != '\0' ? "F=" : "", flag, *flag != '\0' ? ", " : "",
	    time_text(setup, read_needed_s(setup), READ_S, "60s"),
	    time_text(setup, setup->times.limit_s[SETUP_CONTENT], END_S,
	    "5m"));
}

/* The value of "S=" or "F=" in an X line, in arena; "" where there is none. */
static const char *
equate(struct arena *arena, const char *line, char key)
{
	for (const char *at = strchr(line, ','); at != NULL;
	    at = strchr(at, ',')) {
		at += 1 + strspn(at + 1, " \t");
		if (*at == key && at[1 + strspn(at + 1, " ")] == '=') {
			at = strchr(at, '=') + 1;
			at += strspn(at, " ");
			return arena_memdup(arena, at, strcspn(at, ", \t"));
		}
	}
	return "";
}

static void
take_filter(const struct setup *setup, const char *line,
    struct sendmail_cf *cf)
{
	struct socket_name name = { .kind = SOCKET_INET };
	struct diag diag = DIAG_INIT;

	const struct milter *milter;
	const char *filter = arena_memdup(setup->arena, line + 1,
	    strcspn(line + 1, ", \t"));

	if (socket_parse(&name, equate(setup->arena, line, 'S'), &diag) != 0) {
		diag_release(&diag);
		return;
	}
	milter = setup_behind_us(setup, &name);
	if (socket_same(&name, &setup->milter)) {
		cf->line = arena_strdup(setup->arena, line);
		cf->name = filter;
		cf->flag = equate(setup->arena, line, 'F');
		cf->times = equate(setup->arena, line, 'T');
	} else if (milter != NULL && cf->behind_count < MILTERS_MAX)
		cf->behind[cf->behind_count++] = (struct behind){
			.filter = filter,
			.milter = milter->name,
		};
}

/* Returns 0, or an exit status. */
static int
read_cf(const struct setup *setup, const char *path, struct sendmail_cf *cf)
{
	static const char option[] = "O InputMailFilters=";
	char why[ERRNO_TEXT_MAX];
	FILE *file = fopen(path, "re");
	char line[2048];

	if (file == NULL)
		return tool_wrong(setup->tool, "cannot read \"%s\": %s", path,
		    errno_text(errno, why));
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line == 'X')
			take_filter(setup, line, cf);
		else if (text_starts(line, option))
			cf->filters = arena_strdup(setup->arena, line +
			    strlen(option));
	}
	(void)fclose(file);
	return 0;
}

/* The next name of a list of filters; false behind the last. */
static bool
filter_next(const char **at, struct text *name)
{
	*at += strspn(*at, ",; \t");
	*name = (struct text){ .bytes = *at, .len = strcspn(*at, ",; \t") };
	*at += name->len;
	return name->len > 0;
}

static bool
is_named(const char *filters, const char *name)
{
	struct text one;

	while (filter_next(&filters, &one))
		if (one.len == strlen(name) &&
		    memcmp(one.bytes, name, one.len) == 0)
			return true;
	return false;
}

/* How we call the filter of this name, where it is behind us; or NULL. */
static const char *
behind_us(const struct sendmail_cf *cf, struct text filter)
{
	for (size_t i = 0; i < cf->behind_count; i++)
		if (strlen(cf->behind[i].filter) == filter.len &&
		    memcmp(cf->behind[i].filter, filter.bytes,
		    filter.len) == 0)
			return cf->behind[i].milter;
	return NULL;
}

/*
 * The list with us and without those that are behind us, in the arena; *twice
 * names these, "" for none.
 */
static const char *
filters_wanted(const struct setup *setup, const struct sendmail_cf *cf,
    const char **twice)
{
	struct strbuf rest = STRBUF_INIT, out = STRBUF_INIT;
	const char *at = cf->filters, *wanted;
	struct text one;

	while (filter_next(&at, &one)) {
		const char *milter = behind_us(cf, one);
		struct strbuf *list = milter != NULL ? &out : &rest;

		strbuf_addf(list, "%s%.*s", list->len > 0 ? ", " : "",
		    (int)one.len, one.bytes);
		if (milter != NULL)
			strbuf_addf(list, " (%s)", milter);
	}
	if (!is_named(cf->filters, cf->name))
		strbuf_addf(&rest, "%s%s", rest.len > 0 ? ", " : "", cf->name);
	wanted = arena_strdup(setup->arena, rest.text);
	*twice = arena_strdup(setup->arena, out.text);
	strbuf_release(&rest);
	strbuf_release(&out);
	return wanted;
}

/* One of "C:30s;S:30s;R:60s;E:5m", or usual_s where it is not there. */
static uint64_t
found_s(const struct setup *setup, const char *times, char key,
    uint64_t usual_s)
{
	uint64_t seconds = usual_s;

	for (const char *at = times; *at != '\0';) {
		size_t len = strcspn(at, ";");

		if (len > 2 && at[0] == key && at[1] == ':' &&
		    !setup_seconds_parse(arena_memdup(setup->arena, at + 2,
		    len - 2), &seconds))
			seconds = 0;
		at += len + (at[len] != '\0');
	}
	return seconds;
}

/* True, too, where there are no milters behind us to wait for. */
static bool
waits_enough(const struct setup *setup, const char *times)
{
	return found_s(setup, times, 'R', READ_USUAL_S) >=
	    read_needed_s(setup) &&
	    found_s(setup, times, 'E', END_USUAL_S) >=
	    setup->times.limit_s[SETUP_CONTENT];
}

static const char *
filter_why(const struct setup *setup)
{
	const char *times = setup->rules->milter_count == 0 ? "" :
	    arena_format(setup->arena, " Sendmail waits for each answer "
	    "(R) as long as the milters behind us may take: "
	    "connect_timeout and five times timeout of each at the first "
	    "recipient, or connect_timeout and end_timeout of each at the "
	    "end of a message (E, too), and %d seconds more.",
	    SETUP_MARGIN_S);

	return arena_format(setup->arena, "milter-reply is asked about each "
	    "mail. While it does not run, %s (%s): %s.%s",
	    setup_defers_what(setup), setup_defers(setup) ? "F=T" : "no F=",
	    setup_defers_why(setup), times);
}

/* Mail that waits is never lost, nor is it taken unseen. */
static bool
flag_is_safe(const struct setup *setup, const char *flag)
{
	return strcmp(flag, flag_wanted(setup)) == 0 || strcmp(flag, "T") == 0;
}

/* The list of those that are asked. */
static void
add_filters(struct setup *setup, const struct sendmail_cf *cf)
{
	const char *twice, *wanted = filters_wanted(setup, cf, &twice);
	bool named = is_named(cf->filters, cf->name);
	const char *why = "Only filters that are named in this list are "
	    "asked.";

	if (*twice != '\0')
		why = arena_format(setup->arena, "%s%s", named ? "" :
		    "milter-reply is not in it. ", setup_twice_why(setup,
		    twice));
	setup_add(setup, (struct setup_item){
		.name = "InputMailFilters",
		.line = "",
		.wanted = wanted,
		.found = cf->filters,
		.state = named && *twice == '\0' ? SETUP_FINE :
		    *cf->filters == '\0' ? SETUP_MISSING : SETUP_DIFFERS,
		.why = why,
	});
}

static void
add_filter(struct setup *setup, const struct sendmail_cf *cf)
{
	bool there = *cf->line != '\0';
	bool same = flag_is_safe(setup, cf->flag) &&
	    waits_enough(setup, cf->times);

	setup_add(setup, (struct setup_item){
		.name = "INPUT_MAIL_FILTER",
		.line = arena_format(setup->arena, "INPUT_MAIL_FILTER(`%s', "
		    "`%s')dnl", there ? cf->name : NAME, equates(setup)),
		.wanted = equates(setup),
		.found = there ? cf->line : "",
		.state = !there ? SETUP_MISSING : same ? SETUP_FINE :
		    SETUP_DIFFERS,
		.why = filter_why(setup),
	});
	if (!setup->compare)
		return;
	if (there || cf->behind_count > 0)
		add_filters(setup, cf);
	if (same && there && strcmp(cf->flag, flag_wanted(setup)) != 0)
		setup_note(setup, arena_format(setup->arena, "While "
		    "milter-reply does not run, all mail waits (F=T), which is "
		    "safer than the configuration asks for. Without F=, %s: "
		    "%s.", setup_defers_what(setup),
		    setup_defers_why(setup)));
}

/* What is in sendmail.mc is not known; there it would be asked for twice. */
static void
note_behind(struct setup *setup)
{
	struct strbuf names = STRBUF_INIT;

	for (size_t i = 0; i < setup->rules->milter_count; i++)
		if (!setup->rules->observe &&
		    !setup->rules->milters[i].observe)
			strbuf_addf(&names, "%s%s", names.len > 0 ? ", " : "",
			    setup->rules->milters[i].name);
	if (names.len > 0 && !setup->compare)
		setup_note(setup, arena_format(setup->arena, "If these have "
		    "an INPUT_MAIL_FILTER of their own, take it out: %s. "
		    "milter-reply asks what is in its list milters, and each "
		    "mail would be scanned twice.", names.text));
	strbuf_release(&names);
}

static void
add_macros(struct setup *setup)
{
	setup_add(setup, (struct setup_item){
		.name = "confMILTER_MACROS_CONNECT",
		.line = "define(`confMILTER_MACROS_CONNECT',\n"
		    "  confMILTER_MACROS_CONNECT``, {client_resolve}'')dnl",
		.wanted = "{client_resolve}",
		.found = "",
		.state = SETUP_MISSING,
		.why = "Sendmail before 8.14 sends only the macros of its "
		    "own lists.",
	});
	setup_add(setup, (struct setup_item){
		.name = "confMILTER_MACROS_ENVFROM",
		.line = "define(`confMILTER_MACROS_ENVFROM',\n"
		    "  confMILTER_MACROS_ENVFROM``, {tls_version}, "
		    "{cipher}'')dnl",
		.wanted = "{tls_version}, {cipher}",
		.found = "",
		.state = SETUP_MISSING,
		.why = "For policies that name tls or cipher.",
	});
}

int
setup_sendmail(struct setup *setup)
{
	const char *version = options_get(setup->tool->options,
	    OPT_MTA_VERSION);
	const char *folder = setup->folder != NULL ? setup->folder : FOLDER;
	const char *path = arena_format(setup->arena, "%s/sendmail.cf",
	    folder);
	struct sendmail_cf cf = {
		.line = "",
		.name = NAME,
		.flag = "",
		.times = "",
		.filters = "",
	};
	int status = 0;

	setup->comment = "dnl";
	setup->mta = version == NULL ? "Sendmail" :
	    arena_format(setup->arena, "Sendmail %s", version);
	setup->file = setup->compare ? path :
	    arena_format(setup->arena, "%s/sendmail.mc", folder);
	setup->then = "make -C /etc/mail, and restart Sendmail";
	if (setup->compare)
		status = read_cf(setup, path, &cf);
	if (status != 0)
		return status;
	add_filter(setup, &cf);
	if (version != NULL && !setup_version_is(version, 8, 14))
		add_macros(setup);
	note_behind(setup);
	setup_note(setup, *setup->daemon->maps != '\0' ?
	    "Refusals of Sendmail itself stay as they are: it lets nobody "
	    "change them. The service of maps is for Postfix." :
	    "Refusals of Sendmail itself stay as they are: it lets nobody "
	    "change them.");
	return 0;
}
