#include "policy/iptree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NONE	UINT32_MAX	/* no node, no number */

/*
 * Each node is a block; its children are narrower blocks within it, one for
 * each value of the first bit behind its prefix.  A node stands in the tree
 * either because its block was added, or because two blocks part there: a
 * chain of bits on which nothing was added and nothing parts has no nodes.  So
 * there are at most two nodes for a block, and a look-up meets only nodes that
 * say something, all of whose blocks hold the address until one does not.
 *
 * Nodes refer to each other by index into one array, which halves their size
 * and lets the array move as it grows.  IPv4 and IPv6 have a root each.
 */
struct node {
	struct ip_block	 block;
	uint32_t	 child[2];
	uint32_t	 number;	/* NONE: blocks only part here */
};

struct iptree {
	struct node	*nodes;
	size_t		 count;
	size_t		 room;
	uint32_t	 roots[2];	/* IPv4, IPv6 */
};

struct iptree *
iptree_new(void)
{
	struct iptree *tree = xcalloc(1, sizeof(*tree));

	tree->roots[0] = tree->roots[1] = NONE;
	return tree;
}

void
iptree_free(struct iptree *tree)
{
	if (tree == NULL)
		return;
	free(tree->nodes);
	free(tree);
}

static uint32_t
node_new(struct iptree *tree, const struct ip_block *block, uint32_t number)
{
	tree->nodes = xgrow(tree->nodes, tree->count, &tree->room,
	    sizeof(*tree->nodes));
	tree->nodes[tree->count] = (struct node){
		.block = *block,
		.child = { NONE, NONE },
		.number = number,
	};
	return (uint32_t)tree->count++;
}

/* The number of bits, at most max, that both addresses begin with. */
static unsigned
common_bits(const struct ip *a, const struct ip *b, unsigned max)
{
	unsigned n = 0;

	while (n + 8 <= max && a->bytes[n / 8] == b->bytes[n / 8])
		n += 8;
	while (n < max && ip_bit(a, n) == ip_bit(b, n))
		n++;
	return n;
}

/* The first bits of block. */
static struct ip_block
widened(const struct ip_block *block, unsigned prefix)
{
	struct ip_block wide = { .ip.family = block->ip.family };

	wide.prefix = (unsigned char)prefix;
	memcpy(wide.ip.bytes, block->ip.bytes, (prefix + 7) / 8);
	if (prefix % 8 != 0)
		wide.ip.bytes[prefix / 8] &=
		    (unsigned char)(0xff << (8 - prefix % 8));
	return wide;
}

/* Points what pointed to a child (or root) of the node at to. */
static void
link_node(struct iptree *tree, uint32_t parent, unsigned side, uint32_t to)
{
	if (parent == NONE)
		tree->roots[side] = to;
	else
		tree->nodes[parent].child[side] = to;
}

uint32_t
iptree_add(struct iptree *tree, const struct ip_block *block, uint32_t number)
{
	uint32_t parent = NONE;
	unsigned side = block->ip.family == 6;
	uint32_t at = tree->roots[side];
	uint32_t fresh;

	for (; at != NONE; at = tree->nodes[at].child[side]) {
		struct node *node = &tree->nodes[at];
		unsigned shorter = node->block.prefix < block->prefix ?
		    node->block.prefix : block->prefix;
		unsigned common = common_bits(&node->block.ip, &block->ip,
		    shorter);
		bool node_bit;
		uint32_t above;

		if (common == node->block.prefix) {
			if (common == block->prefix) {
				if (node->number == NONE)
					node->number = number;
				return node->number;
			}
			parent = at;
			side = ip_bit(&block->ip, common);
			continue;
		}
		/* The node goes below: below the block, or where they part. */
		node_bit = ip_bit(&node->block.ip, common);
		if (common == block->prefix)
			above = node_new(tree, block, number);
		else {
			struct ip_block both = widened(block, common);
			bool bit = ip_bit(&block->ip, common);

			above = node_new(tree, &both, NONE);
			fresh = node_new(tree, block, number);
			tree->nodes[above].child[bit] = fresh;
		}
		tree->nodes[above].child[node_bit] = at;
		link_node(tree, parent, side, above);
		return number;
	}
	fresh = node_new(tree, block, number);
	link_node(tree, parent, side, fresh);
	return number;
}

/*
 * Copies the node at and all below it to the end of to, a node before its
 * children, so that a walk down finds the next node mostly in the cache line
 * that it has just read.  Returns its new index.
 */
static uint32_t
lay_out(const struct iptree *tree, uint32_t at, struct node *to, size_t *count)
{
	uint32_t fresh = (uint32_t)*count;

	if (at == NONE)
		return NONE;
	to[fresh] = tree->nodes[at];
	++*count;
	for (int side = 0; side < 2; side++)
		to[fresh].child[side] = lay_out(tree,
		    tree->nodes[at].child[side], to, count);
	return fresh;
}

void
iptree_finish(struct iptree *tree)
{
	struct node *nodes = xcalloc(tree->count, sizeof(*nodes));
	size_t count = 0;

	for (int i = 0; i < 2; i++)
		tree->roots[i] = lay_out(tree, tree->roots[i], nodes, &count);
	free(tree->nodes);
	tree->nodes = nodes;
	tree->room = count;
}

void
iptree_find(const struct iptree *tree, const struct ip *ip,
    void (*hit)(void *arg, uint32_t number), void *arg)
{
	uint32_t at;

	if (ip->family != 4 && ip->family != 6)
		return;
	at = tree->roots[ip->family == 6];
	while (at != NONE) {
		const struct node *node = &tree->nodes[at];

		if (!ip_block_holds(&node->block, ip))
			return;
		if (node->number != NONE)
			hit(arg, node->number);
		if (node->block.prefix == ip_bits(ip))
			return;
		at = node->child[ip_bit(ip, node->block.prefix)];
	}
}
