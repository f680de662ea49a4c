#include "daemon/reload.h"

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/live.h"
#include "config/schema.h"
#include "config/settings.h"
#include "config/snapshot.h"
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

void
reload(struct live *live, const struct env *env)
{
	struct diag diag = DIAG_INIT;
	struct snapshot *before = live_get(live), *after;

	notify_reloading();
	machine_log_counters(env);
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
