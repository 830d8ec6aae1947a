#include "aetlas/analyse/analyse.h"
#include "aetlas/base/log.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/io/figures.h"
#include "aetlas/io/load.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "cmd/command.h"

enum { MAP_PIXELS = 720 };

static aet_err write_figures(const aet_args *args, const aet_atoms *a)
{
    const char *dir = aet_args_get(args, "figures");
    if (!dir)
        return AET_OK;
    aet_figures *f = aet_figures_new(AET_FIGURES_PARTICLE);
    aet_figures_add(f, a, "", "", 0);
    aet_err err = aet_figures_draw(args->comm, f, dir);
    aet_figures_free(&f);
    AET_TRY(err);
    return AET_AGREE(args->comm,
                     args->rank == 0 ? aet_figure_maps_write(a, true, MAP_PIXELS, dir) : AET_OK);
}

static aet_err write_maps(const aet_args *args, const aet_atoms *a, const aet_analyse_params *p)
{
    const char *path = aet_args_get(args, "maps");
    aet_maps *maps = NULL;
    if (!path)
        return AET_OK;
    AET_TRY(aet_strain_maps(args->comm, a, p, &maps));
    aet_err err = aet_maps_write(args->comm, path, maps);
    aet_maps_free(&maps);
    return err;
}

/* An atoms file of ours, or a foreign one as it stands; `import` knows more ways to read these. */
static aet_err read_atoms(const aet_args *args, aet_atoms **a)
{
    aet_load_atoms_options o = {.types = aet_args_get(args, "types")};
    const char *species = aet_args_get(args, "species");
    if (species)
        AET_TRY(aet_element_list(species, o.species, &o.n_species));
    return aet_load_atoms(args->comm, args->inputs[0], &o, a);
}

/* A tomogram is there for one thing. */
static aet_err read_volume(const aet_args *args, aet_analyse_params *p, aet_volume **v)
{
    const aet_load_volume_options o = {0};
    if (!aet_args_get(args, "volume"))
        return AET_OK;
    p->surface = AET_SURFACE_BY_MASK;
    return aet_load_volume(args->comm, aet_args_get(args, "volume"), &o, v);
}

static aet_err run(aet_args *args)
{
    aet_analyse_params params;
    aet_atoms *a = NULL;
    aet_volume *v = NULL;
    aet_err err = AET_OK;
    AET_GO(aet_args_params(args, &aet_analyse_table, &params));
    AET_GO(read_atoms(args, &a));
    AET_GO(read_volume(args, &params, &v));
    AET_GO(aet_error_frame(aet_analyse_with(args->comm, a, v, &params), "%s", args->inputs[0]));
    if (args->output)
        AET_GO(aet_atoms_write(args->comm, args->output, a));
    AET_GO(write_figures(args, a));
    AET_GO(write_maps(args, a, &params));
    for (int k = 0; k < a->n_scalars; k++)
        aet_out("%s = %.10g\n", a->scalars[k].name, a->scalars[k].value);
done:
    aet_volume_free(&v);
    aet_atoms_free(&a);
    return err;
}

static const aet_option options[] = {
    {.name = "types",
     .value = "FILE",
     .help = "of a MATLAB model: the file with the type of each atom"},
    {.name = "species",
     .value = "A,B,..",
     .help = "of a foreign model: elements of its types 1, 2, ..."},
    {.name = "figures",
     .value = "DIR",
     .help = "draw the standard figures and pictures of the atoms by their measures into DIR"},
    {.name = "volume",
     .value = "FILE",
     .help = "the tomogram: surface atoms by its boundary (analyse.surface=mask)"},
    {.name = "maps",
     .value = "FILE.h5",
     .help = "displacements and strain on a grid into FILE.h5 (export turns it to .xdmf)"},
    {0},
};
static const aet_param_table *const tables[] = {&aet_analyse_table, NULL};

const aet_command aet_cmd_analyse = {
    .name = "analyse",
    .group = "stages",
    .output = AET_MAY_OUTPUT,
    .usage = "atoms.h5 [-o measures.h5] [--volume FILE] [--figures DIR] [--maps FILE.h5]",
    .summary = "atoms -> measures: lattice, surface, facets, chemistry, strain, activity",
    .text =
        "Fits an fcc lattice to the atoms of each grain, finds neighbours, surface atoms and "
        "depths, and\n"
        "from these\n"
        "  chemistry  composition and short-range order of the whole, the surface, the core and\n"
        "             against depth; enrichment over shells; the width of an interface\n"
        "  shape      area, volume and sphericity of the surface mesh; layers; facets {100},\n"
        "             {110}, {111} in three ways; curvature\n"
        "  order      pair distribution, Q4 and Q6, centrosymmetry, fcc and hcp, twins and\n"
        "             stacking faults; crystallinity (analyse.crystallinity=yes)\n"
        "  grains     lattices of several grains and twins, how they are turned against each\n"
        "             other; close-packed layers one by one\n"
        "  strain     of first shells, and the tensor of the smoothed displacements, also on a\n"
        "             grid (--maps)\n"
        "  activity   generalised coordination with strain and ligands, and by a volcano\n"
        "             ln(j / j_Pt(111)) at every surface atom of analyse.active\n"
        "\n"
        "What each name means stands with it in the file (aetlas info measures.h5).\n"
        "\n"
        "The scalars are printed. measures.h5 is the model with a column per atom for each\n"
        "measure, the scalars and the curves; it can be exported like any atoms file. With\n"
        "--figures profiles against depth, histograms and curves are drawn by gnuplot as SVG\n"
        "and PNG, with their numbers as CSV beside them (without gnuplot there is the CSV\n"
        "alone), and the atoms as PNG, coloured by element, facet, order, strain, activity.",
    .examples = "  aetlas analyse atoms.h5 -o measures.h5 --figures figures\n"
                "  aetlas analyse atoms.h5 --set analyse.cutoff=lattice\n"
                "  mpirun -n 4 aetlas analyse atoms.h5 -o measures.h5 --set analyse.depth_bin_A=1",
    .min_inputs = 1,
    .max_inputs = 1,
    .options = options,
    .tables = tables,
    .run = run,
};
