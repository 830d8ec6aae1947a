/* ranks: 1 */
/* Figures: the numbers that are drawn, against means made by hand. */
#include "aetlas/io/figures.h"
#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "io/figures_slices.h"
#include "test.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[] = "/tmp/aetlas-figures.XXXXXX";

/* The CSV of a figure as numbers, row by row below the head; empty cells are NAN.  Gives the rows. */
static int table(const char *name, int width, double cell[][12])
{
    char path[AET_PATH_MAX], *text = NULL, word[64];
    int rows = -1;
    snprintf(path, sizeof path, "%s/%s.csv", dir, name);
    if (aet_file_read_text(path, 1 << 20, &text, NULL) != AET_OK) {
        aet_error_clear();
        return -1;
    }
    for (char *line = text, *end; *line; line = end + (*end == '\n'), rows++) {
        end = line + strcspn(line, "\n");
        char *c = line;
        for (int k = 0; k < width && rows >= 0; k++) {
            int n = (int)strcspn(c, ",\n");
            snprintf(word, sizeof word, "%.*s", n, c);
            if (!aet_str_real(word, &cell[rows][k]))
                cell[rows][k] = (double)NAN;
            c += n + (c[n] == ',');
        }
    }
    aet_release(&text);
    return rows;
}

static double *column(aet_atoms *a, const char *name)
{
    return aet_atoms_add_column(a, name, 1, "1", "")->values;
}

/* n atoms in layers 2 A apart, half of each of Ni; `ni` of the first layer besides. */
static aet_atoms *particle(int layers, int per_layer, int ni, double sphericity)
{
    static const char *const heads[] = {"depth_A"};
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(layers * per_layer, &a));
    double *depth = column(a, "depth_A");
    for (int i = 0; i < a->n; i++) {
        int layer = i / per_layer, in_layer = i % per_layer;
        depth[i] = 2.0 * layer;
        a->species[i] = in_layer < per_layer / 2 + (layer == 0 ? ni : 0) ? 28 : 78;
    }
    double *cn = column(a, "coordination");
    for (int i = 0; i < a->n; i++)
        cn[i] = i < per_layer ? 9 : 12;
    aet_curve *c = aet_atoms_add_curve(a, "depth_profile", layers, 1, heads, "");
    for (int k = 0; k < layers; k++)
        c->values[k] = 2.0 * k;
    aet_atoms_add_scalar(a, "sphericity", sphericity, "1", "");
    return a;
}

static void add(aet_figures *f, aet_atoms *a, const char *group, double at)
{
    aet_figures_add(f, a, "p", group, at);
    aet_atoms_free(&a);
}

static void draw(aet_figures *f)
{
    T_OK(aet_figures_draw(MPI_COMM_WORLD, f, dir));
}

/* Group A: two particles at 0 cycles (surfaces of 0.5 and 0.7 Ni, 3 and 2 layers), one at 4000; B: one. */
static void campaign(void)
{
    double c[16][12];
    int n;
    aet_figures *f = aet_figures_new(AET_FIGURES_CAMPAIGN);
    aet_atoms *a = particle(3, 10, 0, 0.8);
    for (int i = 0; i < 8; i++) /* 5 Ni and 3 Pt of 15 each */
        (i ? aet_atoms_find_column(a, "mixed")->values : column(a, "mixed"))[i] = 1;
    add(f, a, "A", 0);
    add(f, particle(2, 20, 4, 0.9), "A", 0);
    a = particle(3, 10, 1, 0.7);
    (void)column(a, "mixed");
    add(f, a, "A", 4000);
    add(f, particle(3, 10, 0, 0.6), "B", 0);
    draw(f);
    /* mean and SD of 0.8 and 0.9; none for one particle */
    T_CHECK(table("sphericity", 6, c) == 2);
    T_NEAR(c[0][1], 0.85, 1e-9);
    T_NEAR(c[0][2], sqrt(0.005), 1e-9);
    T_CHECK(c[1][0] == 4000 && c[1][1] == 0.7 && isnan(c[1][2]) && c[0][4] == 0.6);
    /* shares of each particle: that at 4000 cycles takes no part in that at 0 */
    T_CHECK(table("mixed", 6, c) == 2);
    T_NEAR(c[0][1], 100.0 * 5 / 15, 1e-7);
    T_CHECK(c[1][0] == 4000 && c[1][1] == 0);
    /* surfaces of 5/10 and 14/20; the third layer is reached by one of two, so by no more than half */
    T_CHECK(table("composition_depth_Ni_A", 6, c) == 3);
    T_NEAR(c[0][1], 0.6, 1e-9);
    T_NEAR(c[0][2], sqrt(0.02), 1e-9);
    T_CHECK(c[1][0] == 2 && c[1][1] == 0.5 && c[1][2] == 0 && isnan(c[2][0]));
    T_CHECK(c[2][3] == 4 && c[2][4] == 0.5);
    /* shares of coordination 9: 10 of 30 and 20 of 40 atoms */
    T_CHECK(table("coordination_A", 6, c) == 2);
    T_CHECK(c[0][0] == 9 && c[1][0] == 12);
    T_NEAR(c[0][1], 50.0 * (1.0 / 3 + 1.0 / 2), 1e-7); /* the file has ten digits */
    T_CHECK(table("strain_depth_Ni_A", 6, c) < 0);     /* nobody has strains */
    const aet_figure_made *made = aet_figures_made(f, &n);
    T_CHECK(n > 3 && !made[0].drawn && strcmp(made[0].section, "shape") == 0);
    aet_figures_free(&f);
}

