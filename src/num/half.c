#include "aetlas/num/half.h"

#include <string.h>

static uint32_t bits_of(float x)
{
    uint32_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static float float_of(uint32_t b)
{
    float x;
    memcpy(&x, &b, sizeof x);
    return x;
}

/* binary32 has 23 bits of fraction and an exponent that is 112 larger; binary16 has 10. */
#define FRACTION  13
#define REBIAS    (112u << 23)
#define NORMAL    (113u << 23) /* 2^-14: smaller ones have no leading one */
#define TOO_LARGE (143u << 23) /* 2^16 */
#define INFINITE  (255u << 23)

static uint16_t pack(float x)
{
    uint32_t b = bits_of(x), sign = b >> 16 & 0x8000u, size = b & 0x7fffffffu, half;
    if (size > INFINITE)
        half = 0x7e00u;
    else if (size >= TOO_LARGE)
        half = 0x7c00u;
    else if (size < NORMAL) /* the unit of 0.5f is 2^-24, that of these halves: the sum rounds */
        half = bits_of(float_of(size) + 0.5f) - bits_of(0.5f);
    else /* a carry into the exponent is right, up to infinity */
        half = (size - REBIAS + ((1u << (FRACTION - 1)) - 1) + (size >> FRACTION & 1u)) >> FRACTION;
    return (uint16_t)(sign | half);
}

void aet_half_pack(const float *x, int64_t n, uint16_t *half)
{
    for (int64_t i = 0; i < n; i++)
        half[i] = pack(x[i]);
}

static float unpack(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000u) << 16, size = h & 0x7fffu;
    if (size >= 0x7c00u)
        return float_of(sign | INFINITE | (size & 0x3ffu) << FRACTION);
    if (size < 0x400u)
        return float_of(sign | bits_of((float)size * 0x1p-24f));
    return float_of(sign | ((size << FRACTION) + REBIAS));
}

void aet_half_unpack(const uint16_t *half, int64_t n, float *x)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = unpack(half[i]);
}
