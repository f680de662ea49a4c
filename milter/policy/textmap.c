#include "policy/textmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SLOTS_FIRST	8

/*
 * All texts stand one behind the other in one pool, each ended by a NUL and
 * with a struct record in front, unaligned.  The table is an open one with
 * linear probing: a slot is the offset of a text, 0 where it is free.  Beside
 * each slot stands one byte of its key's hash, 0 where it is free: a look-up
 * that finds nothing ends in this small array, which stays in the processor's
 * cache, and one that finds something reads one slot and one text.
 *
 * The key is a part of the text as the user wrote it, so that it is not kept
 * twice: "example.com" within "*@example.com" and "Example.COM.".
 *
 * An entry thus costs its text, 9 bytes, and 5 bytes for each slot, of which
 * there are 4/3 to 8/3 for an entry.  Nothing is ever taken out.
 */
struct textmap {
	char		*pool;
	size_t		 pool_len;
	size_t		 pool_room;
	uint32_t	*slots;
	unsigned char	*tags;
	size_t		 slot_count;	/* a power of two */
	size_t		 used;
	size_t		 longest;
};

struct record {
	uint32_t	number;
	uint16_t	len;		/* of the key */
	unsigned char	mark;
	unsigned char	skip;		/* the key begins at text + skip */
};

struct textmap *
textmap_new(void)
{
	struct textmap *map = xcalloc(1, sizeof(*map));

	map->slot_count = SLOTS_FIRST;
	map->slots = xcalloc(map->slot_count, sizeof(*map->slots));
	map->tags = xcalloc(map->slot_count, sizeof(*map->tags));
	return map;
}

void
textmap_free(struct textmap *map)
{
	if (map == NULL)
		return;
	free(map->pool);
	free(map->slots);
	free(map->tags);
	free(map);
}

/* FNV-1a leaves the low bits of short keys too much alike: mix them. */
static uint64_t
mix(uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static unsigned char
tag_of(uint64_t mixed)
{
	unsigned char tag = (unsigned char)(mixed >> 56);

	return tag == 0 ? 1 : tag;
}

uint64_t
textmap_hash(const char *key, size_t len)
{
	uint64_t hash = TEXTMAP_HASH_EMPTY;

	while (len > 0)
		hash = textmap_hash_before(hash, key[--len]);
	return hash;
}

static struct record
record_at(const struct textmap *map, uint32_t place)
{
	struct record record;

	memcpy(&record, map->pool + place - sizeof(record), sizeof(record));
	return record;
}

static void
enter(struct textmap *map, uint64_t hash, uint32_t place)
{
	uint64_t mixed = mix(hash);
	size_t slot = mixed & (map->slot_count - 1);

	while (map->tags[slot] != 0)
		slot = (slot + 1) & (map->slot_count - 1);
	map->tags[slot] = tag_of(mixed);
	map->slots[slot] = place;
}

static void
grow_table(struct textmap *map)
{
	uint32_t *old_slots = map->slots;
	size_t old_count = map->slot_count;

	map->slot_count *= 2;
	map->slots = xcalloc(map->slot_count, sizeof(*map->slots));
	free(map->tags);
	map->tags = xcalloc(map->slot_count, sizeof(*map->tags));
	for (size_t i = 0; i < old_count; i++) {
		uint32_t place = old_slots[i];
		struct record record;

		if (place == 0)
			continue;
		record = record_at(map, place);
		enter(map, textmap_hash(map->pool + place + record.skip,
		    record.len), place);
	}
	free(old_slots);
}

/* Puts bytes at the end of the pool. */
static void
append(struct textmap *map, const void *bytes, size_t len)
{
	size_t need = map->pool_len + len;

	if (need > UINT32_MAX)
		abort();	/* lists are bounded: LIST_ENTRIES_MAX */
	if (need > map->pool_room) {
		size_t room = map->pool_room + map->pool_room / 2;

		map->pool_room = room < need ? need + 64 : room;
		map->pool = xreallocarray(map->pool, map->pool_room, 1);
	}
	memcpy(map->pool + map->pool_len, bytes, len);
	map->pool_len = need;
}

uint32_t
textmap_add(struct textmap *map, unsigned mark, uint32_t number,
    const char *text, size_t skip, size_t len)
{
	const struct record record = {
		.number = number,
		.len = (uint16_t)len,
		.mark = (unsigned char)mark,
		.skip = (unsigned char)skip,
	};
	uint32_t place;

	if (mark >= TEXTMAP_MARKS || len > TEXTMAP_KEY_MAX ||
	    skip > UINT8_MAX)
		abort();
	append(map, &record, sizeof(record));
	place = textmap_keep(map, text);
	if ((map->used + 1) * 4 > map->slot_count * 3)
		grow_table(map);
	enter(map, textmap_hash(text + skip, len), place);
	map->used++;
	if (len > map->longest)
		map->longest = len;
	return place;
}

uint32_t
textmap_keep(struct textmap *map, const char *text)
{
	uint32_t place;

	/* Offset 0 would be a free slot. */
	if (map->pool_len == 0)
		append(map, "", 1);
	place = (uint32_t)map->pool_len;
	append(map, text, strlen(text) + 1);
	return place;
}

const char *
textmap_text(const struct textmap *map, uint32_t place)
{
	return map->pool + place;
}

void
textmap_finish(struct textmap *map)
{
	map->pool = xreallocarray(map->pool, map->pool_len, 1);
	map->pool_room = map->pool_len;
}

size_t
textmap_longest(const struct textmap *map)
{
	return map->longest;
}

static bool
same(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text_lower(a[i]) != text_lower(b[i]))
			return false;
	return true;
}

void
textmap_find(const struct textmap *map, uint64_t hash, const char *key,
    size_t len, unsigned marks, void (*hit)(void *arg, uint32_t number),
    void *arg)
{
	uint64_t mixed = mix(hash);
	unsigned char tag = tag_of(mixed);
	size_t last = map->slot_count - 1, slot = mixed & last;

	/* Where the tag will say yes, the slot is then already on its way. */
	__builtin_prefetch(&map->slots[slot]);
	for (; map->tags[slot] != 0; slot = (slot + 1) & last) {
		struct record record;
		uint32_t place = map->slots[slot];

		if (map->tags[slot] != tag)
			continue;
		record = record_at(map, place);
		if (record.len == len && (1u << record.mark & marks) != 0 &&
		    same(map->pool + place + record.skip, key, len))
			hit(arg, record.number);
	}
}

struct found {
	bool		 any;
	uint32_t	 number;
};

static void
note_found(void *arg, uint32_t number)
{
	struct found *found = arg;

	found->any = true;
	found->number = number;
}

bool
textmap_has(const struct textmap *map, unsigned mark, const char *key,
    size_t len, uint32_t *number)
{
	struct found found = { .any = false };

	textmap_find(map, textmap_hash(key, len), key, len, 1u << mark,
	    note_found, &found);
	if (found.any)
		*number = found.number;
	return found.any;
}
