// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_fixture.h"
#include "elffile.h"
#include "error.h"
#include "elf/fileimage.h"

#define MODINFO "license=GPL\0name=km_test\0vermagic=6.1.0-49-amd64 SMP"

static const uint8_t id[20] = { 0xab, 0xcd, 1, 2, 3, [19] = 0xff };

#define ID_TEXT "abcd0102030000000000000000000000000000ff"

/* A module as any kernel's build makes them. */
static uint8_t *make_module(uint16_t machine, bool big_endian, bool is32, bool modinfo,
			    size_t *len)
{
	uint8_t note[128];
	size_t note_len = elf_fixture_note(note, big_endian, 5, "Linux", id, 4);
	char this_module[256] = { 0 };

	note_len += elf_fixture_note(note + note_len, big_endian, NT_GNU_BUILD_ID, "GNU",
				     id, sizeof(id));
	strcpy(this_module + (is32 ? 12 : 24), "km_older");
	const struct fixture_section sections[] = {
		{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0, 16, NULL, 100 },
		{ ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0, 32, NULL, 4000 },
		{ ".note.all", SHT_NOTE, SHF_ALLOC, 0, 4, note, note_len },
		{ ".gnu.linkonce.this_module", SHT_PROGBITS, SHF_ALLOC, 0, 8, this_module,
		  sizeof(this_module) },
		{ modinfo ? ".modinfo" : ".nothing", SHT_PROGBITS, SHF_ALLOC, 0, 1, MODINFO,
		  sizeof(MODINFO) },
	};
	const struct elf_fixture f = {
		.type = ET_REL, .machine = machine, .big_endian = big_endian, .is32 = is32,
		.sections = sections, .n_sections = 5,
	};

	return elf_fixture_make(&f, len);
}

static void any_architecture(void **state)
{
	static const struct {
		uint16_t em;
		bool big_endian, is32;
		const char *machine, *uname, *other;
	} archs[] = {
		{ EM_X86_64, false, false, "x86_64", "x86_64", "aarch64" },
		{ EM_386, false, true, "i686", "i586", "armv7l" },
		{ EM_AARCH64, false, false, "aarch64", "aarch64", "x86_64" },
		{ EM_ARM, false, true, "arm", "armv7l", "mips" },
		{ EM_PPC64, false, false, "ppc64le", "ppc64le", "x86_64" },
		{ EM_PPC64, true, false, "ppc64", "ppc64", "s390x" },
		{ EM_S390, true, false, "s390x", "s390x", "ppc64" },
		{ EM_RISCV, false, false, "riscv64", "riscv64", "x86_64" },
		{ EM_MIPS, true, true, "mips", "mips", "ppc" },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++) {
		size_t len;
		uint8_t *data = make_module(archs[i].em, archs[i].big_endian, archs[i].is32,
					    true, &len);
		unsigned int bits = archs[i].is32 ? 32 : 64;
		struct elffile *ef = elffile_memory("some-where.ko", data, len, &err);
		const struct elf_section *sec;

		assert_non_null(ef);
		assert_string_equal(elffile_machine(ef), archs[i].machine);
		assert_int_equal(elffile_big_endian(ef), archs[i].big_endian);
		assert_int_equal(elffile_long_bits(ef), bits);
		assert_true(elffile_relocatable(ef));
		assert_string_equal(elffile_build_id(ef), ID_TEXT);
		assert_string_equal(elffile_module(ef), "km_test");
		assert_string_equal(elffile_modinfo(ef, "vermagic"), "6.1.0-49-amd64 SMP");
		assert_null(elffile_modinfo(ef, "verm"));
		assert_null(elffile_modinfo(ef, "depends"));
		sec = elffile_find(ef, ".text");
		assert_int_equal(sec->len, 100);
		assert_int_equal(sec->align, 16);
		sec = elffile_find(ef, ".bss");
		assert_int_equal(sec->size, 4000);
		assert_null(sec->data);
		assert_int_equal(sec->len, 0);
		assert_null(elffile_find(ef, ".data"));

		assert_int_equal(elffile_fits(ef, archs[i].uname, archs[i].big_endian, bits,
					      &err), 0);
		assert_int_equal(elffile_fits(ef, NULL, archs[i].big_endian, bits, &err), 0);
		assert_true(elffile_fits(ef, archs[i].other, archs[i].big_endian, bits, &err) < 0);
		assert_true(elffile_fits(ef, archs[i].uname, !archs[i].big_endian, bits, &err) < 0);
		assert_true(elffile_fits(ef, archs[i].uname, archs[i].big_endian, 96 - bits,
					 &err) < 0);
		assert_non_null(strstr(err.text, archs[i].machine));
		elffile_close(ef);
		free(data);
	}
}

static void name_without_modinfo(void **state)
{
	struct error err;
	struct elffile *ef;
	uint8_t *data;
	size_t len;

	(void)state;
	for (int is32 = 0; is32 < 2; is32++) {
		data = make_module(is32 ? EM_ARM : EM_X86_64, false, is32, false, &len);
		ef = elffile_memory("x.ko", data, len, &err);
		assert_string_equal(elffile_module(ef), "km_older");
		elffile_close(ef);
		free(data);
	}
}

