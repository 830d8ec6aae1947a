/* ranks: 1 2 */
/* san: 1 */
/* Composition and short-range order of alloys whose order is known. */
#include "analyse_models.h"

/* Bulk value: mean over atoms with all 12 neighbours, where the surface does not count. */
static double bulk_csro(const aet_atoms *a, int z)
{
    const double *csro = aet_atoms_find_column(a, "csro")->values;
    const double *cn = aet_atoms_find_column(a, "coordination")->values;
    double sum = 0.0;
    int n = 0;
    for (int i = 0; i < a->n; i++)
        if (cn[i] == 12.0 && a->species[i] == z) {
            sum += csro[i];
            n++;
        }
    return sum / n;
}

/* Layers h even of one kind, odd of the other: L1_0.  h and k both even: L1_2. */
static void ordered(bool l12)
{
    aet_atoms *a = octahedron(a_A, 13);
    for (int i = 0; i < a->n; i++) {
        int h = (int)lrint(2.0 * a->position_A[i][0] / a_A),
            k = (int)lrint(2.0 * a->position_A[i][1] / a_A);
        a->species[i] = l12 ? (h % 2 == 0 && k % 2 == 0 ? 28 : 78) : (h % 2 == 0 ? 28 : 78);
    }
    analyse(a);
    /* Of 12 neighbours 8 and 8 are unlike in L1_0, 12 and 4 in L1_2: -1/3 for the ideal contents of 1/2, and 1/4 and
     * 3/4; the finite octahedron's own content differs, and with that the value is exact. */
    double nickel = l12 ? 1.0 : 2.0 / 3.0, platinum = l12 ? 1.0 / 3.0 : 2.0 / 3.0;
    T_NEAR(bulk_csro(a, 28), 1.0 - nickel / scalar(a, "fraction_Pt"), 1e-9);
    T_NEAR(bulk_csro(a, 78), 1.0 - platinum / scalar(a, "fraction_Ni"), 1e-9);
    T_NEAR(scalar(a, "fraction_Ni"), l12 ? 0.25 : 0.5,
           0.06); /* an outer layer of 13 is of one kind */
    aet_atoms_free(&a);
}

static void random_alloy(void)
{
    aet_atoms *a = octahedron(a_A, 18);
    aet_rng key = {.seed = 77, .purpose = AET_RNG_TEST};
    for (int i = 0; i < a->n; i++)
        a->species[i] = aet_rng_uniform(key, (uint64_t)i) < 0.4 ? 28 : 78;
    analyse(a);
    /* p over B bonds has a standard error of about sqrt(c(1-c)/B); alpha has it over c.  Four of these. */
    double bonds = scalar(a, "bonds"), c = scalar(a, "fraction_Ni");
    double error = 4.0 * sqrt(c * (1.0 - c) / bonds) / fmin(c, 1.0 - c);
    T_NEAR(scalar(a, "csro_Ni_Pt"), 0.0, error);
    T_NEAR(scalar(a, "csro_Pt_Ni"), 0.0, error);
    /* Like and unlike of one centre are the same number in a binary alloy. */
    T_NEAR(scalar(a, "csro_Ni_Ni"), scalar(a, "csro_Ni_Pt"), 1e-12);
    T_NEAR(scalar(a, "csro_Pt_Pt"), scalar(a, "csro_Pt_Ni"), 1e-12);
    aet_atoms_free(&a);
}

/* Two halves: every atom away from the joint has only its own kind around it. */
static void segregated(void)
{
    aet_atoms *a = octahedron(a_A, 24);
    for (int i = 0; i < a->n; i++)
        a->species[i] = a->position_A[i][2] < 0.0 ? 28 : 78;
    analyse(a);
    const double *csro = aet_atoms_find_column(a, "csro")->values;
    int wrong = 0;
    for (int i = 0; i < a->n; i++)
        wrong += fabs(a->position_A[i][2]) > a_A && csro[i] != 1.0;
    T_CHECK(wrong == 0);
    T_CHECK(scalar(a, "csro_Ni_Pt") > 0.85);
    aet_atoms_free(&a);
}

/* A Pt skin on a Ni core with three kinds inside: fractions by depth. */
static void shells(void)
{
    aet_atoms *a = octahedron(a_A, 16);
    for (int i = 0; i < a->n; i++) {
        const double *r = a->position_A[i];
        a->species[i] = fabs(r[0]) + fabs(r[1]) + fabs(r[2]) > 7.3 * a_A ? 78
                        : r[0] < 0.0                                     ? 28
                                                                         : 29;
    }
    analyse(a);
    const aet_curve *c = aet_atoms_find_curve(a, "depth_profile");
    T_CHECK(c->width == 2 + 4 * 3 && strcmp(c->head[3], "fraction_Ni") == 0);
    T_CHECK(c->values[1] == 4 * 15 * 15 + 2); /* the surface layer */
    T_CHECK(c->values[3] == 0.0 && c->values[7] == 0.0 && c->values[11] == 1.0);
    T_CHECK(c->values[c->width + 1] ==
            4 * 13 * 13 + 2); /* the layer below, of the octahedron n = 14 */
    T_CHECK(c->values[c->width + 11] == 0.0);
    double total = 0.0;
    for (int k = 0; k < c->n; k++)
        total += c->values[k * c->width + 1];
    T_CHECK(total == a->n);
    T_CHECK(scalar(a, "atoms_Ni") + scalar(a, "atoms_Cu") + scalar(a, "atoms_Pt") == a->n);
    T_CHECK(scalar(a, "atoms_Ni_surface") + scalar(a, "atoms_Ni_core") == scalar(a, "atoms_Ni"));
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    ordered(false);
    ordered(true);
    random_alloy();
    segregated();
    shells();
    T_END();
}
