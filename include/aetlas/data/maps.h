/* Maps: named quantities on one Cartesian grid, spread over the ranks of comm in slabs along z.
 *
 * Shape of the values of a rank: [slab.count][ny][nx][width], float, x fastest but for the components;
 * the middle of voxel (i, j, k) lies at origin_A + voxel_A (i, j, k) in the frame of the atoms.  A rank
 * may hold no plane.  Memory per rank: 4 bytes for each value of its planes.
 */
#ifndef AET_DATA_MAPS_H
#define AET_DATA_MAPS_H

#include "aetlas/base/error.h"
#include "aetlas/par/slab.h"
#include <mpi.h>
#include <stdint.h>

typedef struct {
    char name[32]; /* as a column's of atoms */
    char unit[16];
    char description[160];
    int width;     /* 1: a number, 3: a vector in the frame of the atoms */
    float *values; /* owned */
} aet_map;

typedef struct {
    MPI_Comm comm; /* borrowed */
    int nx, ny, nz;
    aet_slab slab; /* of the nz planes */
    double voxel_A, origin_A[3];
    int n;
    aet_map *map; /* owned */
} aet_maps;

/* Collective.  A grid without maps.  INPUT for sizes that are not positive or absurd. */
aet_err aet_maps_create(MPI_Comm comm, const int size[3], double voxel_A, const double origin_A[3],
                        aet_maps **m);
/* Local. */
void aet_maps_free(aet_maps **m);
/* Collective.  Adds a map of zeros; its values on this rank.  NOMEM. */
aet_err aet_maps_add(aet_maps *m, const char *name, int width, const char *unit,
                     const char *description, float **values);
/* Local.  NULL when there is none of this name. */
const aet_map *aet_maps_find(const aet_maps *m, const char *name);

#endif
