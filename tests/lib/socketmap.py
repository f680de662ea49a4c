"""A client of a socketmap service, such as Postfix is.

    from socketmap import Socketmap, ask
    with Socketmap("inet:7000@127.0.0.1") as client:
        client.ask("filter", "554 5.7.1 ...")     # ("OK", "550-5.7.1 ...")
        client.send(request("footer", "..."))     # octets, and waits for nothing
        client.answer()                           # the next answer
        client.is_closed()                        # by the server, in time
    ask("unix:/path", "footer", "...")            # on a connection of its own

The socket is written as the daemon does: inet:PORT@HOST, inet6:PORT@HOST or
unix:PATH.  Keys and answers are str in latin-1, so that any octet can stand in
them.  Nothing waits longer than the timeout.
"""

import socket


def netstring(text):
    """The octets of one netstring."""
    raw = text.encode("latin-1")
    return b"%d:%s," % (len(raw), raw)


def request(name, key):
    """The octets of one request."""
    return netstring("%s %s" % (name, key))


def _connect(where, timeout):
    kind, _, rest = where.partition(":")
    if kind in ("inet", "inet6"):
        port, _, host = rest.partition("@")
        return socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), timeout)
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(timeout)
    client.connect(rest)
    return client


class Socketmap:
    """One connection."""

    def __init__(self, where, timeout=30.0):
        self._socket = _connect(where, timeout)
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        self._socket.close()

    def send(self, octets):
        """Send octets as they are and wait for nothing."""
        self._socket.sendall(octets)

    def _fill(self):
        octets = self._socket.recv(65536)
        if not octets:
            raise EOFError("closed after %r" % self._buffer)
        self._buffer += octets

    def answer(self):
        """The next answer, as (kind, text)."""
        while b":" not in self._buffer:
            self._fill()
        size, _, rest = self._buffer.partition(b":")
        while len(rest) <= int(size):
            self._fill()
            rest = self._buffer.partition(b":")[2]
        if rest[int(size):int(size) + 1] != b",":
            raise ValueError("no netstring: %r" % self._buffer[:100])
        self._buffer = rest[int(size) + 1:]
        kind, _, text = rest[:int(size)].decode("latin-1").partition(" ")
        return kind, text

    def ask(self, name, key):
        """Send a request; returns its answer, as (kind, text)."""
        self.send(request(name, key))
        return self.answer()

    def is_closed(self):
        """True once the server has closed it, with nothing left to read."""
        try:
            return not self._buffer and self._socket.recv(1) == b""
        except ConnectionResetError:
            return True


def ask(where, name, key):
    """One request on a connection of its own; returns (kind, text)."""
    with Socketmap(where) as client:
        return client.ask(name, key)
