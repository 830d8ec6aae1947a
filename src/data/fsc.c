#include "aetlas/data/fsc.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/fft.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <string.h>

enum { ALL, ALONG_X, ALONG_Y, ALONG_Z, SETS }; /* the shell, and what of it lies near an axis */
enum { AB, AA, BB, POINTS, SUMS };
static const double cone2 = 0.75; /* cos^2 of 30 degrees */

typedef double shell[SETS][SUMS];

typedef struct {
    const aet_volume *a, *b;
    aet_fft3 *fa, *fb;
    int side;      /* the longest */
    int n;         /* shells */
    shell *shells; /* [n] */
} correlation;

static void load(const aet_volume *v, aet_fft3 *fft)
{
    int row = aet_fft3_get_shape(fft)->row;
    float *to = aet_fft3_buffer(fft);

    for (int64_t line = 0; line < (int64_t)v->slab.count * v->ny; line++)
        memcpy(to + line * row, v->density + line * v->nx, (size_t)v->nx * sizeof *to);
    aet_fft3_forward(fft);
}

static void add(double s[SUMS], const float *a, const float *b, double weight)
{
    double ar = (double)a[0], ai = (double)a[1], br = (double)b[0], bi = (double)b[1];

    s[AB] += weight * (ar * br + ai * bi);
    s[AA] += weight * (ar * ar + ai * ai);
    s[BB] += weight * (br * br + bi * bi);
    s[POINTS] += weight;
}

/* One line of the half spectrum, at frequencies qy and qz in cycles per voxel. */
static void add_line(const correlation *c, double qy, double qz, const float *a, const float *b)
{
    int nx = c->a->nx;

    for (int kx = 0; kx <= nx / 2; kx++) {
        double q[3] = {(double)kx / nx, qy, qz}, q2 = q[0] * q[0] + qy * qy + qz * qz;
        double weight = kx == 0 || 2 * kx == nx ? 1 : 2; /* with its Friedel mate */
        int s = (int)lround(sqrt(q2) * c->side);
        if (s >= c->n)
            continue;
        add(c->shells[s][ALL], a + 2 * kx, b + 2 * kx, weight);
        for (int d = 0; d < 3; d++)
            if (q[d] * q[d] >= cone2 * q2)
                add(c->shells[s][ALONG_X + d], a + 2 * kx, b + 2 * kx, weight);
    }
}

static void add_all(const correlation *c)
{
    const aet_fft3_shape *s = aet_fft3_get_shape(c->fa);
    const float *a = aet_fft3_buffer(c->fa), *b = aet_fft3_buffer(c->fb);

    for (int y = 0; y < s->y.count; y++)
        for (int z = 0; z < s->nz; z++) {
            int64_t at = ((int64_t)y * s->nz + z) * s->row;
            add_line(c, (double)aet_fft_signed(s->y.start + y, s->ny) / s->ny,
                     (double)aet_fft_signed(z, s->nz) / s->nz, a + at, b + at);
        }
    aet_sum_double(c->a->comm, &c->shells[0][0][0], (int64_t)c->n * SETS * SUMS);
}

static void fill(const correlation *c, aet_volume *to)
{
    static const char *const heads[] = {"frequency_per_A", "fsc",   "fsc_x",
                                        "fsc_y",           "fsc_z", "points"};
    enum { WIDTH = sizeof heads / sizeof *heads };
    aet_curve *curve = aet_volume_add_curve(
        to, "fsc", c->n, WIDTH, heads,
        "Fourier shell correlation, of whole shells and within 30 deg of each axis");

    for (int i = 0; i < c->n; i++) {
        double *row = curve->values + (size_t)i * WIDTH;
        row[0] = i / (c->side * c->a->voxel_A);
        for (int d = 0; d < SETS; d++) {
            const double *s = c->shells[i][d];
            double norm = sqrt(s[AA] * s[BB]);
            row[1 + d] = norm > 0 ? s[AB] / norm : (double)NAN;
        }
        row[WIDTH - 1] = c->shells[i][ALL][POINTS];
    }
}

aet_err aet_volume_fsc(const aet_volume *a, const aet_volume *b, aet_volume *to)
{
    aet_err err = AET_OK;
    correlation c = {.a = a, .b = b};

    AET_CHECK(a->nx == b->nx && a->ny == b->ny && a->nz == b->nz, AET_ERR_INPUT,
              "volumes of different shape: %d x %d x %d and %d x %d x %d", a->nx, a->ny, a->nz,
              b->nx, b->ny, b->nz);
    c.side = a->nx > a->ny ? a->nx : a->ny;
    c.side = a->nz > c.side ? a->nz : c.side;
    c.n = c.side / 2 + 1;
    c.shells = AET_NEW(shell, c.n);
    AET_GO(aet_fft3_create(a->comm, a->nx, a->ny, a->nz, true, &c.fa));
    AET_GO(aet_fft3_create(a->comm, a->nx, a->ny, a->nz, true, &c.fb));
    load(a, c.fa);
    load(b, c.fb);
    add_all(&c);
    fill(&c, to);
done:
    aet_fft3_free(&c.fa);
    aet_fft3_free(&c.fb);
    aet_release(&c.shells);
    return err;
}

double aet_fsc_resolution(const aet_curve *fsc, double threshold)
{
    int w = fsc->width, q = aet_curve_column(fsc, "frequency_per_A"),
        f = aet_curve_column(fsc, "fsc");
    AET_ASSERT(q >= 0 && f >= 0);

    for (int i = 1; i < fsc->n; i++) { /* shell 0 is the mean */
        const double *now = fsc->values + (size_t)i * (size_t)w, *before = now - w;
        if (now[f] >= threshold)
            continue;
        if (i == 1 || !isfinite(now[f]))
            return (double)NAN;
        double share = (before[f] - threshold) / (before[f] - now[f]);
        return 1 / (before[q] + share * (now[q] - before[q]));
    }
    return fsc->n > 1 ? 1 / fsc->values[(size_t)(fsc->n - 1) * (size_t)w + (size_t)q] : (double)NAN;
}
