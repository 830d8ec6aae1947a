/* ranks: 1 2 3 4 */
/* Planes of neighbour slabs, for slabs thicker and thinner than the halo and for ranks without planes. */
#include "aetlas/data/halo.h"
#include "test.h"

static void test_block(int nz, int depth)
{
    aet_volume *v = NULL;
    aet_block *b = NULL;
    int nx = 3, ny = 2;
    T_OK(aet_volume_create(MPI_COMM_WORLD, nx, ny, nz, 1.0, &v));
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        v->density[i] = (float)(i + (int64_t)v->slab.start * nx * ny);
    T_OK(aet_halo_block(v, depth, &b));
    int first = v->slab.start - depth > 0 ? v->slab.start - depth : 0;
    int end =
        v->slab.start + v->slab.count + depth < nz ? v->slab.start + v->slab.count + depth : nz;
    T_CHECK(b->count == (v->slab.count > 0 ? end - first : 0));
    T_CHECK(v->slab.count == 0 || b->z0 == first);
    /* Every voxel holds its own number, so equality is exact. */
    for (int z = b->z0; z < b->z0 + b->count; z++)
        for (int y = 0; y < ny; y++)
            for (int x = 0; x < nx; x++)
                T_CHECK(aet_block_row(b, z, y)[x] == (float)((z * ny + y) * nx + x));
    aet_block_free(&b);
    aet_volume_free(&v);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    int sizes[] = {1, 2, 3, 5, 9, 16}, depths[] = {0, 1, 3, 20};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 4; j++)
            test_block(sizes[i], depths[j]);
    T_END();
}
