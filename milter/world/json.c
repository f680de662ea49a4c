#include "world/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"

#define REPLACEMENT	"\xef\xbf\xbd"	/* U+FFFD */

/*
 * struct row is never defined: it is jansson's json_t under a name that keeps
 * jansson out of the callers.  jansson returns NULL where memory is out or an
 * argument is wrong; neither can be handled here, so both abort as malloc.
 */
static json_t *
must(json_t *json)
{
	if (json == NULL)
		abort();
	return json;
}

static json_t *
json_of(struct row *row)
{
	return (json_t *)row;
}

static void
set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, must(value)) == -1)
		abort();
}

static json_t *
json_from_bytes(const char *bytes, size_t len)
{
	struct strbuf valid = STRBUF_INIT;
	json_t *json;

	for (size_t i = 0; i < len;) {
		size_t size = utf8_length(bytes + i, len - i);

		if (size == 0)
			strbuf_adds(&valid, REPLACEMENT);
		else
			strbuf_add(&valid, bytes + i, size);
		i += size == 0 ? 1 : size;
	}
	json = must(json_stringn(valid.text, valid.len));
	strbuf_release(&valid);
	return json;
}

static json_t *
json_from_text(const char *text)
{
	return text == NULL ? json_null() :
	    json_from_bytes(text, strlen(text));
}

struct row *
row_new(void)
{
	return (struct row *)must(json_object());
}

void
row_free(struct row *row)
{
	json_decref(json_of(row));
}

void
row_print(struct row *row, FILE *out)
{
	/* A full disk or a closed pipe shows when the caller ends out. */
	(void)json_dumpf(json_of(row), out, JSON_ENSURE_ASCII);
	(void)fputc('\n', out);
	row_free(row);
}

void
row_text(struct row *row, const char *key, const char *text)
{
	set(json_of(row), key, json_from_text(text));
}

void
row_bytes(struct row *row, const char *key, const char *bytes, size_t len)
{
	set(json_of(row), key, json_from_bytes(bytes, len));
}

void
row_number(struct row *row, const char *key, uint64_t number)
{
	set(json_of(row), key, json_integer(number > INT64_MAX ? INT64_MAX :
	    (json_int_t)number));
}

void
row_bool(struct row *row, const char *key, bool value)
{
	set(json_of(row), key, json_boolean(value));
}

struct row *
row_object(struct row *row, const char *key)
{
	json_t *object = must(json_object());

	set(json_of(row), key, object);
	return (struct row *)object;
}

void
row_list(struct row *row, const char *key)
{
	set(json_of(row), key, json_array());
}

static void
append(struct row *row, const char *key, json_t *value)
{
	if (json_array_append_new(json_object_get(json_of(row), key),
	    must(value)) == -1)
		abort();
}

void
row_list_text(struct row *row, const char *key, const char *text)
{
	append(row, key, json_from_text(text));
}

struct row *
row_list_object(struct row *row, const char *key)
{
	json_t *object = must(json_object());

	append(row, key, object);
	return (struct row *)object;
}

static void
bytes_read(const json_t *list, struct strbuf *out)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *byte = json_array_get(list, i);

		if (json_is_integer(byte))
			strbuf_addch(out,
			    (char)(unsigned char)json_integer_value(byte));
	}
}

bool
json_read_texts(const char *json, size_t len, const char *const keys[],
    size_t count, struct strbuf texts[])
{
	json_t *object = json_loadb(json, len, JSON_ALLOW_NUL, NULL);
	bool found = json_is_object(object);

	for (size_t i = 0; i < count; i++) {
		const json_t *member = json_object_get(object, keys[i]);

		strbuf_reset(&texts[i]);
		if (json_is_string(member))
			strbuf_add(&texts[i], json_string_value(member),
			    json_string_length(member));
		else if (json_is_array(member))
			bytes_read(member, &texts[i]);
	}
	json_decref(object);
	return found;
}
