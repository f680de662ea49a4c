#include "config/load.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "config/schema.h"
#include "config/tree.h"
#include "reply/cue.h"
#include "reply/knowledge.h"
#include "reply/origin.h"
#include "reply/reason.h"
#include "reply/recognise.h"

/* One row while it is read and tried. */
struct row {
	struct load		*load;
	const struct node	*node;
	struct recognise_entry	 entry;
	bool			 fine;
};

static void
problem(struct row *row, const char *key, const char *text)
{
	diag_add(row->load->diag, SEVERITY_ERROR, node_place(row->node, key),
	    "recognise: %s", text);
	row->fine = false;
}

static void
check_from(struct row *row)
{
	struct diag why = DIAG_INIT;

	if (row->entry.from != NULL && origins_check(row->load->origins,
	    row->entry.from, &why) == -1)
		problem(row, "from", diag_first(&why));
	diag_release(&why);
}

static void
check_whole(struct row *row)
{
	if (row->entry.reply.count == 0 &&
	    (node_find(row->node, "reply") == NULL ||
	    node_find(row->node, "reply")->kind == NODE_ARRAY))
		problem(row, "reply", "no pattern; write reply = \"*words of "
		    "the reply*\"");
	if (node_find(row->node, "reason") == NULL)
		problem(row, "reason", "no reason; write reason = \"...\", or "
		    "\"unclear\" where the words do not say why");
	if (row->entry.reason == NULL || row->entry.reply.count == 0)
		row->fine = false;
}

static void
add_patterns(struct row *row)
{
	for (size_t i = 0; i < row->entry.reply.count; i++) {
		struct diag why = DIAG_INIT;

		knowledge_add(row->load->knowledge, &(struct meaning_source){
			.from = row->entry.from != NULL ?
			    row->entry.from : "",
			.reply = row->entry.reply.items[i],
			.reason = row->entry.reason,
			.doubtful = strcmp(row->entry.sure,
			    sure_name(SURE_LOW)) == 0,
			.place = row->node->place,
		}, &why);
		if (why.errors > 0)
			row->fine = false;
		diag_take(row->load->diag, &why,
		    node_place(row->node, "reply"), "recognise: ");
	}
}

/* What a case became, and by which pattern: for the message. */
static void
tell_case(struct row *row, const char *text,
    const struct recognition *recognition)
{
	const struct meaning *meaning = recognition->meaning;
	struct strbuf out = STRBUF_INIT, place = STRBUF_INIT;

	strbuf_adds(&out, "the case ");
	names_quote(&out, text);
	strbuf_addf(&out, " becomes \"%s\", not \"%s\"",
	    recognition->reason != NULL ? recognition->reason->name : UNCLEAR,
	    row->entry.reason);
	if (meaning == NULL)
		strbuf_adds(&out, "; no pattern holds for it: has it a * at "
		    "both ends?");
	else if (meaning->place.line == 0)
		strbuf_addf(&out, " (built in: %s, \"%s\")", meaning->origin,
		    cue_source(meaning->cue));
	else {
		place_format(meaning->place, &place);
		strbuf_addf(&out, ", by the row at %s, which stands before",
		    place.text);
	}
	problem(row, "cases", out.text);
	strbuf_release(&place);
	strbuf_release(&out);
}

static void
try_cases(struct row *row)
{
	for (size_t i = 0; i < row->entry.cases.count; i++) {
		const char *text = row->entry.cases.items[i];
		struct arena *arena = arena_new();
		struct unwrapped unwrapped = unwrap(arena, text, strlen(text));
		struct recognition recognition = recognise(arena,
		    row->load->knowledge, row->entry.from != NULL ?
		    row->entry.from : "", &unwrapped);

		if (strcmp(recognition.reason != NULL ?
		    recognition.reason->name : UNCLEAR,
		    row->entry.reason) != 0)
			tell_case(row, text, &recognition);
		arena_free(arena);
	}
}

void
load_recognise(struct load *load)
{
	const struct node *rows = load->root.recognise;
	size_t count = rows != NULL ? rows->count : 0;
	struct row *table = arena_alloc(load->arena, count * sizeof(*table));

	load->knowledge = knowledge_new(load->arena, load->catalogue);
	for (size_t i = 0; i < count; i++) {
		struct row *row = &table[i];

		*row = (struct row){
			.load = load,
			.node = &rows->items[i],
			.fine = true,
		};
		schema_read(SECTION_RECOGNISE, &row->entry, row->node,
		    load->defaults, load->arena, load->diag);
		check_from(row);
		check_whole(row);
		if (row->entry.reason != NULL)
			add_patterns(row);
	}
	knowledge_finish(load->knowledge);
	for (size_t i = 0; i < count; i++)
		if (table[i].fine)
			try_cases(&table[i]);
}
