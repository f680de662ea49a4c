/*
 * fuzz_config - any bytes as a configuration: what loads is printed, and what
 * was printed loads and prints the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "config/snapshot.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct snapshot *
load(const char *text, struct strbuf *printed)
{
	struct diag diag = DIAG_INIT;
	struct snapshot *snapshot = snapshot_load_text(text, "fuzz", &diag);

	if (snapshot != NULL)
		snapshot_print(snapshot, printed);
	diag_release(&diag);
	return snapshot;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
	char *text = xstrndup((const char *)data, size);
	struct snapshot *snapshot = load(text, &first), *again = NULL;

	if (snapshot != NULL) {
		again = load(first.text, &second);
		if (again == NULL || strcmp(first.text, second.text) != 0)
			abort();
		snapshot_put(again);
		snapshot_put(snapshot);
	}
	strbuf_release(&first);
	strbuf_release(&second);
	free(text);
	return 0;
}
