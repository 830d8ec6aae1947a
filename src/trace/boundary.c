/* Peaks within the Otsu boundary of the volume. */
#include "aetlas/data/boundary.h"
#include "aetlas/base/mem.h"
#include "trace/trace_priv.h"

aet_err aet_trace_boundary(const aet_volume *v, const aet_trace_params *p, aet_peaks *peaks)
{
    int *inside;
    AET_TRY(aet_volume_boundary(v, p->boundary_sigma, p->boundary_factor, &inside));
    for (int i = peaks->own; i < peaks->own + peaks->n_own; i++) {
        aet_peak *q = &peaks->peak[i];
        int64_t at =
            ((int64_t)(q->voxel[2] - v->slab.start) * v->ny + q->voxel[1]) * v->nx + q->voxel[0];
        q->inside = inside[at] == 1;
    }
    aet_release(&inside);
    return AET_OK;
}
