/* The mean atom of a volume. */
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "trace/trace_priv.h"
#include <math.h>
#include <string.h>

enum { HALF = 5, SIDE = 2 * HALF + 1, VOXELS = SIDE * SIDE * SIDE };
/* Sums are of integers, so that they are the same on any number of ranks: 2^30 steps up to the
 * largest density leave room for 2^33 atoms. */
#define STEPS 1073741824.0
/* A Gaussian of 0.7 A is 1e-4 of its height there. */
#define REACH_A 3.0

/* Cubic convolution (Keys, IEEE Trans. ASSP 29, 1153 (1981)) at f in [0, 1) after the second of
 * four points: exact for parabolas, where a straight line would widen a Gaussian. */
static void cubic_weights(double f, double w[4])
{
    w[0] = -0.5 * f * (1 - f) * (1 - f);
    w[1] = 1 - 2.5 * f * f + 1.5 * f * f * f;
    w[2] = 0.5 * f + 2 * f * f - 1.5 * f * f * f;
    w[3] = -0.5 * f * f * (1 - f);
}

/* The lowest voxel that the box about `at` needs, and the weights along each axis; false where it
 * leaves the volume. */
static bool place_box(const aet_block *b, const double at[3], int low[3], double w[3][4])
{
    int size[3] = {b->nx, b->ny, b->nz};
    for (int a = 0; a < 3; a++) {
        double base = floor(at[a]);
        cubic_weights(at[a] - base, w[a]);
        low[a] = (int)base - HALF - 1;
        if (low[a] < 0 || low[a] + SIDE + 3 > size[a])
            return false;
    }
    return true;
}

/* The box whose lowest voxel is `low`. */
static void cut_box(const aet_block *b, const int low[3], double w[3][4], double *box)
{
    for (int i = 0; i < VOXELS; i++) {
        int x = low[0] + i % SIDE, y = low[1] + i / SIDE % SIDE, z = low[2] + i / SIDE / SIDE;
        box[i] = 0;
        for (int k = 0; k < 16; k++) {
            const float *row = aet_block_row(b, z + k / 4, y + k % 4) + x;
            double line = 0;
            for (int c = 0; c < 4; c++)
                line += w[0][c] * (double)row[c];
            box[i] += w[2][k / 4] * w[1][k % 4] * line;
        }
    }
}

/* What adding up needs. */
typedef struct {
    const aet_volume *v;
    const aet_block *block;
    const aet_atoms *atoms;
    const double *height; /* [n] of the atoms' Gaussians; NULL: not known */
    double width[3];      /* of all, voxels */
    aet_neighbours *nb;
    double scale;
    int64_t plain[VOXELS], clean[VOXELS], n;
} summing;

static void take_out_neighbours(const summing *s, int i, double *box)
{
    for (int64_t k = s->nb->start[i]; s->height && k < s->nb->start[i + 1]; k++) {
        int j = s->nb->index[k];
        aet_gauss g = {.height = s->height[j]};
        double at[3];
        memcpy(g.width, s->width, sizeof g.width);
        for (int a = 0; a < 3; a++)
            at[a] = (s->atoms->position_A[j][a] - s->atoms->position_A[i][a]) / s->v->voxel_A;
        aet_gauss_add(SIDE, &g, at, -1.0, box);
    }
}

static void add_box(const double *box, double scale, int64_t *sum)
{
    for (int i = 0; i < VOXELS; i++)
        sum[i] += llrint(box[i] * scale);
}

/* Adds up the atoms whose lower plane this rank has, then those of all ranks. */
static void add_atoms(summing *s)
{
    const aet_column *origin = aet_atoms_find_column(s->atoms, "origin");
    aet_slab slab = s->v->slab;
    for (int i = 0; i < s->atoms->n; i++) {
        double at[3], w[3][4], box[VOXELS];
        int low[3];
        aet_trace_place(s->v, s->atoms->position_A[i], at);
        int z = (int)floor(at[2]);
        bool counts = s->atoms->species[i] > 0 && !(origin && origin->values[i] == AET_ORIGIN_HAND);
        if (!counts || z < slab.start || z >= slab.start + slab.count ||
            !place_box(s->block, at, low, w))
            continue;
        cut_box(s->block, low, w, box);
        add_box(box, s->scale, s->plain);
        take_out_neighbours(s, i, box);
        add_box(box, s->scale, s->clean);
        s->n++;
    }
    MPI_Allreduce(MPI_IN_PLACE, s->plain, VOXELS, MPI_INT64_T, MPI_SUM, s->v->comm);
    MPI_Allreduce(MPI_IN_PLACE, s->clean, VOXELS, MPI_INT64_T, MPI_SUM, s->v->comm);
    MPI_Allreduce(MPI_IN_PLACE, &s->n, 1, MPI_INT64_T, MPI_SUM, s->v->comm);
}

