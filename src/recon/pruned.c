/* The big Fourier grid's points as a sum over waves in the few voxels that are wanted:
 *
 *     out(x, y, z) = 1/m^3 sum_k value(k) exp(2 pi i k.(x, y, z) / m)
 *
 * axis by axis, cropping after each, so the grid of m^3 never exists: lines along z for each row of
 * ky (kept by this rank), planes z exchanged, lines along y, lines along x.  What lies between the
 * first and the second axis, m * (planes) * (m/2+1), is made for a part of the planes at a time,
 * small enough for the room given; the lines along z are transformed anew for each part. */
#include "aetlas/base/mem.h"
#include "aetlas/num/fft.h"
#include "aetlas/par/agree.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <string.h>

enum { BLOCK = 8 }; /* lines gathered together: a cache line of float complex */

typedef struct {
    const recon_pruned *p;
    MPI_Comm comm;
    int rank, size, m, half;
    aet_slab ky;
    int portion;                    /* planes of each rank per part */
    aet_fft1 *line, *real_line;     /* along z and y, along x */
    float complex *plane;           /* [kx][kz], one row of ky */
    double complex *rows;           /* [y][kx], one plane z */
    double complex *block;          /* [BLOCK][m] */
    float complex *sent, *received; /* [rank][ky mine][its z][kx]; [ky][my z][kx] */
    float complex *own;             /* received, where the caller's room is too small */
    int *tables;                    /* [4][size], counts and starts in lines */
} work;

/* Planes of a rank in part i of the sweep. */
static aet_slab part_of(const work *w, int rank, int i)
{
    aet_slab s = aet_slab_of(w->p->nz, rank, w->size);
    int from = i * w->portion, left = s.count - from;

    s.start += from;
    s.count = left < 0 ? 0 : left < w->portion ? left : w->portion;
    return s;
}

/* ---- along z ---- */

/* The points of one row of ky, from *at on, into the plane; false if there is none. */
static bool scatter(const work *w, int row, int64_t *at)
{
    const recon_pruned *p = w->p;
    int64_t end = ((int64_t)row + 1) * w->m * w->half;
    bool any = false;

    memset(w->plane, 0, (size_t)w->half * (size_t)w->m * sizeof *w->plane);
    for (; *at < p->n_points && p->points[*at].index < end; (*at)++) {
        const recon_point *q = p->points + *at;
        if (q->withheld != p->withheld || 1 - (double)q->distance <= p->cutoff)
            continue;
        int64_t kz = q->index / w->half % w->m, kx = q->index % w->half;
        w->plane[kx * w->m + kz] = p->values ? CMPLXF(q->re, q->im) : 1;
        any = true;
    }
    return any;
}

static bool load_line(const work *w, int kx)
{
    const float complex *from = w->plane + (int64_t)kx * w->m;
    double complex *line = aet_fft1_line(w->line);
    bool any = false;

    for (int k = 0; k < w->m; k++) {
        line[k] = (double complex)from[k];
        any = any || crealf(from[k]) != 0 || cimagf(from[k]) != 0;
    }
    return any;
}

static void send_line(const work *w, int part, int row, int kx)
{
    const double complex *line = aet_fft1_line(w->line);

    for (int r = 0; r < w->size; r++) {
        aet_slab s = part_of(w, r, part);
        float complex *to = w->sent + (int64_t)w->tables[w->size + r] * w->half;
        for (int z = 0; z < s.count; z++)
            to[((int64_t)row * s.count + z) * w->half + kx] = (float complex)line[s.start + z];
    }
}

static void along_z(const work *w, int part, int64_t lines)
{
    int64_t at = 0;

    memset(w->sent, 0, (size_t)(lines * w->half) * sizeof *w->sent);
    for (int row = 0; row < w->ky.count; row++) {
        if (!scatter(w, row, &at))
            continue;
        for (int kx = 0; kx < w->half; kx++)
            if (load_line(w, kx)) {
                aet_fft1_backward(w->line);
                send_line(w, part, row, kx);
            }
    }
}

/* ---- between ranks ---- */

/* Lines of kx from and to each rank; returns how many are sent. */
static int64_t tables_fill(const work *w, int part)
{
    int *t = w->tables, mine = part_of(w, w->rank, part).count;
    int64_t sent = 0, received = 0;

    for (int r = 0; r < w->size; r++) {
        t[r] = w->ky.count * part_of(w, r, part).count;
        t[w->size + r] = (int)sent;
        t[2 * w->size + r] = aet_slab_of(w->m, r, w->size).count * mine;
        t[3 * w->size + r] = (int)received;
        sent += t[r];
        received += t[2 * w->size + r];
    }
    return sent;
}

