/*
 * milter - the packets of the milter protocol, versions 2 to 6, as the MTA's
 * side sends and reads them.
 *
 * A packet is a length of four bytes (network order, of what follows), a
 * command byte, and its data.  Functions that write add one whole packet to
 * a buffer; those that read take the data of one, bound by its length, and
 * never trust it.  After libmilter's mfdef.h and mfapi.h; the numbers are the
 * protocol's.  Pure; no globals.
 */
#ifndef WIRE_MILTER_H
#define WIRE_MILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diag;
struct ip;
struct strbuf;

#define MILTER_VERSION_MIN	2
#define MILTER_VERSION_MAX	6
#define MILTER_HEAD_BYTES	4		/* the length before a packet */
/*
 * Of one body packet.  libmilter takes no more data than this with any
 * command, a header field of an MTA that allows longer ones included: it ends
 * the connection.
 */
#define MILTER_BODY_BYTES_MAX	65535
/*
 * The largest packet that is read: a changed body comes in pieces of 65,535, a
 * header field of a sane filter is smaller.
 */
#define MILTER_PACKET_BYTES_MAX	(1024 * 1024)

/* From the MTA.  The byte on the wire. */
enum milter_command {
	MILTER_ABORT = 'A',
	MILTER_BODY = 'B',
	MILTER_CONNECT = 'C',
	MILTER_MACROS = 'D',
	MILTER_END = 'E',		/* of message */
	MILTER_HELO = 'H',
	MILTER_HEADER = 'L',
	MILTER_MAIL = 'M',
	MILTER_END_OF_HEADERS = 'N',
	MILTER_NEGOTIATE = 'O',
	MILTER_QUIT = 'Q',
	MILTER_RCPT = 'R',
	MILTER_DATA = 'T',
	MILTER_UNKNOWN = 'U'
};

/* From the filter. */
enum milter_answer {
	MILTER_ADD_RCPT = '+',
	MILTER_DELETE_RCPT = '-',
	MILTER_ADD_RCPT_ARGS = '2',
	MILTER_SHUTDOWN = '4',
	MILTER_ACCEPT = 'a',
	MILTER_REPLACE_BODY = 'b',
	MILTER_CONTINUE = 'c',
	MILTER_DISCARD = 'd',
	MILTER_CHANGE_SENDER = 'e',
	MILTER_CONNECTION_FAIL = 'f',
	MILTER_ADD_HEADER = 'h',
	MILTER_INSERT_HEADER = 'i',
	MILTER_SYMBOL_LIST = 'l',	/* only inside of a negotiation */
	MILTER_CHANGE_HEADER = 'm',
	MILTER_PROGRESS = 'p',
	MILTER_QUARANTINE = 'q',
	MILTER_REJECT = 'r',
	MILTER_SKIP = 's',
	MILTER_TEMPFAIL = 't',
	MILTER_REPLY_CODE = 'y'
};

/* What a filter may do (SMFIF_*). */
#define MILTER_MAY_ADD_HEADERS		0x001u
#define MILTER_MAY_CHANGE_BODY		0x002u
#define MILTER_MAY_ADD_RCPT		0x004u
#define MILTER_MAY_DELETE_RCPT		0x008u
#define MILTER_MAY_CHANGE_HEADERS	0x010u
#define MILTER_MAY_QUARANTINE		0x020u
#define MILTER_MAY_CHANGE_SENDER	0x040u
#define MILTER_MAY_ADD_RCPT_ARGS	0x080u
#define MILTER_MAY_SET_SYMBOLS		0x100u
#define MILTER_MAY_ALL			0x1ffu

/* What is left out, left unanswered, or told beside (SMFIP_*). */
#define MILTER_NO_CONNECT	0x000001u
#define MILTER_NO_HELO		0x000002u
#define MILTER_NO_MAIL		0x000004u
#define MILTER_NO_RCPT		0x000008u
#define MILTER_NO_BODY		0x000010u
#define MILTER_NO_HEADERS	0x000020u
#define MILTER_NO_END_OF_HEADERS 0x000040u
#define MILTER_QUIET_HEADER	0x000080u
#define MILTER_NO_UNKNOWN	0x000100u
#define MILTER_NO_DATA		0x000200u
#define MILTER_SKIP_OFFERED	0x000400u
#define MILTER_TELL_REJECTED	0x000800u	/* refused recipients, too */
#define MILTER_QUIET_CONNECT	0x001000u
#define MILTER_QUIET_HELO	0x002000u
#define MILTER_QUIET_MAIL	0x004000u
#define MILTER_QUIET_RCPT	0x008000u
#define MILTER_QUIET_DATA	0x010000u
#define MILTER_QUIET_UNKNOWN	0x020000u
#define MILTER_QUIET_END_OF_HEADERS 0x040000u
#define MILTER_QUIET_BODY	0x080000u
#define MILTER_LEADING_SPACE	0x100000u	/* of header values, kept */

