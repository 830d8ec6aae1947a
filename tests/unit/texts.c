/* ranks: 1 */
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/angles.h"
#include "aetlas/io/csv.h"
#include "aetlas/io/load.h"
#include "aetlas/io/raster.h"
#include "aetlas/io/xyz.h"
#include "test.h"

static void save(const char *path, const char *text)
{
    FILE *f = NULL;
    T_OK(aet_writer_open(path, &f));
    T_CHECK(fputs(text, f) >= 0);
    T_OK(aet_writer_close(path, &f));
}

static void test_table(void)
{
    aet_raster *r = NULL;
    save("t.csv", "# a comment\nphi, theta, psi\n1, 2,3\r\n\n 4;5\t6\n");
    T_OK(aet_table_read("t.csv", &r));
    T_CHECK(r && r->dims[0] == 2 && r->dims[1] == 3);
    for (int i = 0; r && i < 6; i++)
        T_NEAR(r->f64[i], i + 1.0, 0.0);
    aet_raster_free(&r);
    save("t.csv", "1 2\n3\n");
    T_FAILS(aet_table_read("t.csv", &r), AET_ERR_INPUT,
            "line 2: 1 numbers, the lines above have 2");
    save("t.csv", "1 2\n3 nan\n");
    T_FAILS(aet_table_read("t.csv", &r), AET_ERR_INPUT, "line 2: expected numbers");
    save("t.csv", "one\ntwo\n3\n");
    T_FAILS(aet_table_read("t.csv", &r), AET_ERR_INPUT, "line 2");
    save("t.csv", "# nothing\n");
    T_FAILS(aet_table_read("t.csv", &r), AET_ERR_INPUT, "holds no numbers");
}

static void test_angles(void)
{
    int n = 0;
    double(*a)[3] = NULL;
    save("a.rawtlt", " -60.00\n-57.0\n  0\n");
    T_OK(aet_angles_read("a.rawtlt", NULL, &n, &a));
    T_CHECK(n == 3 && a[1][1] == -57.0 && a[1][0] == 0.0 && a[1][2] == 0.0);
    aet_release(&a);
    save("a.csv", "phi,theta,psi\n0.1,-60,0.3\n0.2,-57,0.4\n");
    T_OK(aet_angles_read("a.csv", NULL, &n, &a));
    T_CHECK(n == 2 && a[1][0] == 0.2 && a[1][1] == -57.0 && a[1][2] == 0.4);
    aet_release(&a);
    save("a.csv", "1,2\n3,4\n");
    T_FAILS(aet_angles_read("a.csv", NULL, &n, &a), AET_ERR_INPUT, "2 x 2 numbers are no angles");
    save("a.tlt", "10\n400\n");
    T_FAILS(aet_angles_read("a.tlt", NULL, &n, &a), AET_ERR_INPUT, "image 1 is 400 degrees");
}

static void test_xyz_plain(void)
{
    aet_atoms *a = NULL;
    save("p.xyz", "2 \r\n  \r\nPt \t-1.5 \t2e0 \t3 \t\r\n28\t0 0 0 further words\r\n");
    T_OK(aet_xyz_read("p.xyz", &a));
    T_CHECK(a && a->n == 2 && a->species[0] == 78 && a->species[1] == 28 && a->n_columns == 0);
    T_CHECK(a && a->position_A[0][0] == -1.5 && a->position_A[0][1] == 2.0 &&
            a->position_A[0][2] == 3.0);
    aet_atoms_free(&a);
}

static void test_xyz_extended(void)
{
    aet_atoms *a = NULL;
    save("e.xyz", "1\nLattice=\"1 0 0 0 1 0 0 0 1\" "
                  "Properties=id:I:1:species:S:1:name:S:2:pos:R:3:force:R:3 energy=2\n"
                  "7 Au a b 1 2 3 4 5 6\n");
    T_OK(aet_xyz_read("e.xyz", &a));
    T_CHECK(a && a->n == 1 && a->species[0] == 79 && a->position_A[0][2] == 3.0 &&
            a->n_columns == 2);
    const aet_column *c = a ? aet_atoms_find_column(a, "force") : NULL;
    T_CHECK(c && c->width == 3 && c->values[1] == 5.0);
    aet_atoms_free(&a);
}

static void test_xyz_wrong(void)
{
    static const struct {
        const char *text, *says;
    } wrong[] = {{"", "line 1: expected the number of atoms"},
                 {"x\n\n", "line 1"},
                 {"-1\n\n", "line 1"},
                 {"999999999\n\nPt 1 2 3\n", "claims 999999999 atoms"},
                 {"3\n\nPt 1 2 3\n\nPt 4 5 6\n        ", "line 4: ends before 'species'"},
                 {"2\n\nPt 1 2 3\n", "ends after 1 of 2 atoms"},
                 {"1\n\nQq 1 2 3\n", "line 3: 'Qq' is no chemical element"},
                 {"1\n\nPt 1 2\n", "line 3: ends before 'pos'"},
                 {"1\n\nPt 1 2 nan\n", "line 3: 'nan' is no finite number"},
                 {"1\nProperties=species:S:1:pos:R:2\nPt 1 2\n", "positions need 3 words"},
                 {"1\nProperties=species:S\nPt 1 2\n", "triples"},
                 {"1\nProperties=pos:R:3\n1 2 3\n", "lack species"}};
    aet_atoms *a = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        save("w.xyz", wrong[i].text);
        T_FAILS(aet_xyz_read("w.xyz", &a), AET_ERR_INPUT, wrong[i].says);
        T_CHECK(a == NULL);
    }
}

