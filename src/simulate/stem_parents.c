/* Partitioned PRISM: few beams are computed, the others interpolated between them (Pelz, Rakowski, Brown, Ophus and
 * coworkers, "A fast algorithm for scanning transmission electron microscopy imaging and 4D-STEM diffraction
 * simulations", Microsc. Microanal. 27, 835 (2021)).
 *
 * The exit wave of beam q, freed of its own plane wave and taken at the plane in the specimen's middle, changes
 * slowly with q: a column at height z only shifts by lambda q z.  So a polynomial in q through the parents stands for
 * it.  Parents lie on rings that get denser towards the edge of the aperture, 6 k of them on ring k; polynomials of
 * degree twice the number of rings, in Chebyshev's products, are fitted by least squares.  The error falls quickly
 * with the number of rings; what a given number needs depends on the thickness: aetlas/simulate/stem.h. */
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/gemm.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/slab.h"
#include "stem_prism.h"
#include <math.h>
#include <string.h>

struct aet_stem_parents {
    int n, *kx, *ky;   /* frequencies of the grid */
    float *weight;     /* [beams][n] */
    float *exit;       /* [sy][n][2][sx]: exit waves without their plane waves */
    float *rows;       /* [beams of a column][2][sx] */
    float complex *px; /* [sx]: a plane wave along x */
};

int64_t aet_stem_parents_count(int rings)
{
    return 1 + 3LL * rings * (rings + 1);
}

/* The polynomials at one frequency: T_i(x) T_j(y), i + j <= degree. */
static int polynomials(double x, double y, int degree, double *out)
{
    double tx[32], ty[32];
    int n = 0;
    tx[0] = ty[0] = 1;
    tx[1] = x;
    ty[1] = y;
    for (int i = 2; i <= degree; i++) {
        tx[i] = 2 * x * tx[i - 1] - tx[i - 2];
        ty[i] = 2 * y * ty[i - 1] - ty[i - 2];
    }
    for (int i = 0; i <= degree; i++)
        for (int j = 0; i + j <= degree; j++)
            out[n++] = tx[i] * ty[j];
    return n;
}

/* On rings out to the radius, at the nearest frequencies of the cell. */
static void place(struct aet_stem_parents *t, int rings, double radius, double lx, double ly)
{
    for (int k = 0; k <= rings; k++)
        for (int i = 0; i < (k ? 6 * k : 1); i++) {
            double r = radius * sin(AET_PI / 2 * k / rings),
                   a = 2 * AET_PI * (i + 0.5 * (k % 2)) / (6 * k + !k);
            t->kx[t->n] = (int)lround(r * cos(a) * lx);
            t->ky[t->n++] = (int)lround(r * sin(a) * ly);
        }
}

/* weight = polynomials at the beams times the pseudo-inverse of those at the parents. */
static aet_err fit(struct aet_stem_parents *t, const aet_stem_aperture *beams, int rings,
                   double radius, double lx, double ly)
{
    aet_err err = AET_OK;
    int degree = 2 * rings, m = (degree + 1) * (degree + 2) / 2;
    double *at = NULL, *inverse = NULL, *children = NULL, *weight = NULL;
    AET_GO(AET_ARRAY((int64_t)t->n * m, "polynomials at the parents", &at));
    AET_GO(AET_ARRAY((int64_t)t->n * m, "their inverse", &inverse));
    AET_GO(AET_ARRAY((int64_t)beams->n * m, "polynomials at the beams", &children));
    AET_GO(AET_ARRAY((int64_t)beams->n * t->n, "weights of the parents", &weight));
    for (int i = 0; i < t->n; i++)
        polynomials(t->kx[i] / lx / radius, t->ky[i] / ly / radius, degree, at + (int64_t)i * m);
    for (int b = 0; b < beams->n; b++)
        polynomials(beams->kx[b] / lx / radius, beams->ky[b] / ly / radius, degree,
                    children + (int64_t)b * m);
    AET_GO(aet_pinv(t->n, m, at, 1e-8, inverse));
    aet_gemm(false, false, beams->n, t->n, m, 1, children, inverse, 0, weight);
    for (int64_t i = 0; i < (int64_t)beams->n * t->n; i++)
        t->weight[i] = (float)weight[i];
done:
    aet_release(&at);
    aet_release(&inverse);
    aet_release(&children);
    aet_release(&weight);
    return err;
}

aet_err aet_stem_parents_create(aet_stem_job *j)
{
    struct aet_stem_prism *s = j->prism;
    struct aet_stem_parents *t = s->parents = AET_NEW(struct aet_stem_parents, 1);
    int64_t n = aet_stem_parents_count(j->p->parents);
    int most = 0;
    double radius = 0;
    for (int b = 0; b < s->beams.n; b++)
        radius = fmax(radius, hypot(s->beams.kx[b] / j->lx, s->beams.ky[b] / j->ly));
    for (int c = 0; c < s->columns; c++)
        most = s->first[c + 1] - s->first[c] > most ? s->first[c + 1] - s->first[c] : most;
    AET_TRY(AET_ARRAY(n, "parent beams", &t->kx));
    AET_TRY(AET_ARRAY(n, "parent beams", &t->ky));
    AET_TRY(AET_ARRAY(n * s->beams.n, "weights of the parents", &t->weight));
    AET_TRY(AET_ARRAY(n * 2 * s->sx * s->sy, "exit waves of the parents", &t->exit));
    AET_TRY(AET_ARRAY((int64_t)most * 2 * s->sx, "rows of exit waves", &t->rows));
    AET_TRY(AET_ARRAY(s->sx, "a plane wave", &t->px));
    place(t, j->p->parents, radius, j->lx, j->ly);
    return fit(t, &s->beams, j->p->parents, radius, j->lx, j->ly);
}

