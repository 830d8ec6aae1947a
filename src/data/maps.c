#include "aetlas/data/maps.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 4096, ROOM = 32 };

aet_err aet_maps_create(MPI_Comm comm, const int size[3], double voxel_A, const double origin_A[3],
                        aet_maps **out)
{
    *out = NULL;
    for (int k = 0; k < 3; k++)
        AET_CHECK(size[k] > 0 && size[k] <= SIDE_MAX, AET_ERR_INPUT,
                  "maps of %d x %d x %d voxels: sides of 1 to %d were expected; larger voxels make "
                  "fewer",
                  size[0], size[1], size[2], SIDE_MAX);
    aet_maps *m = AET_NEW(aet_maps, 1);
    *m = (aet_maps){.comm = comm, .nx = size[0], .ny = size[1], .nz = size[2], .voxel_A = voxel_A};
    memcpy(m->origin_A, origin_A, sizeof m->origin_A);
    m->slab = aet_slab_mine(m->nz, comm);
    m->map = AET_NEW(aet_map, ROOM);
    *out = m;
    return AET_OK;
}

void aet_maps_free(aet_maps **m)
{
    if (!*m)
        return;
    for (int k = 0; k < (*m)->n; k++)
        aet_release(&(*m)->map[k].values);
    aet_release(&(*m)->map);
    aet_release(m);
}

aet_err aet_maps_add(aet_maps *m, const char *name, int width, const char *unit,
                     const char *description, float **values)
{
    AET_ASSERT(m->n < ROOM);
    aet_map *map = m->map + m->n;
    int64_t count = (int64_t)m->slab.count * m->ny * m->nx * width;
    *values = NULL;
    AET_TRY(AET_AGREE(m->comm, AET_ARRAY(count, "values of a map", &map->values)));
    aet_fmt(map->name, sizeof map->name, "%s", name);
    aet_fmt(map->unit, sizeof map->unit, "%s", unit);
    aet_fmt(map->description, sizeof map->description, "%s", description);
    map->width = width;
    *values = map->values;
    m->n++;
    return AET_OK;
}

const aet_map *aet_maps_find(const aet_maps *m, const char *name)
{
    for (int k = 0; k < m->n; k++)
        if (strcmp(m->map[k].name, name) == 0)
            return m->map + k;
    return NULL;
}
