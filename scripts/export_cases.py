# SPDX-License-Identifier: GPL-2.0-or-later
"""The recordings that check-export and check-browser look at.

One is as it is; in the other the names of a module and of two of its functions
are what nobody should trust. They have as many bytes as the real ones, so that
the file stays what it is.
"""
import csv
import io
import os
import subprocess

REAL = "testdata/x86_64-6.12-reload/trace.dat"
PLAIN = "testdata/x86_64-6.1-v6/trace.dat"	# with its symbols as plain text

HOSTILE = {
    b"kmtest": b"<b>\"'&",
    b"family_get": b"</script>\x07",
    b"kmtest_write": b"<!--;%n\xff=1+2",
}


def recordings(folder):
    """Paths of the real and of the hostile recording."""
    with open(PLAIN, "rb") as file:
        data = file.read()
    # the longest first: one name has another in it
    for name in sorted(HOSTILE, key=len, reverse=True):
        assert name in data and len(name) == len(HOSTILE[name]), name
        data = data.replace(name, HOSTILE[name])
    path = os.path.join(folder, "hostile.dat")
    with open(path, "wb") as file:
        file.write(data)
    return [REAL, path]


def modmem(build, *args):
    """What it writes; it must say that all is fine."""
    return subprocess.run([os.path.join(build, "modmem"), *args], check=True,
                          stdout=subprocess.PIPE).stdout


def report(build, path, *args):
    """The rows of a report, as dictionaries of texts."""
    text = modmem(build, "report", "--format", "csv", *args, path)
    rows = csv.DictReader(io.StringIO(text.decode()))
    return [{k: unquoted(v) for k, v in row.items()} for row in rows]


def unquoted(text):
    """Without the apostrophe that keeps a spreadsheet from computing it."""
    return text[1:] if text[:2] in ("'=", "'+", "'-", "'@") else text
