#include "wire/milter.h"

#include <string.h>

#include "base/ip.h"
#include "base/strbuf.h"

/* All bits of a version, as in mfdef.h. */
#define ACTIONS_2	0x3fu
#define STEPS_2		0x7fu
#define STEPS_6		0x1fffffu

static void
add_number(struct strbuf *out, uint32_t number)
{
	const unsigned char bytes[] = {
		(unsigned char)(number >> 24), (unsigned char)(number >> 16),
		(unsigned char)(number >> 8), (unsigned char)number,
	};

	strbuf_add(out, bytes, sizeof(bytes));
}

/* With its NUL. */
static void
add_text(struct strbuf *out, const char *text)
{
	strbuf_add(out, text, strlen(text) + 1);
}

/* Returns where the packet begins, for packet_end(). */
static size_t
packet_begin(struct strbuf *out, enum milter_command command)
{
	size_t start = out->len;

	add_number(out, 0);
	strbuf_addch(out, (char)command);
	return start;
}

static void
packet_end(struct strbuf *out, size_t start)
{
	size_t len = out->len - start - MILTER_HEAD_BYTES;

	for (size_t i = 0; i < MILTER_HEAD_BYTES; i++)
		out->text[start + i] =
		    (char)(len >> (8 * (MILTER_HEAD_BYTES - 1 - i)));
}

uint32_t
milter_known_actions(unsigned version)
{
	return version < 6 ? ACTIONS_2 : MILTER_MAY_ALL;
}

/*
 * Version 5 brought no bits that an MTA would offer: it is as 4.  That headers
 * may go unanswered (0x80) is of version 6, out of the order of its bits.
 */
uint32_t
milter_known_steps(unsigned version)
{
	if (version >= 6)
		return STEPS_6;
	if (version >= 4)
		return STEPS_2 | MILTER_NO_UNKNOWN | MILTER_NO_DATA;
	if (version >= 3)
		return STEPS_2 | MILTER_NO_UNKNOWN;
	return STEPS_2;
}

bool
milter_terms_equal(const struct milter_terms *a, const struct milter_terms *b)
{
	if (a->version != b->version || a->actions != b->actions ||
	    a->steps != b->steps)
		return false;
	for (int p = 0; p < MILTER_PLACE_COUNT; p++) {
		if ((a->symbols[p] == NULL) != (b->symbols[p] == NULL))
			return false;
		if (a->symbols[p] != NULL &&
		    strcmp(a->symbols[p], b->symbols[p]) != 0)
			return false;
	}
	return true;
}

void
milter_write_negotiate(struct strbuf *out, const struct milter_terms *terms)
{
	size_t start = packet_begin(out, MILTER_NEGOTIATE);

	add_number(out, (uint32_t)terms->version);
	add_number(out, terms->actions & milter_known_actions(terms->version));
	add_number(out, terms->steps & milter_known_steps(terms->version));
	packet_end(out, start);
}

void
milter_write_macros(struct strbuf *out, enum milter_command command,
    const struct milter_macro *macros, size_t count)
{
	size_t start = packet_begin(out, MILTER_MACROS);

	strbuf_addch(out, (char)command);
	for (size_t i = 0; i < count; i++) {
		if (strlen(macros[i].name) == 1)
			strbuf_adds(out, macros[i].name);
		else
			strbuf_addf(out, "{%s}", macros[i].name);
		strbuf_addch(out, '\0');
		add_text(out, macros[i].value);
	}
	packet_end(out, start);
}

/*
 * Sendmail writes "IPv6:" before an IPv6 address and Postfix does not.
 * libmilter takes both; who wrote a library of his own may know one only, and
 * the plain form is the one that other parsers of addresses take.
 */
void
milter_write_connect(struct strbuf *out, const char *host,
    const struct ip *ip, unsigned port)
{
	size_t start = packet_begin(out, MILTER_CONNECT);
	char address[IP_TEXT_MAX];

	add_text(out, host);
	if (ip == NULL || ip->family == 0)
		strbuf_addch(out, 'U');
	else {
		strbuf_addch(out, ip->family == 4 ? '4' : '6');
		strbuf_addch(out, (char)(port >> 8));
		strbuf_addch(out, (char)port);
		ip_format(ip, address);
		add_text(out, address);
	}
	packet_end(out, start);
}

void
milter_write_texts(struct strbuf *out, enum milter_command command,
    const char *const *texts, size_t count)
{
	size_t start = packet_begin(out, command);

	for (size_t i = 0; i < count; i++)
		add_text(out, texts[i]);
	packet_end(out, start);
}

void
milter_write_bytes(struct strbuf *out, enum milter_command command,
    const void *bytes, size_t len)
{
	size_t start = packet_begin(out, command);

	strbuf_add(out, bytes, len);
	packet_end(out, start);
}

void
milter_write(struct strbuf *out, enum milter_command command)
{
	packet_end(out, packet_begin(out, command));
}
