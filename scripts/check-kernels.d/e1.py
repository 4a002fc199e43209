# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a patched kernel's "usedmemory" file of a module showed: slab, Pages,
Percpu and dmapool, for each family of the allocation API, to the byte.
"""
import os

import check_truth

TITLE = "a usedmemory file for each module"
SCENARIOS = ["usedmemory"]
CASES = ["arm64-6.12-held", "arm64-16k-6.12-held", "armhf-6.1-lpae-held",
         "s390x-6.1-held", "ppc64el-6.1-held"]

PAGE = 4096
# what each family holds on 64-bit machines with pages of 4096 bytes
KNOWN = [
    ("kmalloc", "slab", 1472), ("kmalloc", "pages", 4 * PAGE),
    ("krealloc", "slab", 0), ("krealloc", "pages", 4 * PAGE),
    ("kmalloc_node", "slab", 1312),
    ("cache", "slab", 64), ("cache_node", "slab", 32),
    ("bulk", "slab", 640),
    ("buddy", "pages", 32 * PAGE),
    ("mempool", "slab", 64), ("mempool", "pages", 12 * PAGE),
]
NAMES = {"cache": "kmem_cache_alloc", "cache_node": "kmem_cache_alloc_node",
         "bulk": "kmem_cache_alloc_bulk", "buddy": "alloc_pages and friends",
         "percpu": "alloc_percpu", "dma": "dmapool and dma_alloc_coherent"}
KINDS = ("slab", "pages", "vmalloc", "percpu", "dma")


def title(family, kind):
    return f"{NAMES.get(family, family)}: {kind}"


def books(sections, step):
    """The module's own books at a step, and the time of it."""
    for name, lines in sections.items():
        words = name.split()
        if words[0] == "step" and words[2] == step:
            return words[1], check_truth.families(lines)
    raise KeyError(f"no step {step}")


def live(data, family, kind):
    sites = check_truth.own_sites(data, "kmtest")
    got = check_truth.merged(sites, check_truth.held_functions(family))
    return got.get(kind, [0, 0, 0])


def per_cpu(got, truth, long_size):
    """
    Size times possible CPUs; the kernel adds a vector for memory cgroups where
    they are built in (TRAPS E14): told in the event, and not in the module.
    """
    _, requested, size = truth
    return size if got == size + requested // 4 * long_size else got


def rows(guest):
    sections = guest.sections("usedmemory")
    time, (fam, _) = books(sections, "all")
    data = guest.report("usedmemory", "--at", time)
    for family, kind, want in KNOWN:
        got = live(data, family, kind)[0]
        if family == "bulk" and not check_truth.covers(data, "kmem_cache_alloc_bulk"):
            yield title(family, kind) + " (no probe)", 0, got
            continue
        if family == "mempool" and kind == "slab":
            # with the pools themselves: the module knows their size
            got -= fam[family]["slab_meta"][2]
        yield title(family, kind), want, got
    for family, kind in (("percpu", "percpu"), ("dma", "dma"), ("vmalloc", "vmalloc")):
        want = fam[family][kind]
        got = live(data, family, kind)[0]
        if kind == "percpu":
            got = per_cpu(got, want, data["source"]["long_bits"] // 8)
        # vmalloc is whole where a probe can tell of it
        if kind == "vmalloc" and not check_truth.covers(data, "vmalloc"):
            yield title(family, kind) + ", at most", True, got <= want[2]
            continue
        yield title(family, kind), want[2], got
    yield from pool_rows(data)

    # all in all, as the file showed them; then everything is freed
    row = check_truth.module_row(data, "kmtest")
    long_size = data["source"]["long_bits"] // 8
    for kind in KINDS:
        want = [kinds[kind] for kinds in fam.values() if kind in kinds]
        got = row["live"][kind]["bytes"]
        if kind == "slab":
            # and the pools themselves; a DMA pool has more than it lets one know
            want += [kinds["slab_meta"] for family, kinds in fam.items()
                     if "slab_meta" in kinds and family != "dma"]
            got -= live(data, "dma", kind)[0]
            if not check_truth.covers(data, "kmem_cache_alloc_bulk"):
                want.remove(fam["bulk"][kind])
        want = [sum(part) for part in zip(*want)]
        if kind == "percpu":
            got = per_cpu(got, want, long_size)
        if kind == "vmalloc" and not check_truth.covers(data, "vmalloc"):
            yield f"kmtest: {kind}, at most", True, got <= want[2]
            continue
        yield f"kmtest: {kind}", want[2], got
    row = check_truth.module_row(guest.report("usedmemory"), "kmtest")
    for kind in KINDS:
        yield f"all freed: {kind}", 0, row["live"][kind]["bytes"]
    if row["dma_blocks"]:
        yield "all freed: dmapool blocks", 0, row["dma_blocks"]["objects"]


def pool_rows(data):
    """Two blocks of 64 bytes, in the page of the pool, which is counted as dma."""
    blocks = check_truth.module_row(data, "kmtest")["dma_blocks"]
    if not check_truth.covers(data, "dma_pool_alloc"):
        yield "dmapool: blocks (no probe)", None, blocks
        return
    yield "dmapool: blocks", 2, blocks["objects"]
    yield "dmapool: bytes in blocks", 128, blocks["bytes"]


class Figures(check_truth.Case):
    """Keeps what check-truth compares, instead of only what is wrong."""

    def __init__(self, path):
        super().__init__(path)
        self.figures = []

    def equal(self, what, got, want):
        super().equal(what, got, want)
        self.figures.append((what, want, got))


def case_rows(name):
    case = Figures(os.path.join(check_truth.TOP, "testdata", name))
    for file, check in check_truth.KINDS:
        if os.path.exists(os.path.join(case.path, file)):
            check(case)
    wanted = {f"{family} {kind}" for family, kind, _ in KNOWN} | {
        f"do_{family} {kind}" for family, kind, _ in KNOWN} | {
        "percpu percpu", "percpu objects", "do_percpu percpu", "dma dma", "do_dma dma",
        "do_mempool slab", "do_mempool pages"}
    for what, want, got in case.figures:
        if what in wanted or what.endswith("(not visible)"):
            if isinstance(want, list):  # objects, requested, bytes
                want, got = want[2], got[2]
            yield what.replace("do_", ""), want, got
