#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "aetlas/simulate/particle.h"
#include "cmd/simulate_kinds.h"

static aet_err run(aet_args *args)
{
    aet_particle_params p;
    aet_atoms *a = NULL;
    AET_TRY(aet_args_params(args, &aet_particle_table, &p));
    AET_TRY(AET_AGREE(args->comm, aet_particle_build(&p, &a)));
    aet_err err = aet_atoms_write(args->comm, args->output, a);
    if (err == AET_OK)
        aet_simulate_say_model(a);
    aet_atoms_free(&a);
    return err;
}

static const aet_option options[] = {
    {"shape", "NAME", "octahedron, truncated, cuboctahedron, cube or sphere", 0},
    {"size", "N", "atoms along an edge; of a sphere: its diameter in A", 0},
    {"cut", "N", "layers cut off each corner of a truncated octahedron", 0},
    {"lattice", "A", "cubic lattice constant in Angstrom", 0},
    {"species", "A,B", "elements, e.g. Ni,Pt", 0},
    {"fraction", "X", "atomic fraction of each element but the last", 0},
    {"surface-fraction", "X", "fraction of the first element at the surface", 0},
    {"shell", "N", "outermost layers made of the last element alone", 0},
    {"displacement", "A", "rms random displacement of an atom in Angstrom", 0},
    {"rotate", "PHI,THETA,PSI", "turned by these angles in degrees, or `random`", 0},
    {"seed", "N", "seed of everything random", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_shorthand shorthands[] = {
    {"shape", "particle.shape"},
    {"size", "particle.size"},
    {"cut", "particle.cut"},
    {"lattice", "particle.lattice_A"},
    {"species", "particle.species"},
    {"fraction", "particle.fraction"},
    {"surface-fraction", "particle.surface_fraction"},
    {"shell", "particle.shell"},
    {"displacement", "particle.displacement_A"},
    {"rotate", "particle.rotate"},
    {"seed", "particle.seed"},
    {NULL, NULL},
};

static const aet_param_table *const tables[] = {&aet_particle_table, NULL};

const aet_command aet_kind_simulate_particle = {
    .name = "simulate particle",
    .usage = "-o atoms.h5",
    .summary = "a model particle: shape, composition, order, displacements, orientation",
    .text = "Builds a closed-shell fcc particle: shape, exact composition, enriched surface or\n"
            "shell, random displacements, any orientation. The options are short for the\n"
            "parameters that are used most.",
    .examples = "  aetlas simulate particle --size 12 --species Ni,Pt --fraction 0.4 -o atoms.h5",
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .shorthands = shorthands,
    .tables = tables,
    .run = run,
};
