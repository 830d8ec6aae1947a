#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/nouns.h"
#include "aetlas/simulate/stem.h"
#include "cmd/simulate_kinds.h"

static const aet_param_table *const tables[] = {&aet_stem_table, NULL};

static void say_images(const aet_tilt *t)
{
    double low = 1e300, high = 0, sum = 0;
    int64_t n = (int64_t)t->n * t->ny * t->nx;
    for (int64_t i = 0; i < n; i++) {
        double v = (double)t->images[i];
        low = v < low ? v : low;
        high = v > high ? v : high;
        sum += v;
    }
    aet_out("images = %d\npixels = %d %d\npixel_A = %.10g\n", t->n, t->nx, t->ny, t->pixel_A);
    aet_out("fraction_min = %.6g\nfraction_mean = %.6g\nfraction_max = %.6g\n", low,
            sum / (double)n, high);
}

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    aet_stem_params p;
    aet_atoms *a = NULL;
    aet_tilt *t = NULL;
    double(*angles_deg)[3] = NULL;
    int n = 0;
    AET_GO(aet_simulate_angles(args, "stem", &angles_deg, &n));
    AET_GO(aet_args_params(args, &aet_stem_table, &p));
    AET_GO(aet_load_atoms(args->comm, args->inputs[0], &aet_simulate_as_is, &a));
    AET_GO(aet_simulate_stem(args->comm, a, (const double(*)[3])angles_deg, n, &p, &t));
    AET_GO(aet_tilt_write(args->comm, args->output, t));
    aet_simulate_say_model(a);
    say_images(t);
done:
    aet_tilt_free(&t);
    aet_atoms_free(&a);
    aet_release(&angles_deg);
    return err;
}

static const aet_option options[] = {
    AET_SIMULATE_ANGLE_OPTIONS,
    {"method", "NAME", "prism or multislice", 0},
    {"pixel", "A", "pixel size in Angstrom: the step of the probe", 0},
    {"size", "N", "pixels of a side", 0},
    {"margin", "A", "vacuum around the model in Angstrom", 0},
    {"phonons", "N", "frozen-phonon configurations; 0: atoms at rest", 0},
    {"dose", "E", "electrons per A^2 of the whole series; adds Poisson noise", 0},
    {"seed", "N", "seed of everything random", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_shorthand shorthands[] = {
    {"method", "stem.method"},   {"pixel", "stem.pixel_A"},
    {"size", "stem.size"},       {"margin", "stem.margin_A"},
    {"phonons", "stem.phonons"}, {"dose", "stem.dose_e_per_A2"},
    {"seed", "stem.seed"},       {NULL, NULL},
};

const aet_command aet_kind_simulate_stem = {
    .name = "simulate stem",
    .usage = "atoms.h5 -o tilt.h5",
    .summary = "ADF-STEM images by multislice or PRISM, with frozen phonons",
    .text =
        "Carries electron probes through an atom model, slice by slice, and counts what reaches\n"
        "an annular detector; images in fractions of the incident current. Tilts and\n"
        "configurations are spread over the ranks. Waves end at 2/3 of the Nyquist frequency; a\n"
        "detector beyond that is refused, stem.sampling_A = 0 chooses pixels that reach it.",
    .examples =
        "  aetlas simulate stem atoms.h5 --angles angles.mat --pixel 0.357 -o tilt.h5\n"
        "  aetlas simulate stem atoms.h5 --like measured.h5 --set stem.energy_keV=300 -o tilt.h5\n"
        "  aetlas simulate stem atoms.h5 --tilts 0:1:0 --method multislice \\\n"
        "      --set stem.window_A=16 -o image.h5",
    .min_inputs = 1,
    .max_inputs = 1,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .shorthands = shorthands,
    .tables = tables,
    .run = run,
};
