/* ranks: 1 2 3 4 */
#include "analyse_models.h"

static int with_coordination(const aet_atoms *a, int cn)
{
    const aet_curve *c = aet_atoms_find_curve(a, "coordination");
    return cn < c->n ? (int)c->values[2 * cn + 1] : 0;
}

/* A table of closed-shell counts: coordination numbers and how many atoms have them. */
typedef struct {
    int cn, atoms;
} count;

static void check_counts(aet_atoms *a, int n, int surface, int bonds, const count *want)
{
    int total = 0;
    T_CHECK(a->n == n);
    analyse(a);
    for (; want->cn; want++) {
        T_CHECK(with_coordination(a, want->cn) == want->atoms);
        total += want->atoms;
    }
    T_CHECK(total == n);
    T_CHECK(scalar(a, "surface_atoms") == surface);
    T_CHECK(scalar(a, "bonds") == bonds);
    T_CHECK(scalar(a, "fcc_assigned") == 1.0);
    T_NEAR(scalar(a, "fcc_constant_A"), a_A, 1e-10); /* rounding */
    aet_atoms_free(&a);
}

static void closed_shells(void)
{
    for (int n = 4; n <= 12; n += n == 4 ? 1 : n == 5 ? 3 : 4) { /* 4 5 8 12 */
        int inside = (n - 2) * (2 * (n - 2) * (n - 2) + 1) / 3;
        int atoms = n * (2 * n * n + 1) / 3, surface = 4 * (n - 1) * (n - 1) + 2;
        const count c[] = {
            {4, 6}, {7, 12 * (n - 2)}, {9, 4 * (n - 2) * (n - 3)}, {12, inside}, {0, 0}};
        check_counts(octahedron(a_A, n), atoms, surface,
                     (6 * 4 + 12 * (n - 2) * 7 + 4 * (n - 2) * (n - 3) * 9 + inside * 12) / 2, c);
    }
    const count t201[] = {{6, 24}, {7, 36}, {8, 6}, {9, 56}, {12, 79}, {0, 0}};
    check_counts(truncated(a_A, 7, 2), 201, 122, 948, t201);
    const count t586[] = {{6, 24}, {7, 72}, {8, 24}, {9, 152}, {12, 314}, {0, 0}};
    check_counts(truncated(a_A, 10, 3), 586, 272, 2988, t586);
    const count c147[] = {{5, 12}, {7, 48}, {8, 24}, {9, 8}, {12, 55}, {0, 0}};
    check_counts(cuboctahedron(a_A, 3), 147, 92, 660, c147);
    const count c309[] = {{5, 12}, {7, 72}, {8, 54}, {9, 24}, {12, 147}, {0, 0}};
    check_counts(cuboctahedron(a_A, 4), 309, 162, 1488, c309);
    const count c561[] = {{5, 12}, {7, 96}, {8, 96}, {9, 48}, {12, 309}, {0, 0}};
    check_counts(cuboctahedron(a_A, 5), 561, 252, 2820, c561);
}

static void balls(void)
{
    const struct {
        double radius;
        int n;
    } want[] = {{0.7072, 13},  {1.0, 19},     {1.5812, 79}, {2.0, 141},
                {2.7387, 369}, {3.4642, 683}, {3.5356, 767}};
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        aet_atoms *a = ball(a_A, want[k].radius);
        T_CHECK(a->n == want[k].n);
        analyse(a);
        T_CHECK(scalar(a, "fcc_assigned") == 1.0);
        aet_atoms_free(&a);
    }
}

