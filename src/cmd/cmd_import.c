#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/io/load.h"
#include "aetlas/io/nouns.h"
#include "cmd/command.h"
#include "describe.h"

static const aet_option options[] = {
    {"images", "FILE", "tilt series: MATLAB, MRC, TIFF, EMD or HDF5", 0},
    {"angles", "FILE",
     "its angles in degrees: MATLAB, .rawtlt, .tlt, .csv; theta, or phi, theta, psi", 0},
    {"volume", "FILE", "density: MATLAB, MRC, TIFF or HDF5", 0},
    {"atoms", "FILE", "positions: MATLAB (3 x N), XYZ, extended XYZ, text", 0},
    {"types", "FILE", "the type of each atom, when it stands in another file", 0},
    {"species", "A,B,..", "elements of types 1, 2, ...; for positions without types, their element",
     0},
    {"variable", "NAME", "which array of a MATLAB file (needed when several fit)", 0},
    {"dataset", "PATH", "which dataset of an HDF5 file (needed when several fit)", 0},
    {"angles-variable", "NAME", "which array of the file of angles", 0},
    {"types-variable", "NAME", "which array of the file of types", 0},
    {"pixel", "A",
     "pixel or voxel size in Angstrom (default: as the file says); atoms: unit of the positions",
     0},
    {"unit", "A|nm|pm", "unit of the positions (default: A)", 0},
    {"center", "com|none", "move the mean position of the atoms to the origin (default: none)", 0},
    {"min-distance", "A",
     "atoms nearer than this, in Angstrom, are an error (default: 1; 0: accept all)", 0},
    {"merge-below", "A", "make one atom of those nearer than this, in Angstrom", 0},
    {NULL, NULL, NULL, 0},
};

static const char *variable_of(const aet_args *args)
{
    const char *v = aet_args_get(args, "variable");
    return v ? v : aet_args_get(args, "dataset");
}

static aet_err import_tilt(aet_args *args, const char *path)
{
    aet_load_tilt_options o = {.variable = variable_of(args),
                               .angles = aet_args_get(args, "angles"),
                               .angles_variable = aet_args_get(args, "angles-variable")};
    aet_tilt *t = NULL;
    AET_TRY(aet_args_real(args, "pixel", 1e-4, 1e4, &o.pixel_A));
    AET_TRY(aet_load_tilt(args->comm, path, &o, &t));
    aet_err err = aet_tilt_write(args->comm, args->output, t);
    if (!err)
        describe_tilt(t);
    aet_tilt_free(&t);
    return err;
}

static aet_err import_volume(aet_args *args, const char *path)
{
    aet_load_volume_options o = {.variable = variable_of(args)};
    aet_volume *v = NULL;
    AET_TRY(aet_args_real(args, "pixel", 1e-4, 1e4, &o.pixel_A));
    AET_TRY(aet_load_volume(args->comm, path, &o, &v));
    aet_err err = aet_volume_write(args->comm, args->output, v);
    if (!err)
        describe_volume(v);
    aet_volume_free(&v);
    return err;
}

static aet_err unit_of(aet_args *args, double *unit_A)
{
    const char *unit = aet_args_get(args, "unit");
    *unit_A = 1.0;
    AET_TRY(aet_args_real(args, "pixel", 1e-4, 1e4, unit_A));
    if (!unit)
        return AET_OK;
    AET_CHECK(!aet_args_get(args, "pixel"), AET_ERR_USAGE,
              "--unit and --pixel exclude each other: with --pixel the positions are in voxels");
    if (aet_str_same(unit, "nm"))
        *unit_A = 10.0;
    else if (aet_str_same(unit, "pm"))
        *unit_A = 0.01;
    else
        AET_CHECK(aet_str_same(unit, "A"), AET_ERR_USAGE, "--unit %s: expected A, nm or pm", unit);
    return AET_OK;
}

