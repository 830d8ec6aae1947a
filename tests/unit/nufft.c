/* ranks: 1 */
/* Transforms of images at any frequency: against sums. */
#include "test.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/num/nufft.h"

/* Of the root of the sum of squares, which is what the largest values of a random image are like: the
 * kernel's 1e-7, and as much again by rounding. */
#define TOL 1e-6

static float value(int64_t i)
{
    aet_rng key = {5, 0, AET_RNG_TEST};

    return (float)(2 * aet_rng_uniform(key, (uint64_t)i) - 1);
}

static double complex sum(int nx, int ny, double u, double v)
{
    double complex s = 0;

    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x++) {
            double a = -2 * M_PI * (u * (x - nx / 2) + v * (y - ny / 2));
            s += (double)value((int64_t)y * nx + x) * CMPLX(cos(a), sin(a));
        }
    return s;
}

static void check_size(int nx, int ny)
{
    aet_nufft2 *p = NULL;
    aet_rng key = {6, 0, AET_RNG_TEST};
    float *image = AET_NEW(float, nx *ny);
    double worst = 0;

    for (int i = 0; i < nx * ny; i++)
        image[i] = value(i);
    T_OK(aet_nufft2_create(nx, ny, &p));
    aet_nufft2_image(p, image);
    for (uint64_t i = 0; i < 300; i++) {
        double u = 2 * aet_rng_uniform(key, 2 * i) - 1, v = 2 * aet_rng_uniform(key, 2 * i + 1) - 1;
        if (i % 7 == 0)
            u = 0.5 * (double)(i % 5) - 1; /* on samples and at the ends of the band */
        double complex got = (double complex)aet_nufft2_at(p, u, v);
        worst = fmax(worst, cabs(got - sum(nx, ny, u, v)));
    }
    T_NEAR(worst / sqrt((double)nx * ny), 0, TOL);
    aet_nufft2_free(&p);
    T_CHECK(p == NULL);
    aet_release(&image);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_size(1, 1);
    check_size(5, 3);
    check_size(24, 17);
    check_size(40, 40);
    T_END();
}
