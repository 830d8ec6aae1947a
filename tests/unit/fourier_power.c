/* ranks: 1 2 3 */
/* The power of a volume's Fourier transform, summed along the axes. */
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/data/units.h"
#include "aetlas/io/picture.h"
#include "aetlas/num/fft.h"
#include "test.h"

enum { NX = 12, NY = 10, NZ = 9 };

static aet_volume *make(int kx, int ky, int kz)
{
    aet_volume *v = NULL;
    T_OK(aet_volume_create(MPI_COMM_WORLD, NX, NY, NZ, 1.0, &v));
    aet_rng key = {71, 0, AET_RNG_TEST};
    for (int64_t i = 0; i < aet_volume_count(v); i++) {
        int64_t at = i + (int64_t)v->slab.start * NY * NX;
        double x = (double)(at % NX), y = (double)(at / NX % NY), z = (double)(at / NX / NY);
        v->density[i] = kx < 0 ? (float)aet_rng_uniform(key, (unsigned)at)
                               : (float)cos(2 * AET_PI * (kx * x / NX + ky * y / NY + kz * z / NZ));
    }
    return v;
}

static void release(double *along[3])
{
    for (int d = 0; d < 3; d++)
        aet_release(&along[d]);
}

/* Each plane holds the whole power: voxels times the sum of squares (Parseval). */
static void test_total(void)
{
    static const int size[3] = {NX * NY, NX * NZ, NY * NZ};
    aet_volume *v = make(-1, 0, 0);
    double *along[3], sum, sum2;
    aet_volume_sums(v, &sum, &sum2);
    T_OK(aet_fourier_power(v, along));
    for (int d = 0; d < 3 && along[d]; d++) {
        double total = 0;
        for (int i = 0; i < size[d]; i++)
            total += along[d][i];
        T_NEAR(total / (NX * NY * NZ * sum2), 1.0, 1e-5); /* transform in single precision */
    }
    if (along[0]) /* frequency 0, along z: at least |sum|^2 */
        T_CHECK(along[0][(NY / 2) * NX + NX / 2] > 0.999 * sum * sum);
    release(along);
    aet_volume_free(&v);
}

/* A wave of frequency (3, -2, 1): two points in each plane, opposite to each other. */
static void test_wave(void)
{
    aet_volume *v = make(3, -2, 1);
    double *along[3], half = pow(0.5 * NX * NY * NZ, 2);
    T_OK(aet_fourier_power(v, along));
    const int k[3] = {3, -2, 1}, n[3] = {NX, NY, NZ}, right[3] = {0, 0, 1}, down[3] = {1, 2, 2};
    for (int d = 0; d < 3 && along[d]; d++) {
        int r = right[d], w = down[d];
        for (int i = 0; i < n[r] * n[w]; i++) {
            int x = i % n[r] - n[r] / 2, y = i / n[r] - n[w] / 2;
            bool wave = (x == k[r] && y == k[w]) || (x == -k[r] && y == -k[w]);
            T_NEAR(along[d][i] / half, wave ? 1.0 : 0.0, 1e-5);
        }
    }
    release(along);
    aet_volume_free(&v);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    aet_fft_start(MPI_COMM_WORLD, NULL);
    test_total();
    test_wave();
    aet_fft_finish(MPI_COMM_WORLD);
    T_END();
}
