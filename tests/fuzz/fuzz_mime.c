/*
 * Feeds whatever comes to all that reads mail from outside:
 *
 *   clang -fsanitize=fuzzer,address,undefined ... tests/fuzz/fuzz_mime.c
 *
 * Small limits, so that the fuzzer meets them; what comes out has to be UTF-8.
 */
#include <stdint.h>
#include <string.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "policy/header.h"
#include "policy/mime.h"
#include "policy/walk.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct walk_limits limits = {
	.parts_max = 50,
	.depth_max = 10,
	.text_bytes_max = 4096
};

static void
must_be_utf8(struct text text)
{
	if (text.bytes[text.len] != '\0' ||
	    !utf8_is_valid(text.bytes, text.len))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of just this size: reading behind it is seen. */
	char *copy = malloc(size == 0 ? 1 : size);
	struct arena *arena = arena_new();
	struct texts names, bodies;
	size_t bytes = 0;

	if (size > 0)
		memcpy(copy, data, size);
	walk_message(arena, copy, size, &limits, &names, &bodies);
	for (size_t n = 0; n < names.count; n++)
		must_be_utf8(names.items[n]);
	for (size_t n = 0; n < bodies.count; n++) {
		must_be_utf8(bodies.items[n]);
		bytes += bodies.items[n].len;
	}
	if (bytes > limits.text_bytes_max)
		abort();
	must_be_utf8(header_decode_alone(arena, copy, size));
	must_be_utf8(mime_from_domain(arena, copy, size));
	arena_free(arena);
	free(copy);
	return 0;
}
