#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/io/angles.h"
#include "aetlas/io/load.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "aetlas/simulate/particle.h"
#include "aetlas/simulate/project.h"
#include "cmd/command.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An option that is short for a parameter of one kind of simulation. */
typedef struct {
    const char *option, *section, *key;
} shorthand;

static const shorthand particle_words[] = {
    {"shape", "particle", "shape"},
    {"size", "particle", "size"},
    {"cut", "particle", "cut"},
    {"lattice", "particle", "lattice_A"},
    {"species", "particle", "species"},
    {"fraction", "particle", "fraction"},
    {"surface-fraction", "particle", "surface_fraction"},
    {"shell", "particle", "shell"},
    {"displacement", "particle", "displacement_A"},
    {"rotate", "particle", "rotate"},
    {"seed", "particle", "seed"},
    {NULL, NULL, NULL},
};
static const shorthand tilt_words[] = {
    {"pixel", "simulate", "pixel_A"},
    {"sigma", "simulate", "sigma_A"},
    {"size", "simulate", "size"},
    {"margin", "simulate", "margin_A"},
    {"dose", "simulate", "dose_e_per_A2"},
    {"seed", "simulate", "seed"},
    {"angles", NULL, NULL},
    {"variable", NULL, NULL},
    {"tilts", NULL, NULL},
    {"like", NULL, NULL},
    {NULL, NULL, NULL},
};
static const shorthand volume_words[] = {
    {"pixel", "simulate", "pixel_A"},
    {"sigma", "simulate", "sigma_A"},
    {"size", "simulate", "size"},
    {"margin", "simulate", "margin_A"},
    {NULL, NULL, NULL},
};

/* Models are taken as they come: units of A, species by atomic number or name. */
static const aet_load_atoms_options as_is = {0};

static aet_err particle(aet_args *args);
static aet_err tilt(aet_args *args);
static aet_err volume(aet_args *args);

static const struct kind {
    const char *name;
    const shorthand *words;
    int n_inputs; /* after the name */
    const char *inputs;
    aet_err (*run)(aet_args *args);
} kinds[] = {
    {"particle", particle_words, 0, "-o atoms.h5", particle},
    {"tilt", tilt_words, 1, "atoms.h5 -o tilt.h5", tilt},
    {"volume", volume_words, 1, "atoms.h5 -o volume.h5", volume},
};
enum { KINDS = (int)(sizeof kinds / sizeof *kinds) };

static aet_err find_kind(const char *word, const struct kind **kind)
{
    const char *names[KINDS];
    for (int i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
        *kind = &kinds[i];
        if (strcmp(word, kinds[i].name) == 0)
            return AET_OK;
    }
    const char *near = aet_str_nearest(word, names, KINDS);
    AET_FAIL(AET_ERR_USAGE,
             "aetlas simulate knows no '%s'%s%s; it simulates: particle, tilt, volume", word,
             near ? "; did you mean " : "", near ? near : "");
}

static const shorthand *find_word(const struct kind *kind, const char *option)
{
    for (const shorthand *s = kind->words; s->option != NULL; s++)
        if (strcmp(s->option, option) == 0)
            return s;
    return NULL;
}

static bool is_common(const char *option)
{
    for (const aet_option *o = aet_common_options(); o->name != NULL; o++)
        if (strcmp(o->name, option) == 0)
            return true;
    return false;
}

/* Options become parameters, after the file and --set, so that they win; one that this kind of
 * simulation does not know is an error. */
static aet_err apply_options(aet_args *args, const struct kind *kind)
{
    char assignment[AET_TEXT_MAX];
    for (int i = 0; i < args->n_given; i++) {
        if (is_common(args->given[i].name))
            continue;
        const shorthand *s = find_word(kind, args->given[i].name);
        AET_CHECK(s != NULL, AET_ERR_USAGE,
                  "aetlas simulate %s has no option --%s; see 'aetlas help simulate'", kind->name,
                  args->given[i].name);
        if (s->section == NULL)
            continue;
        AET_CHECK(aet_fmt(assignment, sizeof assignment, "%s.%s=%s", s->section, s->key,
                          args->given[i].value),
                  AET_ERR_USAGE, "the value of --%s is too long", s->option);
        AET_TRY(aet_config_set(args->config, assignment));
    }
    return AET_OK;
}

