#!/usr/bin/env python3
"""Do the manuals say what the program does?

    docs.py PROGRAM

Every attribute, action, variable, side, setting (with its default), rule, verb,
option, outcome and key of a log line stands in the manuals, and the manuals
name no other; the manuals are lint-clean; the files and functions that README.md
names are there; every configuration that is shown loads without a problem.
Prints "ok NAME" or "not ok NAME: why" for each, and exits 1 if one is not.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMAND = "milter/milter-reply.8"
FORMAT = "milter/milter-reply.conf.5"
CONFIG_WORDS = re.compile(r"^\s*(daemon|site|reasons|lists|policies|milters|recognise|expect)"
                          r"\s*[:=]", re.M)

# Where the settings of each group stand: heading of the section, and words
# that begin a part of it.
SETTINGS = {
    "ROOT": ("SETTINGS", None),
    "DAEMON": ("The group daemon", None),
    "SITE": ("The group site", None),
    "REASON": ("The group reasons", "A reason can have"),
    "TEMPORARY": ("The group reasons", "In the group"),
    "LIST": ("The group lists", None),
    "POLICY": ("The list policies", None),
    "MILTER": ("The list milters", None),
    "RECOGNISE": ("The list recognise", None),
    "EXPECT": ("The list expect", None),
}

failed = False


def report(name, problems):
    """One line for a test; problems is a list of texts."""
    global failed
    if problems:
        failed = True
        print("not ok docs: %s: %s" % (name, "; ".join(problems)))
    else:
        print("ok docs: %s" % name)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def tokens(text):
    """C tokens as far as a table needs them."""
    return re.findall(r'"(?:\\.|[^"\\])*"|[(),]|[^\s(),"]+', text)


def table(path, macro):
    """The rows of an X-macro table: for each a list of its arguments, where a
    text is joined and without quotes."""
    text = re.sub(r"/\*.*?\*/", "", read(path), flags=re.S)
    words = tokens(text)
    rows, at = [], 0
    while at < len(words):
        if words[at] != macro:
            at += 1
            continue
        row, argument, depth = [], [], 1
        at += 2
        while depth > 0:
            word = words[at]
            depth += {"(": 1, ")": -1}.get(word, 0)
            if depth == 0 or (word == "," and depth == 1):
                row.append("".join(argument))
                argument = []
            else:
                argument.append(word[1:-1].replace('\\"', '"') if word[0] == '"' else word)
            at += 1
        rows.append(row)
    return rows


class Manual:
    """The source of a manual, by its headings."""

    def __init__(self, path):
        self.path = path
        self.sections = {}
        heading = ""
        for line in read(path).splitlines():
            if line.startswith((".Sh ", ".Ss ")):
                heading = line[4:]
                self.sections[heading] = []
            elif heading:
                self.sections[heading].append(line)

    def lines(self, heading, start=None, end=None):
        """Lines of a section, from the line that begins with start up to the
        one that begins with end."""
        lines = self.sections.get(heading, [])
        if start:
            begin = [i for i, line in enumerate(lines) if line.startswith(start)]
            lines = lines[begin[0]:] if begin else []
        if end:
            stop = [i for i, line in enumerate(lines) if line.startswith(end)]
            lines = lines[:stop[0]] if stop else lines
        return lines

    def items(self, heading, macro, start=None, end=None):
        """Names in the items of a section's lists, each with the line."""
        found = {}
        for line in self.lines(heading, start, end):
            if line.startswith(".It %s " % macro):
                for name in names(line, macro):
                    found.setdefault(name, line)
        return found


def names(line, macro):
    """`.It Va a , b , c' has three; `.It Ic a No = Li 1' and `.It Ic a Pq Cm
    b' have one."""
    words = line.split()[2:]
    found = []
    for word in words:
        if word == ",":
            continue
        if word in ("No", "Pq", "Ar", "Ns"):
            break
        found.append(word)
    return found


def compare(name, wanted, found):
    """Both are sets of names."""
    report(name, ["%s is missing" % n for n in sorted(set(wanted) - set(found))] +
           ["there is no %s" % n for n in sorted(set(found) - set(wanted))])