static void exchange(const work *w)
{
    MPI_Datatype type;

    MPI_Type_contiguous(w->half, MPI_C_FLOAT_COMPLEX, &type);
    MPI_Type_commit(&type);
    MPI_Alltoallv(w->sent, w->tables, w->tables + w->size, type, w->received,
                  w->tables + 2 * w->size, w->tables + 3 * w->size, type, w->comm);
    MPI_Type_free(&type);
}

/* ---- along y and x ---- */

static void along_y(const work *w, int z, int planes)
{
    double complex *line = aet_fft1_line(w->line);

    for (int kx = 0; kx < w->half; kx += BLOCK) {
        int n = w->half - kx < BLOCK ? w->half - kx : BLOCK;
        for (int k = 0; k < w->m; k++)
            for (int b = 0; b < n; b++)
                w->block[(int64_t)b * w->m + k] =
                    (double complex)w->received[((int64_t)k * planes + z) * w->half + kx + b];
        for (int b = 0; b < n; b++) {
            memcpy(line, w->block + (int64_t)b * w->m, (size_t)w->m * sizeof *line);
            aet_fft1_backward(w->line);
            for (int y = 0; y < w->p->ny; y++)
                if (w->p->at_y[y] >= 0)
                    w->rows[(int64_t)y * w->half + kx + b] = line[w->p->at_y[y]];
        }
    }
}

static void along_x(const work *w, float *out)
{
    const recon_pruned *p = w->p;
    double complex *line = aet_fft1_line(w->real_line);
    const double *real = (const double *)line;
    double scale = 1 / ((double)w->m * w->m * w->m);

    for (int y = 0; y < p->ny; y++) {
        if (p->at_y[y] < 0)
            continue;
        memcpy(line, w->rows + (int64_t)y * w->half, (size_t)w->half * sizeof *line);
        aet_fft1_backward(w->real_line);
        for (int x = 0; x < p->nx; x++)
            if (p->at_x[x] >= 0)
                out[(int64_t)y * p->nx + x] = (float)(scale * real[p->at_x[x]]);
    }
}

static void sweep(const work *w, float *out)
{
    int most = aet_slab_of(w->p->nz, 0, w->size).count;

    for (int part = 0; part * w->portion < most; part++) {
        aet_slab s = part_of(w, w->rank, part);
        along_z(w, part, tables_fill(w, part));
        exchange(w);
        for (int z = 0; z < s.count; z++) {
            along_y(w, z, s.count);
            along_x(w, out + ((int64_t)part * w->portion + z) * w->p->ny * w->p->nx);
        }
    }
}

/* ---- set-up ---- */

/* Float complex values a rank holds before (and at most as many after) the exchange. */
static int64_t values_of(const work *w, int portion)
{
    int64_t rows = aet_slab_of(w->m, 0, w->size).count; /* the first rank has the most */

    return rows * portion * w->size * w->half;
}

static aet_err arrays(work *w)
{
    int most = aet_slab_of(w->p->nz, 0, w->size).count;

    for (w->portion = most; w->portion > 1 && 2 * values_of(w, w->portion) > w->p->room_values;)
        w->portion = (w->portion + 1) / 2;
    AET_TRY(aet_fft1_create(w->m, false, &w->line));
    AET_TRY(aet_fft1_create(w->m, true, &w->real_line));
    AET_TRY(AET_ARRAY((int64_t)w->half * w->m, "plane of Fourier points", &w->plane));
    AET_TRY(AET_ARRAY((int64_t)w->half * w->p->ny, "rows of a plane", &w->rows));
    AET_TRY(AET_ARRAY((int64_t)BLOCK * w->m, "lines of a plane", &w->block));
    AET_TRY(AET_ARRAY(values_of(w, w->portion), "lines to exchange", &w->sent));
    w->received = w->p->room;
    if (values_of(w, w->portion) <= w->p->room_values)
        return AET_OK;
    AET_TRY(AET_ARRAY(values_of(w, w->portion), "lines exchanged", &w->own));
    w->received = w->own;
    return AET_OK;
}

aet_err recon_pruned_sum(MPI_Comm comm, const recon_pruned *p, float *out)
{
    aet_err err = AET_OK;
    work w = {.p = p, .comm = comm, .m = p->m, .half = p->m / 2 + 1};

    MPI_Comm_rank(comm, &w.rank);
    MPI_Comm_size(comm, &w.size);
    w.ky = aet_slab_of(p->m, w.rank, w.size);
    w.tables = AET_NEW(int, 4 * w.size);
    AET_GO(AET_AGREE(comm, arrays(&w)));
    sweep(&w, out);
done:
    aet_fft1_free(&w.line);
    aet_fft1_free(&w.real_line);
    aet_release(&w.plane);
    aet_release(&w.rows);
    aet_release(&w.block);
    aet_release(&w.sent);
    aet_release(&w.own);
    aet_release(&w.tables);
    return err;
}
