/* Surface atoms by the tomogram: those outside its Otsu boundary made smaller, that is, with a voxel of
 * the outside nearer than surface_erosion_A (Jeong et al., Nat. Commun. 16, 8026 (2025)).  Holes inside
 * the boundary are matter, and all that lies beyond the volume is outside. */
#include "aetlas/base/mem.h"
#include "aetlas/data/boundary.h"
#include "aetlas/par/agree.h"
#include "analyse/analyse_priv.h"

#include <math.h>

/* Is any voxel of the own planes that is outside within reach of p (in voxels)? */
static bool near_outside(const aet_volume *v, const int *inside, const double p[3], double reach)
{
    int low[3], high[3];
    for (int k = 0; k < 3; k++) {
        low[k] = (int)ceil(p[k] - reach);
        high[k] = (int)floor(p[k] + reach);
    }
    for (int z = low[2]; z <= high[2]; z++)
        for (int y = low[1]; y <= high[1]; y++) {
            double rest = reach * reach - (z - p[2]) * (z - p[2]) - (y - p[1]) * (y - p[1]);
            bool own = z >= v->slab.start && z < v->slab.start + v->slab.count;
            if (!own && z >= 0 && z < v->nz)
                continue; /* another rank's */
            for (int x = low[0]; x <= high[0]; x++) {
                if ((x - p[0]) * (x - p[0]) > rest)
                    continue;
                if (!own || x < 0 || y < 0 || x >= v->nx || y >= v->ny ||
                    !inside[((int64_t)(z - v->slab.start) * v->ny + y) * v->nx + x])
                    return true;
            }
        }
    return false;
}

aet_err analyse_skin(MPI_Comm comm, const aet_volume *v, analysis *m)
{
    aet_err err = AET_OK;
    int *inside = NULL;
    AET_CHECK(v, AET_ERR_USAGE,
              "analyse.surface = mask needs the tomogram (--volume); use coordination without one");
    AET_GO(AET_AGREE(comm, AET_ARRAY(m->a->n, "surface flags", &m->skin)));
    AET_GO(aet_volume_boundary(v, m->params->surface_sigma, m->params->surface_factor, &inside));
    AET_GO(aet_volume_fill(v, inside));
    for (int i = 0; i < m->a->n; i++) {
        const double *r = m->a->position_A[i];
        const double p[3] = {r[0] / v->voxel_A + v->nx / 2, r[1] / v->voxel_A + v->ny / 2,
                             r[2] / v->voxel_A + v->nz / 2};
        m->skin[i] = near_outside(v, inside, p, m->params->surface_erosion_A / v->voxel_A);
    }
    MPI_Allreduce(MPI_IN_PLACE, m->skin, m->a->n, MPI_C_BOOL, MPI_LOR, comm);
done:
    aet_release(&inside);
    return err;
}
