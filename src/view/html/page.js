// SPDX-License-Identifier: GPL-2.0-or-later
//
// Draws the page from the data in it. Names come from a recording and may be
// anything: they go into the page as text nodes and nothing else.
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

// ---- small helpers ----------------------------------------------------------

function make(tag, attributes, ...children) {
	const e = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes || {}))
		e.setAttribute(name, value);
	e.append(...children);
	return e;
}

function shape(tag, attributes, text) {
	const e = document.createElementNS(SVG, tag);
	for (const [name, value] of Object.entries(attributes))
		e.setAttribute(name, value);
	if (text !== undefined)
		e.textContent = text;
	return e;
}

// As size_human() of modmem writes them: 0, 512B, 1.5K, 123K, 1.2G.
function size(n) {
	if (n < 1024)
		return n ? n + "B" : "0";
	let unit = -1;
	while (n >= 1023.5 && unit < 5) {
		n /= 1024;
		unit++;
	}
	const text = n < 99.95 ? n.toFixed(1).replace(/\.0$/, "") : Math.round(n).toString();
	return text + "KMGTPE"[unit];
}

const count = (n) => n.toString().replace(/\B(?=(\d{3})+$)/g, " ");

// [kernel] and [unknown], by their number
const outside = (module) => ["kernel", "unknown"].includes(data.modules[module].state);

// Time since the start of the recording.
function time(t) {
	if (!data.clock_is_ns)
		return "+" + t;
	return "+" + (t / 1e9).toFixed(6).replace(/0{1,5}$/, "") + " s";
}

// ---- tables -----------------------------------------------------------------

const shown = {
	text: (v) => v === null ? "–" : v,
	bytes: (v) => v === null ? "–" : size(v),
	count: (v) => v === null ? "–" : count(v),
	time: (v) => v === null ? "–" : time(v),
};

function compare(a, b) {
	if (a === null || b === null)
		return (a === null) - (b === null);
	return typeof a === "number" ? b - a : a < b ? -1 : a > b ? 1 : 0;
}

// Of a sum of what is at least so much, and what is at most.
function mark_of_sum(rows, key) {
	const marks = new Set(rows.filter((r) => r.marks && r.marks[key]).map((r) => r.marks[key][0]));
	return marks.size > 1 ? "~" : [...marks][0] || "";
}

// columns: [key, title, type, what it is, "sum" for the last line]
function table(where, caption, columns, rows, sort) {
	const body = make("tbody");
	const heads = columns.map(([key, title, type, help]) => {
		const button = make("button", { type: "button", title: help }, title);
		const th = make("th", { scope: "col", class: type === "text" ? "" : "number" }, button);
		button.addEventListener("click", () => {
			// numbers begin with the largest, texts with A
			const [first, other] = type === "text" ? ["ascending", "descending"] :
					       ["descending", "ascending"];
			order(key, th.getAttribute("aria-sort") === first ? other : first);
		});
		return th;
	});

	function order(key, direction) {
		const sign = direction === "descending" ? 1 : -1;
		const text = columns.find((c) => c[0] === key)[2] === "text";
		// what no module took is below what modules did, what is not known is last always
		rows.sort((a, b) => (a.outside || false) - (b.outside || false) || (a[key] === null || b[key] === null ? compare(a[key], b[key]) :
			  (text ? -sign : sign) * compare(a[key], b[key])));
		heads.forEach((th, i) => {
			if (columns[i][0] === key)
				th.setAttribute("aria-sort", direction);
			else
				th.removeAttribute("aria-sort");
		});
		body.replaceChildren(...rows.map((row, at) => make("tr", {
			class: row.outside && at && !rows[at - 1].outside ? "rule" : "",
		}, ...columns.map(([k, , type], i) => {
			const cell = make(i ? "td" : "th", i ? {} : { scope: "row" }, shown[type](row[k]));
			if (type !== "text")
				cell.className = "number";
			else if (k !== "state" && k !== "kind" && k !== "charge")
				cell.className = "name";
			if (type === "bytes" && row[k] !== null)
				cell.title = count(row[k]) + " bytes";
			const mark = row.marks && row.marks[k];
			if (mark) {
				cell.prepend(make("abbr", { class: "mark", title: mark[1] }, mark[0]));
				cell.title += ": " + mark[1];
			}
			return cell;
		}))));
	}

	const whole = make("table", {}, make("caption", {}, caption),
			   make("thead", {}, make("tr", {}, ...heads)), body);
	if (columns.some((c) => c[4] === "sum")) {
		const cells = columns.map(([k, , type, , sum], i) => {
			if (sum !== "sum")
				return make("td", {}, i ? "" : "total");
			const total = rows.reduce((n, row) => n + (row[k] || 0), 0);
			return make("td", { class: "number" }, mark_of_sum(rows, k) + shown[type](total));
		});
		whole.append(make("tfoot", {}, make("tr", {}, ...cells)));
	}
	order(sort, "descending");
	where.replaceChildren(make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
				   whole));
}

