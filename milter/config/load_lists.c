#include "config/load.h"

#include <stdlib.h>

#include "base/diag.h"
#include "base/digest.h"
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

/* Adds the entries of an array; node may be NULL. */
static void
add_entries(struct load *load, struct list *list, const struct node *node)
{
	for (size_t i = 0; node != NULL && i < node->count; i++) {
		const struct node *item = &node->items[i];

		if (item->kind == NODE_TEXT)
			list_add(load->lists, list, item->text, item->place,
			    load->diag);
		else
			wrong(load, item, "an entry of a list must be a text "
			    "in quotes");
	}
}

/*
 * One reading of a list's file.  It is read twice, in pieces, so that its text
 * never stands in memory: first to count its lines, and to see whether the
 * entries are the same as in a configuration before, which is then all; else a
 * second time for the entries.  What the file says may change in between: the
 * second reading has a digest of its own, of the very bytes that became
 * entries.
 *
 * The size and times of a file would tell a change sooner, but not surely:
 * clocks are coarser than two writes can be, a writer through mmap() may leave
 * them as they are, and another machine's clock may go back.
 */
struct reading {
	struct digest		*digest;	/* NULL where none is wanted */
	size_t			 bytes, lines;
	struct list_reader	*reader;	/* NULL in the first one */
};

static void
take_piece(void *arg, const char *bytes, size_t len)
{
	struct reading *reading = arg;

	if (reading->digest != NULL)
		digest_add(reading->digest, bytes, len);
	reading->bytes += len;
	if (reading->reader != NULL)
		list_reader_add(reading->reader, bytes, len);
	else
		for (size_t i = 0; i < len; i++)
			reading->lines += bytes[i] == '\n';
}

static void
add_to_digest(struct digest *digest, const struct node *entries)
{
	for (size_t i = 0; entries != NULL && i < entries->count; i++) {
		const struct node *item = &entries->items[i];

		digest_add_text(digest, item->text);
		digest_add_text(digest, item->place.file);
		digest_add(digest, &item->place.line,
		    sizeof(item->place.line));
	}
}

/*
 * Reads the file of a list, whose other entries, if any, are those of node.
 * Returns -1 with the reason in diag; or 0 with the digest of both, unless
 * digest is NULL.
 */
static int
read_file(struct reading *reading, const char *path,
    const struct node *entries, struct digest_value *digest,
    struct diag *diag)
{
	int rc;

	if (digest == NULL)
		return file_read_pieces(path, take_piece, reading, diag);
	reading->digest = digest_new();
	digest_add_text(reading->digest, path);
	rc = file_read_pieces(path, take_piece, reading, diag);
	digest_add(reading->digest, &reading->bytes, sizeof(reading->bytes));
	add_to_digest(reading->digest, entries);
	*digest = digest_end(reading->digest);
	digest_free(reading->digest);
	return rc;
}

/* As add_entries(), but first those of a file. */
static void
add_file(struct load *load, struct list *list, const char *path,
    struct place place, const struct node *entries)
{
	const struct lists *before = load->lists_before;
	struct reading first = { .reader = NULL }, second = first;
	struct digest_value digest;
	struct diag why = DIAG_INIT;
	bool whole;

	if (read_file(&first, path, entries, before != NULL ? &digest : NULL,
	    &why) == -1) {
		diag_take(load->diag, &why, place, "");
		add_entries(load, list, entries);
		return;
	}
	if (list_take_over(list, before, &digest))
		return;
	/* The last line may have no end. */
	list_expect(load->lists, list, first.lines + 1, first.bytes + 1);
	second.reader = list_reader_new(load->lists, list, path, load->diag);
	whole = read_file(&second, path, entries, &digest, &why) == 0;
	list_reader_end(second.reader);
	diag_take(load->diag, &why, place, "");
	add_entries(load, list, entries);
	if (whole)
		list_sign(list, &digest);
}

/* { file = "..."; entries = [ ... ]; } */
static void
add_group(struct load *load, struct list *list, const struct node *node)
{
	struct list_entry entry = { .file = NULL };
	const struct node *entries = NULL;
	struct place place = node_place(node, "file");

	schema_read(SECTION_LIST, &entry, node, load->defaults, load->arena,
	    load->diag);
	if (node->count == 0)
		diag_add(load->diag, SEVERITY_ERROR, node->place, "the list "
		    "\"%s\" is empty; write file = \"...\" or entries = "
		    "[ ... ]", node->name);
	if (entry.entries.count > 0)
		entries = node_find(node, "entries");
	if (entry.file != NULL)
		add_file(load, list, file_beside(load->arena, place.file,
		    entry.file), place, entries);
	else
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
