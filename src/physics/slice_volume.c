/* The volume on the grid of the Fourier-slice projector: its origin voxel on point 0, what lies before
 * it at the ends of the axes, so that the transform has no phases and the kernel, whose shape is taken
 * out, is centred.  Planes go from the slabs of the volume to those of the grid and back. */
#include "physics/slice_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <string.h>

/* ---- sizes ---- */

int slice_axis(int n)
{
    int g = aet_fft_good_size(2 * n < SLICE_LEAST ? SLICE_LEAST : 2 * n);

    return g % 2 ? aet_fft_good_size(g + 1) : g;
}

/* ---- planes of the volume to and from the grid ---- */

/* Planes `low` to `high` of the volume that slab a holds and that lie, `up` further, in slab b. */
static int overlap(aet_slab a, aet_slab b, int low, int high, int up)
{
    int first = a.start > low ? a.start : low, last = a.start + a.count;

    last = last < high ? last : high;
    first = first > b.start - up ? first : b.start - up;
    last = last < b.start + b.count - up ? last : b.start + b.count - up;
    return last > first ? last - first : 0;
}

/* From the slabs of the volume to the planes held: counts in planes; part 0 from the origin on, 1
 * before it.  Both parts ascend with the ranks on both sides. */
static void exchange_table(slice_volume *p, int part)
{
    int *t = p->table + part * 4 * p->size, c = p->nz / 2, gz = p->gz;
    int low = part ? 0 : c, high = part ? c : p->nz, up = part ? gz - c : -c;
    aet_slab mine = aet_slab_of(p->nz, p->rank, p->size), grid = aet_fft3_get_shape(p->fft)->z;
    int first = mine.start > low ? mine.start : low; /* the first plane of this part here */
    int sent = first - mine.start, got = part ? p->held.low : 0;

    for (int r = 0; r < p->size; r++) {
        aet_slab theirs = aet_slab_of(gz, r, p->size), from = aet_slab_of(p->nz, r, p->size);
        t[r] = overlap(mine, theirs, low, high, up);
        t[p->size + r] = sent;
        sent += t[r];
        t[2 * p->size + r] = overlap(from, grid, low, high, up);
        t[3 * p->size + r] = got;
        got += t[2 * p->size + r];
    }
}

static void exchange(const slice_volume *p, float *volume, bool back)
{
    MPI_Datatype plane;

    MPI_Type_contiguous(p->nx * p->ny, MPI_FLOAT, &plane);
    MPI_Type_commit(&plane);
    for (int part = 0; part < 2; part++) {
        int *out = p->table + part * 4 * p->size, *in = out + 2 * p->size;
        if (back)
            MPI_Alltoallv(p->planes, in, in + p->size, plane, volume, out, out + p->size, plane,
                          p->comm);
        else
            MPI_Alltoallv(volume, out, out + p->size, plane, p->planes, in, in + p->size, plane,
                          p->comm);
    }
    MPI_Type_free(&plane);
}

static slice_held held_of(int nz, int gz, aet_slab z)
{
    aet_slab all = {nz, 0, nz};
    int c = nz / 2;
    slice_held h = {overlap(all, z, c, nz, -c), overlap(all, z, 0, c, gz - c), 0, 0};

    h.high_at = h.high ? (gz - c > z.start ? gz - c - z.start : 0) : 0;
    return h;
}

/* ---- volume to spectrum ---- */

/* Row of the grid where voxel i of n lies on an axis of g points. */
static inline int grid_at(int i, int n, int g)
{
    return i < n / 2 ? i - n / 2 + g : i - n / 2;
}

/* Local grid plane of the k-th plane held, and its voxel index along z. */
static int plane_of(const slice_volume *p, int k, int *iz)
{
    const slice_held *h = &p->held;
    int at = k < h->low ? h->low_at + k : h->high_at + k - h->low;

    int z = aet_fft3_get_shape(p->fft)->z.start + at;
    *iz = k < h->low ? z + p->nz / 2 : z + p->nz / 2 - p->gz;
    return at;
}

static void plane_in(const slice_volume *p, const float *x, float scale, float *grid, int row)
{
    for (int ix = 0; ix < p->nx; ix++) {
        float c = scale * p->even[0][ix];
        float *to = grid + grid_at(ix, p->nx, p->gx);
        for (int iy = 0; iy < p->ny; iy++)
            to[(int64_t)grid_at(iy, p->ny, p->gy) * row] =
                c * p->even[1][iy] * x[(int64_t)ix * p->ny + iy];
    }
}