/* The places that macro lists are for (SMFIM_*). */
enum milter_place {
	MILTER_AT_CONNECT,
	MILTER_AT_HELO,
	MILTER_AT_MAIL,
	MILTER_AT_RCPT,
	MILTER_AT_DATA,
	MILTER_AT_END,
	MILTER_AT_END_OF_HEADERS,
	MILTER_PLACE_COUNT
};

struct milter_terms {
	unsigned	 version;
	uint32_t	 actions;
	uint32_t	 steps;
	/*
	 * Names that the filter asks for, "i {auth_authen}" in the arena;
	 * NULL: it did not say, so it gets the MTA's own choice.
	 */
	const char	*symbols[MILTER_PLACE_COUNT];
};

struct milter_macro {
	const char	*name;		/* without braces */
	const char	*value;
};

/*
 * The bits that a version of the protocol has.  Others are neither offered nor
 * taken.
 */
uint32_t	milter_known_actions(unsigned version);
uint32_t	milter_known_steps(unsigned version);

/* The same version, bits and lists; no list is not an empty one. */
bool		milter_terms_equal(const struct milter_terms *a,
		    const struct milter_terms *b);

/*
 * Writing: each adds one packet to out.  Of terms, bits that its version does
 * not have are left out; symbols are the filter's to send.
 */
void	milter_write_negotiate(struct strbuf *out,
	    const struct milter_terms *terms);
/*
 * For the command that follows; names get their braces back.  A packet without
 * macros is allowed, but libmilter ignores it and keeps those of the same
 * command before: what has no value any more is to be told with "".
 */
void	milter_write_macros(struct strbuf *out, enum milter_command command,
	    const struct milter_macro *macros, size_t count);
/* ip NULL or no address: family unknown; port in host order. */
void	milter_write_connect(struct strbuf *out, const char *host,
	    const struct ip *ip, unsigned port);
/* A command with texts as its data, each ended by a NUL. */
void	milter_write_texts(struct strbuf *out, enum milter_command command,
	    const char *const *texts, size_t count);
/*
 * MILTER_BODY, or MILTER_END with the last piece or none; the caller cuts the
 * body into pieces of at most MILTER_BODY_BYTES_MAX.
 */
void	milter_write_bytes(struct strbuf *out, enum milter_command command,
	    const void *bytes, size_t len);
/* A command without data. */
void	milter_write(struct strbuf *out, enum milter_command command);

/*
 * Reading.  The length in the head: returns 0 and *len (of command byte and
 * data, at least 1), or -1 with the reason in diag.
 */
int	milter_read_head(const unsigned char head[MILTER_HEAD_BYTES],
	    size_t *len, struct diag *diag);

/* One packet of the filter, read. */
struct milter_said {
	enum milter_answer	 answer;
	/*
	 * Its texts, in the order of the packet: a header's name and value,
	 * an address (and ESMTP arguments), a reply, a quarantine reason.
	 * Never NULL; "" where it has none.
	 */
	const char		*text[2];
	uint32_t		 index;		/* of a header */
	const unsigned char	*bytes;		/* of a changed body: within
						   the packet itself */
	size_t			 len;
};

/*
 * Reads a packet of len bytes from its command byte on.  Texts point to
 * copies in the arena.  Returns 0; or -1 with the reason in diag and *said
 * untouched: an unknown answer, data that is too short, too long or not ended.
 */
int	milter_read(struct milter_said *said, struct arena *arena,
	    const unsigned char *packet, size_t len, struct diag *diag);
/*
 * The answer to a negotiation.  Returns 0; or -1 with the reason and *terms
 * untouched: no such version, actions that were not offered.  Steps that were
 * not offered are left out; MILTER_NO_UNKNOWN and MILTER_NO_DATA are added for
 * a version that does not have these commands.
 */
int	milter_read_terms(struct milter_terms *terms, struct arena *arena,
	    const struct milter_terms *offered, const unsigned char *packet,
	    size_t len, struct diag *diag);

#endif
