#include "aetlas/base/log.h"
#include "aetlas/data/elements.h"
#include "aetlas/io/nouns.h"
#include "aetlas/trace/trace.h"
#include "cmd/command.h"
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

static void print(const aet_trace_report *r)
{
    aet_out("atoms = %d\n", r->atoms);
    print_species(r);
    aet_out("candidates = %d\nthreshold = %.6g\n", r->candidates, r->threshold);
    aet_out("dropped_too_near = %d\ndropped_no_hill = %d\ndropped_outside = %d\n", r->too_near,
            r->no_fit, r->outside);
    aet_out("dropped_nonatom_class = %d\n", r->weak);
    if (r->has_nonatom_class)
        aet_out("nonatom_intensity = %.6g\n", r->nonatom_mean);
    aet_out("width_A = %.4f %.4f %.4f\npasses = %d\nlast_move_pm = %.4f\n", r->width_A[0],
            r->width_A[1], r->width_A[2], r->passes, 100 * r->last_move_A);
}

/* The figures of the report, into the model. */
static void keep_figures(const aet_trace_report *r, aet_atoms *a)
{
    aet_atoms_add_scalar(a, "trace_separation", r->separation, "1",
                         "least distance of two species' mean intensities / their deviation");
    aet_atoms_add_scalar(a, "trace_candidates", r->candidates, "1", "local maxima looked at");
    aet_atoms_add_scalar(a, "trace_too_near", r->too_near, "1",
                         "dropped: nearer than the minimum distance to a stronger peak");
    aet_atoms_add_scalar(a, "trace_no_hill", r->no_fit, "1",
                         "dropped: nothing left once the neighbours are taken out");
    aet_atoms_add_scalar(a, "trace_outside", r->outside, "1",
                         "dropped: outside the boundary of the particle");
    aet_atoms_add_scalar(a, "trace_nonatom_class", r->weak, "1",
                         "dropped: in the class of non-atoms");
}

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    aet_trace_params p;
    aet_trace_report report = {0};
    aet_volume *v = NULL;
    aet_atoms *atoms = NULL;
    int z[AET_TRACE_SPECIES_MAX], n;

    AET_TRY(read_species(args, z, &n)); /* the same words on every rank */
    AET_TRY(aet_args_params(args, &aet_trace_table, &p));
    AET_GO(aet_volume_read(args->comm, args->inputs[0], &v));
    AET_GO(aet_trace(v, z, n, &p, &atoms, &report));
    keep_figures(&report, atoms);
    AET_GO(aet_atoms_write(args->comm, args->output, atoms));
    print(&report);
done:
    aet_volume_free(&v);
    aet_atoms_free(&atoms);
    return err;
}

static const aet_option options[] = {
    {"species", "LIST", "elements by rising atomic number, e.g. Ni,Pt", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_param_table *const tables[] = {&aet_trace_table, NULL};

const aet_command aet_cmd_trace = {
    .name = "trace",
    .group = "stages",
    .usage = "volume.h5 -o atoms.h5 --species Ni,Pt",
    .summary = "volume -> atoms: peaks, sub-voxel positions, species",
    .text = "Finds the atoms of a reconstructed volume. Local maxima of the slightly smoothed\n"
            "volume are fitted all together as Gaussians of shared widths, so that overlapping\n"
            "atoms do not pull each other; then they are told apart by intensity into the species\n"
            "given and, where the intensities show one, a class of non-atoms; last, each is\n"
            "checked against the atoms around it (trace.local_A). Peaks outside the boundary of\n"
            "the particle (Otsu threshold of the strongly smoothed volume) are dropped; for films\n"
            "without vacuum around them use --set trace.boundary=false.\n"
            "\n"
            "Positions are in Angstrom from the voxel (nx/2, ny/2, nz/2). Each atom keeps its\n"
            "intensity, class margin, peak density, and the height, widths and misfit of its\n"
            "Gaussian. The result does not depend on the number of ranks.\n"
            "\n"
            "stdout: atoms; per species the number, the mean intensity and its deviation;\n"
            "separation (Ashman's D: above 4 hardly any atom is mistaken); how many candidates\n"
            "were dropped and why; the widths of the Gaussian in Angstrom.",
    .examples = "  aetlas trace volume.h5 -o atoms.h5 --species Ni,Pt\n"
                "  aetlas trace film.h5 -o atoms.h5 --species Ta --set trace.boundary=false",
    .min_inputs = 1,
    .max_inputs = 1,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .tables = tables,
    .run = run,
};
