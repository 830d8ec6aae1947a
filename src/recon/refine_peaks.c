/* Local maxima of the level's volume: what might be atoms. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/halo.h"
#include "aetlas/data/units.h"
#include "aetlas/num/blur.h"
#include "aetlas/num/sort.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/slab.h"
#include "recon/refine_priv.h"
#include <math.h>
#include <string.h>

/* Of the highest voxel and of the mean height: what is lower is no peak.  The lightest atoms of an alloy
 * have a third of the heaviest ones' height. */
#define LEAST_OF_MOST 0.05
#define LEAST_OF_MEAN 0.3

/* Pixels; narrower peaks are noise. */
#define SHARPEST 1

/* The same of weights that show in what other beads leave, where a bead amid two atoms hides part of them; and
 * in standard deviations of noise, of which there are as many as voxels. */
#define LEAST_OF_LEFT 0.15
#define TIMES_NOISE   4.5

/* Widths from a bead to the next, at least, when it is added later. */
#define NEAREST 1.5

enum {
    NUMBERS = 5 /* of a peak: place, height, square of the width */
};

typedef struct {
    const float *wide; /* planes z0 ... of the volume, [..][nx][ny] */
    int nx, ny, nz, z0;
    int n, room;
    double (*peak)[NUMBERS];
} search;

static const float *voxel(const search *s, int z, int x, int y)
{
    return s->wide + ((int64_t)(z - s->z0) * s->nx + x) * s->ny + y;
}

/* Of equal voxels the first in memory is the peak, on any number of ranks. */
static bool is_peak(const search *s, int z, int x, int y)
{
    float top = *voxel(s, z, x, y);

    for (int k = 0; k < 27; k++) {
        float other = *voxel(s, z + k / 9 - 1, x + k / 3 % 3 - 1, y + k % 3 - 1);
        if (k < 13 ? other >= top : k > 13 && other > top)
            return false;
    }
    return true;
}

/* The parabola through three values: place of its top, and the Gaussian's width^2 of that curvature. */
static double top_of(double below, double here, double above, double *width2)
{
    double bend = below - 2 * here + above;

    *width2 = bend < 0 ? -here / bend : 1e30;
    return bend < 0 ? 0.5 * (below - above) / bend : 0;
}

static void push(search *s, int z, int x, int y)
{
    const float *p = voxel(s, z, x, y);
    ptrdiff_t along[3] = {s->ny, 1, (ptrdiff_t)s->nx * s->ny};
    double width2[3], here = (double)*p;

    if (s->n == s->room) {
        double(*more)[NUMBERS] = aet_new_bytes((size_t)(2 * s->room + 256) * sizeof *more);
        if (s->n)
            memcpy(more, s->peak, (size_t)s->n * sizeof *more);
        aet_release(&s->peak);
        s->peak = more;
        s->room = 2 * s->room + 256;
    }
    double *peak = s->peak[s->n++];
    for (int a = 0; a < 3; a++)
        peak[a] = top_of((double)p[-along[a]], here, (double)p[along[a]], &width2[a]);
    peak[0] += x - s->nx / 2;
    peak[1] += y - s->ny / 2;
    peak[2] += z - s->nz / 2;
    peak[3] = here;
    peak[4] = fmin(width2[0], width2[1]); /* along the beam atoms are longer than they are */
}

static void find_own(search *s, aet_slab slab, double least)
{
    for (int z = slab.start > 1 ? slab.start : 1; z < slab.start + slab.count && z < s->nz - 1; z++)
        for (int x = 1; x < s->nx - 1; x++)
            for (int y = 1; y < s->ny - 1; y++)
                if ((double)*voxel(s, z, x, y) > least && is_peak(s, z, x, y))
                    push(s, z, x, y);
}

/* Every rank's peaks to all, in the order of their planes. */
static void share(MPI_Comm comm, search *s)
{
    int size, unit;
    MPI_Datatype type;

    MPI_Comm_size(comm, &size);
    int *count = AET_NEW(int, 2 * size), *start = count + size;
    MPI_Allgather(&s->n, 1, MPI_INT, count, 1, MPI_INT, comm);
    for (int r = 1; r < size; r++)
        start[r] = start[r - 1] + count[r - 1];
    int total = start[size - 1] + count[size - 1];
    double(*all)[NUMBERS] = aet_new_bytes((size_t)(total + 1) * sizeof *all);
    MPI_Type_contiguous(NUMBERS, MPI_DOUBLE, &type);
    MPI_Type_commit(&type);
    MPI_Type_size(type, &unit);
    MPI_Allgatherv(s->peak, s->n, type, all, count, start, type, comm);
    MPI_Type_free(&type);
    aet_release(&s->peak);
    aet_release(&count);
    s->peak = all;
    s->n = total;
}

/* The high ones become beads, each as heavy as its height says; the width is the median of theirs. */
static void choose(const search *s, double blur, refine_beads *beads)
{
    double sum = 0, sum2 = 0, *width2 = AET_NEW(double, s->n + 1);

    for (int i = 0; i < s->n; i++) {
        sum += s->peak[i][3];
        sum2 += s->peak[i][3] * s->peak[i][3];
    }
    *beads = (refine_beads){0};
    for (int i = 0; i < s->n; i++) {
        if (s->peak[i][3] * sum < LEAST_OF_MEAN * sum2)
            continue;
        width2[beads->n] = s->peak[i][4];
        refine_beads_push(beads, s->peak[i], s->peak[i][3]);
    }
    aet_sort(beads->n, width2);
    double seen2 = width2[beads->n / 2];
    beads->sigma = sqrt(fmax(0, seen2 - blur * blur));
    for (int i = 0; i < beads->n; i++)
        beads->weight[i] *= pow(2 * AET_PI * seen2, 1.5);
    aet_release(&width2);
}