function show_modules() {
	const columns = [
		["name", "Module", "text", "[kernel]: outside modules, [unknown]: of no known module"],
		["live", "Live", "bytes", "sum of slab, pages, vmalloc, per-CPU and DMA memory", "sum"],
		["state", "State", "text", "loaded, unloaded, kernel or unknown"],
		["slab", "Slab", "bytes", "live in slab objects", "sum"],
		["pages", "Pages", "bytes", "live in whole pages", "sum"],
		["vmalloc", "Vmalloc", "bytes", "live in vmalloc memory", "sum"],
		["percpu", "Per-CPU", "bytes", "live in per-CPU memory, all CPUs", "sum"],
		["dma", "DMA", "bytes", "live in DMA memory", "sum"],
		["induced", "Induced", "bytes", "taken by the core kernel on its behalf; not in live", "sum"],
		["overhead", "Overhead", "bytes", "taken by allocators to serve it; not in live", "sum"],
		["uncertain", "Uncertain", "bytes", "part of live whose frees may have gone unseen", "sum"],
		["peak", "Peak", "bytes", "most that live ever was"],
		["peak_time", "Peak at", "time", "when that was, from the start"],
		["allocs", "Allocs", "count", "number of allocations", "sum"],
		["frees", "Frees", "count", "number of frees", "sum"],
	];
	const before = ["before", "Before", "bytes", "held when the recording began, by /proc/allocinfo; not in live", "sum"];
	if (data.modules.some((m) => m.before !== null))
		columns.splice(columns.findIndex(([key]) => key === "induced"), 0, before);
	table($("modules"), "Modules that held anything", columns,
	      data.modules.map((m, i) => ({ ...m, outside: outside(i) })).filter((m) => m.shown), "live");
}

function show_sites() {
	const rows = data.sites.map((s) => ({
		...s, name: data.modules[s.module].name, outside: outside(s.module),
	}));
	const columns = [
		["name", "Module", "text", "module that is charged"],
		["live", "Live", "bytes", "live bytes"],
		["function", "Function", "text", "its function and the offset in it"],
		["kind", "Kind", "text", "slab, pages, vmalloc, percpu or dma"],
		["via", "Via", "text", "its call: the allocator, or, if induced, the kernel function"],
		["charge", "Charge", "text", "own: taken by the module; induced: by the kernel for it"],
		["objects", "Objects", "count", "number of live allocations"],
		["allocs", "Allocs", "count", "number of allocations"],
		["frees", "Frees", "count", "number of frees"],
		["uncertain", "Uncertain", "bytes", "part of live whose frees may have gone unseen"],
	];
	if (rows.some((r) => r.source !== null))
		columns.splice(3, 0, ["source", "Source", "text", "file and line"]);
	$("sites-hint").textContent = data.sites_left_out ?
		`The first ${rows.length}; ${count(data.sites_left_out)} hold less and are not shown.` : "";
	table($("sites"), "Places that allocate", columns, rows, "live");
}

function show_leaks() {
	const rows = (data.leaks || []).map((l) => ({ ...l, name: data.modules[l.module].name }));
	const columns = [
		["name", "Module", "text", "module that took it"],
		["bytes", "Bytes", "bytes", "held, and it should not be", "sum"],
		["class", "Leak", "text", "certain or likely"],
		["reason", "Reason", "text", "why, as modmem-leaks(1) says"],
		["function", "Function", "text", "its function and the offset in it"],
		["via", "Via", "text", "the call that it made"],
		["objects", "Objects", "count", "number of allocations"],
		["allocs", "Allocs", "count", "of that place, in all"],
		["frees", "Frees", "count", "of that place, in all"],
		["since", "Since", "time", "when the oldest of them was allocated"],
	];
	const doubts = data.doubts.length ?
		[make("p", { class: "bad" }, "Cannot tell of all:"),
		 make("ul", {}, ...data.doubts.map((d) => make("li", {}, d)))] : [];
	const said = [];
	if (rows.length)
		table($("leaks"), "Memory that is leaked, surely or likely", columns, rows, "bytes");
	else
		said.push(make("p", {}, doubts.length ? "None that could be told." :
			       "None is certain or likely."));
	if (data.leaks_left_out)
		said.push(make("p", { class: "hint" }, `${count(data.leaks_left_out)} more are not shown.`));
	$("leaks").prepend(...doubts);
	$("leaks").append(...said);
	$("leaks-hint").textContent = data.leaks === null ? "" : data.unloads ?
		`${count(data.unloads)} ${data.unloads > 1 ? "unloads" : "unload"} of modules in the recording.` :
		data.unloads_unknown ? "Whether modules were unloaded is not known: no module events were recorded." :
		`${data.some ? "None of these modules" : "No module"} was unloaded in the recording.`;
}

