#include "daemon/serve.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libmilter/mfapi.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/version.h"
#include "config/live.h"
#include "config/settings.h"
#include "config/snapshot.h"
#include "daemon/filter.h"
#include "daemon/loader.h"
#include "daemon/maps.h"
#include "daemon/negotiate.h"
#include "daemon/reload.h"
#include "daemon/signals.h"
#include "policy/plan.h"
#include "session/env.h"
#include "session/foretold.h"
#include "session/milter.h"
#include "session/refused.h"
#include "session/rules.h"
#include "world/breaker.h"
#include "world/errno_text.h"
#include "world/log.h"
#include "world/machine.h"
#include "world/notify.h"
#include "world/pidfile.h"
#include "world/privilege.h"
#include "world/socket.h"

/* The kernel cuts it to net.core.somaxconn; libmilter alone asks for 20. */
#define BACKLOG		1024
/* An answer that took longer than this would be worth nothing to the MTA. */
#define DRAIN_MS	5000

/*
 * libmilter runs in a thread of its own, and the main thread takes the signals.
 * libmilter would do that alone, but slowly: after SIGTERM its listener goes
 * on in poll() for up to five seconds, with the lock that its signal thread
 * needs, and takes connections that it will not serve.  Worse, a SIGTERM that
 * comes before its listener runs makes it open the socket a second time and
 * fail.
 *
 * Nothing waits for the connections that are open, as libmilter does not
 * either: once told to stop, it reads from none that is silent.  An MTA that
 * loses its filter between two messages defers the next.
 */
static struct {
	atomic_bool	 ended;
	atomic_int	 result;	/* of smfi_main(), once ended */
} listener;	/* not of serve(), because its thread outlives that */

/* What the start has made, and the stop takes back. */
struct service {
	/* Only for the start: a reference, and its settings; then NULL. */
	struct snapshot		*first;
	const struct settings	*settings;
	struct live		*live;
	struct loader		*loader;
	struct env		*env;		/* of all sessions */
	struct maps		*maps;		/* NULL: none are offered */
	struct pidfile		 pidfile;
	struct socket_name	 socket;
	bool			 socket_open;
	struct account		 account;	/* where settings name a user */
};

/*
 * Reasons not to start go to stderr, where whoever starts the daemon looks;
 * and to the log, where it says so.
 */
static void
report(const struct service *service, const struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;

	diag_format(diag, &text);
	fputs(text.text, stderr);
	strbuf_release(&text);
	if (service->settings != NULL &&
	    service->settings->daemon.log == DESTINATION_SYSLOG)
		log_diag(diag);
}

static void
env_free(struct env *env)
{
	if (env == NULL)
		return;
	foretold_free(env->foretold);
	refused_free(env->refused);
	breaker_free(env->world);
	free(env);
}

static int
load(struct service *service, const char *config_file, struct diag *diag)
{
	struct loaded *loaded;

	service->loader = loader_new(config_file, signals_loaded);
	if (loader_start(service->loader, diag) == -1)
		return -1;
	loaded = loader_take(service->loader);
	diag_take(diag, &loaded->diag, PLACE_NONE, "");
	if (loaded->snapshot != NULL) {
		service->first = snapshot_get(loaded->snapshot);
		service->settings = snapshot_settings(service->first);
		service->live = live_new(snapshot_get(service->first));
	}
	loaded_free(loaded);
	if (service->first == NULL)
		return -1;
	service->env = xmalloc(sizeof(*service->env));
	*service->env = machine_env(breaker_new());
	service->env->foretold = foretold_new();
	if (service->settings->daemon.maps[0] != '\0')
		service->env->refused = refused_new();
	return 0;
}

/* In a folder such as /tmp only the owner may remove a socket. */
static uid_t
socket_owner(const struct service *service)
{
	return service->settings->daemon.user[0] != '\0' && geteuid() == 0 ?
	    service->account.uid : (uid_t)-1;
}

/*
 * libmilter makes a unix socket and leaves its mode to the umask: it begins
 * closed to all others and is opened once it has its group.
 */
