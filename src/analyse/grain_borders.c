/* Borders between grains: who belongs where, and how grains are turned against each other. */
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "analyse/grains_priv.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

static const double clear_A = 1e-6; /* what counts as nearer: above rounding, below any noise */

double reach_of(const grain_search *s, const aet_lattice *l)
{
    return s->w.tolerance * l->constant_A * sqrt(0.5);
}

double site_distance(const grain_search *s, int atom, const aet_lattice *l, const int site[3])
{
    double at[3], d[3];
    aet_lattice_position(l, site, at);
    difference(s->w.a->position_A[atom], at, d);
    return sqrt(dot(d, d));
}

/* ---- sharing out ---- */

/* The neighbour site of atom j's, in j's grain, that atom i stands at; false when it stands at none. */
static bool site_beside(const grain_search *s, int i, int j, double v[12][3], double reach,
                        int site[3])
{
    double d[3], e[3], best = reach * reach;
    int at = -1;
    difference(s->w.a->position_A[i], s->w.a->position_A[j], d);
    for (int k = 0; k < 12; k++) {
        difference(d, v[k], e);
        if (dot(e, e) <= best) {
            best = dot(e, e);
            at = k;
        }
    }
    for (int k = 0; k < 3 && at >= 0; k++)
        site[k] = s->site[j][k] + aet_fcc_neighbour[at][k];
    return at >= 0;
}

/* Fills next and next_site of atom i. */
static void choose(grain_search *s, int i, double (*v)[12][3])
{
    int own = s->grain[i];
    double best = own ? site_distance(s, i, &s->fit[own - 1].lattice, s->site[i]) : HUGE_VAL;
    s->next[i] = own;
    memcpy(s->next_site[i], s->site[i], sizeof *s->site);
    for (int64_t k = s->nb->start[i]; k < s->nb->start[i + 1]; k++) {
        int j = s->nb->index[k], g = s->grain[j], site[3];
        if (g == 0 || g == own)
            continue;
        const aet_lattice *l = &s->fit[g - 1].lattice;
        double reach = reach_of(s, l);
        if (!site_beside(s, i, j, v[g - 1], reach, site))
            continue;
        double d = site_distance(s, i, l, site);
        if (d <= reach && d < best - clear_A) {
            best = d;
            s->next[i] = g;
            memcpy(s->next_site[i], site, sizeof site);
        }
    }
}

int grains_share_borders(grain_search *s)
{
    double(*v)[12][3] = (double(*)[12][3])AET_NEW(double, 36 * s->n);
    int moved = 0;
    for (int g = 0; g < s->n; g++)
        fcc_vectors(&s->fit[g].lattice, v[g]);
    for (int i = 0; i < s->w.a->n; i++)
        choose(s, i, v);
    for (int i = 0; i < s->w.a->n; i++) {
        moved += s->next[i] != s->grain[i];
        s->grain[i] = s->next[i];
        memcpy(s->site[i], s->next_site[i], sizeof *s->site);
    }
    aet_release(&v);
    return moved;
}

/* Of two atoms on one site the nearer keeps it. */
static void place(grain_search *s, int i, const aet_lattice *l)
{
    int there = aet_fcc_sites_put(s->w.sites, s->w.site[i], i);
    if (there < 0)
        return;
    bool yields = site_distance(s, i, l, s->w.site[i]) < site_distance(s, there, l, s->w.site[i]);
    s->w.member[yields ? there : i] = false;
    if (yields)
        aet_fcc_sites_replace(s->w.sites, s->w.site[i], i);
}

aet_err grains_refit(grain_search *s, int g)
{
    aet_fcc *fit = s->fit + g - 1;
    aet_fcc_sites_clear(s->w.sites);
    for (int i = 0; i < s->w.a->n; i++) {
        s->w.member[i] = s->grain[i] == g;
        if (!s->w.member[i])
            continue;
        memcpy(s->w.site[i], s->site[i], sizeof *s->site);
        place(s, i, &fit->lattice);
    }
    AET_TRY(fcc_prune(&s->w, &fit->lattice));
    if (!fcc_refit(&s->w, fit)) { /* nothing is left of it */
        memset(s->w.member, 0, (size_t)s->w.a->n * sizeof *s->w.member);
        fit->assigned = 0;
    }
    for (int i = 0; i < s->w.a->n; i++)
        if (s->grain[i] == g && !s->w.member[i])
            s->grain[i] = 0;
    return AET_OK;
}

