#include "config/mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "config/tree.h"
#include "policy/interval.h"
#include "reply/value.h"

#define NOON	(12 * 60)
#define MONDAY	1

/* What is read: its node, the mail it goes to, and who is told. */
struct reading {
	struct mail *mail;
	struct arena *arena;
	struct diag *diag;
};

static int
wrong(struct reading *r, const struct node *node, const char *wants)
{
	diag_add(r->diag, SEVERITY_ERROR, node->place, "given: %s must be %s",
	    node->name, wants);
	return -1;
}

static const char *
read_text(struct reading *r, const struct node *node)
{
	if (node->kind == NODE_TEXT)
		return node->text;
	wrong(r, node, "one text in quotes");
	return NULL;
}

/* One text or an array of them. */
static struct words
read_words(struct reading *r, const struct node *node)
{
	bool many = node->kind == NODE_ARRAY || node->kind == NODE_LIST;
	const struct node *items = many ? node->items : node;
	size_t count = many ? node->count : 1;
	const char **texts = arena_alloc(r->arena, count * sizeof(*texts));
	struct words words = { .count = count, .items = texts };

	for (size_t i = 0; i < count; i++) {
		texts[i] = items[i].text;
		if (items[i].kind != NODE_TEXT) {
			wrong(r, node, "a text or an array of texts");
			words.count = 0;
		}
	}
	if (many && count == 0)
		wrong(r, node, "an array that is not empty");
	return words;
}

/* A number, or in quotes one with k, M or G. */
static uint64_t
read_number(struct reading *r, const struct node *node, uint64_t max,
    const char *wants)
{
	uint64_t number = 0;
	bool fits = false;

	if (node->kind == NODE_NUMBER && node->number >= 0) {
		number = (uint64_t)node->number;
		fits = true;
	} else if (node->kind == NODE_TEXT)
		fits = amount_parse(&number, node->text) == 0;
	if (fits && number <= max)
		return number;
	wrong(r, node, wants);
	return 0;
}

static void
read_ip(struct reading *r, const struct node *node)
{
	if (node->kind != NODE_TEXT ||
	    ip_parse(&r->mail->client_ip, node->text) == -1)
		wrong(r, node, "one address, such as \"192.0.2.1\"");
}

static void
read_day(struct reading *r, const struct node *node)
{
	if (day_parse(&r->mail->now.weekday, node->text) == -1)
		wrong(r, node, "one day: \"mon\", \"tue\", \"wed\", \"thu\", "
		    "\"fri\", \"sat\" or \"sun\"");
}

static void
read_time(struct reading *r, const struct node *node)
{
	if (minute_parse(&r->mail->now.minute, node->text) == -1)
		wrong(r, node, "one time of day, from \"00:00\" to \"23:59\"");
}

static void
pairs_add(struct reading *r, struct mail_pairs *pairs, const char *name,
    const char *value)
{
	struct mail_pair *items;

	if (pairs->count == pairs->room) {
		pairs->room = pairs->room > 0 ? 2 * pairs->room : 8;
		items = arena_alloc(r->arena, pairs->room * sizeof(*items));
		if (pairs->count > 0)
			memcpy(items, pairs->items,
			    pairs->count * sizeof(*items));
		pairs->items = items;
	}
	pairs->items[pairs->count++] = (struct mail_pair){ name, value };
}

/* { NAME = "text"; NAME = [ "text", "text" ]; } */
static void
read_pairs(struct reading *r, const struct node *node,
    struct mail_pairs *pairs)
{
	if (node->kind != NODE_GROUP) {
		wrong(r, node, "a group { NAME = \"...\"; }");
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		const struct node *item = &node->items[i];
		struct words words = read_words(r, item);

		for (size_t n = 0; n < words.count; n++)
			pairs_add(r, pairs, item->name, words.items[n]);
	}
}

static void
read_derived(struct reading *r, const struct node *node, const char *from)
{
	diag_add(r->diag, SEVERITY_ERROR, node->place,
	    "given: %s follows from %s; write %s = \"...\"", node->name, from,
	    from);
}

static void
read_attribute(struct reading *r, const struct node *node,
    enum attribute attribute)
{
	struct mail *mail = r->mail;

	switch (attribute) {
	case ATTRIBUTE_CLIENT_IP:
		read_ip(r, node);
		break;
	case ATTRIBUTE_CLIENT_PORT:
		mail->number[attribute] = read_number(r, node, 65535,
		    "a port from 0 to 65535");
		break;
	case ATTRIBUTE_RECIPIENTS:
		mail->number[attribute] = read_number(r, node,
		    MAIL_RECIPIENTS_MAX, "a number from 0 to 10000");
		break;
	case ATTRIBUTE_SIZE:
		mail->number[attribute] = read_number(r, node,
		    MAIL_BYTES_MAX, "a size of at most \"256M\"");
		break;
	case ATTRIBUTE_HOPS:
		mail->number[attribute] = read_number(r, node, MAIL_HOPS_MAX,
		    "a number from 0 to 1000");
		break;
	case ATTRIBUTE_DAY:
		read_day(r, node);
		break;
	case ATTRIBUTE_TIME:
		read_time(r, node);
		break;
	case ATTRIBUTE_RECIPIENT:
		mail->recipients = read_words(r, node);
		break;
	case ATTRIBUTE_ATTACHMENT:
		mail->attachments = read_words(r, node);
		break;
	case ATTRIBUTE_HEADER:
		read_pairs(r, node, &mail->fields);
		break;
	case ATTRIBUTE_MACRO:
		read_pairs(r, node, &mail->macros);
		break;
	case ATTRIBUTE_SENDER_DOMAIN:
		read_derived(r, node, "sender");
		break;
	case ATTRIBUTE_RECIPIENT_DOMAIN:
		read_derived(r, node, "recipient");
		break;
	case ATTRIBUTE_HEADER_RAW:
		diag_add(r->diag, SEVERITY_ERROR, node->place, "given: the "
		    "fields of a mail stand in header; write header = "
		    "{ NAME = \"...\"; }");
		break;
	case ATTRIBUTE_CLIENT_NAME:
	case ATTRIBUTE_DAEMON_NAME:
	case ATTRIBUTE_HELO:
	case ATTRIBUTE_SENDER:
	case ATTRIBUTE_AUTH_USER:
	case ATTRIBUTE_AUTH_MECH:
	case ATTRIBUTE_TLS:
	case ATTRIBUTE_CIPHER:
	case ATTRIBUTE_QUEUE_ID:
	case ATTRIBUTE_SUBJECT:
	case ATTRIBUTE_BODY:
		mail->text[attribute] = read_text(r, node);
		break;
	case ATTRIBUTE_COUNT:
		break;
	}
}

void
mail_read(struct mail *mail, struct arena *arena, const struct node *given,
    struct diag *diag)
{
	struct reading r = { .mail = mail, .arena = arena, .diag = diag };
	const char **recipient = arena_alloc(arena, sizeof(*recipient));

	*recipient = variable_sample(VARIABLE_RECIPIENT);
	*mail = (struct mail){
		.now = { .weekday = MONDAY, .minute = NOON },
		.recipients = { .count = 1, .items = recipient },
	};
	mail->text[ATTRIBUTE_SENDER] = variable_sample(VARIABLE_SENDER);
	for (size_t i = 0; given != NULL && i < given->count; i++) {
		const struct node *node = &given->items[i];
		struct diag why = DIAG_INIT;
		enum attribute attribute;

		if (attribute_from_name(node->name, &attribute, &why) == 0)
			read_attribute(&r, node, attribute);
		diag_take(diag, &why, node->place, "given: ");
	}
}