/* The effective parameters go into the output, options included. */
static aet_err record(const aet_args *args, const aet_param_table *table)
{
    const aet_param_table *const tables[] = {table, NULL};
    char *text = NULL;
    AET_TRY(aet_parameters_text(args->config, tables, &text));
    aet_provenance_set(args->command_line, text);
    free(text);
    return AET_OK;
}

static void say_model(const aet_atoms *a)
{
    int z[8], n = aet_atoms_species(a, z);
    aet_out("atoms = %d\n", a->n);
    for (int i = 0; i < n && i < 8; i++)
        aet_out("atoms_%s = %d\n", aet_element_symbol(z[i]), aet_atoms_count(a, z[i]));
}

static aet_err particle(aet_args *args)
{
    aet_particle_params p;
    aet_atoms *a = NULL;
    AET_TRY(record(args, &aet_particle_table));
    AET_TRY(aet_args_params(args, &aet_particle_table, &p));
    AET_TRY(AET_AGREE(args->comm, aet_particle_build(&p, &a)));
    aet_err err = aet_atoms_write(args->comm, args->output, a);
    if (err == AET_OK)
        say_model(a);
    aet_atoms_free(&a);
    return err;
}

/* "first:step:last" in degrees to angles (0, theta, 0). */
static aet_err parse_tilts(const char *text, double (**angles_deg)[3], int *n)
{
    double v[3];
    char words[AET_TEXT_MAX], *rest;
    int k = 0;
    aet_fmt(words, sizeof words, "%s", text);
    for (char *w = strtok_r(words, ":", &rest); w != NULL && k < 4;
         w = strtok_r(NULL, ":", &rest), k++)
        if (k == 3 || !aet_str_real(w, &v[k]))
            k = 4;
    AET_CHECK(k == 3, AET_ERR_USAGE,
              "--tilts %s: expected first:step:last in degrees, e.g. -60:3:60", text);
    double steps = (v[2] - v[0]) / v[1];
    AET_CHECK(v[1] != 0 && steps >= -1e-9 && steps < 1e5, AET_ERR_USAGE,
              "--tilts %s: the step does not lead from first to last", text);
    *n = (int)floor(steps + 1e-6) + 1;
    AET_TRY(AET_ARRAY(*n, "tilt angles", angles_deg));
    for (int i = 0; i < *n; i++)
        (*angles_deg)[i][1] = v[0] + i * v[1];
    return AET_OK;
}

/* Collective.  Rank 0 reads the angles, all get them. */
static aet_err read_angles(const aet_args *args, const char *path, double (**angles_deg)[3], int *n)
{
    aet_err err = AET_OK;
    const char *variable = aet_args_get(args, "variable");
    if (args->rank == 0)
        err = aet_angles_read(path, variable, n, angles_deg);
    AET_TRY(AET_AGREE(args->comm, err));
    MPI_Bcast(n, 1, MPI_INT, 0, args->comm);
    if (args->rank != 0)
        err = AET_ARRAY(*n, "tilt angles", angles_deg);
    AET_TRY(AET_AGREE(args->comm, err));
    aet_bcast_bytes(args->comm, *angles_deg, (int64_t)*n * (int64_t)sizeof **angles_deg, 0);
    return AET_OK;
}