void aet_stem_parents_free(struct aet_stem_parents **t)
{
    if (*t == NULL)
        return;
    aet_release(&(*t)->kx);
    aet_release(&(*t)->ky);
    aet_release(&(*t)->weight);
    aet_release(&(*t)->exit);
    aet_release(&(*t)->rows);
    aet_release(&(*t)->px);
    aet_release(t);
}

/* exp(2 pi i k x / n) for all x, times a factor. */
static void plane_wave(float complex *out, int n, int k, double turn)
{
    for (int x = 0; x < n; x++) {
        double a = 2 * AET_PI * ((double)k * x / n + turn);
        out[x] = CMPLXF((float)cos(a), (float)sin(a));
    }
}

/* Parent i's exit wave from its spectrum, without its plane wave. */
static void store(aet_stem_job *j, int i, const float complex *wave)
{
    struct aet_stem_prism *s = j->prism;
    struct aet_stem_parents *t = s->parents;
    int64_t row = (int64_t)t->n * 2 * s->sx;
    float *out = t->exit + (int64_t)i * 2 * s->sx;
    aet_stem_prism_exit(j, wave, out, out + s->sx, row);
    for (int y = 0; y < s->sy; y++) {
        float *re = out + y * row, *im = re + s->sx;
        plane_wave(t->px, s->sx, -t->kx[i], -(double)t->ky[i] * y / s->sy);
        for (int x = 0; x < s->sx; x++) {
            float a = re[x], b = im[x], c = crealf(t->px[x]), d = cimagf(t->px[x]);
            re[x] = a * c - b * d;
            im[x] = a * d + b * c;
        }
    }
}

static aet_err fly(aet_stem_job *j, const aet_stem_specimen *specimen, const double left_A[2],
                   aet_slab mine)
{
    struct aet_stem_prism *s = j->prism;
    aet_stem_grid *g = &j->grid;
    int64_t points = aet_stem_grid_wave(g);
    for (int first = mine.start, end = first + mine.count; first < end; first += s->flight) {
        int n = end - first < s->flight ? end - first : s->flight;
        memset(s->waves, 0, sizeof *s->waves * (size_t)(points * n));
        for (int i = 0; i < n; i++)
            s->waves[i * points + (int64_t)(s->parents->kx[first + i] + g->hx) * g->my +
                     s->parents->ky[first + i] + g->hy] = 1;
        AET_TRY(aet_stem_propagate(j->slicer, g, specimen, left_A, true, s->waves, n));
        for (int i = 0; i < n; i++)
            store(j, first + i, s->waves + i * points);
    }
    return AET_OK;
}

aet_err aet_stem_parents_fly(MPI_Comm group, aet_stem_job *j, const aet_stem_specimen *specimen,
                             const double left_A[2])
{
    struct aet_stem_prism *s = j->prism;
    int64_t all = (int64_t)s->parents->n * 2 * s->sx * s->sy;
    int size;
    memset(s->parents->exit, 0, sizeof(float) * (size_t)all);
    AET_TRY(AET_AGREE(group, fly(j, specimen, left_A, aet_slab_mine(s->parents->n, group))));
    MPI_Comm_size(group, &size);
    if (size > 1)
        aet_sum_float(group, s->parents->exit, all);
    return AET_OK;
}

void aet_stem_parents_column(struct aet_stem_prism *s, int column, float *out)
{
    struct aet_stem_parents *t = s->parents;
    int from = s->first[column], n = s->first[column + 1] - from;
    for (int y = 0; y < s->sy; y++) {
        aet_gemm_single(false, false, n, 2 * s->sx, t->n, 1, t->weight + (int64_t)from * t->n, t->n,
                        t->exit + (int64_t)y * t->n * 2 * s->sx, 2 * s->sx, 0, t->rows, 2 * s->sx);
        for (int i = 0; i < n; i++) {
            const float *re = t->rows + (int64_t)i * 2 * s->sx, *im = re + s->sx;
            float *to = out + ((int64_t)y * 2 * n + i) * s->sx, *to_im = to + (int64_t)n * s->sx;
            double a = 2 * AET_PI * s->beams.ky[from + i] * y / s->sy;
            float c = (float)cos(a), d = (float)sin(a);
            if (i == 0 && y == 0)
                plane_wave(t->px, s->sx, s->beams.kx[from], 0);
            for (int x = 0; x < s->sx; x++) {
                float u = crealf(t->px[x]), v = cimagf(t->px[x]), p = c * u - d * v,
                      q = c * v + d * u;
                to[x] = re[x] * p - im[x] * q;
                to_im[x] = re[x] * q + im[x] * p;
            }
        }
    }
}
