/* ranks: 1 2 3 4 */
#include "aetlas/data/volume.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "test.h"

static float value(int x, int y, int z)
{
    return (float)aet_rng_uniform((aet_rng){3, 0, AET_RNG_TEST},
                                  (uint64_t)((z * 100 + y) * 100 + x));
}

static aet_volume *make(int nx, int ny, int nz)
{
    aet_volume *v = NULL;
    T_OK(aet_volume_create(MPI_COMM_WORLD, nx, ny, nz, 0.5, &v));
    for (int z = 0; z < v->slab.count; z++)
        for (int y = 0; y < ny; y++)
            for (int x = 0; x < nx; x++)
                v->density[((int64_t)z * ny + y) * nx + x] = value(x, y, z + v->slab.start);
    return v;
}

static void test_gather(void)
{
    aet_volume *v = make(5, 4, 7);
    for (int root = -1; root < t_size; root++) {
        float *all = NULL;
        T_OK(aet_volume_gather(v, root, &all));
        T_CHECK((all != NULL) == (root < 0 || root == t_rank));
        for (int i = 0; all && i < 140; i++)
            T_NEAR((double)all[i], (double)value(i % 5, i / 5 % 4, i / 20), 0.0);
        aet_release(&all);
    }
    aet_volume_free(&v);
}

/* Growing then shrinking is the identity, for every mixture of even and odd sizes. */
static void test_resize(void)
{
    for (int n = 3; n < 7; n++)
        for (int m = n; m < 12; m++) {
            aet_volume *v = make(n, n + 1, n), *big = NULL, *back = NULL;
            double correlation, scale, r1, sum, sum_big;
            T_OK(aet_volume_resize(v, m, m + 2, m, &big));
            T_OK(aet_volume_resize(big, n, n + 1, n, &back));
            T_OK(aet_volume_compare(v, back, false, &correlation, &scale, &r1));
            T_NEAR(r1, 0.0, 0.0);
            aet_volume_sums(v, &sum, NULL);
            aet_volume_sums(big, &sum_big, NULL);
            T_NEAR(sum_big, sum, 1e-12 * sum); /* order of summation */
            aet_volume_free(&v);
            aet_volume_free(&big);
            aet_volume_free(&back);
        }
}

static void test_compare(void)
{
    aet_volume *a = make(6, 5, 9), *b = make(6, 5, 9), *other = make(6, 5, 8);
    double correlation, scale, r1;
    for (int64_t i = 0; i < aet_volume_count(b); i++)
        b->density[i] *= 2.0f;
    T_OK(aet_volume_compare(a, b, false, &correlation, &scale, &r1));
    T_NEAR(correlation, 1.0, 1e-12);
    T_NEAR(scale, 2.0, 1e-12);
    T_NEAR(r1, 1.0, 1e-12);
    /* b mirrored: an even function of z about the origin plane is its own mirror image */
    for (int z = 0; z < a->slab.count; z++)
        for (int i = 0; i < 30; i++)
            a->density[z * 30 + i] = b->density[z * 30 + i] =
                value(i, 0, abs(z + a->slab.start - 4));
    T_OK(aet_volume_compare(a, b, true, &correlation, &scale, &r1));
    T_NEAR(r1, 0.0, 0.0);
    T_FAILS(aet_volume_compare(a, other, false, NULL, NULL, NULL), AET_ERR_INPUT,
            "different shape");
    aet_volume_free(&a);
    aet_volume_free(&b);
    aet_volume_free(&other);
}

static void test_check(void)
{
    aet_volume *v = make(4, 4, 4);
    T_OK(aet_volume_check(v));
    if (v->slab.start <= 2 && 2 < v->slab.start + v->slab.count)
        v->density[(2 - v->slab.start) * 16 + 4 + 3] = NAN;
    T_FAILS(aet_volume_check(v), AET_ERR_INPUT, "voxel (3, 1, 2) is NaN");
    aet_volume_free(&v);
    T_FAILS(aet_volume_create(MPI_COMM_WORLD, 0, 4, 4, 1.0, &v), AET_ERR_INPUT, "not possible");
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_gather();
    test_resize();
    test_compare();
    test_check();
    T_END();
}