static void plane_out(const slice_volume *p, const float *grid, int row, float scale, float *x)
{
    for (int ix = 0; ix < p->nx; ix++) {
        float c = scale * p->even[0][ix];
        const float *from = grid + grid_at(ix, p->nx, p->gx);
        for (int iy = 0; iy < p->ny; iy++)
            x[(int64_t)ix * p->ny + iy] =
                c * p->even[1][iy] * from[(int64_t)grid_at(iy, p->ny, p->gy) * row];
    }
}

void slice_volume_in(const slice_volume *p, const float *x)
{
    const aet_fft3_shape *s = aet_fft3_get_shape(p->fft);
    float *grid = aet_fft3_buffer(p->fft);
    int64_t plane = (int64_t)p->nx * p->ny;

    if (p->planes)
        exchange(p, (float *)x, false); /* only read */
    memset(grid, 0, (size_t)s->reals * sizeof *grid);
    for (int k = 0; k < p->held.low + p->held.high; k++) {
        int iz, at = plane_of(p, k, &iz);
        const float *from = p->planes ? p->planes + k * plane : x + iz * plane;
        plane_in(p, from, p->even[2][iz], grid + (int64_t)at * s->ny * s->row, s->row);
    }
    aet_fft3_forward(p->fft);
}

void slice_volume_out(const slice_volume *p, float *x)
{
    const aet_fft3_shape *s = aet_fft3_get_shape(p->fft);
    int64_t plane = (int64_t)p->nx * p->ny;

    aet_fft3_backward(p->fft);
    const float *grid = aet_fft3_buffer(p->fft);
    for (int k = 0; k < p->held.low + p->held.high; k++) {
        int iz, at = plane_of(p, k, &iz);
        float *to = p->planes ? p->planes + k * plane : x + iz * plane;
        plane_out(p, grid + (int64_t)at * s->ny * s->row, s->row, p->even[2][iz], to);
    }
    if (p->planes)
        exchange(p, x, true);
}

/* ---- set-up ---- */

static void even_fill(float *even, int n, int g)
{
    for (int i = 0; i < n; i++)
        even[i] = (float)(1 / slice_kernel_transform(i - n / 2, g));
}

aet_err slice_volume_create(MPI_Comm comm, int nx, int ny, int nz, slice_volume *p)
{
    aet_err err = AET_OK;

    *p = (slice_volume){.comm = comm, .nx = nx, .ny = ny, .nz = nz};
    p->gx = slice_axis(nx);
    p->gy = slice_axis(ny);
    p->gz = slice_axis(nz);
    MPI_Comm_rank(comm, &p->rank);
    MPI_Comm_size(comm, &p->size);
    AET_TRY(aet_fft3_create(comm, p->gx, p->gy, p->gz, true, &p->fft));
    p->held = held_of(nz, p->gz, aet_fft3_get_shape(p->fft)->z);
    if (p->size > 1)
        err = AET_ARRAY((int64_t)(p->held.low + p->held.high) * nx * ny,
                        "planes of the slice projector", &p->planes);
    AET_TRY(AET_AGREE(comm, err));
    const int n[3] = {nx, ny, nz}, g[3] = {p->gx, p->gy, p->gz};
    for (int a = 0; a < 3; a++) {
        p->even[a] = AET_NEW(float, n[a]);
        even_fill(p->even[a], n[a], g[a]);
    }
    p->table = AET_NEW(int, 8 * p->size);
    for (int part = 0; part < 2; part++)
        exchange_table(p, part);
    return AET_OK;
}

void slice_volume_free(slice_volume *p)
{
    aet_fft3_free(&p->fft);
    for (int a = 0; a < 3; a++)
        aet_release(&p->even[a]);
    aet_release(&p->table);
    aet_release(&p->planes);
}

double slice_volume_bytes(const int size[3], int ranks)
{
    double plane = (double)size[0] * size[1] * sizeof(float), g[3];
    double exchanging = ranks > 1 ? 2 : 1; /* FFTW-MPI's own buffer */

    for (int a = 0; a < 3; a++)
        g[a] = slice_axis(size[a]);
    double planes = ceil(g[2] / ranks);
    return exchanging * planes * g[1] * (g[0] + 2) * sizeof(float) +
           (ranks > 1 ? fmin(planes, size[2]) * plane : 0);
}
