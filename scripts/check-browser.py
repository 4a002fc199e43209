# SPDX-License-Identifier: GPL-2.0-or-later
"""check-browser.py BUILD: the exported page in Chromium, by WebDriver.

https://www.w3.org/TR/webdriver2/ is a few JSON requests; no library is needed.
Screenshots stay in BUILD/export/.
"""
import base64
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

from export_cases import HOSTILE, modmem, recordings, report

build = sys.argv[1]
folder = os.path.join(build, "export")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"left": "\ue012", "right": "\ue014", "up": "\ue013", "down": "\ue015",
        "enter": "\ue007", "escape": "\ue00c"}


class Browser:
    """A session of chromedriver."""

    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        for line in self.driver.stdout:
            port = re.search(r"started successfully on port (\d+)", line)
            if port:
                break
        self.base = f"http://127.0.0.1:{port.group(1)}/session"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu",
                            "--hide-scrollbars", "--window-size=1200,2000"]}
        answer = self.ask("POST", "", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"},
            "unhandledPromptBehavior": "ignore"}}})
        self.base += "/" + answer["sessionId"]

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from error

    def close(self):
        try:
            self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()

    def open(self, path):
        self.ask("POST", "/url", {"url": "file://" + os.path.abspath(path)})

    def run(self, script, *args):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(args)})

    def find(self, css):
        return self.ask("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def click(self, css):
        self.ask("POST", f"/element/{self.find(css)}/click", {})

    def type(self, css, text):
        self.ask("POST", f"/element/{self.find(css)}/value", {"text": text})

    def text(self, css):
        return self.run("return document.querySelector(arguments[0]).textContent", css)

    def media(self, **features):
        self.ask("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia",
                                               "params": features})

    def screenshot(self, name):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(base64.b64decode(self.ask("GET", "/screenshot")))

    def problems(self):
        """What the console has: errors of the script, refusals of the policy."""
        return [entry["message"] for entry in
                self.ask("POST", "/se/log", {"type": "browser"})]


def same(what, is_, want):
    if is_ != want:
        sys.exit(f"browser: {what}: {is_!r}, not {want!r}")


def column(browser, n):
    return browser.run("return [...document.querySelectorAll('#modules tbody tr')]"
                       ".map((tr) => tr.children[arguments[0]].textContent)", n)


def check_table(browser, path):
    want = [row["MODULE"] for row in report(build, path)
            if any(int(row[c]) for c in ("LIVE", "INDUCED", "OVERHEAD", "ALLOCS"))]
    # the report has control bytes of names printable, so has the page
    def below(names):
        """What no module took is below what modules did."""
        return sorted(names, key=lambda name: name in ("[kernel]", "[unknown]"))
    same("modules", column(browser, 0), below(want))
    browser.click("#modules th:nth-child(1) button")
    same("sorted by name", column(browser, 0), below(sorted(want)))
    browser.click("#modules th:nth-child(1) button")
    same("the other way round", column(browser, 0),
         below(sorted(want, reverse=True)))
    same("aria-sort", browser.run("return document.querySelector('#modules th').ariaSort"),
         "descending")
    browser.click("#modules th:nth-child(2) button")
    same("sorted by live", column(browser, 0), below(want))
    total = sum(int(row["LIVE"]) for row in report(build, path))
    mark, size = re.match(r"([^\d]*)(.*)$", browser.text("#modules tfoot td:nth-child(2)")).groups()
    bound = json.loads(modmem(build, "report", "--format", "json", path))["totals"]["bound"]
    same("mark of the total", mark,
         {"exact": "", "about": "~", "at_least": "≥", "at_most": "≤"}[bound])
    unit = 1024 ** (" KMG".index(size[-1]))
    if abs(float(size[:-1]) * unit - total) > unit / 2:
        sys.exit(f"browser: total {size}, not {total}")


def check_time(browser):
    same("areas", browser.run("return document.querySelectorAll('#time path.area').length") > 0,
         True)
    browser.type("#time", KEYS["right"] * 3)
    same("tip", browser.run("return document.querySelector('#time .tip').hidden"), False)
    if not re.match(r"\+[\d.]+ s: all ", browser.text("#time-status")):
        sys.exit("browser: status of the chart: " + browser.text("#time-status"))
    browser.type("#time", KEYS["escape"])
    same("no tip", browser.run("return document.querySelector('#time .tip').hidden"), True)
    before = browser.run("return document.querySelectorAll('#time path.area').length")
    browser.click("#legend button:first-child")
    same("one area less",
         browser.run("return document.querySelectorAll('#time path.area').length"), before - 1)
    browser.click("#legend button:first-child")


