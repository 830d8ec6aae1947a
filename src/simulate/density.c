#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "aetlas/physics/paint.h"
#include "simulate_priv.h"
#include <math.h>

static aet_err prepare(const aet_atoms *atoms, const aet_simulate_params *p, aet_blurred *blurred,
                       int *side)
{
    double reach = 0;
    AET_TRY(aet_simulate_check(atoms, p));
    for (int a = 0; a < atoms->n; a++)
        for (int k = 0; k < 3; k++)
            reach = fmax(reach, fabs(atoms->position_A[a][k]));
    AET_TRY(aet_simulate_size(p, reach, side));
    return aet_blurred_create(atoms, p, false, blurred);
}

static void paint_plane(const aet_atoms *atoms, const aet_blurred *blurred, const aet_volume *v,
                        int iz, double *plane, float *out)
{
    int64_t pixels = (int64_t)v->nx * v->ny;
    double z = (iz - v->nz / 2) * v->voxel_A;
    for (int64_t k = 0; k < pixels; k++)
        plane[k] = 0;
    for (int a = 0; a < atoms->n; a++) {
        const double *r = atoms->position_A[a];
        aet_paint_atom(plane, v->nx, v->ny, v->voxel_A, blurred->by_z[atoms->species[a]], 1,
                       r[0] / v->voxel_A + v->nx / 2, r[1] / v->voxel_A + v->ny / 2, r[2] - z);
    }
    for (int64_t k = 0; k < pixels; k++)
        out[k] = (float)plane[k];
}

aet_err aet_simulate_volume(MPI_Comm comm, const aet_atoms *atoms,
                            const aet_simulate_params *params, aet_volume **out)
{
    aet_err err = AET_OK;
    aet_blurred blurred = {0};
    double *plane = NULL;
    int side = 0, size, share;

    MPI_Comm_size(comm, &size);
    aet_phase_begin("simulate volume");
    *out = NULL;
    AET_GO(AET_AGREE(comm, prepare(atoms, params, &blurred, &side)));
    AET_GO(aet_volume_create(comm, side, side, side, params->pixel_A, out));
    AET_GO(AET_AGREE(comm, AET_ARRAY((int64_t)side * side, "a plane", &plane)));
    aet_info("%d atoms in a volume of %d^3 voxels of %g A", atoms->n, side, params->pixel_A);
    share = aet_slab_of(side, 0, size).count; /* the largest: all ranks go round equally often */
    for (int i = 0; i < share; i++) {
        AET_GO_CHECK(!aet_stop_now(comm), AET_ERR_STOPPED, "stopped after %d of %d planes", i,
                     share);
        if (i < (*out)->slab.count)
            paint_plane(atoms, &blurred, *out, (*out)->slab.start + i, plane,
                        (*out)->density + (int64_t)i * side * side);
    }
done:
    aet_release(&plane);
    aet_blurred_free(&blurred);
    if (err != AET_OK)
        aet_volume_free(out);
    aet_phase_end("simulate volume");
    return err;
}