def check_settings(manual):
    for section, (heading, start) in SETTINGS.items():
        rows = [row for row in table("include/config/schema.def", "SETTING")
                if row[0] == section]
        end = "In the group" if section == "REASON" else \
            "The words for" if section == "TEMPORARY" else None
        items = manual.items(heading, "Ic", start, end)
        compare("settings of %s" % section.lower(), [row[1] for row in rows], items)
        wrong = []
        for row in rows:
            item = items.get(row[1], "").replace("\\(dq", '"')
            if row[6] and "No = Li " in item and not item.endswith("Li " + row[6]):
                wrong.append("%s is %s" % (row[1], row[6]))
            if row[6] and "No = Li " not in item:
                wrong.append("%s = %s is not told" % (row[1], row[6]))
        report("defaults of %s" % section.lower(), wrong)
    text = " ".join(manual.lines("The group daemon", "A reload changes all", "which need"))
    compare("settings that need a restart",
            [row[1] for row in table("include/config/schema.def", "SETTING") if row[5] == "START"],
            re.findall(r"[a-z_]+", text.split(".Ic", 1)[-1].replace(" and ", " ")
                       .replace(".Ic", "")))


def check_tables(command, manual):
    attributes = table("include/policy/attribute.def", "ATTRIBUTE")
    items = manual.items("ATTRIBUTES", "Ic")
    compare("attributes", [row[1] for row in attributes], items)
    report("stages of attributes", [
        "%s is known at %s" % (row[1], row[3].lower()) for row in attributes
        if not items.get(row[1], "").endswith("Pq Cm " + row[3].lower())])
    compare("actions", [row[1] for row in table("include/policy/action.def", "ACTION")],
            manual.items("ACTIONS", "Ic"))
    compare("variables", [row[1] for row in table("include/reply/variable.def", "VARIABLE")],
            manual.items("TEXTS AND VARIABLES", "Ic"))
    compare("sides", [row[1] for row in table("include/reply/side.def", "SIDE")],
            manual.items("The group reasons", "Cm"))
    compare("outcomes", [row[1] for row in table("include/session/outcome.def", "OUTCOME")],
            command.items("LOG", "Cm"))


def check_rules(manual):
    """Every rule of good writing stands there with its sentence."""
    found, name = {}, None
    for line in manual.lines("RULES"):
        if line.startswith(".It Ic "):
            name = line[7:]
            found[name] = []
        elif name and not line.startswith("."):
            found[name].append(line.replace("\\(dq", '"').replace("\\&", ""))
    wanted = {"%s Pq Cm %s" % (row[0], row[1].replace("SEVERITY_", "").lower()): row[3]
              for row in table("include/reply/lint.def", "LINT")}
    compare("rules", wanted, found)
    report("sentences of rules", ["%s wants: %s" % (rule, text) for rule, text in wanted.items()
                                  if " ".join(found.get(rule, [])) != text])


def check_log_keys(command):
    keys = set()
    for folder in ("milter/world", "milter/daemon"):
        for file in sorted(os.listdir(os.path.join(ROOT, folder))):
            if file.endswith(".c"):
                keys |= set(re.findall(r'\b(?:(?:log|known)_field|field_add|add_(?:number|text))'
                                       r'\(\s*&?\w+,\s*"([a-z_]+)"',
                                       read(os.path.join(folder, file))))
    keys |= {"matched"} if "evidence_field(" in read("milter/world/log.c") else set()
    keys |= {"reply"} if "reply_field(" in read("milter/world/log.c") else set()
    compare("keys of log lines", keys, command.items("LOG", "Va"))


def said(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True,
                          check=False).stdout


def check_command(program, command):
    usage = said(program, "--help")
    verbs = re.findall(r"^  ([a-z]+) ", usage, re.M)
    compare("verbs", verbs, command.items("VERBS", "Cm"))
    options = set()
    for text in [usage] + [said(program, verb, "--help") for verb in verbs]:
        options |= set(re.findall(r"^  (?:-[a-zA-Z],|   ) --([a-z-]+)", text, re.M))
    compare("options", options, {
        word[1:] for line in command.lines("OPTIONS") if line.startswith(".It Fl ")
        for word in line.split() if word.startswith("-")})
    report("version", [] if re.match(r"milter-reply \d+\.\d+\.\d+\n$", said(program, "-V"))
           else ["milter-reply -V does not tell it"])


