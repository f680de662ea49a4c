#include "config/tree.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/source.h"
#include "config/syntax.h"

const struct node *
node_find(const struct node *group, const char *name)
{
	for (size_t i = 0; i < group->count; i++)
		if (strcmp(group->items[i].name, name) == 0)
			return &group->items[i];
	return NULL;
}

struct place
node_place(const struct node *group, const char *name)
{
	const struct node *node = node_find(group, name);

	return node != NULL ? node->place : group->place;
}

static enum node_kind
kind_of(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		return NODE_GROUP;
	case CONFIG_TYPE_LIST:
		return NODE_LIST;
	case CONFIG_TYPE_ARRAY:
		return NODE_ARRAY;
	case CONFIG_TYPE_STRING:
		return NODE_TEXT;
	case CONFIG_TYPE_BOOL:
		return NODE_SWITCH;
	case CONFIG_TYPE_FLOAT:
		return NODE_FLOAT;
	default:
		return NODE_NUMBER;
	}
}

static void
node_fill(struct node *node, struct arena *arena, config_setting_t *setting,
    const struct source *source)
{
	const char *name = config_setting_name(setting);

	*node = (struct node){
		.kind = kind_of(setting),
		.name = name != NULL ? arena_strdup(arena, name) : "",
		.place = source_place(source,
		    config_setting_source_line(setting)),
		.text = "",
	};
	if (node->kind == NODE_TEXT)
		node->text = arena_strdup(arena,
		    config_setting_get_string(setting));
	else if (node->kind == NODE_NUMBER)
		node->number = config_setting_get_int64(setting);
	else if (node->kind == NODE_SWITCH)
		node->on = config_setting_get_bool(setting);
	else if (config_setting_is_aggregate(setting)) {
		struct node *items;

		node->count = (size_t)config_setting_length(setting);
		items = arena_alloc(arena, node->count * sizeof(*items));
		for (size_t i = 0; i < node->count; i++)
			node_fill(&items[i], arena,
			    config_setting_get_elem(setting, (unsigned)i),
			    source);
		node->items = items;
	}
}

/* What syntax_check() leaves to libconfig. */
static void
error_report(config_t *config, const struct source *source, struct diag *diag)
{
	struct place place = source_place(source,
	    (unsigned)config_error_line(config));
	const char *text = config_error_text(config);

	if (strcmp(text, "mismatched element type in array") == 0)
		text = "an array holds values of one kind only; put its "
		    "numbers into quotes, too";
	diag_add(diag, SEVERITY_ERROR, place, "%s", text);
}

/*
 * Moves what stands in a group that was written twice to the first one, so
 * that all names are known.
 */
static void
merge_again(struct arena *arena, struct node *root)
{
	struct node *nodes = arena_alloc(arena, root->count * sizeof(*nodes));
	size_t count = 0;

	for (size_t i = 0; i < root->count; i++) {
		const struct node *again = &root->items[i];
		const char *star = strrchr(again->name, '*');
		struct node *first = NULL, *items;

		for (size_t n = 0; n < count && star != NULL &&
		    text_starts(again->name, "*again-"); n++)
			if (strcmp(nodes[n].name, star + 1) == 0)
				first = &nodes[n];
		if (first == NULL) {
			nodes[count++] = *again;
			continue;
		}
		if (first->kind != again->kind ||
		    first->count + again->count == 0)
			continue;
		items = arena_alloc(arena,
		    (first->count + again->count) * sizeof(*items));
		for (size_t n = 0; n < first->count; n++)
			items[n] = first->items[n];
		for (size_t n = 0; n < again->count; n++)
			items[first->count + n] = again->items[n];
		first->items = items;
		first->count += again->count;
	}
	root->items = nodes;
	root->count = count;
}

/* Says so at the last problem, and marks it as the end of the check. */
static void
not_checked(struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;
	struct diag_message *last = NULL;

	for (size_t i = 0; i < diag->count; i++)
		if (last == NULL || diag->messages[i].line >= last->line ||
		    strcmp(diag->messages[i].file, last->file) != 0)
			last = &diag->messages[i];
	if (last == NULL)
		return;
	strbuf_addf(&text, "%s (what follows was not checked)", last->text);
	free(last->text);
	last->text = strbuf_detach(&text);
}

