#include "wire/milter.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"

#define NUMBER_BYTES	4
#define TERMS_BYTES	(3 * NUMBER_BYTES)

/* What is left of a packet, and for the reasons which answer it is. */
struct rest {
	const unsigned char	*bytes;
	size_t			 len;
	char			 name[8];	/* "y", or 0x07 */
};

/* What follows an answer's byte. */
enum form {
	FORM_NOTHING,
	FORM_TEXT,		/* one */
	FORM_TEXT_MORE,		/* one, and perhaps another */
	FORM_TEXTS,		/* two */
	FORM_INDEX_TEXTS,	/* a number and two */
	FORM_REPLY,		/* a text that may go on to the end */
	FORM_BYTES
};

static const struct {
	enum milter_answer	answer;
	enum form		form;
} forms[] = {
	{ MILTER_ADD_RCPT, FORM_TEXT },
	{ MILTER_DELETE_RCPT, FORM_TEXT },
	{ MILTER_ADD_RCPT_ARGS, FORM_TEXT_MORE },
	{ MILTER_SHUTDOWN, FORM_NOTHING },
	{ MILTER_ACCEPT, FORM_NOTHING },
	{ MILTER_REPLACE_BODY, FORM_BYTES },
	{ MILTER_CONTINUE, FORM_NOTHING },
	{ MILTER_DISCARD, FORM_NOTHING },
	{ MILTER_CHANGE_SENDER, FORM_TEXT_MORE },
	{ MILTER_CONNECTION_FAIL, FORM_NOTHING },
	{ MILTER_ADD_HEADER, FORM_TEXTS },
	{ MILTER_INSERT_HEADER, FORM_INDEX_TEXTS },
	{ MILTER_CHANGE_HEADER, FORM_INDEX_TEXTS },
	{ MILTER_PROGRESS, FORM_NOTHING },
	{ MILTER_QUARANTINE, FORM_REPLY },
	{ MILTER_REJECT, FORM_NOTHING },
	{ MILTER_SKIP, FORM_NOTHING },
	{ MILTER_TEMPFAIL, FORM_NOTHING },
	{ MILTER_REPLY_CODE, FORM_REPLY },
};

/* Behind the first byte of a packet. */
static struct rest
rest_behind(const unsigned char *packet, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	struct rest rest = { .bytes = packet + 1, .len = len - 1 };

	if (text_is_print((char)packet[0]))
		rest.name[0] = (char)packet[0];
	else {
		rest.name[0] = '0';
		rest.name[1] = 'x';
		rest.name[2] = digits[packet[0] >> 4];
		rest.name[3] = digits[packet[0] & 15];
	}
	return rest;
}

static int
take_number(struct rest *rest, uint32_t *number, struct diag *diag)
{
	const unsigned char *b = rest->bytes;

	if (rest->len < NUMBER_BYTES) {
		diag_error(diag, "answer \"%s\": the packet ends within a "
		    "number", rest->name);
		return -1;
	}
	*number = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | (uint32_t)b[3];
	rest->bytes += NUMBER_BYTES;
	rest->len -= NUMBER_BYTES;
	return 0;
}

static int
take_text(struct rest *rest, struct arena *arena, const char **text,
    struct diag *diag)
{
	const unsigned char *end = rest->len > 0 ?
	    memchr(rest->bytes, '\0', rest->len) : NULL;
	size_t len;

	if (end == NULL) {
		diag_error(diag, rest->len > 0 ?
		    "answer \"%s\": a text without its end" :
		    "answer \"%s\": a text is missing", rest->name);
		return -1;
	}
	len = (size_t)(end - rest->bytes);
	*text = arena_memdup(arena, rest->bytes, len);
	rest->bytes += len + 1;
	rest->len -= len + 1;
	return 0;
}

/*
 * A reply or a reason may lack its NUL: MTAs put one behind the packet, so
 * that a filter which forgets it was never found out.
 */
static void
take_reply(struct rest *rest, struct arena *arena, const char **text)
{
	const unsigned char *end = rest->len > 0 ?
	    memchr(rest->bytes, '\0', rest->len) : NULL;

	*text = arena_memdup(arena, rest->bytes,
	    end != NULL ? (size_t)(end - rest->bytes) : rest->len);
	rest->len = 0;
}

static int
take_data(struct rest *rest, enum form form, struct arena *arena,
    struct milter_said *said, struct diag *diag)
{
	switch (form) {
	case FORM_NOTHING:
		return 0;
	case FORM_TEXT:
		return take_text(rest, arena, &said->text[0], diag);
	case FORM_TEXT_MORE:
		if (take_text(rest, arena, &said->text[0], diag) == -1)
			return -1;
		return rest->len == 0 ? 0 :
		    take_text(rest, arena, &said->text[1], diag);
	case FORM_INDEX_TEXTS:
		if (take_number(rest, &said->index, diag) == -1)
			return -1;
		/* FALLTHROUGH */
	case FORM_TEXTS:
		if (take_text(rest, arena, &said->text[0], diag) == -1)
			return -1;
		return take_text(rest, arena, &said->text[1], diag);
	case FORM_REPLY:
		take_reply(rest, arena, &said->text[0]);
		return 0;
	case FORM_BYTES:
		said->bytes = rest->bytes;
		said->len = rest->len;
		rest->len = 0;
		return 0;
	}
	return 0;
}

