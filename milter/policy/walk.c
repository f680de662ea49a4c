#include "policy/walk.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "policy/charset.h"
#include "policy/entity.h"
#include "policy/filename.h"
#include "policy/header.h"
#include "policy/mime.h"
#include "policy/parameter.h"
#include "policy/parts.h"

struct row {
	struct text *items;
	size_t count;
	size_t room;
	bool complete;
};

/* An attached message that had to be decoded, to be walked later. */
struct pending {
	struct pending *next;
	struct text message;
	size_t depth;
};

struct walk {
	struct arena *arena;		/* of the results */
	struct arena *part;		/* reset for each part */
	const struct walk_limits *limits;
	struct charsets *charsets;
	struct row *names;		/* NULL: nobody asked */
	struct row *bodies;
	struct pending *pending;
	size_t parts;			/* seen so far */
	size_t text_bytes;
	size_t decodable_bytes;		/* what pending may still grow by */
};

static void
row_add(struct row *row, struct arena *arena, struct text text)
{
	row->items = arena_grow(arena, row->items, row->count, &row->room,
	    sizeof(*row->items));
	row->items[row->count++] = text;
}

static struct texts
row_texts(const struct row *row)
{
	return (struct texts){
		.count = row->count,
		.items = row->items,
		.complete = row->complete
	};
}

static void
walk_incomplete(struct walk *walk)
{
	if (walk->names != NULL)
		walk->names->complete = false;
	if (walk->bodies != NULL)
		walk->bodies->complete = false;
}

/*
 * A name, and what it is saved as.  Once for each part, whose names begin at
 * from: both fields usually have the same name.
 */
static void
add_name(struct walk *walk, size_t from, struct text decoded)
{
	struct row *row = walk->names;
	struct text both[2];

	both[0] = text_without_nuls(walk->part, decoded);
	both[1] = filename_saved(walk->part, both[0]);
	for (size_t k = 0; k < 2; k++) {
		size_t n = from;

		if (both[k].len == 0)
			continue;
		while (n < row->count && (row->items[n].len != both[k].len ||
		    memcmp(row->items[n].bytes, both[k].bytes,
		    both[k].len) != 0))
			n++;
		if (n < row->count)
			continue;
		if (row->count == WALK_NAMES_MAX)
			row->complete = false;
		else
			row_add(row, walk->arena, (struct text){
				.bytes = arena_memdup(walk->arena,
				    both[k].bytes, both[k].len),
				.len = both[k].len
			});
	}
}

/* For a reader that works with strings a name ends at its first NUL. */
static void
add_names(struct walk *walk, size_t from, const struct strbuf *name)
{
	struct text text = text_of(name);
	const char *nul = memchr(text.bytes, '\0', text.len);

	add_name(walk, from, text);
	if (nul != NULL) {
		text.len = (size_t)(nul - text.bytes);
		add_name(walk, from, text);
	}
}

/* Many decode words also where RFC 2231 leaves no room for them. */
static void
walk_name(struct walk *walk, size_t from, const struct parameter *item)
{
	bool *complete = &walk->names->complete;
	struct strbuf name = STRBUF_INIT;
	struct strbuf words = STRBUF_INIT;

	if (item->extended) {
		if (charset_convert(walk->charsets, item->charset,
		    item->value, CHARSET_ALL, &name, complete) != 0)
			charset_mend(item->value, CHARSET_ALL, &name, complete);
		add_names(walk, from, &name);
		header_decode_into(text_of(&name), walk->charsets, &words,
		    complete);
	} else
		header_decode_into(item->value, walk->charsets, &words,
		    complete);
	add_names(walk, from, &words);
	strbuf_release(&name);
	strbuf_release(&words);
}

static void
walk_names(struct walk *walk, const struct entity *entity)
{
	size_t from = walk->names->count;

	for (size_t n = 0; n < entity->names_count; n++) {
		if (walk->names->count == WALK_NAMES_MAX) {
			walk->names->complete = false;
			break;
		}
		walk_name(walk, from, &entity->names[n]);
	}
}

/* At most room bytes, in a buffer of the charsets. */
static struct text
convert(struct walk *walk, struct text charset, struct text text, size_t room)
{
	bool *complete = &walk->bodies->complete;
	struct strbuf *out = charsets_text(walk->charsets);

	if (charset_convert(walk->charsets, charset, text, room, out,
	    complete) != 0) {
		charset_mend(text, room, out, complete);
		*complete = false;
	}
	return text_of(out);
}

static void
walk_text(struct walk *walk, const struct entity *entity,
    struct text content)
{
	struct row *bodies = walk->bodies;
	size_t room = walk->limits->text_bytes_max - walk->text_bytes;
	struct text text;

