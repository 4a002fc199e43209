# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of check-json that reads: check-json.py FOLDER FILE...; 77: no jsonschema"""
import json
import os
import re
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)

KINDS = ("slab", "pages", "vmalloc", "percpu", "dma")


def sums(report):
    """Sentences that say which sums of the report do not agree."""
    for m in report["modules"]:
        def differ(what, a, b):
            if a != b:
                yield f"module {m['name']}: {what}: {a} is not {b}"

        yield from differ("live_bytes and kinds", m["live_bytes"],
                          sum(m["live"][k]["bytes"] for k in KINDS))
        yield from differ("live_bytes and own sites", m["live_bytes"],
                          sum(s["live_bytes"] for s in m["sites"]
                              if s["charge"] == "own"))
        yield from differ("induced_bytes and kinds", m["induced_bytes"],
                          sum(k["bytes"] for k in m["induced"].values()))
        yield from differ("induced_bytes and induced sites", m["induced_bytes"],
                          sum(s["live_bytes"] for s in m["sites"]
                              if s["charge"] == "induced"))
        for s in m["sites"]:
            if not s["live_bytes"] <= s["peak_bytes"] <= s["allocated_bytes"]:
                yield f"{m['name']}: {s['function']}: peak_bytes {s['peak_bytes']}"
            if s["requested_bytes"] > s["live_bytes"]:
                yield (f"{m['name']}: {s['function']}: "
                       f"requested_bytes {s['requested_bytes']}")
        own = [s["peak_bytes"] for s in m["sites"] if s["charge"] == "own"]
        if own and not max(own) <= m["peak_bytes"] <= sum(own):
            yield f"{m['name']}: peak_bytes and those of own sites"
        yield from differ("live_bytes and what came and went", m["live_bytes"],
                          m["allocated_bytes"] - m["freed_bytes"] -
                          m["evicted_bytes"])
        for kind in KINDS:
            yield from differ(f"live {kind} and its sites",
                              m["live"][kind]["bytes"],
                              sum(s["live_bytes"] for s in m["sites"]
                                  if s["charge"] == "own" and
                                  s["kind"] == kind))


# as %p prints one, or with 0x: kernel addresses do not belong into artefacts
ADDRESS = re.compile(r"\b(0x[0-9a-f]{6,}|[89a-f][0-9a-f]{7}|[0-9a-f]{16})\b")


def addresses(value, where="$"):
    """Sentences about texts that look like an address."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "address":        # only there with --addresses
                continue
            yield from addresses(item, f"{where}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from addresses(item, f"{where}[{i}]")
    elif isinstance(value, str) and ADDRESS.search(value):
        yield f"{where}: is an address in '{value}'?"


def validator(schema, folder, known={}):
    """The validator for "modmem.NAME/N": NAME.schema.json; None: there is none."""
    name = re.fullmatch(r"modmem\.([a-z]+)/[12]", str(schema))
    path = os.path.join(folder, f"{name[1] if name else ''}.schema.json")
    if path not in known and os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            # the newest draft that this jsonschema knows; the schemas use nothing newer
            known[path] = getattr(jsonschema, "Draft202012Validator",
                                  jsonschema.Draft7Validator)(json.load(f))
    return known.get(path)


def check(path, folder):
    """Number of faults of one file, which are printed."""
    try:
        with (sys.stdin if path == "-" else open(path, encoding="utf-8")) as f:
            report = json.load(f)
    except (OSError, ValueError) as e:
        print(f"{path}: {e}", file=sys.stderr)
        return 1
    schema = report.get("schema") if isinstance(report, dict) else None
    valid = validator(schema, folder)
    if not valid:
        print(f"{path}: no schema for {schema!r} in {folder}", file=sys.stderr)
        return 1
    faults = [f"{e.json_path if hasattr(e, 'json_path') else list(e.path)}: {e.message}"
              for e in valid.iter_errors(report)]
    if not faults and schema.startswith("modmem.report/"):
        faults = list(sums(report))
    faults += addresses(report)
    for fault in faults:
        print(f"{path}: {fault}", file=sys.stderr)
    return len(faults)


sys.exit(any([check(path, sys.argv[1]) for path in sys.argv[2:]]))