/* Pairs of a large perfect crystal: shells at a sqrt(m/2), first peak and valley, the density. */
static void pair_distribution(void)
{
    aet_atoms *a = ball(a_A, 6.0);
    analyse(a);
    const aet_curve *g = aet_atoms_find_curve(a, "pair_distribution");
    double all = 0.0;
    for (int i = 0; i < g->n; i++)
        all += g->values[i * g->width + 1];
    double within = 0.0;
    for (int i = 0; i < a->n; i++)
        for (int j = 0; j < i; j++) {
            double d2 = 0.0;
            for (int k = 0; k < 3; k++)
                d2 += pow(a->position_A[i][k] - a->position_A[j][k], 2);
            within += d2 < 144.0;
        }
    T_CHECK(all == within);
    T_NEAR(scalar(a, "pair_peak_A"), a_A * sqrt(0.5), 0.025);              /* half a bin */
    T_NEAR(scalar(a, "pair_valley_A"), a_A * 0.5 * (1 + sqrt(0.5)), 0.05); /* a bin */
    T_NEAR(scalar(a, "density_per_A3"), 4.0 / (a_A * a_A * a_A), 1e-10);
    /* g times the shell volume and density, summed over the first shell, is 12 neighbours; the overlap of the
     * equivalent ball makes up for the surface to a few per cent. */
    double first = 0.0, rho = scalar(a, "density_per_A3");
    for (int i = 0; i < g->n; i++) {
        double r = g->values[i * g->width];
        if (r < 3.3)
            first += g->values[i * g->width + 3] * rho * 4.0 * 3.14159265358979 * r * r * 0.05;
    }
    T_NEAR(first, 12.0, 0.3);
    aet_atoms_free(&a);
}

/* Without a lattice the density comes from Gaussian-weighted counts: liquid-like jitter of a crystal keeps it. */
static void disordered_density(void)
{
    aet_atoms *a = ball(a_A, 6.0);
    aet_analyse_params p = defaults();
    add_noise(a, 0.5, 1);
    p.min_distance_A = 0.0;
    p.lattice_tolerance = 0.05; /* so that no lattice is found */
    T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
    T_CHECK(scalar(a, "fcc_assigned") < 0.1);
    double none;
    T_CHECK(!aet_atoms_find_scalar(a, "fcc_constant_A", &none));
    T_NEAR(scalar(a, "density_per_A3") * a_A * a_A * a_A / 4.0, 1.0,
           0.03); /* 900 atoms, few probes */
    aet_atoms_free(&a);
}

/* Depth below the flat top of a thick (001) plate: whole layers, a/2 apart.  The plate's sides are surface
 * too, so the axis through the middle is looked at. */
static void depth(void)
{
    aet_atoms *a = ball(a_A, 7.0);
    bool *keep = AET_NEW(bool, a->n);
    for (int i = 0; i < a->n; i++)
        keep[i] = fabs(a->position_A[i][2]) < 2.1 * a_A;
    aet_atoms_select(a, keep);
    analyse(a);
    const double *d = aet_atoms_find_column(a, "depth_A")->values;
    const double *s = aet_atoms_find_column(a, "surface")->values;
    int seen = 0;
    for (int i = 0; i < a->n; i++) {
        const double *r = a->position_A[i];
        if (fabs(r[0]) > 0.1 || fabs(r[1]) > 0.1)
            continue;
        double below = 2.0 * a_A - fabs(r[2]); /* in whole a: the nearest is right above */
        if (below < 0.1)
            T_CHECK(s[i] == 1.0 && d[i] == 0.0);
        else
            T_NEAR(d[i], below, 1e-9); /* rounding */
        seen++;
    }
    T_CHECK(seen == 5);
    aet_release(&keep);
    aet_atoms_free(&a);
}

