/* From images to measured points with values.
 *
 * Samples are counted per line (kx, ky), then written line by line, so that nothing need be sorted; the
 * samples of a line are summed into its points in place. */
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include "aetlas/num/nufft.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"

#include "recon/recon_priv.h"
#include <math.h>
#include <string.h>

typedef struct {
    float re, im, weight;
    int16_t kz;
    bool apart; /* of an image withheld */
} sample;

typedef union {
    sample sample;
    recon_point point;
} slot;

typedef struct {
    const recon_grid *grid;
    int64_t *end; /* [planes * m]: samples of a line, then where the next of them goes */
    int64_t lines;
    slot *slots;
    bool *withheld; /* [images] */
    bool apart;     /* the image at hand */
    /* the transform of the image at hand, of one kind or the other */
    aet_fft2 *fft;
    aet_nufft2 *nufft;
    /* of a line, [m] by kz mod m; a bit for each point that is measured, and by an image not withheld */
    double *weight, *re, *im;
    uint64_t *there, *kept;
} gridder;

static int64_t line_of(const recon_grid *g, const int k[3])
{
    return (int64_t)((k[0] - g->first) / g->step) * g->m + (k[1] + g->m) % g->m;
}

/* ---- samples ---- */

static void count_sample(void *context, const recon_foot *f)
{
    gridder *g = context;

    g->end[line_of(g->grid, f->k)]++;
}

/* Sample (k1, k2) of the padded image's transform, of which half is stored. */
static float complex fft_value(const gridder *g, int k1, int k2)
{
    int m = g->grid->m;
    const double complex *f = aet_fft2_spectrum(g->fft);

    if (k1 < 0)
        return (float complex)conj(f[(int64_t)((m - k2) % m) * (m / 2 + 1) - k1]);
    return (float complex)f[(int64_t)((k2 + m) % m) * (m / 2 + 1) + k1];
}

static void write_sample(void *context, const recon_foot *f)
{
    gridder *g = context;
    float complex v = g->fft ? fft_value(g, (int)f->k1, (int)f->k2)
                             : aet_nufft2_at(g->nufft, f->k1 / g->grid->m, f->k2 / g->grid->m);

    g->slots[g->end[line_of(g->grid, f->k)]++].sample =
        (sample){crealf(v), cimagf(v), (float)f->weight, (int16_t)f->k[2], g->apart};
}

static void pad_image(const aet_tilt *t, int i, int m, double *out)
{
    const float *b = aet_tilt_image(t, i);

    memset(out, 0, (size_t)m * (size_t)m * sizeof *out);
    for (int y = 0; y < t->ny; y++)
        for (int x = 0; x < t->nx; x++) {
            int py = (y - t->ny / 2 + m) % m, px = (x - t->nx / 2 + m) % m;
            out[(int64_t)py * m + px] = (double)b[(int64_t)y * t->nx + x];
        }
}

static void transform(const gridder *g, const aet_tilt *t, int i)
{
    if (g->nufft) {
        aet_nufft2_image(g->nufft, aet_tilt_image(t, i));
        return;
    }
    pad_image(t, i, g->grid->m, aet_fft2_real(g->fft));
    aet_fft2_forward(g->fft);
}

static aet_err collect(gridder *g, const aet_tilt *t)
{
    int64_t n = 0;

    for (int i = 0; i < t->n; i++)
        recon_feet(g->grid, t->angles_deg[i], count_sample, g);
    for (int64_t l = 0; l < g->lines; l++) {
        int64_t here = g->end[l];
        g->end[l] = n;
        n += here;
    }
    AET_TRY(AET_ARRAY(n, "measured Fourier points", &g->slots));
    for (int i = 0; i < t->n; i++) {
        transform(g, t, i);
        g->apart = g->withheld[i];
        recon_feet(g->grid, t->angles_deg[i], write_sample, g);
    }
    return AET_OK;
}

/* ---- points ---- */

static bool bit(const uint64_t *bits, int at)
{
    return bits[at / 64] >> at % 64 & 1;
}

static void sum_line(const gridder *g, int64_t from, int64_t to)
{
    int m = g->grid->m;

    memset(g->there, 0, ((size_t)m / 64 + 1) * sizeof *g->there);
    memset(g->kept, 0, ((size_t)m / 64 + 1) * sizeof *g->kept);
    for (int64_t i = from; i < to; i++) {
        const sample *s = &g->slots[i].sample;
        int at = (s->kz + m) % m;
        g->kept[at / 64] |= (uint64_t)!s->apart << at % 64;
        if (!bit(g->there, at)) {
            g->there[at / 64] |= (uint64_t)1 << at % 64;
            g->weight[at] = g->re[at] = g->im[at] = 0;
        }
        g->weight[at] += (double)s->weight;
        g->re[at] += (double)s->weight * (double)s->re;
        g->im[at] += (double)s->weight * (double)s->im;
    }
}

