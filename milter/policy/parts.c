#include "policy/parts.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* An open boundary, and how deep the parts lie that it separates. */
struct level {
	struct text boundaries[PARTS_BOUNDARIES_MAX];
	size_t count;
	size_t depth;
	bool digest;
};

/* A delimiter line: "--boundary", or "--boundary--" where it closes. */
struct delimiter {
	const char *line;	/* NULL: there is no further one */
	const char *behind;
	size_t level;
	bool closing;
};

/*
 * at is where reading goes on.  begins says that a header starts there;
 * otherwise the next thing to look for is a delimiter, which is ahead where
 * it has been found already.
 */
struct parts {
	struct arena *arena;
	const char *at;
	const char *end;
	struct level *levels;
	size_t count;
	size_t depth;
	size_t depth_max;
	bool begins;
	bool looked;
	struct delimiter ahead;
};

static const char *
line_behind(const char *line, const char *end)
{
	const char *lf = memchr(line, '\n', (size_t)(end - line));

	return lf == NULL ? end : lf + 1;
}

static bool
is_blank(const char *text, const char *end)
{
	while (text < end && text_is_space(*text))
		text++;
	return text == end;
}

static bool
is_empty_line(const char *line, const char *behind)
{
	return line < behind && (line[0] == '\n' ||
	    (behind - line == 2 && line[0] == '\r' && line[1] == '\n'));
}

/* text is what stands behind "--". */
static bool
is_delimiter(struct text boundary, const char *text, const char *behind,
    bool *closing)
{
	const char *rest;

	if ((size_t)(behind - text) < boundary.len ||
	    memcmp(text, boundary.bytes, boundary.len) != 0)
		return false;
	rest = text + boundary.len;
	*closing = behind - rest >= 2 && rest[0] == '-' && rest[1] == '-';
	return is_blank(*closing ? rest + 2 : rest, behind);
}

/*
 * Which boundary the line is, the innermost first: where two levels have the
 * same one, a reader is still inside the inner.
 */
static bool
delimiter_parse(const struct parts *parts, const char *line,
    const char *behind, struct delimiter *delimiter)
{
	if (behind - line < 2 || line[0] != '-' || line[1] != '-')
		return false;
	for (size_t n = parts->count; n > 0; n--) {
		const struct level *level = &parts->levels[n - 1];

		for (size_t k = 0; k < level->count; k++) {
			if (!is_delimiter(level->boundaries[k], line + 2,
			    behind, &delimiter->closing))
				continue;
			delimiter->line = line;
			delimiter->behind = behind;
			delimiter->level = n - 1;
			return true;
		}
	}
	return false;
}

/* Finds the first delimiter from at on; at is the start of a line. */
static void
look_ahead(struct parts *parts)
{
	const char *line = parts->at;

	if (parts->looked)
		return;
	parts->looked = true;
	parts->ahead = (struct delimiter){ .line = NULL };
	while (parts->count > 0 && line < parts->end) {
		const char *behind = line_behind(line, parts->end);

		if (delimiter_parse(parts, line, behind, &parts->ahead))
			return;
		line = behind;
	}
}

static void
move_to(struct parts *parts, const char *at)
{
	parts->at = at;
	parts->looked = false;
}

struct parts *
parts_new(struct arena *arena, struct text message, size_t depth,
    size_t depth_max)
{
	struct parts *parts = arena_alloc(arena, sizeof(*parts));

	*parts = (struct parts){
		.arena = arena,
		.at = message.bytes,
		.end = message.bytes + message.len,
		.levels = arena_alloc(arena,
		    (depth_max + 1) * sizeof(*parts->levels)),
		.depth = depth,
		.depth_max = depth_max,
		.begins = true
	};
	return parts;
}

/* The length of the name of a field line, or 0: "Name:", "Name :". */
static size_t
field_name_len(const char *line, const char *behind)
{
	const char *p = line;
	size_t len;

	while (p < behind && *p > ' ' && *p != 127 && *p != ':')
		p++;
	len = (size_t)(p - line);
	while (p < behind && (*p == ' ' || *p == '\t'))
		p++;
	return p < behind && *p == ':' ? len : 0;
}

