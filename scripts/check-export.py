# SPDX-License-Identifier: GPL-2.0-or-later
"""check-export.py BUILD PART: see scripts/check-export."""
import collections
import csv
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

from export_cases import modmem, recordings, report, unquoted

build, part = sys.argv[1:]
folder = os.path.join(build, "export")


def export(path, *args):
    return modmem(build, "export", "-q", "--check", *args, path)


def same(what, is_, want):
    if is_ != want:
        sys.exit(f"{part}: {what}: {is_!r}, not {want!r}")


def by_module(path, column):
    return {row["MODULE"]: int(row[column]) for row in report(build, path)}


def run(*args, data=None):
    return subprocess.run(args, input=data, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE).stdout


# ---- stacks ------------------------------------------------------------------

def check_folded(path):
    for metric, column in ("live", "LIVE"), ("peak", "PEAK"), ("allocs", "ALLOCS"):
        text = export(path, "--to", "folded", "--metric", metric)
        sums = collections.Counter()
        for line in text.decode().splitlines():
            frames, number = line.rsplit(" ", 1)
            sums[frames.split(";")[0]] += int(number)
        want = {m.replace(";", "\\x3b"): n for m, n in by_module(path, column).items() if n}
        same(metric, dict(sums), want)
        svg = run("perl", "/usr/share/perl5/Devel/NYTProf/flamegraph.pl",
                  "--countname", "bytes", data=text)
        root = xml.etree.ElementTree.fromstring(svg)
        said = " ".join("".join(t.itertext()) for t in root.iter())
        total = f"{sum(sums.values()):,} bytes"
        if total not in said:
            sys.exit(f"folded: flamegraph.pl does not say {total}")


def pprof(profile, *args):
    return run("go", "tool", "pprof", *args, profile).decode()


def check_pprof_lines():
    """Of a stack that the report has the lines of, pprof names the same."""
    case = "testdata/x86_64-6.1-record"
    options = ["-q", "--module", "kmtest", "--lines", "--module-dir", case]
    profile = os.path.join(folder, "lines.pb.gz")
    path = os.path.join(case, "trace.dat.zst")
    modmem(build, "export", "--to", "pprof", "-o", profile, *options, path)
    modules = json.loads(modmem(build, "report", "--json", *options, path))["modules"]
    want = {site["source"] for module in modules for site in module["sites"]
            if site.get("source") and site["live_bytes"] and site["charge"] == "own"}
    have = set(re.findall(r"\S+:\d+(?=[:\s]|$)", pprof(profile, "-raw")))
    same("any lines", bool(want), True)
    same("lines", sorted(want - have), [])


def check_pprof(path):
    profile = os.path.join(folder, "profile.pb.gz")
    run(os.path.join(build, "modmem"), "export", "-q", "--to", "pprof", "-o", profile, path)
    raw = pprof(profile, "-raw")
    types = re.search(r"^Samples:\n(.*)$", raw, re.M).group(1).split()
    same("types", types, ["alloc_objects/count", "alloc_space/bytes", "inuse_objects/count",
                          "inuse_space/bytes[dflt]", "peak_space/bytes"])
    # "VALUES: LOCATIONS", then the labels
    sums = collections.defaultdict(lambda: [0] * 5)
    values = None
    for line in raw[raw.index("\nSamples:"):raw.index("\nLocations")].splitlines()[2:]:
        numbers = re.match(r"^ *((?:\d+ +){4}\d+): ", line)
        module = re.search(r"module:\[(.*)\]$", line)
        if numbers:
            values = [int(n) for n in numbers.group(1).split()]
        elif module:
            sums[module.group(1)] = [a + b for a, b in zip(sums[module.group(1)], values)]
    for i, column in enumerate(("ALLOCS", "ALLOCATED", "OBJECTS", "LIVE", "PEAK")):
        want = {m: n for m, n in by_module(path, column).items() if n}
        same(column, {m: v[i] for m, v in sums.items() if v[i]}, want)
    live = sum(by_module(path, "LIVE").values())
    top = pprof(profile, "-top", "-unit=B", "-nodecount=10000", "-nodefraction=0")
    same("total", re.search(r"of (\d+)B total", top).group(1), str(live))
    # who called the allocator is the leaf, no allocator is
    for line in top.splitlines():
        if re.match(r" *[1-9].* (__kmalloc|kmem_cache_alloc|__alloc_pages)\w*$", line) and \
           not re.match(r" *0 ", line):
            sys.exit(f"pprof: an allocator as a leaf: {line}")
    check_pprof_lines()
    cause = "[kernel]: takes pages with alloc_pages_bulk(), which has no event."
    if cause not in pprof(profile, "-comments"):
        sys.exit("pprof: no cause of the bounds in the comments")


# ---- numbers -----------------------------------------------------------------

def check_openmetrics(path):
    text = export(path, "--to", "openmetrics")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    same("promtool", (done.returncode, done.stdout), (0, b""))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read()


