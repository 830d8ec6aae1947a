/* How long an item takes, from operations counted and speeds measured on one core of 2023: with 512-bit
 * vectors a third faster than this, with 256-bit ones a third slower. */
#include "stem_prism.h"
#include <math.h>

/* Operations a second: short transforms with what lies between them; products of real matrices; making
 * transmission functions. */
static const double fft_flops = 2.4e10, gemm_flops = 3.5e10;

static double transform(double nx, double ny)
{
    return 5 * nx * ny * log2(nx * ny);
}

/* Slices of the specimen as it lies deepest; the model's diagonal bounds it, its shape is not known here. */
static double slices(const aet_stem_job *j)
{
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (int i = 0; i < j->atoms->n; i++)
        for (int c = 0; c < 3; c++) {
            low[c] = fmin(low[c], j->atoms->position_A[i][c]);
            high[c] = fmax(high[c], j->atoms->position_A[i][c]);
        }
    double deep = fmax(high[0] - low[0], high[2] - low[2]);
    return deep / j->p->slice_A + 1;
}

/* One wave through one slice: there and back, of columns in the band and all rows. */
static double step(const aet_stem_job *j)
{
    double part = 0.5 * (1 + (double)j->grid.mx / j->grid.nx);
    return 2 * part * transform(j->grid.nx, j->grid.ny) / fft_flops;
}

static double probes(const aet_stem_job *j)
{
    return fmin((double)j->nx * j->ny, j->lx * j->ly / (j->step_A * j->step_A));
}

static double prism_seconds(const aet_stem_job *j)
{
    const struct aet_stem_prism *s = j->prism;
    double beams =
        j->p->parents > 0 ? (double)aet_stem_parents_count(j->p->parents) : (double)s->beams.n;
    double in_tile = AET_STEM_PRISM_LINES * AET_STEM_PRISM_ACROSS;
    double wide = aet_stem_prism_wide(j), high = s->wy + wide - s->wx;
    double tile = high * 8 * AET_STEM_PRISM_LINES * s->beams.n * wide;
    double probe = 8.0 * s->columns * s->wx * s->wy;
    return beams * (slices(j) * step(j) + transform(s->sx, s->sy) / fft_flops) +
           (j->p->parents > 0 ? 8.0 * beams * s->beams.n * s->sx * s->sy / gemm_flops : 0) +
           probes(j) *
               ((tile / in_tile + probe) / gemm_flops + transform(s->wx, s->wy) / fft_flops);
}

double aet_stem_seconds(const aet_stem_job *j)
{
    double made = slices(j) * 3 * transform(j->grid.nx, j->grid.ny) / fft_flops;
    return made + (j->prism ? prism_seconds(j) : probes(j) * slices(j) * step(j));
}
