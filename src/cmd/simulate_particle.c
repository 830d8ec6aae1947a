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
    {"shape", "NAME",
     "octahedron, truncated, cuboctahedron, cube, sphere, concave, random or dumbbell", 0},
    {"size", "N", "atoms along an edge; of a sphere or lobe: its diameter in A", 0},
    {"cut", "N", "layers cut off each corner of a truncated octahedron", 0},
    {"lattice", "A", "cubic lattice constant in Angstrom", 0},
    {"species", "A,B", "elements, e.g. Ni,Pt", 0},
    {"fraction", "X", "atomic fraction of each element but the last", 0},
    {"surface-fraction", "X", "fraction of the first element at the surface", 0},
    {"shell", "N", "outermost layers made of the last element alone", 0},
    {"profile", "LIST", "fraction of the first element by layer, or by depth: 0:0.1,8:0.5", 0},
    {"csro", "X", "chemical short-range order of nearest neighbours, reached by swaps", 0},
    {"structure", "NAME", "fcc or amorphous", 0},
    {"fault", "NAME", "twin, intrinsic or extrinsic: a fault on a (111) plane", 0},
    {"vegard", "LIST", "lattice constants of the elements, e.g. Ni:3.524,Pt:3.912; relaxed", 0},
    {"vacancies", "X", "fraction of the sites left empty", 0},
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
    {"profile", "particle.profile"},
    {"csro", "particle.csro"},
    {"structure", "particle.structure"},
    {"fault", "particle.fault"},
    {"vegard", "particle.vegard_A"},
    {"vacancies", "particle.vacancies"},
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
    .text = "A piece of fcc crystal: closed-shell polyhedra, spheres, an octahedron with hollow\n"
            "faces, two lobes with a twin boundary or stacking fault between them, or a random\n"
            "smooth shape of given volume; or an amorphous packing of such a shape. With exact\n"
            "composition, by fractions, layers or depth; chemical order by swaps; strain from\n"
            "the elements' lattice constants and a relaxed surface; vacancies, displacements and\n"
            "any orientation. The options are short for the parameters that are used most.",
    .examples =
        "  aetlas simulate particle --size 12 --species Ni,Pt --fraction 0.4 -o atoms.h5\n"
        "  aetlas simulate particle --size 20 --profile 0.05,0.2,0.5 --csro -0.1 -o atoms.h5\n"
        "  aetlas simulate particle --shape dumbbell --size 35 --fault extrinsic --species Pt \\\n"
        "      --lattice 3.912 --rotate random -o dumbbell.h5\n"
        "  aetlas simulate particle --shape random --structure amorphous --species Pt \\\n"
        "      --lattice 3.912 --seed 7 -o amorphous.h5",
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .shorthands = shorthands,
    .tables = tables,
    .run = run,
};
