#include "aetlas/par/agree.h"
#include "aetlas/par/slab.h"
#include "aetlas/par/stop.h"
#include "stem_job.h"
#include <math.h>

/* Local.  The probes of one unit through the specimen, a batch at a time. */
static aet_err run_unit(aet_stem_job *j, int tilt, const aet_stem_specimen *specimen,
                        const aet_stem_scan *scan, const aet_stem_unit *u)
{
    aet_stem_grid *g = &j->grid;
    int64_t points = aet_stem_grid_wave(g), image = (int64_t)tilt * j->nx * j->ny;
    for (int first = 0; first < u->count; first += j->batch) {
        int n = u->count - first < j->batch ? u->count - first : j->batch;
        const int *probe = scan->probe + u->first + first;
        for (int i = 0; i < n; i++)
            aet_stem_probe(g, &j->aperture, aet_stem_scan_x(j, probe[i] % j->nx) - u->left_A[0],
                           aet_stem_scan_y(j, probe[i] / j->nx) - u->left_A[1],
                           j->waves + i * points);
        AET_TRY(aet_stem_propagate(j->slicer, g, specimen, u->left_A, j->tile_x == 0, j->waves, n));
        for (int i = 0; i < n; i++)
            AET_TRY(aet_stem_add(&j->sum[image + probe[i]],
                                 aet_stem_detect(j->weight, j->waves + i * points, points)));
    }
    return AET_OK;
}

static aet_err run_mine(MPI_Comm group, aet_stem_job *j, int tilt,
                        const aet_stem_specimen *specimen)
{
    aet_err err = AET_OK;
    aet_stem_scan scan;
    AET_CHECK(!aet_stop_asked(), AET_ERR_STOPPED, "stopped before tilt %d", tilt);
    AET_TRY(aet_stem_scan_create(j, tilt, &scan));
    aet_slab mine = aet_slab_mine(scan.units, group);
    for (int u = mine.start; u < mine.start + mine.count && err == AET_OK; u++)
        err = run_unit(j, tilt, specimen, &scan, &scan.unit[u]);
    aet_stem_scan_free(&scan);
    return err;
}

aet_err aet_stem_multislice(MPI_Comm group, aet_stem_job *j, int tilt,
                            const aet_stem_specimen *specimen)
{
    return AET_AGREE(group, run_mine(group, j, tilt, specimen));
}
