#include "policy/list.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "policy/matcher.h"

#define PROBLEMS_MAX	50	/* errors of one file in words */
#define WARNINGS_MAX	5	/* of one list */

/*
 * What a list holds, where another configuration may take it over: all of it
 * stands in an arena of its own, with no pointer into that of a configuration.
 */
struct shared {
	struct arena		*arena;		/* holds this struct, too */
	_Atomic size_t		 references;
	/* Immutable from here on, once the list is loaded. */
	struct matcher		*matcher;
	struct digest_value	 digest;
	bool			 is_signed;
	const char		*file;		/* of the last entry; a copy */
	/*
	 * Bits of the subjects for which all entries were looked at, and all
	 * can hold: found once, by whoever asks first.
	 */
	_Atomic unsigned	 fitting;
};

struct row {
	struct list	 list;		/* first: what callers hold */
	struct matcher	*matcher;	/* list.matcher, still to be filled;
					   NULL where there is no entry, or
					   all were taken over */
	struct shared	*shared;	/* NULL: all is in the lists' arena */
};

struct lists {
	struct arena	*arena;
	struct arena	*scratch;	/* for the entry that is read */
	struct row	**rows;
	size_t		 count;
	size_t		 room;
};

static struct shared *
shared_new(void)
{
	struct arena *arena = arena_new();
	struct shared *shared = arena_alloc(arena, sizeof(*shared));

	shared->arena = arena;
	atomic_init(&shared->references, 1);
	atomic_init(&shared->fitting, 0);
	shared->matcher = matcher_new(arena);
	shared->file = "";
	return shared;
}

static struct shared *
shared_get(struct shared *shared)
{
	atomic_fetch_add_explicit(&shared->references, 1,
	    memory_order_relaxed);
	return shared;
}

static void
shared_put(struct shared *shared)
{
	if (shared != NULL && atomic_fetch_sub_explicit(&shared->references,
	    1, memory_order_acq_rel) == 1)
		arena_free(shared->arena);
}

static void
lists_release(void *what)
{
	struct lists *lists = what;

	for (size_t i = 0; i < lists->count; i++)
		shared_put(lists->rows[i]->shared);
	arena_free(lists->scratch);
	free(lists->rows);
}

struct lists *
lists_new(struct arena *arena)
{
	struct lists *lists = arena_alloc(arena, sizeof(*lists));

	lists->arena = arena;
	lists->scratch = arena_new();
	arena_defer(arena, lists_release, lists);
	return lists;
}

static struct row *
find(const struct lists *lists, const char *name)
{
	for (size_t i = 0; i < lists->count; i++)
		if (strcmp(lists->rows[i]->list.name, name) == 0)
			return lists->rows[i];
	return NULL;
}

static int
check_name(const struct lists *lists, const char *name, struct diag *diag)
{
	const struct row *row = find(lists, name);
	struct strbuf where = STRBUF_INIT;
	const char *at = name;

	while (text_is_letter(*at) || text_is_digit(*at) ||
	    (*at != '\0' && strchr("-_.", *at) != NULL))
		at++;
	if (*at != '\0' || name[0] == '\0') {
		names_quote(&where, name);
		diag_error(diag, "%s is no name for a list; it may have "
		    "letters, digits, \"-\", \"_\" and \".\"", where.text);
		strbuf_release(&where);
		return -1;
	}
	if (row == NULL)
		return 0;
	place_format(row->list.place, &where);
	diag_error(diag, "there is a list \"%s\" already%s%s", name,
	    where.len > 0 ? ", at " : "", where.text);
	strbuf_release(&where);
	return -1;
}

struct list *
lists_add(struct lists *lists, const char *name, struct place place,
    struct diag *diag)
{
	struct row *row;

	if (check_name(lists, name, diag) == -1)
		return NULL;
	row = arena_alloc(lists->arena, sizeof(*row));
	row->list = (struct list){
		.name = arena_strdup(lists->arena, name),
		.place = place,
	};
	lists->rows = xgrow(lists->rows, lists->count, &lists->room,
	    sizeof(*lists->rows));
	lists->rows[lists->count++] = row;
	return &row->list;
}

bool
list_take_over(struct list *list, const struct lists *before,
    const struct digest_value *digest)
{
	struct row *row = (struct row *)list;

	for (size_t i = 0; before != NULL && i < before->count; i++) {
		struct shared *shared = before->rows[i]->shared;

		if (shared == NULL || !shared->is_signed ||
		    !digest_equal(&shared->digest, digest))
			continue;
		row->shared = shared_get(shared);
		return true;
	}
	row->shared = shared_new();
	row->matcher = row->shared->matcher;
	return false;
}

void
list_sign(struct list *list, const struct digest_value *digest)
{
	struct shared *shared = ((struct row *)list)->shared;

	shared->digest = *digest;
	shared->is_signed = true;
}

