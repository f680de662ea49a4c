/*
 * ip - IPv4 and IPv6 addresses and blocks as plain values.
 *
 * An IPv4 address that came mapped into IPv6 (::ffff:192.0.2.1) is the IPv4
 * address.  No globals; safe from any thread.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdbool.h>
#include <stddef.h>

struct diag;

struct ip {
	unsigned char	family;		/* 4 or 6; 0 is no address */
	unsigned char	bytes[16];	/* network order; IPv4 uses 4 */
};

struct ip_block {
	struct ip	ip;		/* bits behind the prefix are zero */
	unsigned char	prefix;		/* 0 to 32, or 0 to 128 */
};

#define IP_TEXT_MAX	46		/* with the NUL, as INET6_ADDRSTRLEN */

/*
 * Text forms: "192.0.2.1", "2001:db8::1", with or without the brackets and
 * the "IPv6:" of an address literal (RFC 5321 4.1.3).  Returns 0, or -1 and
 * leaves *ip alone.
 */
int	ip_parse(struct ip *ip, const char *text);
/* Writes the shortest usual form, or "" for no address. */
void	ip_format(const struct ip *ip, char text[IP_TEXT_MAX]);
bool	ip_equal(const struct ip *a, const struct ip *b);

/*
 * "192.0.2.0/24", "2001:db8::/32", or an address alone (a block of one).
 * Returns 0; or -1 with the reason in diag, for example where bits behind the
 * prefix are set, and *block untouched.
 */
int	ip_block_parse(struct ip_block *block, const char *text,
	    struct diag *diag);
bool	ip_block_holds(const struct ip_block *block, const struct ip *ip);
/* The number of bits of an address of this family: 32 or 128. */
unsigned	ip_bits(const struct ip *ip);
/* Bit n, from 0 for the highest. */
bool	ip_bit(const struct ip *ip, unsigned n);

#endif
