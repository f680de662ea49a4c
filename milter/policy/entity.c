#include "policy/entity.h"

#include <string.h>

#include "base/arena.h"
#include "policy/parameter.h"
#include "policy/parts.h"

static struct text
unfold(struct arena *arena, struct text value, bool *complete)
{
	char *out;
	size_t len = 0;

	if (value.len > ENTITY_FIELD_BYTES_MAX) {
		value.len = ENTITY_FIELD_BYTES_MAX;
		*complete = false;
	}
	out = arena_alloc(arena, value.len + 1);
	for (size_t n = 0; n < value.len; n++) {
		if (value.bytes[n] != '\r' && value.bytes[n] != '\n')
			out[len++] = value.bytes[n];
	}
	return (struct text){ .bytes = out, .len = len };
}

static bool
has_major(struct text type, const char *major)
{
	size_t len = strlen(major);

	return type.len > len && type.bytes[len] == '/' &&
	    text_is((struct text){ .bytes = type.bytes, .len = len }, major);
}

/* A type that is none is text/plain, as for most readers (RFC 2045 5.2). */
static enum entity_kind
kind_of(struct text type)
{
	if (has_major(type, "text"))
		return ENTITY_TEXT;
	if (has_major(type, "multipart"))
		return ENTITY_MULTIPART;
	if (text_is(type, "message/rfc822") ||
	    text_is(type, "message/rfc2822") ||
	    text_is(type, "message/global") || text_is(type, "message/news"))
		return ENTITY_MESSAGE;
	if (text_is(type, "message/partial"))
		return ENTITY_PARTIAL;
	return memchr(type.bytes, '/', type.len) == NULL ? ENTITY_TEXT :
	    ENTITY_OTHER;
}

static void
take_names(struct entity *entity, struct arena *arena,
    const struct parameters *parameters)
{
	for (size_t n = 0; n < parameters->count; n++) {
		const struct parameter *item = &parameters->items[n];

		if (!text_is(item->name, "filename") &&
		    !text_is(item->name, "name"))
			continue;
		entity->names = arena_grow(arena, entity->names,
		    entity->names_count, &entity->names_room,
		    sizeof(*entity->names));
		entity->names[entity->names_count++] = *item;
		entity->has_name = entity->has_name || item->value.len > 0;
	}
	if (!parameters->complete)
		entity->complete = false;
}

static void
take_boundary(struct entity *entity, const struct parameter *item)
{
	for (size_t n = 0; n < entity->boundaries_count; n++) {
		struct text there = entity->boundaries[n];

		if (there.len == item->value.len && memcmp(there.bytes,
		    item->value.bytes, there.len) == 0)
			return;
	}
	/* Two boundaries are one too many, two readings of one are not. */
	if (entity->boundaries_count > 0 && !item->again)
		entity->complete = false;
	if (entity->boundaries_count == PARTS_BOUNDARIES_MAX)
		entity->complete = false;
	else
		entity->boundaries[entity->boundaries_count++] = item->value;
}

/* A later reading of a charset is the one without comments. */
static void
take_type(struct entity *entity, struct text type, bool again,
    const struct parameters *parameters)
{
	enum entity_kind kind = kind_of(type);
	bool is_digest = text_is(type, "multipart/digest");
	struct text charset = { .bytes = "" };

	if (again && (kind != entity->kind || is_digest != entity->is_digest))
		entity->complete = false;
	if (!again || kind < entity->kind) {
		entity->kind = kind;
		entity->is_digest = is_digest;
	}
	for (size_t n = 0; n < parameters->count; n++) {
		const struct parameter *item = &parameters->items[n];

		if (text_is(item->name, "boundary"))
			take_boundary(entity, item);
		else if (text_is(item->name, "charset"))
			charset = item->again || charset.len == 0 ?
			    item->value : charset;
	}
	if (again && !text_same(entity->charset, charset))
		entity->complete = false;
	if (entity->charset.len == 0)
		entity->charset = charset;
}

/* Unlike a type, it has no parameters: what is not one word is junk. */
static void
take_encoding(struct entity *entity, struct text encoding, bool again)
{
	if (again && !text_same(entity->encoding, encoding))
		entity->complete = false;
	if (!again)
		entity->encoding = encoding;
}

void
entity_init(struct entity *entity, struct arena *arena,
    const struct part *part)
{
	struct text header = part->header;
	struct text name, value;
	bool typed = false, disposed = false, encoded = false;
	size_t fields = 0;

	*entity = (struct entity){
		.kind = part->in_digest ? ENTITY_MESSAGE : ENTITY_TEXT,
		.complete = true,
		.charset = { .bytes = "" },
		.encoding = { .bytes = "" }
	};
	while (header_next(&header, &name, &value)) {
		bool is_type = text_is(name, "Content-Type");
		bool is_disposition = text_is(name, "Content-Disposition");
		struct parameters parameters;
		struct text first;

		if (!is_type && !is_disposition &&
		    !text_is(name, "Content-Transfer-Encoding"))
			continue;
		if (fields++ == ENTITY_FIELDS_MAX) {
			entity->complete = false;
			break;
		}
		value = unfold(arena, value, &entity->complete);
		parameters_parse(&parameters, &first, arena, value);
		if (is_type) {
			take_type(entity, first, typed, &parameters);
			typed = true;
		} else if (is_disposition) {
			entity->is_attachment = text_is(first, "attachment") &&
			    (!disposed || entity->is_attachment);
			disposed = true;
		} else {
			take_encoding(entity, value_read(arena, value),
			    encoded);
			encoded = true;
		}
		if (is_type || is_disposition)
			take_names(entity, arena, &parameters);
	}
}
