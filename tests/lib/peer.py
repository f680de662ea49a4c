"""The mail server's side of the milter protocol, to test a filter without one.

    from peer import MilterPeer
    with MilterPeer("inet:7000@127.0.0.1") as peer:
        peer.negotiate()
        peer.macros("C", {"j": "mx.example.com", "{daemon_name}": "MTA"})
        peer.connect("client.example.org", "192.0.2.7", 12345)
        peer.helo("client.example.org")
        peer.mail("alice@example.org")
        answer = peer.rcpt("refused@example.com")
        answer.kind, answer.lines             # "reply", [b"550 5.7.1 ..."]
        peer.data()
        peer.header("Subject", "test")
        peer.eoh()
        peer.body(b"Text\\r\\n")
        answer = peer.eom()
        answer.kind, answer.changes           # "accept", [("addheader", [b"X", b"y"])]
        peer.quit()

Like a mail server it leaves out the steps that the filter declined (kind "not
sent") and waits for no answer where none was agreed (kind "no reply"). What to
do after an answer is up to the test. Texts may be str (Latin-1) or bytes. All
waiting ends after the timeout with TimeoutError; where the filter closes the
connection instead of answering, PeerClosed is raised.
"""

import socket
import struct

from milterproto import (ALL_ACTIONS, ALL_PROTOCOL, ANSWERS, CHANGES, PROTOCOL, VERSION, Splitter,
                         decode_negotiation, encode_macros, encode_negotiation, packet,
                         parse_socket, strings)

# Which agreed bits make a step go away or go without answer.
DECLINED = {"C": "NOCONNECT", "H": "NOHELO", "M": "NOMAIL", "R": "NORCPT", "T": "NODATA",
            "L": "NOHDRS", "N": "NOEOH", "B": "NOBODY", "U": "NOUNKNOWN"}
UNANSWERED = {"C": "NR_CONN", "H": "NR_HELO", "M": "NR_MAIL", "R": "NR_RCPT", "T": "NR_DATA",
              "L": "NR_HDR", "N": "NR_EOH", "B": "NR_BODY", "U": "NR_UNKN"}
BODY_CHUNK = 65535


class PeerClosed(Exception):
    """The filter closed the connection where an answer was due."""


class Answer:
    """What the filter said to one step.

    kind      accept, continue, discard, reject, skip, tempfail, reply, conn_fail,
              shutdown; "not sent" or "no reply" where the filter was not asked
    text      the reply text as sent (with % doubled), for kind "reply"
    lines     the same as the client will see it: a list of lines
    changes   list of (name, arguments) asked for before the answer, for eom
    progress  how many progress packets came before it
    """

    def __init__(self, kind, payload=b"", changes=(), progress=0):
        self.kind = kind
        self.text = payload.rstrip(b"\0") if kind == "reply" else None
        self.changes = list(changes)
        self.progress = progress

    @property
    def lines(self):
        return [] if self.text is None else self.text.replace(b"%%", b"%").split(b"\r\n")

    @property
    def code(self):
        """The reply code of kind "reply" as a number, else None."""
        return None if self.text is None else int(self.text[:3])

    def __repr__(self):
        return "Answer(%r, %r, %r)" % (self.kind, self.text, self.changes)


def _octets(text):
    return text if isinstance(text, bytes) else text.encode("latin-1")


def _joined(*texts):
    """Texts as NUL-ended strings."""
    return b"".join(_octets(text) + b"\0" for text in texts)


def _path(address):
    """An address in angle brackets, unless it brings its own."""
    raw = _octets(address)
    return raw if raw.startswith(b"<") else b"<" + raw + b">"


def _change(letter, payload):
    """A change packet as (name, arguments)."""
    if letter == "b":
        return CHANGES[letter], [payload]
    if letter in "im":
        index, = struct.unpack_from(">I", payload)
        return CHANGES[letter], [index] + strings(payload[4:])
    return CHANGES[letter], strings(payload)


