#include "base/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/text.h"

static const unsigned char mapped_prefix[12] = {
	[10] = 0xff, [11] = 0xff
};

/* Copies text without brackets and "IPv6:" into bare; -1 where too long. */
static int
strip_literal(const char *text, char *bare, size_t size)
{
	size_t len = strlen(text);

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (text_starts(text, "IPv6:")) {
		text += 5;
		len -= 5;
	}
	if (len >= size)
		return -1;
	memcpy(bare, text, len);
	bare[len] = '\0';
	return 0;
}

int
ip_parse(struct ip *ip, const char *text)
{
	char bare[IP_TEXT_MAX];
	struct ip parsed = { .family = 0 };

	if (strip_literal(text, bare, sizeof(bare)) == -1)
		return -1;
	if (inet_pton(AF_INET, bare, parsed.bytes) == 1)
		parsed.family = 4;
	else if (inet_pton(AF_INET6, bare, parsed.bytes) == 1)
		parsed.family = 6;
	else
		return -1;
	if (parsed.family == 6 && memcmp(parsed.bytes, mapped_prefix,
	    sizeof(mapped_prefix)) == 0) {
		parsed.family = 4;
		memmove(parsed.bytes, parsed.bytes + 12, 4);
		memset(parsed.bytes + 4, 0, 12);
	}
	*ip = parsed;
	return 0;
}

void
ip_format(const struct ip *ip, char text[IP_TEXT_MAX])
{
	int family = ip->family == 6 ? AF_INET6 : AF_INET;

	text[0] = '\0';
	if (ip->family != 0)
		inet_ntop(family, ip->bytes, text, IP_TEXT_MAX);
}

bool
ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family &&
	    memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

unsigned
ip_bits(const struct ip *ip)
{
	return ip->family == 6 ? 128 : 32;
}

bool
ip_bit(const struct ip *ip, unsigned n)
{
	return (ip->bytes[n / 8] >> (7 - n % 8) & 1) != 0;
}

int
ip_block_parse(struct ip_block *block, const char *text, struct diag *diag)
{
	struct ip_block parsed = { .prefix = 0 };
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char address[IP_TEXT_MAX + 8];
	uint64_t prefix;

	if (len >= sizeof(address))
		len = sizeof(address) - 1;
	memcpy(address, text, len);
	address[len] = '\0';
	if (ip_parse(&parsed.ip, address) == -1) {
		diag_error(diag, "\"%s\" is not an IP address or address "
		    "block; write for example 192.0.2.0/24 or 2001:db8::/32",
		    text);
		return -1;
	}
	prefix = ip_bits(&parsed.ip);
	if (slash != NULL && text_number(slash + 1, prefix, &prefix) == -1) {
		diag_error(diag, "\"%s\" has no prefix length between 0 and %u "
		    "behind the slash", text, ip_bits(&parsed.ip));
		return -1;
	}
	parsed.prefix = (unsigned char)prefix;
	for (unsigned n = parsed.prefix; n < ip_bits(&parsed.ip); n++) {
		char first[IP_TEXT_MAX];

		if (!ip_bit(&parsed.ip, n))
			continue;
		for (; n < ip_bits(&parsed.ip); n++)
			parsed.ip.bytes[n / 8] &=
			    (unsigned char)~(1u << (7 - n % 8));
		ip_format(&parsed.ip, first);
		diag_error(diag, "\"%s\" has bits set behind its prefix; write "
		    "%s/%u", text, first, parsed.prefix);
		return -1;
	}
	*block = parsed;
	return 0;
}

bool
ip_block_holds(const struct ip_block *block, const struct ip *ip)
{
	unsigned whole = block->prefix / 8, rest = block->prefix % 8;

	if (block->ip.family != ip->family ||
	    memcmp(block->ip.bytes, ip->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    ((block->ip.bytes[whole] ^ ip->bytes[whole]) >> (8 - rest)) == 0;
}