static int
open_socket(struct service *service, gid_t group, struct diag *diag)
{
	const struct daemon_settings *daemon = &service->settings->daemon;
	struct strbuf name = STRBUF_INIT;
	char why[ERRNO_TEXT_MAX];
	mode_t umask_before;
	int rc, error;

	if (socket_prepare(&service->socket, diag) == -1)
		return -1;
	socket_format(&service->socket, &name);
	umask_before = umask(0177);
	errno = 0;
	rc = smfi_setconn(name.text) == MI_SUCCESS &&
	    smfi_setbacklog(BACKLOG) == MI_SUCCESS &&
	    smfi_settimeout((int)daemon->timeout_s) == MI_SUCCESS &&
	    smfi_opensocket(false) == MI_SUCCESS ? 0 : -1;
	error = errno;
	umask(umask_before);
	if (rc == -1)
		diag_error(diag, "socket \"%s\": libmilter cannot open it: %s",
		    name.text, error != 0 ? errno_text(error, why) :
		    "the mail log has its reason");
	strbuf_release(&name);
	if (rc == -1)
		return -1;
	service->socket_open = true;
	return socket_claim(&service->socket, socket_owner(service), group,
	    (mode_t)daemon->socket_mode, diag);
}

static int
open_maps(struct service *service, gid_t group, struct diag *diag)
{
	const struct daemon_settings *daemon = &service->settings->daemon;

	if (daemon->maps[0] == '\0')
		return 0;
	service->maps = maps_open(daemon->maps, socket_owner(service), group,
	    (mode_t)daemon->socket_mode, diag);
	return service->maps != NULL ? 0 : -1;
}

/* Asked as the user that the daemon has become. */
static int
check_state(const char *folder, struct diag *diag)
{
	char why[ERRNO_TEXT_MAX];
	struct stat found;

	errno = 0;
	if (stat(folder, &found) == 0 && S_ISDIR(found.st_mode) &&
	    access(folder, W_OK | X_OK) == 0)
		return 0;
	diag_error(diag, "daemon.state \"%s\": it must be a folder that the "
	    "daemon can write to: %s", folder,
	    errno_text(errno != 0 ? errno : ENOTDIR, why));
	return -1;
}

/* All that needs root comes before root is given up. */
static int
prepare(struct service *service, struct diag *diag)
{
	const struct daemon_settings *daemon = &service->settings->daemon;
	gid_t group = (gid_t)-1;

	if (socket_parse(&service->socket, daemon->milter, diag) == -1)
		return -1;
	if (daemon->user[0] != '\0' &&
	    account_find(&service->account, daemon->user, diag) == -1)
		return -1;
	if (daemon->socket_group[0] != '\0' &&
	    group_find(&group, daemon->socket_group, diag) == -1)
		return -1;
	if (daemon->pid_file[0] != '\0' &&
	    pidfile_take(&service->pidfile, daemon->pid_file, diag) == -1)
		return -1;
	if (filter_register(service->live, service->env) == -1) {
		diag_error(diag, "libmilter is not of the version that this "
		    "program was built with");
		return -1;
	}
	if (open_socket(service, group, diag) == -1 ||
	    open_maps(service, group, diag) == -1)
		return -1;
	if (daemon->user[0] != '\0' &&
	    privilege_drop(&service->account, diag) == -1)
		return -1;
	return daemon->state[0] != '\0' ? check_state(daemon->state, diag) : 0;
}

static void *
listener_run(void *unused)
{
	signals_block();	/* libmilter's threads inherit it */
	atomic_store(&listener.result, smfi_main());
	atomic_store(&listener.ended, true);
	signals_stop();
	return unused;
}

static int
listener_start(struct diag *diag)
{
	char why[ERRNO_TEXT_MAX];
	pthread_t thread;
	int error;

	error = pthread_create(&thread, NULL, listener_run, NULL);
	if (error != 0) {
		diag_error(diag, "cannot start a thread: %s",
		    errno_text(error, why));
		return -1;
	}
	pthread_detach(thread);
	return 0;
}

