#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "aetlas/physics/paint.h"
#include "simulate_priv.h"
#include <math.h>

/* Planes painted at once: few enough for little memory, more than an atom is thick. */
enum { BRICK = 32 };

static aet_err prepare(const aet_atoms *atoms, const aet_simulate_params *p, bool balls,
                       aet_blurred *blurred, int *side)
{
    double reach = 0;
    AET_TRY(aet_simulate_check(atoms, p));
    for (int a = 0; a < atoms->n; a++)
        for (int k = 0; k < 3; k++)
            reach = fmax(reach, fabs(atoms->position_A[a][k]));
    AET_TRY(aet_simulate_size(p, reach, side));
    return aet_blurred_create(atoms, p, balls, blurred);
}

/* count planes from `first` on, through a buffer in double precision. */
static void paint_planes(const aet_atoms *atoms, aet_blurred *blurred, const aet_volume *v,
                         int first, int count, double *brick)
{
    int64_t voxels = (int64_t)v->nx * v->ny * count;
    float *out = v->density + (int64_t)(first - v->slab.start) * v->nx * v->ny;
    double inv = 1 / v->voxel_A;
    for (int64_t k = 0; k < voxels; k++)
        brick[k] = 0;
    for (int a = 0; a < atoms->n; a++) {
        const double *r = atoms->position_A[a];
        aet_paint_brick(brick, v->nx, v->ny, first, count, blurred->by_z[atoms->species[a]],
                        r[0] * inv + v->nx / 2, r[1] * inv + v->ny / 2, r[2] * inv + v->nz / 2);
    }
    for (int64_t k = 0; k < voxels; k++)
        out[k] = (float)brick[k];
}

static aet_err fill(MPI_Comm comm, const aet_atoms *atoms, const aet_simulate_params *params,
                    bool balls, aet_volume **out)
{
    aet_err err = AET_OK;
    aet_blurred blurred = {0};
    double *brick = NULL;
    int side = 0, size, share;

    MPI_Comm_size(comm, &size);
    aet_phase_begin("simulate volume");
    *out = NULL;
    AET_GO(AET_AGREE(comm, prepare(atoms, params, balls, &blurred, &side)));
    AET_GO(aet_volume_create(comm, side, side, side, params->pixel_A, out));
    AET_GO(AET_AGREE(comm, AET_ARRAY((int64_t)side * side * BRICK, "planes of a volume", &brick)));
    aet_info("%d atoms in a volume of %d^3 voxels of %g A", atoms->n, side, params->pixel_A);
    share = aet_slab_of(side, 0, size).count; /* the largest: all ranks go round equally often */
    for (int i = 0; i < share; i += BRICK) {
        int left = (*out)->slab.count - i;
        AET_GO_CHECK(!aet_stop_now(comm), AET_ERR_STOPPED, "stopped after %d of %d planes", i,
                     share);
        if (left > 0)
            paint_planes(atoms, &blurred, *out, (*out)->slab.start + i, left < BRICK ? left : BRICK,
                         brick);
    }
done:
    aet_release(&brick);
    aet_blurred_free(&blurred);
    if (err != AET_OK)
        aet_volume_free(out);
    aet_phase_end("simulate volume");
    return err;
}

aet_err aet_simulate_volume(MPI_Comm comm, const aet_atoms *atoms,
                            const aet_simulate_params *params, aet_volume **out)
{
    return fill(comm, atoms, params, false, out);
}

aet_err aet_simulate_balls(MPI_Comm comm, const aet_atoms *atoms, const aet_simulate_params *params,
                           aet_volume **out)
{
    return fill(comm, atoms, params, true, out);
}
