#include "aetlas/analyse/expected.h"

#include "aetlas/analyse/grains.h"
#include "aetlas/base/mem.h"
#include "aetlas/num/sort.h"
#include "analyse/fcc_priv.h"
#include "analyse/vector.h"
#include <math.h>
#include <string.h>

/* In nearest-neighbour distances. */
#define TOLERANCE 0.3 /* of sites: misplaced atoms are to have theirs too */
#define REACH     0.5 /* how far from a site an atom still belongs to it */
#define APART     0.6 /* atoms and free sites are farther from each other */
#define CLOSE     0.8 /* no atom comes so near to one on its site */
#define STRAY     0.4 /* which may be off by so much */

enum {
    LEAST_GRAIN = 100,
    LEAST_TELL = 4,  /* neighbours that tell where an atom is expected */
    LEAST_VACANT = 6 /* and that a free site is one of the particle's */
};

typedef struct {
    const aet_atoms *a;
    const aet_cells *cells;
    aet_grains *g;
    aet_fcc_sites *sites; /* of the grain at hand */
    double v[12][3];      /* its neighbour vectors */
    aet_expected *e;
} search;

static double distance(const double a[3], const double b[3])
{
    double d[3];
    difference(a, b, d);
    return sqrt(dot(d, d));
}

/* Where the neighbours of a site place it; gives their number. */
static int told(const search *s, const int site[3], double at[3])
{
    double said[3][12];
    int n = 0;
    for (int k = 0; k < 12; k++) {
        int next[3];
        for (int c = 0; c < 3; c++)
            next[c] = site[c] + aet_fcc_neighbour[k][c];
        int j = aet_fcc_sites_get(s->sites, next);
        for (int c = 0; c < 3 && j >= 0; c++)
            said[c][n] = s->a->position_A[j][c] - s->v[k][c];
        n += j >= 0;
    }
    for (int c = 0; c < 3 && n > 0; c++) {
        aet_sort(n, said[c]);
        at[c] = 0.5 * (said[c][n / 2] + said[c][(n - 1) / 2]);
    }
    return n;
}

static void expect_members(const search *s, int grain)
{
    for (int i = 0; i < s->a->n; i++)
        if (s->g->grain[i] == grain && told(s, s->g->site[i], s->e->at_A[i]) >= LEAST_TELL)
            s->e->what[i] = AET_EXPECTED_SITE;
}

/* An atom without a site, within reach of this place: the nearest. */
static int stray_at(const search *s, const double at[3])
{
    int near[8];
    int n = aet_cells_k_nearest(s->cells, at, 8, REACH * s->e->nearest_A, -1, near, NULL);
    for (int k = 0; k < n; k++)
        if (!s->g->grain[near[k]] && s->e->what[near[k]] == AET_EXPECTED_NOT)
            return near[k];
    return -1;
}

/* A free site: a stray atom's, or vacant if there is room and it is well surrounded. */
static void fill_site(const search *s, const int site[3])
{
    double at[3];
    int n = told(s, site, at), stray = n >= LEAST_TELL ? stray_at(s, at) : -1;
    if (stray >= 0) {
        s->e->what[stray] = AET_EXPECTED_SITE;
        memcpy(s->e->at_A[stray], at, sizeof at);
        aet_fcc_sites_put(s->sites, site, stray);
        return;
    }
    if (n < LEAST_VACANT || s->e->vacant >= s->a->n ||
        aet_cells_nearest(s->cells, at, APART * s->e->nearest_A, -1, NULL) >= 0)
        return;
    for (int k = 0; k < s->e->vacant; k++)
        if (distance(at, s->e->vacant_A[k]) < APART * s->e->nearest_A)
            return;
    memcpy(s->e->vacant_A[s->e->vacant++], at, sizeof at);
}

static void look_around(const search *s, int grain)
{
    for (int i = 0; i < s->a->n; i++)
        for (int k = 0; k < 12 && s->g->grain[i] == grain; k++) {
            int site[3];
            for (int c = 0; c < 3; c++)
                site[c] = s->g->site[i][c] + aet_fcc_neighbour[k][c];
            if (aet_fcc_sites_get(s->sites, site) < 0)
                fill_site(s, site);
        }
}

static void one_grain(const search *s, int grain)
{
    aet_fcc_sites_clear(s->sites);
    for (int i = 0; i < s->a->n; i++)
        if (s->g->grain[i] == grain)
            aet_fcc_sites_put(s->sites, s->g->site[i], i);
    expect_members(s, grain);
    look_around(s, grain);
}

/* What has no site, and no room beside those that other atoms have. */
static void find_surplus(const search *s)
{
    for (int i = 0; i < s->a->n; i++) {
        int near[12];
        if (s->e->what[i] != AET_EXPECTED_NOT || s->g->grain[i])
            continue;
        int n = aet_cells_k_nearest(s->cells, s->a->position_A[i], 12,
                                    (CLOSE + STRAY) * s->e->nearest_A, i, near, NULL);
        for (int k = 0; k < n; k++)
            if (s->e->what[near[k]] == AET_EXPECTED_SITE &&
                distance(s->a->position_A[i], s->e->at_A[near[k]]) < CLOSE * s->e->nearest_A)
                s->e->what[i] = AET_EXPECTED_SURPLUS;
    }
}

static aet_err find(search *s)
{
    int n = s->a->n;
    AET_TRY(AET_ARRAY(n, "expected atoms", &s->e->what));
    AET_TRY(AET_ARRAY(n, "expected places", &s->e->at_A));
    AET_TRY(AET_ARRAY(n, "vacant sites", &s->e->vacant_A));
    AET_TRY(aet_cells_spacing(s->cells, n, (const double(*)[3])s->a->position_A, INFINITY,
                              &s->e->nearest_A));
    AET_TRY(aet_grains_find(s->a, s->cells, sqrt(2.0) * s->e->nearest_A, TOLERANCE, LEAST_GRAIN,
                            &s->g));
    s->e->n_grains = s->g->n;
    s->e->assigned = s->g->assigned;
    AET_TRY(aet_fcc_sites_create(14 * n, &s->sites));
    for (int g = 1; g <= s->g->n; g++) {
        fcc_vectors(&s->g->fit[g - 1].lattice, s->v);
        one_grain(s, g);
    }
    find_surplus(s);
    return AET_OK;
}

aet_err aet_expected_find(const aet_atoms *a, aet_expected **out)
{
    aet_err err = AET_OK;
    aet_cells *cells = NULL;
    search s = {.a = a, .e = AET_NEW(aet_expected, 1)};
    *out = NULL;
    AET_GO(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0, &cells));
    s.cells = cells;
    AET_GO(find(&s));
done:
    aet_cells_free(&cells);
    aet_grains_free(&s.g);
    aet_fcc_sites_free(&s.sites);
    if (err)
        aet_expected_free(&s.e);
    *out = s.e;
    return err;
}