/* Collective.  Angles, pixel and frame of a series, which become parameters. */
static aet_err take_after(aet_args *args, const char *path, double (**angles_deg)[3], int *n)
{
    aet_tilt *t = NULL;
    char text[3][64];
    aet_err err = AET_OK;
    AET_TRY(aet_tilt_read(args->comm, path, &t));
    aet_fmt(text[0], sizeof text[0], "simulate.pixel_A=%.17g", t->pixel_A);
    aet_fmt(text[1], sizeof text[1], "simulate.size=%d", t->nx);
    aet_fmt(text[2], sizeof text[2], "simulate.size_y=%d", t->ny);
    for (int i = 0; i < 3; i++)
        AET_GO(aet_config_set(args->config, text[i]));
    *n = t->n;
    *angles_deg = t->angles_deg;
    t->angles_deg = NULL;
done:
    aet_tilt_free(&t);
    return err;
}

static aet_err get_angles(aet_args *args, double (**angles_deg)[3], int *n)
{
    const char *tilts = aet_args_get(args, "tilts"), *path = aet_args_get(args, "angles");
    const char *like = aet_args_get(args, "like");
    AET_CHECK((tilts != NULL) + (path != NULL) + (like != NULL) == 1, AET_ERR_USAGE,
              "give one of --angles FILE, --tilts first:step:last or --like tilt.h5");
    AET_CHECK(path != NULL || aet_args_get(args, "variable") == NULL, AET_ERR_USAGE,
              "--variable names an array in the file of --angles");
    AET_CHECK(like == NULL || (!aet_args_get(args, "pixel") && !aet_args_get(args, "size")),
              AET_ERR_USAGE,
              "--like takes pixel and size from its series; leave --pixel and --size out");
    if (path != NULL)
        return read_angles(args, path, angles_deg, n);
    if (like != NULL)
        return take_after(args, like, angles_deg, n);
    return AET_AGREE(args->comm, parse_tilts(tilts, angles_deg, n));
}

static aet_err tilt(aet_args *args)
{
    aet_err err = AET_OK;
    aet_simulate_params p;
    aet_atoms *a = NULL;
    aet_tilt *t = NULL;
    double(*angles_deg)[3] = NULL;
    int n = 0;
    AET_GO(get_angles(args, &angles_deg, &n));
    AET_GO(record(args, &aet_simulate_table));
    AET_GO(aet_args_params(args, &aet_simulate_table, &p));
    AET_GO(aet_load_atoms(args->comm, args->inputs[1], &as_is, &a));
    AET_GO(aet_simulate_tilt(args->comm, a, (const double(*)[3])angles_deg, n, &p, &t));
    AET_GO(aet_tilt_write(args->comm, args->output, t));
    say_model(a);
    aet_out("images = %d\npixels = %d %d\npixel_A = %.10g\n", t->n, t->nx, t->ny, t->pixel_A);
done:
    aet_tilt_free(&t);
    aet_atoms_free(&a);
    aet_release(&angles_deg);
    return err;
}

static aet_err volume(aet_args *args)
{
    aet_err err = AET_OK;
    aet_simulate_params p;
    aet_atoms *a = NULL;
    aet_volume *v = NULL;
    AET_TRY(record(args, &aet_simulate_table));
    AET_TRY(aet_args_params(args, &aet_simulate_table, &p));
    AET_GO(aet_load_atoms(args->comm, args->inputs[1], &as_is, &a));
    AET_GO(aet_simulate_volume(args->comm, a, &p, &v));
    AET_GO(aet_volume_write(args->comm, args->output, v));
    say_model(a);
    aet_out("voxels = %d %d %d\nvoxel_A = %.10g\n", v->nx, v->ny, v->nz, v->voxel_A);
done:
    aet_volume_free(&v);
    aet_atoms_free(&a);
    return err;
}

static aet_err run(aet_args *args)
{
    const struct kind *kind;
    AET_TRY(find_kind(args->inputs[0], &kind));
    AET_CHECK(args->n_inputs == kind->n_inputs + 1, AET_ERR_USAGE,
              "aetlas simulate %s takes %d input file%s; usage: aetlas simulate %s %s", kind->name,
              kind->n_inputs, kind->n_inputs == 1 ? "" : "s", kind->name, kind->inputs);
    AET_TRY(apply_options(args, kind));
    return kind->run(args);
}

