/*
 * tree - a configuration as libconfig read it, each value with its place.
 *
 * tree.c is the only file that knows libconfig; all others see these nodes.
 * They live in an arena and never change.
 */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

struct arena;
struct source;
struct strbuf;

enum node_kind {
	NODE_TEXT,		/* "..." */
	NODE_NUMBER,
	NODE_SWITCH,		/* true or false */
	NODE_FLOAT,		/* no setting takes one */
	NODE_ARRAY,		/* [ ... ] */
	NODE_LIST,		/* ( ... ) */
	NODE_GROUP		/* { ... } */
};

struct node {
	enum node_kind		 kind;
	const char		*name;	/* "" in an array or list */
	struct place		 place;
	const char		*text;	/* of a text, else "" */
	int64_t			 number;
	bool			 on;
	size_t			 count;	/* of an array, list or group: */
	const struct node	*items;
};

/*
 * Returns the group of all settings, with errors in diag where slips could be
 * mended; or NULL, with errors.
 */
const struct node	*tree_parse(struct arena *arena,
			    struct source *source, struct diag *diag);
/* As a program's own text that is known to be right; aborts if it is not. */
const struct node	*tree_parse_builtin(struct arena *arena,
			    const char *text);

/* NULL where the group has no such setting. */
const struct node	*node_find(const struct node *group, const char *name);
/* The place of a setting in a group, or of the group where it has none. */
struct place		 node_place(const struct node *group,
			    const char *name);
/* What was written, in a few words for a message: "a group { ... }". */
void			 node_describe(const struct node *node,
			    struct strbuf *out);
/* As it would be written, further lines indented by depth tabs. */
void			 node_print(const struct node *node, unsigned depth,
			    struct strbuf *out);
/* A text as libconfig reads it: in quotes, with its escapes. */
void			 node_print_text(const char *text, struct strbuf *out);

#endif
