/* Right-hand side and kernel of slices, as sums over their points. */
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "recon/slices_priv.h"
#include <string.h>

static bool wanted(const recon_slices *s, const recon_point *p, bool withheld, double reach2)
{
    return p->withheld == withheld && recon_length2(&s->grid, p->kx, 0, p->kz) < reach2;
}

/* Where the wave of frequency kz has its value at z; and one z further on. */
static int wave_at(const recon_rows *r, int kz, int z)
{
    int at = (int)((int64_t)kz * z % r->m);

    return at < 0 ? at + r->m : at;
}

static int wave_on(const recon_rows *r, int kz, int at)
{
    at += kz;
    return at < 0 ? at + r->m : at < r->m ? at : at - r->m;
}

/* b of 16 rows: along z as points are, then along x, both from the box's corner. */
static void b_block(const recon_slices *s, int block, bool withheld, double reach2, recon_rows *r,
                    aet_cell *spectra)
{
    memset(spectra, 0, (size_t)recon_rows_planes(s->m, 0, 1) * (size_t)r->rows * sizeof *spectra);
    for (int p = 0; p < s->n_points; p++) {
        const recon_point *q = s->points + p;
        aet_cell v = s->values[(int64_t)block * s->n_points + p], *to = spectra + q->kx * r->rows;
        if (!wanted(s, q, withheld, reach2))
            continue;
        for (int z = 0, at = wave_at(r, q->kz, -(s->nz / 2)); z < s->nz;
             z++, at = wave_on(r, q->kz, at)) {
            const float *e = r->wave + 2 * at;
            to[z].re += v.re * e[0] - v.im * e[1];
            to[z].im += v.re * e[1] + v.im * e[0];
        }
    }
    recon_rows_make(r, spectra, 1);
}

static aet_err make_b(const recon_slices *s, bool withheld, double reach2, float *b)
{
    aet_err err = AET_OK;
    recon_rows r;
    aet_cell *spectra = NULL;

    AET_GO(recon_rows_create(s->m, s->nx, -(s->nx / 2), s->nz, 1 / ((double)s->m * s->m), &r));
    AET_GO(
        AET_ARRAY((int64_t)recon_rows_planes(s->m, 0, 1) * r.rows, "spectra of slices", &spectra));
    for (int y = 0; y < s->y.count; y++) {
        if (y % AET_LANES == 0)
            b_block(s, y / AET_LANES, withheld, reach2, &r, spectra);
        for (int z = 0; z < s->nz; z++)
            memcpy(b + ((int64_t)y * s->nz + z) * s->nx,
                   r.out + ((int64_t)(y % AET_LANES) * r.rows + z) * r.pitch,
                   (size_t)s->nx * sizeof *b);
    }
done:
    aet_release(&spectra);
    recon_rows_free(&r);
    return err;
}

/* Offsets z of the kernel are lanes. */
static void kernel_rows(const recon_slices *s, int first_z, bool withheld, double reach2,
                        const recon_rows *r, aet_cell *spectra)
{
    memset(spectra, 0, (size_t)recon_rows_planes(s->m, 0, 1) * (size_t)r->rows * sizeof *spectra);
    for (int p = 0; p < s->n_points; p++) {
        const recon_point *q = s->points + p;
        aet_cell *to = spectra + q->kx * r->rows;
        if (!wanted(s, q, withheld, reach2))
            continue;
        for (int l = 0, at = wave_at(r, q->kz, first_z); l < AET_LANES;
             l++, at = wave_on(r, q->kz, at)) {
            to->re[l] += r->wave[2 * at];
            to->im[l] += r->wave[2 * at + 1];
        }
    }
}

static aet_err make_kernel(const recon_slices *s, aet_boxconv *c, bool withheld, double reach2,
                           float *kernel)
{
    aet_err err = AET_OK;
    int pitch = aet_boxconv_kernel_pitch(c);
    float *plane = NULL;
    recon_rows r;
    aet_cell *spectra = NULL;

    AET_GO(recon_rows_create(s->m, 2 * s->nx - 1, 1 - s->nx, 1, 1 / ((double)s->m * s->m), &r));
    AET_GO(AET_ARRAY((2 * s->nz - 1) * (int64_t)pitch, "plane of a kernel", &plane));
    AET_GO(
        AET_ARRAY((int64_t)recon_rows_planes(s->m, 0, 1) * r.rows, "spectra of slices", &spectra));
    for (int row = 0; row < 2 * s->nz - 1; row++) {
        if (row % AET_LANES == 0) {
            kernel_rows(s, row - (s->nz - 1), withheld, reach2, &r, spectra);
            recon_rows_make(&r, spectra, 1);
        }
        memcpy(plane + (int64_t)row * pitch, r.out + (int64_t)(row % AET_LANES) * r.rows * r.pitch,
               (size_t)pitch * sizeof *plane);
    }
    aet_boxconv_kernel_plane(c, 0, plane);
    aet_boxconv_kernel_finish(c, kernel);
done:
    aet_release(&plane);
    aet_release(&spectra);
    recon_rows_free(&r);
    return err;
}

static aet_err quadratic(const recon_slices *s, aet_boxconv *c, bool withheld, double reach2,
                         recon_quadratic *q)
{
    if (!q->b)
        AET_TRY(AET_ARRAY((int64_t)s->y.count * s->nz * s->nx, "GENFIRE right-hand side", &q->b));
    if (!q->kernel)
        AET_TRY(AET_ARRAY(aet_boxconv_kernel_count(c), "GENFIRE kernel", &q->kernel));
    q->norm2 = 0;
    for (int p = 0; p < s->n_points; p++)
        if (wanted(s, s->points + p, withheld, reach2))
            q->norm2 += (s->points[p].kx > 0 ? 2 : 1) * s->squares[p];
    q->norm2 /= (double)s->m * s->m;
    AET_TRY(make_b(s, withheld, reach2, q->b));
    return make_kernel(s, c, withheld, reach2, q->kernel);
}

aet_err recon_slices_quadratic(const recon_slices *s, aet_boxconv *c, bool withheld, double reach2,
                               recon_quadratic *q)
{
    return AET_AGREE(s->comm, quadratic(s, c, withheld, reach2, q));
}