function show_head() {
	$("recording").textContent = data.origin;
	$("trust").textContent = data.verdict +
		(data.grade === "bounds" ? "; the reasons are below the table." : ".");
	$("trust").className = data.grade;
	$("actions").replaceChildren(...data.actions.map((s) => make("li", {}, s)));
	const leaked = (data.leaks || []).filter((l) => l.class === "certain");
	const names = new Set(leaked.map((l) => data.modules[l.module].name));
	$("leaked").textContent = leaked.length ?
		`Leaked for certain: ${size(leaked.reduce((sum, l) => sum + l.bytes, 0))} by ${[...names].join(", ")}.` : "";
	$("reasons").replaceChildren(...data.reasons.map((s) => make("li", {}, s)));
	$("coverage").replaceChildren(...data.sentences.map((s) => make("li", {}, s)));
	if (data.sentences.length < 2)
		$("coverage").append(make("li", {}, "Nothing is known to be missing."));
	$("made").textContent = `Made by modmem ${data.version} from ${data.file}.`;
	document.title = `Kernel memory by module: ${data.file}`;
}

// ---- live bytes over time ---------------------------------------------------

// Colours that the colour-blind tell apart (Okabe and Ito), and some more.
const colours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442",
		 "#a992cf", "#a6761d", "#66a61e"];
const colour_of = new Map();

function assign_colours() {
	const series = data.series ? data.series.modules.map((s) => s.module) : [];
	const rank = data.modules.map((m, i) => i).sort((a, b) => data.modules[b].peak - data.modules[a].peak);
	for (const i of rank.filter((m) => series.includes(m) && data.modules[m].state !== "kernel"))
		if (colour_of.size < colours.length)
			colour_of.set(i, colours[colour_of.size]);
}