void grains_standard(const grain_search *s, aet_grains *g, int k)
{
    double centre[3] = {0};
    int n = 0, *atom = s->next, (*site)[3] = s->next_site;
    for (int i = 0; i < s->w.a->n; i++)
        if (g->grain[i] == k) {
            for (int c = 0; c < 3; c++)
                centre[c] += s->w.a->position_A[i][c] / g->fit[k - 1].assigned;
            memcpy(site[n], g->site[i], sizeof *site);
            atom[n++] = i;
        }
    aet_lattice_standard(&g->fit[k - 1].lattice, centre, n, site);
    for (int i = 0; i < n; i++)
        memcpy(g->site[atom[i]], site[i], sizeof *site);
}

/* ---- misorientation ---- */

/* R = A^T B */
static void between(const double A[3][3], const double B[3][3], double R[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            R[i][j] = A[0][i] * B[0][j] + A[1][i] * B[1][j] + A[2][i] * B[2][j];
}

/* The 24 rotations of the cube, as signed permutations of determinant one. */
static void turn_cube(const double R[3][3], int n, double Q[3][3])
{
    static const int order[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1},
                                    {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};
    const int *p = order[n / 4];
    double sign[3] = {n & 1 ? -1.0 : 1.0, n & 2 ? -1.0 : 1.0, 1.0};
    sign[2] = sign[0] * sign[1] * (n / 4 < 3 ? 1.0 : -1.0);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            Q[i][k] = sign[k] * R[i][p[k]];
}

/* Twice the sine of the angle times the axis, and the angle from both, which keeps small angles exact. */
static double angle_of(const double R[3][3], double twice[3])
{
    for (int k = 0; k < 3; k++)
        twice[k] = R[(k + 2) % 3][(k + 1) % 3] - R[(k + 1) % 3][(k + 2) % 3];
    return atan2(sqrt(dot(twice, twice)), R[0][0] + R[1][1] + R[2][2] - 1.0);
}

/* The smallest of the 24, and its axis in the cube's axes. */
static double smallest(const double R[3][3], double axis[3])
{
    double best = 10.0, twice[3], Q[3][3];
    for (int n = 0; n < 24; n++) {
        turn_cube(R, n, Q);
        double angle = angle_of((const double(*)[3])Q, twice);
        if (angle < best - 1e-9) {
            best = angle;
            memcpy(axis, twice, sizeof twice);
        }
    }
    normalise(axis);
    return best;
}

/* 60 degrees about [111] and its like, k = 0 .. 3: (2 u u^T - 1) is 180 degrees about u, the same twin. */
static double from_twin(const double R[3][3])
{
    double best = 10.0, axis[3];
    for (int t = 0; t < 4; t++) {
        const double u[3] = {t & 1 ? -1.0 : 1.0, t & 2 ? -1.0 : 1.0, 1.0};
        double T[3][3], D[3][3];
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                T[i][j] = 2.0 / 3.0 * u[i] * u[j] - (i == j);
        between((const double(*)[3])T, R, D);
        best = fmin(best, smallest((const double(*)[3])D, axis));
    }
    return best;
}

static void sort_descending(double v[3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 2; j++)
            if (v[j] < v[j + 1]) {
                double swap = v[j];
                v[j] = v[j + 1];
                v[j + 1] = swap;
            }
}

aet_misorientation aet_lattice_misorientation(const aet_lattice *a, const aet_lattice *b)
{
    aet_misorientation m = {0};
    double R[3][3], axis[3];
    between(a->rotation, b->rotation, R);
    m.angle_deg = smallest((const double(*)[3])R, axis) * AET_DEG_PER_RAD;
    m.from_twin_deg = from_twin((const double(*)[3])R) * AET_DEG_PER_RAD;
    for (int i = 0; i < 3; i++) {
        m.hkl[i] = fabs(axis[i]);
        for (int k = 0; k < 3; k++)
            m.axis[i] += a->rotation[i][k] * axis[k];
    }
    sort_descending(m.hkl);
    return m;
}
