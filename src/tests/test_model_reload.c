// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_reload.c - modules that come and go: init text, reuse of
 * addresses, reloads, leaks (TRAPS D2, D3, D4)
 */
#include <string.h>

#include "model_fixture.h"
#include "modmap.h"

#define OBJECT 0xffff888012345600ULL
#define PFN 0x1234u

/* Init text of a module, which kallsyms does not show later. */
#define INIT_TEXT	"0xffffffffc0501010"
#define INIT_TEXT_2	"0xffffffffc0501880"

#define ONLY_FSMOD \
	"ffffffffc0421000 t fs_write\t[fsmod]\n" \
	"ffffffffc0421080 t fs_exit\t[fsmod]\n"

/* fsmod where kmtest was before */
#define FSMOD_AT_KMTEST \
	"ffffffffc0401000 t fs_write\t[fsmod]\n" \
	"ffffffffc0401080 t fs_exit\t[fsmod]\n"

/* A module that was removed has no symbols: its code is unknown, not guessed. */
static void d2_removed_module_has_no_symbols(void **state)
{
	struct model *m = MODEL(.shown = ONLY_FSMOD);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	model_pages(m, PFN, 0, "__alloc_pages < alloc_pages < do_pages" SYSCALL);
	assert_own(m, "[unknown]", KIND_SLAB, 64);
	assert_own(m, "[unknown]", KIND_PAGES, PAGE);
	assert_nothing(m, "fsmod");
	assert_nothing(m, "[kernel]");
	assert_int_equal(model_snapshot(m)->coverage.unknown_addresses, 2);
	/* a module in between is nearer than one further out */
	model_kmalloc(m, OBJECT + 64, 64, 64, "__kmalloc < *seq_open < do_lib < fs_write < vfs_write");
	assert_induced(m, "[unknown]", KIND_SLAB, 64);
	model_done(m);
}

/* ... also when it was the only one, so that no other tells the range. */
static void d2_removed_module_was_the_only_one(void **state)
{
	struct model *m = MODEL(.shown = "", .plan = "-kmtest");

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	model_pages(m, PFN, 0, "__alloc_pages < alloc_pages < do_pages" SYSCALL);
	model_pages(m, PFN + 1, 0, "__alloc_pages < alloc_pages < 0x384 < seq_open < ksys_write");
	model_module(m, "kmtest", false);
	assert_own(m, "[unknown]", KIND_SLAB, 64);
	assert_own(m, "[unknown]", KIND_PAGES, PAGE);
	assert_only_own(m, "[kernel]", KIND_PAGES, PAGE);
	model_done(m);
}

static void d3_init_is_named_by_module_load(void **state)
{
	struct model *m = MODEL(.plan = "+libkm +kmtest");

	(void)state;
	model_module(m, "libkm", true);
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *" INIT_TEXT INIT);
	model_pages(m, PFN, 0, "__alloc_pages < alloc_pages < " INIT_TEXT_2 " < " INIT_TEXT INIT);
	model_cache_alloc(m, OBJECT + 64, 64, 64, "kmem_cache_alloc < *proc_create < " INIT_TEXT INIT);
	assert_own(m, "libkm", KIND_SLAB, 64);
	assert_own(m, "libkm", KIND_PAGES, PAGE);
	assert_induced(m, "libkm", KIND_SLAB, 64);
	/* the next one in the same task, at the same address */
	model_module(m, "kmtest", true);
	model_kmalloc(m, OBJECT + 128, 32, 32, "__kmalloc < *" INIT_TEXT INIT);
	assert_own(m, "kmtest", KIND_SLAB, 32);
	assert_own(m, "libkm", KIND_SLAB, 64);
	assert_nothing(m, "[unknown]");
	model_done(m);
}

static void d3_init_without_module_load(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *" INIT_TEXT INIT);
	model_pages(m, PFN, 0, "__alloc_pages < alloc_pages < " INIT_TEXT INIT);
	assert_own(m, "[unknown]", KIND_SLAB, 64);
	assert_own(m, "[unknown]", KIND_PAGES, PAGE);
	/* its code that is not init text is known all the same */
	model_kmalloc(m, OBJECT + 64, 64, 64, "__kmalloc < *lib_make < " INIT_TEXT INIT);
	assert_own(m, "libkm", KIND_SLAB, 64);
	model_done(m);
}

static void d3_init_where_no_module_is_known(void **state)
{
	struct model *m = MODEL(.shown = "");

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *" INIT_TEXT INIT);
	model_pages(m, PFN, 0, "__alloc_pages < alloc_pages < " INIT_TEXT INIT);
	assert_own(m, "[unknown]", KIND_SLAB, 64);
	assert_own(m, "[unknown]", KIND_PAGES, PAGE);
	assert_nothing(m, "[kernel]");
	model_done(m);
}

/* Other tasks do not make one forget who is being loaded. */
static void d3_many_tasks_while_a_module_loads(void **state)
{
	struct model *m = MODEL(.plan = "+libkm", .no_replay = true);
	int pid;

	(void)state;
	m->pid = 100000;
	model_module(m, "libkm", true);
	for (pid = 1; pid <= 5000; pid++) {
		m->pid = pid;
		model_kmalloc(m, OBJECT + (uint64_t)pid * 64, 64, 64, "__kmalloc < *seq_open");
	}
	m->pid = 100000;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *" INIT_TEXT INIT);
	assert_only_own(m, "libkm", KIND_SLAB, 64);
	model_done(m);
}

