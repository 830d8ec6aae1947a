#include "aetlas/trace/fit.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/gemm.h"
#include <math.h>

#define ORDER   4
#define N_COEFF 35 /* monomials x^i y^j z^k with i + j + k <= 4 */
#define PLACES  3  /* of the weight centre per axis: -1/3, 0, 1/3 voxel */
#define STEPS   14

struct aet_poly {
    int half, n_voxels;
    int *voxel;      /* [n_voxels] index in the box of the voxels in the ball */
    double *inverse; /* [PLACES^3][N_COEFF][n_voxels] */
    int exponent[N_COEFF][3];
};

static void fill_exponents(int exponent[N_COEFF][3])
{
    int n = 0;
    for (int total = 0; total <= ORDER; total++)
        for (int i = total; i >= 0; i--)
            for (int j = total - i; j >= 0; j--) {
                exponent[n][0] = i;
                exponent[n][1] = j;
                exponent[n++][2] = total - i - j;
            }
}

static int fill_ball(int half, int *voxel)
{
    int n = 0, at = 0;
    double r2 = (half + 0.5) * (half + 0.5);
    for (int z = -half; z <= half; z++)
        for (int y = -half; y <= half; y++)
            for (int x = -half; x <= half; x++, at++)
                if (x * x + y * y + z * z <= r2)
                    voxel[n++] = at;
    return n;
}

static double power(double x, int n)
{
    double p = 1;
    while (n-- > 0)
        p *= x;
    return p;
}

/* inverse = (W M)^+ W for weights W centred on p;
 * M holds the monomials of the voxels in the ball. */
static aet_err fill_inverse(const aet_poly *q, const double p[3], double *inverse)
{
    int side = 2 * q->half + 1, n = q->n_voxels;
    double *m = AET_NEW(double, n *N_COEFF), *w = AET_NEW(double, n);
    for (int v = 0; v < n; v++) {
        int at = q->voxel[v];
        double r[3] = {at % side - q->half, at / side % side - q->half, at / side / side - q->half};
        double r2 = 0;
        for (int a = 0; a < 3; a++)
            r2 += (r[a] - p[a]) * (r[a] - p[a]);
        w[v] = exp(-r2 / (q->half * q->half));
        for (int c = 0; c < N_COEFF; c++)
            m[v * N_COEFF + c] = w[v] * power(r[0], q->exponent[c][0]) *
                                 power(r[1], q->exponent[c][1]) * power(r[2], q->exponent[c][2]);
    }
    aet_err err = aet_pinv(n, N_COEFF, m, 1e-12, inverse);
    for (int c = 0; c < N_COEFF; c++)
        for (int v = 0; v < n; v++)
            inverse[c * n + v] *= w[v];
    aet_release(&m);
    aet_release(&w);
    return err;
}

aet_err aet_poly_create(int half, aet_poly **poly)
{
    aet_err err = AET_OK;
    int side = 2 * half + 1;
    AET_ASSERT(half >= 2 && half <= AET_POLY_HALF_MAX);
    aet_poly *q = AET_NEW(aet_poly, 1);
    q->half = half;
    q->voxel = AET_NEW(int, side *side *side);
    q->n_voxels = fill_ball(half, q->voxel);
    fill_exponents(q->exponent);
    AET_GO(AET_ARRAY((int64_t)PLACES * PLACES * PLACES * N_COEFF * q->n_voxels,
                     "pseudo-inverses of the polynomial", &q->inverse));
    for (int i = 0; i < PLACES * PLACES * PLACES; i++) {
        double p[3] = {(i % PLACES - 1) / 3.0, (i / PLACES % PLACES - 1) / 3.0,
                       (i / PLACES / PLACES - 1) / 3.0};
        AET_GO(fill_inverse(q, p, q->inverse + (int64_t)i * N_COEFF * q->n_voxels));
    }
done:
    if (err != AET_OK)
        aet_poly_free(&q);
    *poly = q;
    return err;
}

void aet_poly_free(aet_poly **poly)
{
    if (*poly) {
        aet_release(&(*poly)->voxel);
        aet_release(&(*poly)->inverse);
    }
    aet_release(poly);
}

int aet_poly_half(const aet_poly *poly)
{
    return poly->half;
}

static int place_of(const double at[3])
{
    int place = 0, unit = 1;
    for (int a = 0; a < 3; a++, unit *= PLACES)
        place += unit * (1 + (at[a] > 1.0 / 6) - (at[a] < -1.0 / 6));
    return place;
}