static aet_err import_atoms(aet_args *args, const char *path)
{
    aet_load_atoms_options o = {.variable = variable_of(args),
                                .types = aet_args_get(args, "types"),
                                .types_variable = aet_args_get(args, "types-variable"),
                                .min_distance_A = 1.0};
    const char *species = aet_args_get(args, "species"), *center = aet_args_get(args, "center");
    aet_atoms *a = NULL;
    AET_TRY(unit_of(args, &o.unit_A));
    AET_TRY(aet_args_real(args, "min-distance", 0.0, 100.0, &o.min_distance_A));
    AET_TRY(aet_args_real(args, "merge-below", 0.0, 100.0, &o.merge_below_A));
    AET_CHECK(!center || aet_str_same(center, "com") || aet_str_same(center, "none"), AET_ERR_USAGE,
              "--center %s: expected com or none", center);
    o.center = center && aet_str_same(center, "com");
    if (species)
        AET_TRY(aet_element_list(species, o.species, &o.n_species));
    AET_TRY(aet_load_atoms(args->comm, path, &o, &a));
    aet_err err = aet_atoms_write(args->comm, args->output, a);
    if (!err)
        err = describe_atoms(a);
    aet_atoms_free(&a);
    return err;
}

/* Options that only make sense with one kind of input. */
static aet_err check_words(const aet_args *args, const char *kind)
{
    static const struct {
        const char *option, *kind;
    } only[] = {
        {"angles", "images"},        {"angles-variable", "images"}, {"types", "atoms"},
        {"types-variable", "atoms"}, {"species", "atoms"},          {"unit", "atoms"},
        {"center", "atoms"},         {"min-distance", "atoms"},     {"merge-below", "atoms"}};
    for (size_t i = 0; i < sizeof only / sizeof *only; i++)
        AET_CHECK(!aet_args_get(args, only[i].option) || aet_str_same(only[i].kind, kind),
                  AET_ERR_USAGE, "--%s belongs to --%s, not to --%s", only[i].option, only[i].kind,
                  kind);
    return AET_OK;
}

static aet_err run(aet_args *args)
{
    const char *images = aet_args_get(args, "images"), *volume = aet_args_get(args, "volume");
    const char *atoms = aet_args_get(args, "atoms");
    AET_CHECK((images != NULL) + (volume != NULL) + (atoms != NULL) == 1, AET_ERR_USAGE,
              "give one of --images, --volume or --atoms");
    AET_TRY(check_words(args, images ? "images" : volume ? "volume" : "atoms"));
    return images   ? import_tilt(args, images)
           : volume ? import_volume(args, volume)
                    : import_atoms(args, atoms);
}

const aet_command aet_cmd_import = {
    .name = "import",
    .group = "files",
    .usage = "--images FILE --angles FILE [--pixel A] -o tilt.h5 | "
             "--volume FILE [--pixel A] -o volume.h5 | "
             "--atoms FILE [--types FILE] [--species A,B,..] -o atoms.h5",
    .summary = "MATLAB, MRC, TIFF, EMD, XYZ, text become tilt.h5, volume.h5 or atoms.h5",
    .text = "Formats are told by content. An array (Nx,Ny,n) of MATLAB becomes n images: its\n"
            "first dimension is x, the second is y, the tilt axis; a volume (Nx,Ny,Nz) likewise.\n"
            "What cannot be right is refused and named: pixels that are not finite, more or fewer\n"
            "angles than images or types than atoms, atoms nearer than --min-distance.\n"
            "\n"
            "Types are 1, 2, ... in the order of --species, or atomic numbers. Without --types\n"
            "they are looked for in the file of the positions. With --pixel, positions are in\n"
            "voxels of that size.",
    .examples =
        "  aetlas import --images series.mat --angles angles.mat --pixel 0.3216 -o tilt.h5\n"
        "  aetlas import --images stack.mrc --angles stack.rawtlt -o tilt.h5\n"
        "  aetlas import --atoms model.mat --types types.mat --species Ni,Pt -o atoms.h5\n"
        "  aetlas import --volume recon.mrc -o volume.h5",
    .max_inputs = 0,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .run = run,
};
