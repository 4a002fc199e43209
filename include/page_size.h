/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_size.h - what pages kernels have: powers of two, in bytes
 */
#ifndef MODMEM_PAGE_SIZE_H
#define MODMEM_PAGE_SIZE_H

#define PAGE_SIZE_MIN	4096u	/* of all architectures */
#define PAGE_SIZE_MAX	(256u << 10)	/* powerpc, arch/powerpc/Kconfig */

#endif
