#include "config/snapshot.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/socket_name.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/load.h"
#include "config/print.h"
#include "config/schema.h"
#include "config/source.h"
#include "config/tree.h"
#include "policy/matcher.h"
#include "policy/plan.h"
#include "policy/policy.h"
#include "reply/template.h"
#include "session/rules.h"

#define MIME_DEPTH_MAX	30		/* parts in parts in parts */
#define FAULT_REASON	"system-problem"	/* where on_error defers */
#define UNASKED_REASON	"scan-failed"	/* where a milter's on_error does */
#define SEPARATE_REASON	"separate-delivery"	/* for never_refuse */

/* What an expect case that fails is: an error, or for tools a warning. */
enum snapshot_expect { SNAPSHOT_EXPECT_MUST, SNAPSHOT_EXPECT_WARN };

struct snapshot {
	struct arena		*arena;		/* holds this struct, too */
	_Atomic size_t		 references;
	struct retired		*retired;	/* NULL: is freed at once */
	struct snapshot		*older;		/* there */
	/* Immutable from here on. */
	const struct node	*tree;
	const struct node	*defaults;
	const struct lists	*lists;
	struct settings		 settings;
	struct rules		 rules;
	size_t			 recognise_count;
	size_t			 expect_count;
	const char *const	*files;
	size_t			 file_count;
};

static struct snapshot *
snapshot_new(void)
{
	struct arena *arena = arena_new();
	struct snapshot *snapshot = arena_alloc(arena, sizeof(*snapshot));

	snapshot->arena = arena;
	atomic_init(&snapshot->references, 1);
	return snapshot;
}

/* Only what help and contact may name: they stand in every reply. */
static void
check_letterhead(const struct template *template, const char *key,
    struct place place, struct diag *diag)
{
	for (int v = 0; v < VARIABLE_COUNT; v++)
		if (v != VARIABLE_REASON && v != VARIABLE_HOST &&
		    template_uses(template, (enum variable)v))
			diag_add(diag, SEVERITY_ERROR, place, "%s in site: "
			    "{%s} may not stand here, it would tell others of "
			    "the mail; only {reason} and {host} may", key,
			    variable_name((enum variable)v));
}

static const struct template *
load_template(struct load *load, const char *key, const char *text)
{
	struct place place = PLACE_NONE;
	const struct template *template;
	struct diag why = DIAG_INIT;

	if (*text == '\0')
		return NULL;
	if (load->root.site != NULL)
		place = node_place(load->root.site, key);
	template = template_compile(load->arena, text, &why);
	if (template != NULL)
		check_letterhead(template, key, place, load->diag);
	diag_take(load->diag, &why, place,
	    strcmp(key, "help") == 0 ? "help in site: " : "contact in site: ");
	return template;
}

static const struct template *
load_help(struct load *load)
{
	const char *link = load->settings->site.help;
	struct place place;

	if (*link == '\0')
		return NULL;
	place = node_place(load->root.site, "help");
	if (!text_starts(link, "https://") && !text_starts(link, "http://")) {
		diag_add(load->diag, SEVERITY_ERROR, place, "help in site must "
		    "be a link; write help = "
		    "\"https://example.com/mail/{reason}\"");
		return NULL;
	}
	return load_template(load, "help", link);
}

static const struct matcher *
load_never_refuse(struct load *load)
{
	const struct words *words = &load->settings->site.never_refuse;
	struct matcher *matcher = matcher_new(load->arena);
	const struct node *node = NULL;

	if (load->root.site != NULL)
		node = node_find(load->root.site, "never_refuse");
	for (size_t i = 0; i < words->count; i++) {
		struct place place = node != NULL && i < node->count ?
		    node->items[i].place : PLACE_NONE;
		struct diag why = DIAG_INIT;
		struct pattern pattern;

		if (pattern_parse(&pattern, load->arena, SUBJECT_ADDRESS,
		    words->items[i], place, load->lists, &why) == 0)
			matcher_add(matcher, &pattern);
		diag_take(load->diag, &why, place, "never_refuse in site: ");
	}
	matcher_finish(matcher);
	return matcher;
}

/*
 * With refuse_at = "earliest" a refusal of an earlier stage is given before
 * an accept that stands first, but is known only later, can win over it.
 */
static void
check_early(const struct load *load)
{
	for (size_t i = 0; i < load->policy_count; i++) {
		const struct policy *accept = load->policies[i];
		struct strbuf where = STRBUF_INIT;

		if (accept->action != ACTION_ACCEPT || accept->observe)
			continue;
		for (size_t n = i + 1; n < load->policy_count; n++) {
			const struct policy *policy = load->policies[n];

			if (policy->stage >= accept->stage ||
			    policy->stage >= STAGE_RCPT ||
			    !action_refuses(policy->action) ||
			    policy->observe)
				continue;
			place_format(policy->place, &where);
			diag_add(load->diag, SEVERITY_WARNING, accept->place,
			    "policy \"%s\" cannot save a mail from \"%s\" at "
			    "%s: with refuse_at = \"earliest\" that one "
			    "refuses before this one can be tried; write "
			    "refuse_at = \"rcpt\", or put the exception into "
			    "unless there", accept->name, policy->name,
			    where.text);
			break;
		}
		strbuf_release(&where);
	}
}

