#include "config/source.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/file.h"

/* The files between the first one and this one, for include cycles. */
struct open_file {
	const char *name;
	const struct open_file *outer;
	unsigned depth;
};

/* What the reader of one file knows while it goes through it. */
struct scan {
	struct source *source;
	struct diag *diag;
	struct place place;		/* of the current line */
	struct place comment;		/* where an open one began */
	bool in_comment;
	bool quiet;			/* behind a comment never closed */
	const char *missing_quote;	/* where in the line it belongs */
	const struct open_file *file;
};

static void	source_add_file(struct source *source, const char *text,
		    size_t len, const struct open_file *file,
		    struct diag *diag);

void
source_init(struct source *source, struct arena *arena)
{
	*source = (struct source){ .arena = arena, .text = STRBUF_INIT };
}

void
source_release(struct source *source)
{
	strbuf_release(&source->text);
	free(source->places);
	free(source->files);
	free(source->doubts);
	source_init(source, source->arena);
}

struct place
source_place(const struct source *source, unsigned line)
{
	if (source->count == 0)
		return PLACE_NONE;
	if (line < 1)
		line = 1;
	/* The end of the text is on a line behind the last one. */
	if (line > source->count)
		line = (unsigned)source->count;
	return source->places[line - 1];
}

void
source_doubt(struct source *source, unsigned from, unsigned to)
{
	source->doubts = xgrow(source->doubts, source->doubt_count,
	    &source->doubt_room, sizeof(*source->doubts));
	source->doubts[source->doubt_count++] = (struct doubt){ from, to };
}

bool
source_is_doubtful(const struct source *source, unsigned line)
{
	for (size_t i = 0; i < source->doubt_count; i++)
		if (line >= source->doubts[i].from &&
		    line <= source->doubts[i].to)
			return true;
	return false;
}

bool
source_place_is_doubtful(const struct source *source, const char *file,
    unsigned line)
{
	for (size_t i = 0; i < source->doubt_count; i++)
		for (unsigned l = source->doubts[i].from;
		    l <= source->doubts[i].to && l <= source->count; l++)
			if (l > 0 && source->places[l - 1].line == line &&
			    strcmp(source->places[l - 1].file, file) == 0)
				return true;
	return false;
}

/* quote: where a missing one is put in, or NULL. */
static void
source_add_line(struct source *source, struct place place, const char *line,
    const char *end, const char *quote)
{
	if (quote != NULL) {
		strbuf_add(&source->text, line, (size_t)(quote - line));
		strbuf_addch(&source->text, '"');
		line = quote;
	}
	strbuf_add(&source->text, line, (size_t)(end - line));
	strbuf_addch(&source->text, '\n');
	source->places = xgrow(source->places, source->count, &source->room,
	    sizeof(*source->places));
	source->places[source->count++] = place;
}

static size_t
blanks(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && (p[n] == ' ' || p[n] == '\t'))
		n++;
	return n;
}

static void
scan_include_file(struct scan *scan, const char *path)
{
	struct arena *arena = scan->source->arena;
	struct open_file file = {
		.name = file_beside(arena, scan->file->name, path),
		.outer = scan->file,
		.depth = scan->file->depth + 1,
	};
	struct diag why = DIAG_INIT;
	struct strbuf text = STRBUF_INIT;

	for (const struct open_file *f = scan->file; f != NULL; f = f->outer)
		if (strcmp(f->name, file.name) == 0) {
			diag_add(scan->diag, SEVERITY_ERROR, scan->place,
			    "this file includes itself; take the @include out");
			return;
		}
	if (file.depth > INCLUDE_DEPTH_MAX)
		diag_add(scan->diag, SEVERITY_ERROR, scan->place, "more than "
		    "%d files include one another; put them into fewer",
		    INCLUDE_DEPTH_MAX);
	else if (file_read(file.name, &text, &why) == -1)
		diag_take(scan->diag, &why, scan->place, "@include: ");
	else
		source_add_file(scan->source, text.text, text.len, &file,
		    scan->diag);
	strbuf_release(&text);
}

/*
 * Carries out a line that is an @include.  Returns what follows it, or line
 * where it is none.
 */
static const char *
scan_include(struct scan *scan, const char *line, const char *end)
{
	static const char word[] = "@include";
	const char *p = line + blanks(line, end);
	const char *close;
	char *path;

	if ((size_t)(end - p) < sizeof(word) - 1 ||
	    memcmp(p, word, sizeof(word) - 1) != 0)
		return line;
	p += sizeof(word) - 1;
	p += blanks(p, end);
	close = p < end && *p == '"' ?
	    memchr(p + 1, '"', (size_t)(end - p) - 1) : NULL;
	if (close == NULL || close == p + 1) {
		diag_add(scan->diag, SEVERITY_ERROR, scan->place,
		    "@include needs the name of a file in quotes; write "
		    "@include \"policies.conf\"");
		return end;
	}
	path = xstrndup(p + 1, (size_t)(close - p) - 1);
	scan_include_file(scan, path);
	free(path);
	return close + 1;
}

