#include "session/copy.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "session/change.h"

#define FIELD_OVERHEAD	48	/* bytes that a field of no length takes */
#define KEPT_BYTES_MAX	(64 * 1024)	/* of a body, for the next message */

void
copy_reset(struct copy *copy)
{
	copy->count = 0;
	copy->bytes = 0;
	copy->whole = true;
	if (copy->body.room > KEPT_BYTES_MAX)
		strbuf_release(&copy->body);
	else
		strbuf_reset(&copy->body);
}

void
copy_release(struct copy *copy)
{
	free(copy->fields);
	strbuf_release(&copy->body);
}

static bool
has_room(struct copy *copy, size_t len, size_t bytes_max)
{
	if (len > bytes_max || copy->bytes > bytes_max - len)
		copy->whole = false;
	else
		copy->bytes += len;
	return copy->whole;
}

/* Puts a field before the one at this index; texts are not copied. */
static void
insert(struct copy *copy, size_t index, const char *name, const char *value)
{
	copy->fields = xgrow(copy->fields, copy->count, &copy->room,
	    sizeof(*copy->fields));
	if (index > copy->count)
		index = copy->count;
	memmove(&copy->fields[index + 1], &copy->fields[index],
	    (copy->count - index) * sizeof(*copy->fields));
	copy->fields[index] = (struct child_field){ name, value };
	copy->count++;
}

void
copy_add_field(struct copy *copy, struct arena *arena, const char *name,
    const char *value, size_t bytes_max)
{
	if (has_room(copy, FIELD_OVERHEAD + strlen(name) + strlen(value),
	    bytes_max))
		insert(copy, copy->count, arena_strdup(arena, name),
		    arena_strdup(arena, value));
}

void
copy_add_body(struct copy *copy, const void *bytes, size_t len,
    size_t bytes_max)
{
	if (has_room(copy, len, bytes_max))
		strbuf_add(&copy->body, bytes, len);
}

/* The number-th field of this name, from 1; NULL where there are fewer. */
static struct child_field *
find(struct copy *copy, const char *name, size_t number)
{
	for (size_t i = 0; i < copy->count; i++)
		if (text_equal(copy->fields[i].name, name) && --number == 0)
			return &copy->fields[i];
	return NULL;
}

static void
change_field(struct copy *copy, const struct change *change)
{
	size_t number = change->index > 0 ? change->index : 1;
	struct child_field *field = find(copy, change->name, number);
	bool deletes = change->value[0] == '\0';

	if (field == NULL) {
		if (!deletes)
			insert(copy, copy->count, change->name,
			    change->value);
	} else if (deletes) {
		size_t index = (size_t)(field - copy->fields);

		copy->count--;
		memmove(field, field + 1,
		    (copy->count - index) * sizeof(*field));
	} else
		*field = (struct child_field){ change->name, change->value };
}

void
copy_apply(struct copy *copy, const struct change *change)
{
	switch (change->kind) {
	case CHANGE_ADD_HEADER:
		insert(copy, copy->count, change->name, change->value);
		break;
	case CHANGE_INSERT_HEADER:
		insert(copy, change->index > 0 ? change->index - 1 : 0,
		    change->name, change->value);
		break;
	case CHANGE_HEADER:
		change_field(copy, change);
		break;
	case CHANGE_BODY:
		strbuf_reset(&copy->body);
		strbuf_add(&copy->body, change->bytes, change->len);
		break;
	case CHANGE_SENDER:
	case CHANGE_ADD_RCPT:
	case CHANGE_DELETE_RCPT:
	case CHANGE_QUARANTINE:
		break;
	}
}

struct child_message
copy_message(const struct copy *copy)
{
	return (struct child_message){
		.field_count = copy->count,
		.fields = copy->fields,
		.body = (const unsigned char *)copy->body.text,
		.body_len = copy->body.len,
	};
}