static void
load_rules(struct load *load, struct rules *rules)
{
	const struct daemon_settings *daemon = &load->settings->daemon;
	const struct site_settings *site = &load->settings->site;
	struct diag why = DIAG_INIT;

	*rules = (struct rules){
		.plan = plan_new(load->arena, load->policies,
		    load->policy_count, load->diag),
		.catalogue = load->catalogue,
		.knowledge = load->knowledge,
		.origins = load->origins,
		.milter_count = load->milter_count,
		.milters = load->milters,
		.letterhead = {
			.name = *site->name != '\0' ? site->name : NULL,
			.help = load_help(load),
			.contact = load_template(load, "contact",
			    site->contact),
			.host = site->host,
			.detail = site->detail,
		},
		.never_refuse = load_never_refuse(load),
		.fault = catalogue_find(load->catalogue, FAULT_REASON),
		.separate = catalogue_find(load->catalogue, SEPARATE_REASON),
		.unasked = catalogue_find(load->catalogue, UNASKED_REASON),
		.message_bytes_max = daemon->message_bytes_max,
		.limits = {
			.body_bytes_max = daemon->body_bytes_max,
			.mime = {
				.parts_max = daemon->parts_max,
				.depth_max = MIME_DEPTH_MAX,
				.text_bytes_max = daemon->text_bytes_max,
			},
		},
		.observe = daemon->mode == MODE_OBSERVE,
		.refuse_early = daemon->refuse_at == REFUSE_AT_EARLIEST,
		.show_case = site->show_case,
		.maps = *daemon->maps != '\0',
	};
	if (rules->refuse_early)
		check_early(load);
	demand_find(&rules->demand, rules, &why);
	diag_take(load->diag, &why, load->root_place, "");
}

static void
check_sockets(struct load *load)
{
	const struct daemon_settings *daemon = &load->settings->daemon;
	struct socket_name milter, maps;
	struct diag why = DIAG_INIT;

	if (load->root.daemon != NULL && *daemon->maps != '\0' &&
	    socket_parse(&milter, daemon->milter, &why) == 0 &&
	    socket_parse(&maps, daemon->maps, &why) == 0 &&
	    socket_same(&milter, &maps))
		diag_add(load->diag, SEVERITY_ERROR,
		    node_place(load->root.daemon, "maps"), "maps in daemon is "
		    "the socket of milter; write another one");
	diag_release(&why);
}

/* How a snapshot is to be made. */
struct making {
	enum snapshot_expect	 expect;
	const struct snapshot	*before;	/* NULL for none */
};

/* Fills the snapshot from its tree; every problem goes to diag. */
static void
snapshot_fill(struct snapshot *snapshot, const struct making *making,
    struct diag *diag)
{
	struct load load = {
		.arena = snapshot->arena,
		.diag = diag,
		.defaults = schema_defaults(snapshot->arena),
		.settings = &snapshot->settings,
		.root_place = snapshot->tree->place,
		.expect_warns = making->expect == SNAPSHOT_EXPECT_WARN,
		.lists_before = making->before != NULL ?
		    making->before->lists : NULL,
	};

	snapshot->defaults = load.defaults;
	schema_read(SECTION_ROOT, &load.root, snapshot->tree, load.defaults,
	    load.arena, diag);
	schema_read(SECTION_DAEMON, &snapshot->settings.daemon,
	    load.root.daemon, load.defaults, load.arena, diag);
	check_sockets(&load);
	schema_read(SECTION_SITE, &snapshot->settings.site, load.root.site,
	    load.defaults, load.arena, diag);
	load_lists(&load);
	snapshot->lists = load.lists;
	load_reasons(&load);
	load_policies(&load);
	load_check_lists(&load);
	load_milters(&load);
	load_recognise(&load);
	load_rules(&load, &snapshot->rules);
	load_check_replies(&load, &snapshot->rules);
	load_expect(&load, &snapshot->rules);
	if (load.root.recognise != NULL)
		snapshot->recognise_count = load.root.recognise->count;
	if (load.root.expect != NULL)
		snapshot->expect_count = load.root.expect->count;
}

static void
keep_files(struct snapshot *snapshot, const struct source *source)
{
	const char **files = arena_alloc(snapshot->arena,
	    source->file_count * sizeof(*files));

	for (size_t i = 0; i < source->file_count; i++)
		files[i] = source->files[i];
	snapshot->files = files;
	snapshot->file_count = source->file_count;
}

