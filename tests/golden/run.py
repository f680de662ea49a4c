#!/usr/bin/env python3
"""Run the command line of the tool and compare what it prints.

    run.py BINARY [--rewrite] [NAME...]

NAME.cmd has the arguments of one command a line, as for the shell; what
stands behind `|', `&&' or `<' works, too, and $TMP is an empty folder.  Where
there is a NAME.conf, `-c NAME.conf' is put in front.  NAME.out is the
transcript: each command, its standard output, its standard error marked with
`! ', and its exit status.  --rewrite makes the transcripts anew; git shows
what changed.
"""

import difflib
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def names(chosen):
    """All cases, or those that were named."""
    known = sorted(f[:-4] for f in os.listdir(HERE) if f.endswith(".cmd"))
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        sys.exit("run.py: no such case: " + ", ".join(unknown))
    return chosen or known


def run(command, tmp):
    """The transcript of one command."""
    path = os.path.join(tmp, "bin") + os.pathsep + os.environ["PATH"]
    environment = {"PATH": path, "LC_ALL": "C", "TZ": "UTC",
                   "TMP": os.path.join(tmp, "work")}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
                 "LD_LIBRARY_PATH"):
        if name in os.environ:
            environment[name] = os.environ[name]
    done = subprocess.run(["sh", "-c", command], cwd=HERE, env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, check=False)
    out = done.stdout.decode("utf-8", "backslashreplace")
    err = done.stderr.decode("utf-8", "backslashreplace")
    lines = out.splitlines() + ["! " + line for line in err.splitlines()]
    lines.append("exit %d" % done.returncode)
    return [line.replace(environment["TMP"], "$TMP") for line in lines]


def transcript(name, binary):
    """All commands of a case, with what they print."""
    front = "milter-reply "
    if os.path.exists(os.path.join(HERE, name + ".conf")):
        front += "-c %s.conf " % name
    lines = []
    with tempfile.TemporaryDirectory() as tmp:
        os.mkdir(os.path.join(tmp, "bin"))
        os.mkdir(os.path.join(tmp, "work"))
        os.symlink(binary, os.path.join(tmp, "bin", "milter-reply"))
        with open(os.path.join(HERE, name + ".cmd"), encoding="utf-8") as f:
            for command in f.read().splitlines():
                if not command or command.startswith("#"):
                    lines.append(command)
                    continue
                lines.append("$ milter-reply " + command)
                lines += run(front + command, tmp)
    return "".join(line + "\n" for line in lines)


def main():
    """Compare, or rewrite, the cases."""
    rewrite = "--rewrite" in sys.argv
    arguments = [a for a in sys.argv[1:] if a != "--rewrite"]
    if not arguments:
        sys.exit(__doc__)
    binary = os.path.abspath(arguments[0])
    failed = 0
    for name in names(arguments[1:]):
        path = os.path.join(HERE, name + ".out")
        got = transcript(name, binary)
        if rewrite:
            with open(path, "w", encoding="utf-8") as f:
                f.write(got)
        wanted = ""
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                wanted = f.read()
        if got == wanted:
            print("ok", name)
            continue
        failed += 1
        print("not ok", name)
        sys.stdout.writelines(difflib.unified_diff(
            wanted.splitlines(True), got.splitlines(True),
            name + ".out", "this run"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
