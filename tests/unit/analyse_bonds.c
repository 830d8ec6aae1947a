/* ranks: 1 2 */
/* Bond order, centrosymmetry and structure of ideal surroundings; planted twins and stacking faults. */
#include "analyse_models.h"

#include "aetlas/base/str.h"
#include "aetlas/num/special.h"
#include "analyse/analyse_priv.h"

/* Close-packed layers, one letter A, B or C each, within a ball; x and y in the plane. */
static aet_atoms *stack(const char *letters, double radius_A)
{
    static const double nn = 2.75;
    aet_atoms *a = NULL;
    int layers = (int)strlen(letters), n = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass)
            T_OK(aet_atoms_create(n, &a));
        n = 0;
        for (int l = 0; l < layers; l++)
            for (int j = -30; j <= 30; j++)
                for (int i = -30; i <= 30; i++) {
                    double shift = (letters[l] - 'A') / 3.0;
                    double r[3] = {nn * (i + shift + 0.5 * (j + shift)),
                                   nn * sqrt(0.75) * (j + shift),
                                   nn * sqrt(2.0 / 3.0) * (l - 0.5 * (layers - 1))};
                    if (r[0] * r[0] + r[1] * r[1] + r[2] * r[2] > radius_A * radius_A)
                        continue;
                    if (pass) {
                        memcpy(a->position_A[n], r, sizeof r);
                        a->species[n] = 78;
                    }
                    n++;
                }
    }
    return a;
}

static const double *column(const aet_atoms *a, const char *name)
{
    const aet_column *c = aet_atoms_find_column(a, name);
    T_CHECK(c != NULL);
    return c->values;
}

static bool deep(const aet_atoms *a, int i, double radius_A)
{
    const double *r = a->position_A[i];
    return sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]) < radius_A;
}

/* fcc: Q4 0.19094065, Q6 0.57452426, centrosymmetry 0; hcp: 0.09722222, 0.48476169, a^2/2. Averages are the
 * same in a crystal, as even degrees do not see the inversion between hcp sites. */
static void crystals(void)
{
    const struct {
        const char *letters;
        double q4, q6, csp, structure;
    } want[] = {{"ABCABCABCABCABC", 0.19094065, 0.57452426, 0.0, 1},
                {"ABABABABABABABA", 0.09722222, 0.48476169, 2.75 * 2.75, 2}};
    for (int k = 0; k < 2; k++) {
        aet_atoms *a = stack(want[k].letters, 15.0);
        int seen = 0;
        move(a, (double[3]){11, 22, 33}, (double[3]){1, 2, 3});
        move(a, (double[3]){0, 0, 0}, (double[3]){-1, -2, -3});
        analyse(a);
        for (int i = 0; i < a->n; i++) {
            if (!deep(a, i, 6.0))
                continue;
            seen++;
            T_NEAR(column(a, "q4")[i], want[k].q4, 1e-8); /* eight digits are given */
            T_NEAR(column(a, "q6")[i], want[k].q6, 1e-8);
            T_NEAR(column(a, "q4_mean")[i], want[k].q4, 1e-8);
            T_NEAR(column(a, "q6_mean")[i], want[k].q6, 1e-8);
            T_NEAR(column(a, "centrosymmetry_A2")[i], want[k].csp, 1e-9); /* rounding */
            T_CHECK(column(a, "structure")[i] == want[k].structure);
            T_NEAR(column(a, "q_to_fcc")[i], k == 0 ? 0.0 : 0.129771,
                   1e-6); /* six digits are given */
            T_NEAR(column(a, "q_to_hcp")[i], k == 1 ? 0.0 : 0.129771, 1e-6);
            T_NEAR(column(a, "bond_order")[i], hypot(want[k].q4, want[k].q6) / 0.60542, 1e-5);
        }
        T_CHECK(seen > 30);
        aet_atoms_free(&a);
    }
}

/* Neighbours of a {111} surface atom: Q4 0.21916297, Q6 0.59530134; centrosymmetry 1.5 a^2. */
static void surface_atoms(void)
{
    aet_atoms *a = octahedron(a_A, 12);
    int seen = 0;
    analyse(a);
    for (int i = 0; i < a->n; i++)
        if (fabs(column(a, "gcn")[i] - 7.5) < 1e-9 && column(a, "coordination")[i] == 9) {
            T_NEAR(column(a, "q4")[i], 0.21916297, 1e-8);
            T_NEAR(column(a, "q6")[i], 0.59530134, 1e-8);
            T_NEAR(column(a, "centrosymmetry_A2")[i], 1.5 * a_A * a_A, 1e-9);
            T_CHECK(column(a, "structure")[i] == 3);
            seen++;
        }
    T_CHECK(seen == 168);
    T_NEAR(scalar(a, "structure_surface"), 486.0 / 1156.0, 1e-12);
    aet_atoms_free(&a);
}

/* The best pairing of all twelve: 0 in fcc, a^2/2 in hcp as before; 3 a^2 at a {111} surface atom, twice the sum of the
 * smallest. */