function time_chart() {
	const series = data.series;
	if (!series) {
		$("time-section").hidden = true;
		return;
	}
	const n = series.total.max.length;
	// one curve a colour; all other modules are one curve
	const curves = series.modules.filter((s) => colour_of.has(s.module)).map((s) => ({
		name: data.modules[s.module].name, max: s.max, last: s.last, colour: colour_of.get(s.module),
		peak: data.modules[s.module].peak, on: true,
	})).sort((a, b) => b.peak - a.peak);
	const rest = series.modules.filter((s) => !colour_of.has(s.module) && data.modules[s.module].state !== "kernel");
	const sum = (list, what) => Array.from({ length: n }, (_, b) => list.reduce((t, s) => t + s[what][b], 0));
	if (rest.length)
		curves.push({ name: `${rest.length} more modules`, max: sum(rest, "max"), last: sum(rest, "last"),
			      colour: "#777777", on: true });
	for (const s of series.modules.filter((m) => data.modules[m.module].state === "kernel"))
		curves.push({ name: data.modules[s.module].name, max: s.max, last: s.last, colour: "#bbbbbb",
			      on: !curves.length });

	$("time-hint").textContent = "Each moment shows the most that a module held within it" +
		(data.clock_is_ns ? ` (${series.bucket / 1e6} ms wide).` : ` (${series.bucket} ticks wide).`) +
		(series.peak_time === null ? "" :
		 ` All together held most at ${time(series.peak_time)}: ${size(series.peak)}.`) +
		(series.marks_left_out ? ` ${count(series.marks_left_out)} later loads and unloads are not shown.` : "");

	const box = $("time"), status = $("time-status");
	const left = 56, right = 12, top = 26, bottom = 28, height = 340;
	let cross = null, tip = null, at = null;

	$("legend").replaceChildren(...curves.map((c) => {
		const swatch = make("span", { class: "swatch" });
		swatch.style.background = c.colour;
		const button = make("button", { type: "button", "aria-pressed": c.on }, swatch, c.name);
		button.addEventListener("click", () => {
			c.on = !c.on;
			button.setAttribute("aria-pressed", c.on);
			draw();
		});
		return button;
	}));

	// The bytes between two lines: a power of two, four to eight of them.
	function step_of(most) {
		let step = 1;
		while (most / step > 8)
			step *= 2;
		return step;
	}

	function step_of_time(span) {
		const unit = 10 ** Math.floor(Math.log10(span / 5));
		return unit * [1, 2, 5, 10].find((k) => span / (unit * k) <= 8);
	}

	function draw() {
		const width = Math.max(box.clientWidth, 320);
		const x = (b) => left + (width - left - right) * b / n;
		const x_of_time = (t) => left + (width - left - right) * Math.min(t / series.bucket, n) / n;
		const on = curves.filter((c) => c.on);
		const tops = [new Array(n).fill(0)];
		for (const c of on)
			tops.push(c.max.map((v, b) => v + tops[tops.length - 1][b]));
		const most = Math.max(1, ...tops[tops.length - 1]);
		const y = (v) => height - bottom - (height - top - bottom) * v / most;
		const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img",
					   "aria-label": "Live bytes over time, " + on.map((c) => c.name).join(", ") });

		for (let v = 0, step = step_of(most); v <= most; v += step) {
			svg.append(shape("line", { class: "grid", x1: left, x2: width - right, y1: y(v), y2: y(v) }));
			svg.append(shape("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, size(v)));
		}
		const span = n * series.bucket, step = step_of_time(span);
		for (let t = 0; t <= span; t += step)
			svg.append(shape("text", { x: x_of_time(t), y: height - 8, "text-anchor": t ? "middle" : "start" },
					 data.clock_is_ns ? "+" + parseFloat((t / 1e9).toPrecision(6)) + " s" : "+" + t));
		on.forEach((c, i) => {
			const low = tops[i], high = tops[i + 1];
			let path = `M${x(0)},${y(low[0])}`;
			for (let b = 0; b < n; b++)
				path += `V${y(high[b]).toFixed(1)}H${x(b + 1).toFixed(1)}`;
			for (let b = n - 1; b >= 0; b--)
				path += `V${y(low[b]).toFixed(1)}H${x(b).toFixed(1)}`;
			svg.append(shape("path", { d: path + "Z", fill: c.colour, class: "area" }));
			svg.append(shape("path", { d: path + "Z", class: "edge" }));
		});
		for (const [t, module, load] of series.marks) {
			const what = load ? "load" : "unload", px = x_of_time(t);
			const line = shape("line", { class: what, x1: px, x2: px, y1: top, y2: height - bottom });
			const sign = shape("text", { class: what, x: px, y: top - 4, "text-anchor": "middle" },
					   load ? "▲" : "▼");
			sign.append(shape("title", {}, `${what} ${data.modules[module].name} at ${time(t)}`));
			svg.append(line, sign);
		}
		for (const [b, lost] of series.lost) {
			const sign = shape("text", { class: "lost", x: x(b + .5), y: height - bottom + 5,
						     "text-anchor": "middle" }, "✕");
			sign.append(shape("title", {}, `${lost === null ? "some" : count(lost)} events lost at ${time(b * series.bucket)}`));
			svg.append(sign);
		}
		cross = shape("line", { class: "cross", y1: top, y2: height - bottom, visibility: "hidden" });
		tip = make("div", { class: "tip", hidden: "" });
		svg.append(cross);
		box.replaceChildren(svg, tip);
		box.x = x;
		box.width = width;
		if (at !== null)
			point(at);
	}

	function point(b) {
		at = Math.max(0, Math.min(n - 1, b));
		const px = box.x(at + .5), from = at * series.bucket, until = from + series.bucket;
		cross.setAttribute("x1", px);
		cross.setAttribute("x2", px);
		cross.setAttribute("visibility", "visible");
		const rows = curves.filter((c) => c.on && (c.max[at] || c.last[at]));
		const marks = series.marks.filter(([t]) => t >= from && t < until)
			.map(([, m, load]) => (load ? "load " : "unload ") + data.modules[m].name);
		const lost = series.lost.filter(([k]) => k === at)
			.map(([, k]) => (k === null ? "some" : count(k)) + " events lost");
		const cells = (name, max, last) => make("tr", {}, make("th", { scope: "row" }, name),
			make("td", { class: "number" }, size(max)), make("td", { class: "number" }, size(last)));
		tip.replaceChildren(time(from), make("table", {}, make("tbody", {},
			make("tr", {}, make("td", {}), make("td", { class: "number" }, "most"), make("td", { class: "number" }, "last")),
			...rows.map((c) => cells(c.name, c.max[at], c.last[at])),
			cells("all, with [kernel]", series.total.max[at], series.total.last[at]))),
			...[...marks, ...lost].map((text) => make("div", {}, text)));
		tip.hidden = false;
		tip.style.left = px > box.width / 2 ? "" : px + 12 + "px";
		tip.style.right = px > box.width / 2 ? box.width - px + 12 + "px" : "";
		status.textContent = [`${time(from)}: all ${size(series.total.last[at])}`,
			...rows.slice(0, 6).map((c) => `${c.name} ${size(c.last[at])}`), ...marks, ...lost].join(", ");
	}

	function leave() {
		at = null;
		cross.setAttribute("visibility", "hidden");
		tip.hidden = true;
	}

	box.addEventListener("mousemove", (e) => {
		const px = e.clientX - box.getBoundingClientRect().left;
		if (px >= left && px <= box.width - right)
			point(Math.floor((px - left) / (box.width - left - right) * n));
	});
	box.addEventListener("mouseleave", leave);
	box.addEventListener("blur", leave);
	box.addEventListener("keydown", (e) => {
		const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[e.key];
		if (by)
			point((at === null ? by < 0 ? n : -1 : at) + by);
		else if (e.key === "Home" || e.key === "End")
			point(e.key === "Home" ? 0 : n - 1);
		else if (e.key === "Escape")
			leave();
		else
			return;
		e.preventDefault();
	});
	window.addEventListener("resize", draw);
	window.addEventListener("beforeprint", draw);
	draw();
}