/* Single vacancies in the middle make no surface; counting neighbours alone they do. */
static void vacancy(void)
{
    aet_atoms *a = octahedron(a_A, 12), *b = NULL;
    bool *keep = AET_NEW(bool, a->n);
    int gone = 0;
    for (int i = 0; i < a->n; i++) {
        const double *r = a->position_A[i];
        keep[i] = fabs(r[0]) + fabs(r[1]) + fabs(r[2]) > 0.6 * a_A;
        gone += !keep[i];
    }
    T_CHECK(gone == 6); /* the octahedral hole of six atoms around the centre */
    aet_atoms_select(a, keep);
    T_OK(aet_atoms_copy(a, &b));
    analyse(a);
    T_CHECK(scalar(a, "surface_atoms") == 486.0);
    aet_analyse_params p = defaults();
    p.surface_open_deg = 0.0;
    T_OK(aet_analyse(MPI_COMM_WORLD, b, &p));
    T_CHECK(scalar(b, "surface_atoms") ==
            486.0 + 32.0); /* the walls: the 38 of the n = 4 octahedron less its corners */
    aet_release(&keep);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

/* Every number is bitwise the same on one rank and on all. */
static void same_on_all_ranks(void)
{
    aet_atoms *a = octahedron(a_A, 10), *b = NULL;
    aet_analyse_params p = defaults();
    add_noise(a, 0.15, 2);
    T_OK(aet_atoms_copy(a, &b));
    T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
    T_OK(aet_analyse(MPI_COMM_SELF, b, &p));
    int wrong =
        a->n_scalars != b->n_scalars || a->n_curves != b->n_curves || a->n_columns != b->n_columns;
    for (int k = 0; k < a->n_scalars; k++)
        wrong += a->scalars[k].value != b->scalars[k].value;
    for (int k = 0; k < a->n_curves; k++)
        wrong += memcmp(a->curves[k].values, b->curves[k].values,
                        (size_t)(a->curves[k].n * a->curves[k].width) * sizeof(double)) != 0;
    for (int k = 0; k < a->n_columns; k++)
        wrong += memcmp(a->columns[k].values, b->columns[k].values,
                        (size_t)(a->n * a->columns[k].width) * sizeof(double)) != 0;
    T_CHECK(wrong == 0);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

static void small_and_wrong(void)
{
    aet_atoms *a = NULL;
    aet_analyse_params p = defaults();
    T_OK(aet_atoms_create(0, &a));
    T_FAILS(aet_analyse(MPI_COMM_WORLD, a, &p), AET_ERR_INPUT, "no atoms");
    aet_atoms_free(&a);
    aet_log_init(t_rank, AET_LOG_ERROR); /* the warnings are expected */
    T_OK(aet_atoms_create(1, &a));
    a->species[0] = 78;
    T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
    T_CHECK(scalar(a, "bonds") == 0.0 && scalar(a, "surface_atoms") == 1.0 &&
            scalar(a, "fraction_Pt") == 1.0);
    aet_atoms_free(&a);
    T_OK(aet_atoms_create(2, &a));
    a->position_A[1][2] = 2.7;
    a->species[1] = 28;
    T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
    T_CHECK(scalar(a, "bonds") == 1.0 && scalar(a, "fcc_assigned") == 0.0);
    T_NEAR(scalar(a, "csro_Ni_X"), -1.0,
           1e-12); /* all neighbours unlike, half of all atoms: 1 - 1/0.5 */
    p.cutoff = AET_CUTOFF_LATTICE;
    T_FAILS(aet_analyse(MPI_COMM_WORLD, a, &p), AET_ERR_NUMERIC, "no fcc lattice");
    a->position_A[1][2] = 0.5;
    T_FAILS(aet_analyse(MPI_COMM_WORLD, a, &p), AET_ERR_INPUT, "0.500 A apart");
    a->position_A[1][2] = NAN;
    T_FAILS(aet_analyse(MPI_COMM_WORLD, a, &p), AET_ERR_INPUT, "atom 2 of 2: z is nan");
    aet_log_init(t_rank, AET_LOG_WARN);
    aet_atoms_free(&a);
}

/* The three ways to a cutoff agree on a crystal. */
static void cutoffs(void)
{
    for (int how = AET_CUTOFF_VALLEY; how <= AET_CUTOFF_FIXED; how++) {
        aet_atoms *a = octahedron(a_A, 9);
        aet_analyse_params p = defaults();
        p.cutoff = how;
        T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
        T_CHECK(scalar(a, "coordination_mean") == 2.0 * scalar(a, "bonds") / a->n);
        T_CHECK(scalar(a, "surface_atoms") == 258.0);
        if (how == AET_CUTOFF_LATTICE)
            T_NEAR(scalar(a, "cutoff_A"), 3.2777, 5e-4); /* 0.853553 a */
        aet_atoms_free(&a);
    }
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    closed_shells();
    balls();
    pair_distribution();
    disordered_density();
    depth();
    vacancy();
    same_on_all_ranks();
    small_and_wrong();
    cutoffs();
    T_END();
}
