/* In-place transforms: forward by decimation in frequency, backward by the same steps undone.
 *
 * A pass of radix r over blocks of L points takes points p, p + L/r, ... of each block through a
 * transform of r points and turns output k by exp(-2 pi i p k / L); blocks of L/r points remain,
 * block k with the frequencies = k mod r.  Nothing is put back in order. */
#include "aetlas/num/lanes.h"

#include "aetlas/base/mem.h"
#include "num/lanes_priv.h"
#include <math.h>
#include <string.h>

enum { PASSES_MAX = 20, RADIX_MAX = 8, NEAR = 256 /* cells: 32 kB */ };

typedef struct {
    int radix, length; /* length: L */
    float *turns;      /* [L/radix][radix-1][2] */
} pass;

struct aet_lanes {
    int n, passes;
    pass pass[PASSES_MAX];
};

/* ---- plan ---- */

static aet_err pass_add(aet_lanes *f, int radix, int length)
{
    pass *p = f->pass + f->passes++;
    int blocks = length / radix;

    p->radix = radix;
    p->length = length;
    AET_TRY(AET_ARRAY((int64_t)blocks * (radix - 1) * 2, "turns of a transform", &p->turns));
    for (int b = 0; b < blocks; b++)
        for (int k = 1; k < radix; k++) {
            double a = -2 * M_PI * (double)b * k / length;
            float *t = p->turns + 2 * ((int64_t)b * (radix - 1) + k - 1);
            t[0] = (float)cos(a);
            t[1] = (float)sin(a);
        }
    return AET_OK;
}

static int radix_next(int n)
{
    static const int radix[] = {7, 5, 3, 8, 4, 2};

    if (n == 16) /* 4 * 4 rather than 8 * 2 */
        return 4;
    for (int i = 0; i < 6; i++)
        if (n % radix[i] == 0)
            return radix[i];
    return 0;
}

int aet_lanes_passes(int n)
{
    int passes = 0;

    for (int r; n > 1; n /= r, passes++)
        if ((r = radix_next(n)) == 0)
            return 0;
    return passes;
}

aet_err aet_lanes_create(int n, aet_lanes **plan)
{
    aet_err err = AET_OK;
    aet_lanes *f = AET_NEW(aet_lanes, 1);

    f->n = n;
    AET_GO_CHECK(n > 0, AET_ERR_INPUT, "transform of %d points", n);
    for (int left = n; left > 1; left /= f->pass[f->passes - 1].radix) {
        int r = radix_next(left);
        AET_GO_CHECK(r > 0 && f->passes < PASSES_MAX, AET_ERR_INPUT,
                     "transform of %d points: only products of 2, 3, 5 and 7 are possible", n);
        AET_GO(pass_add(f, r, left));
    }
done:
    if (err != AET_OK)
        aet_lanes_free(&f);
    *plan = f;
    return err;
}

void aet_lanes_free(aet_lanes **plan)
{
    if (*plan)
        for (int i = 0; i < (*plan)->passes; i++)
            aet_release(&(*plan)->pass[i].turns);
    aet_release(plan);
}

int aet_lanes_frequency(const aet_lanes *f, int position)
{
    int k = 0, step = 1;

    for (int i = 0; i < f->passes; i++) {
        int block = f->pass[i].length / f->pass[i].radix;
        k += step * (position / block);
        position %= block;
        step *= f->pass[i].radix;
    }
    return k;
}

/* ---- passes ---- */

LANES_INLINE void turn(aet_lane *re, aet_lane *im, const float *t, const int r, const int sign)
{
    for (int k = 1; k < r; k++) {
        float c = t[2 * k - 2], s = sign < 0 ? t[2 * k - 1] : -t[2 * k - 1];
        aet_lane a = re[k];
        re[k] = a * c - im[k] * s;
        im[k] = im[k] * c + a * s;
    }
}

