/*
 * fuzz_template - any bytes as a text with variables, and as the value of one
 * of each kind: what comes out is one line of printable ASCII.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/template.h"
#include "reply/value.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be_clean(const struct strbuf *out, size_t from)
{
	for (size_t i = from; i < out->len; i++)
		if (!text_is_print(out->text[i]) || out->text[i] == '%')
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_memdup(arena, data, size);
	struct strbuf out = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	struct values values;
	const struct template *template;

	for (int v = 0; v < VARIABLE_COUNT; v++) {
		strbuf_reset(&out);
		value_clean(variable_kind((enum variable)v), text, &out);
		must_be_clean(&out, 0);
		values.text[v] = text;
	}
	template = template_compile(arena, text, &diag);
	if (template != NULL) {
		template_fill(template, &values, &out);
		template_fill(template, NULL, &out);
	}
	diag_release(&diag);
	strbuf_release(&out);
	arena_free(arena);
	return 0;
}
