/* Maps in HDF5: one dataset each, side by side. */
#include "aetlas/base/str.h"
#include "aetlas/io/h5.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "io_priv.h"

#define HEAD_BYTES ((int64_t)1 << 18) /* room for groups and attributes */

static aet_err write_map(aet_h5 *f, const aet_maps *m, const aet_map *map)
{
    char path[64];
    const int64_t dims[4] = {m->nz, m->ny, m->nx, map->width};
    aet_fmt(path, sizeof path, "/maps/%s", map->name);
    const aet_h5_field field = {path, AET_H5_F32, map->unit, map->description};
    return aet_h5_write(f, &field, map->width > 1 ? 4 : 3, dims, m->slab.start, m->slab.count,
                        map->values);
}

static aet_err write_head(aet_h5 *f, const aet_maps *m)
{
    static const char *const names[3] = {"origin_x_A", "origin_y_A", "origin_z_A"};
    AET_TRY(aet_h5_set_real(f, "/maps", "voxel_A", m->voxel_A));
    for (int k = 0; k < 3; k++)
        AET_TRY(aet_h5_set_real(f, "/maps", names[k], m->origin_A[k]));
    return provenance_write(f);
}

aet_err aet_maps_write(MPI_Comm comm, const char *path, const aet_maps *m)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    int64_t values = 0;
    for (int k = 0; k < m->n; k++)
        values += (int64_t)m->nz * m->ny * m->nx * m->map[k].width;
    AET_TRY(aet_h5_create(comm, path, 4 * values + HEAD_BYTES, &f));
    for (int k = 0; k < m->n; k++)
        AET_GO(write_map(f, m, m->map + k));
    AET_GO(aet_agree(comm, write_head(f, m)));
    err = aet_h5_commit(&f);
done:
    aet_h5_close(&f);
    return err;
}