/* The search with the volume blurred by `blur` voxels. */
static aet_err find(const refine_level *l, double blur, search *out)
{
    aet_slab slab = aet_slab_mine(l->size[2], l->comm);
    search s = {.nx = l->size[0], .ny = l->size[1], .nz = l->size[2]};
    double most = 0;
    float *wide = NULL;
    int planes, depth = 1 + (int)ceil(3 * blur);
    aet_err err = AET_OK;

    aet_halo_range(slab, depth, &s.z0, &planes);
    AET_GO(AET_AGREE(l->comm, AET_ARRAY((int64_t)planes * s.nx * s.ny, "planes of peaks", &wide)));
    aet_halo_exchange(l->comm, s.nz, depth, (size_t)s.nx * (size_t)s.ny * sizeof *wide, l->x, wide);
    if (blur > 0)
        aet_blur(wide, planes, s.nx, s.ny, blur, REFINE_BLUR_CUT);
    s.wide = wide;
    for (int z = slab.start; z < slab.start + slab.count; z++)
        for (int64_t i = 0; i < (int64_t)s.nx * s.ny; i++)
            most = fmax(most, (double)voxel(&s, z, 0, 0)[i]);
    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_DOUBLE, MPI_MAX, l->comm);
    find_own(&s, slab, LEAST_OF_MOST * most);
    share(l->comm, &s);
done:
    *out = s;
    aet_release(&wide);
    return err;
}

/* Noise makes peaks as wide as the blur; atoms are wider than that. */
aet_err refine_beads_find(const refine_level *l, refine_beads *beads)
{
    static const double blurs[] = {0, 0.7, 1, 1.4};

    search s = {0};
    aet_err err = AET_OK;

    for (int k = 0; k < 4 && !err && beads->sigma < SHARPEST; k++) {
        refine_beads_free(beads);
        err = find(l, blurs[k], &s);
        if (!err)
            choose(&s, blurs[k], beads);
        aet_release(&s.peak);
        aet_debug("peaks with blur %.1f: %d, of width %.2f", blurs[k], beads->n, beads->sigma);
    }
    return err;
}

static double distance2(const double a[3], const double b[3])
{
    return pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2);
}

/* RMS of the residual where the object is. */
static double noise_of(const refine_level *l)
{
    double sum = 0, all = 0;

    for (int64_t k = 0; k < l->n * l->m; k++) {
        double b = fabs((double)l->b[k]), r = (double)l->r[k];
        sum += b * r * r;
        all += b;
    }
    return all > 0 ? sqrt(sum / all) : 0;
}

/* The least weight that is an atom's: of the mean, and above noise. */
static double least_weight(const refine_level *l, const refine_beads *beads, double images)
{
    double sum = 0, sum2 = 0;

    for (int a = 0; a < beads->n; a++) {
        sum += beads->weight[a];
        sum2 += beads->weight[a] * beads->weight[a];
    }
    return fmax(LEAST_OF_LEFT * sum2 / sum,
                TIMES_NOISE * noise_of(l) / (refine_bead_top(beads) * sqrt(images)));
}

static bool is_alone(const refine_beads *beads, const double at[3], double near)
{
    for (int a = 0; a < beads->n; a++)
        if (distance2(at, beads->at[a]) < near * near)
            return false;
    return true;
}

/* A bead that is missing stands in the back projection of what is left with its image's height times their
 * number. */
aet_err refine_beads_add(const refine_level *l, refine_beads *beads)
{
    int used = 0, n = beads->n;
    search s = {0};

    for (int i = 0; i < l->n; i++)
        used += l->used[i];
    double least = least_weight(l, beads, used);
    aet_err err = find(l, 0, &s);
    for (int i = 0; i < s.n && !err; i++) {
        double weight = s.peak[i][3] / (refine_bead_top(beads) * used);
        if (weight > least && is_alone(beads, s.peak[i], NEAREST * beads->sigma))
            refine_beads_push(beads, s.peak[i], weight);
    }
    aet_debug("%d of %d peaks of what is left become atoms", beads->n - n, s.n);
    aet_release(&s.peak);
    return err;
}

void refine_beads_push(refine_beads *b, const double at[3], double weight)
{
    if (b->n == b->room) {
        int room = 2 * b->room + 256;
        double(*places)[3] = aet_new_bytes((size_t)room * sizeof *places);
        double *weights = AET_NEW(double, room);
        if (b->n > 0) {
            memcpy(places, b->at, (size_t)b->n * sizeof *places);
            memcpy(weights, b->weight, (size_t)b->n * sizeof *weights);
        }
        aet_release(&b->at);
        aet_release(&b->weight);
        b->at = places;
        b->weight = weights;
        b->room = room;
    }
    memcpy(b->at[b->n], at, sizeof *b->at);
    b->weight[b->n++] = weight;
}

void refine_beads_free(refine_beads *beads)
{
    aet_release(&beads->at);
    aet_release(&beads->weight);
    *beads = (refine_beads){0};
}
