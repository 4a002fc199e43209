/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * companion.h - what a recorder puts behind the trace data, and a replay reads
 *
 * An ordinary trace.dat ends with the last CPU's data. modmem appends one
 * section behind it, which other tools do not look at:
 *
 *   section   "\x17\x08Dmodmem" (9 bytes), version byte 1
 *   items     each: u32 name length, name, u64 time stamp (ns of the trace
 *             clock, 0: not taken), u64 size in the file, u64 size unpacked,
 *             data. Sizes differ: the data is one zstd frame.
 *   trailer   u64 offset of the section in the file, "modmem.1" (8 bytes)
 *
 * Numbers are little endian. The trailer is found at the end of the file.
 *
 * Items (a name may come several times, in the order of time):
 *   uname, page_size, cmdline, modmem (version), start, end (key=value lines)
 *   modules@start, modules@load, modules@end     text of /proc/modules
 *   symbols@start, symbols@load, symbols@end     kallsyms lines of modules;
 *               @load: of the loaded one; no @end where none was loaded
 *   meminfo@before/@after, slabinfo@..., vmallocinfo@..., zoneinfo@...
 *               read just before tracing is switched on, and just after it is
 *               switched off; allocinfo@... too where the kernel has it, and
 *               mem_profiling@...: "0" if that was switched off
 *   smaps@exit  /proc/PID/smaps_rollup of the command as it exited; where it
 *               could not be caught then, smaps@sample: the last that was seen
 *               (or "Rss: N kB" alone, where the kernel has no such file)
 *   command@exit  maxrss_kb= of the command and its children
 *   buildid:MODULE, buildid:vmlinux (the kernel)   hex text
 *   sections:MODULE  names of its sections, one a line (of /sys/module, sorted by
 *               chance); of those at the start, and of each that is loaded
 *   init_text   address of a loaded module's .init.text
 *   init_symbols  symbols in there, of one module, from its file: kallsyms lines with
 *               offsets into it for addresses, the last one where it ends
 *   imports     what the files of these modules leave undefined, a line each: MODULE,
 *               a tab, symbols; MODULE, a tab, "?" where there was no file that is
 *               known to be what was loaded
 *   profilers   what else that kernel has which knows who allocated: lines of
 *               profilers.h (absent: nothing)
 *   probes      one line a companion: NAME covered|blind REASON
 *   narrowed    names of the modules to which --module narrowed it (absent: it
 *               was not): slab and percpu allocations of others are left out
 *   own         events that --own narrowed, "kmem/kmalloc,..." (absent: it was not):
 *               slab and percpu allocations by the kernel's own code, and movable
 *               pages, are left out
 *   filters@start, filters@end  what others had set in the recorder's instance that
 *               leaves events out, as lines of tracefilter.h (absent: nothing)
 *   missing     events that matter and that this kernel does not have
 *   cut         why the recording was cut short (absent: it was not)
 *   checksums   of all else in the file; always the last item, never packed
 *
 * A checksum is XXH3 with 64 bits. The data of "checksums" are numbers of 8 bytes:
 *
 *   COMPANION_PIECE
 *   bytes of the head (all before the first CPU's pages), its checksum
 *   number of CPUs
 *   of each CPU, from 0: offset of its pages in the file (compressed: of its first
 *       chunk), bytes of them (unpacked), and a checksum of each COMPANION_PIECE
 *       bytes of them, the last being shorter
 *   checksum of the section up to here, with its offset in the file as seed
 *
 * A recording that has them says so in trace.dat's VERSION option: the word
 * COMPANION_SUMMED. Without it a section that is cut off could not be missed.
 */
#ifndef MODMEM_COMPANION_H
#define MODMEM_COMPANION_H

#include <stddef.h>
#include <stdint.h>

#define COMPANION_MAGIC		"\x17\x08" "Dmodmem"
#define COMPANION_MAGIC_LEN	9u
#define COMPANION_VERSION	1u
#define COMPANION_TRAILER	"modmem.1"
#define COMPANION_TRAILER_LEN	8u
#define COMPANION_VMLINUX	"vmlinux"	/* no module is called so */
#define COMPANION_IMPORTS	"imports"
#define COMPANION_INIT_TEXT	"init_text"
#define COMPANION_INIT_SYMBOLS	"init_symbols"
#define COMPANION_OWN		"own"
#define COMPANION_NARROWED	"narrowed"
#define COMPANION_BUILDID	"buildid:"	/* and a name */
#define COMPANION_SUMS		"checksums"
#define COMPANION_SUMMED	"checksums"	/* in the VERSION option */
#define COMPANION_PIECE		65536u		/* bytes */

#endif
