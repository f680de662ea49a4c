#include "config/print.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "config/file.h"
#include "config/schema.h"
#include "config/tree.h"

struct printing {
	const struct node *tree, *defaults;
	struct strbuf *out;
};

static void
print_indent(const struct printing *p, unsigned depth)
{
	while (depth-- > 0)
		strbuf_addch(p->out, '\t');
}

static void
print_setting(const struct printing *p, unsigned depth, const char *name,
    const struct node *value)
{
	print_indent(p, depth);
	strbuf_addf(p->out, "%s = ", name);
	node_print(value, depth, p->out);
	strbuf_adds(p->out, ";\n");
}

/* All settings of a section in the order of the schema. */
static void
print_section(const struct printing *p, enum section section, unsigned depth,
    const struct node *group)
{
	for (size_t i = 0; i < setting_count(); i++) {
		const struct setting *setting = setting_at(i);
		const struct node *value;

		if (setting->section != section)
			continue;
		value = schema_value(setting, group, p->defaults);
		if (value != NULL)
			print_setting(p, depth, setting->key, value);
	}
}

/*
 * A list's file is named from the folder of the file that names it; the
 * printed text may be put anywhere, so it says the whole path.
 */
static void
print_list_file(const struct printing *p, const struct node *file)
{
	const char *naming = file->place.file;
	char folder[PATH_MAX];
	struct strbuf path = STRBUF_INIT;

	/* Without a current folder the path stays as it was written. */
	if (file->text[0] != '/' && naming[0] != '/' &&
	    getcwd(folder, sizeof(folder)) != NULL)
		strbuf_addf(&path, "%s/", folder);
	if (file->text[0] != '/')
		strbuf_add(&path, naming, file_folder_len(naming));
	strbuf_adds(&path, file->text);
	print_indent(p, 2);
	strbuf_adds(p->out, "file = ");
	node_print_text(path.text, p->out);
	strbuf_adds(p->out, ";\n");
	strbuf_release(&path);
}

static void
print_list(const struct printing *p, const struct node *list)
{
	if (list->kind != NODE_GROUP) {
		print_setting(p, 1, list->name, list);
		return;
	}
	strbuf_addf(p->out, "\t%s = {\n", list->name);
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].name, "file") == 0)
			print_list_file(p, &list->items[i]);
		else
			print_setting(p, 2, list->items[i].name,
			    &list->items[i]);
	}
	strbuf_adds(p->out, "\t};\n");
}

/* { ... }, { ... } */
static void
print_rows(const struct printing *p, enum section section,
    const struct node *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		strbuf_adds(p->out, i > 0 ? ", {\n" : "\t{\n");
		print_section(p, section, 2, &rows->items[i]);
		strbuf_adds(p->out, "\t}");
	}
	if (rows->count > 0)
		strbuf_addch(p->out, '\n');
}

static void
print_group(const struct printing *p, const char *key)
{
	const struct node *node = node_find(p->tree, key);

	strbuf_addf(p->out, "\n%s: {\n", key);
	for (size_t i = 0; node != NULL && i < node->count; i++) {
		if (strcmp(key, "lists") == 0)
			print_list(p, &node->items[i]);
		else
			print_setting(p, 1, node->items[i].name,
			    &node->items[i]);
	}
	strbuf_adds(p->out, "};\n");
}

static void
print_list_of(const struct printing *p, enum section section, const char *key)
{
	const struct node *node = node_find(p->tree, key);

	strbuf_addf(p->out, "\n%s: (\n", key);
	if (node != NULL)
		print_rows(p, section, node);
	strbuf_adds(p->out, ");\n");
}

void
print_settings(const struct node *tree, const struct node *defaults,
    struct strbuf *out)
{
	const struct printing p = {
		.tree = tree,
		.defaults = defaults,
		.out = out,
	};

	strbuf_adds(out, "daemon: {\n");
	print_section(&p, SECTION_DAEMON, 1, node_find(tree, "daemon"));
	strbuf_adds(out, "};\n\nsite: {\n");
	print_section(&p, SECTION_SITE, 1, node_find(tree, "site"));
	strbuf_adds(out, "};\n");
	print_group(&p, "reasons");
	print_group(&p, "lists");
	print_list_of(&p, SECTION_POLICY, "policies");
	print_list_of(&p, SECTION_MILTER, "milters");
	print_list_of(&p, SECTION_RECOGNISE, "recognise");
	print_list_of(&p, SECTION_EXPECT, "expect");
}