/* Local.  Atoms whose Gaussians reach into each other's boxes. */
static aet_err find_neighbours(summing *s)
{
    aet_cells *cells = NULL;
    double reach = sqrt(3.0) * HALF * s->v->voxel_A + REACH_A;
    aet_err err = aet_cells_create(s->atoms->n, (const double(*)[3])s->atoms->position_A,
                                   0.5 * reach, &cells);
    if (err == AET_OK)
        err = aet_neighbours_find(cells, reach, &s->nb);
    aet_cells_free(&cells);
    return err;
}

static double largest(const aet_volume *v)
{
    double most = 0;
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        most = fmax(most, fabs((double)v->density[i]));
    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_DOUBLE, MPI_MAX, v->comm);
    return most;
}

static double along(const double *box, int axis, int k)
{
    int step[3] = {1, SIDE, SIDE * SIDE}, centre = VOXELS / 2;
    return 0.5 * (box[centre + k * step[axis]] + box[centre - k * step[axis]]);
}

/* Mean over the voxels whose distance from the centre rounds to k. */
static double shell(const double *box, int k)
{
    double sum = 0;
    int n = 0;
    for (int i = 0; i < VOXELS; i++) {
        double x = i % SIDE - HALF, y = i / SIDE % SIDE - HALF, z = i / SIDE / SIDE - HALF;
        if (lround(sqrt(x * x + y * y + z * z)) == k) {
            sum += box[i];
            n++;
        }
    }
    return sum / n;
}

static void add_curve(const double *box, double voxel_A, aet_atoms *a)
{
    static const char *const heads[] = {"r_A", "shell", "x", "y", "z"};
    aet_curve *c = aet_atoms_add_curve(
        a, "atom_profile", HALF + 1, 5, heads,
        "mean density about the traced atoms: in shells, and along the axes to both sides");
    for (int k = 0; k <= HALF; k++) {
        double row[5] = {k * voxel_A, shell(box, k), along(box, 0, k), along(box, 1, k),
                         along(box, 2, k)};
        memcpy(c->values + 5 * k, row, sizeof row);
    }
}

static void add_widths(const double *box, double voxel_A, int wedge, aet_atoms *a)
{
    static const char *const names[] = {"trace_width_x_A", "trace_width_y_A", "trace_width_z_A"};
    aet_gauss g = {.width = {2, 2, 2}};
    double product = 1;
    if (!aet_fit_gauss(HALF, box, AET_FIT_WIDTHS, &g) || !g.converged)
        return;
    for (int k = 0; k < 3; k++) {
        product *= k == wedge ? 1 : g.width[k] * voxel_A;
        aet_atoms_add_scalar(
            a, names[k], g.width[k] * voxel_A, "A",
            "standard deviation of a Gaussian fitted to the mean atom, neighbours taken out");
    }
    aet_atoms_add_scalar(a, "trace_width_A", sqrt(product), "A",
                         "geometric mean of the mean atom's two widths away from the wedge");
}

static void finish(const summing *s, int wedge, aet_atoms *atoms)
{
    double plain[VOXELS], clean[VOXELS];
    for (int i = 0; i < VOXELS; i++) {
        plain[i] = (double)s->plain[i] / s->scale / (double)s->n;
        clean[i] = (double)s->clean[i] / s->scale / (double)s->n;
    }
    add_curve(plain, s->v->voxel_A, atoms);
    add_widths(clean, s->v->voxel_A, wedge, atoms);
}

aet_err aet_trace_profile(const aet_volume *v, const aet_trace_params *p,
                          const aet_trace_report *report, aet_atoms *atoms)
{
    aet_err err = AET_OK;
    aet_block *block = NULL;
    const aet_column *height = aet_atoms_find_column(atoms, "fit_height");
    double most = largest(v);
    summing *s = AET_NEW(summing, 1);

    s->v = v;
    s->atoms = atoms;
    s->height = height ? height->values : NULL;
    s->scale = most > 0 ? STEPS / most : 1;
    for (int a = 0; a < 3; a++)
        s->width[a] = report->width_A[a] / v->voxel_A;
    AET_GO(aet_halo_block(v, HALF + 3, &block));
    s->block = block;
    AET_GO(AET_AGREE(v->comm, find_neighbours(s)));
    add_atoms(s);
    if (s->n > 0)
        finish(s, p->wedge_axis, atoms);
done:
    aet_neighbours_free(&s->nb);
    aet_block_free(&block);
    aet_release(&s);
    return err;
}
