"""A small DNS server on the loopback interface.

    from dns import Dns
    with Dns(lambda name, kind: ["127.0.0.2"] if kind == "A" else []) as dns:
        dns.address                       # of its own, port 53

The function gets a name in lower case without its last dot and a kind ("A",
"MX", "TXT", ..., or a number), and returns the texts of the records: "10
mx.example.com" of an MX.  [] is no such record, None no such name, and an
exception no answer worth the name (SERVFAIL).  Needs root, for the port.
"""

import random
import socket
import struct
import threading

KINDS = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA"}
NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME = 0, 2, 3


def _name(text):
    """A domain name as octets."""
    return b"".join(bytes([len(label)]) + label.encode("ascii")
                    for label in text.split(".") if label) + b"\0"


def _data(kind, text):
    """The data of one record."""
    if kind == "A":
        return socket.inet_aton(text)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, text)
    if kind == "TXT":
        return bytes([len(text)]) + text.encode("ascii")
    if kind == "MX":
        preference, _, host = text.partition(" ")
        return struct.pack(">H", int(preference)) + _name(host)
    return _name(text)


def _question(query):
    """The name, the number of the kind, and where the question ends."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1").lower())
        at += 1 + query[at]
    return ".".join(labels), struct.unpack_from(">H", query, at + 1)[0], at + 5


class Dns:
    """The server, with a thread of its own."""

    def __init__(self, zone):
        self._zone = zone
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.address = "127.%d.%d.%d" % tuple(random.randrange(2, 250) for _ in range(3))
        self._socket.bind((self.address, 53))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._zone = None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (self.address, 53))
        self._thread.join()
        self._socket.close()

    def _run(self):
        while True:
            query, client = self._socket.recvfrom(4096)
            if self._zone is None:
                return
            if len(query) > 16:
                self._socket.sendto(self._answer(query), client)

    def _answer(self, query):
        name, number, end = _question(query)
        kind = KINDS.get(number, number)
        code, records = NO_ERROR, []
        try:
            records = self._zone(name, kind)
        except Exception:
            code = SERVER_FAILURE
        if records is None:
            code, records = NO_SUCH_NAME, []
        answers = b"".join(struct.pack(">HHHIH", 0xC00C, number, 1, 60, len(data)) + data
                           for data in (_data(kind, text) for text in records))
        return (query[:2] + struct.pack(">HHHHH", 0x8580 | code, 1, len(records), 0, 0) +
                query[12:end] + answers)