int
milter_read_head(const unsigned char head[MILTER_HEAD_BYTES], size_t *len,
    struct diag *diag)
{
	struct rest rest = { .bytes = head, .len = MILTER_HEAD_BYTES };
	uint32_t number;

	if (take_number(&rest, &number, diag) == -1)
		return -1;
	if (number == 0) {
		diag_error(diag, "a packet of 0 bytes");
		return -1;
	}
	if (number > MILTER_PACKET_BYTES_MAX) {
		diag_error(diag, "a packet of %lu bytes, more than the %d that "
		    "are taken", (unsigned long)number,
		    MILTER_PACKET_BYTES_MAX);
		return -1;
	}
	*len = number;
	return 0;
}

int
milter_read(struct milter_said *said, struct arena *arena,
    const unsigned char *packet, size_t len, struct diag *diag)
{
	struct milter_said read = { .text = { "", "" } };
	struct rest rest;

	if (len == 0) {
		diag_error(diag, "a packet of 0 bytes");
		return -1;
	}
	rest = rest_behind(packet, len);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (packet[0] != (unsigned char)forms[i].answer)
			continue;
		read.answer = forms[i].answer;
		if (take_data(&rest, forms[i].form, arena, &read, diag) == -1)
			return -1;
		if (rest.len > 0) {
			diag_error(diag, "answer \"%s\": %zu bytes too many",
			    rest.name, rest.len);
			return -1;
		}
		*said = read;
		return 0;
	}
	diag_error(diag, "answer \"%s\": there is no such answer", rest.name);
	return -1;
}

/*
 * Which macros the filter wants: a place and a list of names, again and again.
 * A place that we do not know is of a later protocol, and no error.
 */
static int
take_symbols(struct rest *rest, struct arena *arena,
    struct milter_terms *terms, struct diag *diag)
{
	while (rest->len > 0) {
		const char *names;
		uint32_t place;

		if (take_number(rest, &place, diag) == -1 ||
		    take_text(rest, arena, &names, diag) == -1)
			return -1;
		if (place < MILTER_PLACE_COUNT)
			terms->symbols[place] = names;
	}
	return 0;
}

static int
check_terms(const struct milter_terms *terms,
    const struct milter_terms *offered, struct diag *diag)
{
	uint32_t actions = offered->actions &
	    milter_known_actions(offered->version);

	if (terms->version < MILTER_VERSION_MIN ||
	    terms->version > offered->version) {
		diag_error(diag, "it wants version %u of the protocol; we "
		    "offer %d to %u", terms->version, MILTER_VERSION_MIN,
		    offered->version);
		return -1;
	}
	if ((terms->actions & ~actions) != 0) {
		diag_error(diag, "it wants the actions 0x%lx, of which 0x%lx "
		    "are not offered", (unsigned long)terms->actions,
		    (unsigned long)(terms->actions & ~actions));
		return -1;
	}
	return 0;
}

int
milter_read_terms(struct milter_terms *terms, struct arena *arena,
    const struct milter_terms *offered, const unsigned char *packet,
    size_t len, struct diag *diag)
{
	struct milter_terms read = { .version = 0 };
	struct rest rest;
	uint32_t version;

	if (len == 0) {
		diag_error(diag, "a packet of 0 bytes");
		return -1;
	}
	rest = rest_behind(packet, len);
	if (packet[0] != MILTER_NEGOTIATE) {
		diag_error(diag, "answer \"%s\" where the terms are due",
		    rest.name);
		return -1;
	}
	if (rest.len < TERMS_BYTES) {
		diag_error(diag, "the terms are cut short: %zu bytes of %d",
		    rest.len, TERMS_BYTES);
		return -1;
	}
	if (take_number(&rest, &version, diag) == -1 ||
	    take_number(&rest, &read.actions, diag) == -1 ||
	    take_number(&rest, &read.steps, diag) == -1)
		return -1;
	read.version = version;
	if (check_terms(&read, offered, diag) == -1)
		return -1;
	read.steps &= offered->steps & milter_known_steps(offered->version);
	/* As Sendmail does: an old filter would end at the unknown command. */
	if (read.version < 3)
		read.steps |= MILTER_NO_UNKNOWN;
	if (read.version < 4)
		read.steps |= MILTER_NO_DATA;
	if (take_symbols(&rest, arena, &read, diag) == -1)
		return -1;
	*terms = read;
	return 0;
}
