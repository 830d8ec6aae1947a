/* R_free by resolution (Brunger, Nature 355, 472 (1992), for the idea; per shell of the Fourier grid as in
 * Pryor et al., Sci. Rep. 7, 10409 (2017)). */
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <string.h>

/* ---- which points ---- */

enum { BINS = 256, LEVELS = 3 };

/* Shells are as wide as one frequency of the box: what lies nearer is not told apart. */
int recon_shell_of(const recon_grid *g, int side, const recon_point *p)
{
    return (int)lround(sqrt(recon_length2(g, p->kx, p->ky, p->kz)) * side / g->m);
}

/* Corners of the grid that lie beyond Nyquist's frequency have shells too. */
static int shell_count(int side)
{
    return (int)ceil(0.5 * sqrt(3.0) * side) + 2;
}

/* For each shell, the key below which its share lies: the bins of [0, 1) in which the last of them falls,
 * then the bins of that one.  Points whose keys agree in 24 bits stay together. */
static void limits_find(MPI_Comm comm, const recon_grid *g, int side, const recon_point *points,
                        int64_t n, double share, double *limit)
{
    int shells = shell_count(side);
    double *counts = AET_NEW(double, (size_t)shells *BINS), *want = AET_NEW(double, shells);
    double width = 1;

    for (int level = 0; level < LEVELS; level++, width /= BINS) {
        memset(counts, 0, (size_t)shells * BINS * sizeof *counts);
        for (int64_t i = 0; i < n; i++) {
            int s = recon_shell_of(g, side, points + i);
            if (g->columns && points[i].ky != 0) /* columns count once */
                continue;
            double at = (recon_point_key(g, points + i) - limit[s]) / width * BINS;
            if (at >= 0 && at < BINS)
                counts[s * BINS + (int)at]++;
        }
        aet_sum_double(comm, counts, (int64_t)shells * BINS);
        for (int s = 0; s < shells; s++) {
            double all = 0;
            int bin = 0;
            for (int b = 0; b < BINS; b++)
                all += counts[s * BINS + b];
            if (level == 0)
                want[s] = round(share * all);
            while (bin < BINS - 1 && want[s] >= counts[s * BINS + bin] && want[s] > 0)
                want[s] -= counts[s * BINS + bin++];
            limit[s] += bin * width / BINS;
        }
    }
    aet_release(&counts);
    aet_release(&want);
}

void recon_withhold_points(MPI_Comm comm, const recon_grid *g, int side, double share,
                           recon_point *points, int64_t n)
{
    double *limit = AET_NEW(double, shell_count(side));

    if (share > 0)
        limits_find(comm, g, side, points, n, share, limit);
    for (int64_t i = 0; i < n; i++)
        points[i].withheld =
            recon_point_key(g, points + i) < limit[recon_shell_of(g, side, points + i)];
    aet_release(&limit);
}

/* ---- their errors ---- */

aet_err recon_shells_begin(MPI_Comm comm, const recon_grid *g, const int size[3],
                           const recon_point *points, int64_t n, recon_shells *s)
{
    int64_t kept = 0;

    *s = (recon_shells){.comm = comm, .grid = g, .size = {size[0], size[1], size[2]}};
    s->side = size[0] > size[1] ? size[0] : size[1];
    s->side = size[2] > s->side ? size[2] : s->side;
    s->n_shells = shell_count(s->side);
    s->sums = AET_NEW(float, 3 * s->n_shells);
    for (int64_t i = 0; i < n; i++)
        s->n += points[i].withheld;
    AET_TRY(AET_AGREE(comm, AET_ARRAY(s->n, "withheld Fourier points", &s->points)));
    for (int64_t i = 0; i < n; i++)
        if (points[i].withheld)
            s->points[kept++] = points[i];
    return AET_OK;
}

void recon_shells_free(recon_shells *s)
{
    aet_release(&s->points);
    aet_release(&s->sums);
}

aet_err recon_shells_measure(recon_shells *s, const float *x)
{
    recon_pruned which = {.grid = s->grid,
                          .points = s->points,
                          .n_points = s->n,
                          .nx = s->size[0],
                          .ny = s->size[1],
                          .nz = s->size[2]};
    double(*values)[2] = NULL, *sums = AET_NEW(double, 3 * s->n_shells);
    aet_err err = AET_OK;

    aet_phase_begin("genfire R_free");
    AET_GO(AET_AGREE(s->comm, AET_ARRAY(s->n, "transform at withheld points", &values)));
    AET_GO(recon_pruned_at(s->comm, &which, x, values));
    for (int64_t i = 0; i < s->n; i++) {
        const recon_point *p = s->points + i;
        double weight = p->kx > 0 ? 2 : 1, *sum = sums + 3 * recon_shell_of(s->grid, s->side, p);
        sum[0] += weight * hypot(values[i][0] - (double)p->re, values[i][1] - (double)p->im);
        sum[1] += weight * hypot((double)p->re, (double)p->im);
        sum[2] += weight;
    }
    aet_sum_double(s->comm, sums, 3 * s->n_shells);
    for (int i = 0; i < 3 * s->n_shells; i++)
        s->sums[i] = (float)sums[i];
done:
    aet_phase_end("genfire R_free");
    aet_release(&values);
    aet_release(&sums);
    return err;
}

void recon_shells_report(const recon_shells *s, aet_recon_report *report)
{
    double difference = 0, measured = 0;

    report->shells = AET_NEW(aet_recon_shell, s->n_shells);
    for (int i = 0; i < s->n_shells; i++) {
        const float *sum = s->sums + 3 * i;
        if (!(sum[2] > 0))
            continue;
        report->shells[report->n_shells++] =
            (aet_recon_shell){.frequency = (double)i / s->side,
                              .r_free = sum[1] > 0 ? (double)(sum[0] / sum[1]) : (double)NAN,
                              .points = (double)sum[2]};
        difference += (double)sum[0];
        measured += (double)sum[1];
    }
    report->r_free = measured > 0 ? difference / measured : (double)NAN;
}
