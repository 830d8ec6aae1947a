#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/nouns.h"
#include "aetlas/simulate/series.h"
#include "cmd/simulate_kinds.h"

static const aet_param_table *const tables[] = {&aet_series_table, &aet_simulate_table, NULL};

/* Collective.  What a perfect preparation would make of the series: its frame, the true angles, no
 * noise. */
static aet_err write_truth(const aet_args *args, const aet_atoms *a, const aet_raw *r,
                           aet_simulate_params p, const char *path)
{
    aet_tilt *t = NULL;
    p.dose_e_per_A2 = 0;
    p.size = r->nx;
    p.size_y = r->ny;
    AET_TRY(
        aet_simulate_tilt(args->comm, a, (const double(*)[3])r->truth->angles_deg, r->n, &p, &t));
    aet_err err = aet_tilt_write(args->comm, path, t);
    aet_tilt_free(&t);
    return err;
}

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    aet_simulate_params p;
    aet_series_params s;
    aet_atoms *a = NULL;
    aet_raw *r = NULL;
    double(*angles_deg)[3] = NULL;
    const char *truth = aet_args_get(args, "truth");
    int n = 0;
    AET_GO(aet_simulate_angles(args, "simulate", &angles_deg, &n));
    AET_GO(aet_args_params(args, &aet_simulate_table, &p));
    AET_GO(aet_args_params(args, &aet_series_table, &s));
    AET_GO(aet_load_atoms(args->comm, args->inputs[0], &aet_simulate_as_is, &a));
    AET_GO(aet_simulate_series(args->comm, a, (const double(*)[3])angles_deg, n, &p, &s, &r));
    AET_GO(aet_raw_write(args->comm, args->output, r));
    if (truth)
        AET_GO(write_truth(args, a, r, p, truth));
    aet_simulate_say_model(a);
    aet_out("tilts = %d\nframes = %d\npixels = %d %d\npixel_A = %.10g\n", r->n, r->frames, r->nx,
            r->ny, r->pixel_A);
done:
    aet_raw_free(&r);
    aet_atoms_free(&a);
    aet_release(&angles_deg);
    return err;
}

static const aet_option options[] = {
    AET_SIMULATE_ANGLE_OPTIONS,
    {"truth", "FILE",
     "also a tilt.h5 of the same size without any fault: true angles, no noise, no drift", 0},
    {"pixel", "A", "pixel size in Angstrom", 0},
    {"sigma", "A", "Gaussian width of the atoms in Angstrom: 0.6, or Ni:0.6,Pt:0.7", 0},
    {"size", "N", "pixels of a side", 0},
    {"margin", "A", "empty rim in Angstrom where the size is automatic", 0},
    {"dose", "E", "electrons per A^2 of the whole series, all frames of all tilts", 0},
    {"frames", "N", "frames at each tilt", 0},
    {"seed", "N", "seed of everything random", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_shorthand shorthands[] = {
    {"pixel", "simulate.pixel_A"}, {"sigma", "simulate.sigma_A"},
    {"size", "simulate.size"},     {"margin", "simulate.margin_A"},
    {"frames", "series.frames"},   {"dose", "simulate.dose_e_per_A2"},
    {"seed", "simulate.seed"},     {NULL, NULL},
};

const aet_command aet_kind_simulate_series = {
    .name = "simulate series",
    .usage = "atoms.h5 -o raw.h5",
    .summary = "a raw series: frames with drift, scan distortion, background and noise",
    .text =
        "What a microscope would have written of an atom model: several frames at each tilt,\n"
        "with stage shifts, drift, scan distortion and line jitter, the scattering of a film,\n"
        "counted electrons and a detector with dark level and noise. raw.h5 holds\n"
        "/raw/frames [tilt][frame][y][x] and the nominal angles, and in /truth the true angles\n"
        "and where each frame shows the specimen; `--truth` writes the faultless tilt series.\n"
        "Atoms are sampled where the probe really is, so nothing is lost by interpolation.",
    .examples = "  aetlas simulate series atoms.h5 --tilts -65:3:65 --dose 3.4e5 -o raw.h5\n"
                "  aetlas simulate series atoms.h5 --like tilt.h5 --dose 3e5 --frames 4 --truth "
                "t.h5 -o raw.h5\n"
                "  aetlas simulate series atoms.h5 --tilts -60:5:60 --dose 1e5 --set "
                "series.scan_shear=0.01 -o raw.h5",
    .min_inputs = 1,
    .max_inputs = 1,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .shorthands = shorthands,
    .tables = tables,
    .run = run,
};
