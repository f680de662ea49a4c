"""A proxy between mail server and filter that writes down what they say.

    from tap import MilterTap
    with MilterTap("inet:7001@127.0.0.1", "inet:7000@127.0.0.1") as tap:
        ...                              # a mail server uses the first socket
        tap.wait_closed(1)
        session = tap.connections[0]
        session.commands()               # "OCHMRTLLNBEQ", macro packets left out
        session.answers()                # "Occcccccch..."
        session.count(MTA, "L")          # headers sent
        session.offered.protocol, session.agreed.protocol
        session.macros()                 # [("C", {b"j": b"mx.example.com"}), ...]

Octets pass unchanged and at once, well formed or not; a packet is written down
before it is passed on.
"""

import collections
import os
import socket
import threading
import time

from milterproto import Splitter, decode_macros, decode_negotiation, parse_socket

MTA = "mta"
FILTER = "filter"

Packet = collections.namedtuple("Packet", "sender letter payload")


def _socket_for(kind):
    family = socket.AF_INET if kind == "inet" else socket.AF_UNIX
    return socket.socket(family, socket.SOCK_STREAM)


def _shut(end, how):
    """Shut one or both directions of a socket that may be gone already."""
    try:
        end.shutdown(how)
    except OSError:
        pass


class TapConnection:
    """One connection: packets is the list of all Packet(sender, letter, payload)
    so far, closed is True when both sides have ended it."""

    def __init__(self, mta, target):
        self.packets = []
        self.closed = False
        self._mta = mta
        self._target = target
        self._filter = None
        self._lock = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        """Join the two sides until both have ended."""
        kind, address = self._target
        try:
            with self._mta, _socket_for(kind) as filter_end:
                filter_end.connect(address)
                with self._lock:
                    self._filter = filter_end
                    if self._stopped:
                        return
                back = threading.Thread(target=self._pump, daemon=True,
                                        args=(filter_end, self._mta, FILTER))
                back.start()
                self._pump(self._mta, filter_end, MTA)
                back.join()
        except OSError:
            return
        finally:
            self.closed = True

    def _pump(self, source, sink, sender):
        """Pass octets from source to sink until the end, noting the packets."""
        splitter = Splitter()
        try:
            while True:
                octets = source.recv(65536)
                if not octets:
                    break
                for letter, payload in splitter.feed(octets):
                    self.packets.append(Packet(sender, letter, payload))
                sink.sendall(octets)
        except OSError:
            _shut(source, socket.SHUT_RDWR)
        _shut(sink, socket.SHUT_WR)

    def stop(self):
        """End the connection on both sides."""
        with self._lock:
            self._stopped = True
            if self._filter is not None:
                _shut(self._filter, socket.SHUT_RDWR)
        _shut(self._mta, socket.SHUT_RDWR)
        self._thread.join(5)

    def sent(self, sender, letters=None):
        """Packets of one side, all or those with one of the letters."""
        return [packet for packet in list(self.packets) if packet.sender == sender
                and (letters is None or packet.letter in letters)]

    def count(self, sender, letters=None):
        """How many packets one side sent, all or those with one of the letters."""
        return len(self.sent(sender, letters))

    def commands(self):
        """The letters of all commands of the mail server but its macro packets."""
        return "".join(packet.letter for packet in self.sent(MTA) if packet.letter != "D")

    def answers(self):
        """The letters of all that the filter sent."""
        return "".join(packet.letter for packet in self.sent(FILTER))

    def macros(self):
        """The macro packets as a list of (command letter, {name: value})."""
        return [decode_macros(packet.payload) for packet in self.sent(MTA, "D")]

    @property
    def offered(self):
        """The Negotiation that the mail server offered; None before that."""
        return self._negotiation(MTA)

    @property
    def agreed(self):
        """The Negotiation that the filter answered; None before that."""
        return self._negotiation(FILTER)

    def _negotiation(self, sender):
        packets = self.sent(sender, "O")
        return decode_negotiation(packets[0].payload) if packets else None


class MilterTap:
    """The proxy: listens at the socket listen, joins each connection to target.
    connections is the list of TapConnection, oldest first."""

    def __init__(self, listen, target):
        self.connections = []
        self._kind, self._address = parse_socket(listen)
        self._target = parse_socket(target)
        self._listener = None
        self._thread = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exception):
        self.stop()

    def start(self):
        self._listener = _socket_for(self._kind)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(self._address)
        if self._kind == "unix":
            os.chmod(self._address, 0o666)
        self._listener.listen(128)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                mta, _peer = self._listener.accept()
            except OSError:
                return
            self.connections.append(TapConnection(mta, self._target))

    def stop(self):
        """End all connections and stop listening. Harmless when repeated."""
        if self._listener is None:
            return
        _shut(self._listener, socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()
        self._listener = None
        for connection in self.connections:
            connection.stop()
        if self._kind == "unix":
            os.unlink(self._address)

    def packets(self):
        """The packets of all connections, one connection after the other."""
        return [packet for connection in list(self.connections)
                for packet in list(connection.packets)]

    def count(self, sender, letters=None):
        """How many packets one side sent in all connections."""
        return sum(connection.count(sender, letters) for connection in list(self.connections))

    def wait_closed(self, count=1, timeout=10.0):
        """Wait until count connections are over; returns those. Raises TimeoutError."""
        end = time.monotonic() + timeout
        while True:
            closed = [connection for connection in list(self.connections) if connection.closed]
            if len(closed) >= count:
                return closed
            if time.monotonic() > end:
                raise TimeoutError("%d of %d connections closed" % (len(closed), count))
            time.sleep(0.01)