// ---- flame graph ------------------------------------------------------------

const metrics = ["live", "peak", "allocated", "objects", "allocs"];
const charges = ["own", "induced", "overhead"];
const hints = {
	live: "What is live at the end.",
	peak: "What each module's stacks held when that module had most of its own: the peak in the table above. Modules have theirs at different times.",
	allocated: "All that was ever taken, whether freed or not.",
	objects: "Allocations that are live at the end.",
	allocs: "All allocations, whether freed or not.",
};

function flame_graph() {
	const box = $("flame"), status = $("flame-status");
	const LINE = 18, LEAST = .0005;
	let root, zoom, here = null, drawn = new Map();

	const select = $("flame-module");
	select.append(make("option", { value: "" }, "all modules"));
	const with_stacks = new Set(data.stacks.map((s) => s[0]));
	data.modules.forEach((m, i) => {
		if (with_stacks.has(i))
			select.append(make("option", { value: i }, m.name));
	});

	// what no module took is not what the page is about, unless there is nothing else
	$("flame-kernel").checked = !data.stacks.some(([module]) => !outside(module));

	const metric = () => $("flame-metric").value;
	const number = (v) => metric() === "objects" || metric() === "allocs" ? count(v) : size(v);

	function node(name, parent, module) {
		return { name, parent, module, value: 0, children: new Map(), depth: parent ? parent.depth + 1 : 0 };
	}

	function child(parent, name, module) {
		let c = parent.children.get(name);
		if (!c) {
			c = node(name, parent, module);
			parent.children.set(name, c);
		}
		return c;
	}

	function build() {
		const column = metrics.indexOf(metric()), only = select.value;
		const wanted = charges.map((c) => $("flame-" + c).checked);
		let left_out = 0;
		root = node("all", null, -1);
		for (const [module, charge, values, frames] of data.stacks) {
			if (!wanted[charge] || !values[column] || (only !== "" && module !== +only))
				continue;
			if (only === "" && outside(module) && !$("flame-kernel").checked) {
				left_out += values[column];
				continue;
			}
			const name = data.modules[module].name + (charge ? ` (${charges[charge]})` : "");
			let at = child(root, name, module);
			root.value += values[column];
			at.value += values[column];
			for (const f of frames) {
				at = child(at, data.frames[f][0], data.frames[f][1]);
				at.value += values[column];
			}
		}
		zoom = root;
		here = null;
		$("flame-hint").textContent = hints[metric()] + (left_out ?
			` Without [kernel] and [unknown], which have ${number(left_out)}.` : "");
		draw();
	}

	const matches = (n, text) => text && n.name.toLowerCase().includes(text);

	function matched(n, text) {
		if (matches(n, text))
			return n.value;
		let sum = 0;
		for (const c of n.children.values())
			sum += matched(c, text);
		return sum;
	}

	function place(n, from, width, text, above) {
		const e = make("div", { class: "frame", role: "treeitem", "aria-level": n.depth + 1,
					"aria-selected": "false", id: "frame" + drawn.size });
		e.append(n.name);
		e.title = `${n.name}: ${number(n.value)}, ${(100 * n.value / root.value).toFixed(1)} %`;
		e.setAttribute("aria-label", e.title);
		e.style.left = 100 * from + "%";
		e.style.width = 100 * width + "%";
		e.style.top = LINE * n.depth + "px";
		if (colour_of.has(n.module)) {
			e.style.background = colour_of.get(n.module);
			e.classList.toggle("dark", colour_of.get(n.module) === colours[0]);
		} else {
			e.classList.add("kernel");
		}
		e.classList.toggle("above", above);
		e.classList.toggle("hit", !!matches(n, text));
		e.addEventListener("click", () => go(n));
		e.addEventListener("mouseenter", () => { status.textContent = e.title; });
		drawn.set(n, e);
		box.append(e);
	}

	function draw() {
		const text = $("flame-search").value.trim().toLowerCase();
		let deepest = 0;
		box.replaceChildren();
		drawn = new Map();
		if (!root.value) {
			box.style.height = "";
			box.append(make("p", {}, "Nothing to show here."));
			status.textContent = "";
			return;
		}
		for (let n = zoom.parent; n; n = n.parent)
			place(n, 0, 1, text, true);
		const todo = [[zoom, 0]];
		while (todo.length) {
			const [n, from] = todo.pop();
			const width = n.value / zoom.value;
			if (width < LEAST)
				continue;
			place(n, from, width, text, false);
			deepest = Math.max(deepest, n.depth);
			let at = from;
			for (const c of [...n.children.values()].sort((a, b) => b.value - a.value)) {
				todo.push([c, at]);
				at += c.value / zoom.value;
			}
		}
		box.style.height = LINE * (deepest + 1) + 2 + "px";
		if (text)
			status.textContent = `'${text}' has ${number(matched(root, text))}, ` +
				`${(100 * matched(root, text) / root.value).toFixed(1)} % of ${number(root.value)}`;
		else
			status.textContent = drawn.get(zoom).title;
		mark(here && drawn.has(here) ? here : null);
	}

	function mark(n) {
		if (here && drawn.has(here)) {
			drawn.get(here).classList.remove("here");
			drawn.get(here).setAttribute("aria-selected", "false");
		}
		here = n;
		box.removeAttribute("aria-activedescendant");
		if (!n)
			return;
		drawn.get(n).classList.add("here");
		drawn.get(n).setAttribute("aria-selected", "true");
		box.setAttribute("aria-activedescendant", drawn.get(n).id);
		status.textContent = drawn.get(n).title;
	}

	function go(n) {
		zoom = n;
		draw();
		mark(document.activeElement === box ? n : null);
	}

	const by_size = (n) => [...n.children.values()].sort((a, b) => b.value - a.value).filter((c) => drawn.has(c));

	function step(key) {
		if (!here)
			return zoom;
		const siblings = here.parent ? by_size(here.parent) : [here];
		const i = siblings.indexOf(here);
		return { ArrowDown: by_size(here)[0], ArrowUp: here.parent, ArrowLeft: siblings[i - 1],
			 ArrowRight: siblings[i + 1] }[key] || here;
	}

	box.addEventListener("keydown", (e) => {
		if (!root.value)
			return;
		if (e.key.startsWith("Arrow"))
			mark(step(e.key));
		else if (e.key === "Enter" && here)
			go(here);
		else if (e.key === "Escape")
			go(root);
		else
			return;
		e.preventDefault();
	});
	for (const id of ["flame-metric", "flame-module", "flame-own", "flame-induced", "flame-overhead",
			  "flame-kernel"])
		$(id).addEventListener("change", build);
	$("flame-search").addEventListener("input", draw);
	$("flame-reset").addEventListener("click", () => go(root));
	build();
}

show_head();
show_modules();
assign_colours();
time_chart();
flame_graph();
show_sites();
show_leaks();
document.documentElement.dataset.ready = "yes";
})();
