/* How well slices foretell their withheld points. */
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "recon/pruned_priv.h"
#include "recon/slices_priv.h"
#include <math.h>

/* The transform of 16 slices at a point, from their spectra along x; origin at the axis. */
static aet_cell at_point(const recon_slices *s, const pruned_work *w, const recon_point *q)
{
    const aet_cell *from = w->sent + (int64_t)q->kx * w->x.rows;
    aet_cell sum = {{0}, {0}};

    for (int z = 0; z < s->nz; z++) {
        int64_t at = ((int64_t)q->kz * (z - s->nz / 2) - (int64_t)q->kx * (s->nx / 2)) % s->m;
        const float *e = w->x.wave + 2 * (at < 0 ? at + s->m : at);
        sum.re += from[z].re * e[0] + from[z].im * e[1];
        sum.im += from[z].im * e[0] - from[z].re * e[1];
    }
    return sum;
}

static void block_measure(const recon_slices *s, const pruned_work *w, int block, int rows,
                          const recon_shells *shells, double *sums)
{
    for (int p = 0; p < s->n_points; p++) {
        const recon_point *q = s->points + p;
        if (!q->withheld)
            continue;
        const aet_cell *want = s->values + (int64_t)block * s->n_points + p;
        aet_cell got = at_point(s, w, q);
        double weight = q->kx > 0 ? 2 : 1;
        double *sum = sums + 3 * recon_shell_of(&s->grid, shells->side, q);
        for (int l = 0; l < rows && l < AET_LANES; l++) {
            sum[0] += weight *
                      hypot((double)(got.re[l] - want->re[l]), (double)(got.im[l] - want->im[l]));
            sum[1] += weight * hypot((double)want->re[l], (double)want->im[l]);
            sum[2] += weight;
        }
    }
}

aet_err recon_slices_measure(const recon_slices *s, const float *x, recon_shells *shells)
{
    const recon_pruned which = {.grid = &s->grid, .nx = s->nx, .ny = s->nz, .nz = AET_LANES};
    double *sums = AET_NEW(double, 3 * shells->n_shells);
    pruned_work w;
    aet_err err = AET_AGREE(s->comm, pruned_begin(MPI_COMM_SELF, &which, &w));

    for (int y = 0; !err && y < s->y.count; y += AET_LANES) {
        int rows = s->y.count - y < AET_LANES ? s->y.count - y : AET_LANES;
        pruned_along_x(&w, x + (int64_t)y * s->nz * s->nx, rows);
        block_measure(s, &w, y / AET_LANES, rows, shells, sums);
    }
    aet_sum_double(s->comm, sums, 3 * shells->n_shells);
    for (int i = 0; i < 3 * shells->n_shells; i++)
        shells->sums[i] = (float)sums[i];
    pruned_end(&w);
    aet_release(&sums);
    return err;
}
