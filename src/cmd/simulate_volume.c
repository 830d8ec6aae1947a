#include "aetlas/base/log.h"
#include "aetlas/io/nouns.h"
#include "aetlas/simulate/project.h"
#include "cmd/simulate_kinds.h"

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    aet_simulate_params p;
    aet_atoms *a = NULL;
    aet_volume *v = NULL;
    AET_TRY(aet_args_params(args, &aet_simulate_table, &p));
    AET_GO(aet_load_atoms(args->comm, args->inputs[0], &aet_simulate_as_is, &a));
    AET_GO(aet_simulate_volume(args->comm, a, &p, &v));
    AET_GO(aet_volume_write(args->comm, args->output, v));
    aet_simulate_say_model(a);
    aet_out("voxels = %d %d %d\nvoxel_A = %.10g\n", v->nx, v->ny, v->nz, v->voxel_A);
done:
    aet_volume_free(&v);
    aet_atoms_free(&a);
    return err;
}

static const aet_option options[] = {
    {"pixel", "A", "voxel size in Angstrom", 0},
    {"sigma", "A", "Gaussian width of the atoms in Angstrom: 0.6, or Ni:0.6,Pt:0.7", 0},
    {"size", "N", "voxels of a side", 0},
    {"margin", "A", "empty rim in Angstrom where the size is automatic", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_shorthand shorthands[] = {
    {"pixel", "simulate.pixel_A"},
    {"sigma", "simulate.sigma_A"},
    {"size", "simulate.size"},
    {"margin", "simulate.margin_A"},
    {NULL, NULL},
};

static const aet_param_table *const tables[] = {&aet_simulate_table, NULL};

const aet_command aet_kind_simulate_volume = {
    .name = "simulate volume",
    .usage = "atoms.h5 -o volume.h5",
    .summary = "the true volume of a model",
    .text = "The blurred potential of the model on a grid, in V: what a perfect reconstruction\n"
            "of the noise-free series gives, up to the factor of the voxel length.",
    .examples = "  aetlas simulate volume atoms.h5 --pixel 0.357 -o truth.h5",
    .min_inputs = 1,
    .max_inputs = 1,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .shorthands = shorthands,
    .tables = tables,
    .run = run,
};