/* The same, but of lines that were mended on suspicion nothing is told. */
static void
snapshot_fill_told(struct snapshot *snapshot, const struct source *source,
    const struct making *making, struct diag *diag)
{
	struct diag found = DIAG_INIT;

	if (diag->errors > 0)
		diag_error(&found, "there were errors before");
	snapshot_fill(snapshot, making, &found);
	for (size_t i = diag->errors > 0 ? 1 : 0; i < found.count; i++) {
		const struct diag_message *m = &found.messages[i];

		if (!source_place_is_doubtful(source, m->file, m->line))
			diag_add(diag, m->severity,
			    (struct place){ m->file, m->line }, "%s", m->text);
	}
	diag_release(&found);
}

/* text NULL: the file is read. */
static struct snapshot *
snapshot_make(const char *text, const char *file,
    const struct making *making, struct diag *diag)
{
	struct snapshot *snapshot = snapshot_new();
	size_t errors = diag->errors;
	struct source source;

	source_init(&source, snapshot->arena);
	if (text != NULL)
		source_read_text(&source, text, file, diag);
	else
		source_read(&source, file, diag);
	/* Whatever is wrong so far, the rest is checked as far as it goes. */
	if (!source.broken)
		snapshot->tree = tree_parse(snapshot->arena, &source, diag);
	if (snapshot->tree != NULL) {
		keep_files(snapshot, &source);
		snapshot_fill_told(snapshot, &source, making, diag);
	}
	source_release(&source);
	diag_sort(diag);
	if (diag->errors == errors)
		return snapshot;
	snapshot_put(snapshot);
	return NULL;
}

struct snapshot *
snapshot_load(const char *file, struct diag *diag)
{
	const struct making making = { .expect = SNAPSHOT_EXPECT_MUST };

	return snapshot_make(NULL, file, &making, diag);
}

struct snapshot *
snapshot_load_again(const char *file, const struct snapshot *before,
    struct diag *diag)
{
	const struct making making = {
		.expect = SNAPSHOT_EXPECT_MUST,
		.before = before,
	};

	return snapshot_make(NULL, file, &making, diag);
}

struct snapshot *
snapshot_load_for_tools(const char *file, struct diag *diag)
{
	const struct making making = { .expect = SNAPSHOT_EXPECT_WARN };

	return snapshot_make(NULL, file, &making, diag);
}

struct snapshot *
snapshot_load_text(const char *text, const char *file, struct diag *diag)
{
	const struct making making = { .expect = SNAPSHOT_EXPECT_MUST };

	return snapshot_make(text, file, &making, diag);
}

struct snapshot *
snapshot_get(struct snapshot *snapshot)
{
	/* Whoever calls has a reference, so nothing needs to be ordered. */
	atomic_fetch_add_explicit(&snapshot->references, 1,
	    memory_order_relaxed);
	return snapshot;
}

static void
retire(struct retired *retired, struct snapshot *snapshot)
{
	struct snapshot *newest = atomic_load(&retired->newest);

	do
		snapshot->older = newest;
	while (!atomic_compare_exchange_weak(&retired->newest, &newest,
	    snapshot));
	retired->notify(retired->arg);
}

void
snapshot_put(struct snapshot *snapshot)
{
	/* All that others did with it must come before it is freed. */
	if (atomic_fetch_sub_explicit(&snapshot->references, 1,
	    memory_order_acq_rel) != 1)
		return;
	if (snapshot->retired != NULL)
		retire(snapshot->retired, snapshot);
	else
		arena_free(snapshot->arena);
}

void
snapshot_retire_to(struct snapshot *snapshot, struct retired *retired)
{
	snapshot->retired = retired;
}

void
retired_free(struct retired *retired)
{
	struct snapshot *next = atomic_exchange(&retired->newest, NULL);

	while (next != NULL) {
		struct snapshot *snapshot = next;

		next = snapshot->older;
		arena_free(snapshot->arena);
	}
}

const struct settings *
snapshot_settings(const struct snapshot *snapshot)
{
	return &snapshot->settings;
}

const struct rules *
snapshot_rules(const struct snapshot *snapshot)
{
	return &snapshot->rules;
}

const struct catalogue *
snapshot_catalogue(const struct snapshot *snapshot)
{
	return snapshot->rules.catalogue;
}

size_t
snapshot_recognise_count(const struct snapshot *snapshot)
{
	return snapshot->recognise_count;
}

size_t
snapshot_expect_count(const struct snapshot *snapshot)
{
	return snapshot->expect_count;
}

const char *const *
snapshot_files(const struct snapshot *snapshot, size_t *count)
{
	*count = snapshot->file_count;
	return snapshot->files;
}

void
snapshot_print(const struct snapshot *snapshot, struct strbuf *out)
{
	print_settings(snapshot->tree, snapshot->defaults, out);
}
