#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/nouns.h"
#include "aetlas/simulate/project.h"
#include "cmd/simulate_kinds.h"

static const aet_param_table *const tables[] = {&aet_simulate_table, NULL};

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    aet_simulate_params p;
    aet_atoms *a = NULL;
    aet_tilt *t = NULL;
    double(*angles_deg)[3] = NULL;
    int n = 0;
    AET_GO(aet_simulate_angles(args, "simulate", &angles_deg, &n));
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
    AET_SIMULATE_ANGLE_OPTIONS,
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
