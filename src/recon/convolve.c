/* h*x and the quadratic it belongs to.
 *
 * x lives in a box and only the box of h*x is wanted, so offsets d with |d| < n matter along each
 * axis: a circular convolution of 2n-1 points or more is the linear one.  The kernel has period m,
 * so where m is less than that, a circular convolution of m points is exact too.  h is even, as
 * both points of a Friedel pair are in the mask: only its planes z >= 0 are made, with half the
 * weight at z = 0, and the transform of h is twice the real part of theirs. */
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <string.h>

/* ---- planes between two block distributions ---- */

/* Planes below n that both slabs hold; *start: the first of them, counted within a. */
static int overlap(aet_slab a, aet_slab b, int n, int *start)
{
    int low = a.start > b.start ? a.start : b.start;
    int high = a.start + a.count < b.start + b.count ? a.start + a.count : b.start + b.count;

    high = high < n ? high : n;
    *start = high > low ? low - a.start : 0;
    return high > low ? high - low : 0;
}

/* Moves planes 0 .. n-1 of rows of nx (padded to row_from, row_to) from slabs of n_from planes to
 * slabs of n_to planes. */
static void planes_move(MPI_Comm comm, int ny, int nx, int n, int n_from, int row_from,
                        const float *in, int n_to, int row_to, float *out)
{
    int rank, size;
    MPI_Datatype from, to;

    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    int *table = AET_NEW(int, 4 * size);
    for (int r = 0; r < size; r++) {
        table[r] = ny * overlap(aet_slab_of(n_from, rank, size), aet_slab_of(n_to, r, size), n,
                                &table[size + r]);
        table[2 * size + r] = ny * overlap(aet_slab_of(n_to, rank, size),
                                           aet_slab_of(n_from, r, size), n, &table[3 * size + r]);
        table[size + r] *= ny;
        table[3 * size + r] *= ny;
    }
    MPI_Datatype plain;
    MPI_Type_contiguous(nx, MPI_FLOAT, &plain);
    MPI_Type_create_resized(plain, 0, row_from * (MPI_Aint)sizeof *in, &from);
    MPI_Type_create_resized(plain, 0, row_to * (MPI_Aint)sizeof *out, &to);
    MPI_Type_commit(&from);
    MPI_Type_commit(&to);
    MPI_Alltoallv(in, table, table + size, from, out, table + 2 * size, table + 3 * size, to, comm);
    MPI_Type_free(&plain);
    MPI_Type_free(&from);
    MPI_Type_free(&to);
    aet_release(&table);
}

void recon_box_from_slabs(const recon_box *b, const float *slabs, float *out)
{
    planes_move(b->comm, b->ny, b->nx, b->nz, b->nz, b->nx, slabs, b->cz, b->nx, out);
}

void recon_box_to_slabs(const recon_box *b, const float *in, float *slabs)
{
    planes_move(b->comm, b->ny, b->nx, b->nz, b->cz, b->nx, in, b->nz, b->nx, slabs);
}

/* ---- the box and its grid ---- */

int recon_box_axis(int n, int m)
{
    int c = aet_fft_good_size(2 * n - 1);

    return c < m ? c : m;
}

aet_err recon_box_create(MPI_Comm comm, int nx, int ny, int nz, int m, recon_box *box)
{
    *box = (recon_box){.comm = comm, .nx = nx, .ny = ny, .nz = nz, .m = m};
    box->cx = recon_box_axis(nx, m);
    box->cy = recon_box_axis(ny, m);
    box->cz = recon_box_axis(nz, m);
    AET_TRY(aet_fft3_create(comm, box->cx, box->cy, box->cz, true, &box->fft));
    aet_slab z = aet_fft3_get_shape(box->fft)->z;
    int left = nz - z.start;
    box->planes = left < 0 ? 0 : left < z.count ? left : z.count;
    box->n = (int64_t)box->planes * ny * nx;
    return AET_OK;
}

void recon_box_free(recon_box *box)
{
    aet_fft3_free(&box->fft);
}

static int64_t spectrum_count(const recon_box *b)
{
    return (int64_t)aet_fft3_get_shape(b->fft)->y.count * b->cz * (b->cx / 2 + 1);
}

static void clear(float *from, const float *end)
{
    memset(from, 0, (size_t)(end - from) * sizeof *from);
}

