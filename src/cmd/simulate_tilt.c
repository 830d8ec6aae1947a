#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/angles.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "aetlas/simulate/project.h"
#include "cmd/simulate_kinds.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const aet_param_table *const tables[] = {&aet_simulate_table, NULL};

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

/* What --like changed of the parameters goes into the output too. */
static aet_err record(const aet_args *args)
{
    char *text = NULL;
    AET_TRY(aet_parameters_text(args->config, tables, &text));
    aet_provenance_set(args->command_line, text);
    free(text);
    return AET_OK;
}

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    aet_simulate_params p;
    aet_atoms *a = NULL;
    aet_tilt *t = NULL;
    double(*angles_deg)[3] = NULL;
    int n = 0;
    AET_GO(get_angles(args, &angles_deg, &n));
    AET_GO(record(args));
    AET_GO(aet_args_params(args, &aet_simulate_table, &p));
    AET_GO(aet_load_atoms(args->comm, args->inputs[0], &aet_simulate_as_is, &a));
    AET_GO(aet_simulate_tilt(args->comm, a, (const double(*)[3])angles_deg, n, &p, &t));
    AET_GO(aet_tilt_write(args->comm, args->output, t));
    aet_simulate_say_model(a);
    aet_out("images = %d\npixels = %d %d\npixel_A = %.10g\n", t->n, t->nx, t->ny, t->pixel_A);
done:
    aet_tilt_free(&t);
    aet_atoms_free(&a);
    aet_release(&angles_deg);
    return err;
}

static const aet_option options[] = {
    {"angles", "FILE",
     "angles in degrees: MATLAB, .rawtlt, .tlt, .csv or HDF5, one column or three", 0},
    {"variable", "NAME", "which array of a MATLAB or HDF5 file of angles", 0},
    {"tilts", "FIRST:STEP:LAST", "a single-axis series in degrees", 0},
    {"like", "FILE", "angles, pixel and frame of this tilt.h5", 0},
    {"pixel", "A", "pixel size in Angstrom", 0},
    {"sigma", "A", "Gaussian width of the atoms in Angstrom: 0.6, or Ni:0.6,Pt:0.7", 0},
    {"size", "N", "pixels of a side", 0},
    {"margin", "A", "empty rim in Angstrom where the size is automatic", 0},
    {"dose", "E", "electrons per A^2 of the whole series; adds Poisson noise", 0},
    {"seed", "N", "seed of everything random", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_shorthand shorthands[] = {
    {"pixel", "simulate.pixel_A"},
    {"sigma", "simulate.sigma_A"},
    {"size", "simulate.size"},
    {"margin", "simulate.margin_A"},
    {"dose", "simulate.dose_e_per_A2"},
    {"seed", "simulate.seed"},
    {NULL, NULL},
};

const aet_command aet_kind_simulate_tilt = {
    .name = "simulate tilt",
    .usage = "atoms.h5 -o tilt.h5",
    .summary = "a tilt series: linear images of a model, with noise",
    .text = "Projects an atom model at given angles: every atom is its projected potential\n"
            "(Kirkland or Lobato) blurred by a Gaussian, at its exact place; images in V A. With\n"
            "--dose the images become Poisson counts, scaled back to the same units.",
    .examples =
        "  aetlas simulate tilt atoms.h5 --angles angles.mat --sigma Ni:0.6,Pt:0.7 -o tilt.h5\n"
        "  aetlas simulate tilt atoms.h5 --like measured.h5 --sigma Ni:0.6,Pt:0.7 -o model.h5\n"
        "  aetlas simulate tilt atoms.h5 --tilts -60:3:60 --dose 3e5 --seed 7 -o noisy.h5",
    .min_inputs = 1,
    .max_inputs = 1,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .shorthands = shorthands,
    .tables = tables,
    .run = run,
};
