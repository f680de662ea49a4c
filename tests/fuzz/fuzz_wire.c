/*
 * fuzz_wire - any bytes as a packet of a filter, as its terms, and as what a
 * client of the map server sends.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "wire/milter.h"
#include "wire/netstring.h"
#include "wire/socketmap.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_packet(struct arena *arena, const uint8_t *data, size_t size)
{
	const struct milter_terms offered = {
		.version = size > 0 ? data[size - 1] % 8u : 6,
		.actions = MILTER_MAY_ALL,
		.steps = 0xffffffffu,
	};
	struct diag diag = DIAG_INIT;
	struct milter_terms terms;
	struct milter_said said;
	size_t len;

	if (size >= MILTER_HEAD_BYTES &&
	    milter_read_head(data, &len, &diag) == 0 &&
	    (len == 0 || len > MILTER_PACKET_BYTES_MAX))
		abort();
	if (milter_read(&said, arena, data, size, &diag) == 0 &&
	    strlen(said.text[0]) + strlen(said.text[1]) + said.len > size)
		abort();
	if (milter_read_terms(&terms, arena, &offered, data, size,
	    &diag) == 0 && (terms.version > offered.version ||
	    (terms.actions & ~milter_known_actions(offered.version)) != 0))
		abort();
	diag_release(&diag);
}

/* Whatever was read is written again as it was. */
static void
read_netstrings(const char *data, size_t size)
{
	struct strbuf out = STRBUF_INIT;
	struct socketmap_request request;
	const char *start;
	size_t len, used;

	while (netstring_read(data, size, &start, &len,
	    &used) == NETSTRING_WHOLE) {
		strbuf_reset(&out);
		netstring_write(&out, start, len);
		if (used > size || out.len != used ||
		    memcmp(out.text, data, used) != 0)
			abort();
		if (socketmap_read(&request, start, len) == 0 &&
		    request.name_len + 1 + request.key_len != len)
			abort();
		data += used;
		size -= used;
	}
	strbuf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();

	read_packet(arena, data, size);
	read_netstrings((const char *)data, size);
	arena_free(arena);
	return 0;
}