void recon_box_forward(const recon_box *b, const float *x)
{
    int row = aet_fft3_get_shape(b->fft)->row;
    float *grid = aet_fft3_buffer(b->fft);

    for (int z = 0; z < b->planes; z++)
        for (int y = 0; y < b->ny; y++) {
            float *to = grid + ((int64_t)z * b->cy + y) * row;
            memcpy(to, x + ((int64_t)z * b->ny + y) * b->nx, (size_t)b->nx * sizeof *grid);
            clear(to + b->nx, to + row);
        }
    for (int z = 0; z < b->planes; z++) /* rows beside the box, then planes behind it */
        clear(grid + ((int64_t)z * b->cy + b->ny) * row, grid + ((int64_t)z + 1) * b->cy * row);
    clear(grid + (int64_t)b->planes * b->cy * row, grid + aet_fft3_get_shape(b->fft)->reals);
    aet_fft3_forward(b->fft);
}

/* sum k |f|^2; eight sums side by side, so that the loop need not wait for each addition. */
static double energy(const float *restrict k, const float *restrict f, int n)
{
    double lane[8] = {0}, sum = 0;
    int i = 0;

    for (; i + 8 <= n; i += 8)
        for (int l = 0; l < 8; l++) {
            float re = f[2 * (i + l)], im = f[2 * (i + l) + 1];
            lane[l] += (double)(k[i + l] * (re * re + im * im));
        }
    for (; i < n; i++)
        sum += (double)(k[i] * (f[2 * i] * f[2 * i] + f[2 * i + 1] * f[2 * i + 1]));
    for (int l = 0; l < 8; l++)
        sum += lane[l];
    return sum;
}

/* Of the columns that have no mirror image: kx = 0 and cx/2. */
static double alone(const recon_box *b, const float *k, const float *f)
{
    int last = b->cx / 2;

    return energy(k, f, 1) + (b->cx % 2 == 0 ? energy(k + last, f + 2 * last, 1) : 0);
}

/* Parseval over the half spectrum. */
double recon_box_form(const recon_box *b, const recon_quadratic *q)
{
    const float *grid = aet_fft3_buffer(b->fft);
    int half = b->cx / 2 + 1;
    double sum = 0;

    for (int64_t at = 0; at < spectrum_count(b); at += half)
        sum += 2 * energy(q->kernel + at, grid + 2 * at, half) -
               alone(b, q->kernel + at, grid + 2 * at);
    return sum / ((double)b->cx * b->cy * b->cz);
}

/* f *= k; returns the energy there was. */
static double filter(const float *restrict k, float *restrict f, int n)
{
    double sum = energy(k, f, n);

    for (int i = 0; i < n; i++) {
        f[2 * i] *= k[i];
        f[2 * i + 1] *= k[i];
    }
    return sum;
}

double recon_box_descent(const recon_box *b, const recon_quadratic *q, float *out)
{
    int row = aet_fft3_get_shape(b->fft)->row, half = b->cx / 2 + 1;
    float *grid = aet_fft3_buffer(b->fft);
    double points = (double)b->cx * b->cy * b->cz, form = 0;
    float scale = (float)(1 / points);

    for (int64_t at = 0; at < spectrum_count(b); at += half) {
        form -= alone(b, q->kernel + at, grid + 2 * at);
        form += 2 * filter(q->kernel + at, grid + 2 * at, half);
    }
    aet_fft3_backward(b->fft);
    for (int64_t line = 0; line < (int64_t)b->planes * b->ny; line++) {
        const float *from = grid + (line / b->ny * b->cy + line % b->ny) * row;
        for (int x = 0; x < b->nx; x++)
            out[line * b->nx + x] = q->b[line * b->nx + x] - scale * from[x];
    }
    return form / points;
}

/* ---- the quadratic ---- */

/* Offsets 0 .. wanted(n)-1 of the kernel are used. */
static int wanted(int n, int m)
{
    return n < m / 2 + 1 ? n : m / 2 + 1;
}

/* Grid index of each index of a convolution axis: the signed offset, or -1 where none is used. */
static void kernel_at(int n, int c, int m, int *at)
{
    for (int i = 0; i < c; i++) {
        int d = aet_fft_signed(i, c);
        at[i] = (d < 0 ? -d : d) < wanted(n, m) ? (d + m) % m : -1;
    }
}

static void box_at(int n, int *at)
{
    for (int i = 0; i < n; i++)
        at[i] = i;
}

static aet_err pruned(const recon_box *b, recon_pruned p, bool values, const int size[3], int *at,
                      float *out)
{
    p.values = values;
    p.nx = size[0];
    p.ny = size[1];
    p.nz = size[2];
    p.at_x = at;
    p.at_y = at + size[0];
    p.room = aet_fft3_buffer(b->fft);
    p.room_values = aet_fft3_get_shape(b->fft)->reals / 2;
    return recon_pruned_sum(b->comm, &p, out);
}