	if (room > CHARSET_ALL)
		room = CHARSET_ALL;
	/* No charset takes more than four bytes for one of UTF-8. */
	if (!transfer_decode(entity->encoding, content, room * 4,
	    charsets_bytes(walk->charsets), &text))
		bodies->complete = false;
	if (text.len > room || !charset_is_plain(entity->charset, text))
		text = convert(walk, entity->charset, text, room);
	if (text.len > 0)
		row_add(bodies, walk->arena, (struct text){
			.bytes = arena_memdup(walk->arena, text.bytes,
			    text.len),
			.len = text.len
		});
	walk->text_bytes += text.len;
}

/*
 * An attached message must not be encoded (RFC 2046 5.2.1), but mail programs
 * decode it all the same.  All such messages together may take as much room
 * as the mail that they came in.
 */
static void
walk_later(struct walk *walk, const struct entity *entity,
    struct text content, size_t depth)
{
	struct pending *pending;
	struct text message;

	if (depth > walk->limits->depth_max ||
	    content.len > walk->decodable_bytes) {
		walk_incomplete(walk);
		return;
	}
	walk->decodable_bytes -= content.len;
	if (!transfer_decode(entity->encoding, content, CHARSET_ALL,
	    charsets_bytes(walk->charsets), &message))
		walk_incomplete(walk);
	pending = arena_alloc(walk->arena, sizeof(*pending));
	*pending = (struct pending){
		.next = walk->pending,
		.message = {
			.bytes = arena_memdup(walk->arena, message.bytes,
			    message.len),
			.len = message.len
		},
		.depth = depth
	};
	walk->pending = pending;
}

/* is_root: the whole mail is this part, which no reader hides. */
static void
walk_part(struct walk *walk, struct parts *parts, const struct entity *entity,
    bool is_root)
{
	switch (entity->kind) {
	case ENTITY_MULTIPART:
		if (entity->boundaries_count == 0 || !parts_enter(parts,
		    entity->boundaries, entity->boundaries_count,
		    entity->is_digest) || !parts_found(parts))
			walk_incomplete(walk);
		break;
	case ENTITY_MESSAGE:
		if (text_is(entity->encoding, "base64") ||
		    text_is(entity->encoding, "quoted-printable"))
			walk_later(walk, entity, parts_content(parts),
			    parts_depth(parts) + 1);
		else if (!parts_enter_message(parts) ||
		    !transfer_is_known(entity->encoding))
			walk_incomplete(walk);
		break;
	case ENTITY_PARTIAL:
		walk_incomplete(walk);
		break;
	case ENTITY_TEXT:
		if (walk->bodies != NULL && (is_root ||
		    !entity->is_attachment || !entity->has_name))
			walk_text(walk, entity, parts_content(parts));
		break;
	case ENTITY_OTHER:
		break;
	}
}

static void
walk_one(struct walk *walk, struct text message, size_t depth)
{
	struct parts *parts = parts_new(walk->arena, message, depth,
	    walk->limits->depth_max);
	struct part part;
	bool is_root = true;

	while (parts_next(parts, &part)) {
		struct entity entity;

		if (walk->parts == walk->limits->parts_max) {
			walk_incomplete(walk);
			break;
		}
		walk->parts++;
		arena_reset(walk->part);
		entity_init(&entity, walk->part, &part);
		if (!entity.complete)
			walk_incomplete(walk);
		if (walk->names != NULL)
			walk_names(walk, &entity);
		walk_part(walk, parts, &entity, is_root);
		is_root = false;
	}
}

void
walk_message(struct arena *arena, const char *message, size_t len,
    const struct walk_limits *limits, struct texts *names,
    struct texts *bodies)
{
	struct row names_row = { .complete = true };
	struct row bodies_row = { .complete = true };
	struct walk walk = {
		.arena = arena,
		.part = arena_new(),
		.limits = limits,
		.charsets = charsets_new(arena),
		.names = names == NULL ? NULL : &names_row,
		.bodies = bodies == NULL ? NULL : &bodies_row,
		.decodable_bytes = len
	};

	walk_one(&walk, (struct text){ .bytes = message, .len = len }, 0);
	while (walk.pending != NULL) {
		struct pending *pending = walk.pending;

		walk.pending = pending->next;
		walk_one(&walk, pending->message, pending->depth);
	}
	if (names != NULL)
		*names = row_texts(&names_row);
	if (bodies != NULL)
		*bodies = row_texts(&bodies_row);
	arena_free(walk.part);
}
