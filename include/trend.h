/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trend.h - does a series of live bytes grow, and how fast?
 *
 * A leak shows as growth that does not end, on top of memory that comes and
 * goes. Four things must hold before a series is called growing:
 *
 *  1. The floor rises. The series is cut into blocks of equal length and the
 *     minimum of each is taken: what comes and goes (a cache that fills and is
 *     emptied, requests in flight) does not lift it, a leak does.
 *  2. It rises all along: the test of Mann and Kendall on these minima, one
 *     sided, p < TREND_P. It asks only whether later values are larger than
 *     earlier ones, so it needs no shape and no normal noise. Its variance is
 *     corrected for ties, and for autocorrelation as Hamed and Rao do
 *     (J. Hydrol. 204, 1998): samples of one quantity are no independent
 *     witnesses, without that a single step would pass as a sure trend.
 *  3. It still rises: the second half alone passes with p < TREND_LAST_P, and
 *     its rise is at least TREND_LAST_SHARE of the range of the whole. A
 *     cache that warms up and a table that is filled at the start do not.
 *  4. It does not fall back: nowhere by more than TREND_FALL_SHARE of its range.
 *     Of two or three teeth of a saw the test alone knows too little.
 *
 * The slope is the median of the slopes between all pairs of points (Theil and
 * Sen), its interval of 95 % is Sen's, from the variance of the test.
 */
#ifndef MODMEM_TREND_H
#define MODMEM_TREND_H

#include <stddef.h>
#include <stdint.h>

#include "leaks.h"

#define TREND_BLOCK		8u	/* samples of which a point is the lowest, or more */
#define TREND_POINTS		32u	/* more samples make longer blocks */
#define TREND_POINTS_MIN	12u	/* fewer say nothing */
#define TREND_SAMPLES_MIN	(TREND_POINTS_MIN * TREND_BLOCK)
#define TREND_P			0.001
#define TREND_LAST_P		0.01
#define TREND_FALL_SHARE	0.5
#define TREND_LAST_SHARE	0.15	/* of all the rise, where a half would be linear */

/*
 * Judges @n samples of live bytes, @step_ns apart. Samples before the first
 * that is not zero do not count. 0 or -ENOMEM.
 */
int trend_of(const uint64_t *bytes, size_t n, uint64_t step_ns,
	     struct snap_trend *trend);

#endif