static void coefficients(const aet_poly *q, int place, const double *box, double c[N_COEFF])
{
    const double *p = q->inverse + (int64_t)place * N_COEFF * q->n_voxels;
    double y[AET_FIT_SIDE_MAX * AET_FIT_SIDE_MAX * AET_FIT_SIDE_MAX];
    for (int v = 0; v < q->n_voxels; v++)
        y[v] = box[q->voxel[v]];
    for (int i = 0; i < N_COEFF; i++, p += q->n_voxels) {
        c[i] = 0;
        for (int v = 0; v < q->n_voxels; v++)
            c[i] += p[v] * y[v];
    }
}

/* Value, gradient and second derivatives of the polynomial at r. */
static double expand(const aet_poly *q, const double c[N_COEFF], const double r[3], double g[3],
                     double h[3][3])
{
    double value = 0, p[3][3][ORDER + 1];
    for (int a = 0; a < 3; a++)
        for (int n = 0; n <= ORDER; n++) {
            p[a][0][n] = power(r[a], n);
            p[a][1][n] = n > 0 ? n * power(r[a], n - 1) : 0;
            p[a][2][n] = n > 1 ? n * (n - 1) * power(r[a], n - 2) : 0;
        }
    for (int a = 0; a < 3; a++) {
        g[a] = 0;
        for (int b = 0; b < 3; b++)
            h[a][b] = 0;
    }
    for (int i = 0; i < N_COEFF; i++) {
        const int *e = q->exponent[i];
        value += c[i] * p[0][0][e[0]] * p[1][0][e[1]] * p[2][0][e[2]];
        for (int a = 0; a < 3; a++) {
            g[a] += c[i] * p[0][a == 0][e[0]] * p[1][a == 1][e[1]] * p[2][a == 2][e[2]];
            for (int b = 0; b < 3; b++)
                h[a][b] += c[i] * p[0][(a == 0) + (b == 0)][e[0]] *
                           p[1][(a == 1) + (b == 1)][e[1]] * p[2][(a == 2) + (b == 2)][e[2]];
        }
    }
    return value;
}

/* step = -H^-1 g if H is negative definite (its leading minors alternate in sign). */
static bool newton(const double g[3], const double h[3][3], double step[3])
{
    double m2 = h[0][0] * h[1][1] - h[0][1] * h[1][0];
    double cof[3][3];
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            int a1 = (a + 1) % 3, a2 = (a + 2) % 3, b1 = (b + 1) % 3, b2 = (b + 2) % 3;
            cof[a][b] = h[a1][b1] * h[a2][b2] - h[a1][b2] * h[a2][b1];
        }
    double det = h[0][0] * cof[0][0] + h[0][1] * cof[0][1] + h[0][2] * cof[0][2];
    if (!(h[0][0] < 0 && m2 > 0 && det < 0))
        return false;
    for (int a = 0; a < 3; a++)
        step[a] = -(cof[0][a] * g[0] + cof[1][a] * g[1] + cof[2][a] * g[2]) / det;
    return true;
}

static double clamp(double x, double limit)
{
    return fmin(fmax(x, -limit), limit);
}

bool aet_poly_fit(const aet_poly *q, const double *box, double at[3], double *value)
{
    double c[N_COEFF], g[3], h[3][3], step[3], r2 = 0, reach = q->half + 0.5;
    int place = -1;
    for (int it = 0; it < STEPS; it++) {
        if (place_of(at) != place) {
            place = place_of(at);
            coefficients(q, place, box, c);
        }
        double v = expand(q, c, at, g, h);
        if (value)
            *value = v;
        if (!newton(g, h, step))
            return false;
        r2 = 0;
        for (int a = 0; a < 3; a++) {
            at[a] += clamp(step[a], 0.5);
            r2 += at[a] * at[a];
        }
        if (r2 > reach * reach)
            return false;
        if (fabs(step[0]) + fabs(step[1]) + fabs(step[2]) < 1e-6 && place_of(at) == place)
            return true;
    }
    return false;
}

void aet_fit_quadratic(int half, const double *box, double at[3])
{
    int side = 2 * half + 1, stride[3] = {1, side, side * side};
    double b[3] = {0, 0, 0}, h[3][3] = {{0}}, step[3];
    const double *centre = box + half * (1 + side + side * side);
    for (int z = -1; z <= 1; z++)
        for (int y = -1; y <= 1; y++)
            for (int x = -1; x <= 1; x++) {
                double r[3] = {x, y, z}, f = centre[x * stride[0] + y * stride[1] + z * stride[2]];
                for (int i = 0; i < 3; i++) {
                    b[i] += r[i] * f / 18;
                    h[i][i] += (r[i] * r[i] - 2.0 / 3) * f / 3;
                    for (int j = 0; j < 3; j++)
                        h[i][j] += i == j ? 0 : r[i] * r[j] * f / 12;
                }
            }
    bool hill = newton(b, h, step);
    for (int a = 0; a < 3; a++)
        at[a] = hill ? clamp(step[a], 0.5) : 0;
}
