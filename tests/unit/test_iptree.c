#include <stdbool.h>
#include <string.h>

#include "policy/iptree.h"
#include "table.h"

#define BLOCKS	400
#define PROBES	20000

/* Few blocks are held in another way while they are added. */
static const uint32_t counts[] = { 1, 5, 16, 17, 40, BLOCKS };

static uint32_t
draw(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*state >> 33);
}

/* Addresses with few different bits, so that blocks lie within each other. */
static struct ip
draw_ip(uint64_t *state)
{
	struct ip ip = { .family = draw(state) % 2 == 0 ? 4 : 6 };

	for (unsigned i = 0; i < ip_bits(&ip) / 8; i++)
		ip.bytes[i] = draw(state) % 4 == 0 ?
		    (unsigned char)(draw(state) & 0x81) : 0;
	return ip;
}

static struct ip_block
draw_block(uint64_t *state)
{
	struct ip_block block = { .ip = draw_ip(state) };
	unsigned bits = ip_bits(&block.ip);

	block.prefix = (unsigned char)(draw(state) % (bits + 1));
	for (unsigned n = block.prefix; n < bits; n++)
		block.ip.bytes[n / 8] &= (unsigned char)~(0x80u >> n % 8);
	return block;
}

static void
mark_hit(void *arg, uint32_t number)
{
	unsigned *hits = arg;

	hits[number]++;
}

START_TEST(agrees_with_each_block_alone)
{
	uint64_t state = 20240607 + (uint64_t)_i;
	struct iptree *tree = iptree_new();
	struct ip_block blocks[BLOCKS];
	bool first[BLOCKS];
	const uint32_t count = counts[_i];

	for (uint32_t i = 0; i < count; i++) {
		uint32_t number;

		blocks[i] = draw_block(&state);
		number = iptree_add(tree, &blocks[i], i);
		first[i] = number == i;
		ck_assert_uint_le(number, i);
		ck_assert(ip_equal(&blocks[number].ip, &blocks[i].ip));
		ck_assert_uint_eq(blocks[number].prefix, blocks[i].prefix);
	}
	iptree_finish(tree);
	for (int probe = 0; probe < PROBES; probe++) {
		struct ip ip = draw_ip(&state);
		unsigned hits[BLOCKS] = { 0 };

		iptree_find(tree, &ip, mark_hit, hits);
		for (uint32_t i = 0; i < count; i++)
			ck_assert_uint_eq(hits[i], first[i] &&
			    ip_block_holds(&blocks[i], &ip));
	}
	iptree_free(tree);
}
END_TEST

static void
keep_order(void *arg, uint32_t number)
{
	unsigned *order = arg;

	*order = *order * 10 + number;
}

/* As deep as blocks can be, in an order that is not that of their size. */
START_TEST(widest_first)
{
	struct iptree *tree = iptree_new();
	struct ip_block block = { .ip = { .family = 6 } };
	const unsigned char prefixes[] = { 64, 0, 128, 32 };
	unsigned order = 0, hits[129] = { 0 };

	for (uint32_t i = 0; i < 4; i++) {
		block.prefix = prefixes[i];
		iptree_add(tree, &block, i + 1);
	}
	iptree_finish(tree);
	iptree_find(tree, &block.ip, keep_order, &order);
	ck_assert_uint_eq(order, 2413);
	iptree_free(tree);

	tree = iptree_new();
	for (unsigned i = 0; i <= 128; i++) {
		block.prefix = (unsigned char)(i * 50 % 129);
		iptree_add(tree, &block, i);
	}
	iptree_finish(tree);
	iptree_find(tree, &block.ip, mark_hit, hits);
	for (unsigned i = 0; i <= 128; i++)
		ck_assert_uint_eq(hits[i], 1);
	iptree_free(tree);
}
END_TEST

START_TEST(empty_tree_and_no_address)
{
	struct iptree *tree = iptree_new();
	const struct ip_block all = { .ip.family = 4 };
	const struct ip none = { .family = 0 };
	const struct ip six = { .family = 6 };
	unsigned hits[1] = { 0 };

	iptree_find(tree, &all.ip, mark_hit, hits);
	iptree_add(tree, &all, 0);
	iptree_finish(tree);
	iptree_find(tree, &none, mark_hit, hits);
	iptree_find(tree, &six, mark_hit, hits);
	ck_assert_uint_eq(hits[0], 0);
	iptree_find(tree, &all.ip, mark_hit, hits);
	ck_assert_uint_eq(hits[0], 1);
	iptree_free(tree);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ agrees_with_each_block_alone, COUNT(counts) },
		{ widest_first, 1 },
		{ empty_tree_and_no_address, 1 },
	};

	return table_run("iptree", tests, COUNT(tests));
}
