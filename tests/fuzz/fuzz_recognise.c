/*
 * fuzz_recognise - any bytes as a refusal of somebody else, in a log or not,
 * and as a cue for one: what goes out must be sound.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/cue.h"
#include "reply/knowledge.h"
#include "reply/reason.h"
#include "reply/reply.h"
#include "reply/rewrite.h"
#include "reply/template.h"
#include "reply/unwrap.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What all runs share, made once. */
struct known {
	struct catalogue	*catalogue;
	struct knowledge	*knowledge;
	struct letterhead	 letterhead;
};

static const struct known *
known_get(void)
{
	static struct known known;
	struct diag diag = DIAG_INIT;
	struct arena *arena;

	if (known.knowledge != NULL)
		return &known;
	arena = arena_new();
	known.catalogue = catalogue_new(arena);
	known.knowledge = knowledge_new(arena, known.catalogue);
	knowledge_finish(known.knowledge);
	known.letterhead = (struct letterhead){
		.host = "mx.example.com",
		.help = template_compile(arena,
		    "https://example.com/mail/{reason}", &diag),
	};
	return &known;
}

static void
one(struct arena *arena, const struct unwrapped *unwrapped, bool class_stays)
{
	const struct known *known = known_get();
	const struct rewrite_how how = {
		.catalogue = known->catalogue,
		.knowledge = known->knowledge,
		.letterhead = &known->letterhead,
		.case_id = "7K3Q-X2M9",
		.origin = "",
		.class_stays = class_stays,
	};
	struct rewriting rewriting = rewrite(arena, &how, unwrapped);
	struct strbuf out = STRBUF_INIT;
	struct diag diag = DIAG_INIT;

	if (reply_new(arena, rewriting.reply->status, rewriting.reply->lines,
	    rewriting.reply->count, &diag) == NULL)
		abort();
	rewriting_footer(arena, &rewriting, unwrapped, &out);
	strbuf_reset(&out);
	rewriting_delivery(&rewriting, &out);
	if (out.len > 1000 || strpbrk(out.text, "\r\n") != NULL)
		abort();
	strbuf_release(&out);
}

/* The first line as a pattern, all of it as the text. */
static void
match(struct arena *arena, const char *text, size_t len)
{
	char *pattern = arena_memdup(arena, text, strcspn(text, "\n"));
	char *lower = arena_memdup(arena, text, len);
	struct values values = { .text = { NULL } };
	struct diag diag = DIAG_INIT;
	const struct cue *cue = cue_compile(arena, pattern, &diag);

	text_lower_all(lower);
	if (cue != NULL)
		cue_match(cue, arena, text, lower, strlen(lower), &values);
	diag_release(&diag);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_memdup(arena, data, size);
	struct unwrapped unwrapped;

	unwrapped = unwrap(arena, text, size);
	one(arena, &unwrapped, false);
	unwrapped = unwrap_said(arena, text, size);
	one(arena, &unwrapped, true);
	match(arena, text, size);
	arena_free(arena);
	return 0;
}