static struct matcher *
row_matcher(struct lists *lists, struct row *row)
{
	if (row->matcher == NULL)
		row->matcher = matcher_new(lists->arena);
	return row->matcher;
}

void
list_expect(struct lists *lists, struct list *list, size_t entries,
    size_t bytes)
{
	matcher_expect(row_matcher(lists, (struct row *)list),
	    entries < LIST_ENTRIES_MAX ? entries : LIST_ENTRIES_MAX, bytes);
}

/* The matcher keeps the name of a place's file, but does not copy it. */
static struct place
kept_place(const struct row *row, struct place place)
{
	struct shared *shared = row->shared;

	if (shared == NULL)
		return place;
	if (place.file != shared->file && strcmp(place.file, shared->file) != 0)
		shared->file = arena_strdup(shared->arena, place.file);
	return (struct place){ .file = shared->file, .line = place.line };
}

/*
 * The matcher copies texts, so an entry is read in scratch memory.  Only
 * an expression has to live as long as the list: it is compiled again where
 * it stays, which costs less than an arena with a million entries.
 */
static int
add_entry(struct lists *lists, struct row *row, const char *entry,
    struct place place, struct diag *diag)
{
	struct arena *arena = row->shared != NULL ? row->shared->arena :
	    lists->arena;
	struct matcher *matcher = row_matcher(lists, row);
	struct pattern pattern;
	int rc;

	place = kept_place(row, place);
	rc = pattern_parse(&pattern, lists->scratch, SUBJECT_ANY, entry, place,
	    NULL, diag);
	if (rc == 0 && pattern.kind == PATTERN_REGEX)
		rc = pattern_parse(&pattern, arena, SUBJECT_ANY, entry, place,
		    NULL, diag);
	if (rc == 0 && matcher_count(matcher) == LIST_ENTRIES_MAX) {
		diag_error(diag, "list \"%s\" has more than %d entries",
		    row->list.name, LIST_ENTRIES_MAX);
		rc = -1;
	}
	if (rc == 0)
		matcher_add(matcher, &pattern);
	arena_reset(lists->scratch);
	return rc;
}

int
list_add(struct lists *lists, struct list *list, const char *entry,
    struct place place, struct diag *diag)
{
	struct diag problems = DIAG_INIT;
	int rc = add_entry(lists, (struct row *)list, entry, place, &problems);

	diag_take(diag, &problems, place, "");
	return rc;
}

/*
 * A text file while it is read.  Whole lines are taken from the piece at hand;
 * only the beginning of a line that goes on in the next one is kept.
 */
struct list_reader {
	struct lists	*lists;
	struct row	*row;
	struct place	 place;		/* of the last line so far */
	struct strbuf	 begun;		/* of the next line */
	struct strbuf	 entry;
	struct diag	*diag;
	size_t		 failed;
};

struct list_reader *
list_reader_new(struct lists *lists, struct list *list, const char *file,
    struct diag *diag)
{
	struct list_reader *reader = xmalloc(sizeof(*reader));
	struct row *row = (struct row *)list;
	struct place place = { .file = arena_strdup(lists->arena, file) };