const struct node *
tree_parse(struct arena *arena, struct source *source, struct diag *diag)
{
	struct strbuf mended = STRBUF_INIT;
	struct node *root = NULL;
	size_t errors = diag->errors;
	config_t config;

	if (syntax_check(source, &mended, diag) == -1) {
		not_checked(diag);
		strbuf_release(&mended);
		return NULL;
	}
	config_init(&config);
	if (config_read_string(&config, mended.text) == CONFIG_TRUE) {
		root = arena_alloc(arena, sizeof(*root));
		node_fill(root, arena, config_root_setting(&config), source);
		if (diag->errors > errors)
			merge_again(arena, root);
		if (source->file_count > 0)
			root->place = (struct place){
				.file = source->files[0],
				.line = 0,
			};
	} else if (diag->errors == errors)
		error_report(&config, source, diag);
	else
		not_checked(diag);
	config_destroy(&config);
	strbuf_release(&mended);
	return root;
}

const struct node *
tree_parse_builtin(struct arena *arena, const char *text)
{
	struct diag diag = DIAG_INIT;
	const struct node *root = NULL;
	struct source source;

	source_init(&source, arena);
	if (source_read_text(&source, text, "", &diag) == 0)
		root = tree_parse(arena, &source, &diag);
	if (root == NULL || diag.errors > 0)
		abort();
	source_release(&source);
	diag_release(&diag);
	return root;
}

void
node_print_text(const char *text, struct strbuf *out)
{
	strbuf_addch(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			strbuf_addf(out, "\\%c", *text);
		else if (text_is_print(*text) || (unsigned char)*text >= 128)
			strbuf_addch(out, *text);
		else
			strbuf_addf(out, "\\x%02x", (unsigned char)*text);
	}
	strbuf_addch(out, '"');
}

static void
indent(unsigned depth, struct strbuf *out)
{
	while (depth-- > 0)
		strbuf_addch(out, '\t');
}

static void
group_print(const struct node *node, unsigned depth, struct strbuf *out)
{
	strbuf_adds(out, "{\n");
	for (size_t i = 0; i < node->count; i++) {
		indent(depth + 1, out);
		strbuf_addf(out, "%s = ", node->items[i].name);
		node_print(&node->items[i], depth + 1, out);
		strbuf_adds(out, ";\n");
	}
	indent(depth, out);
	strbuf_addch(out, '}');
}

static void
items_print(const struct node *node, const char *brackets, unsigned depth,
    struct strbuf *out)
{
	strbuf_addch(out, brackets[0]);
	for (size_t i = 0; i < node->count; i++) {
		strbuf_adds(out, i > 0 ? ", " : " ");
		node_print(&node->items[i], depth, out);
	}
	strbuf_addf(out, " %c", brackets[1]);
}

void
node_print(const struct node *node, unsigned depth, struct strbuf *out)
{
	switch (node->kind) {
	case NODE_TEXT:
		node_print_text(node->text, out);
		break;
	case NODE_NUMBER:
		strbuf_addf(out, "%lld%s", (long long)node->number,
		    node->number > INT32_MAX || node->number < INT32_MIN ?
		    "L" : "");
		break;
	case NODE_SWITCH:
		strbuf_adds(out, node->on ? "true" : "false");
		break;
	case NODE_FLOAT:
		strbuf_adds(out, "0.0");
		break;
	case NODE_ARRAY:
		items_print(node, "[]", depth, out);
		break;
	case NODE_LIST:
		items_print(node, "()", depth, out);
		break;
	case NODE_GROUP:
		group_print(node, depth, out);
		break;
	}
}

void
node_describe(const struct node *node, struct strbuf *out)
{
	bool empty = node->count == 0;

	switch (node->kind) {
	case NODE_TEXT:
		names_quote(out, node->text);
		break;
	case NODE_NUMBER:
	case NODE_SWITCH:
		node_print(node, 0, out);
		break;
	case NODE_FLOAT:
		strbuf_adds(out, "a number with a decimal point");
		break;
	case NODE_ARRAY:
		strbuf_adds(out, empty ? "an empty array" : "an array [ ... ]");
		break;
	case NODE_LIST:
		strbuf_adds(out, empty ? "an empty list" : "a list ( ... )");
		break;
	case NODE_GROUP:
		strbuf_adds(out, empty ? "an empty group" : "a group { ... }");
		break;
	}
}