static void name_of_the_file(void **state)
{
	static const struct fixture_section text = {
		".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0, 16, NULL, 8
	};
	struct elf_fixture f = {
		.type = ET_REL, .machine = EM_X86_64, .sections = &text, .n_sections = 1,
	};
	struct error err;
	struct elffile *ef;
	uint8_t *data;
	size_t len;

	(void)state;
	data = elf_fixture_make(&f, &len);
	ef = elffile_memory("/lib/modules/6.1/snd-hda-intel.ko.xz", data, len, &err);
	assert_string_equal(elffile_module(ef), "snd_hda_intel");
	assert_null(elffile_build_id(ef));
	elffile_close(ef);
	free(data);

	f.type = ET_EXEC;
	data = elf_fixture_make(&f, &len);
	ef = elffile_memory("/boot/vmlinux", data, len, &err);
	assert_null(elffile_module(ef));
	assert_false(elffile_relocatable(ef));
	elffile_close(ef);
	free(data);
}

static void packed(void **state)
{
	struct error err = { "" };
	uint8_t *data, *small;
	struct fileimage img;
	size_t len, packed_len;

	(void)state;
	data = make_module(EM_S390, true, false, true, &len);
	for (int how = FIXTURE_GZIP; how <= FIXTURE_ZSTD; how++) {
		struct elffile *ef;

		small = fixture_pack(how, data, len, &packed_len);
		ef = elffile_memory("x.ko", small, packed_len, &err);
		assert_non_null(ef);
		assert_string_equal(elffile_module(ef), "km_test");
		elffile_close(ef);

		/* every length that is too short */
		for (size_t cut = 8; cut < packed_len; cut += 1 + cut / 16) {
			assert_null(elffile_memory("x.ko", small, cut, &err));
			assert_non_null(strstr(err.text, "x.ko: "));
		}
		/* two of them behind each other are one file, as gzip(1) has it */
		small = realloc(small, 2 * packed_len);
		memcpy(small + packed_len, small, packed_len);
		assert_int_equal(fileimage_copy(&img, "x", small, 2 * packed_len, &err), 0);
		assert_int_equal(img.len, 2 * len);
		assert_memory_equal(img.data, data, len);
		assert_memory_equal(img.data + len, data, len);
		fileimage_free(&img);

		/* zstd's have no checksum unless asked for */
		small[packed_len / 2] ^= 0x55;
		if (how != FIXTURE_ZSTD)
			assert_null(elffile_memory("x.ko", small, packed_len, &err));
		free(small);
	}
	free(data);
}

/* Not one that fills the memory. */
static void bomb(void **state)
{
	size_t len = FILEIMAGE_SMALL + 4096, packed_len;
	uint8_t *zeros = calloc(1, len), *small;
	struct error err = { "" };
	struct fileimage img;

	(void)state;
	for (int how = FIXTURE_GZIP; how <= FIXTURE_ZSTD; how++) {
		small = fixture_pack(how, zeros, len, &packed_len);
		assert_int_not_equal(fileimage_copy(&img, "bomb", small, packed_len, &err), 0);
		assert_non_null(strstr(err.text, "unpacks to more than 16 MiB"));
		free(small);

		small = fixture_pack(how, zeros, FILEIMAGE_SMALL - 1, &packed_len);
		assert_int_equal(fileimage_copy(&img, "x", small, packed_len, &err), 0);
		assert_int_equal(img.len, FILEIMAGE_SMALL - 1);
		fileimage_free(&img);
		free(small);
	}
	free(zeros);
}

static void damaged(void **state)
{
	struct error err = { "" };
	uint8_t *data, *copy;
	size_t len, i;

	(void)state;
	data = make_module(EM_X86_64, false, false, true, &len);
	copy = malloc(len);
	for (i = 0; i < len; i += 1 + i / 16) {
		err.text[0] = '\0';
		/* section headers stand at the end */
		assert_null(elffile_memory("x.ko", data, i, &err));
		assert_true(strlen(err.text) > 10);
	}
	/* every byte of the headers, set to what is the worst */
	for (i = 0; i < sizeof(Elf64_Ehdr) + 64 * 9; i++) {
		size_t at = i < sizeof(Elf64_Ehdr) ? i : len - 64 * 9 + i - sizeof(Elf64_Ehdr);
		struct elffile *ef;

		memcpy(copy, data, len);
		copy[at] = 0xff;
		err.text[0] = '\0';
		ef = elffile_memory("x.ko", copy, len, &err);
		assert_true(ef || strlen(err.text) > 10);
		elffile_close(ef);
	}
	free(copy);
	free(data);
}

static void no_file(void **state)
{
	struct error err = { "" };
	char path[] = "/tmp/modmem-test.XXXXXX";
	int fd;

	(void)state;
	assert_null(elffile_open("/nonexistent/x.ko", &err));
	assert_non_null(strstr(err.text, "/nonexistent/x.ko: No such file"));
	assert_null(elffile_open("/tmp", &err));
	assert_non_null(strstr(err.text, "Is a directory"));
	assert_null(elffile_open("/dev/null", &err));
	assert_non_null(strstr(err.text, "no regular file"));
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_null(elffile_open(path, &err));
	assert_non_null(strstr(err.text, "is empty"));
	assert_int_equal(write(fd, "not an object file", 18), 18);
	close(fd);
	assert_null(elffile_open(path, &err));
	assert_non_null(strstr(err.text, "is no ELF file"));
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_architecture),
		cmocka_unit_test(name_without_modinfo),
		cmocka_unit_test(name_of_the_file),
		cmocka_unit_test(packed),
		cmocka_unit_test(bomb),
		cmocka_unit_test(damaged),
		cmocka_unit_test(no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
