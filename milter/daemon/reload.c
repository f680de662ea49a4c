#include "daemon/reload.h"

#include <string.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/live.h"
#include "config/settings.h"
#include "config/snapshot.h"
#include "world/log.h"
#include "world/notify.h"

static enum log_level
severity_level(enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		return LEVEL_ERROR;
	case SEVERITY_WARNING:
		return LEVEL_WARNING;
	case SEVERITY_INFO:
		return LEVEL_NOTICE;
	}
	return LEVEL_NOTICE;
}

void
log_diag(const struct diag *diag)
{
	struct strbuf line = STRBUF_INIT, place = STRBUF_INIT;

	for (size_t i = 0; i < diag->count; i++) {
		const struct diag_message *m = &diag->messages[i];

		strbuf_reset(&line);
		strbuf_reset(&place);
		place_format((struct place){ m->file, m->line }, &place);
		log_field(&line, "event", "config");
		log_field(&line, "level", severity_name(m->severity));
		if (place.len > 0)
			log_field(&line, "place", place.text);
		log_field(&line, "text", m->text);
		log_write(severity_level(m->severity), line.text);
	}
	strbuf_release(&line);
	strbuf_release(&place);
}

void
settings_need_restart(const struct settings *before,
    const struct settings *after, struct strbuf *names)
{
	const struct daemon_settings *a = &before->daemon, *b = &after->daemon;
	const struct {
		const char	*name;
		bool		 differs;
	} fixed[] = {
		{ "milter", strcmp(a->milter, b->milter) != 0 },
		{ "socket_mode", a->socket_mode != b->socket_mode },
		{ "socket_group",
		    strcmp(a->socket_group, b->socket_group) != 0 },
		{ "user", strcmp(a->user, b->user) != 0 },
		{ "pid_file", strcmp(a->pid_file, b->pid_file) != 0 },
		{ "log", a->log != b->log },
		{ "log_facility",
		    strcmp(a->log_facility, b->log_facility) != 0 },
		{ "timeout", a->timeout_s != b->timeout_s },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (fixed[i].differs)
			strbuf_addf(names, "%sdaemon.%s",
			    names->len > 0 ? ", " : "", fixed[i].name);
}

static void
warn_restart(struct snapshot *before, struct snapshot *after)
{
	struct strbuf names = STRBUF_INIT;

	settings_need_restart(snapshot_settings(before),
	    snapshot_settings(after), &names);
	if (names.len > 0)
		log_event(LEVEL_WARNING, "reload", "changed, but only a "
		    "restart takes note of it: %s", names.text);
	strbuf_release(&names);
}

void
reload(struct live *live)
{
	struct diag diag = DIAG_INIT;
	struct snapshot *before = live_get(live), *after;

	notify_reloading();
	if (live_reload(live, &diag) == 0) {
		after = live_get(live);
		log_diag(&diag);
		warn_restart(before, after);
		log_event(LEVEL_NOTICE, "reload", "the new configuration is in "
		    "force; connections that are open keep the old one");
		notify_ready("The configuration was loaded again.");
		snapshot_put(after);
	} else {
		log_diag(&diag);
		log_event(LEVEL_ERROR, "reload", "the configuration has "
		    "errors, the old one stays in force");
		notify_ready("The configuration has errors, the old one stays "
		    "in force.");
	}
	snapshot_put(before);
	diag_release(&diag);
}
