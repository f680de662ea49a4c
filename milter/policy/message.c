#include "policy/message.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "policy/charset.h"
#include "policy/header.h"
#include "policy/mime.h"

struct field {
	struct text name;
	struct text value;		/* unfolded */
	struct text decoded;		/* once somebody asked for it */
	bool is_decoded;
	bool is_complete;		/* not too many words */
};

/* What was answered to a question, until there are more fields. */
struct answer {
	struct answer *next;
	struct text name;
	bool raw;
	struct texts texts;
};

/*
 * All lives in the arena but the image.  This is what MIME has to see: the
 * Content- fields, an empty line, and the body as far as it was kept.  It can
 * be large and grows by doubling, which leaves a second image in an arena.
 */
struct message {
	struct arena *arena;
	struct message_limits limits;
	struct field *fields;
	size_t count;
	size_t room;
	size_t header_bytes;		/* of the fields that were kept */
	size_t hops_dropped;		/* Received fields that were not */
	uint64_t size_bytes;		/* of all, but the empty line */
	struct charsets *charsets;	/* of the fields; NULL: not yet */
	bool header_complete;
	bool body_complete;
	bool in_body;
	struct strbuf image;
	size_t body_bytes;		/* of the image */
	struct answer *answers;
	bool walked;
	struct texts attachments;
	struct texts bodies;
	bool from_known;
	struct text from_domain;
};

struct message *
message_new(struct arena *arena, const struct message_limits *limits)
{
	struct message *message = arena_alloc(arena, sizeof(*message));

	message->arena = arena;
	message->limits = *limits;
	message->header_complete = true;
	message->body_complete = true;
	strbuf_init(&message->image);
	return message;
}

/*
 * How many of the line ends of a value came without their CR: a milter gets a
 * fold as LF and white space; on the wire it was CRLF and white space.
 */
static size_t
bare_ends(const char *value, size_t len)
{
	const char *end = value + len, *p = value;
	size_t count = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		count += p == value || p[-1] != '\r';
		p++;
	}
	return count;
}

/* White space of a fold stays; a line end without one becomes a space. */
static struct text
unfold(struct arena *arena, const char *value, size_t size)
{
	char *out;
	size_t len = 0;

	while (text_is_space(*value)) {
		value++;
		size--;
	}
	out = arena_alloc(arena, size + 1);
	for (const char *p = value; *p != '\0'; p++) {
		size_t plain = strcspn(p, "\r\n");

		memcpy(out + len, p, plain);
		len += plain;
		p += plain;
		if (*p == '\0')
			break;
		if (p[1] != '\n' && !text_is_space(p[1]))
			out[len++] = ' ';
	}
	while (len > 0 && text_is_space(out[len - 1]))
		len--;
	out[len] = '\0';
	return (struct text){ .bytes = out, .len = len };
}

void
message_add_field(struct message *message, const char *name,
    const char *value)
{
	/* With SMFIP_HDR_LEADSPC the value begins with its own space. */
	bool spaced = *value == ' ' || *value == '\t';
	size_t name_len = strlen(name), value_len = strlen(value);
	size_t bytes = name_len + (spaced ? 1 : 2) + value_len +
	    bare_ends(value, value_len) + 2;
	struct field *field;

	message->size_bytes += bytes;
	message->answers = NULL;
	message->from_known = false;
	if (message->count == MESSAGE_FIELDS_MAX ||
	    bytes > MESSAGE_HEADER_BYTES_MAX - message->header_bytes) {
		message->header_complete = false;
		if (text_equal(name, "Received"))
			message->hops_dropped++;
		return;
	}
	message->header_bytes += bytes;
	message->fields = arena_grow(message->arena, message->fields,
	    message->count, &message->room, sizeof(*message->fields));
	field = &message->fields[message->count++];
	*field = (struct field){
		.name = {
			.bytes = arena_memdup(message->arena, name, name_len),
			.len = name_len
		},
		.value = unfold(message->arena, value, value_len)
	};
}

static void
image_release(void *image)
{
	strbuf_release(image);
}

static void
add_line(struct strbuf *out, const struct field *field)
{
	strbuf_add(out, field->name.bytes, field->name.len);
	strbuf_adds(out, ": ");
	strbuf_add(out, field->value.bytes, field->value.len);
	strbuf_adds(out, "\r\n");
}

static bool
is_of_mime(const struct field *field)
{
	return text_starts(field->name.bytes, "Content-");
}

/*
 * Begins the image with the fields that MIME is about.  Most bodies come in
 * one piece: with room for this, and a bit, they cost one allocation.
 */