def wait_for(what, seconds=60):
    """Its first answer that is not empty."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer = what()
            if answer:
                return answer
        except (urllib.error.URLError, ConnectionError):
            pass
        if time.monotonic() > end:
            sys.exit("prometheus: no answer in time")
        time.sleep(0.2)


def check_prometheus(path):
    """A real Prometheus scrapes a real node_exporter, on loopback."""
    name = os.path.basename(os.path.dirname(path)) or "hostile"
    where = os.path.join(folder, "prometheus-" + name + f"-{os.getpid()}")
    os.makedirs(os.path.join(where, "text"))
    ports = free_port(), free_port()
    run(os.path.join(build, "modmem"), "export", "-q", "--to", "openmetrics",
        "-o", os.path.join(where, "text", "modmem.prom"), path)
    with open(os.path.join(where, "prometheus.yml"), "w", encoding="utf-8") as file:
        file.write("scrape_configs:\n- job_name: node\n  scrape_interval: 1s\n"
                   f"  static_configs:\n  - targets: ['127.0.0.1:{ports[0]}']\n")
    commands = [
        ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{ports[0]}",
         "--collector.disable-defaults", "--collector.textfile",
         "--collector.textfile.directory=" + os.path.join(where, "text")],
        ["prometheus", "--config.file=" + os.path.join(where, "prometheus.yml"),
         "--storage.tsdb.path=" + os.path.join(where, "tsdb"),
         f"--web.listen-address=127.0.0.1:{ports[1]}"],
    ]
    children = []
    with open(os.path.join(where, "log"), "wb") as log:
        try:
            for command in commands:
                children.append(subprocess.Popen(command, stdout=log, stderr=log))
            compare_prometheus(path, ports[1])
        finally:
            for child in children:
                child.terminate()
                child.wait()
    shutil.rmtree(where)


def query(port, text):
    url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": text})
    return json.loads(get(url))["data"]["result"]


def compare_prometheus(path, port):
    wait_for(lambda: query(port, "modmem_trusted"))
    same("errors", [r["value"][1] for r in query(port, "node_textfile_scrape_error")], ["0"])
    for metric, column in (("sum by (module) (modmem_module_live_bytes)", "LIVE"),
                           ("modmem_module_peak_bytes", "PEAK"),
                           ("modmem_module_allocations_total", "ALLOCS")):
        got = {r["metric"]["module"]: int(r["value"][1]) for r in query(port, metric)}
        want = by_module(path, column)
        same(metric, got, {m: n for m, n in want.items() if m in got})
        missing = [m for m, n in want.items() if n and m not in got]
        same(metric, missing, [])
    types = json.loads(get(f"http://127.0.0.1:{port}/api/v1/metadata"))["data"]
    same("type", types["modmem_module_allocations_total"][0]["type"], "counter")
    same("type", types["modmem_module_live_bytes"][0]["type"], "gauge")


# ---- live bytes over time ------------------------------------------------------

def check_csv(path):
    rows = list(csv.DictReader(io.StringIO(export(path, "--to", "csv").decode())))
    most, last = collections.Counter(), {}
    for row in rows:
        module = unquoted(row["MODULE"])
        if not int(row["MIN"]) <= int(row["LAST"]) <= int(row["MAX"]):
            sys.exit(f"csv: {row}")
        most[module] = max(most[module], int(row["MAX"]))
        last[module] = int(row["LAST"])
    live, peak = by_module(path, "LIVE"), by_module(path, "PEAK")
    same("live of all", last.pop("[total]"), sum(live.values()))
    del most["[total]"]
    same("live", {m: n for m, n in last.items() if n}, {m: n for m, n in live.items() if n})
    same("peak", {m: n for m, n in most.items() if n}, {m: n for m, n in peak.items() if n})


def check_perfetto(path):
    """protoc decodes it by the schema, and the counters are what they should be."""
    schema = os.environ.get("PERFETTO_PROTO", "testdata/perfetto.proto")
    text = run("protoc", "--decode=perfetto.protos.Trace",
               "--proto_path=" + (os.path.dirname(schema) or "."), schema,
               data=export(path, "--to", "perfetto")).decode()
    # a field that the schema does not have is shown by its number
    if re.search(r"^ *\d+[:{ ]", text, re.M):
        sys.exit("perfetto: fields that are not in the schema")
    names, last, most, peaks = {}, {}, collections.Counter(), {}
    for packet in text.split("\npacket {"):
        field = dict(re.findall(r"^ *(\w+): (.*)$", packet, re.M))
        if "counter {" in packet:
            same("unit", field["unit"], "UNIT_SIZE_BYTES")
            names[field["uuid"]] = field["name"]
        elif field.get("type") == "TYPE_COUNTER":
            track, value = field["track_uuid"], int(field["counter_value"])
            last[track] = value
            if value > most[track]:
                most[track], peaks[track] = value, int(field["timestamp"])
        same("sequence", field["trusted_packet_sequence_id"], "1")
    want = {row["MODULE"]: row for row in report(build, path)}
    for track, name in names.items():
        # as protoc writes strings: octal escapes
        name = re.sub(rb"\\([0-7]{3}|.)", lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3
                      else m[1], name[1:-1].encode()).decode()
        if name == "[total]":
            same(name, last[track], sum(int(r["LIVE"]) for r in want.values()))
            continue
        same(name, last[track], int(want[name]["LIVE"]))
        same(name, most[track], int(want[name]["PEAK"]))
        same(name, peaks[track], int(want[name]["PEAK_TIME"].replace(".", "")))
    same("tracks", len(names) - 1, sum(1 for r in want.values() if int(r["ALLOCATED"])))


for recording in recordings(folder):
    globals()["check_" + part](recording)