/*
 * The header ends at the empty line; in broken mail, at a boundary.  A part
 * whose lines are none of them fields has lost its empty line: all of it is
 * what the reader is shown.
 */
static struct text
header_cut(struct parts *parts)
{
	const char *begin = parts->at;
	const char *line = begin;
	struct delimiter delimiter;
	bool fields = false;

	while (line < parts->end) {
		const char *behind = line_behind(line, parts->end);

		if (is_empty_line(line, behind)) {
			move_to(parts, fields || line == begin ? behind :
			    begin);
			break;
		}
		if (delimiter_parse(parts, line, behind, &delimiter)) {
			move_to(parts, fields ? line : begin);
			break;
		}
		fields = fields || field_name_len(line, behind) > 0;
		line = behind;
	}
	if (line >= parts->end)
		move_to(parts, fields ? parts->end : begin);
	return (struct text){
		.bytes = begin,
		.len = fields ? (size_t)(line - begin) : 0
	};
}

bool
parts_next(struct parts *parts, struct part *part)
{
	while (!parts->begins) {
		struct delimiter *ahead = &parts->ahead;
		struct level *level;

		look_ahead(parts);
		if (ahead->line == NULL)
			return false;
		level = &parts->levels[ahead->level];
		parts->depth = level->depth;
		parts->count = ahead->level + (ahead->closing ? 0 : 1);
		parts->begins = !ahead->closing;
		move_to(parts, ahead->behind);
	}
	parts->begins = false;
	part->in_digest = parts->count > 0 &&
	    parts->levels[parts->count - 1].digest &&
	    parts->levels[parts->count - 1].depth == parts->depth;
	part->header = header_cut(parts);
	return true;
}

bool
parts_enter(struct parts *parts, const struct text *boundaries, size_t count,
    bool digest)
{
	struct level *level;

	if (parts->depth >= parts->depth_max)
		return false;
	level = &parts->levels[parts->count++];
	*level = (struct level){ .depth = ++parts->depth, .digest = digest };
	for (size_t n = 0; n < count && n < PARTS_BOUNDARIES_MAX; n++) {
		struct text boundary = boundaries[n];

		/* At its end it cannot be told from that of the line. */
		while (boundary.len > 0 &&
		    text_is_space(boundary.bytes[boundary.len - 1]))
			boundary.len--;
		level->boundaries[level->count++] = (struct text){
			.bytes = arena_memdup(parts->arena, boundary.bytes,
			    boundary.len),
			.len = boundary.len
		};
	}
	parts->looked = false;
	return true;
}

bool
parts_enter_message(struct parts *parts)
{
	if (parts->depth >= parts->depth_max)
		return false;
	parts->depth++;
	parts->begins = true;
	return true;
}

struct text
parts_content(struct parts *parts)
{
	const char *end = parts->end;

	look_ahead(parts);
	if (parts->ahead.line != NULL) {
		/* The line end before a delimiter belongs to it. */
		end = parts->ahead.line;
		if (end > parts->at && end[-1] == '\n')
			end--;
		if (end > parts->at && end[-1] == '\r')
			end--;
	}
	return (struct text){
		.bytes = parts->at,
		.len = (size_t)(end - parts->at)
	};
}

size_t
parts_depth(const struct parts *parts)
{
	return parts->depth;
}

bool
parts_found(struct parts *parts)
{
	look_ahead(parts);
	return parts->ahead.line != NULL &&
	    parts->ahead.level + 1 == parts->count;
}

bool
header_next(struct text *header, struct text *name, struct text *value)
{
	const char *line = header->bytes;
	const char *end = header->bytes + header->len;
	bool found = false;

	while (line < end && !found) {
		const char *behind = line_behind(line, end);
		size_t len = field_name_len(line, behind);

		if (len > 0) {
			const char *colon = memchr(line + len, ':',
			    (size_t)(behind - line) - len);

			*name = (struct text){ .bytes = line, .len = len };
			while (behind < end &&
			    (*behind == ' ' || *behind == '\t'))
				behind = line_behind(behind, end);
			*value = (struct text){
				.bytes = colon + 1,
				.len = (size_t)(behind - colon) - 1
			};
			found = true;
		}
		line = behind;
	}
	*header = (struct text){ .bytes = line, .len = (size_t)(end - line) };
	return found;
}
