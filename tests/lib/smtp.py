"""A small SMTP client that keeps every reply byte for byte.

    from smtp import Smtp
    with Smtp("127.0.0.1", port) as client:
        client.greeting                       # [b"220 mx.example.com ESMTP ..."]
        client.ehlo(b"client.example.org")
        client.mail(b"alice@example.org")
        lines = client.rcpt(b"bob@example.com")
        client.data(b"Subject: test\\r\\n\\r\\nText\\r\\n")
        client.quit()

Every command returns the raw lines of its reply as bytes, without CRLF, e.g.
[b"550-5.7.1 first line", b"550 5.7.1 last line"]. Texts may be str (ASCII)
or bytes with any content. Nothing waits longer than the timeout: a socket
timeout raises TimeoutError, a closed connection SmtpClosed.
"""

import re
import socket


class SmtpClosed(Exception):
    """The server closed the connection where a reply was due."""


def code(lines):
    """The reply code of raw reply lines as a number."""
    return int(lines[-1][:3])


def _octets(text):
    """bytes as they are; str as ASCII."""
    return text if isinstance(text, bytes) else text.encode("ascii")


def _path(address):
    """An address in angle brackets, unless it brings its own."""
    raw = _octets(address)
    return raw if raw.startswith(b"<") else b"<" + raw + b">"


def _command(word, address, parameters):
    """A MAIL or RCPT command line with its ESMTP parameters."""
    return b" ".join([word + _path(address)] + [_octets(p) for p in parameters])


def xtext(raw):
    """Octets in the xtext form of RFC 3461."""
    return b"".join(
        b"%c" % octet if 33 <= octet <= 126 and octet not in b"+=" else b"+%02X" % octet
        for octet in raw)


class Smtp:
    """One SMTP connection; the greeting is read at once."""

    def __init__(self, host, port, timeout=20.0, source=None):
        """source: local address to connect from, e.g. "127.0.0.7"."""
        local = (source, 0) if source else None
        self._socket = socket.create_connection((host, port), timeout, source_address=local)
        self._buffer = b""
        try:
            self.greeting = self.reply()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        """Close the connection without QUIT."""
        self._socket.close()

    def line(self):
        """Read one line; returns it without its CRLF (or bare LF)."""
        while b"\n" not in self._buffer:
            chunk = self._socket.recv(65536)
            if not chunk:
                raise SmtpClosed("connection closed after %r" % self._buffer)
            self._buffer += chunk
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line[:-1] if line.endswith(b"\r") else line

    def reply(self):
        """Read one whole reply; returns its raw lines."""
        lines = [self.line()]
        while re.match(rb"[0-9]{3}-", lines[-1]):
            lines.append(self.line())
        return lines

    def send(self, raw):
        """Send octets as they are and wait for nothing."""
        self._socket.sendall(raw)

    def cmd(self, line):
        """Send one command line (CRLF is added); returns the reply."""
        self.send(_octets(line) + b"\r\n")
        return self.reply()

    def ehlo(self, name=b"client.example.org"):
        return self.cmd(b"EHLO " + _octets(name))

    def helo(self, name=b"client.example.org"):
        return self.cmd(b"HELO " + _octets(name))

    def mail(self, address, *parameters):
        """parameters: ESMTP parameters such as b"SIZE=1000"."""
        return self.cmd(_command(b"MAIL FROM:", address, parameters))

    def rcpt(self, address, *parameters):
        return self.cmd(_command(b"RCPT TO:", address, parameters))

    def data(self, message):
        """Send DATA and, after a 354, the message with dots stuffed and lines
        ended by CRLF; returns the last reply."""
        answer = self.cmd(b"DATA")
        if code(answer) != 354:
            return answer
        body = re.sub(rb"\r?\n", b"\r\n", _octets(message))
        if body and not body.endswith(b"\r\n"):
            body += b"\r\n"
        self.send(re.sub(rb"(?m)^\.", b"..", body) + b".\r\n")
        return self.reply()

    def rset(self):
        return self.cmd(b"RSET")

    def quit(self):
        """Say goodbye, close; returns the reply."""
        answer = self.cmd(b"QUIT")
        self.close()
        return answer

    def xclient(self, **attributes):
        """Postfix only: act as another client, e.g. xclient(name="[UNAVAILABLE]",
        addr="192.0.2.7", helo="x"). The answer to success is a new greeting."""
        words = [b"%s=%s" % (name.upper().encode("ascii"), xtext(_octets(value)))
                 for name, value in attributes.items()]
        return self.cmd(b"XCLIENT " + b" ".join(words))
