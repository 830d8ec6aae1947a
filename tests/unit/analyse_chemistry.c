/* ranks: 1 2 */
/* san: 1 */
/* Enrichment in ordered, random and segregated alloys; the width of a planted interface. */
#include "analyse_models.h"

/* Deep inside: all 54 neighbours of four shells are there. */
static bool deep(const aet_atoms *a, int i, double radius_A)
{
    const double *r = a->position_A[i];
    return sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]) < radius_A;
}

/* Warren-Cowley parameters of ordered alloys add up over shells: 1/9 within four for L1_0 and L1_2 alike, -1/3
 * within one. The enrichment of E around E is that parameter (like pairs), around others its negative. The
 * particle's own content differs a little from the ideal one, by which the values are corrected here. */
static void ordered(int kind, int shell, bool single, double alpha)
{
    aet_atoms *a = ball(a_A, 6.0);
    aet_analyse_params p = defaults();
    p.enrichment_shell = shell;
    p.enrichment_single = single;
    for (int i = 0; i < a->n; i++) {
        int h[3];
        for (int k = 0; k < 3; k++)
            h[k] = (int)lrint(2.0 * a->position_A[i][k] / a_A);
        bool e = kind == 0 ? h[2] % 2 == 0 : h[0] % 2 == 0 && h[1] % 2 == 0 && h[2] % 2 == 0;
        a->species[i] = e ? 28 : 78;
    }
    T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
    const double *x = aet_atoms_find_column(a, "enrichment_Ni")->values;
    const double *local = aet_atoms_find_column(a, "local_fraction_Ni")->values;
    double c = scalar(a, "fraction_Ni"), ideal = kind == 0 ? 0.5 : 0.25;
    for (int i = 0; i < a->n; i++) {
        if (!deep(a, i, 4.0 * a_A))
            continue;
        bool e = a->species[i] == 28;
        double share = e ? ideal + alpha * (1.0 - ideal) : ideal * (1.0 - alpha);
        T_NEAR(local[i], share, 1e-9);
        T_NEAR(x[i], e ? (share - c) / (1.0 - c) : share / c - 1.0, 1e-9); /* rounding */
    }
    if ((kind == 0 || shell > 1) &&
        !single) /* around the rare atoms of L1_2 there are others alone */
        T_CHECK(scalar(a, "mixed") > 0.9);
    aet_atoms_free(&a);
}

/* L1_0 once more: deep inside every atom has the first-shell order -1/3, whichever its element, and so has the mean of
 * both over a sphere; the particle's own content is off the ideal half, as above. */
static void sphere(void)
{
    aet_atoms *a = ball(a_A, 6.0);
    for (int i = 0; i < a->n; i++)
        a->species[i] = (int)lrint(2.0 * a->position_A[i][2] / a_A) % 2 == 0 ? 28 : 78;
    analyse(a);
    const double *x = aet_atoms_find_column(a, "csro_sphere")->values;
    double c = scalar(a, "fraction_Ni");
    double want = 0.5 * (1.0 - 2.0 / 3.0 / c + 1.0 - 2.0 / 3.0 / (1.0 - c));
    for (int i = 0; i < a->n; i++)
        if (deep(a, i, 3.5 * a_A))
            T_NEAR(x[i], want, 1e-9); /* rounding */
    aet_atoms_free(&a);
}

/* Nickel that is rarer at the surface: share 0.5 - 0.4 exp(-depth/3 A) by chance; found within four times the error of
 * 4000 atoms, a quarter of them within w of the surface: sqrt(0.2/1000) = 0.014 of the jump, and w/0.4 of that. */
