# SPDX-License-Identifier: GPL-2.0-or-later
"""
One slab cache: what /proc/slabinfo says of it, step by step, is what
"modmem report --by cache --at" says. And the page blocks behind it, with the
function that caused them, as page_owner would show them.

With debugging every object that is not held is in a list, so that slabinfo's
active_objs are the module's objects. Without, it counts all slots of slabs
that a CPU keeps for itself as active (mm/slub.c, get_slabinfo(): only free
objects of slabs in the node's list are taken off): number of objects is as the
module itself has it then, slots and slabs are still as slabinfo has them.
"""
import os

import check_truth

TITLE = "one slab cache and its page blocks"
SCENARIOS = ["cache", "cacheplain"]
CASES = ["x86_64-6.1-cache", "x86_64-6.12-cache"]

# objects/slots/slabs of 4096-byte objects with slub_debug=FZPU, 7 in a slab
DEBUG = ["1/7/1", "7/7/1", "8/14/2", "60/63/9"]


def steps(sections):
    """(time, cache, {cache: objects}, {cache: slabinfo's numbers}) of each."""
    for name, lines in sections.items():
        if not name.startswith("step "):
            continue
        _, time, cache = name.split()
        words = [line.split() for line in lines]
        held = {w[0]: int(w[1]) for w in words if len(w) == 2}
        slabinfo = {w[0]: [int(n) for n in w[1:6]] + [int(w[13])]
                    for w in words if len(w) > 13}
        yield time, cache, held, slabinfo


def row_of(data, size):
    """kmcache's row of the cache whose objects take so many bytes."""
    module = check_truth.module_row(data, "kmcache") or {"caches": []}
    rows = [c for c in module["caches"] if c["object_size"] == size]
    if len(rows) != 1:
        return f"{len(rows)} rows"
    row = rows[0]
    used = "" if row["used_slots"] == row["objects"] else f", {row['used_slots']} used"
    return f"{row['objects']}/{row['slots']}/{row['slabs']}{used}"


def blocks(data):
    """{order: page blocks} that slabs took under take_objects()."""
    sums = {}
    for stack in data["stacks"]:
        if stack["module"] != "kmcache" or stack["overhead"] != "slab_pages":
            continue
        if not any(f.startswith("take_objects+") for f in stack["frames"]):
            continue
        for block in stack["blocks"]:
            sums[block["order"]] = sums.get(block["order"], 0) + block["blocks"]
    return ", ".join(f"{sums[order]} x 2^{order}" for order in sorted(sums))


def cache_rows(recorder, report, sections):
    done = {"kmcache_debug": 0, "kmcache_plain": 0}
    slabs = 0
    for time, cache, held, slabinfo in steps(sections):
        active, slots, size, _, pages, n_slabs = slabinfo[cache]
        debug = cache == "kmcache_debug"
        what = f"{recorder}: {cache}, {held[cache]} objects"
        want = f"{active if debug else held[cache]}/{slots}/{n_slabs}"
        if debug and done[cache] < len(DEBUG):
            yield what + ", slabinfo", DEBUG[done[cache]], want
        yield what, want, row_of(report("--at", time), size)
        done[cache] += 1
        slabs = sum(numbers[5] for numbers in slabinfo.values())
        order = pages.bit_length() - 1
    yield f"{recorder}: steps", "6 and 6", " and ".join(map(str, done.values()))
    yield (f"{recorder}: page blocks of take_objects",
           f"{slabs} x 2^{order}", blocks(report("--by", "stack")))


def rows(guest):
    for scenario, recorder in (("cache", "modmem"), ("cacheplain", "trace-cmd")):
        yield from cache_rows(recorder,
                              lambda *args, s=scenario: guest.report(s, *args),
                              guest.sections(scenario))
    # frees name a cache from 5.12 on; before, the kernel's own list in the
    # recording does, if no other cache has objects of that size (names_cache)
    caches = check_truth.module_row(guest.report("cache"), "kmcache")["caches"]
    for cache in ("kmcache_debug", "kmcache_plain"):
        got = [c["name_by_size"] for c in caches if c["name"] == cache]
        if guest.kernel == "5.10":
            want = [True] if cache == "kmcache_debug" else []
        else:
            want = [False]
        yield f"{cache} is named, by its size", want, got


def case_rows(name):
    path = os.path.join(check_truth.TOP, "testdata", name)
    yield from cache_rows("replay", lambda *args: check_truth.report(path, *args),
                          check_truth.read_books(os.path.join(path, "truth.txt")))
