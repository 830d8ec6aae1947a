#include "aetlas/base/log.h"
#include "aetlas/campaign/tracing.h"
#include "aetlas/data/elements.h"
#include "aetlas/io/nouns.h"
#include "cmd/command.h"
#include "cmd/describe.h"
#include <math.h>

static aet_err read_species(const aet_args *args, int z[AET_TRACE_SPECIES_MAX], int *n)
{
    const char *text = aet_args_get(args, "species");
    AET_CHECK(text, AET_ERR_USAGE,
              "trace needs --species: the elements by rising atomic number, as in --species Ni,Pt");
    return aet_error_frame(aet_element_list(text, z, n), "--species %s", text);
}

static void print_species(const aet_trace_report *r)
{
    for (int s = 0; s < r->n_species; s++) {
        const char *name = aet_element_symbol(r->z[s]);
        aet_out("%s_atoms = %d\n%s_intensity = %.6g\n%s_intensity_deviation = %.6g\n", name,
                r->count[s], name, r->mean[s], name, r->deviation[s]);
    }
    if (r->n_species > 1)
        aet_out("separation = %.4f\nlocally_changed = %d\n", r->separation, r->changed);
}

static void print_scalar(const aet_atoms *a, const char *scalar, const char *key)
{
    double value;
    if (aet_atoms_find_scalar(a, scalar, &value))
        aet_out("%s = %.6g\n", key, value);
}

static void print(const aet_trace_report *r, const aet_atoms *a)
{
    aet_out("atoms = %d\n", r->atoms);
    print_species(r);
    aet_out("mean_p_species = %.4f\nuncertain = %d\n", r->mean_p, r->uncertain);
    aet_out("candidates = %d\nthreshold = %.6g\n", r->candidates, r->threshold);
    aet_out("dropped_too_near = %d\ndropped_no_hill = %d\ndropped_outside = %d\n", r->too_near,
            r->no_fit, r->outside);
    aet_out("dropped_badly_bound = %d\ndropped_nonatom_class = %d\n", r->badly_bound, r->weak);
    aet_out("layers = %d\nfrom_layers = %d\n", r->layers, r->from_layers);
    if (r->has_nonatom_class)
        aet_out("nonatom_intensity = %.6g\n", r->nonatom_mean);
    aet_out("width_A = %.4f %.4f %.4f\npasses = %d\nlast_move_pm = %.4f\n", r->width_A[0],
            r->width_A[1], r->width_A[2], r->passes, 100 * r->last_move_A);
    print_scalar(a, "trace_width_A", "atom_width_A");
    print_scalar(a, "trace_added", "added_by_hand");
    print_scalar(a, "trace_removed", "removed_by_hand");
    print_scalar(a, "trace_set", "set_by_hand");
}

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    aet_trace_params p;
    aet_trace_report report = {0};
    aet_volume *v = NULL;
    aet_atoms *atoms = NULL;
    const char *edits = aet_args_get(args, "edits");
    int z[AET_TRACE_SPECIES_MAX], n;
    double planned, seconds;

    AET_TRY(read_species(args, z, &n)); /* the same words on every rank */
    AET_TRY(aet_args_params(args, &aet_trace_table, &p));
    AET_GO(aet_volume_read(args->comm, args->inputs[0], &v));
    AET_GO(aet_tracing(v, z, n, &p, edits ? edits : "", &atoms, &report));
    AET_GO(aet_atoms_write(args->comm, args->output, atoms));
    print(&report, atoms);
    aet_trace_memory((const int[]){v->nx, v->ny, v->nz}, v->voxel_A, atoms->n, &p, args->size,
                     &planned, &seconds);
    describe_memory(args->comm, planned);
done:
    aet_volume_free(&v);
    aet_atoms_free(&atoms);
    return err;
}

static const aet_option options[] = {
    {"species", "LIST", "elements by rising atomic number, e.g. Ni,Pt", 0},
    {"edits", "FILE", "corrections by hand: lines add, remove or set", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_param_table *const tables[] = {&aet_trace_table, NULL};

const aet_command aet_cmd_trace = {
    .name = "trace",
    .group = "stages",
    .usage = "volume.h5 -o atoms.h5 --species Ni,Pt",
    .summary = "volume -> atoms: peaks, sub-voxel positions, species",
    .text =
        "Finds the atoms of a reconstructed volume. Candidates are where the smoothed volume\n"
        "bends most (maxima of minus its Laplacian), which keeps atoms apart that a missing\n"
        "wedge has drawn together; trace.blob_A, the smoothing, is best at about 0.7 of the\n"
        "atoms' width (width_A below). They are fitted all together as Gaussians of shared\n"
        "widths, so that overlapping atoms do not pull each other; then they are told apart by\n"
        "intensity into the species given and, where the intensities show one, a class of\n"
        "non-atoms; last, each is checked against the atoms around it (trace.local_A). Peaks\n"
        "outside the boundary of the particle (Otsu threshold of the strongly smoothed volume)\n"
        "are dropped; for films without vacuum around them use --set trace.boundary=false.\n"
        "\n"
        "Positions are in Angstrom from the voxel (nx/2, ny/2, nz/2). Each atom keeps its\n"
        "intensity, class margin, the probability of its species (and whether that is below\n"
        "trace.certain), peak density and strength, and the height, widths and misfit of its\n"
        "Gaussian. The result does not depend on the number of ranks.\n"
        "\n"
        "Other ways, each a parameter: one Gaussian per atom in the best of several boxes\n"
        "(trace.method=boxes), a second pass over the atomic layers of an fcc crystal\n"
        "(trace.second_pass=true), species by mean cubes of voxels (trace.classes=cubes),\n"
        "candidates without a threshold for small particles (trace.detect=pieces), or maxima\n"
        "of the density itself (trace.detect=maxima).\n"
        "\n"
        "--edits FILE corrects the result by hand. One line each, # starts a comment,\n"
        "positions in Angstrom as written:\n"
        "  add x y z Element       remove x y z [radius]       set x y z Element\n"
        "The column origin tells atoms traced (1), found in the second pass (2) and added by\n"
        "hand (3). A campaign takes the file from the column `edits` of its particle table.\n"
        "\n"
        "stdout: atoms; per species the number, the mean intensity and its deviation; the mean\n"
        "probability of the species; separation (Ashman's D: above 4 hardly any atom is\n"
        "mistaken); how many candidates were dropped and why; the widths of the Gaussian, and\n"
        "of the mean atom without the axis in the missing wedge, in Angstrom; the memory of the\n"
        "fullest rank, as planned and as taken.",
    .examples = "  aetlas trace volume.h5 -o atoms.h5 --species Ni,Pt\n"
                "  aetlas trace film.h5 -o atoms.h5 --species Ta --set trace.boundary=false\n"
                "  aetlas trace volume.h5 -o atoms.h5 --species Ni,Pt --edits by_hand.txt",
    .min_inputs = 1,
    .max_inputs = 1,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .tables = tables,
    .run = run,
};
