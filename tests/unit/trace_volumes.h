/* Volumes of Gaussian atoms for tests of tracing.  To be included after test.h. */
#ifndef AET_TEST_TRACE_VOLUMES_H
#define AET_TEST_TRACE_VOLUMES_H

#include "aetlas/base/mem.h"
#include "aetlas/trace/trace.h"

#define VOXEL_A 0.35

typedef struct {
    double at[3]; /* voxels */
    double height, width;
    double stretch; /* of the width along z; 0: none */
} blob;

static inline aet_trace_params defaults(void)
{
    aet_trace_params p;
    T_OK(aet_config_load(NULL, &aet_trace_table, &p));
    return p;
}

/* Adds one blob, out to 11 widths, where it is 1e-26 of its height. */
static inline void paint_blob(const aet_volume *v, const blob *b, double *sum)
{
    double stretch = b->stretch > 0 ? b->stretch : 1, width[3] = {b->width, b->width, 0};
    int low[3], high[3], size[3] = {v->nx, v->ny, v->slab.start + v->slab.count};
    width[2] = b->width * stretch;
    for (int a = 0; a < 3; a++) {
        low[a] = (int)fmax(a < 2 ? 0 : v->slab.start, ceil(b->at[a] - 11 * width[a]));
        high[a] = (int)fmin(size[a] - 1, floor(b->at[a] + 11 * width[a]));
    }
    for (int z = low[2]; z <= high[2]; z++)
        for (int y = low[1]; y <= high[1]; y++)
            for (int x = low[0]; x <= high[0]; x++) {
                double d2 = pow((x - b->at[0]) / width[0], 2) + pow((y - b->at[1]) / width[1], 2) +
                            pow((z - b->at[2]) / width[2], 2);
                sum[((int64_t)(z - v->slab.start) * v->ny + y) * v->nx + x] +=
                    b->height * exp(-0.5 * d2);
            }
}

static inline aet_volume *paint(MPI_Comm comm, int nx, int ny, int nz, int n, const blob *b)
{
    aet_volume *v = NULL;
    double *sum = NULL;
    T_OK(aet_volume_create(comm, nx, ny, nz, VOXEL_A, &v));
    T_OK(AET_ARRAY(aet_volume_count(v), "painted volume", &sum));
    for (int i = 0; i < n; i++)
        paint_blob(v, &b[i], sum);
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        v->density[i] = (float)sum[i];
    aet_release(&sum);
    return v;
}

/* The atom nearest to a blob, -1 if there is none; *error_A: how far it is. */
static inline int nearest_atom(const aet_atoms *a, const aet_volume *v, const blob *b,
                               double *error_A)
{
    int best = -1, origin[3] = {v->nx / 2, v->ny / 2, v->nz / 2};
    *error_A = HUGE_VAL;
    for (int i = 0; i < a->n; i++) {
        double d2 = 0;
        for (int c = 0; c < 3; c++)
            d2 += pow(a->position_A[i][c] - (b->at[c] - origin[c]) * v->voxel_A, 2);
        if (sqrt(d2) < *error_A) {
            *error_A = sqrt(d2);
            best = i;
        }
    }
    return best;
}

/* Blobs on a cubic lattice with a basis: `cells` along each axis from voxel `first` on, edges of
 * `edge` voxels, a little off the voxels. */
static inline int lay(const double *basis, int n_basis, double edge, int cells, double first,
                      blob *b)
{
    int n = 0;
    for (int i = 0; i < cells * cells * cells; i++)
        for (int k = 0; k < n_basis; k++, n++) {
            int c[3] = {i % cells, i / cells % cells, i / cells / cells};
            for (int a = 0; a < 3; a++)
                b[n].at[a] = first + 0.13 * a + edge * (c[a] + basis[3 * k + a]);
            b[n].height = 1.0;
            b[n].width = 2.0;
            b[n].stretch = 0;
        }
    return n;
}

static const double sc_basis[3] = {0, 0, 0};
static const double fcc_basis[12] = {0, 0, 0, 0.5, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0.5};

#endif
