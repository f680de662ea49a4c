"""Words and packets of the milter protocol, version 6.

    from milterproto import packet, Splitter, decode_negotiation, decode_macros
    raw = packet("H", b"client.example.org\\0")
    for letter, payload in Splitter().feed(raw): ...

A packet is a length of four octets (big-endian), a command letter that counts
in it, and a payload. The numbers are those of libmilter/mfdef.h.
"""

import collections
import struct

VERSION = 6
ALL_ACTIONS = 0x000001FF
ALL_PROTOCOL = 0x001FFFFF

ACTIONS = {
    "ADDHDRS": 0x01, "CHGBODY": 0x02, "ADDRCPT": 0x04, "DELRCPT": 0x08, "CHGHDRS": 0x10,
    "QUARANTINE": 0x20, "CHGFROM": 0x40, "ADDRCPT_PAR": 0x80, "SETSYMLIST": 0x100,
}

PROTOCOL = {
    "NOCONNECT": 0x00000001, "NOHELO": 0x00000002, "NOMAIL": 0x00000004, "NORCPT": 0x00000008,
    "NOBODY": 0x00000010, "NOHDRS": 0x00000020, "NOEOH": 0x00000040, "NR_HDR": 0x00000080,
    "NOUNKNOWN": 0x00000100, "NODATA": 0x00000200, "SKIP": 0x00000400, "RCPT_REJ": 0x00000800,
    "NR_CONN": 0x00001000, "NR_HELO": 0x00002000, "NR_MAIL": 0x00004000, "NR_RCPT": 0x00008000,
    "NR_DATA": 0x00010000, "NR_UNKN": 0x00020000, "NR_EOH": 0x00040000, "NR_BODY": 0x00080000,
    "HDR_LEADSPC": 0x00100000, "MDS_256K": 0x10000000, "MDS_1M": 0x20000000,
}

# Letters of the commands, from the mail server to the filter.
COMMANDS = {
    "A": "abort", "B": "body", "C": "connect", "D": "macro", "E": "eom", "H": "helo",
    "K": "quit_nc", "L": "header", "M": "mail", "N": "eoh", "O": "optneg", "Q": "quit",
    "R": "rcpt", "T": "data", "U": "unknown",
}

# Letters of the answers that end a step.
ANSWERS = {
    "a": "accept", "c": "continue", "d": "discard", "r": "reject", "s": "skip",
    "t": "tempfail", "y": "reply", "f": "conn_fail", "4": "shutdown",
}

# Letters of the changes to a message, which come before the answer to eom.
CHANGES = {
    "+": "addrcpt", "2": "addrcpt_par", "-": "delrcpt", "b": "replbody", "e": "chgfrom",
    "h": "addheader", "i": "insheader", "m": "chgheader", "q": "quarantine",
}

# The stages of the macro lists that a filter may ask for, as command letters.
STAGES = {0: "C", 1: "H", 2: "M", 3: "R", 4: "T", 5: "E", 6: "N"}

Negotiation = collections.namedtuple("Negotiation", "version actions protocol symbols")
Negotiation.__doc__ = """What an O packet says: three numbers, and symbols, the macro lists
that the filter asks for: {command letter: "names separated by spaces or commas"}."""


def names(bits, table):
    """The set of names in table (ACTIONS or PROTOCOL) whose bits are set."""
    return {name for name, bit in table.items() if bits & bit}


def packet(letter, payload=b""):
    """The octets of one packet."""
    return struct.pack(">I", len(payload) + 1) + letter.encode("latin-1") + payload


def strings(payload):
    """The NUL-ended strings in a payload as a list of bytes."""
    parts = payload.split(b"\0")
    return parts if parts[-1] else parts[:-1]


def decode_negotiation(payload):
    """The Negotiation in the payload of an O packet of either side."""
    version, actions, protocol = struct.unpack_from(">III", payload)
    symbols = {}
    position = 12
    while position < len(payload):
        stage, = struct.unpack_from(">I", payload, position)
        end = payload.index(b"\0", position + 4)
        symbols[STAGES[stage]] = payload[position + 4:end].decode("latin-1")
        position = end + 1
    return Negotiation(version, actions, protocol, symbols)


def encode_negotiation(version, actions, protocol):
    """The payload of an O packet."""
    return struct.pack(">III", version, actions, protocol)


def decode_macros(payload):
    """From the payload of a D packet: the letter of the command that the macros
    belong to, and {name: value} as bytes; names keep their braces."""
    fields = payload[1:].split(b"\0")
    return payload[:1].decode("latin-1"), dict(zip(fields[0:-1:2], fields[1::2]))


def encode_macros(letter, macros):
    """The payload of a D packet from {name: value} as bytes."""
    pairs = b"".join(name + b"\0" + value + b"\0" for name, value in macros.items())
    return letter.encode("latin-1") + pairs


class Splitter:
    """Cuts a stream of octets into packets."""

    def __init__(self):
        self._buffer = b""

    def feed(self, octets):
        """Take further octets; returns the packets complete now, as a list of
        (letter, payload). The letter of an empty packet is ""."""
        self._buffer += octets
        packets = []
        while len(self._buffer) >= 4:
            size, = struct.unpack_from(">I", self._buffer)
            if len(self._buffer) < 4 + size:
                break
            body = self._buffer[4:4 + size]
            packets.append((body[:1].decode("latin-1"), body[1:]))
            self._buffer = self._buffer[4 + size:]
        return packets


def parse_socket(text):
    """A socket as libmilter writes it, inet:PORT@HOST or unix:PATH (local:, or a
    bare path), as ("inet" or "unix", address for connect and bind)."""
    kind, _, rest = text.partition(":")
    if kind in ("inet", "inet6"):
        port, _, host = rest.partition("@")
        return "inet", (host or "127.0.0.1", int(port))
    return "unix", rest if kind in ("unix", "local") else text
