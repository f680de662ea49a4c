#include "config/load.h"

#include <stdlib.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "config/file.h"
#include "config/schema.h"
#include "config/tree.h"
#include "policy/list.h"
#include "policy/policy.h"

static void
wrong(struct load *load, const struct node *node, const char *rule)
{
	struct strbuf written = STRBUF_INIT;

	node_describe(node, &written);
	diag_add(load->diag, SEVERITY_ERROR, node->place, "%s, not %s", rule,
	    written.text);
	strbuf_release(&written);
}

static void
add_entries(struct load *load, struct list *list, const struct node *node)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct node *item = &node->items[i];

		if (item->kind == NODE_TEXT)
			list_add(load->lists, list, item->text, item->place,
			    load->diag);
		else
			wrong(load, item, "an entry of a list must be a text "
			    "in quotes");
	}
}

static void
add_file(struct load *load, struct list *list, const char *file,
    struct place place)
{
	const char *path = file_beside(load->arena, place.file, file);
	struct strbuf text = STRBUF_INIT;
	struct diag why = DIAG_INIT;

	if (file_read(path, &text, &why) == 0)
		list_parse(load->lists, list, text.text, text.len, path,
		    load->diag);
	diag_take(load->diag, &why, place, "");
	strbuf_release(&text);
}

/* { file = "..."; entries = [ ... ]; } */
static void
add_group(struct load *load, struct list *list, const struct node *node)
{
	struct list_entry entry = { .file = NULL };
	const struct node *entries = node_find(node, "entries");

	schema_read(SECTION_LIST, &entry, node, load->defaults, load->arena,
	    load->diag);
	if (node->count == 0)
		diag_add(load->diag, SEVERITY_ERROR, node->place, "the list "
		    "\"%s\" is empty; write file = \"...\" or entries = "
		    "[ ... ]", node->name);
	if (entry.file != NULL)
		add_file(load, list, entry.file, node_place(node, "file"));
	if (entry.entries.count > 0)
		add_entries(load, list, entries);
}

static void
load_list(struct load *load, const struct node *node)
{
	struct diag why = DIAG_INIT;
	struct list *list;

	list = lists_add(load->lists, node->name, node->place, &why);
	diag_take(load->diag, &why, node->place, "");
	if (list == NULL)
		return;
	if (node->kind == NODE_GROUP)
		add_group(load, list, node);
	else if (node->kind == NODE_ARRAY || node->kind == NODE_LIST)
		add_entries(load, list, node);
	else
		wrong(load, node, "a list must be an array [ \"...\" ] or a "
		    "group { file = \"...\"; }");
}

void
load_lists(struct load *load)
{
	const struct node *lists = load->root.lists;

	load->lists = lists_new(load->arena);
	for (size_t i = 0; lists != NULL && i < lists->count; i++)
		load_list(load, &lists->items[i]);
	lists_finish(load->lists);
}

/* A list in a condition: what its entries are held against. */
struct use {
	const struct list *list;
	enum subject subject;
};

struct uses {
	struct use *items;
	size_t count, room;
};

static void
add_use(struct uses *uses, const struct list *list, enum subject subject)
{
	for (size_t i = 0; i < uses->count; i++)
		if (uses->items[i].list == list &&
		    uses->items[i].subject == subject)
			return;
	uses->items = xgrow(uses->items, uses->count, &uses->room,
	    sizeof(*uses->items));
	uses->items[uses->count++] = (struct use){ list, subject };
}

static void
add_uses(struct uses *uses, const struct clause *clause)
{
	for (size_t g = 0; g < clause->count; g++)
		for (size_t c = 0; c < clause->groups[g].count; c++) {
			const struct condition *condition =
			    &clause->groups[g].conditions[c];

			for (size_t p = 0; p < condition->count; p++)
				if (condition->patterns[p].kind ==
				    PATTERN_LIST)
					add_use(uses,
					    condition->patterns[p].list,
					    attribute_subject(
					    condition->attribute));
		}
}

void
load_check_lists(struct load *load)
{
	struct uses uses = { .items = NULL };

	for (size_t i = 0; i < load->policy_count; i++) {
		add_uses(&uses, &load->policies[i]->when);
		add_uses(&uses, &load->policies[i]->unless);
	}
	for (size_t i = 0; i < uses.count; i++)
		list_check(uses.items[i].list, uses.items[i].subject,
		    load->diag);
	free(uses.items);
}
