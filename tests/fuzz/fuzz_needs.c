/*
 * fuzz_needs - the first line is a regular expression, the rest a text: if it
 * matches, the text has what the expression needs.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "policy/needs.h"
#include "policy/prefilter.h"
#include "policy/regex.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t first = end != NULL ? (size_t)(end - data) : size;
	const char *expression = arena_memdup(arena, data, first);
	size_t rest = end != NULL ? size - first - 1 : 0;
	const char *text = arena_memdup(arena, data + size - rest, rest);
	struct diag diag = DIAG_INIT;
	const struct regex *regex = regex_new(arena, expression, &diag);
	struct marks marks;

	/* The globs of a text need something, too. */
	needs_of_glob(arena, expression);
	if (regex != NULL && regex_match(regex, text, rest) == TRUTH_YES) {
		prefilter_find(prefilter_new(arena, regex_needs(regex), 1),
		    text, rest, &marks);
		if (marks_next(&marks, 0) != 0)
			abort();
	} else if (regex == NULL)
		needs_of_expression(arena, expression);
	diag_release(&diag);
	arena_free(arena);
	return 0;
}
