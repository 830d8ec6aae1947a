/* Cubes of voxels about the atoms, for classes formed by mean cubes: `unbiased' classification, in
 * which the whole shape of an atom counts and not its intensity alone (Yang et al., Nature 542, 75
 * (2017), Methods). */
#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <string.h>

/* Trilinear interpolation in a box of `side` voxels; r counted from its first voxel. */
static double at_point(int side, const double *box, const double r[3])
{
    int c[3];
    double f[3], sum = 0;
    for (int a = 0; a < 3; a++) {
        c[a] = (int)floor(r[a]);
        c[a] = c[a] < 0 ? 0 : c[a] > side - 2 ? side - 2 : c[a];
        f[a] = r[a] - c[a];
    }
    for (int k = 0; k < 8; k++) {
        int x = k & 1, y = k >> 1 & 1, z = k >> 2;
        double w = (x ? f[0] : 1 - f[0]) * (y ? f[1] : 1 - f[1]) * (z ? f[2] : 1 - f[2]);
        sum += w * box[((c[2] + z) * side + c[1] + y) * side + c[0] + x];
    }
    return sum;
}

static void cut_cube(const aet_trace_site *s, int half, double *cube)
{
    double box[AET_TRACE_BOX_VOXELS], r[3];
    int c[3], side = 2 * half + 3, edge = 2 * half + 1;
    const aet_peak *q = &s->peaks->peak[s->i];
    for (int a = 0; a < 3; a++)
        c[a] = (int)lround(q->at[a]);
    aet_trace_clean_box(s, c, side, box);
    for (int i = 0; i < edge * edge * edge; i++) {
        int k[3] = {i % edge, i / edge % edge, i / edge / edge};
        for (int a = 0; a < 3; a++)
            r[a] = k[a] + 1 + q->at[a] - c[a];
        cube[i] = at_point(side, box, r);
    }
}

static aet_err cut_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                       const aet_peaks *peaks, int voxels, double *all)
{
    aet_trace_site s = {.block = block, .p = p, .peaks = peaks};
    AET_TRY(aet_trace_neighbours(peaks, voxel_A, &s.nb));
    for (s.i = peaks->own; s.i < peaks->own + peaks->n_own; s.i++)
        cut_cube(&s, p->cube_half, all + (int64_t)s.i * voxels);
    aet_neighbours_free(&s.nb);
    return AET_OK;
}

aet_err aet_trace_cubes(MPI_Comm comm, const aet_block *block, double voxel_A,
                        const aet_trace_params *p, const aet_peaks *peaks, double **cubes)
{
    int edge = 2 * p->cube_half + 1, voxels = edge * edge * edge;
    aet_err err = AET_OK;
    *cubes = NULL;
    AET_GO(AET_AGREE(comm, AET_ARRAY((int64_t)peaks->n * voxels, "cubes about peaks", cubes)));
    AET_GO(AET_AGREE(comm, cut_own(block, voxel_A, p, peaks, voxels, *cubes)));
    /* Each cube is zero on all ranks but one: the sum is exact. */
    aet_sum_double(comm, *cubes, (int64_t)peaks->n * voxels);
done:
    if (err != AET_OK)
        aet_release(cubes);
    return err;
}
