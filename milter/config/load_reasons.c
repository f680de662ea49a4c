#include "config/load.h"

#include <string.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/schema.h"
#include "config/tree.h"
#include "reply/reason.h"

#define TEMPORARY	"temporary_"

/*
 * The catalogue begins each message with the name of the setting, such as
 * "status: " or "temporary_fix: "; that is where the problem stands.
 */
static struct place
problem_place(const struct node *node, const char *text)
{
	const struct node *temporary = node_find(node, "temporary");

	for (size_t i = 0; i < setting_count(); i++) {
		const struct setting *setting = setting_at(i);
		struct strbuf before = STRBUF_INIT;
		struct place place = PLACE_NONE;

		if (setting->section == SECTION_REASON)
			strbuf_addf(&before, "%s: ", setting->key);
		else if (setting->section == SECTION_TEMPORARY)
			strbuf_addf(&before, TEMPORARY "%s: ", setting->key);
		if (before.len > 0 &&
		    strncmp(text, before.text, before.len) == 0)
			place = node_place(setting->section == SECTION_REASON ||
			    temporary == NULL ? node : temporary,
			    setting->key);
		strbuf_release(&before);
		if (place.line > 0)
			return place;
	}
	return node->place;
}

static void
load_reason(struct load *load, const struct node *node)
{
	struct reason_entry entry = { .title = NULL };
	struct temporary_entry temporary = { .status = NULL };
	struct strbuf written = STRBUF_INIT;
	struct diag why = DIAG_INIT;

	if (node->kind != NODE_GROUP) {
		node_describe(node, &written);
		diag_add(load->diag, SEVERITY_ERROR, node->place, "the reason "
		    "\"%s\" must be a group { ... }, not %s; write %s = "
		    "{ fix = \"...\"; }", node->name, written.text,
		    node->name);
		strbuf_release(&written);
		return;
	}
	schema_read(SECTION_REASON, &entry, node, load->defaults, load->arena,
	    load->diag);
	if (entry.temporary != NULL)
		schema_read(SECTION_TEMPORARY, &temporary, entry.temporary,
		    load->defaults, load->arena, load->diag);
	catalogue_change(load->catalogue, &(struct reason_change){
		.name = node->name,
		.title = entry.title,
		.side = entry.side,
		.status = entry.status,
		.what = entry.what,
		.fix = entry.fix,
		.temporary_status = temporary.status,
		.temporary_what = temporary.what,
		.temporary_fix = temporary.fix,
		.place = node->place,
	}, &why);
	for (size_t i = 0; i < why.count; i++) {
		const struct diag_message *m = &why.messages[i];
		bool inner = strncmp(m->text, TEMPORARY,
		    strlen(TEMPORARY)) == 0;

		diag_add(load->diag, m->severity,
		    problem_place(node, m->text), "reason \"%s\": %s%s",
		    node->name, inner ? "temporary." : "",
		    m->text + (inner ? strlen(TEMPORARY) : 0));
	}
	diag_release(&why);
}

bool
load_reason_is_written(const struct load *load, const char *name)
{
	return load->root.reasons != NULL &&
	    node_find(load->root.reasons, name) != NULL;
}

void
load_reasons(struct load *load)
{
	const struct node *reasons = load->root.reasons;

	load->catalogue = catalogue_new(load->arena);
	for (size_t i = 0; reasons != NULL && i < reasons->count; i++)
		load_reason(load, &reasons->items[i]);
}