def frames(browser, which=""):
    return browser.run("return document.querySelectorAll('#flame .frame' + arguments[0]).length",
                       which)


def choose(browser, id_, value):
    browser.run("const s = document.getElementById(arguments[0]); s.value = arguments[1];"
                "s.dispatchEvent(new Event('change'))", id_, value)


def check_flame(browser, path):
    all_frames = frames(browser)
    browser.type("#flame-search", "vfs_write")
    if not 0 < frames(browser, ".hit") < all_frames:
        sys.exit("browser: search finds nothing, or all")
    if not re.match(r"'vfs_write' has [\d.]+[KMG]?B?, [\d.]+ % of ", browser.text("#flame-status")):
        sys.exit("browser: search says " + browser.text("#flame-status"))
    browser.run("const s = document.getElementById('flame-search'); s.value = '';"
                "s.dispatchEvent(new Event('input'))")
    browser.click("#flame .frame[aria-level='2']")
    same("zoomed", frames(browser, ".above"), 1)
    browser.click("#flame-reset")
    same("zoomed out", (frames(browser, ".above"), frames(browser)), (0, all_frames))
    # by keyboard: the root, its largest child, into it and back
    browser.type("#flame", KEYS["down"] + KEYS["down"] + KEYS["enter"])
    same("zoomed by keys", frames(browser, ".above"), 1)
    browser.type("#flame", KEYS["escape"])
    same("and out", frames(browser, ".above"), 0)
    # what is outside modules is there if asked for; then every metric is what the report says
    outside = "return [...document.querySelectorAll('#flame .frame[aria-level=\"2\"]')]" \
              ".some((f) => f.textContent === '[kernel]')"
    same("kernel at first", browser.run(outside), False)
    same("what is left out", "Without [kernel]" in browser.text("#flame-hint"), True)
    browser.click("#flame-kernel")
    same("kernel asked for", browser.run(outside), True)
    for metric, name in ("live", "LIVE"), ("allocs", "ALLOCS"), ("peak", "PEAK"):
        choose(browser, "flame-metric", metric)
        text = browser.run("return document.querySelector('#flame .frame').title")
        total = sum(int(row[name]) for row in report(build, path))
        number = re.match(r"all: ([\d. ]+)([BKMG]?), 100.0 %$", text)
        unit = 1024 ** " KMG".index((number.group(2) or " ").replace("B", " "))
        is_ = float(number.group(1).replace(" ", "")) * unit
        if abs(is_ - total) > (0 if unit == 1 else unit / 2):
            sys.exit(f"browser: {metric}: {text}, not {total}")


def check_media(browser):
    light = browser.run("return getComputedStyle(document.body).backgroundColor")
    browser.media(features=[{"name": "prefers-color-scheme", "value": "dark"}])
    dark = browser.run("return getComputedStyle(document.body).backgroundColor")
    same("schemes", (light, dark), ("rgb(255, 255, 255)", "rgb(22, 24, 28)"))
    browser.screenshot("dark.png")
    browser.media(media="print", features=[])
    same("printed", browser.run("return getComputedStyle(document.querySelector('.controls'))"
                                ".display"), "none")
    browser.screenshot("print.png")
    browser.media(media="", features=[])


def check_marks(browser, path):
    """Each number that is not exact has its mark, and on hover and below it why."""
    rows = json.loads(modmem(build, "report", "--format", "json", path))["modules"]
    marks = {"exact": "", "about": "~", "at_least": "≥", "at_most": "≤"}
    have = browser.run("return [...document.querySelectorAll('#modules tbody tr')].map((tr) => ["
                       "tr.children[0].textContent,"
                       " (tr.children[1].querySelector('abbr') || {}).textContent || '',"
                       " (tr.children[1].querySelector('abbr') || {}).title || ''])")
    for name, mark, why in have:
        row = next(r for r in rows if r["name"] == name)
        same(f"mark of {name}", mark, marks[row["bound"]])
        same(f"reason of {name}", bool(why), bool(mark))
        if mark:
            same(f"reason of {name} in a list", why.split("; ")[0] in browser.text("#reasons"),
                 True)
    # on paper nothing can be hovered over
    browser.media(media="print", features=[])
    for css in ("abbr.mark", "#reasons"):
        same(css + " printed", browser.run(
            "const e = document.querySelector(arguments[0]); return !e || "
            "e.getClientRects().length > 0", css), True)
    browser.media(media="", features=[])


