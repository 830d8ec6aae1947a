/* ranks: 1 */
/* Corrections by hand: what each line does, and what is said about bad ones. */
#include "aetlas/campaign/tracing.h"
#include "test.h"

static aet_atoms *line_of_atoms(int n)
{
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(n, &a));
    static const char *const names[] = {"intensity", "fit_width_A", "origin", "p_species"};
    double *v[4];
    for (int c = 0; c < 4; c++)
        aet_atoms_add_column(a, names[c], c == 1 ? 3 : 1, "1", "");
    for (int c = 0; c < 4; c++)
        v[c] = aet_atoms_find_column(a, names[c])->values;
    for (int i = 0; i < n; i++) {
        a->position_A[i][0] = 3 * i;
        a->species[i] = 28;
        v[0][i] = 10 + i;
        v[2][i] = AET_ORIGIN_TRACED;
        v[3][i] = 0.6;
    }
    return a;
}

static double value(const aet_atoms *a, const char *name, int i)
{
    return aet_atoms_find_column(a, name)->values[i];
}

static void test_edits(void)
{
    aet_atoms *a = line_of_atoms(4);
    aet_edit_counts n;
    T_OK(aet_edits_apply("# seen in the slices\n"
                         "add 0 3 0 Pt   # an atom\r\n"
                         "\n"
                         "remove 3.2 0 0\n"
                         "\tset 6 0.3 0 Pt\n"
                         "remove 9 0 1.5 2.0\n"
                         "add 9 0 0 78",
                         "e.txt", 2.0, a, &n));
    T_CHECK(n.added == 2 && n.removed == 2 && n.set == 1);
    T_CHECK(a->n == 4);
    T_CHECK(a->species[0] == 28 && a->position_A[0][0] == 0 && value(a, "intensity", 0) == 10);
    T_CHECK(a->species[1] == 78 && a->position_A[1][0] == 6 && value(a, "intensity", 1) == 12);
    T_CHECK(value(a, "p_species", 1) == 1 && value(a, "origin", 1) == AET_ORIGIN_TRACED);
    T_CHECK(a->species[2] == 78 && a->position_A[2][1] == 3);
    T_CHECK(value(a, "origin", 2) == AET_ORIGIN_HAND && value(a, "intensity", 2) == 0);
    T_CHECK(a->species[3] == 78 && a->position_A[3][0] == 9);
    T_OK(aet_edits_apply("", "e.txt", 2.0, a, &n));
    T_OK(aet_edits_apply("# nothing\n\n", "e.txt", 2.0, a, &n));
    T_CHECK(a->n == 4 && n.added == 0 && n.removed == 0 && n.set == 0);
    aet_atoms_free(&a);
}

static void test_refusals(void)
{
    static const char *const bad[][2] = {
        {"add 0 3 0 Pt\nad 1 2 3 Pt", "e.txt, line 2: 'ad' is neither add, remove nor set"},
        {"add 0 3 0", "line 1: expected 'add x y z Element'"},
        {"add 0 3 0 Qq", "line 1: 'Qq' is no element"},
        {"add 0 3 0 Pt Pt", "line 1: expected 'add x y z Element'"},
        {"\n\nadd 0 3 y Pt", "line 3: expected three numbers"},
        {"remove 1 2", "line 1: expected three numbers"},
        {"remove 0 0 0 -1", "the radius a positive number"},
        {"remove 0 0 0 1 1", "remove x y z [radius]"},
        {"remove 0 0.7 0", "line 1: no atom within 0.5 A of 0 0.7 0; the nearest is 0.7 A away"},
        {"set 1.5 0 0 Pt", "line 1: no atom within 0.5 A"},
        {"add 0 1.9 0 Pt", "line 1: an atom is 1.9 A from this place"},
        {"add 0 nan 0 Pt", "line 1: expected three numbers"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        aet_atoms *a = line_of_atoms(2);
        aet_edit_counts n;
        T_FAILS(aet_edits_apply(bad[i][0], "e.txt", 2.0, a, &n), AET_ERR_INPUT, bad[i][1]);
        T_OK(aet_atoms_check(a, 0));
        aet_atoms_free(&a);
    }
    char text[1024];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    aet_atoms *a = line_of_atoms(2);
    aet_edit_counts n;
    T_FAILS(aet_edits_apply(text, "e.txt", 2.0, a, &n), AET_ERR_INPUT,
            "e.txt, line 1: longer than");
    aet_atoms_free(&a);
}

/* From a model without atoms one can be built by hand. */
static void test_from_nothing(void)
{
    aet_atoms *a = NULL;
    aet_edit_counts n;
    T_OK(aet_atoms_create(0, &a));
    T_OK(aet_edits_apply("add 1 2 3 Ni\nadd 1 2 6 Pt\n", "e.txt", 2.0, a, &n));
    T_CHECK(a->n == 2 && n.added == 2 && a->species[1] == 78);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_edits();
    test_refusals();
    test_from_nothing();
    T_END();
}
