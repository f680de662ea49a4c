"""What was measured, as tables and as JSON.

The tables are Markdown that can also be read as it is.
"""

import datetime
import json
import os
import platform
import subprocess

TARGET_HEAD = ["case", "target", "here", "doing nothing", ""]
ROW_HEAD = ["case", "filter", "messages/s", "CPU", "user", "system", "round trips", "p50", "p99",
            "memory", "threads"]
FIGURE_HEAD = ["case", "figure", "value"]


def table(head, rows, right=1):
    """Lines of a table; from column number right on, to the right."""
    widths = [max(len(row[n]) for row in [head] + rows) for n in range(len(head))]

    def line(cells):
        return "| " + " | ".join(
            cell.rjust(width) if n >= right else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(cells, widths))) + " |"

    rule = "|" + "|".join("-" * (width + 1) + (":" if n >= right else "-")
                          for n, width in enumerate(widths)) + "|"
    return [line(head), rule] + [line(row) for row in rows]


def _targets(results):
    return [[target["what"], target["target"], target["here"], target["libmilter"],
             "met" if target["met"] else "NOT MET"]
            for result in results.values() for target in result["targets"]]


def _number(value):
    """Three digits."""
    if value >= 1e6:
        return "%.3gM" % (value / 1e6)
    if value >= 10000:
        return "%.3gk" % (value / 1000)
    return "%.0f" % value if value >= 100 else "%.3g" % value


def _micro(value):
    """Microseconds, readable."""
    if value >= 10000:
        return _number(value / 1000) + " ms"
    return _number(value) + " µs"


def _cells(row):
    """The figures of a row: absolute for what the others are held against, and
    ratios to it for those."""
    figures, ratio = row["figures"], row["ratio"]
    if row["is_base"]:
        return [_number(figures["messages_per_second"])] + [
            _micro(figures[name]) for name in ("cpu_us", "user_us", "system_us")] + [
            _number(figures["round_trips"]), _micro(figures["p50_us"]), _micro(figures["p99_us"]),
            "%.1f MiB" % figures["peak_mib"], _number(figures["threads"])]
    return ["%.2f" % ratio[name] for name in (
        "messages_per_second", "cpu_us", "user_us", "system_us")] + [
        "%.2f (%s)" % (ratio["round_trips"], _number(figures["round_trips"])),
        "%.2f" % ratio["p50_us"], "%.2f" % ratio["p99_us"], "%.2f" % ratio["peak_mib"],
        "%.2f" % ratio["threads"]]


def _rows(results):
    lines = []
    for result in results.values():
        lines += [[result["title"] if row["is_base"] else "", row["filter"]] + _cells(row)
                  for row in result["rows"]]
    return lines


def _figures(results):
    return [[result["title"] if n == 0 else "", name, _number(value)]
            for result in results.values()
            for n, (name, value) in enumerate(result["figures"].items())]


def tables(results):
    """The text of all tables."""
    lines = []
    for head, rows, right in ((TARGET_HEAD, _targets(results), 1), (ROW_HEAD, _rows(results), 2),
                              (FIGURE_HEAD, _figures(results), 2)):
        if rows:
            lines += table(head, rows, right) + [""]
    return "\n".join(lines)


def _command(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine():
    """Where and what was measured."""
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        models = [line.split(":", 1)[1].strip() for line in cpuinfo
                  if line.startswith("model name")]
    return {"date": datetime.date.today().isoformat(), "cores": os.cpu_count(),
            "processor": models[0] if models else platform.processor(),
            "kernel": platform.release(), "load": os.getloadavg()[0],
            "commit": _command("git", "-C", os.path.dirname(os.path.abspath(__file__)), "describe", "--always", "--dirty"),
            "libmilter": _command("dpkg-query", "-W", "-f", "${Version}", "libmilter1.0.1")}


def write_json(name, where, **results):
    with open(name, "w", encoding="utf-8") as out:
        json.dump({"machine": where, **results}, out, indent=1)
        out.write("\n")


def rewrite(name, by, where, text):
    """Replace what a program has written into a file, between two marks."""
    begin, end = "<!-- written by %s -->" % by, "<!-- end of %s -->" % by
    with open(name, encoding="utf-8") as page:
        whole = page.read()
    if whole.count(begin) != 1 or whole.count(end) != 1:
        raise ValueError("%s: the marks of %s are missing" % (name, by))
    before, _, rest = whole.partition(begin)
    after = rest.partition(end)[2]
    head = "%s, %d cores (%s), Linux %s, libmilter %s, at %s:" % (
        where["date"], where["cores"], where["processor"], where["kernel"],
        where["libmilter"] or "of this system", where["commit"] or "no commit")
    with open(name + ".new", "w", encoding="utf-8") as out:
        out.write("%s%s\n%s\n\n%s%s%s" % (before, begin, head, text, end, after))
    os.rename(name + ".new", name)
