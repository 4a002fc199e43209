// SPDX-License-Identifier: GPL-2.0-or-later
#include "trend.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Two sided 95 % of the normal distribution. */
#define Z_95 1.959964

/* The points of one test. */
struct points {
	double *x;
	size_t n;
	double *scratch;	/* room for 2 * n */
	double *slopes;		/* room for n * (n - 1) / 2 */
};

struct verdict {
	double p;
	double slope, low, high;	/* bytes a point */
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Kendall's S: how many pairs rise, less those that fall. */
static double kendall(const struct points *p)
{
	double s = 0;

	for (size_t i = 0; i < p->n; i++)
		for (size_t j = i + 1; j < p->n; j++)
			s += (p->x[j] > p->x[i]) - (p->x[j] < p->x[i]);
	return s;
}

/* Variance of S where nothing but chance is at work; ties make it smaller. */
static double variance(const struct points *p)
{
	double n = (double)p->n, sum = n * (n - 1) * (2 * n + 5);

	memcpy(p->scratch, p->x, p->n * sizeof(*p->x));
	qsort(p->scratch, p->n, sizeof(*p->scratch), compare);
	for (size_t i = 0, end; i < p->n; i = end) {
		double t;

		for (end = i + 1; end < p->n && p->scratch[end] == p->scratch[i]; end++)
			;
		t = (double)(end - i);
		sum -= t * (t - 1) * (2 * t + 5);
	}
	return sum / 18;
}

static double median(const double *sorted, size_t n)
{
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* Sorted slopes of all pairs; returns how many. */
static size_t pair_slopes(const struct points *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		for (size_t j = i + 1; j < p->n; j++)
			p->slopes[n++] = (p->x[j] - p->x[i]) / (double)(j - i);
	qsort(p->slopes, n, sizeof(*p->slopes), compare);
	return n;
}

/* Ranks of what is left of the points without the line of @slope. */
static void residual_ranks(const struct points *p, double slope, double *rank)
{
	double *rest = p->scratch;

	for (size_t i = 0; i < p->n; i++)
		rest[i] = p->x[i] - slope * (double)i;
	for (size_t i = 0; i < p->n; i++) {
		double below = 0;

		for (size_t j = 0; j < p->n; j++)
			below += rest[j] < rest[i] ? 1 : rest[j] == rest[i] ? 0.5 : 0;
		rank[i] = below;
	}
}

/*
 * By how much autocorrelation widens the variance of S (Hamed and Rao, their
 * equation 15): only lags that are significant count. Never below 1: noise
 * that swings to and fro is not taken as a reason to be surer.
 */
static double widening(const struct points *p, double slope)
{
	double n = (double)p->n, mean = (n - 1) / 2 + 0.5, total = 0, sum = 0;
	double *rank = p->scratch + p->n;

	residual_ranks(p, slope, rank);
	for (size_t i = 0; i < p->n; i++)
		total += (rank[i] - mean) * (rank[i] - mean);
	if (total <= 0)
		return 1;
	for (size_t k = 1; k + 3 <= p->n; k++) {
		double r = 0, left = n - (double)k;

		for (size_t i = 0; i + k < p->n; i++)
			r += (rank[i] - mean) * (rank[i + k] - mean);
		r /= total;
		if (fabs(r) > Z_95 / sqrt(n))
			sum += left * (left - 1) * (left - 2) * r;
	}
	sum = 1 + 2 / (n * (n - 1) * (n - 2)) * sum;
	return sum > 1 ? sum : 1;
}

static void judge(const struct points *p, struct verdict *v)
{
	double s = kendall(p), var = variance(p), half;
	size_t n = pair_slopes(p), low, high;

	*v = (struct verdict){ .p = 1 };
	if (var <= 0)
		return;
	v->slope = median(p->slopes, n);
	var *= widening(p, v->slope);
	if (s > 0)	/* with the correction for continuity */
		v->p = erfc((s - 1) / sqrt(var) / M_SQRT2) / 2;

	half = Z_95 * sqrt(var);
	low = (double)n > half ? (size_t)(((double)n - half) / 2) : 0;
	high = n - 1 - low;
	v->low = p->slopes[low < high ? low : high];
	v->high = p->slopes[low < high ? high : low];
}

/* Does the second half rise by itself, and as much as to matter? */
static bool still_rises(struct points p, double range)
{
	size_t half = p.n / 2;
	struct verdict last;

	p.x += half;
	p.n -= half;
	judge(&p, &last);
	return last.p < TREND_LAST_P &&
	       last.slope * (double)p.n >= TREND_LAST_SHARE * range;
}

static enum trend_verdict verdict_of(const struct points *p, const struct verdict *all)
{
	double min = p->x[0], max = p->x[0], fall = 0;

	if (all->p >= TREND_P || all->low <= 0)
		return TREND_STEADY;
	for (size_t i = 1; i < p->n; i++) {
		min = p->x[i] < min ? p->x[i] : min;
		max = p->x[i] > max ? p->x[i] : max;
		fall = max - p->x[i] > fall ? max - p->x[i] : fall;
	}
	if (fall > TREND_FALL_SHARE * (max - min))
		return TREND_STEADY;
	return still_rises(*p, max - min) ? TREND_GROWS : TREND_SETTLED;
}

static int64_t per_hour(double slope, double point_ns)
{
	double bytes = slope * (3600e9 / point_ns);

	if (bytes >= 9e18 || bytes <= -9e18)
		return bytes < 0 ? -INT64_MAX : INT64_MAX;
	return (int64_t)llround(bytes);
}

/* The lowest of each @q samples; those that are left over are the oldest. */
static void block_minima(const uint64_t *bytes, size_t n, size_t q, struct points *p)
{
	p->n = n / q;
	bytes += n % q;
	for (size_t i = 0; i < p->n; i++) {
		uint64_t min = UINT64_MAX;

		for (size_t j = 0; j < q; j++)
			if (bytes[i * q + j] < min)
				min = bytes[i * q + j];
		p->x[i] = (double)min;
	}
}

int trend_of(const uint64_t *bytes, size_t n, uint64_t step_ns,
	     struct snap_trend *trend)
{
	struct verdict all;
	struct points p;
	size_t q;

	*trend = (struct snap_trend){ .p = 1 };
	while (n && !*bytes) {
		bytes++;
		n--;
	}
	trend->samples = (uint32_t)n;
	if (n < TREND_SAMPLES_MIN || !step_ns)
		return 0;

	q = n / TREND_POINTS > TREND_BLOCK ? n / TREND_POINTS : TREND_BLOCK;
	n -= n % q;
	p.n = n / q;
	p.x = calloc(3 * p.n + p.n * p.n, sizeof(*p.x));
	if (!p.x)
		return -ENOMEM;
	p.scratch = p.x + p.n;
	p.slopes = p.scratch + 2 * p.n;
	block_minima(bytes, trend->samples, q, &p);
	judge(&p, &all);
	trend->p = all.p;
	trend->slope = per_hour(all.slope, (double)step_ns * (double)q);
	trend->slope_low = per_hour(all.low, (double)step_ns * (double)q);
	trend->slope_high = per_hour(all.high, (double)step_ns * (double)q);

	trend->verdict = verdict_of(&p, &all);
	free(p.x);
	return 0;
}