static void
log_start(struct service *service)
{
	struct snapshot *snapshot = live_get(service->live);
	const struct rules *rules = snapshot_rules(snapshot);
	struct strbuf line = STRBUF_INIT, text = STRBUF_INIT;
	const char *const *files;
	size_t count;

	log_field(&line, "event", "start");
	log_field(&line, "version", MILTER_REPLY_VERSION);
	socket_format(&service->socket, &text);
	log_field(&line, "socket", text.text);
	if (service->maps != NULL)
		log_field(&line, "maps", service->settings->daemon.maps);
	strbuf_reset(&text);
	files = snapshot_files(snapshot, &count);
	for (size_t i = 0; i < count; i++)
		strbuf_addf(&text, "%s%s", i > 0 ? "," : "", files[i]);
	log_field(&line, "files", text.text);
	strbuf_reset(&text);
	strbuf_addf(&text, "%zu", plan_count(rules->plan));
	log_field(&line, "policies", text.text);
	strbuf_reset(&text);
	for (size_t i = 0; i < rules->milter_count; i++)
		strbuf_addf(&text, "%s%s", i > 0 ? "," : "",
		    rules->milters[i].name);
	if (text.len > 0)
		log_field(&line, "milters", text.text);
	log_field(&line, "mode", rules->observe ? "observe" : "enforce");
	demand_format(&rules->demand, &line);
	log_write(LEVEL_NOTICE, line.text);
	strbuf_release(&text);
	strbuf_release(&line);
	snapshot_put(snapshot);
}

/* Returns the exit code once the daemon is to stop. */
static int
control(const struct service *service)
{
	struct reload reload = {
		.live = service->live,
		.env = service->env,
		.loader = service->loader,
	};
	enum request request;

	while ((request = signals_wait()) != REQUEST_STOP) {
		if (request == REQUEST_RELOAD)
			reload_ask(&reload);
		reload_finish(&reload);
	}
	if (!atomic_load(&listener.ended) ||
	    atomic_load(&listener.result) == MI_SUCCESS)
		return 0;
	log_event(LEVEL_ERROR, "stop", "libmilter gave up; the mail log has "
	    "its reason");
	return 1;
}

/* What a reload replaces is to be freed then. */
static void
forget_first(struct service *service)
{
	if (service->first != NULL)
		snapshot_put(service->first);
	service->first = NULL;
	service->settings = NULL;
}

static void
service_stop(struct service *service)
{
	struct diag diag = DIAG_INIT;

	if (service->maps != NULL && !maps_stop(service->maps, DRAIN_MS))
		log_event(LEVEL_WARNING, "stop", "some maps got no answer");

	if (service->socket_open &&
	    socket_remove(&service->socket, &diag) == -1)
		log_event(LEVEL_WARNING, "stop", "%s", diag_first(&diag));
	diag_release(&diag);
	if (pidfile_release(&service->pidfile, &diag) == -1)
		log_event(LEVEL_WARNING, "stop", "%s", diag_first(&diag));
	diag_release(&diag);
}

/*
 * The live configuration, the loader and the env stay where they are:
 * libmilter's threads go on until the process ends, and sessions with them.
 */
static int
run(struct service *service, struct diag *diag)
{
	int code;

	/* libmilter's threads last: nothing can stop them any more. */
	if ((service->maps != NULL && maps_start(service->maps, service->live,
	    service->env->refused, service->env, diag) == -1) ||
	    listener_start(diag) == -1)
		return -1;
	log_start(service);
	forget_first(service);
	notify_ready("Ready.");
	code = control(service);
	notify_stopping();
	service_stop(service);
	if (!filter_drain(DRAIN_MS))
		log_event(LEVEL_WARNING, "stop", "some messages got no answer");
	machine_log_counters(service->env);
	log_event(LEVEL_NOTICE, "stop", "stopped");
	return code;
}

int
serve(const char *config_file)
{
	struct service service = { .pidfile = PIDFILE_INIT };
	struct diag diag = DIAG_INIT;
	int code = -1;

	signals_take();
	if (load(&service, config_file, &diag) == 0) {
		log_open(service.settings->daemon.log == DESTINATION_SYSLOG,
		    service.settings->daemon.log_facility);
		if (prepare(&service, &diag) == 0) {
			report(&service, &diag);	/* warnings */
			diag_release(&diag);
			code = run(&service, &diag);
		}
	}
	if (code == -1) {
		report(&service, &diag);
		service_stop(&service);
		forget_first(&service);
		if (service.live != NULL)
			live_free(service.live);
		loader_free(service.loader);
		env_free(service.env);
		code = 1;
	}
	diag_release(&diag);
	return code;
}
