# SPDX-License-Identifier: GPL-2.0-or-later
"""
Before and after: two copies of slabinfo and meminfo, and what of the growth
between them the recording explains. A module takes 200 objects of 8192 bytes.
"""
TITLE = "growth of the kernel's own counters"
SCENARIOS = ["grown"]
CASES = []

OBJECTS = 200
SIZE = 8192
# what meminfo counts beside: other tasks, and slabs that CPUs keep, bytes
SLACK = 256 * 1024


def rows(guest):
    reconcile = guest.report("grown", "--reconcile")["reconcile"]
    cache = next(c for c in reconcile["caches"] if c["name"] == "kmalloc-8k")
    taken = sum(t["objects"] for t in cache["taken_by"]
                if t["module"] == "kmcache" and t["function"] == "take_objects")
    yield "kmalloc-8k: objects that take_objects took", OBJECTS, taken
    # slabs of four objects that a CPU keeps count as active, before and after
    other = abs(cache["grew_objects"] - OBJECTS)
    yield "kmalloc-8k: grew by 200, within 5 slabs", True, other <= 20
    counters = {c["name"]: c for c in reconcile["counters"]}
    for name in ("Slab", "VmallocUsed"):
        left = counters[name]["not_explained_bytes"]
        yield f"{name}: not explained, below {SLACK}", True, abs(left) < SLACK
    by = next((t["bytes"] for t in counters["Slab"]["taken_by"]
               if t["module"] == "kmcache" and t["function"] == "take_objects"), 0)
    yield (f"Slab: take_objects', of {OBJECTS * SIZE}, within {SLACK}", True,
           abs(by - OBJECTS * SIZE) <= SLACK)
