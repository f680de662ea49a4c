"""A milter that says what a test wants, at a socket of its own.

    from scripted import CLOSE, HANG, ScriptedMilter, changes, reply
    with ScriptedMilter({"R": reply("550 5.1.1 no such user")}) as child:
        child.socket                      # "inet:PORT@127.0.0.1"
        child.commands()                  # "OCMRQ", of all connections

The script says for each command letter (milterproto.COMMANDS) what is sent:
octets, CLOSE, HANG, None (nothing at all), or a function of the payload that
returns one of them. Without an entry the answer is "continue"; "O" is answered
with the version, actions and protocol bits that the test gives. Commands whose
answer was agreed to be silence get none.
"""

import socket
import struct
import threading
import time

from milterproto import (ALL_ACTIONS, PROTOCOL, Splitter, VERSION, decode_macros,
                         encode_negotiation, packet)
from ports import free_port

CLOSE, HANG = object(), object()
QUIET = {"C": "NR_CONN", "H": "NR_HELO", "M": "NR_MAIL", "R": "NR_RCPT", "T": "NR_DATA",
         "U": "NR_UNKN", "L": "NR_HDR", "N": "NR_EOH", "B": "NR_BODY"}
SILENT = "DAQ"                            # never answered


def reply(text):
    """The answer with this reply."""
    return packet("y", text.encode("latin-1") + b"\0")


def changes(*packets):
    """Packets of changes, and "continue" behind them."""
    return b"".join(packets) + packet("c")


def add_header(name, value):
    return packet("h", b"%s\0%s\0" % (name.encode(), value.encode()))


def insert_header(index, name, value):
    return packet("i", struct.pack(">I", index) + b"%s\0%s\0" % (name.encode(), value.encode()))


def change_header(index, name, value):
    return packet("m", struct.pack(">I", index) + b"%s\0%s\0" % (name.encode(), value.encode()))


def symbols(lists):
    """The macro lists behind a negotiation, {place: "names"}."""
    return b"".join(struct.pack(">I", place) + names.encode() + b"\0"
                    for place, names in lists.items())


class ScriptedMilter:
    """Serves any number of connections, a thread each."""

    def __init__(self, script=None, protocol=0, actions=ALL_ACTIONS, version=VERSION,
                 macros=None):
        self.script = dict(script or {})
        self.protocol, self.actions, self.version = protocol, actions, version
        self.macro_lists = macros or {}
        self.port = free_port()
        self.socket = "inet:%d@127.0.0.1" % self.port
        self.packets = []                 # (letter, payload), of all connections
        self.connections = 0
        self.talks = []                   # the commands of each connection
        self._open = []
        self._closing = False
        self._listener = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exception):
        self.stop()

    def start(self):
        self._closing = False
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        """No connection is taken any more, and all are closed."""
        self._closing = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(connection)
            talk = []
            self.talks.append(talk)
            threading.Thread(target=self._serve, args=(connection, talk), daemon=True).start()

    def _serve(self, connection, talk):
        splitter = Splitter()
        try:
            while True:
                octets = connection.recv(65536)
                if not octets:
                    return
                for letter, payload in splitter.feed(octets):
                    self.packets.append((letter, payload))
                    if letter != "D":
                        talk.append(letter)
                    if not self._answer(connection, letter, payload):
                        return
        except OSError:
            pass
        finally:
            connection.close()

    def _answer(self, connection, letter, payload):
        """False where the connection is over."""
        if letter in self.script:
            said = self.script[letter]
            if callable(said):
                said = said(payload)
        elif letter == "O":
            said = packet("O", encode_negotiation(self.version, self.actions, self.protocol) +
                          symbols(self.macro_lists))
        elif letter in SILENT or self.protocol & PROTOCOL.get(QUIET.get(letter), 0):
            said = None
        else:
            said = packet("c")
        if said is CLOSE:
            return False
        if said is HANG:
            while not self._closing:
                time.sleep(0.05)
            return False
        if said is not None:
            connection.sendall(said)
        return letter != "Q"

    def commands(self):
        """The letters of all commands but macros, in their order."""
        return "".join(letter for letter, _ in list(self.packets) if letter != "D")

    def payloads(self, letter):
        return [payload for one, payload in list(self.packets) if one == letter]

    def macros(self, command):
        """What came as macros before a command, of the last time."""
        found = {}
        for payload in self.payloads("D"):
            letter, macros = decode_macros(payload)
            if letter == command:
                found = macros
        return found
