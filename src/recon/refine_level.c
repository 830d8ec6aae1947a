/* Binned images and the volume behind them.
 *
 * Accelerated projected gradient (Nesterov, Sov. Math. Dokl. 27, 372 (1983)) with adaptive restart
 * (O'Donoghue and Candes, Found. Comput. Math. 15, 715 (2015)).
 */
#include "aetlas/base/mem.h"
#include "aetlas/num/blur.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/slab.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "aetlas/physics/projector.h"
#include "aetlas/physics/slice.h"
#include "recon/refine_priv.h"
#include <math.h>
#include <string.h>

/* Power steps for the bound of the operator's norm, and room for its change with the poses. */
#define BOUND_STEPS 3
#define BOUND_ROOM  1.02

/* ---- binning ---- */

/* Cells of `bin` pixels along an axis of n, so that the pivot n/2 lies in the middle cell, number
 * cells/2. */
typedef struct {
    int n, bin, cells, start; /* pixel where cell 0 starts, 0 or less */
    double offset;            /* of the pivot from the centre of its cell, in cells */
} axis;

/* As the pivot lies left of the middle of its cell, there are as many cells before it as after it,
 * or one more. */
static axis axis_of(int n, int bin)
{
    int half = (bin - 1) / 2, pivot = n / 2, left = pivot - half;
    int right = n - pivot - (bin - half), before = left > 0 ? (left + bin - 1) / bin : 0;
    axis a = {.n = n, .bin = bin, .cells = before + 1};

    a.cells += right > 0 ? (right + bin - 1) / bin : 0;
    a.start = left - before * bin;
    a.offset = (half - (bin - 1) / 2.0) / bin;
    return a;
}

static double cell_mean(const float *image, const axis *x, const axis *y, int i, int j)
{
    int x0 = x->start + i * x->bin, y0 = y->start + j * y->bin, pixels = 0;
    double sum = 0;

    for (int v = y0 < 0 ? 0 : y0; v < y0 + y->bin && v < y->n; v++)
        for (int u = x0 < 0 ? 0 : x0; u < x0 + x->bin && u < x->n; u++, pixels++)
            sum += (double)image[(int64_t)v * x->n + u];
    return pixels ? sum / pixels : 0;
}

static aet_err fill(const aet_tilt *tilt, const axis *x, const axis *y, double sigma, float *b)
{
    int nx = tilt->nx, ny = tilt->ny;
    float *image = NULL;
    aet_err err = AET_ARRAY((int64_t)nx * ny, "blurred image", &image);

    for (int i = 0; i < tilt->n && !err; i++) {
        memcpy(image, aet_tilt_image(tilt, i), (size_t)nx * (size_t)ny * sizeof *image);
        aet_blur(image, 1, ny, nx, sigma, REFINE_BLUR_CUT);
        for (int u = 0; u < x->cells; u++)
            for (int v = 0; v < y->cells; v++)
                *b++ = (float)cell_mean(image, x, y, u, v);
    }
    aet_release(&image);
    return err;
}

/* ---- life ---- */

static aet_err arrays(refine_level *l, int planes)
{
    int64_t voxels = (int64_t)planes * l->size[0] * l->size[1];

    AET_TRY(AET_ARRAY(l->n * l->m, "images to refine", &l->b));
    AET_TRY(AET_ARRAY(l->n * l->m, "residual images", &l->r));
    AET_TRY(AET_ARRAY(voxels, "volume to refine with", &l->x));
    AET_TRY(AET_ARRAY(voxels, "volume to refine with", &l->y));
    return AET_ARRAY(voxels, "gradient of the volume", &l->g);
}

aet_err refine_level_create(MPI_Comm comm, const aet_tilt *tilt, const aet_recon_params *recon,
                            int bin, double blur, refine_level *l)
{
    axis x = axis_of(tilt->nx, bin), y = axis_of(tilt->ny, bin);
    aet_slab block = aet_slab_mine(tilt->n, comm);
    int work[3], given[3];

    *l = (refine_level){.comm = comm, .bin = bin, .n = tilt->n, .recon = recon};
    l->offset[0] = x.offset;
    l->offset[1] = y.offset;
    l->nu = x.cells;
    l->nv = y.cells;
    l->m = (int64_t)l->nu * l->nv;
    l->first = block.start;
    l->mine = block.count;
    aet_recon_size(tilt, recon, work, given);
    for (int a = 0; a < 3; a++)
        l->size[a] = bin == 1 ? work[a] : (work[a] + bin - 1) / bin + 1;
    l->used = AET_NEW(bool, tilt->n);
    for (int i = 0; i < tilt->n; i++)
        l->used[i] = true;
    l->angles_deg = aet_new_bytes((size_t)tilt->n * sizeof *l->angles_deg);
    l->shift = aet_new_bytes((size_t)tilt->n * sizeof *l->shift);
    AET_TRY(AET_AGREE(comm, arrays(l, aet_slab_mine(l->size[2], comm).count)));
    return AET_AGREE(comm, fill(tilt, &x, &y, blur * bin, l->b));
}