def check_lint():
    if not shutil.which("mandoc"):
        report("mandoc", ["it is not installed; `make check' does that"])
        return
    for path in (COMMAND, FORMAT):
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], cwd=ROOT,
                              capture_output=True, text=True, check=False)
        report("lint of " + path, [line for line in (lint.stdout + lint.stderr).splitlines()])


def displays(path):
    """The literal blocks of a manual or of README.md, with their line."""
    block, start = None, 0
    markdown = path.endswith(".md")
    for number, line in enumerate(read(path).splitlines(), 1):
        if block is None:
            if line.startswith("```" if markdown else ".Bd -literal"):
                block, start = [], number + 1
        elif line.startswith("```" if markdown else ".Ed"):
            yield start, "\n".join(block) + "\n"
            block = None
        else:
            block.append(line if markdown else
                         line.replace("\\&", "").replace("\\(dq", '"').replace("\\e", "\\"))


def check_examples(program, path, wanted):
    """At least so many configurations are shown, and each loads."""
    count = 0
    for number, text in displays(path):
        if not CONFIG_WORDS.search(text):
            continue
        count += 1
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "example.conf")
            with open(file, "w", encoding="utf-8") as out:
                out.write(text)
            result = subprocess.run([program, "-c", file, "check"], capture_output=True,
                                    text=True, check=False)
        problems = [line.replace(file, "line") for line in result.stderr.splitlines()]
        if result.returncode != 0 and not problems:
            problems = ["exit status %d" % result.returncode]
        report("example at %s:%d loads" % (path, number), problems)
    report("examples of " + path, [] if count >= wanted else
           ["%d configurations, but there should be %d" % (count, wanted)])


def check_readme():
    """Files and functions that README.md names are there."""
    text = read("README.md")
    paths = set(re.findall(r"`((?:milter|include|tests|etc|rc|demo)/[^`* ]+)`", text))
    links = set(re.findall(r"\]\(([^):]+)\)", text))
    paths |= {link for link in links if not link.startswith("#")}
    headings = {"#" + heading.lower().replace(" ", "-")
                for heading in re.findall(r"^#+ (.+)$", text, re.M)}
    report("headings that README.md links to", [
        "there is no %s" % link for link in sorted(links)
        if link.startswith("#") and link not in headings])
    report("files that README.md names", [
        "there is no %s" % path for path in sorted(paths)
        if not os.path.exists(os.path.join(ROOT, path))])
    places = re.findall(r"`(\w+)\(\)`(?: in|,) `([^`]+\.c)`", text)
    report("functions that README.md names", [
        "no %s() in %s" % (function, path) for function, path in places
        if not re.search(r"^%s\(" % function, read(path), re.M)] or
           ([] if len(places) >= 8 else ["only %d of them were found" % len(places)]))
    report("README.md shows etc/milter-reply.conf",
           [] if read("etc/milter-reply.conf") in text else ["it is another one"])
    version = re.search(r'"([0-9.]+)"', read("include/base/version.h")).group(1)
    report("CHANGES begins with the version", [] if
           read("CHANGES").startswith("milter-reply %s\n" % version) else [version])


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: docs.py PROGRAM")
    program = os.path.abspath(sys.argv[1])
    command, manual = Manual(COMMAND), Manual(FORMAT)
    check_settings(manual)
    check_tables(command, manual)
    check_rules(manual)
    check_log_keys(command)
    check_command(program, command)
    check_lint()
    check_readme()
    check_examples(program, "README.md", 2)
    check_examples(program, FORMAT, 8)
    check_examples(program, COMMAND, 1)
    for path in ("etc/milter-reply.conf", "demo/milter-reply.conf"):
        result = subprocess.run([program, "-c", path, "check"], cwd=ROOT, capture_output=True,
                                text=True, check=False)
        report(path + " loads", result.stderr.splitlines())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