/* One particle: standard errors over atoms, species together. */
static void one_particle(void)
{
    double c[16][12];
    aet_figures *f = aet_figures_new(AET_FIGURES_PARTICLE);
    aet_atoms *a = particle(2, 20, 4, 0.8);
    double *csro = column(a, "csro");
    for (int i = 0; i < a->n; i++)
        csro[i] = a->species[i] == 28 ? 0.1 : i % 2;
    add(f, a, "", 0);
    draw(f);
    T_CHECK(table("composition_depth", 3, c) == 2);
    T_NEAR(c[0][1], 0.7, 1e-9);
    T_NEAR(c[0][2], sqrt(0.7 * 0.3 / 20), 1e-9);
    /* Ni first; Pt at the surface are too few (6) for a mean */
    T_CHECK(table("csro_depth", 6, c) == 2 && c[0][1] == 0.1 && c[0][3] == 2 && c[0][4] == 0.5);
    T_NEAR(c[0][5], sqrt(0.25 / 10), 1e-9);
    T_CHECK(table("sphericity", 3, c) == 2); /* that of the campaign: one number makes no figure */
    aet_figures_free(&f);
}

/* The layers of a crystal are its own: no mean of two particles.  (n = ..) counts those that have what is
 * drawn. */
static void what_few_have(void)
{
    static const char *const heads[] = {"layer", "rmsd_pm"};
    double c[16][12];
    char path[AET_PATH_MAX], *text = NULL;
    for (int with = 1; with <= 2; with++) {
        aet_figures *f = aet_figures_new(AET_FIGURES_CAMPAIGN);
        for (int k = 0; k < 2; k++) {
            aet_atoms *a = particle(2, 20, 0, 0.8);
            if (k < with) {
                aet_curve *l = aet_atoms_add_curve(a, "layers", 3, 2, heads, "");
                for (int i = 0; i < 6; i++)
                    l->values[i] = i / 2 + 1 + 10 * (i % 2);
                column(a, "csro")[9] = 0.5;
            }
            add(f, a, "F", 0);
        }
        draw(f);
        snprintf(path, sizeof path, "%s/layer_rmsd.csv", dir);
        T_CHECK(with == 1 ? table("layer_rmsd", 3, c) == 3 && c[1][1] == 12
                          : !aet_file_exists(path));
        remove(path);
        snprintf(path, sizeof path, "%s/csro_depth_Pt.csv", dir);
        T_OK(aet_file_read_text(path, 1 << 20, &text, NULL));
        T_CHECK(text && strstr(text, with == 1 ? "F (n = 1)" : "F (n = 2)") != NULL);
        aet_release(&text);
        aet_figures_free(&f);
    }
}