def check_head(browser, path):
    """The verdict of the report and what to act on are in the first screen."""
    text = modmem(build, "report", "-q", "--no-pager", path).decode()
    verdict = re.sub(r"[:;].*", "", text.splitlines()[1])
    same("verdict", browser.text("#trust").startswith(verdict), True)
    left = re.search(r"^Left behind by unloaded modules: [^;]*", text, re.M).group(0)
    actions = browser.run("return [...document.querySelectorAll('#actions li')]"
                          ".map((e) => e.textContent)")
    same("what is left behind", any(a.startswith(left) for a in actions), True)
    same("what comes next", actions[-1].startswith("Next: modmem report --by site"), True)
    same("above the table", browser.run(
        "return document.getElementById('actions').getBoundingClientRect().bottom <= "
        "document.getElementById('modules').getBoundingClientRect().top"), True)


def check_phone(browser):
    """On 390 columns a name and what it holds are seen together, and nothing sticks out."""
    browser.ask("POST", "/goog/cdp/execute", {
        "cmd": "Emulation.setDeviceMetricsOverride",
        "params": {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}})
    same("live beside the name", browser.run(
        "return [...document.querySelectorAll('#modules tbody tr')].every("
        "(tr) => tr.children[1].getBoundingClientRect().right <= innerWidth)"), True)
    same("page as wide as the screen", browser.run(
        "return document.documentElement.scrollWidth <= innerWidth"), True)
    browser.screenshot("phone.png")
    browser.ask("POST", "/goog/cdp/execute", {
        "cmd": "Emulation.clearDeviceMetricsOverride", "params": {}})


def check_leaks(browser):
    """What nobody can tell comes before "none", and is no fact."""
    for path, options, hint, text in (
            ("testdata/x86_64-6.12-text/trace.txt.zst", [],
             "Whether modules were unloaded is not known", "Cannot tell of all:"),
            ("testdata/x86_64-6.1-reload/trace.dat", [], "1 unload of modules",
             "Cannot tell of all:nothing says where the code of kmtest had been"),
            ("testdata/x86_64-6.1-reload/trace.dat", ["--module", "kmother"],
             "None of these modules was unloaded", "None is certain or likely."),
            ("testdata/x86_64-6.12-record-stock/trace.dat.zst", [],
             "No module was unloaded", "None is certain or likely.")):
        open_page(browser, path, "leaks", *options)
        same(f"hint of {path}", browser.text("#leaks-hint")[:len(hint)], hint)
        same(f"leaks of {path}", browser.text("#leaks")[:len(text)], text)
        none = "None that could be told." in browser.text("#leaks")
        same(f"none of {path}", none, text.startswith("Cannot"))


def open_page(browser, path, name, *options):
    page = os.path.join(folder, name + ".html")
    modmem(build, "export", "-q", "--to", "html", "-o", page, *options, path)
    browser.open(page)
    end = time.monotonic() + 20
    while browser.run("return document.documentElement.dataset.ready") != "yes":
        if time.monotonic() > end:
            sys.exit(f"browser: {name} is not drawn: {browser.problems()}")
        time.sleep(.1)
    browser.screenshot(name + ".png")


def check_page(browser, path, name):
    open_page(browser, path, name)
    check_head(browser, path)
    check_phone(browser)
    check_table(browser, path)
    check_marks(browser, path)
    check_time(browser)
    check_flame(browser, path)
    # nothing was fetched, nothing else than the page's own script ran
    same("fetched", browser.run("return performance.getEntriesByType('resource').length"), 0)
    same("scripts", browser.run("return document.scripts.length"), 2)
    same("markup in names", browser.run("return document.querySelectorAll('b, img, iframe').length"),
         0)
    same("console", browser.problems(), [])


def main():
    browser = Browser()
    try:
        real, hostile = recordings(folder)
        check_leaks(browser)
        check_page(browser, real, "real")
        check_media(browser)
        check_page(browser, hostile, "hostile")
        names = column(browser, 0)
        same("hostile name", HOSTILE[b"kmtest"].decode() in names, True)
        # the policy holds what did get in
        browser.run("const s = document.createElement('script'); s.textContent = 'window.bad = 1';"
                    "document.body.append(s)")
        same("foreign script", browser.run("return window.bad"), None)
        same("policy", any("Content Security Policy" in p for p in browser.problems()), True)
    finally:
        browser.close()


main()
