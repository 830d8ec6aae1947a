/* A series with y as its only tilt axis, slice by slice.
 *
 * Where the measured points of the Fourier grid are the same for all ky, the transform along y may be left
 * out: each plane y of the volume and that row of the images are a problem of their own, in the plane of
 * kx and kz, with the same points and the same kernel.  The points are few, so every rank has all of
 * them, with the values of its own rows, 16 rows side by side; b and h are sums over them along z, and
 * transforms along x. */
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include "recon/slices_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- points ---- */

static void add_sample(void *context, const recon_foot *f)
{
    recon_slices *s = context;

    if (s->n_samples == s->room) {
        slices_sample *more = NULL;
        int64_t room = s->room ? 2 * s->room : 4096;
        if (s->err == AET_OK)
            s->err = AET_ARRAY(room, "measured Fourier points", &more);
        if (s->err != AET_OK)
            return;
        if (s->n_samples > 0)
            memcpy(more, s->samples, (size_t)s->n_samples * sizeof *more);
        aet_release(&s->samples);
        s->samples = more;
        s->room = room;
    }
    s->samples[s->n_samples++] =
        (slices_sample){.k1 = f->k1,
                        .weight = f->weight,
                        .image = s->n_points, /* the image at hand, for now */
                        .kx = (int16_t)f->k[0],
                        .kz = (int16_t)f->k[2]};
}

static int by_place(const void *a, const void *b)
{
    const slices_sample *s = *(const slices_sample *const *)a,
                        *t = *(const slices_sample *const *)b;

    if (s->kx != t->kx)
        return s->kx - t->kx;
    if (s->kz != t->kz)
        return s->kz - t->kz;
    return (s > t) - (s < t);
}

/* Samples of one place, in the order of the images, become a point. */
static void point_make(recon_slices *s, slices_sample **of, int n, const bool *apart)
{
    double weight = 0;
    bool withheld = true;

    for (int i = 0; i < n; i++) {
        weight += of[i]->weight;
        withheld &= apart[of[i]->image];
    }
    for (int i = 0; i < n; i++) {
        of[i]->weight /= weight;
        of[i]->point = s->n_points;
    }
    s->points[s->n_points++] =
        (recon_point){.kx = of[0]->kx, .kz = of[0]->kz, .withheld = withheld};
}

static aet_err points_sort(recon_slices *s, const bool *apart)
{
    slices_sample **order = NULL;
    int64_t first = 0;

    AET_TRY(AET_ARRAY(s->n_samples, "measured Fourier points", &order));
    aet_err err = AET_ARRAY(s->n_samples, "measured Fourier points", &s->points);
    for (int64_t i = 0; i < s->n_samples; i++)
        order[i] = s->samples + i;
    if (s->n_samples > 0)
        qsort(order, (size_t)s->n_samples, sizeof(slices_sample *), by_place);
    for (int64_t i = 1; i <= s->n_samples && err == AET_OK; i++)
        if (i == s->n_samples || order[i]->kx != order[first]->kx ||
            order[i]->kz != order[first]->kz) {
            point_make(s, order + first, (int)(i - first), apart);
            first = i;
        }
    aet_release(&order);
    return err;
}

static aet_err points_find(recon_slices *s)
{
    const aet_recon_params *p = s->grid.params;
    const aet_tilt *t = s->tilt;
    bool *apart = AET_NEW(bool, t->n);
    int side = s->nx > s->ny ? s->nx : s->ny;

    if (p->withhold == AET_WITHHOLD_IMAGES)
        recon_withhold_images(t, recon_withheld(p), apart);
    for (s->n_points = 0; s->n_points < t->n; s->n_points++)
        recon_feet(&s->grid, t->angles_deg[s->n_points], add_sample, s);
    s->n_points = 0;
    aet_err err = s->err == AET_OK ? points_sort(s, apart) : s->err;
    if (err == AET_OK && p->withhold == AET_WITHHOLD_POINTS)
        recon_withhold_points(MPI_COMM_SELF, &s->grid, s->nz > side ? s->nz : side,
                              recon_withheld(p), s->points, s->n_points);
    aet_release(&apart);
    return err;
}

/* ---- values ---- */

static int blocks_of(int rows)
{
    return (rows + AET_LANES - 1) / AET_LANES;
}

/* Rows row ... row + rows - 1 of an image, 16 side by side and turned round: [blocks of rows][nx]; zero
 * outside the image. */
static void columns_load(const recon_slices *s, int image, int row, int rows)
{
    const aet_tilt *t = s->tilt;

    for (int l = 0; l < blocks_of(rows) * AET_LANES; l++) {
        aet_lane *to = s->columns + (int64_t)(l / AET_LANES) * t->nx;
        bool there = l < rows && row + l >= 0 && row + l < t->ny;
        const float *from = aet_tilt_image(t, image) + (int64_t)(there ? row + l : 0) * t->nx;
        for (int x = 0; x < t->nx; x++)
            to[x][l % AET_LANES] = there ? from[x] : 0;
    }
}

/* weight exp(-2 pi i k1 (x - nx/2) / m) */
static void turns_fill(const recon_slices *s, double k1, double weight)
{
    int nx = s->tilt->nx;
    double angle = -2 * M_PI * k1 / s->m, first = -angle * (nx / 2);
    double re = weight * cos(first), im = weight * sin(first), c = cos(angle), d = sin(angle);

    for (int x = 0; x < nx; x++) {
        s->turns[2 * x] = (float)re;
        s->turns[2 * x + 1] = (float)im;
        double next = re * c - im * d;
        im = re * d + im * c;
        re = next;
    }
}