/* The current line in the joined text, to which it is added afterwards. */
static unsigned
line_number(const struct scan *scan)
{
	return (unsigned)scan->source->count + 1;
}

/* A number at p, which is no part of a word; returns what follows. */
static const char *
scan_number(struct scan *scan, const char *p, const char *end)
{
	const char *start = p;
	char digits[24];
	uint64_t number;
	size_t len;

	while (p < end && text_is_digit(*p))
		p++;
	len = (size_t)(p - start);
	/* A float, a hexadecimal number, one marked long: libconfig's own. */
	if (p < end && (*p == '.' || text_is_letter(*p)))
		return p;
	if (len < sizeof(digits)) {
		memcpy(digits, start, len);
		digits[len] = '\0';
		if (text_number(digits, INT32_MAX, &number) == 0)
			return p;
	}
	source_doubt(scan->source, line_number(scan), line_number(scan));
	if (scan->quiet)
		return p;
	diag_add(scan->diag, SEVERITY_ERROR, scan->place,
	    "the number %.*s is too large; write a number of at most %d, or a "
	    "size in quotes, such as \"25M\"", (int)(len < 40 ? len : 40),
	    start, INT32_MAX);
	return p;
}

static bool
begins_with(const char *p, const char *end, const char *two)
{
	return end - p >= 2 && p[0] == two[0] && p[1] == two[1];
}

/* The quote that ends the text whose first quote is at p; or NULL. */
static const char *
text_close(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p < end ? p : NULL;
}

/* What can stand in a file behind a text: brackets, the next setting. */
static bool
goes_on(const char *p, const char *end)
{
	char last = '\0';

	for (; p < end && strchr(";,)]} \t\r", *p) != NULL; p++)
		if (text_is_print(*p) && *p != ' ')
			last = *p;
	if (p == end || *p == '#' || begins_with(p, end, "//") ||
	    begins_with(p, end, "/*"))
		return last != '\0';
	if (last == ',' && strchr("\"{([@", *p) != NULL)
		return true;
	if (last == '\0' || !(text_is_letter(*p) || *p == '*'))
		return false;
	while (p < end && (text_is_letter(*p) || text_is_digit(*p) ||
	    strchr("*-_", *p) != NULL))
		p++;
	p += blanks(p, end);
	return p < end && strchr("=:", *p) != NULL;
}

/* Where the text that begins with the quote at p was meant to end. */
static const char *
meant_close(const char *p, const char *end)
{
	unsigned depth = 0;

	for (p++; p < end; p++) {
		if (strchr("{([", *p) != NULL)
			depth++;
		else if (depth > 0 && strchr("})]", *p) != NULL)
			depth--;
		else if (strchr(";,})]", *p) != NULL && goes_on(p, end))
			return p;
	}
	return end;
}

/*
 * On a line with an odd number of quotes: is it the text from p to close that
 * was not closed in its place, so that what follows is no longer a setting?
 */
static bool
closes_too_late(const char *close, const char *end)
{
	const char *p = close + 1 + blanks(close + 1, end);

	return p < end && strchr(";,)]}\"#/=:\r", *p) == NULL;
}

/* True if a quote stands open at the end of the line. */
static bool
ends_in_text(const char *p, const char *end)
{
	const char *close;

	for (; p < end; p++) {
		if (*p == '#' || begins_with(p, end, "//") ||
		    begins_with(p, end, "/*"))
			return false;
		if (*p != '"')
			continue;
		close = text_close(p, end);
		if (close == NULL)
			return true;
		p = close;
	}
	return false;
}

/* The text that begins with the quote at p; returns what follows it. */
static const char *
scan_text(struct scan *scan, const char *p, const char *end)
{
	const char *close = text_close(p, end);

	if (close != NULL && (scan->missing_quote != NULL ||
	    !closes_too_late(close, end) || !ends_in_text(p, end)))
		return close + 1;
	source_doubt(scan->source, line_number(scan), line_number(scan));
	if (!scan->quiet)
		diag_add(scan->diag, SEVERITY_ERROR, scan->place, "a quote is "
		    "opened and not closed on this line; close it with \" (a "
		    "long text goes on in quotes of its own on the next "
		    "line)");
	if (scan->missing_quote != NULL)
		scan->source->broken = true;
	scan->missing_quote = meant_close(p, end);
	/* A backslash before it would make it part of the text. */
	if (scan->missing_quote[-1] == '\\')
		scan->source->broken = true;
	return scan->missing_quote;
}

