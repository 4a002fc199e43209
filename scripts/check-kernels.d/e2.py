# SPDX-License-Identifier: GPL-2.0-or-later
"""
Static memory of modules: what lsmod says of each, and what is really taken as
/proc/vmallocinfo has it: whole pages, and a guard page behind each area.
"""
import json
import re

TITLE = "what modules take by being loaded"
SCENARIOS = ["static"]
CASES = []

# who makes the areas of modules, by kernel; no other user of theirs is in a guest
MAKERS = re.compile(r"(load_module|move_module|module_memory_alloc|"
                    r"layout_and_allocate|execmem_alloc_rw)[.+]")


def rows(guest):
    with open(guest.file("static", "static.json"), encoding="utf-8") as file:
        static = json.load(file)
    modules = {m["name"]: m for m in static["modules"]}
    with open(guest.file("static", "modules"), encoding="ascii") as file:
        sizes = {line.split()[0]: int(line.split()[1]) for line in file}
    yield "modules", " ".join(sorted(sizes)), " ".join(sorted(modules))
    for name in sorted(sizes):
        yield f"{name}: lsmod", sizes[name], modules[name]["lsmod_bytes"]
    with open(guest.file("static", "vmallocinfo"), encoding="ascii") as file:
        areas = [line.split() for line in file if MAKERS.search(line)]
    made = sum(int(words[1]) for words in areas)
    memory = sum(m["memory_bytes"] + m["guard_bytes"] for m in modules.values())
    if static["shared_text"]:
        # text of all modules lies in one large area: the rest have their own
        yield "all: vmallocinfo, less than with text", True, 0 < made < memory
    else:
        yield "all: vmallocinfo, guard pages too", made, memory
    yield "all: areas", len(areas), sum(m["areas"] for m in modules.values())