/* Steps: what is lost is told by the earlier stage, what is new by the later one. */
static void stages(void)
{
    double c[16][12];
    aet_figures *f = aet_figures_new(AET_FIGURES_TIMES);
    aet_atoms *a = particle(2, 10, 0, 0.8), *b = particle(2, 10, 0, 0.9);
    column(a, "fate")[0] = 2;                            /* Ni, coordination 9 */
    column(a, "history")[3] = 2;                         /* of a history that is not this one */
    column(b, "history")[9] = column(b, "fate")[1] = 2;  /* Pt, coordination 9; */
    aet_atoms_find_column(b, "history")->values[19] = 2; /* Pt, coordination 12 */
    add(f, a, "", 1.5);
    add(f, b, "", 7);
    draw(f);
    T_CHECK(table("unpaired_coordination_step1", 6, c) == 2);
    T_CHECK(c[0][0] == 9 && c[0][1] == 1 && isnan(c[1][0]));                /* lost Ni */
    T_CHECK(c[0][3] == 9 && c[0][4] == 1 && c[1][3] == 12 && c[1][4] == 1); /* new Pt */
    T_CHECK(table("unpaired_coordination_step2", 3, c) < 0);
    T_CHECK(table("sphericity", 3, c) == 2 && c[0][0] == 1.5 && c[1][0] == 7 && c[1][1] == 0.9);
    aet_figures_free(&f);
}

/* Maps follow the columns there are; the model may lie anywhere. */
static void maps(void)
{
    char path[AET_PATH_MAX];
    int n;
    aet_atoms *a = particle(2, 10, 0, 0.8);
    for (int i = 0; i < a->n; i++)
        a->position_A[i][0] = 100 + 3 * i;
    T_OK(aet_figure_maps_write(a, true, 60, dir));
    const aet_figure_map *m = aet_figure_maps(&n);
    for (int k = 0; k < n; k++) {
        snprintf(path, sizeof path, "%s/%s.png", dir, m[k].file);
        bool wanted = k < 2 || strcmp(m[k].file, "map_coordination") == 0;
        T_CHECK(aet_file_exists(path) == wanted);
    }
    aet_atoms_free(&a);
}

/* Five close-packed layers along x make three slabs.  Atoms of a slab keep their distances, those of
 * different ones are farther apart than an atom is wide. */
static void slices(void)
{
    enum { SIDE = 6, LAYERS = 5 };
    static const char *const heads[] = {"x_A", "y_A", "z_A"};
    static const double axes[9] = {0, 1, 0, 0, 0, 1, 1, 0, 0}, nn = 2.8;
    aet_atoms *a = NULL, *sheet = NULL;
    T_OK(aet_atoms_create(LAYERS * SIDE * SIDE, &a));
    for (int i = 0; i < a->n; i++) {
        int layer = i / (SIDE * SIDE), u = i % SIDE, v = i / SIDE % SIDE;
        a->species[i] = 78;
        a->position_A[i][0] = 100 + nn * sqrt(2.0 / 3) * layer;
        a->position_A[i][1] = nn * (u + 0.5 * v + 0.5 * layer);
        a->position_A[i][2] = nn * sqrt(0.75) * (v + layer / 3.0);
    }
    T_OK(figure_slices(a, &sheet));
    T_CHECK(sheet == NULL); /* without axes there are no layers */
    memcpy(aet_atoms_add_curve(a, "layer_axes", 3, 3, heads, "")->values, axes, sizeof axes);
    aet_atoms_add_scalar(a, "fcc_constant_A", nn * sqrt(2.0), "A", "");
    T_OK(figure_slices(a, &sheet));
    T_CHECK(sheet && sheet->n == a->n);
    for (int i = 0; sheet && i < a->n; i++)
        for (int j = 0; j < i; j++) {
            double was = 0, is = 0;
            for (int k = 0; k < 3; k++) {
                was += pow(a->position_A[i][k] - a->position_A[j][k], 2);
                is += pow(sheet->position_A[i][k] - sheet->position_A[j][k], 2);
            }
            if (i / (2 * SIDE * SIDE) == j / (2 * SIDE * SIDE))
                T_NEAR(is, was, 1e-9);
            else
                T_CHECK(is > nn * nn);
        }
    aet_atoms_free(&sheet);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    char command[64];
    T_CHECK(mkdtemp(dir) != NULL);
    setenv("AETLAS_GNUPLOT", "/no/such/gnuplot", 1); /* numbers alone */
    aet_log_init(t_rank, AET_LOG_ERROR);
    campaign();
    one_particle();
    what_few_have();
    stages();
    maps();
    slices();
    snprintf(command, sizeof command, "rm -r %s", dir);
    T_CHECK(system(command) == 0);
    T_END();
}
