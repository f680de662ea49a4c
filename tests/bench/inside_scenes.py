"""What the parts of the daemon cost: within one process, and as a socketmap."""

import os
import statistics

import texts
from filters import Beside, Ours
from scenes import Outcome, at_least, at_most, scene


@scene("lists", "a list of 1,000,000 domains and 100,000 address blocks")
def lists(bench):
    found = bench.tools.inside("lists")["lists"]
    slowest = max(value for name, value in found.items()
                  if name.endswith(("_hit_ns", "_miss_ns")))
    return Outcome(figures=found, targets=[
        at_most("1,000,000 domains, 100,000 blocks: a look-up, µs", 0.5, slowest / 1000,
                below=True),
        at_most("the same: MiB in all", 64, found["peak_mib"], "%.1f"),
        at_most("the same: seconds to load", 2, found["load_seconds"])])


@scene("expressions", "500 regular expressions on one subject")
def expressions(bench):
    found = bench.tools.inside("regexes")["regexes"]
    return Outcome(figures=found, targets=[
        at_most("500 expressions, a subject of %d bytes: µs" % size, 20,
                found["try_%d_ns" % size] / 1000, "%.1f", below=True) for size in (60, 300)])


@scene("recognise", "all that is known of others' replies")
def recognise(bench):
    found = bench.tools.inside("recognise", "rewrite")
    return Outcome(figures={**found["recognise"], **found["rewrite"]}, targets=[
        at_least("recognise a reply: a second", 300000, found["recognise"]["per_second"])])


@scene("allocations", "what a message takes from the heap")
def allocations(bench):
    found = bench.tools.inside("allocations")["allocations"]
    most = {what: round(max(value for name, value in found.items() if name.endswith(what)), 2)
            for what in ("_each_policy", "_each_field")}
    shown = {name: value for name, value in found.items()
             if name.endswith(("_message_small", "_message_blocks", "_each_policy", "_each_field",
                              "_each_field_blocks"))}
    return Outcome(figures=shown, raw=found, targets=[
        at_most("from the heap for one more policy: allocations", 0, most["_each_policy"], "%g"),
        at_most("the same for one more field, besides the arena", 0, most["_each_field"], "%g")])


@scene("judge", "10, 1,000 and 10,000 policies, without libmilter")
def judge(bench):
    return Outcome(figures=bench.tools.inside("policies")["policies"])


@scene("socketmap", "answers for Postfix's own replies")
def socketmap(bench):
    """Beside a service that answers NOTFOUND without a look."""
    wanted = {1: 30000, 16: 100000}
    runs = {connections: [] for connections in wanted}
    with bench.folder() as folder:
        asked = os.path.join(folder, "replies")
        with open(asked, "w", encoding="ascii") as out:
            out.writelines(text + "\n" for text in texts.replies(bench.build))
        maps = "unix:" + os.path.join(folder, "maps.sock")
        with Ours(bench.build, folder, "ours", texts.nothing(), 'maps = "%s";' % maps), \
                Beside(bench.build, folder, "notfound", "notfound") as least:
            for _ in range(bench.rounds):
                for connections, of_one in runs.items():
                    of_one.append([bench.tools.ask(
                        socket, connections=connections, file=asked,
                        requests=int(wanted[connections] * bench.seconds / 2))
                        for socket in (maps, least.socket)])

    def middle(connections, which):
        return statistics.median(pair[which]["requests_per_second"] for pair in runs[connections])

    return Outcome(raw=runs, targets=[
        at_least("socketmap, %d at a time: answers a second" % connections, wanted[connections],
                 middle(connections, 0), floor=middle(connections, 1)) for connections in wanted])
