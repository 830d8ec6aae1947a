/* How crystalline a particle is, and how deep its disorder reaches.
 *
 * Score: the probability by Kolmogorov and Smirnov that two samples are of one distribution.  One is
 * taken from the particle, the other from a ball of the fitted or nearest fcc lattice with the same
 * greatest distance from the centroid; a sample is, for each distance that the ideal ball knows
 * (those nearer than a tenth of the smallest are one), the percentage of pairs nearest to it (Meana-Paneda
 * et al., Sci. Adv. (2025); effective number and correction: Stephens, J. R. Stat. Soc. B 32, 115
 * (1970)).
 *
 * Penetration: mean coordination in overlapping bins of depth below the outermost atom follows a
 * logistic step; its middle is the depth at which the particle turns from surface to core. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/num/gemm.h"
#include "aetlas/num/sort.h"
#include "aetlas/num/special.h"
#include "aetlas/par/agree.h"
#include "analyse/analyse_priv.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

static const double fine_A = 0.005; /* bin of the pair distances */

/* ---- the ideal ball ---- */

static void centroid(const aet_atoms *a, double c[3])
{
    memset(c, 0, 3 * sizeof *c);
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < 3; k++)
            c[k] += a->position_A[i][k] / a->n;
}

static double radius_of(const aet_atoms *a)
{
    double c[3], d[3], most = 0.0;
    centroid(a, c);
    for (int i = 0; i < a->n; i++) {
        difference(a->position_A[i], c, d);
        most = fmax(most, dot(d, d));
    }
    return sqrt(most);
}

/* Sites within `radius` of one, counted and (x not NULL) placed. */
static int ball(double a_A, double radius, double (*x)[3])
{
    int most = (int)(2.0 * radius / a_A) + 1, n = 0;
    for (int l = -most; l <= most; l++)
        for (int k = -most; k <= most; k++)
            for (int h = -most; h <= most; h++) {
                double r[3] = {0.5 * a_A * h, 0.5 * a_A * k, 0.5 * a_A * l};
                if ((h + k + l) % 2 || dot(r, r) > radius * radius * (1.0 + 1e-9))
                    continue;
                if (x)
                    memcpy(x[n], r, sizeof r);
                n++;
            }
    return n;
}

/* ---- the samples ---- */

typedef struct {
    int n;
    double *distance, *particle, *ideal; /* percentages */
} classes;

static void classes_free(classes *c)
{
    aet_release(&c->distance);
    aet_release(&c->particle);
    aet_release(&c->ideal);
}

/* fcc pair distances are a sqrt(m/2); some m do not occur (7 mod 8 times 4^k), which harms nothing as
 * both samples leave them empty. */
static aet_err classes_make(double a_A, double longest, classes *c)
{
    int most = (int)(2.0 * longest * longest / (a_A * a_A)) + 1;
    double apart = 0.1 * a_A * sqrt(0.5), last = -apart;
    AET_TRY(AET_ARRAY(most, "pair distances", &c->distance));
    AET_TRY(AET_ARRAY(most, "pair distances", &c->particle));
    AET_TRY(AET_ARRAY(most, "pair distances", &c->ideal));
    for (int m = 1; m <= most; m++) {
        double r = a_A * sqrt(0.5 * m);
        if (r > longest || r - last < apart)
            continue;
        c->distance[c->n++] = last = r;
    }
    return AET_OK;
}

/* Percentages of the pairs in p by the nearest class. */
static void share_out(const aet_pairs *p, const classes *c, double *percent)
{
    double all = 0.0;
    int at = 0;
    for (int b = 0; b < p->bins; b++) {
        double r = (b + 0.5) * p->width_A, pairs = 0.0;
        while (at + 1 < c->n && fabs(c->distance[at + 1] - r) < fabs(c->distance[at] - r))
            at++;
        for (int k = 0; k < p->rows; k++)
            pairs += (double)p->pairs[(int64_t)k * p->bins + b];
        percent[at] += pairs;
        all += pairs;
    }
    for (int k = 0; k < c->n && all > 0.0; k++)
        percent[k] *= 100.0 / all;
}

double analyse_same_distribution(int n, double *x, int m, double *y)
{
    double most = 0.0, effective = (double)n * m / (n + m);
    aet_sort(n, x);
    aet_sort(m, y);
    for (int i = 0, j = 0; i < n && j < m;) {
        double at = fmin(x[i], y[j]);
        while (i < n && x[i] <= at)
            i++;
        while (j < m && y[j] <= at)
            j++;
        most = fmax(most, fabs((double)i / n - (double)j / m));
    }
    if (most == 0.0)
        return 1.0;
    return aet_kolmogorov((sqrt(effective) + 0.12 + 0.11 / sqrt(effective)) * most);
}

static aet_err pairs_of(MPI_Comm comm, int n, const double (*x)[3], double longest, aet_pairs *p)
{
    aet_cells *cells = NULL;
    uint8_t *kind = NULL;
    aet_err err = AET_AGREE(comm, AET_ARRAY(n, "kinds of atoms", &kind));
    if (!err)
        err = AET_AGREE(comm, aet_cells_create(n, x, 0.0, &cells));
    if (!err)
        err = aet_pairs_count(comm, cells, kind, 1, longest, fine_A, p);
    aet_cells_free(&cells);
    aet_release(&kind);
    return err;
}

static double all_pairs(const aet_pairs *p)
{
    double n = 0.0;
    for (int k = 0; k < p->rows * p->bins; k++)
        n += (double)p->pairs[k];
    return n;
}