static aet_err make_b(const recon_box *b, const recon_pruned *which, recon_quadratic *q)
{
    aet_err err = AET_OK;
    const int size[3] = {b->nx, b->ny, b->nz};
    int *at = AET_NEW(int, b->nx + b->ny);
    float *slabs = NULL;
    int64_t n = (int64_t)aet_slab_mine(b->nz, b->comm).count * b->nx * b->ny;

    box_at(b->nx, at);
    box_at(b->ny, at + b->nx);
    AET_GO(AET_AGREE(b->comm, AET_ARRAY(n, "GENFIRE right-hand side", &slabs)));
    AET_GO(pruned(b, *which, true, size, at, slabs));
    recon_box_from_slabs(b, slabs, q->b);
done:
    aet_release(&slabs);
    aet_release(&at);
    return err;
}

/* The half kernel lies in the buffer: planes that are their own mirror image count half. */
static void weigh_planes(const recon_box *b, int planes)
{
    const aet_fft3_shape *s = aet_fft3_get_shape(b->fft);
    float *grid = aet_fft3_buffer(b->fft);

    for (int z = 0; z < s->z.count; z++) {
        int d = z + s->z.start;
        if (d == 0 || (2 * d == b->cz && d < planes))
            for (int64_t i = 0; i < (int64_t)b->cy * s->row; i++)
                grid[(int64_t)z * b->cy * s->row + i] *= 0.5F;
    }
}

static aet_err make_kernel(const recon_box *b, const recon_pruned *which, recon_quadratic *q)
{
    aet_err err = AET_OK;
    const int size[3] = {b->cx, b->cy, wanted(b->nz, b->m)};
    int *at = AET_NEW(int, b->cx + b->cy);
    float *slabs = NULL;
    int64_t n = (int64_t)aet_slab_mine(size[2], b->comm).count * b->cx * b->cy;

    kernel_at(b->nx, b->cx, b->m, at);
    kernel_at(b->ny, b->cy, b->m, at + b->cx);
    AET_GO(AET_AGREE(b->comm, AET_ARRAY(n, "GENFIRE kernel", &slabs)));
    AET_GO(pruned(b, *which, false, size, at, slabs));
    if (!q->kernel) /* only now: the sum above needs the most memory */
        AET_GO(AET_AGREE(
            b->comm, AET_ARRAY(spectrum_count(b), "transform of the GENFIRE kernel", &q->kernel)));
    float *grid = aet_fft3_buffer(b->fft);
    clear(grid, grid + aet_fft3_get_shape(b->fft)->reals);
    planes_move(b->comm, b->cy, b->cx, size[2], size[2], b->cx, slabs, b->cz,
                aet_fft3_get_shape(b->fft)->row, grid);
    weigh_planes(b, size[2]);
    aet_fft3_forward(b->fft);
    for (int64_t i = 0; i < spectrum_count(b); i++)
        q->kernel[i] = 2 * grid[2 * i];
done:
    aet_release(&slabs);
    aet_release(&at);
    return err;
}

/* Sum of squares of the values over the whole grid, over m^3 as h and b are. */
static void make_norm(const recon_box *b, const recon_pruned *which, recon_quadratic *q)
{
    q->norm2 = 0;
    for (int64_t i = 0; i < which->n_points; i++) {
        const recon_point *p = which->points + i;
        if (p->withheld == which->withheld && 1 - (double)p->distance > which->cutoff)
            q->norm2 += (p->twice ? 2 : 1) *
                        ((double)p->re * (double)p->re + (double)p->im * (double)p->im);
    }
    q->norm2 /= (double)b->m * b->m * b->m;
    aet_sum_double(b->comm, &q->norm2, 1);
}

aet_err recon_quadratic_make(const recon_box *b, const recon_pruned *which, recon_quadratic *q)
{
    if (!q->b)
        AET_TRY(AET_AGREE(b->comm, AET_ARRAY(b->n, "GENFIRE right-hand side", &q->b)));
    make_norm(b, which, q);
    AET_TRY(make_b(b, which, q));
    return make_kernel(b, which, q);
}

static void add(float *restrict to, const float *restrict from, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        to[i] += from[i];
}

void recon_quadratic_join(const recon_box *b, recon_quadratic *q, recon_quadratic *other)
{
    add(q->kernel, other->kernel, spectrum_count(b));
    add(q->b, other->b, b->n);
    q->norm2 += other->norm2;
    recon_quadratic_free(other);
}

void recon_quadratic_free(recon_quadratic *q)
{
    aet_release(&q->kernel);
    aet_release(&q->b);
}
