#!/usr/bin/env python3
"""Whole conversations with the running daemon, kept as files.

    conversations.py PROGRAM [--rewrite]

tests/conversations/NAME.conf is a configuration without its daemon group,
NAME.session what an MTA says, NAME.transcript what must come of it: each step
with the daemon's answer, and at the end the lines that the daemon logged.  Case
numbers stand as XXXX-XXXX.  With --rewrite the transcripts are written anew,
and git shows what changed.

A line of a session is a step and its words: connect NAME ADDRESS, helo NAME,
mail ADDRESS, rcpt ADDRESS, macro LETTER NAME VALUE, header NAME VALUE, body
TEXT, data, eoh, end, abort.  Escapes such as \\n and \\xe4 stand for bytes.
"""

import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from cases import Folder, say                          # noqa: E402
from milterproto import PROTOCOL                       # noqa: E402
from peer import MilterPeer                            # noqa: E402
from served import Served                              # noqa: E402

FOLDER = os.path.join(HERE, "..", "conversations")
CASE = re.compile(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")


def octets(text):
    """The bytes of a word with escapes."""
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def shown(answer):
    """An answer as lines of the transcript."""
    lines = ["  %s %s" % (name, " ".join(repr(a.decode("latin-1")) if isinstance(a, bytes)
                                         else str(a) for a in arguments))
             for name, arguments in answer.changes]
    if answer.kind == "reply":
        return lines + ["  " + line.decode("ascii") for line in answer.lines]
    return lines + ["  " + answer.kind]


def step(peer, line):
    """Do one step of the session; returns its lines of the transcript."""
    verb, _, rest = line.partition(" ")
    words = rest.split(" ")
    if verb == "connect":
        answer = peer.connect(words[0], words[1], family="6" if ":" in words[1] else "4")
    elif verb == "macro":
        peer.macros(words[0], {words[1]: octets(" ".join(words[2:]))})
        return [line]
    elif verb == "header":
        answer = peer.header(words[0], octets(" ".join(words[1:])))
    elif verb == "body":
        answer = peer.body(octets(rest))
    elif verb in ("data", "eoh"):
        answer = getattr(peer, verb)()
    elif verb == "end":
        answer = peer.eom()
    elif verb == "abort":
        peer.abort()
        return [line]
    else:
        answer = getattr(peer, verb)(octets(rest))
    return [line] + shown(answer)


def bits(agreed):
    """The protocol bits that were agreed, for the head of the transcript."""
    return " ".join(name for name, bit in PROTOCOL.items() if agreed.protocol & bit)


def converse(program, name, folder):
    """Play one session; returns the transcript."""
    with open(os.path.join(FOLDER, name + ".conf"), encoding="utf-8") as conf:
        configuration = conf.read()
    with open(os.path.join(FOLDER, name + ".session"), encoding="utf-8") as session:
        steps = [line for line in session.read().splitlines()
                 if line and not line.startswith("#")]
    with Served(program, folder, configuration, name=name) as daemon:
        since = len(daemon.log())
        with MilterPeer(daemon.socket) as peer:
            agreed = peer.negotiate()
            transcript = ["agreed: " + bits(agreed)]
            for line in steps:
                transcript += step(peer, line)
            peer.quit()
    log = daemon.log()[since:].replace(folder + "/", "")
    decisions = [line for line in log.splitlines() if "outcome=" in line]
    text = "\n".join(transcript + ["log:"] + decisions) + "\n"
    return CASE.sub("XXXX-XXXX", text)


def main(program, rewrite):
    good = True
    with Folder() as folder:
        for file in sorted(glob.glob(os.path.join(FOLDER, "*.session"))):
            name = os.path.basename(file)[:-len(".session")]
            kept = os.path.join(FOLDER, name + ".transcript")
            got = converse(program, name, folder)
            if rewrite:
                with open(kept, "w", encoding="utf-8") as out:
                    out.write(got)
            with open(kept, encoding="utf-8") as expected:
                wanted = expected.read()
            good &= say(name, None if got == wanted else
                        "got:\n%swanted:\n%s" % (got, wanted))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), "--rewrite" in sys.argv[2:]))
