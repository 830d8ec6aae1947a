/* ranks: 1 */
/* 16-bit floating point: every half, and the rounding of what lies between. */
#include "aetlas/num/half.h"
#include "aetlas/base/rng.h"
#include "test.h"

static uint16_t pack(double x)
{
    float f = (float)x;
    uint16_t h;
    aet_half_pack(&f, 1, &h);
    return h;
}

static double unpack(uint16_t h)
{
    float f;
    aet_half_unpack(&h, 1, &f);
    return (double)f;
}

/* By the definition: (-1)^s 2^(e - 15) (1 + m / 1024), 2^-14 m / 1024 for e = 0. */
static double defined(int h)
{
    int e = h >> 10 & 31, m = h & 1023;
    double size = e ? ldexp(1 + m / 1024.0, e - 15) : ldexp(m / 1024.0, -14);
    return h & 0x8000 ? -size : size;
}

static void all_halves(void)
{
    int wrong = 0, moved = 0, ties = 0;
    for (int h = 0; h < 65536; h++) {
        if ((h >> 10 & 31) == 31)
            continue;
        wrong += unpack((uint16_t)h) != defined(h);
        moved += pack(defined(h)) != h;
        if ((h & 0x7fff) < 0x7bff) { /* half way to the next, and a little to either side of it */
            double mid = 0.5 * (defined(h) + defined(h + 1));
            ties += pack(mid) != (h & 1 ? h + 1 : h);
            ties += pack(mid * (1 - 1e-6)) != h || pack(mid * (1 + 1e-6)) != h + 1;
        }
    }
    T_CHECK(wrong == 0);
    T_CHECK(moved == 0);
    T_CHECK(ties == 0);
}

static void edges(void)
{
    T_CHECK(pack(65504) == 0x7bff && pack(65519.9) == 0x7bff && pack(65520) == 0x7c00);
    T_CHECK(pack(1e30) == 0x7c00 && pack(-1e30) == 0xfc00 && pack(-(double)INFINITY) == 0xfc00);
    T_CHECK(isnan(unpack(pack((double)NAN))) && isinf(unpack(0x7c00)));
    T_CHECK(pack(1e-9) == 0 && pack(-1e-9) == 0x8000);
}

static void relative_error(void)
{
    double worst = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        double x = 1e-4 + 1e3 * aet_rng_uniform((aet_rng){1, 0, AET_RNG_TEST}, i);
        worst = fmax(worst, fabs(unpack(pack(x)) / x - 1));
    }
    const double half_unit = ldexp(1, -11); /* of 11 significant bits */
    T_CHECK(worst <= half_unit * (1 + 1e-6) && worst > 0.9 * half_unit);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    all_halves();
    edges();
    relative_error();
    T_END();
}
