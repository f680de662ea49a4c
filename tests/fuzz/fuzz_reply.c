/* fuzz_reply - any bytes as a reply, read and held against all lint rules. */
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "reply/lint.h"
#include "reply/raw.h"
#include "reply/status.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const struct lint_context context = { .stage = "RCPT" };
	struct lint_findings findings;
	struct diag diag = DIAG_INIT;
	struct raw_reply reply;
	struct status status;

	reply = raw_parse(arena, (const char *)data, size);
	lint_check(arena, &reply, &context, LINT_LOADED, &findings);
	status_parse(&status, arena_memdup(arena, data, size), &diag);
	diag_release(&diag);
	arena_free(arena);
	return 0;
}
