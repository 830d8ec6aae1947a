#include "aetlas/physics/slice.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/geometry.h"
#include "physics/slice_priv.h"
#include <math.h>
#include <string.h>

/* Images whose slices are summed over ranks at a time: each rank then makes its own image of them. */
#define BATCH_MOST 16

typedef struct {
    int n, nu, nv;
    slice_grid grid;
    slice_view *views;
    double (*shift)[2]; /* [n]: pixel of the frame where the origin voxel is seen */
    slice_volume volume;
    aet_fft2 *image;
    float complex *slices;  /* [batch][pu][pv/2+1] */
    double complex *turn_u; /* [pu], [pv/2+1]: phases of the image at hand */
    double complex *turn_v;
    int batch, rank, size;
} slicer;

/* ---- sizes ---- */

/* FFTW is at its best for these, and it must be odd. */
static int odd_size(int n)
{
    static const int factors[] = {3, 5, 7, 11, 13};

    for (n |= 1;; n += 2) {
        int rest = n;
        for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
            while (rest % factors[i] == 0)
                rest /= factors[i];
        if (rest == 1)
            return n;
    }
}

static int field_size(int image, double oversampling, double seen)
{
    return odd_size((int)ceil(fmax(image * oversampling, seen)));
}

void aet_slice_field(const aet_projector_setup *s, double oversampling, int field[2])
{
    double seen[2] = {0, 0};

    for (int i = 0; i < s->n; i++) {
        double R[3][3];
        aet_rotation(s->angles_deg[i], R);
        for (int a = 0; a < 2; a++)
            seen[a] = fmax(seen[a],
                           fabs(R[a][0]) * s->nx + fabs(R[a][1]) * s->ny + fabs(R[a][2]) * s->nz);
    }
    field[0] = field_size(s->nu, oversampling, seen[0]);
    field[1] = field_size(s->nv, oversampling, seen[1]);
}

static int batch_of(int size)
{
    return size < BATCH_MOST ? size : BATCH_MOST;
}

double aet_slice_bytes(int n, int nu, int nv, const int size[3], double oversampling, int ranks)
{
    /* a tilted volume is seen as wide as its diagonal at most */
    int pu = field_size(nu, oversampling, hypot(size[0], size[2]));
    int pv = field_size(nv, oversampling, size[1]);

    return slice_volume_bytes(size, ranks) +
           (double)pu * (pv / 2 + 1) * (batch_of(ranks) * sizeof(float complex) + 32.0) +
           n * sizeof(slice_view);
}

/* ---- slices to images ---- */

/* Phases exp(-2 pi i k shift / P). */
static void turns(double complex *t, int count, int period, double shift)
{
    for (int i = 0; i < count; i++) {
        double a = -2 * AET_PI * aet_fft_signed(i, period) * shift / period;
        t[i] = CMPLX(cos(a), sin(a));
    }
}

static void turns_of(const slicer *p, int i)
{
    turns(p->turn_u, p->views[i].pu, p->views[i].pu, p->shift[i][0]);
    turns(p->turn_v, p->views[i].pv / 2 + 1, p->views[i].pv, p->shift[i][1]);
}

static void image_out(const slicer *p, int i, const float complex *slice, float *y)
{
    int pu = p->views[i].pu, pv = p->views[i].pv, half = pv / 2 + 1;
    double complex *f = aet_fft2_spectrum(p->image);
    const double *real = aet_fft2_real(p->image);

    turns_of(p, i);
    for (int u = 0; u < pu; u++)
        for (int v = 0; v < half; v++)
            f[(int64_t)u * half + v] = p->turn_u[u] * p->turn_v[v] / ((double)pu * pv) *
                                       (double complex)slice[(int64_t)u * half + v];
    aet_fft2_backward(p->image);
    for (int u = 0; u < p->nu; u++)
        for (int v = 0; v < p->nv; v++)
            y[(int64_t)u * p->nv + v] = (float)real[(int64_t)u * pv + v];
}

/* The transpose: all but the frequencies kv = 0 stand for their mates too. */
static void image_in(const slicer *p, int i, const float *y, float complex *slice)
{
    int pu = p->views[i].pu, pv = p->views[i].pv, half = pv / 2 + 1;
    const double complex *f = aet_fft2_spectrum(p->image);
    double *real = aet_fft2_real(p->image);

    turns_of(p, i);
    memset(real, 0, (size_t)pu * (size_t)pv * sizeof *real);
    for (int u = 0; u < p->nu; u++)
        for (int v = 0; v < p->nv; v++)
            real[(int64_t)u * pv + v] = (double)y[(int64_t)u * p->nv + v];
    aet_fft2_forward(p->image);
    for (int u = 0; u < pu; u++)
        for (int v = 0; v < half; v++)
            slice[(int64_t)u * half + v] =
                (float complex)((v ? 2 : 1) / ((double)pu * pv) * conj(p->turn_u[u]) *
                                conj(p->turn_v[v]) * f[(int64_t)u * half + v]);
}

static int64_t slice_points(const slicer *p)
{
    return (int64_t)p->views->pu * (p->views->pv / 2 + 1);
}

