/*
 * iptree - address blocks, each with a number; which of them hold an address?
 *
 * Sorted blocks, each with the one around it, explained in iptree.c.  Built by
 * one thread; then any thread may look.
 */
#ifndef POLICY_IPTREE_H
#define POLICY_IPTREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

struct iptree;

struct iptree	*iptree_new(void);
void		 iptree_free(struct iptree *tree);
/*
 * Adds a block.  Returns its number: this one, or the one that the same block
 * was added with before.
 */
uint32_t	 iptree_add(struct iptree *tree, const struct ip_block *block,
		    uint32_t number);
/* After the last block: arranges them for looking, and gives back room. */
void		 iptree_finish(struct iptree *tree);
/* Calls hit(arg, number) for each block that holds ip, the widest first. */
void		 iptree_find(const struct iptree *tree, const struct ip *ip,
		    void (*hit)(void *arg, uint32_t number), void *arg);

#endif
