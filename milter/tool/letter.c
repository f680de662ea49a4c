#include "tool/letter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/errno_text.h"

void
letter_release(struct letter *letter)
{
	free(letter->fields);
	strbuf_release(&letter->body);
	*letter = (struct letter)LETTER_INIT;
}

/* The length of the name before a colon (RFC 5322 3.6.8), or 0. */
static size_t
name_length(const char *line, size_t len)
{
	size_t name = 0, end;

	while (name < len && text_is_print(line[name]) &&
	    line[name] != ' ' && line[name] != ':')
		name++;
	/* Old mail has blanks before the colon (RFC 5322 4.5). */
	end = name;
	while (end < len && (line[end] == ' ' || line[end] == '\t'))
		end++;
	return end < len && line[end] == ':' ? name : 0;
}

/*
 * Adds the field whose unfolded source is len bytes at field.  An MTA hands
 * the value over without the first blank; a NUL cannot stand in it.
 */
static void
add_field(struct letter *letter, struct arena *arena, const char *field,
    size_t len)
{
	const char *end = field + len;
	const char *value = memchr(field, ':', len);
	struct strbuf text = STRBUF_INIT;

	value++;
	if (value < end && *value == ' ')
		value++;
	for (; value < end; value++)
		if (*value != '\0')
			strbuf_addch(&text, *value);
	letter->fields = xgrow(letter->fields, letter->count, &letter->room,
	    sizeof(*letter->fields));
	letter->fields[letter->count++] = (struct letter_field){
		.name = arena_memdup(arena, field, name_length(field, len)),
		.value = arena_strdup(arena, text.text),
	};
	strbuf_release(&text);
}

/* The line at text: *len without its end.  Returns the next line. */
static const char *
line_end(const char *text, const char *end, size_t *len)
{
	const char *lf = memchr(text, '\n', (size_t)(end - text));

	*len = (size_t)((lf != NULL ? lf : end) - text);
	if (*len > 0 && text[*len - 1] == '\r')
		--*len;
	return lf != NULL ? lf + 1 : end;
}

/* Returns the place where the body begins. */
static const char *
parse_header(struct letter *letter, struct arena *arena, const char *text,
    const char *end)
{
	struct strbuf field = STRBUF_INIT;
	bool more = true;

	while (more && text < end) {
		size_t len;
		const char *next = line_end(text, end, &len);

		if (len > 0 && (*text == ' ' || *text == '\t') &&
		    field.len > 0) {
			strbuf_addch(&field, '\n');
			strbuf_add(&field, text, len);
			text = next;
			continue;
		}
		if (field.len > 0)
			add_field(letter, arena, field.text, field.len);
		strbuf_reset(&field);
		more = name_length(text, len) > 0;
		if (more)
			strbuf_add(&field, text, len);
		if (more || len == 0)
			text = next;
	}
	if (field.len > 0)
		add_field(letter, arena, field.text, field.len);
	strbuf_release(&field);
	return text;
}

void
letter_parse(struct letter *letter, struct arena *arena, const char *text,
    size_t len)
{
	const char *end = text + len;
	size_t line;

	if (len >= 5 && memcmp(text, "From ", 5) == 0)
		text = line_end(text, end, &line);
	text = parse_header(letter, arena, text, end);
	while (text < end) {
		const char *next = line_end(text, end, &line);

		strbuf_add(&letter->body, text, line);
		strbuf_adds(&letter->body, "\r\n");
		text = next;
	}
}

int
letter_read(struct letter *letter, struct arena *arena, FILE *file,
    struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;
	char bytes[65536], why[ERRNO_TEXT_MAX];
	size_t got;
	int result = -1;

	errno = 0;
	while ((got = fread(bytes, 1, sizeof(bytes), file)) > 0 &&
	    text.len + got <= LETTER_BYTES_MAX)
		strbuf_add(&text, bytes, got);
	if (ferror(file))
		diag_error(diag, "the message cannot be read: %s",
		    errno_text(errno, why));
	else if (got > 0)
		diag_error(diag, "the message is larger than %u MB",
		    LETTER_BYTES_MAX / 1024 / 1024);
	else {
		letter_parse(letter, arena, text.text, text.len);
		result = 0;
	}
	strbuf_release(&text);
	return result;
}

int
letter_add_field(struct letter *letter, struct arena *arena,
    const char *field, struct diag *diag)
{
	size_t len = strlen(field);

	if (name_length(field, len) == 0) {
		diag_error(diag, "a header field is written \"Name: value\"");
		return -1;
	}
	add_field(letter, arena, field, len);
	return 0;
}
