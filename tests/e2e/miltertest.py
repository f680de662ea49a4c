#!/usr/bin/env python3
"""The daemon under miltertest, a test program by other people.

    miltertest.py PROGRAM
"""

import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from cases import Folder, say                          # noqa: E402
from served import Served                              # noqa: E402

CONFIGURATION = """
policies: (
  { name = "helo"; when = { helo = "localhost"; }; reject = "bad-helo"; },
  { name = "gone"; when = { recipient = "gone@example.com"; }; reject = "no-such-mailbox"; },
  { name = "macros"; when = { attachment = "*.docm"; }; reject = "attachment-type"; },
  { name = "hold"; when = { subject = "hold"; }; quarantine = "held by policy"; } );
"""


def main(program):
    good = True
    with Folder() as folder, Served(program, folder, CONFIGURATION) as daemon:
        for script in sorted(glob.glob(os.path.join(HERE, "..", "miltertest", "*.lua"))):
            said = subprocess.run(["miltertest", "-s", script, "-D", "socket=" + daemon.socket],
                                  capture_output=True, text=True, timeout=120)
            good &= say(os.path.basename(script),
                        None if said.returncode == 0 else said.stdout + said.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