	*reader = (struct list_reader){
		.lists = lists,
		.row = row,
		.place = kept_place(row, place),
		.begun = STRBUF_INIT,
		.entry = STRBUF_INIT,
		.diag = diag,
	};
	return reader;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Finds the entry within a line: no comment, no blanks, perhaps nothing. */
static void
trim(const char **line, size_t *len)
{
	const char *start = *line, *end = *line + *len;

	if (start < end && end[-1] == '\r')
		end--;
	while (start < end && is_blank(*start))
		start++;
	for (const char *at = start; at < end; at++)
		if (*at == '#' && (at == start || is_blank(at[-1])))
			end = at;
	while (start < end && is_blank(end[-1]))
		end--;
	*line = start;
	*len = (size_t)(end - start);
}

static int
add_line(struct list_reader *reader, const char *line, size_t len,
    struct diag *diag)
{
	trim(&line, &len);
	if (len == 0)
		return 0;
	if (memchr(line, '\0', len) != NULL) {
		diag_error(diag, "this line has a NUL byte");
		return -1;
	}
	strbuf_reset(&reader->entry);
	strbuf_add(&reader->entry, line, len);
	return add_entry(reader->lists, reader->row, reader->entry.text,
	    reader->place, diag);
}

static void
take_line(struct list_reader *reader, const char *line, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct diag problems = DIAG_INIT;

	if (reader->place.line++ == 0 && len >= strlen(mark) &&
	    memcmp(line, mark, strlen(mark)) == 0) {
		line += strlen(mark);
		len -= strlen(mark);
	}
	if (add_line(reader, line, len, &problems) == -1 &&
	    ++reader->failed <= PROBLEMS_MAX)
		diag_take(reader->diag, &problems, reader->place, "");
	diag_release(&problems);
}

void
list_reader_add(struct list_reader *reader, const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + len, *stop;

	while ((stop = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		if (reader->begun.len > 0) {
			strbuf_add(&reader->begun, at, (size_t)(stop - at));
			take_line(reader, reader->begun.text,
			    reader->begun.len);
			strbuf_reset(&reader->begun);
		} else
			take_line(reader, at, (size_t)(stop - at));
		at = stop + 1;
	}
	strbuf_add(&reader->begun, at, (size_t)(end - at));
}

int
list_reader_end(struct list_reader *reader)
{
	size_t failed;

	if (reader->begun.len > 0)
		take_line(reader, reader->begun.text, reader->begun.len);
	failed = reader->failed;
	reader->place.line = 0;
	if (failed > PROBLEMS_MAX)
		diag_add(reader->diag, SEVERITY_ERROR, reader->place,
		    "and %zu more entries with errors", failed - PROBLEMS_MAX);
	strbuf_release(&reader->begun);
	strbuf_release(&reader->entry);
	free(reader);
	return failed == 0 ? 0 : -1;
}

void
lists_finish(struct lists *lists)
{
	for (size_t i = 0; i < lists->count; i++) {
		struct row *row = lists->rows[i];

		if (row->shared != NULL && row->matcher == NULL) {
			row->list.matcher = row->shared->matcher;
			continue;
		}
		matcher_finish(row_matcher(lists, row));
		row->list.matcher = row->matcher;
	}
}

const struct list *
lists_find(const struct lists *lists, const char *name)
{
	const struct row *row = find(lists, name);

	return row == NULL ? NULL : &row->list;
}

void
lists_unknown(const struct lists *lists, const char *name, struct diag *diag)
{
	const char **names = xcalloc(lists->count, sizeof(*names));

	for (size_t i = 0; i < lists->count; i++)
		names[i] = lists->rows[i]->list.name;
	names_unknown(diag, "list", name, names, lists->count);
	free(names);
}

/*
 * Why an entry can never hold for a subject; "" where it can.  BLOCK without
 * a slash and RANGE without a sign are texts as well.
 */
static const char *
objection(enum subject subject, enum pattern_kind kind, const char *source)
{
	bool text = kind == PATTERN_TEXT || kind == PATTERN_GLOB;
	bool at = strchr(source, '@') != NULL;

	if (strcmp(source, "*") == 0)
		return "";
	switch (subject) {
	case SUBJECT_IP:
		return kind == PATTERN_BLOCK ? "" :
		    "is no IP address or address block";
	case SUBJECT_NUMBER:
	case SUBJECT_DAY:
	case SUBJECT_TIME:
		return kind == PATTERN_RANGE ? "" : "is no number";
	case SUBJECT_HOST:
		if (text && (at || strchr(source, ' ') != NULL ||
		    source[0] == '\0' || strcmp(source, "<>") == 0))
			return "is no host name";
		break;
	case SUBJECT_ADDRESS:
		if (kind == PATTERN_TEXT && !at && source[0] != '\0' &&
		    strcmp(source, "<>") != 0 &&
		    !text_equal(source, "postmaster"))
			return "has no @, so it is no address (\"*@DOMAIN\" "
			    "is the addresses of a domain)";
		if (kind == PATTERN_BLOCK || kind == PATTERN_RANGE)
			return "is no address of mail";
		break;
	case SUBJECT_TEXT:
	case SUBJECT_ANY:
		break;
	}
	if (kind == PATTERN_BLOCK && strchr(source, '/') != NULL)
		return "is an address block, not a text";
	if (kind == PATTERN_RANGE && !text_is_digit(source[0]))
		return "is a comparison of numbers, not a text";
	return "";
}

/* Warns of the entries that do not fit; true where all do. */
static bool
check_entries(const struct list *list, enum subject subject,
    struct diag *diag)
{
	size_t count = matcher_count(list->matcher), wrong = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t number = (uint32_t)i;
		const char *source = matcher_source(list->matcher, number);
		const char *why = objection(subject,
		    matcher_kind(list->matcher, number), source);

		if (why[0] == '\0' || ++wrong > WARNINGS_MAX)
			continue;
		diag_add(diag, SEVERITY_WARNING,
		    matcher_place(list->matcher, number),
		    "\"%s\" in list \"%s\" can never match here: it %s",
		    source, list->name, why);
	}
	if (wrong > WARNINGS_MAX)
		diag_add(diag, SEVERITY_WARNING, list->place,
		    "and %zu more entries of list \"%s\" that can never match "
		    "here", wrong - WARNINGS_MAX, list->name);
	return wrong == 0;
}

void
list_check(const struct list *list, enum subject subject, struct diag *diag)
{
	struct shared *shared = ((const struct row *)list)->shared;
	unsigned bit = 1u << subject;

	if (shared != NULL && (atomic_load(&shared->fitting) & bit) != 0)
		return;
	if (check_entries(list, subject, diag) && shared != NULL)
		atomic_fetch_or(&shared->fitting, bit);
}
