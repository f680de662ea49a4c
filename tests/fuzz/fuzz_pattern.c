/*
 * fuzz_pattern - the first line is a pattern for each kind of subject, the
 * rest the text that it is held against; all of it is a list's file, too.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "policy/list.h"
#include "policy/matcher.h"
#include "policy/pattern.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
hold(struct arena *arena, enum subject subject, const char *source,
    const char *text, size_t len)
{
	struct matcher *matcher = matcher_new(arena);
	struct operand operand = { .subject = subject, .text = text,
		.len = len, .number = len };
	struct diag diag = DIAG_INIT;
	struct pattern pattern;
	uint32_t number;

	ip_parse(&operand.ip, text);
	if (pattern_parse(&pattern, arena, subject, source, PLACE_NONE, NULL,
	    &diag) == 0) {
		matcher_add(matcher, &pattern);
		matcher_finish(matcher);
		matcher_match(matcher, &operand, &number);
	}
	diag_release(&diag);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t first = end != NULL ? (size_t)(end - data) : size;
	const char *source = arena_memdup(arena, data, first);
	size_t rest = end != NULL ? size - first - 1 : 0;
	const char *text = arena_memdup(arena, data + size - rest, rest);
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;
	struct list *list = lists_add(lists, "fuzz", PLACE_NONE, &diag);
	struct list_reader *reader;

	for (int subject = SUBJECT_TEXT; subject < SUBJECT_ANY; subject++)
		hold(arena, (enum subject)subject, source, text, rest);
	reader = list_reader_new(lists, list, "fuzz", &diag);
	list_reader_add(reader, (const char *)data, first);
	list_reader_add(reader, (const char *)data + first, size - first);
	list_reader_end(reader);
	lists_finish(lists);
	list_check(list, SUBJECT_ADDRESS, &diag);
	diag_release(&diag);
	arena_free(arena);
	return 0;
}