/* A task that loaded a module which is gone is not still loading it. */
static void d3_loading_ends_when_the_module_goes(void **state)
{
	struct model *m = MODEL(.plan = "+libkm -libkm");

	(void)state;
	model_module(m, "libkm", true);
	m->pid = 200;
	model_module(m, "libkm", false);
	m->pid = 100;	/* loads another one, whose event was lost */
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *" INIT_TEXT INIT);
	assert_nothing(m, "libkm");
	assert_own(m, "[unknown]", KIND_SLAB, 64);
	model_done(m);
}

/* A module whose init function is no init text stays what it is. */
static void d3_init_in_core_text(void **state)
{
	struct model *m = MODEL(.modules =
		"ffffffffc0401000 t kmtest_init\t[kmtest]\n"
		"ffffffffc0401000 t init_module\t[kmtest]\n"
		"ffffffffc0401080 t do_kmalloc\t[kmtest]\n");

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *kmtest_init" INIT);
	assert_only_own(m, "kmtest", KIND_SLAB, 64);
	assert_string_equal(model_site(m, "kmtest", "kmtest_init", NULL)->via, "kmalloc");
	assert_int_equal(books_stats(m->books)->init_guarded, 0);
	model_done(m);
}

/* An init function that ends in a call is not on the stack: its callee is who it is. */
static void d3_init_ends_in_a_call(void **state)
{
	struct model *m = MODEL(.modules =
		"ffffffffc0401000 t fs_register\t[fsmod]\n"
		"ffffffffc0401080 t fs_alloc\t[fsmod]\n", .plan = "+libkm");

	(void)state;
	model_module(m, "libkm", true);
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *fs_alloc < fs_register" INIT);
	assert_only_own(m, "fsmod", KIND_SLAB, 64);
	assert_int_equal(books_stats(m->books)->init_guarded, 0);
	/* the load of fsmod may have been lost: this may be libkm's init text */
	model_lost(m, 1);
	model_kmalloc(m, OBJECT + 64, 32, 32, "__kmalloc < *fs_alloc+0x10 < fs_register" INIT);
	assert_own(m, "fsmod", KIND_SLAB, 64);
	assert_int_equal(books_stats(m->books)->init_guarded, 1);
	model_done(m);
}

/* Freed init text, taken by the text of a later module, is not that one's. */
static void d4_init_text_becomes_another_modules_text(void **state)
{
	struct model *m = MODEL(.modules = FSMOD_AT_KMTEST);

	(void)state;
	/* no module events: the map is what it was at the end */
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *fs_exit" INIT);
	model_cache_alloc(m, OBJECT + 64, 64, 64, "kmem_cache_alloc < *register_netdev < fs_exit" INIT);
	assert_nothing(m, "fsmod");
	assert_own(m, "[unknown]", KIND_SLAB, 64);
	assert_induced(m, "[unknown]", KIND_SLAB, 64);
	assert_int_equal(model_snapshot(m)->coverage.init_text_guarded, 2);
	/*
	 * fsmod cannot have been there yet: what lies in its text, further
	 * pages of this init text for one, is not its own either
	 */
	model_kmalloc(m, OBJECT + 192, 64, 64,
		      "__kmalloc < *fs_write+0x2000 < fs_exit" INIT);
	assert_nothing(m, "fsmod");
	assert_own(m, "[unknown]", KIND_SLAB, 128);
	/* in a system call it is fsmod's */
	model_kmalloc(m, OBJECT + 128, 64, 64, "__kmalloc < *fs_write < vfs_write");
	assert_only_own(m, "fsmod", KIND_SLAB, 64);
	model_done(m);

	/* with module events: it is known whose init it is */
	m = MODEL(.modules = FSMOD_AT_KMTEST, .plan = "+kmtest +fsmod");
	model_module(m, "kmtest", true);
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *fs_exit" INIT);
	model_module(m, "fsmod", true);
	model_kmalloc(m, OBJECT + 64, 64, 64, "__kmalloc < *fs_write < vfs_write");
	assert_only_own(m, "kmtest", KIND_SLAB, 64);
	assert_only_own(m, "fsmod", KIND_SLAB, 64);
	model_done(m);
}

static void d4_unload_then_another_at_the_same_address(void **state)
{
	struct model *m = MODEL(.modules = FSMOD_AT_KMTEST, .plan = "-kmtest +fsmod");

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *fs_write < vfs_write");
	model_module(m, "kmtest", false);
	model_kmalloc(m, OBJECT + 64, 32, 32, "__kmalloc < *fs_write < vfs_write");
	model_module(m, "fsmod", true);
	/* the very same stack, and now it is fsmod */
	model_kmalloc(m, OBJECT + 128, 64, 64, "__kmalloc < *fs_write < vfs_write");
	assert_only_own(m, "fsmod", KIND_SLAB, 64);
	assert_only_own(m, "[unknown]", KIND_SLAB, 96);
	assert_int_equal(model_row(m, "kmtest")->state, MODULE_UNLOADED);
	assert_int_equal(model_row(m, "fsmod")->state, MODULE_LOADED);
	/* each object goes from whom it came */
	model_kfree(m, OBJECT);
	assert_only_own(m, "fsmod", KIND_SLAB, 64);
	assert_only_own(m, "[unknown]", KIND_SLAB, 32);
	model_done(m);
}