static void write_line(const gridder *g, int64_t line, int64_t *n)
{
    const recon_grid *grid = g->grid;
    bool images = grid->params->withhold == AET_WITHHOLD_IMAGES;
    int m = grid->m, kx = grid->first + (int)(line / m) * grid->step;

    for (int at = 0; at < m; at++) {
        if (at % 64 == 0)
            while (at < m && g->there[at / 64] == 0)
                at += 64;
        if (at >= m || !bit(g->there, at))
            continue;
        int k[3] = {kx, aet_fft_signed((int)(line % m), m), aet_fft_signed(at, m)};
        g->slots[(*n)++].point = (recon_point){.re = (float)(g->re[at] / g->weight[at]),
                                               .im = (float)(g->im[at] / g->weight[at]),
                                               .kx = (int16_t)k[0],
                                               .ky = (int16_t)k[1],
                                               .kz = (int16_t)k[2],
                                               .withheld = images && !bit(g->kept, at)};
    }
}

/* No line has more points than samples, so points never overtake the samples still to be read. */
static int64_t merge(const gridder *g)
{
    int64_t from = 0, n = 0;

    for (int64_t line = 0; line < g->lines; line++) {
        int64_t to = g->end[line];
        if (to > from) {
            sum_line(g, from, to);
            write_line(g, line, &n);
        }
        from = to;
    }
    return n;
}

static aet_err arrays(gridder *g, const aet_tilt *t)
{
    const recon_grid *grid = g->grid;
    int planes = grid->first < grid->m / 2 + 1 ? (grid->m / 2 - grid->first) / grid->step + 1 : 0;

    g->lines = (int64_t)planes * grid->m;
    AET_TRY(AET_ARRAY(g->lines, "lines of Fourier points", &g->end));
    AET_TRY(AET_ARRAY(grid->m, "line of Fourier points", &g->weight));
    AET_TRY(AET_ARRAY(grid->m, "line of Fourier points", &g->re));
    AET_TRY(AET_ARRAY(grid->m, "line of Fourier points", &g->im));
    AET_TRY(AET_ARRAY(grid->m / 64 + 1, "line of Fourier points", &g->there));
    AET_TRY(AET_ARRAY(grid->m / 64 + 1, "line of Fourier points", &g->kept));
    AET_TRY(AET_ARRAY(t->n, "images withheld", &g->withheld));
    if (grid->params->withhold == AET_WITHHOLD_IMAGES)
        recon_withhold_images(t, recon_withheld(grid->params), g->withheld);
    if (grid->params->gridding == AET_GRIDDING_FFT)
        return aet_fft2_create(grid->m, grid->m, &g->fft);
    return aet_nufft2_create(t->nx, t->ny, &g->nufft);
}

aet_err recon_points(const recon_grid *grid, const aet_tilt *tilt, recon_point **points, int64_t *n)
{
    aet_err err = AET_OK;
    gridder g = {.grid = grid};

    *points = NULL;
    *n = 0;
    AET_GO_CHECK(grid->m <= 2 * INT16_MAX, AET_ERR_INPUT,
                 "a Fourier grid of %d^3 points: at most %d along an axis are possible", grid->m,
                 2 * INT16_MAX);
    AET_GO(arrays(&g, tilt));
    AET_GO(collect(&g, tilt));
    *n = merge(&g);
    *points = &g.slots->point;
done:
    if (err != AET_OK)
        aet_release(&g.slots);
    aet_fft2_free(&g.fft);
    aet_nufft2_free(&g.nufft);
    aet_release(&g.end);
    aet_release(&g.weight);
    aet_release(&g.re);
    aet_release(&g.im);
    aet_release(&g.there);
    aet_release(&g.kept);
    aet_release(&g.withheld);
    return err;
}

void recon_points_turn(const recon_grid *g, const int size[3], recon_point *points, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        recon_point *p = points + i;
        int64_t phase = (int64_t)p->kx * (size[0] / 2) + (int64_t)p->ky * (size[1] / 2) +
                        (int64_t)p->kz * (size[2] / 2);
        double angle = -2 * AET_PI * (double)(phase % g->m) / g->m;
        double complex turn = CMPLX(cos(angle), sin(angle));
        double complex value = CMPLX((double)p->re, (double)p->im) * turn;
        p->re = (float)creal(value);
        p->im = (float)cimag(value);
    }
}

aet_err recon_points_make(MPI_Comm comm, const recon_grid *g, const int size[3],
                          const aet_tilt *tilt, recon_point **points, int64_t *n, int64_t *withheld,
                          aet_recon_report *report)
{
    aet_phase_begin("fourier gridding");
    aet_err err = AET_AGREE(comm, recon_points(g, tilt, points, n));
    aet_phase_end("fourier gridding");
    AET_TRY(err);
    recon_points_turn(g, size, *points, *n);
    if (g->params->withhold == AET_WITHHOLD_POINTS) {
        int side = size[0] > size[1] ? size[0] : size[1];
        recon_withhold_points(comm, g, size[2] > side ? size[2] : side, recon_withheld(g->params),
                              *points, *n);
    }
    int64_t counts[2] = {*n, 0};
    for (int64_t i = 0; i < *n; i++)
        counts[1] += (*points)[i].withheld;
    MPI_Allreduce(MPI_IN_PLACE, counts, 2, MPI_INT64_T, MPI_SUM, comm);
    report->points = counts[0];
    *withheld = counts[1];
    return AET_OK;
}
