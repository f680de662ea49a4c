#include "policy/list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "policy/matcher.h"

#define PROBLEMS_MAX	50	/* errors of one file in words */
#define WARNINGS_MAX	5	/* of one list */

struct row {
	struct list	 list;		/* first: what callers hold */
	struct matcher	*matcher;	/* list.matcher, still to be filled */
};

struct lists {
	struct arena	*arena;
	struct arena	*scratch;	/* for the entry that is read */
	struct row	**rows;
	size_t		 count;
	size_t		 room;
};

static void
lists_release(void *what)
{
	struct lists *lists = what;

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
	row->matcher = matcher_new(lists->arena);
	row->list = (struct list){
		.name = arena_strdup(lists->arena, name),
		.matcher = row->matcher,
		.place = place,
	};
	lists->rows = xgrow(lists->rows, lists->count, &lists->room,
	    sizeof(*lists->rows));
	lists->rows[lists->count++] = row;
	return &row->list;
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
	struct pattern pattern;
	int rc;

	rc = pattern_parse(&pattern, lists->scratch, SUBJECT_ANY, entry, place,
	    NULL, diag);
	if (rc == 0 && pattern.kind == PATTERN_REGEX)
		rc = pattern_parse(&pattern, lists->arena, SUBJECT_ANY, entry,
		    place, NULL, diag);
	if (rc == 0 && matcher_count(row->matcher) == LIST_ENTRIES_MAX) {
		diag_error(diag, "list \"%s\" has more than %d entries",
		    row->list.name, LIST_ENTRIES_MAX);
		rc = -1;
	}
	if (rc == 0)
		matcher_add(row->matcher, &pattern);
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
add_line(struct lists *lists, struct row *row, const char *line, size_t len,
    struct place place, struct strbuf *entry, struct diag *diag)
{
	trim(&line, &len);
	if (len == 0)
		return 0;
	if (memchr(line, '\0', len) != NULL) {
		diag_error(diag, "this line has a NUL byte");
		return -1;
	}
	strbuf_reset(entry);
	strbuf_add(entry, line, len);
	return add_entry(lists, row, entry->text, place, diag);
}

int
list_parse(struct lists *lists, struct list *list, const char *text,
    size_t len, const char *file, struct diag *diag)
{
	static const char mark[] = "\xef\xbb\xbf";
	const char *at = text, *end = text + len;
	struct place place = { .file = arena_strdup(lists->arena, file) };
	struct diag problems = DIAG_INIT;
	struct strbuf entry = STRBUF_INIT;
	size_t failed = 0;

	if (len >= strlen(mark) && memcmp(at, mark, strlen(mark)) == 0)
		at += strlen(mark);
	while (at < end) {
		const char *line = at;

		at = memchr(line, '\n', (size_t)(end - line));
		if (at == NULL)
			at = end;
		place.line++;
		if (add_line(lists, (struct row *)list, line,
		    (size_t)(at - line), place, &entry, &problems) == -1 &&
		    ++failed <= PROBLEMS_MAX)
			diag_take(diag, &problems, place, "");
		diag_release(&problems);
		at++;
	}
	place.line = 0;
	if (failed > PROBLEMS_MAX)
		diag_add(diag, SEVERITY_ERROR, place, "and %zu more entries "
		    "with errors", failed - PROBLEMS_MAX);
	strbuf_release(&entry);
	return failed == 0 ? 0 : -1;
}

void
lists_finish(struct lists *lists)
{
	for (size_t i = 0; i < lists->count; i++)
		matcher_finish(lists->rows[i]->matcher);
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

void
list_check(const struct list *list, enum subject subject, struct diag *diag)
{
	size_t count = matcher_count(list->matcher), more = 0, warned = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t number = (uint32_t)i;
		const char *source = matcher_source(list->matcher, number);
		const char *why = objection(subject,
		    matcher_kind(list->matcher, number), source);

		if (why[0] == '\0')
			continue;
		if (warned == WARNINGS_MAX) {
			more++;
			continue;
		}
		warned++;
		diag_add(diag, SEVERITY_WARNING,
		    matcher_place(list->matcher, number),
		    "\"%s\" in list \"%s\" can never match here: it %s",
		    source, list->name, why);
	}
	if (more > 0)
		diag_add(diag, SEVERITY_WARNING, list->place,
		    "and %zu more entries of list \"%s\" that can never match "
		    "here", more, list->name);
}