static void matching(void)
{
    aet_analyse_params p = defaults();
    p.centrosymmetry = AET_CSP_MATCHING;
    for (int k = 0; k < 2; k++) {
        aet_atoms *a = stack(k ? "ABABABABABA" : "ABCABCABCAB", 11.0);
        T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
        for (int i = 0; i < a->n; i++)
            if (deep(a, i, 4.0))
                T_NEAR(column(a, "centrosymmetry_A2")[i], k ? 2.75 * 2.75 : 0.0,
                       1e-9); /* rounding */
        aet_atoms_free(&a);
    }
    aet_atoms *a = octahedron(a_A, 9);
    T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
    int seen = 0;
    for (int i = 0; i < a->n; i++)
        if (fabs(column(a, "gcn")[i] - 7.5) < 1e-9 && column(a, "coordination")[i] == 9) {
            T_NEAR(column(a, "centrosymmetry_A2")[i], 3.0 * a_A * a_A, 1e-9);
            seen++;
        }
    T_CHECK(seen > 20);
    aet_atoms_free(&a);
}

static void check_faults(const char *letters, double noise, int twins, int stacking,
                         int layers_atoms)
{
    aet_atoms *a = stack(letters, 17.0);
    const double *normal;
    add_noise(a, noise, 2);
    move(a, (double[3]){30, 20, 10}, (double[3]){0, 0, 0});
    analyse(a);
    T_CHECK(scalar(a, "twin_planes") == twins);
    T_CHECK(scalar(a, "stacking_faults") == stacking);
    const aet_curve *c = aet_atoms_find_curve(a, "planar_faults");
    T_CHECK(c->n == twins + stacking);
    double R[3][3];
    aet_rotation((double[3]){30, 20, 10}, R);
    for (int f = 0; f < c->n; f++) {
        normal = c->values + 8 * f + 2;
        double cosine = normal[0] * R[0][2] + normal[1] * R[1][2] + normal[2] * R[2][2];
        T_NEAR(fabs(cosine), 1.0, 1e-3); /* 2.5 degrees, for the noise */
        T_CHECK(c->values[8 * f + 1] >= layers_atoms);
    }
    aet_atoms_free(&a);
}

static void faults(void)
{
    check_faults("ABCABCABCABCABC", 0.0, 0, 0, 0);
    check_faults("ABCABCABACBACBA", 0.0, 1, 0, 50);   /* mirror plane */
    check_faults("ABCABCABABCABCA", 0.0, 0, 1, 100);  /* one layer missing */
    check_faults("ABCABACBACBABCABC", 0.0, 2, 0, 40); /* two twins apart */
    check_faults("ABCABCABACBACBA", 0.08, 1, 0, 30);  /* noise of 14 pm in space */
    check_faults("ABCABCABABCABCA", 0.08, 0, 1, 60);
}

/* Values of Kolmogorov's distribution, and {1..10} against {6..15}: D = 1/2, p = 0.110840. */
static void kolmogorov(void)
{
    double x[10], y[10];
    T_NEAR(aet_kolmogorov(0.5), 0.9639452437, 1e-10); /* ten digits are given */
    T_NEAR(aet_kolmogorov(1.0), 0.2699996717, 1e-10);
    T_NEAR(aet_kolmogorov(1.36), 0.0494858768, 1e-10);
    T_NEAR(aet_kolmogorov(2.0), 6.7092526e-4, 1e-10);
    T_CHECK(aet_kolmogorov(0.0) == 1.0);
    for (int i = 0; i < 10; i++) {
        x[i] = 10 - i;
        y[i] = 6 + i;
    }
    T_NEAR(analyse_same_distribution(10, x, 10, y), 0.110840, 1e-6);
}

/* A perfect ball is itself; jitter and disorder take the score down. Its coordination turns at a depth of
 * about one layer. */
static void crystallinity(void)
{
    double last = 2.0;
    for (int k = 0; k < 3; k++) {
        aet_atoms *a = ball(a_A, 3.0);
        aet_analyse_params p = defaults();
        p.crystallinity = true;
        p.min_distance_A = 0.0;
        add_noise(a, k == 0 ? 0.0 : k == 1 ? 0.1 : 0.8, 3);
        T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
        double now = scalar(a, "crystallinity");
        T_CHECK(now < last || (now == last && now == 1.0));
        if (k == 0) {
            T_NEAR(now, 1.0, 1e-9); /* the same pairs: D = 0 */
            T_NEAR(scalar(a, "crystallinity_raw"), 1.0, 1e-9);
            T_CHECK(scalar(a, "penetration_A") > 0.3 && scalar(a, "penetration_A") < 4.0);
        }
        if (k == 2)
            T_CHECK(now < 0.5 && scalar(a, "crystallinity_raw") < 1e-6);
        last = now;
        aet_atoms_free(&a);
    }
}

/* Without neighbours nothing is ordered, and nothing fails. */
static void lonely(void)
{
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(2, &a));
    a->species[0] = a->species[1] = 78;
    a->position_A[1][0] = 50.0;
    analyse(a);
    T_CHECK(column(a, "q6")[0] == 0.0 && column(a, "structure")[0] != 1);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    crystals();
    surface_atoms();
    matching();
    faults();
    kolmogorov();
    crystallinity();
    lonely();
    T_END();
}
