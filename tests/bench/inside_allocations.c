/*
 * What a mail takes from the heap, counted: by anybody, libraries included.
 *
 * For each kind of policies: connection (all of one that brings one message),
 * message (one of many on a connection); and what one more policy, or one more
 * field of the header, adds.  small are allocations below the size of an
 * arena's block, blocks those above.
 */
#include "inside_mails.h"

#include <stdio.h>

#include "../unit/heap.h"
#include "base/strbuf.h"

#define FEW		10
#define MANY		1000
#define FIELDS_FEW	5
#define FIELDS_MANY	100

/* # is the number of the policy. */
static const struct kind {
	const char *name;
	const char *condition;
} kinds[] = {
	{ "envelope", "sender = \"user#@shop#.example\"" },
	{ "expression", "helo = \"/^h[0-9]+-#\\\\./\"" },
	{ "header", "subject = \"*word #*\"" },
	{ "header_expression", "subject = \"/word[0-9] #/\"" },
	{ "body", "body = \"/word[0-9] #/\"" },
};

static struct snapshot *
load(const char *condition, size_t count)
{
	struct strbuf text = STRBUF_INIT;
	struct snapshot *snapshot;

	strbuf_adds(&text, "policies: (\n");
	for (size_t n = 0; n < count; n++) {
		strbuf_addf(&text, "%s{ name = \"p%zu\"; reject = \"spam\"; "
		    "when = { ", n > 0 ? ",\n" : "", n);
		for (const char *at = condition; *at != '\0'; at++)
			if (*at == '#')
				strbuf_addf(&text, "%zu", n);
			else
				strbuf_addch(&text, *at);
		strbuf_adds(&text, "; }; }");
	}
	strbuf_adds(&text, " );\n");
	snapshot = inside_load(text.text);
	strbuf_release(&text);
	return snapshot;
}

struct taken {
	struct heap	connection, message;
};

/* The third time, as what is kept for later is there by then. */
static struct taken
measure(const char *condition, size_t policies, size_t fields)
{
	struct snapshot *snapshot = load(condition, policies);
	struct judged_field row[FIELDS_MANY];
	struct judged judged;
	struct taken taken = { .connection = { .on = false } };
	struct judged_mail mail;
	struct mails mails;

	mails_init(&mails, 60);
	mail = mails.mail[0];
	for (size_t i = 0; i < fields; i++)
		row[i] = (struct judged_field){ "Subject", "some words" };
	if (fields > 0) {
		mail.fields = row;
		mail.field_count = fields;
	}
	for (int round = 0; round < 3; round++) {
		heap_begin();
		judged_begin(&judged, snapshot_rules(snapshot), &mails.env,
		    &mail);
		judged_message(&judged, &mail);
		taken.connection = heap_end();
		judged_message(&judged, &mail);
		heap_begin();
		judged_message(&judged, &mail);
		taken.message = heap_end();
		heap_begin();
		judged_end(&judged);
		heap_end();
	}
	mails_release(&mails);
	snapshot_put(snapshot);
	return taken;
}

static void
say(struct inside *inside, const char *kind, const char *what, double value)
{
	char name[100];

	snprintf(name, sizeof(name), "%s_%s", kind, what);
	inside_figure(inside, name, value);
}

static double
all_of(struct heap taken)
{
	return (double)(taken.small + taken.blocks);
}

void
inside_allocations(struct inside *inside)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *name = kinds[i].name;
		const char *condition = kinds[i].condition;
		struct taken few, many, short_header, long_header;

		if (!inside_wants(inside, name))
			continue;
		few = measure(condition, FEW, 0);
		many = measure(condition, MANY, 0);
		short_header = measure(condition, FEW, FIELDS_FEW);
		long_header = measure(condition, FEW, FIELDS_MANY);
		say(inside, name, "connection_small",
		    (double)few.connection.small);
		say(inside, name, "connection_blocks",
		    (double)few.connection.blocks);
		say(inside, name, "connection_bytes",
		    (double)few.connection.bytes);
		say(inside, name, "message_small", (double)few.message.small);
		say(inside, name, "message_blocks",
		    (double)few.message.blocks);
		say(inside, name, "message_bytes", (double)few.message.bytes);
		say(inside, name, "each_policy", (all_of(many.connection) -
		    all_of(few.connection)) / (MANY - FEW));
		say(inside, name, "each_field", ((double)
		    long_header.message.small - (double)
		    short_header.message.small) / (FIELDS_MANY - FIELDS_FEW));
		say(inside, name, "each_field_blocks", ((double)
		    long_header.message.blocks - (double)
		    short_header.message.blocks) / (FIELDS_MANY - FIELDS_FEW));
		say(inside, name, "each_field_bytes", ((double)
		    long_header.message.bytes - (double)
		    short_header.message.bytes) / (FIELDS_MANY - FIELDS_FEW));
	}
}
