/* ranks: 1 2 */
/* san: 1 */
/* Generalised coordination of ideal sites and the activities that follow. */
#include "analyse_models.h"

typedef struct {
    double gcn;
    int atoms;
} class;

static int with_gcn(const aet_atoms *a, double gcn, bool surface)
{
    const double *g = aet_atoms_find_column(a, "gcn")->values,
                 *s = aet_atoms_find_column(a, "surface")->values;
    int n = 0;
    for (int i = 0; i < a->n; i++)
        n += fabs(g[i] - gcn) < 1e-9 && (!surface || s[i] == 1.0);
    return n;
}

static void check_classes(aet_atoms *a, const class *c)
{
    analyse(a);
    for (; c->atoms; c++)
        T_NEAR(with_gcn(a, c->gcn, true), c->atoms, 0.5); /* whole numbers; a failure shows them */
    aet_atoms_free(&a);
}

/* Sums of whole coordination numbers over 12, by hand for closed shells. */
static void closed_shells(void)
{
    const class o12[] = {{28 / 12.0, 6},   {55 / 12.0, 24}, {62 / 12.0, 96}, {82 / 12.0, 24},
                         {86 / 12.0, 168}, {7.5, 168},      {0, 0}};
    check_classes(octahedron(a_A, 12), o12);
    const class t586[] = {{4.25, 24},      {61 / 12.0, 24}, {5.25, 48}, {6.5, 24},
                          {83 / 12.0, 48}, {86 / 12.0, 48}, {7.5, 56},  {0, 0}};
    check_classes(truncated(a_A, 10, 3), t586);
    const class c561[] = {{40 / 12.0, 12}, {5.0, 48},       {64 / 12.0, 48},
                          {6.5, 24},       {79 / 12.0, 48}, {80 / 12.0, 24},
                          {82 / 12.0, 24}, {86 / 12.0, 24}, {0, 0}};
    check_classes(cuboctahedron(a_A, 5), c561);
}

/* A large octahedron: the atom in the middle of a (111) face, with the nine neighbours (six in the face)
 * decorated; its MASGCN and ln(j/j_Pt111) against the volcano worked out by hand. */
static int face_atom(const aet_atoms *a)
{
    const double *g = aet_atoms_find_column(a, "gcn")->values;
    for (int i = 0; i < a->n; i++)
        if (fabs(g[i] - 7.5) < 1e-9)
            return i;
    return -1;
}

static void decorated(double a_lattice, int nickel_below, double masgcn, double ln)
{
    aet_atoms *a = octahedron(a_lattice, 10);
    analyse(a);
    const double *d = aet_atoms_find_column(a, "depth_A")->values;
    int i = face_atom(a), below = 0;
    for (int j = 0; j < a->n && below < nickel_below; j++) {
        double sum = 0.0;
        for (int k = 0; k < 3; k++)
            sum += pow(a->position_A[j][k] - a->position_A[i][k], 2);
        if (j != i && sqrt(sum) < 0.8 * a_lattice && d[j] > 0.0) {
            a->species[j] = 28;
            below++;
        }
    }
    T_CHECK(below == nickel_below);
    analyse(a);
    T_NEAR(aet_atoms_find_column(a, "masgcn")->values[i], masgcn, 1e-5); /* five digits are given */
    T_NEAR(aet_atoms_find_column(a, "ln_activity")->values[i], ln,
           2e-4); /* four, times the slope */
    aet_atoms_free(&a);
}

static void volcano(void)
{
    const double reference_A = 3.912;
    decorated(reference_A, 0, 7.5, 0.0);
    decorated(reference_A, 1, 8.09, 4.3967);
    decorated(reference_A, 2, 8.68, 3.3618);
    decorated(reference_A, 3, 9.27, -0.5344);
    decorated(reference_A * 0.99, 0, 7.575758, 0.5645);
    decorated(reference_A * 0.978, 1, 8.271984, 5.7528);
    decorated(reference_A * 0.97, 3, 9.556701, -2.4278);
}

/* The other volcanoes, by their formulas. */
static void other_volcanoes(void)
{
    for (int kind = AET_VOLCANO_OH_2024; kind <= AET_VOLCANO_OWN; kind++) {
        aet_atoms *a = octahedron(3.912, 8);
        aet_analyse_params p = defaults();
        p.volcano = kind;
        p.volcano_rise = 2.0;
        p.volcano_fall = -3.0;
        p.volcano_top = 7.0;
        p.volcano_height = 1.0;
        T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
        const double *ln = aet_atoms_find_column(a, "ln_activity")->values,
                     *g = aet_atoms_find_column(a, "gcn")->values,
                     *on = aet_atoms_find_column(a, "active_site")->values;
        double mean = 0.0;
        int n = 0;
        for (int i = 0; i < a->n; i++) {
            double x = 0.19146 * (g[i] - 7.5), kT = 0.02569258;
            double want = kind == AET_VOLCANO_OWN ? 1.0 + (g[i] <= 7.0 ? 2.0 : -3.0) * (g[i] - 7.0)
                                                  : fmin(x, 0.26 - 0.97 * x) / kT;
            T_NEAR(ln[i], on[i] == 1.0 ? want : 0.0, 1e-9); /* rounding */
            mean += on[i] == 1.0 ? exp(want) : 0.0;
            n += on[i] == 1.0;
        }
        T_CHECK(n == scalar(a, "surface_atoms"));
        T_NEAR(scalar(a, "activity"), mean / n, 1e-9 * mean / n);
        aet_atoms_free(&a);
    }
}