static const aet_option options[] = {
    {"shape", "NAME", "particle: octahedron, truncated, cuboctahedron, cube or sphere", 0},
    {"size", "N",
     "particle: atoms along an edge (sphere: diameter in A); tilt, volume: pixels of a side", 0},
    {"cut", "N", "particle: layers cut off each corner of a truncated octahedron", 0},
    {"lattice", "A", "particle: cubic lattice constant in Angstrom", 0},
    {"species", "A,B", "particle: elements, e.g. Ni,Pt", 0},
    {"fraction", "X", "particle: atomic fraction of each element but the last", 0},
    {"surface-fraction", "X", "particle: fraction of the first element at the surface", 0},
    {"shell", "N", "particle: outermost layers made of the last element alone", 0},
    {"displacement", "A", "particle: rms random displacement of an atom in Angstrom", 0},
    {"rotate", "PHI,THETA,PSI", "particle: turned by these angles in degrees, or `random`", 0},
    {"angles", "FILE",
     "tilt: angles in degrees: MATLAB, .rawtlt, .tlt, .csv or HDF5, one column or three", 0},
    {"variable", "NAME", "tilt: which array of a MATLAB or HDF5 file of angles", 0},
    {"tilts", "FIRST:STEP:LAST", "tilt: a single-axis series in degrees", 0},
    {"like", "FILE", "tilt: angles, pixel and frame of this tilt.h5", 0},
    {"pixel", "A", "tilt, volume: pixel or voxel size in Angstrom", 0},
    {"sigma", "A", "tilt, volume: Gaussian width of the atoms in Angstrom: 0.6, or Ni:0.6,Pt:0.7",
     0},
    {"margin", "A", "tilt, volume: empty rim in Angstrom where the size is automatic", 0},
    {"dose", "E", "tilt: electrons per A^2 of the whole series; adds Poisson noise", 0},
    {"seed", "N", "particle, tilt: seed of everything random", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_param_table *const tables[] = {&aet_particle_table, &aet_simulate_table, NULL};

const aet_command aet_cmd_simulate = {
    .name = "simulate",
    .group = "stages",
    .usage = "particle -o atoms.h5 | tilt atoms.h5 -o tilt.h5 | volume atoms.h5 -o volume.h5",
    .summary = "model particles, their tilt series and true volumes",
    .text = "particle  builds a closed-shell fcc particle: shape, exact composition, enriched\n"
            "          surface or shell, random displacements, any orientation\n"
            "tilt      projects an atom model at given angles: every atom is its projected\n"
            "          potential (Kirkland or Lobato) blurred by a Gaussian, at its exact place;\n"
            "          images in V A. With --dose the images become Poisson counts, scaled back\n"
            "          to the same units\n"
            "volume    the blurred potential of the model on a grid, in V: what a perfect\n"
            "          reconstruction of the noise-free series gives, up to the factor of the\n"
            "          voxel length\n"
            "\n"
            "Results depend on parameters and seed alone, not on the number of ranks.",
    .examples =
        "  aetlas simulate particle --size 12 --species Ni,Pt --fraction 0.4 -o atoms.h5\n"
        "  aetlas simulate tilt atoms.h5 --angles angles.mat --sigma Ni:0.6,Pt:0.7 -o tilt.h5\n"
        "  aetlas simulate tilt atoms.h5 --like measured.h5 --sigma Ni:0.6,Pt:0.7 -o model.h5\n"
        "  aetlas simulate tilt atoms.h5 --tilts -60:3:60 --dose 3e5 --seed 7 -o noisy.h5\n"
        "  aetlas simulate volume atoms.h5 --pixel 0.357 -o truth.h5",
    .min_inputs = 1,
    .max_inputs = 2,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .tables = tables,
    .run = run,
};