LANES_INLINE void step(aet_cell *x, const int m, const float *t, const int r, const int sign)
{
    aet_lane re[RADIX_MAX], im[RADIX_MAX];

    for (int k = 0; k < r; k++) {
        re[k] = x[k * m].re;
        im[k] = x[k * m].im;
    }
    if (sign > 0)
        turn(re, im, t, r, sign);
    butterfly(re, im, r, sign);
    if (sign < 0)
        turn(re, im, t, r, sign);
    for (int k = 0; k < r; k++) {
        x[k * m].re = re[k];
        x[k * m].im = im[k];
    }
}

/* The last pass has no turns. */
LANES_INLINE void step_last(aet_cell *x, const int r, const int sign)
{
    aet_lane re[RADIX_MAX], im[RADIX_MAX];

    for (int k = 0; k < r; k++) {
        re[k] = x[k].re;
        im[k] = x[k].im;
    }
    butterfly(re, im, r, sign);
    for (int k = 0; k < r; k++) {
        x[k].re = re[k];
        x[k].im = im[k];
    }
}

LANES_INLINE void sweep(aet_cell *x, const int n, const pass *p, const int r, const int sign)
{
    const int m = p->length / r;

    if (m == 1) {
        for (int b = 0; b < n; b += r)
            step_last(x + b, r, sign);
        return;
    }
    for (int b = 0; b < n; b += p->length)
        for (int i = 0; i < m; i++)
            step(x + b + i, m, p->turns + (int64_t)i * 2 * (r - 1), r, sign);
}

LANES_INLINE void sweep_any(aet_cell *x, const int n, const pass *p, const int sign)
{
    if (p->radix == 8)
        sweep(x, n, p, 8, sign);
    else if (p->radix == 4)
        sweep(x, n, p, 4, sign);
    else if (p->radix == 2)
        sweep(x, n, p, 2, sign);
    else if (p->radix == 3)
        sweep(x, n, p, 3, sign);
    else if (p->radix == 5)
        sweep(x, n, p, 5, sign);
    else
        sweep(x, n, p, 7, sign);
}

/* Blocks that fit into the nearest cache are finished before the next one is touched. */
static void forward_from(const aet_lanes *f, aet_cell *x, int i, int n)
{
    if (n <= NEAR) {
        for (int k = i; k < f->passes; k++)
            sweep_any(x, n, f->pass + k, -1);
        return;
    }
    int block = f->pass[i].length / f->pass[i].radix;
    sweep_any(x, n, f->pass + i, -1);
    for (int b = 0; b < n; b += block)
        forward_from(f, x + b, i + 1, block);
}

static void backward_to(const aet_lanes *f, aet_cell *x, int i, int n)
{
    if (n <= NEAR) {
        for (int k = f->passes - 1; k >= i; k--)
            sweep_any(x, n, f->pass + k, 1);
        return;
    }
    int block = f->pass[i].length / f->pass[i].radix;
    for (int b = 0; b < n; b += block)
        backward_to(f, x + b, i + 1, block);
    sweep_any(x, n, f->pass + i, 1);
}

void aet_lanes_forward(const aet_lanes *f, aet_cell *x)
{
    forward_from(f, x, 0, f->n);
}

void aet_lanes_backward(const aet_lanes *f, aet_cell *x)
{
    backward_to(f, x, 0, f->n);
}

/* ---- lines and lanes ---- */

/* Of a matrix of 2 x 2 blocks, each of h x h: the two off the diagonal change places. */
#define SWAP_BLOCKS(v, h, low, high)                                                               \
    for (int i = 0; i < AET_LANES; i++)                                                            \
        if ((i & (h)) == 0) {                                                                      \
            aet_lane a = (v)[i], b = (v)[i + (h)];                                                 \
            (v)[i] = __builtin_shufflevector(a, b, low);                                           \
            (v)[i + (h)] = __builtin_shufflevector(a, b, high);                                    \
        }
#define LOW8  0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HIGH8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LOW4  0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define HIGH4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LOW2  0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOW1  0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define HIGH1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31

void aet_lanes_transpose(aet_lane v[AET_LANES])
{
    SWAP_BLOCKS(v, 8, LOW8, HIGH8)
    SWAP_BLOCKS(v, 4, LOW4, HIGH4)
    SWAP_BLOCKS(v, 2, LOW2, HIGH2)
    SWAP_BLOCKS(v, 1, LOW1, HIGH1)
}