void refine_level_free(refine_level *l)
{
    aet_linop_free(&l->op);
    aet_release(&l->b);
    aet_release(&l->r);
    aet_release(&l->x);
    aet_release(&l->y);
    aet_release(&l->g);
    aet_release(&l->used);
    aet_release(&l->angles_deg);
    aet_release(&l->shift);
}

aet_err refine_level_poses(refine_level *l, const aet_pose *poses)
{
    for (int i = 0; i < l->n; i++) {
        memcpy(l->angles_deg[i], poses[i].angles_deg, sizeof *l->angles_deg);
        for (int a = 0; a < 2; a++)
            l->shift[i][a] = poses[i].shift_px[a] / l->bin + l->offset[a];
    }
    aet_projector_setup s = {.nx = l->size[0],
                             .ny = l->size[1],
                             .nz = l->size[2],
                             .n = l->n,
                             .nu = l->nu,
                             .nv = l->nv,
                             .angles_deg = (const double(*)[3])l->angles_deg,
                             .shift_px = (const double(*)[2])l->shift,
                             .fine = l->recon->fine};
    aet_linop_free(&l->op);
    if (l->recon->projector == AET_PROJECTOR_FOURIER)
        AET_TRY(aet_slice_create(l->comm, &s, 1, &l->op));
    else
        AET_TRY(aet_projector_create(l->comm, &s, &l->op));
    if (l->norm2 == 0)
        AET_TRY(aet_linop_norm2_bound(l->op, NULL, BOUND_STEPS, &l->norm2));
    AET_CHECK(l->norm2 > 0, AET_ERR_INPUT,
              "no voxel of the volume is seen in any image: check sizes and angles");
    return AET_OK;
}

/* ---- the volume ---- */

static void residual(refine_level *l, const float *x)
{
    aet_linop_forward(l->op, x, l->r);
    for (int64_t i = 0; i < l->n * l->m; i++)
        l->r[i] -= l->b[i];
}

/* Every rank cleans its own block; then all get all. */
static void clean(refine_level *l, const refine_jacobian *j)
{
    double step[REFINE_MOST];
    int size, *count, *start;
    MPI_Datatype image;

    for (int i = 0; i < l->mine; i++) {
        float *r = l->r + (l->first + i) * l->m;
        refine_jacobian_step(l, j, i, r, step);
        refine_jacobian_add(l, j, i, step, r);
    }
    MPI_Comm_size(l->comm, &size);
    if (size == 1)
        return;
    count = AET_NEW(int, 2 * size);
    start = count + size;
    for (int k = 0; k < size; k++) {
        aet_slab s = aet_slab_of(l->n, k, size);
        count[k] = s.count;
        start[k] = s.start;
    }
    MPI_Type_contiguous((int)l->m, MPI_FLOAT, &image);
    MPI_Type_commit(&image);
    MPI_Allgatherv(MPI_IN_PLACE, 0, image, l->r, count, start, image, l->comm);
    MPI_Type_free(&image);
    aet_release(&count);
}

static void leave_out(refine_level *l)
{
    for (int i = 0; i < l->n; i++)
        if (!l->used[i])
            memset(l->r + i * l->m, 0, (size_t)l->m * sizeof *l->r);
}

/* x becomes the step from y, y the point ahead of it; true when the momentum has turned against the
 * descent. */
static bool advance(refine_level *l, float step, float ahead)
{
    float low = l->recon->positivity ? 0 : -INFINITY;
    float *restrict x = l->x, *restrict y = l->y;
    const float *restrict g = l->g;
    double turn = 0;

    for (int64_t i = 0; i < l->op->n_domain; i++) {
        float down = y[i] - step * g[i], here = down > low ? down : low, move = here - x[i];
        turn += (double)((y[i] - here) * move);
        x[i] = here;
        y[i] = here + ahead * move;
    }
    aet_sum_double(l->comm, &turn, 1);
    return turn > 0;
}

aet_err refine_level_volume(refine_level *l, const refine_jacobian *j, int iterations)
{
    float step = (float)(1 / (BOUND_ROOM * l->norm2));
    size_t bytes = (size_t)l->op->n_domain * sizeof(float);
    double t = l->momentum, next;

    if (!j) {
        memset(l->x, 0, bytes);
        memset(l->y, 0, bytes);
        t = 1;
    }
    for (int it = 0; it < iterations; it++) {
        AET_CHECK(!aet_stop_now(l->comm), AET_ERR_STOPPED, "the refinement was stopped");
        residual(l, l->y);
        if (j)
            clean(l, j);
        leave_out(l);
        aet_linop_adjoint(l->op, l->r, l->g);
        next = (1 + sqrt(1 + 4 * t * t)) / 2;
        if (advance(l, step, (float)((t - 1) / next))) {
            memcpy(l->y, l->x, bytes);
            next = 1;
        }
        t = next;
    }
    l->momentum = t;
    residual(l, l->x);
    return AET_OK;
}