class MilterPeer:
    """One connection to a filter at a socket, inet:PORT@HOST or unix:PATH."""

    def __init__(self, target, timeout=10.0):
        kind, address = parse_socket(target)
        family = socket.AF_INET if kind == "inet" else socket.AF_UNIX
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        self._splitter = Splitter()
        self._packets = []
        self._skip_body = False
        self.agreed = None
        try:
            self._socket.connect(address)
            if kind == "inet":
                # Several steps go out before an answer is waited for.
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        """Close the connection without a word."""
        self._socket.close()

    def raw(self, octets):
        """Send octets as they are."""
        self._socket.sendall(octets)

    def send(self, letter, payload=b""):
        """Send one packet; whatever was agreed, and wait for nothing."""
        self.raw(packet(letter, payload))

    def receive(self):
        """Wait for the next packet; returns (letter, payload)."""
        while not self._packets:
            try:
                octets = self._socket.recv(65536)
            except ConnectionResetError:
                octets = b""
            if not octets:
                raise PeerClosed("the filter closed the connection")
            self._packets = self._splitter.feed(octets)
        return self._packets.pop(0)

    def wait_closed(self):
        """Wait until the filter closes the connection; returns the packets that
        came before that."""
        packets = []
        try:
            while True:
                packets.append(self.receive())
        except PeerClosed:
            return packets

    def negotiate(self, actions=ALL_ACTIONS, protocol=ALL_PROTOCOL, version=VERSION):
        """Offer version and bits; returns the filter's Negotiation, which also is
        in .agreed and rules the steps from now on."""
        self.send("O", encode_negotiation(version, actions, protocol))
        letter, payload = self.receive()
        if letter != "O":
            raise ValueError("the filter answered %r to the negotiation" % letter)
        self.agreed = decode_negotiation(payload)
        return self.agreed

    def _has(self, name):
        """True when the protocol bit of this name was agreed."""
        return self.agreed is not None and bool(self.agreed.protocol & PROTOCOL[name])

    def _step(self, letter, payload=b""):
        """Do one step within what was agreed; returns its Answer."""
        if letter in DECLINED and self._has(DECLINED[letter]):
            return Answer("not sent")
        self.send(letter, payload)
        if letter in UNANSWERED and self._has(UNANSWERED[letter]):
            return Answer("no reply")
        return self.answer()

    def answer(self):
        """Wait for the Answer to a step, past changes and progress packets."""
        changes = []
        progress = 0
        while True:
            letter, payload = self.receive()
            if letter in ANSWERS:
                return Answer(ANSWERS[letter], payload, changes, progress)
            if letter in CHANGES:
                changes.append(_change(letter, payload))
            elif letter == "p":
                progress += 1
            else:
                raise ValueError("the filter sent %r %r" % (letter, payload))

    def macros(self, letter, values):
        """Send macros for the command of this letter, {name: value}. Where the
        filter asked for certain ones, only those."""
        wanted = self.agreed.symbols.get(letter) if self.agreed else None
        if wanted is not None:
            listed = {name.strip("{}") for name in wanted.replace(",", " ").split()}
            values = {name: value for name, value in values.items()
                      if name.strip("{}") in listed}
        self.send("D", encode_macros(letter, {_octets(name): _octets(value)
                                              for name, value in values.items()}))

    def connect(self, host, address="192.0.2.7", port=40000, family="4"):
        """family: "4", "6", "L" (Unix socket) or "U" (unknown: no address)."""
        payload = _joined(host) + family.encode("ascii")
        if family != "U":
            payload += struct.pack(">H", port) + _joined(address)
        return self._step("C", payload)

    def helo(self, name):
        return self._step("H", _joined(name))

    def mail(self, address, *parameters):
        """parameters: ESMTP parameters such as "SIZE=1000"."""
        self._skip_body = False
        return self._step("M", _joined(_path(address), *parameters))

    def rcpt(self, address, *parameters, refused=False):
        """refused: a recipient that the mail server itself has refused, which the
        filter hears of only where SMFIP_RCPT_REJ was agreed."""
        if refused and not self._has("RCPT_REJ"):
            return Answer("not sent")
        return self._step("R", _joined(_path(address), *parameters))

    def data(self):
        return self._step("T")

    def unknown(self, command):
        """A command line that SMTP does not know."""
        return self._step("U", _joined(command))

    def header(self, name, value):
        """value: without the space after the colon."""
        space = b" " if self._has("HDR_LEADSPC") else b""
        return self._step("L", _joined(name, space + _octets(value)))

    def eoh(self):
        return self._step("N")

    def body(self, octets):
        """Send the body in chunks of at most 65,535 octets until an answer other
        than "continue" comes; returns the last one."""
        last = Answer("not sent")
        for start in range(0, len(octets), BODY_CHUNK):
            if self._skip_body:
                return Answer("not sent")
            last = self._step("B", octets[start:start + BODY_CHUNK])
            self._skip_body = last.kind == "skip"
            if last.kind not in ("continue", "no reply"):
                break
        return last

    def eom(self):
        """End the message; the answer's changes are what the filter asks for."""
        self._skip_body = False
        return self._step("E")

    def abort(self):
        """Give up the message; has no answer."""
        self._skip_body = False
        self.send("A")

    def quit(self):
        """End the connection; the filter is to close it."""
        self.send("Q")
        self.wait_closed()
        self.close()

    def quit_new_connection(self):
        """End the session but keep the connection: the next call is connect().
        libmilter ignores it unless it comes right after eom() or unknown()."""
        self.send("K")
