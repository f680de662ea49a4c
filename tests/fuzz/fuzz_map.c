/*
 * fuzz_map - any bytes as a connection to the maps service.
 *
 * What comes out must be whole netstrings, of printable text but for the line
 * ends between the lines of a filter.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/knowledge.h"
#include "reply/reason.h"
#include "session/env.h"
#include "session/map.h"
#include "session/refused.h"
#include "session/rules.h"
#include "wire/netstring.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
no_chance(void *world, void *bytes, size_t size)
{
	(void)world;
	memset(bytes, 0, size);
}

static void
no_record(void *world, const struct record *record)
{
	(void)world;
	(void)record;
}

static void
answer(const struct rules *rules, struct refused *refused,
    const struct socketmap_request *request)
{
	static const struct env env = { .random = no_chance,
		.record = no_record };
	struct arena *arena = arena_new();
	struct strbuf text = STRBUF_INIT;
	struct values values = { .text = { NULL } };
	enum socketmap_answer kind;

	values.text[VARIABLE_CLIENT_IP] = "192.0.2.1";
	values.text[VARIABLE_SENDER] = arena_memdup(arena, request->key,
	    request->key_len);
	refused_note(refused, &env, values.text[VARIABLE_SENDER], "5.7.1",
	    "Relay access denied", &values);
	kind = map_answer(rules, &env, refused, arena, request, &text);
	if (kind == SOCKETMAP_NOTFOUND && text.len > 0)
		abort();
	for (size_t i = 0; i < text.len; i++)
		if (!text_is_print(text.text[i]) &&
		    (request->name[1] != 'i' || strchr("\r\n", text.text[i]) ==
		    NULL))
			abort();
	strbuf_release(&text);
	arena_free(arena);
	refused_forget(refused, &env);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rules rules;	/* the same each time */
	static struct refused *refused;
	const char *at = (const char *)data, *start;
	struct socketmap_request request;
	size_t len, used;

	if (rules.catalogue == NULL) {
		struct arena *arena = arena_new();
		struct catalogue *catalogue = catalogue_new(arena);
		struct knowledge *knowledge = knowledge_new(arena, catalogue);

		knowledge_finish(knowledge);
		refused = refused_new();
		rules.catalogue = catalogue;
		rules.knowledge = knowledge;
		rules.letterhead.host = "mx.example.com";
		rules.show_case = true;
	}
	while (netstring_read(at, size, &start, &len, &used) ==
	    NETSTRING_WHOLE) {
		if (socketmap_read(&request, start, len) == 0)
			answer(&rules, refused, &request);
		at += used;
		size -= used;
	}
	return 0;
}