/* From strain: 0 on {111} and -6.21 on {100} without any; the volcano's top at -4.8 %, and both alike where
 * 0.16 = (2.74 + 1.5) e, at 3.77 %. */
static void from_strain(void)
{
    const struct {
        double strain, ln_111, ln_100;
    } want[] = {{0.0, 0.0, -0.16 / 0.02569258},
                {-0.131980 / 2.74, 5.137, (-0.16 - 1.5 * 0.131980 / 2.74) / 0.02569258},
                {0.16 / 4.24, -2.74 * 0.16 / 4.24 / 0.02569258, -2.74 * 0.16 / 4.24 / 0.02569258}};
    for (int k = 0; k < 3; k++) {
        aet_atoms *a = truncated(3.912 * (1.0 + want[k].strain), 14, 5);
        analyse(a);
        const double *facet = aet_atoms_find_column(a, "facet")->values,
                     *ln = aet_atoms_find_column(a, "ln_strain_activity")->values,
                     *on = aet_atoms_find_column(a, "strain_active")->values;
        int n = 0;
        for (int i = 0; i < a->n; i++)
            if (on[i] == 1.0) {
                n++;
                T_NEAR(ln[i], (int)facet[i] == 111 ? want[k].ln_111 : want[k].ln_100, 1e-3);
            }
        T_CHECK(n > 100);
        T_NEAR(log(scalar(a, "strain_activity_100")), want[k].ln_100, 1e-3); /* four digits given */
        aet_atoms_free(&a);
    }
}

/* Only atoms of the active element count; one that is none is refused. */
static void elements(void)
{
    aet_atoms *a = octahedron(a_A, 5);
    aet_analyse_params p = defaults();
    for (int i = 0; i < a->n; i += 2)
        a->species[i] = 28;
    T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
    const double *on = aet_atoms_find_column(a, "active_site")->values;
    for (int i = 0; i < a->n; i++)
        T_CHECK(on[i] == 0.0 || a->species[i] == 78);
    snprintf(p.active, sizeof p.active, "Qq");
    T_FAILS(aet_analyse(MPI_COMM_WORLD, a, &p), AET_ERR_USAGE, "analyse.active = Qq");
    aet_atoms_free(&a);
}

/* Variants: with bonds every neighbour's share is drawn out by a_ref/a in a perfect crystal; divided by the largest
 * around, the middle of a 13-atom cluster, 12 neighbours with 5 each, has 12, and a terrace 7.5 as before. */
static void variants(void)
{
    aet_atoms *a = octahedron(a_A, 8), *b = NULL, *c = cuboctahedron(a_A, 1);
    aet_analyse_params p = defaults();
    T_OK(aet_atoms_copy(a, &b));
    analyse(a);
    p.gcn = AET_GCN_OF_BONDS;
    T_OK(aet_analyse(MPI_COMM_WORLD, b, &p));
    for (int i = 0; i < a->n; i++) {
        T_NEAR(aet_atoms_find_column(b, "gcn")->values[i],
               aet_atoms_find_column(a, "gcn")->values[i] * 3.912 / a_A, 1e-9); /* rounding */
        /* strain all the same, so that both ways agree on the activity too */
        T_NEAR(aet_atoms_find_column(b, "masgcn")->values[i],
               aet_atoms_find_column(a, "masgcn")->values[i], 1e-8);
    }
    p.gcn = AET_GCN_OVER_LARGEST;
    T_OK(aet_analyse(MPI_COMM_WORLD, c, &p));
    int middle = 0;
    for (int i = 0; i < c->n; i++)
        middle = aet_atoms_find_column(c, "coordination")->values[i] == 12.0 ? i : middle;
    T_NEAR(aet_atoms_find_column(c, "gcn")->values[middle], 12.0, 1e-12);
    T_OK(aet_analyse(MPI_COMM_WORLD, b, &p));
    T_CHECK(with_gcn(b, 7.5, true) == 24);
    /* smoothed over the surface, what is the same everywhere stays */
    const double *s = aet_atoms_find_column(a, "surface")->values,
                 *e = aet_atoms_find_column(a, "surface_strain")->values;
    for (int i = 0; i < a->n; i++)
        T_NEAR(e[i], s[i] == 1.0 ? a_A / 3.912 - 1.0 : 0.0, 1e-9);
    double none;
    T_CHECK(!aet_atoms_find_scalar(a, "current_mA", &none));
    p.potential_V =
        0.9; /* a site as active as Pt(111) has 1.6123e-12 mA exp(-0.18221/0.02569258) */
    T_OK(aet_analyse(MPI_COMM_WORLD, b, &p));
    T_NEAR(scalar(b, "current_mA") /
               (1.3411e-15 * scalar(b, "activity") * scalar(b, "active_sites")),
           1.0, 1e-3);
    T_NEAR(scalar(a, "log10_activity"), log10(scalar(a, "activity")), 1e-12);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
    aet_atoms_free(&c);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    closed_shells();
    volcano();
    other_volcanoes();
    from_strain();
    elements();
    variants();
    T_END();
}