static void
begin_body(struct message *message, size_t len)
{
	size_t room = len + 64;

	if (message->in_body)
		return;
	message->in_body = true;
	arena_defer(message->arena, image_release, &message->image);
	for (size_t n = 0; n < message->count; n++)
		if (is_of_mime(&message->fields[n]))
			room += message->fields[n].name.len +
			    message->fields[n].value.len + 4;
	strbuf_room(&message->image, room);
	for (size_t n = 0; n < message->count; n++)
		if (is_of_mime(&message->fields[n]))
			add_line(&message->image, &message->fields[n]);
	strbuf_adds(&message->image, "\r\n");
}

void
message_add_body(struct message *message, const void *bytes, size_t len,
    bool keep)
{
	size_t room = message->limits.body_bytes_max - message->body_bytes;

	message->size_bytes += len;
	if (!keep)
		room = 0;
	if (len > room) {
		len = room;
		message->body_complete = false;
	}
	begin_body(message, len);
	strbuf_add(&message->image, bytes, len);
	message->body_bytes += len;
}

uint64_t
message_size_bytes(const struct message *message)
{
	return message->size_bytes + 2;
}

static size_t
count_kept(const struct message *message, struct text name)
{
	size_t count = 0;

	for (size_t n = 0; n < message->count; n++)
		count += text_same(message->fields[n].name, name);
	return count;
}

static struct text
name_of(const char *name)
{
	return (struct text){ .bytes = name, .len = strlen(name) };
}

size_t
message_count_fields(const struct message *message, const char *name)
{
	return count_kept(message, name_of(name)) +
	    (text_equal(name, "Received") ? message->hops_dropped : 0);
}

static struct text
field_text(struct message *message, struct field *field, bool raw,
    bool *complete)
{
	if (raw)
		return field->value;
	if (!field->is_decoded && header_is_plain(field->value)) {
		field->decoded = field->value;
		field->is_decoded = true;
		field->is_complete = true;
	}
	if (!field->is_decoded) {
		bool all = true;

		if (message->charsets == NULL)
			message->charsets = charsets_new(message->arena);
		field->decoded = header_decode(message->arena,
		    message->charsets, field->value, &all);
		field->is_decoded = true;
		field->is_complete = all;
	}
	if (!field->is_complete)
		*complete = false;
	return field->decoded;
}

/*
 * Of the names that policies ask for a message has few: what is not there is
 * not remembered.
 */
struct texts
message_fields(struct message *message, const char *field_name, bool raw)
{
	struct text name = name_of(field_name);
	struct answer *answer = message->answers;
	struct text *items;
	bool complete = message->header_complete;
	size_t count;

	while (answer != NULL &&
	    (answer->raw != raw || !text_same(answer->name, name)))
		answer = answer->next;
	if (answer != NULL)
		return answer->texts;
	count = count_kept(message, name);
	if (count == 0)
		return (struct texts){ .complete = complete };
	items = arena_alloc(message->arena, count * sizeof(*items));
	answer = arena_alloc(message->arena, sizeof(*answer));
	count = 0;
	for (size_t n = 0; n < message->count; n++) {
		struct field *field = &message->fields[n];

		if (!text_same(field->name, name))
			continue;
		answer->name = field->name;
		items[count++] = field_text(message, field, raw, &complete);
	}
	answer->next = message->answers;
	answer->raw = raw;
	answer->texts = (struct texts){
		.count = count,
		.items = items,
		.complete = complete
	};
	message->answers = answer;
	return answer->texts;
}

static void
walk(struct message *message)
{
	if (message->walked)
		return;
	message->walked = true;
	begin_body(message, 0);
	walk_message(message->arena, message->image.text, message->image.len,
	    &message->limits.mime, &message->attachments, &message->bodies);
	if (!message->header_complete || !message->body_complete) {
		message->attachments.complete = false;
		message->bodies.complete = false;
	}
}

struct texts
message_attachments(struct message *message)
{
	walk(message);
	return message->attachments;
}

struct texts
message_bodies(struct message *message)
{
	walk(message);
	return message->bodies;
}

struct text
message_from_domain(struct message *message)
{
	struct texts from;

	if (message->from_known)
		return message->from_domain;
	message->from_known = true;
	message->from_domain = (struct text){ .bytes = "" };
	from = message_fields(message, "From", true);
	if (from.count == 1)
		message->from_domain = mime_from_domain(message->arena,
		    from.items[0].bytes, from.items[0].len);
	return message->from_domain;
}