static void forward(const aet_linop *op, const float *x, float *y)
{
    const slicer *p = op->ctx;
    int64_t m = slice_points(p), pixels = (int64_t)p->nu * p->nv;

    slice_volume_in(&p->volume, x);
    const float complex *spectrum = aet_fft3_buffer(p->volume.fft);
    memset(y, 0, (size_t)op->n_range * sizeof *y);
    for (int first = 0; first < p->n; first += p->batch)
        for (int k = 0; k < p->batch && first + k < p->n; k++) {
            float complex *slice = p->slices + k * m;
            slice_gather(&p->grid, p->views + first + k, spectrum, slice);
            MPI_Reduce(p->rank == k ? MPI_IN_PLACE : slice, p->rank == k ? slice : NULL,
                       (int)(2 * m), MPI_FLOAT, MPI_SUM, k, op->comm);
            if (k == p->batch - 1 || first + k == p->n - 1)
                if (p->rank <= k)
                    image_out(p, first + p->rank, p->slices + p->rank * m,
                              y + (first + p->rank) * pixels);
        }
    aet_sum_float(op->comm, y, op->n_range);
}

static void adjoint(const aet_linop *op, const float *y, float *x)
{
    const slicer *p = op->ctx;
    int64_t m = slice_points(p), pixels = (int64_t)p->nu * p->nv;
    float complex *spectrum = aet_fft3_buffer(p->volume.fft);

    memset(spectrum, 0, (size_t)aet_fft3_get_shape(p->volume.fft)->reals * sizeof(float));
    for (int first = 0; first < p->n; first += p->batch) {
        if (p->rank < p->batch && first + p->rank < p->n)
            image_in(p, first + p->rank, y + (first + p->rank) * pixels, p->slices + p->rank * m);
        for (int k = 0; k < p->batch && first + k < p->n; k++) {
            MPI_Bcast(p->slices + k * m, (int)(2 * m), MPI_FLOAT, k, op->comm);
            slice_scatter(&p->grid, p->views + first + k, p->slices + k * m, spectrum);
        }
    }
    slice_volume_out(&p->volume, x);
}

/* ---- set-up ---- */

static void free_ctx(void *ctx)
{
    slicer *p = ctx;

    slice_volume_free(&p->volume);
    aet_fft2_free(&p->image);
    aet_release(&p->views);
    aet_release(&p->shift);
    aet_release(&p->slices);
    aet_release(&p->turn_u);
    aet_release(&p->turn_v);
    aet_free_bytes(p);
}

static void views_fill(slicer *p, const aet_projector_setup *s, const int field[2])
{
    const int g[3] = {p->grid.gx, p->grid.gy, p->grid.gz};

    for (int i = 0; i < s->n; i++) {
        double R[3][3];
        slice_view *v = p->views + i;
        aet_rotation(s->angles_deg[i], R);
        v->pu = field[0];
        v->pv = field[1];
        for (int a = 0; a < 3; a++) {
            v->du[a] = R[0][a] * g[a] / field[0];
            v->dv[a] = R[1][a] * g[a] / field[1];
        }
        p->shift[i][0] = s->nu / 2 + (s->shift_px ? s->shift_px[i][0] : 0);
        p->shift[i][1] = s->nv / 2 + (s->shift_px ? s->shift_px[i][1] : 0);
    }
}

static aet_err arrays(slicer *p, const int field[2])
{
    AET_TRY(aet_fft2_create(field[1], field[0], &p->image));
    return AET_ARRAY(p->batch * (int64_t)field[0] * (field[1] / 2 + 1), "Fourier slices",
                     &p->slices);
}

/* What cannot fail. */
static void small_parts(slicer *p, const aet_projector_setup *s, const int field[2])
{
    const aet_fft3_shape *shape = aet_fft3_get_shape(p->volume.fft);

    slice_grid_make(p->volume.gx, p->volume.gy, p->volume.gz, &p->grid);
    p->grid.y0 = shape->y.start;
    p->grid.ny = shape->y.count;
    p->views = AET_NEW(slice_view, s->n);
    p->shift = aet_new_bytes((size_t)s->n * sizeof *p->shift);
    views_fill(p, s, field);
    p->turn_u = AET_NEW(double complex, field[0]);
    p->turn_v = AET_NEW(double complex, field[1] / 2 + 1);
}

aet_err aet_slice_create(MPI_Comm comm, const aet_projector_setup *s, double oversampling,
                         aet_linop **op)
{
    slicer *p = AET_NEW(slicer, 1);
    aet_err err = AET_OK;
    int field[2];

    *op = NULL;
    *p = (slicer){.n = s->n, .nu = s->nu, .nv = s->nv};
    MPI_Comm_rank(comm, &p->rank);
    MPI_Comm_size(comm, &p->size);
    p->batch = batch_of(p->size);
    aet_slice_field(s, oversampling, field);
    AET_GO(slice_volume_create(comm, s->nx, s->ny, s->nz, &p->volume));
    small_parts(p, s, field);
    AET_GO(AET_AGREE(comm, arrays(p, field)));
    *op = AET_NEW(aet_linop, 1);
    **op = (aet_linop){.name = "Fourier-slice projector",
                       .comm = comm,
                       .n_domain = (int64_t)aet_slab_mine(s->nz, comm).count * s->nx * s->ny,
                       .n_range = (int64_t)s->n * s->nu * s->nv,
                       .ctx = p,
                       .forward = forward,
                       .adjoint = adjoint,
                       .free_ctx = free_ctx};
    return AET_OK;
done:
    free_ctx(p);
    return err;
}
