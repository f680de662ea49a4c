#include "policy/textmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pages.h"

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
 * there are 2 for an entry where textmap_expect() knew how many come, and up
 * to 4 where the table had to grow.  Nothing is ever taken out.
 */
struct textmap {
	char		*pool;
	size_t		 pool_len;
	size_t		 pool_room;
	uint32_t	*slots;
	unsigned char	*tags;
	size_t		 slot_count;	/* below 2^32 */
	size_t		 used;
};

struct record {
	uint32_t	number;
	uint16_t	len;		/* of the key */
	unsigned char	mark;
	unsigned char	skip;		/* the key begins at text + skip */
};

static void
table_new(struct textmap *map, size_t slot_count)
{
	map->slot_count = slot_count;
	map->slots = pages_alloc(slot_count, sizeof(*map->slots));
	map->tags = pages_alloc(slot_count, sizeof(*map->tags));
}

struct textmap *
textmap_new(void)
{
	struct textmap *map = xcalloc(1, sizeof(*map));

	table_new(map, SLOTS_FIRST);
	return map;
}

void
textmap_free(struct textmap *map)
{
	if (map == NULL)
		return;
	pages_free(map->pool, map->pool_room, 1);
	pages_free(map->slots, map->slot_count, sizeof(*map->slots));
	pages_free(map->tags, map->slot_count, sizeof(*map->tags));
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

/* The upper half of a hash as a part of all slots: no division. */
static size_t
slot_of(const struct textmap *map, uint64_t mixed)
{
	return (size_t)((mixed >> 32) * map->slot_count >> 32);
}

static size_t
next_slot(const struct textmap *map, size_t slot)
{
	return slot + 1 < map->slot_count ? slot + 1 : 0;
}

/* Bits that do not choose the slot. */
static unsigned char
tag_of(uint64_t mixed)
{
	unsigned char tag = (unsigned char)(mixed >> 24);

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
	size_t slot = slot_of(map, mixed);

	while (map->tags[slot] != 0)
		slot = next_slot(map, slot);
	map->tags[slot] = tag_of(mixed);
	map->slots[slot] = place;
}

static void
table_resize(struct textmap *map, size_t slot_count)
{
	uint32_t *old_slots = map->slots;
	size_t old_count = map->slot_count;

	pages_free(map->tags, old_count, sizeof(*map->tags));
	table_new(map, slot_count);
	for (size_t i = 0; i < old_count; i++) {
		uint32_t place = old_slots[i];
		struct record record;

		if (place == 0)
			continue;
		record = record_at(map, place);
		enter(map, textmap_hash(map->pool + place + record.skip,
		    record.len), place);
	}
	pages_free(old_slots, old_count, sizeof(*old_slots));
}

/*
 * Half of the slots stay free: at three of four taken, a look-up that finds
 * nothing passes eight tags, now two or three.
 */
static size_t
slots_for(size_t keys)
{
	size_t slots = 2 * keys + 1;

	return slots < SLOTS_FIRST ? SLOTS_FIRST : slots;
}

static void
pool_resize(struct textmap *map, size_t room)
{
	map->pool = pages_resize(map->pool, map->pool_room, room, 1);
	map->pool_room = room;
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

		pool_resize(map, room < need ? need + 64 : room);
	}
	memcpy(map->pool + map->pool_len, bytes, len);
	map->pool_len = need;
}

void
textmap_expect(struct textmap *map, size_t keys, size_t bytes)
{
	size_t room = map->pool_len + bytes + keys * sizeof(struct record) + 1;
	size_t slots = slots_for(map->used + keys);

	if (room > map->pool_room)
		pool_resize(map, room);
	if (slots > map->slot_count)
		table_resize(map, slots);
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
	if (slots_for(map->used + 1) > map->slot_count)
		table_resize(map, map->slot_count * 2);
	enter(map, textmap_hash(text + skip, len), place);
	map->used++;
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
	pool_resize(map, map->pool_len);
	/* Fewer keys came than were expected, by far. */
	if (slots_for(map->used) * 2 < map->slot_count)
		table_resize(map, slots_for(map->used));
}

/* Most texts are written in lower case, here and there. */
static bool
same(const char *a, const char *b, size_t len)
{
	if (memcmp(a, b, len) == 0)
		return true;
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
	size_t slot = slot_of(map, mixed);

	/* Where the tag will say yes, the slot is then already on its way. */
	__builtin_prefetch(&map->slots[slot]);
	for (; map->tags[slot] != 0; slot = next_slot(map, slot)) {
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