static void d4_reload(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest +kmtest");

	(void)state;
	/* where the first one lay nobody knows: kallsyms shows the second */
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	model_module(m, "kmtest", false);
	model_module(m, "kmtest", true);
	model_kmalloc(m, OBJECT + 64, 32, 32, "__kmalloc < *" INIT_TEXT INIT);
	model_kmalloc(m, OBJECT + 128, 32, 32, "__kmalloc < *do_kmalloc" SYSCALL);
	assert_own(m, "kmtest", KIND_SLAB, 64);
	assert_own(m, "[unknown]", KIND_SLAB, 64);
	assert_int_equal(model_row(m, "kmtest")->state, MODULE_LOADED);
	/* what the first one left behind is in [unknown]: it cannot be told */
	assert_int_equal(model_row(m, "kmtest")->leaked_bytes, -1);
	model_done(m);
}

/* Held by an instance that was removed; what a later one holds is no leak. */
static void leaks_of_each_instance(void **state)
{
	struct model *m = MODEL(.plan = "+kmtest -kmtest +kmtest -kmtest +kmtest");

	(void)state;
	model_module(m, "kmtest", true);
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *" INIT_TEXT INIT);
	model_kmalloc(m, OBJECT + 64, 32, 32, "__kmalloc < *" INIT_TEXT INIT);
	assert_int_equal(model_row(m, "libkm")->leaked_bytes, -1);
	model_module(m, "kmtest", false);
	model_module(m, "kmtest", true);
	model_kmalloc(m, OBJECT + 128, 16, 16, "__kmalloc < *" INIT_TEXT INIT);
	model_module(m, "kmtest", false);
	model_module(m, "kmtest", true);
	model_kmalloc(m, OBJECT + 192, 8, 8, "__kmalloc < *" INIT_TEXT INIT);
	/* an RCU callback frees after the module has gone */
	model_kfree(m, OBJECT + 64);
	assert_only_own(m, "kmtest", KIND_SLAB, 64 + 16 + 8);
	assert_int_equal(model_row(m, "kmtest")->leaked_bytes, 64 + 16);
	assert_int_equal(model_row(m, "kmtest")->live_bytes, 88);
	model_done(m);
}

static void leak_of_a_module_with_symbols(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest");

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	model_cache_alloc(m, OBJECT + 64, 64, 64, "kmem_cache_alloc < *proc_create < do_kmalloc" SYSCALL);
	model_module(m, "kmtest", false);
	/* induced memory is no leak of the module's */
	assert_int_equal(model_row(m, "kmtest")->leaked_bytes, 64);
	assert_int_equal(model_row(m, "kmtest")->state, MODULE_UNLOADED);
	/* its text is nobody's any more */
	model_kmalloc(m, OBJECT + 128, 32, 32, "__kmalloc < *do_kmalloc" SYSCALL);
	assert_own(m, "[unknown]", KIND_SLAB, 32);
	model_done(m);
}

/* Module events of which some were lost. */
static void d4_lost_module_events(void **state)
{
	struct model *m = MODEL(.plan = "+kmtest +kmtest -libkm -libkm -nobody");

	(void)state;
	model_module(m, "kmtest", true);
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *" INIT_TEXT INIT);
	model_module(m, "kmtest", true);	/* its removal was lost */
	model_module(m, "libkm", false);
	model_module(m, "libkm", false);	/* its load was lost */
	model_module(m, "nobody", false);
	assert_int_equal(model_row(m, "kmtest")->leaked_bytes, 64);
	assert_int_equal(model_row(m, "libkm")->leaked_bytes, 0);
	assert_int_equal(model_row(m, "nobody")->state, MODULE_UNLOADED);
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(d2_removed_module_has_no_symbols),
		cmocka_unit_test(d2_removed_module_was_the_only_one),
		cmocka_unit_test(d3_init_is_named_by_module_load),
		cmocka_unit_test(d3_init_without_module_load),
		cmocka_unit_test(d3_init_where_no_module_is_known),
		cmocka_unit_test(d3_many_tasks_while_a_module_loads),
		cmocka_unit_test(d3_loading_ends_when_the_module_goes),
		cmocka_unit_test(d3_init_in_core_text),
		cmocka_unit_test(d3_init_ends_in_a_call),
		cmocka_unit_test(d4_init_text_becomes_another_modules_text),
		cmocka_unit_test(d4_unload_then_another_at_the_same_address),
		cmocka_unit_test(d4_reload),
		cmocka_unit_test(leaks_of_each_instance),
		cmocka_unit_test(leak_of_a_module_with_symbols),
		cmocka_unit_test(d4_lost_module_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