/* The same probability of the pair distances themselves, to within their bins: of thousands of pairs
 * the least difference is significant, so that it is 0 for all but small or perfect particles. */
static double same_distances(const aet_pairs *x, const aet_pairs *y)
{
    double n = all_pairs(x), m = all_pairs(y), sum_x = 0.0, sum_y = 0.0, most = 0.0;
    if (n == 0.0 || m == 0.0)
        return 0.0;
    for (int b = 0; b < x->bins; b++) {
        for (int k = 0; k < x->rows; k++)
            sum_x += (double)x->pairs[(int64_t)k * x->bins + b];
        for (int k = 0; k < y->rows; k++)
            sum_y += (double)y->pairs[(int64_t)k * y->bins + b];
        most = fmax(most, fabs(sum_x / n - sum_y / m));
    }
    double root = sqrt(n * m / (n + m));
    return most > 0.0 ? aet_kolmogorov((root + 0.12 + 0.11 / root) * most) : 1.0;
}

static aet_err score(MPI_Comm comm, analysis *m, double a_A)
{
    aet_err err = AET_OK;
    aet_pairs own = {0}, ideal = {0};
    classes c = {0};
    double radius = radius_of(m->a), longest = 2.0 * radius + fine_A, (*x)[3] = NULL;
    int n = ball(a_A, radius, NULL);
    AET_GO(AET_AGREE(comm, AET_ARRAY(n, "ideal ball", &x)));
    ball(a_A, radius, x);
    AET_GO(AET_AGREE(comm, classes_make(a_A, longest, &c)));
    AET_GO(pairs_of(comm, m->a->n, (const double(*)[3])m->a->position_A, longest, &own));
    AET_GO(pairs_of(comm, n, (const double(*)[3])x, longest, &ideal));
    share_out(&own, &c, c.particle);
    share_out(&ideal, &c, c.ideal);
    aet_atoms_add_scalar(m->a, "crystallinity_raw", same_distances(&own, &ideal), "1",
                         "the same probability of all pair distances as they are");
    if (c.n > 0)
        aet_atoms_add_scalar(m->a, "crystallinity",
                             analyse_same_distribution(c.n, c.particle, c.n, c.ideal), "1",
                             "probability (Kolmogorov-Smirnov) that pair distances are those of a "
                             "perfect ball of equal size");
done:
    aet_pairs_free(&own);
    aet_pairs_free(&ideal);
    classes_free(&c);
    aet_release(&x);
    return err;
}

/* ---- penetration ---- */

/* Mean coordination at depth d: c[0] + c[1] / (1 + exp(-(d - c[2]) / c[3])). */
static double step_of(const double c[4], double d, double slope[4])
{
    double e = 1.0 / (1.0 + exp(-(d - c[2]) / c[3])), bell = e * (1.0 - e) * c[1] / c[3];
    slope[0] = 1.0;
    slope[1] = e;
    slope[2] = -bell;
    slope[3] = -bell * (d - c[2]) / c[3];
    return c[0] + c[1] * e;
}

/* Gauss-Newton over the atoms themselves, which weighs depths as binned means by their atoms would. */
static bool fit_step(int n, const double *depth, const double *cn, double c[4])
{
    for (int round = 0; round < 100; round++) {
        double normal[16] = {0}, right[4] = {0}, slope[4], move[4];
        for (int i = 0; i < n; i++) {
            double miss = cn[i] - step_of(c, depth[i], slope);
            for (int a = 0; a < 4; a++) {
                right[a] += slope[a] * miss;
                for (int b = 0; b < 4; b++)
                    normal[4 * a + b] += slope[a] * slope[b];
            }
        }
        for (int a = 0; a < 4; a++)
            normal[5 * a] *= 1.0 + 1e-3; /* Levenberg: a start far off must not leap */
        if (aet_solve(4, 1, normal, right, move) != AET_OK) {
            aet_error_clear();
            return false;
        }
        for (int a = 0; a < 4; a++)
            c[a] += a == 3 ? fmax(-0.5 * c[3], fmin(c[3], move[3])) : move[a];
        if (fabs(move[2]) + fabs(move[3]) < 1e-5)
            return c[1] > 0.0 && c[3] < 50.0;
    }
    return false;
}

static aet_err penetration(analysis *m)
{
    double c[3], d[3], radius = radius_of(m->a), *depth = NULL;
    const double *cn = aet_atoms_find_column(m->a, "coordination")->values;
    double step[4] = {6.0, 6.0, 2.0, 1.0};
    AET_TRY(AET_ARRAY(m->a->n, "depths", &depth));
    centroid(m->a, c);
    for (int i = 0; i < m->a->n; i++) {
        difference(m->a->position_A[i], c, d);
        depth[i] = radius - sqrt(dot(d, d));
    }
    if (fit_step(m->a->n, depth, cn, step))
        aet_atoms_add_scalar(m->a, "penetration_A", step[2], "A",
                             "depth below the outermost atom at which coordination turns from that "
                             "of the surface to that of the core");
    aet_release(&depth);
    return AET_OK;
}

aet_err analyse_crystallinity(MPI_Comm comm, analysis *m)
{
    double a_A = analyse_has_lattice(m) ? m->constant_A : sqrt(2.0) * m->shells.peak_A;
    if (!m->params->crystallinity || a_A <= 0.0)
        return AET_OK;
    AET_TRY(score(comm, m, a_A));
    return AET_AGREE(comm, penetration(m));
}
