#include "daemon/reload.h"

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/live.h"
#include "config/schema.h"
#include "config/settings.h"
#include "config/snapshot.h"
#include "daemon/loader.h"
#include "world/log.h"
#include "world/machine.h"
#include "world/notify.h"

static void
warn_restart(struct snapshot *before, struct snapshot *after)
{
	struct strbuf names = STRBUF_INIT;

	schema_restart(SECTION_DAEMON, &snapshot_settings(before)->daemon,
	    &snapshot_settings(after)->daemon, &names);
	if (names.len > 0)
		log_event(LEVEL_WARNING, "reload", "changed, but only a "
		    "restart takes note of it: %s", names.text);
	strbuf_release(&names);
}

static void
start(struct reload *reload)
{
	reload->loading = true;
	reload->again = false;
	machine_log_counters(reload->env);
	loader_load(reload->loader, live_get(reload->live));
}

void
reload_ask(struct reload *reload)
{
	/* Each time: a service manager waits for the answer to its own. */
	notify_reloading();
	if (reload->loading)
		reload->again = true;
	else
		start(reload);
}

/* Returns what is told to a service manager. */
static const char *
take_note(struct reload *reload, struct loaded *loaded)
{
	struct snapshot *before;

	log_diag(&loaded->diag);
	if (loaded->snapshot == NULL) {
		log_event(LEVEL_ERROR, "reload", "the configuration has "
		    "errors, the old one stays in force");
		return "The configuration has errors, the old one stays in "
		    "force.";
	}
	before = live_get(reload->live);
	live_swap(reload->live, snapshot_get(loaded->snapshot));
	warn_restart(before, loaded->snapshot);
	snapshot_put(before);
	log_event(LEVEL_NOTICE, "reload", "the new configuration is in "
	    "force; connections that are open keep the old one");
	return "The configuration was loaded again.";
}

void
reload_finish(struct reload *reload)
{
	struct loaded *loaded = loader_take(reload->loader);
	const char *status;

	if (loaded == NULL)
		return;
	status = take_note(reload, loaded);
	loaded_free(loaded);
	reload->loading = false;
	if (reload->again)
		start(reload);
	else
		notify_ready(status);
}