/* 16 rows' values at the frequency of the turns; two sums at a time, which need not wait for each other. */
static void sample_add(const aet_lane *columns, const float *turns, int nx, aet_cell *value)
{
    aet_cell a = {{0}, {0}}, b = {{0}, {0}};
    int x = 0;

    for (; x + 2 <= nx; x += 2) {
        a.re += columns[x] * turns[2 * x];
        a.im += columns[x] * turns[2 * x + 1];
        b.re += columns[x + 1] * turns[2 * x + 2];
        b.im += columns[x + 1] * turns[2 * x + 3];
    }
    if (x < nx) {
        a.re += columns[x] * turns[2 * x];
        a.im += columns[x] * turns[2 * x + 1];
    }
    value->re += a.re + b.re;
    value->im += a.im + b.im;
}

static void squares_add(const recon_slices *s, const aet_cell *values)
{
    for (int p = 0; p < s->n_points; p++)
        for (int l = 0; l < AET_LANES; l++)
            s->squares[p] += (double)values[p].re[l] * (double)values[p].re[l] +
                             (double)values[p].im[l] * (double)values[p].im[l];
}

/* The values of points in rows of the images, [blocks of rows][points], and their squares. */
static void rows_values(const recon_slices *s, int row, int rows, aet_cell *values)
{
    int image = -1, nx = s->tilt->nx;

    memset(values, 0, (size_t)blocks_of(rows) * (size_t)s->n_points * sizeof *values);
    for (int64_t i = 0; i < s->n_samples; i++) {
        const slices_sample *q = s->samples + i;
        if (q->image != image) {
            image = q->image;
            columns_load(s, image, row, rows);
        }
        turns_fill(s, q->k1, q->weight);
        for (int b = 0; b < blocks_of(rows); b++)
            sample_add(s->columns + (int64_t)b * nx, s->turns, nx,
                       values + (int64_t)b * s->n_points + q->point);
    }
    for (int b = 0; b < blocks_of(rows); b++)
        squares_add(s, values + (int64_t)b * s->n_points);
}

/* Row of the images that is plane y of the box: both have their middle on the axis. */
static int row_of(const recon_slices *s, int y)
{
    return y - s->ny / 2 + s->tilt->ny / 2;
}

/* Rows outside the box belong to no plane, but to the norm of the data; the first rank has them. */
static void rows_outside(const recon_slices *s, aet_cell *values)
{
    int first = row_of(s, 0), end = first + s->ny;

    for (int row = 0; row < first; row += AET_LANES)
        rows_values(s, row, first - row < AET_LANES ? first - row : AET_LANES, values);
    for (int row = end; row < s->tilt->ny; row += AET_LANES)
        rows_values(s, row, AET_LANES, values);
}

static aet_err values_make(recon_slices *s)
{
    int rank, blocks = blocks_of(s->y.count);

    AET_TRY(AET_ARRAY((int64_t)(blocks + 1) * s->tilt->nx, "columns of an image", &s->columns));
    AET_TRY(AET_ARRAY(2 * s->tilt->nx, "turns of an image", &s->turns));
    AET_TRY(AET_ARRAY(s->n_points, "squares of Fourier points", &s->squares));
    AET_TRY(AET_ARRAY((int64_t)(blocks + 1) * s->n_points, "values of Fourier points", &s->values));
    MPI_Comm_rank(s->comm, &rank);
    if (rank == 0)
        rows_outside(s, s->values);
    rows_values(s, row_of(s, s->y.start), s->y.count, s->values);
    return AET_OK;
}

/* ---- set-up ---- */

static aet_err set_up(recon_slices *s)
{
    AET_TRY(points_find(s));
    return values_make(s);
}

aet_err recon_slices_create(MPI_Comm comm, const recon_grid *g, const int size[3],
                            const aet_tilt *tilt, int64_t *withheld, aet_recon_report *report,
                            recon_slices **out)
{
    recon_slices *s = AET_NEW(recon_slices, 1);

    *s = (recon_slices){.comm = comm,
                        .grid = *g,
                        .tilt = tilt,
                        .nx = size[0],
                        .ny = size[1],
                        .nz = size[2],
                        .m = g->m,
                        .y = aet_slab_mine(size[1], comm)};
    s->grid.first = 0;
    s->grid.step = 1;
    s->grid.flat = true;
    *out = s;
    aet_phase_begin("fourier gridding");
    aet_err err = AET_AGREE(comm, set_up(s));
    aet_phase_end("fourier gridding");
    AET_TRY(err);
    aet_sum_double(comm, s->squares, s->n_points);
    report->points = (int64_t)s->n_points * s->m;
    *withheld = 0;
    for (int p = 0; p < s->n_points; p++)
        *withheld += s->points[p].withheld;
    return AET_OK;
}

void recon_slices_free(recon_slices **slices)
{
    recon_slices *s = *slices;

    if (!s)
        return;
    aet_release(&s->samples);
    aet_release(&s->points);
    aet_release(&s->values);
    aet_release(&s->squares);
    aet_release(&s->columns);
    aet_release(&s->turns);
    aet_release(slices);
}
