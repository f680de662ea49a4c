#include "policy/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "policy/charset.h"
#include "policy/header.h"
#include "policy/mime.h"

struct field {
	const char *name;
	struct text value;		/* unfolded */
	struct text decoded;		/* once somebody asked for it */
	bool is_decoded;
	bool is_complete;		/* not too many words */
};

/* What was answered to a question, until there are more fields. */
struct answer {
	struct answer *next;
	const char *name;
	bool raw;
	struct texts texts;
};

/*
 * Fields live in the arena.  The image is what MIME has to see: the Content-
 * fields, an empty line, and the body as far as it was kept.  It grows by
 * doubling, which an arena cannot, and so is freed with the message.
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
	struct message *message = xcalloc(1, sizeof(*message));

	message->arena = arena;
	message->limits = *limits;
	message->header_complete = true;
	message->body_complete = true;
	strbuf_init(&message->image);
	return message;
}

void
message_free(struct message *message)
{
	if (message == NULL)
		return;
	strbuf_release(&message->image);
	charsets_free(message->charsets);
	free(message->fields);
	free(message);
}

/*
 * A milter gets a fold as LF and white space; on the wire it was CRLF and
 * white space.
 */
static size_t
wire_bytes(const char *value)
{
	size_t bytes = 0;

	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\n' && (p == value || p[-1] != '\r'))
			bytes++;
		bytes++;
	}
	return bytes;
}

/* White space of a fold stays; a line end without one becomes a space. */
static struct text
unfold(struct arena *arena, const char *value)
{
	char *out;
	size_t len = 0;

	while (text_is_space(*value))
		value++;
	out = arena_strdup(arena, value);
	for (const char *p = value; *p != '\0'; p++) {
		if (*p != '\r' && *p != '\n')
			out[len++] = *p;
		else if (p[1] != '\n' && !text_is_space(p[1]))
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
	size_t bytes = strlen(name) + (spaced ? 1 : 2) + wire_bytes(value) + 2;
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
	message->fields = xgrow(message->fields, message->count,
	    &message->room, sizeof(*message->fields));
	field = &message->fields[message->count++];
	*field = (struct field){
		.name = arena_strdup(message->arena, name),
		.value = unfold(message->arena, value)
	};
}

/* Begins the image with the fields that MIME is about. */
static void
begin_body(struct message *message)
{
	if (message->in_body)
		return;
	message->in_body = true;
	for (size_t n = 0; n < message->count; n++) {
		const struct field *field = &message->fields[n];

		if (text_starts(field->name, "Content-"))
			strbuf_addf(&message->image, "%s: %s\r\n",
			    field->name, field->value.bytes);
	}
	strbuf_adds(&message->image, "\r\n");
}

void
message_add_body(struct message *message, const void *bytes, size_t len,
    bool keep)
{
	size_t room = message->limits.body_bytes_max - message->body_bytes;

	begin_body(message);
	message->size_bytes += len;
	if (!keep)
		room = 0;
	if (len > room) {
		len = room;
		message->body_complete = false;
	}
	strbuf_add(&message->image, bytes, len);
	message->body_bytes += len;
}

uint64_t
message_size_bytes(const struct message *message)
{
	return message->size_bytes + 2;
}

static size_t
count_kept(const struct message *message, const char *name)
{
	size_t count = 0;

	for (size_t n = 0; n < message->count; n++) {
		if (text_equal(message->fields[n].name, name))
			count++;
	}
	return count;
}

size_t
message_count_fields(const struct message *message, const char *name)
{
	return count_kept(message, name) +
	    (text_equal(name, "Received") ? message->hops_dropped : 0);
}

static struct text
field_text(struct message *message, struct field *field, bool raw,
    bool *complete)
{
	if (raw)
		return field->value;
	if (!field->is_decoded) {
		bool all = true;

		if (message->charsets == NULL)
			message->charsets = charsets_new();
		field->decoded = header_decode(message->arena,
		    message->charsets, field->value, &all);
		field->is_decoded = true;
		field->is_complete = all;
	}
	if (!field->is_complete)
		*complete = false;
	return field->decoded;
}

struct texts
message_fields(struct message *message, const char *name, bool raw)
{
	struct answer *answer = message->answers;
	struct text *items;
	bool complete = message->header_complete;
	size_t count;

	while (answer != NULL &&
	    (answer->raw != raw || !text_equal(answer->name, name)))
		answer = answer->next;
	if (answer != NULL)
		return answer->texts;
	count = count_kept(message, name);
	items = arena_alloc(message->arena, count * sizeof(*items));
	count = 0;
	for (size_t n = 0; n < message->count; n++) {
		struct field *field = &message->fields[n];

		if (text_equal(field->name, name))
			items[count++] = field_text(message, field, raw,
			    &complete);
	}
	answer = arena_alloc(message->arena, sizeof(*answer));
	*answer = (struct answer){
		.next = message->answers,
		.name = arena_strdup(message->arena, name),
		.raw = raw,
		.texts = {
			.count = count,
			.items = items,
			.complete = complete
		}
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
	begin_body(message);
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