/* Looks at one line for what libconfig would get wrong in silence. */
static void
scan_line(struct scan *scan, const char *p, const char *end)
{
	bool in_word = false;

	while (p < end) {
		if (scan->in_comment) {
			scan->in_comment = !begins_with(p, end, "*/");
			p += scan->in_comment ? 1 : 2;
			continue;
		}
		if (*p == '#' || begins_with(p, end, "//"))
			return;
		if (begins_with(p, end, "/*")) {
			scan->in_comment = true;
			scan->comment = scan->place;
			p += 2;
		} else if (*p == '"')
			p = scan_text(scan, p, end);
		else if (text_is_digit(*p) && !in_word) {
			p = scan_number(scan, p, end);
			in_word = true;
			continue;
		} else {
			/* A minus is part of a word, or of a number. */
			in_word = text_is_letter(*p) || text_is_digit(*p) ||
			    *p == '_' || *p == '*' || (*p == '-' && in_word);
			p++;
			continue;
		}
		in_word = false;
	}
}

/* What a scan goes back to, to read again behind an open comment. */
struct mark {
	const char *line;
	size_t count, len;
	unsigned number;
};

/*
 * A comment that is never closed takes all that follows with it.  Most were
 * to end on their line, so go on there; what is wrong behind it may be prose.
 */
static const char *
comment_end(struct scan *scan, const struct mark *mark)
{
	struct source *source = scan->source;

	diag_add(scan->diag, SEVERITY_ERROR, scan->comment,
	    "a comment is opened and never closed; close it with */");
	scan->in_comment = false;
	scan->quiet = true;
	scan->place.line = mark->number;
	source->count = mark->count;
	strbuf_cut(&source->text, mark->len);
	strbuf_adds(&source->text, "*/\n");
	if (source->unsure_from == 0)
		source->unsure_from = (unsigned)mark->count;
	return mark->line;
}

/* Returns -1 where a line is no text. */
static int
source_add_lines(struct scan *scan, const char *line, const char *end)
{
	struct source *source = scan->source;
	struct mark mark = { .line = NULL };

	while (line < end || (scan->in_comment && !scan->quiet)) {
		const char *stop, *rest = line;
		bool was_open = scan->in_comment;

		if (line >= end) {
			line = comment_end(scan, &mark);
			continue;
		}
		stop = memchr(line, '\n', (size_t)(end - line));
		if (stop == NULL)
			stop = end;
		scan->place.line++;
		scan->missing_quote = NULL;
		if (memchr(line, '\0', (size_t)(stop - line)) != NULL) {
			diag_add(scan->diag, SEVERITY_ERROR, scan->place,
			    "this line has a NUL byte in it; is this a text "
			    "file?");
			return -1;
		}
		if (!was_open)
			rest = scan_include(scan, line, stop);
		scan_line(scan, rest, stop);
		source_add_line(source, scan->place, rest, stop,
		    scan->missing_quote);
		line = stop < end ? stop + 1 : end;
		if (scan->in_comment && !was_open)
			mark = (struct mark){
				.line = line,
				.count = source->count,
				.len = source->text.len - 1,
				.number = scan->place.line,
			};
	}
	/* A second one behind the first. */
	return scan->in_comment ? -1 : 0;
}

static void
source_add_file(struct source *source, const char *text, size_t len,
    const struct open_file *file, struct diag *diag)
{
	struct scan scan = {
		.source = source,
		.diag = diag,
		.place = { .file = file->name, .line = 0 },
		.file = file,
	};

	source->files = xgrow(source->files, source->file_count,
	    &source->file_room, sizeof(*source->files));
	source->files[source->file_count++] = file->name;
	if (source->text.len + len > SOURCE_BYTES_MAX) {
		diag_add(diag, SEVERITY_ERROR, scan.place, "all files together "
		    "have more than 64 MB; put long lists into files of their "
		    "own: NAME = { file = \"...\"; }");
		source->broken = true;
		return;
	}
	if (source_add_lines(&scan, text, text + len) == -1)
		source->broken = true;
}

int
source_read_text(struct source *source, const char *text, const char *file,
    struct diag *diag)
{
	size_t errors = diag->errors;
	struct open_file first = {
		.name = arena_strdup(source->arena, file),
	};

	source_add_file(source, text, strlen(text), &first, diag);
	return diag->errors == errors ? 0 : -1;
}

int
source_read(struct source *source, const char *file, struct diag *diag)
{
	size_t errors = diag->errors;
	struct open_file first = {
		.name = arena_strdup(source->arena, file),
	};
	struct strbuf text = STRBUF_INIT;

	if (file_read(file, &text, diag) == 0)
		source_add_file(source, text.text, text.len, &first, diag);
	else
		source->broken = true;
	strbuf_release(&text);
	return diag->errors == errors ? 0 : -1;
}