static void segregation(void)
{
    aet_atoms *a = octahedron(a_A, 18);
    aet_rng key = {.seed = 11, .purpose = AET_RNG_TEST};
    analyse(a);
    const double *d = aet_atoms_find_column(a, "depth_A")->values;
    for (int i = 0; i < a->n; i++)
        a->species[i] = aet_rng_uniform(key, (uint64_t)i) < 0.5 - 0.4 * exp(-d[i] / 3.0) ? 28 : 78;
    analyse(a);
    T_NEAR(scalar(a, "segregation"), -0.4, 0.06);
    T_NEAR(scalar(a, "segregation_width_A"), 3.0, 0.9);
    const aet_curve *c = aet_atoms_find_curve(a, "layer_profile");
    T_CHECK(c->width == 4 && strcmp(c->head[2], "fraction_Ni") == 0);
    for (int k = 0; k < 6;
         k++) /* shells of an octahedron are octahedra, two shorter along each edge */
        T_CHECK(c->values[4 * k] == k + 1 &&
                c->values[4 * k + 1] == 4 * (17 - 2 * k) * (17 - 2 * k) + 2);
    T_NEAR(c->values[2] + c->values[3], 1.0, 1e-12);
    aet_atoms_free(&a);
}

/* Random: the mean is 0 to within sqrt(1/pairs); S002's identity of like and unlike pairs for the same atom. */
static void random_alloy(void)
{
    aet_atoms *a = ball(a_A, 6.0);
    for (int i = 0; i < a->n; i++) {
        aet_rng key = {.seed = 5, .purpose = AET_RNG_TEST};
        double u[4];
        aet_rng_normal4(key, (uint64_t)i, u);
        a->species[i] = u[0] < 0.0 ? 28 : 78;
    }
    analyse(a);
    T_NEAR(scalar(a, "enrichment_Ni_Ni"), 0.0, 0.03); /* 3604 atoms: 1/sqrt n = 0.017 */
    T_NEAR(scalar(a, "enrichment_Ni_others"), 0.0, 0.03);
    double none;
    T_CHECK(!aet_atoms_find_scalar(a, "interface_width_A", &none));
    T_CHECK(!aet_atoms_find_scalar(a, "segregation", &none));
    aet_atoms_free(&a);
}

/* A core whose edge is an error function of known sigma in the radius. */
static void interface(void)
{
    aet_atoms *a = ball(a_A, 8.0);
    double sigma = 2.0, middle = 18.0;
    for (int i = 0; i < a->n; i++) {
        const double *r = a->position_A[i];
        aet_rng key = {.seed = 9, .purpose = AET_RNG_TEST};
        double z[4];
        aet_rng_normal4(key, (uint64_t)i, z);
        double radius = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
        a->species[i] = radius < middle + sigma * z[0] ? 46 : 78;
    }
    analyse(a);
    /* 7000 atoms about the interface, and the bend of the smoothed interface: a tenth */
    T_NEAR(scalar(a, "interface_width_A"), 2.563 * sigma, 0.5);
    const double *s = aet_atoms_find_column(a, "interface_distance_A")->values;
    T_CHECK(s[0] > 5.0); /* the first atom lies at the outside */
    aet_atoms_free(&a);
}

static void refused(void)
{
    aet_atoms *a = ball(a_A, 2.0);
    aet_analyse_params p = defaults();
    snprintf(p.enrichment, sizeof p.enrichment, "Zz");
    T_FAILS(aet_analyse(MPI_COMM_WORLD, a, &p), AET_ERR_USAGE, "analyse.enrichment = Zz");
    aet_atoms_free(&a);
    a = ball(a_A, 2.0);
    snprintf(p.enrichment, sizeof p.enrichment,
             "Au"); /* one that the model has not: nothing to tell */
    T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
    T_CHECK(aet_atoms_find_column(a, "mixed") == NULL);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    ordered(0, 1, false, -1.0 / 3.0);
    ordered(1, 1, false, -1.0 / 3.0);
    ordered(0, 4, false, 1.0 / 9.0);
    ordered(1, 4, false, 1.0 / 9.0);
    ordered(0, 2, true, 1.0); /* shells one by one: -1/3, 1, -1/3, 1 */
    if (!T_SANITIZED) {
        ordered(0, 2, false, 1.0 / 9.0);
        ordered(1, 3, false, -1.0 / 7.0);
        ordered(0, 3, true, -1.0 / 3.0);
        ordered(1, 4, true, 1.0);
    }
    sphere();
    segregation();
    random_alloy();
    interface();
    refused();
    T_END();
}
