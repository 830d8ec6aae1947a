/* Inside num/lanes.c: transforms of 2, 3, 4, 5, 7 and 8 points, on vectors, in natural order.
 * sign is that of the exponent and, like the number of points, a constant once inlined. */
#ifndef AET_NUM_LANES_PRIV_H
#define AET_NUM_LANES_PRIV_H

#include "aetlas/num/lanes.h"

#define LANES_INLINE static inline __attribute__((always_inline))

LANES_INLINE void butterfly2(aet_lane *re, aet_lane *im, const int a, const int b)
{
    aet_lane r = re[a] - re[b], i = im[a] - im[b];

    re[a] += re[b];
    im[a] += im[b];
    re[b] = r;
    im[b] = i;
}

/* times sign * i */
LANES_INLINE void quarter_turn(aet_lane *re, aet_lane *im, const int k, const int sign)
{
    aet_lane r = re[k];

    re[k] = sign < 0 ? im[k] : -im[k];
    im[k] = sign < 0 ? -r : r;
}

LANES_INLINE void exchange(aet_lane *v, const int a, const int b)
{
    aet_lane t = v[a];

    v[a] = v[b];
    v[b] = t;
}

/* Points first ... first + 3. */
LANES_INLINE void butterfly4(aet_lane *re, aet_lane *im, const int first, const int sign)
{
    butterfly2(re, im, first, first + 2);
    butterfly2(re, im, first + 1, first + 3);
    quarter_turn(re, im, first + 3, sign);
    butterfly2(re, im, first, first + 1);
    butterfly2(re, im, first + 2, first + 3);
    exchange(re, first + 1, first + 2);
    exchange(im, first + 1, first + 2);
}

LANES_INLINE void butterfly3(aet_lane *re, aet_lane *im, const int sign)
{
    const float c = -0.5F, s = sign < 0 ? -0.866025403784438647F : 0.866025403784438647F;
    aet_lane sr = re[1] + re[2], si = im[1] + im[2], dr = s * (re[1] - re[2]),
             di = s * (im[1] - im[2]);
    aet_lane mr = re[0] + c * sr, mi = im[0] + c * si;

    re[0] += sr;
    im[0] += si;
    re[1] = mr - di;
    im[1] = mi + dr;
    re[2] = mr + di;
    im[2] = mi - dr;
}

/* Both halves of even and odd sums, the odd ones turned by eighths. */
LANES_INLINE void butterfly8(aet_lane *re, aet_lane *im, const int sign)
{
    const float h = 0.707106781186547524F;
    aet_lane r, i, er[8], ei[8];

    for (int k = 0; k < 4; k++)
        butterfly2(re, im, k, k + 4);
    r = h * re[5];
    i = h * im[5];
    re[5] = sign < 0 ? r + i : r - i;
    im[5] = sign < 0 ? i - r : i + r;
    quarter_turn(re, im, 6, sign);
    r = h * re[7];
    i = h * im[7];
    re[7] = sign < 0 ? i - r : -(r + i);
    im[7] = sign < 0 ? -(i + r) : r - i;
    butterfly4(re, im, 0, sign);
    butterfly4(re, im, 4, sign);
    for (int k = 0; k < 8; k++) {
        er[k] = re[k / 2 + k % 2 * 4];
        ei[k] = im[k / 2 + k % 2 * 4];
    }
    for (int k = 0; k < 8; k++) {
        re[k] = er[k];
        im[k] = ei[k];
    }
}

/* cos and sin of 2 pi j / r for j = 1 ... (r-1)/2 */
static const float cos5[] = {0.309016994374947424F, -0.809016994374947424F},
                   sin5[] = {0.951056516295153572F, 0.587785252292473129F},
                   cos7[] = {0.623489801858733531F, -0.222520933956314405F, -0.900968867902419126F},
                   sin7[] = {0.781831482468029809F, 0.974927912181823607F, 0.433883739117558121F};

/* A prime r, from sums and differences of points j and r - j. */
LANES_INLINE void butterfly_prime(aet_lane *re, aet_lane *im, const int r, const float *c,
                                  const float *s, const int sign)
{
    const int h = (r - 1) / 2;
    aet_lane r0 = re[0], i0 = im[0];

    for (int j = 1; j <= h; j++) {
        aet_lane a = re[j], b = im[j];
        re[j] = a + re[r - j];
        im[j] = b + im[r - j];
        re[r - j] = a - re[r - j];
        im[r - j] = b - im[r - j];
        re[0] += re[j];
        im[0] += im[j];
    }
    aet_lane er[7], ei[7];
    for (int k = 1; k <= h; k++) {
        aet_lane ar = r0, ai = i0, br = {0}, bi = {0};
        for (int j = 1; j <= h; j++) {
            const int q = j * k % r, f = q > h ? r - q : q;
            const float cosine = c[f - 1], sine = (q > h) == (sign > 0) ? -s[f - 1] : s[f - 1];
            ar += cosine * re[j];
            ai += cosine * im[j];
            br += sine * re[r - j];
            bi += sine * im[r - j];
        }
        er[k] = ar - bi;
        ei[k] = ai + br;
        er[r - k] = ar + bi;
        ei[r - k] = ai - br;
    }
    for (int k = 1; k < r; k++) {
        re[k] = er[k];
        im[k] = ei[k];
    }
}

LANES_INLINE void butterfly(aet_lane *re, aet_lane *im, const int r, const int sign)
{
    if (r == 2)
        butterfly2(re, im, 0, 1);
    else if (r == 3)
        butterfly3(re, im, sign);
    else if (r == 4)
        butterfly4(re, im, 0, sign);
    else if (r == 5)
        butterfly_prime(re, im, 5, cos5, sin5, sign);
    else if (r == 7)
        butterfly_prime(re, im, 7, cos7, sin7, sign);
    else
        butterfly8(re, im, sign);
}

#endif
