#include "aetlas/base/rng.h"

#include <Random123/philox.h>
#include <math.h>

/* Counter: 64 bits of index, 32 of item, 32 of purpose and draw; key: the seed. */
static philox4x32_ctr_t block(aet_rng key, uint64_t index, uint32_t draw)
{
    philox4x32_ctr_t counter = {
        {(uint32_t)index, (uint32_t)(index >> 32), key.item, (key.purpose << 20) ^ draw}};
    philox4x32_key_t seed = {{(uint32_t)key.seed, (uint32_t)(key.seed >> 32)}};
    return philox4x32(counter, seed);
}

static double open01(uint32_t bits)
{
    return ((double)bits + 0.5) * 0x1p-32;
}

void aet_rng_uniform4(aet_rng key, uint64_t index, double u[4])
{
    philox4x32_ctr_t r = block(key, index, 0);
    for (int i = 0; i < 4; i++)
        u[i] = open01(r.v[i]);
}

double aet_rng_uniform(aet_rng key, uint64_t index)
{
    return open01(block(key, index, 0).v[0]);
}

void aet_rng_normal4(aet_rng key, uint64_t index, double z[4])
{
    double u[4];
    aet_rng_uniform4(key, index, u);
    for (int i = 0; i < 4; i += 2) {
        double radius = sqrt(-2.0 * log(u[i])), angle = 6.283185307179586 * u[i + 1];
        z[i] = radius * cos(angle);
        z[i + 1] = radius * sin(angle);
    }
}

/* Products of uniforms until they fall below exp(-mean): exact, cost ~ mean. */
static double poisson_small(aet_rng key, uint64_t index, double mean)
{
    double limit = exp(-mean), product = 1.0;
    for (uint32_t draw = 0;; draw++) {
        philox4x32_ctr_t r = block(key, index, draw);
        for (int i = 0; i < 4; i++) {
            product *= open01(r.v[i]);
            if (product <= limit)
                return draw * 4.0 + i;
        }
    }
}

/* PTRS: transformed rejection with squeeze, W. Hoermann, Insur. Math. Econ. 12, 39 (1993). */
static double poisson_large(aet_rng key, uint64_t index, double mean)
{
    double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2.0);
    for (uint32_t draw = 0;; draw++) {
        philox4x32_ctr_t r = block(key, index, draw);
        for (int i = 0; i < 4; i += 2) {
            double u = open01(r.v[i]) - 0.5, v = open01(r.v[i + 1]), us = 0.5 - fabs(u);
            double k = floor((2.0 * a / us + b) * u + mean + 0.43);
            if (us >= 0.07 && v <= v_r)
                return k;
            if (k < 0.0 || (us < 0.013 && v > us))
                continue;
            if (log(v * inverse_alpha / (a / (us * us) + b)) <=
                k * log(mean) - mean - lgamma(k + 1.0))
                return k;
        }
    }
}

double aet_rng_poisson(aet_rng key, uint64_t index, double mean)
{
    if (!(mean > 0.0))
        return 0.0;
    return mean < 10.0 ? poisson_small(key, index, mean) : poisson_large(key, index, mean);
}