/* What is written comes back: positions to 5e-9 A (eight decimals are written), columns to ten digits. */
static void test_xyz_round(void)
{
    aet_atoms *a = NULL, *b = NULL;
    T_OK(aet_atoms_create(3, &a));
    aet_column *c = aet_atoms_add_column(a, "strain_tensor", 6, "1", "");
    for (int i = 0; i < 18; i++)
        c->values[i] = sin(i) * 1e-3;
    aet_atoms_add_scalar(a, "sphericity", 0.5, "1", "");
    for (int i = 0; i < 3; i++) {
        a->species[i] = (uint8_t)(28 + 25 * i);
        a->position_A[i][i] = 1.0 / 3.0;
    }
    T_OK(aet_xyz_write("r.xyz", a));
    T_OK(aet_xyz_read("r.xyz", &b));
    T_CHECK(b && b->n == 3 && b->n_columns == 1);
    for (int i = 0; b && i < 3; i++) {
        T_CHECK(a->species[i] == b->species[i]);
        for (int k = 0; k < 3; k++)
            T_NEAR(b->position_A[i][k], a->position_A[i][k], 5e-9);
    }
    for (int i = 0; b && b->n_columns == 1 && i < 18; i++)
        T_NEAR(b->columns[0].values[i], a->columns[0].values[i], 1e-12);
    aet_atoms_free(&b);
    T_OK(aet_csv_write_atoms("r.csv", a));
    T_OK(aet_csv_write_scalars("s.csv", a));
    T_FAILS(aet_csv_write_curve("c.csv", a->curves, a->n_curves, "g"), AET_ERR_INPUT,
            "there is no curve 'g'; there are none");
    char *text = NULL;
    T_OK(aet_file_read_text("r.csv", 1 << 20, &text, NULL));
    T_CHECK(text && strncmp(text, "index,element,x_A,y_A,z_A,strain_tensor_0,", 42) == 0);
    aet_release(&text);
    aet_atoms_free(&a);
}

/* ---- models out of tables: types, units, pairs that are too near ---- */

static const aet_load_atoms_options ni_pt = {
    .n_species = 2, .species = {28, 78}, .min_distance_A = 1.0};

static void test_types(void)
{
    aet_load_atoms_options o = ni_pt;
    aet_atoms *a = NULL;
    save("pos.txt", "0 0 0\n3 0 0\n6 0 0\n");
    save("types.txt", "1\n2\n2\n");
    o.types = "types.txt";
    T_OK(aet_load_atoms(MPI_COMM_SELF, "pos.txt", &o, &a));
    T_CHECK(a && a->species[0] == 28 && a->species[1] == 78);
    aet_atoms_free(&a);
    save("types.txt", "78 28 78\n");
    T_OK(aet_load_atoms(MPI_COMM_SELF, "pos.txt", &o, &a)); /* atomic numbers of the list */
    T_CHECK(a && a->species[0] == 78 && a->species[1] == 28);
    aet_atoms_free(&a);
    save("types.txt", "1 3 2\n");
    T_FAILS(aet_load_atoms(MPI_COMM_SELF, "pos.txt", &o, &a), AET_ERR_INPUT,
            "a type 3, but --species names only 2");
    save("types.txt", "1 2\n");
    T_FAILS(aet_load_atoms(MPI_COMM_SELF, "pos.txt", &o, &a), AET_ERR_INPUT,
            "3 positions, but types.txt has 2 types");
    save("types.txt", "1 2 1.5\n");
    T_FAILS(aet_load_atoms(MPI_COMM_SELF, "pos.txt", &o, &a), AET_ERR_INPUT,
            "type of atom 3 is 1.5");
    save("types.txt", "1 2 2\n");
    o.n_species = 0;
    T_FAILS(aet_load_atoms(MPI_COMM_SELF, "pos.txt", &o, &a), AET_ERR_INPUT,
            "say what they are with --species");
    o.types = NULL;
    T_FAILS(aet_load_atoms(MPI_COMM_SELF, "pos.txt", &o, &a), AET_ERR_INPUT,
            "holds positions only");
    o.n_species = 1;
    T_OK(aet_load_atoms(MPI_COMM_SELF, "pos.txt", &o, &a));
    T_CHECK(a && a->species[2] == 28);
    aet_atoms_free(&a);
}

static void test_near_pairs(void)
{
    aet_load_atoms_options o = {.n_species = 1, .species = {78}, .min_distance_A = 1.0};
    aet_atoms *a = NULL;
    save("near.txt", "0 0 0\n3 0 0\n3.5 0 0\n9 0 0\n");
    T_FAILS(aet_load_atoms(MPI_COMM_SELF, "near.txt", &o, &a), AET_ERR_INPUT, "atoms 2 and 3");
    T_CHECK(strstr(aet_error_text(), "--merge-below") != NULL);
    o.merge_below_A = 1.0;
    T_OK(aet_load_atoms(MPI_COMM_SELF, "near.txt", &o, &a));
    T_CHECK(a && a->n == 3 && a->position_A[1][0] == 3.25);
    aet_atoms_free(&a);
    o.merge_below_A = 0.0;
    o.min_distance_A = 0.0;
    o.unit_A = 2.0;
    o.center = true;
    T_OK(aet_load_atoms(MPI_COMM_SELF, "near.txt", &o, &a));
    T_CHECK(a && a->n == 4);
    T_NEAR(a ? a->position_A[0][0] : 0.0, -7.75, 1e-14); /* rounding of a mean of four */
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    aet_log_init(1, AET_LOG_ERROR); /* the warnings are wanted here */
    test_table();
    test_angles();
    test_xyz_plain();
    test_xyz_extended();
    test_xyz_wrong();
    test_xyz_round();
    test_types();
    test_near_pairs();
    T_END();
}
