#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/str.h"
#include "aetlas/campaign/precision.h"
#include "aetlas/io/load.h"
#include "aetlas/io/nouns.h"
#include "cmd/command.h"

static aet_err save(const aet_args *args, const aet_precision_result *r)
{
    const char *found = aet_args_get(args, "found"), *images = aet_args_get(args, "images");
    const char *figures = aet_args_get(args, "figures");
    char title[AET_TEXT_MAX];
    if (found)
        AET_TRY(aet_atoms_write(args->comm, found, r->found));
    if (images)
        AET_TRY(aet_tilt_write(args->comm, images, r->images));
    AET_TRY(aet_atoms_write(args->comm, args->output, r->model));
    aet_path_stem(args->inputs[0], title, sizeof title);
    return figures ? aet_precision_figures(args->comm, r->model, title, figures, "") : AET_OK;
}

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    const aet_load_atoms_options as_is = {0};
    aet_precision_recipe recipe;
    aet_precision_result result = {NULL, NULL, NULL};
    aet_atoms *model = NULL;
    aet_tilt *measured = NULL;
    char work[AET_PATH_MAX];
    AET_TRY(aet_precision_load(args->config, &recipe));
    aet_fmt(work, sizeof work, "%s.work", args->output);
    AET_GO(aet_load_atoms(args->comm, args->inputs[0], &as_is, &model));
    AET_GO(aet_tilt_read(args->comm, args->inputs[1], &measured));
    AET_GO(aet_precision_run(args->comm, model, measured, &recipe, work, &result));
    AET_GO(save(args, &result));
    aet_precision_forget(args->comm, work);
    for (int k = 0; k < result.model->n_scalars; k++)
        aet_out("%s = %.6g\n", result.model->scalars[k].name, result.model->scalars[k].value);
done:
    aet_precision_free(&result);
    aet_atoms_free(&model);
    aet_tilt_free(&measured);
    return err;
}

static const aet_option options[] = {
    {"found", "FILE", "also write the atoms that were traced in the reconstruction", 0},
    {"images", "FILE", "also write the simulated tilt series, blurred and with noise", 0},
    {"figures", "DIR", "draw the histogram of displacements, and figures by depth, into DIR", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_param_table *const tables[] = {
    &aet_precision_table, &aet_stem_table, &aet_simulate_table, &aet_recon_table,
    &aet_trace_table,     &aet_fit_table,  &aet_analyse_table,  NULL};

const aet_command aet_cmd_precision = {
    .name = "precision",
    .group = "stages",
    .usage = "atoms.h5 tilt.h5 -o precision.h5",
    .summary = "how far an atom model can be trusted: position error and identification rate",
    .text =
        "Takes the model for the truth: simulates its images at the angles of the measured\n"
        "series, reconstructs and traces them as the measured ones were, and compares what is\n"
        "found with the model. tilt.h5 is the series that the model came from; [reconstruct],\n"
        "[trace] and [fit] should be what it came by.\n"
        "\n"
        "Images: precision.images = prism or multislice with frozen phonons ([stem] has\n"
        "microscope, detector, sampling and phonons), or linear ([simulate]) for an answer in\n"
        "seconds. They are blurred by the Gaussian that makes them most like the measured ones,\n"
        "and get Poisson noise: of precision.dose_e_per_A2, or (-1) as much as the measured\n"
        "images hold beyond the Nyquist circle, which is less than they were taken with once\n"
        "they have been denoised.\n"
        "\n"
        "With precision.fit = yes, and in a campaign with campaign.fit, the traced atoms are then\n"
        "refined against the simulated images ([fit]; aetlas help fit). In ADF images a light\n"
        "atom has a fraction of a heavy one's height, and in the volume it drowns in what the\n"
        "missing angles leave around those: of a PtNi particle of 4281 atoms in 57 PRISM images\n"
        "tracing found all platinum and 71 % of the nickel, 94.3 % in all; the fit then 98.4 %.\n"
        "\n"
        "Common atoms are mutual nearest ones nearer than half the nearest-neighbour distance,\n"
        "after a global translation is taken out. stdout: identification (by position, and with\n"
        "the right species), rmsd_pm, lost and false atoms, the same for every species, the\n"
        "surface layer and the core, and the blur. precision.h5 is the model with the\n"
        "displacement of every atom, these numbers, and curves: displacements,\n"
        "precision_layers, image_match (aetlas export precision.h5 --curve displacements).\n"
        "\n"
        "Tilts times configurations are spread over the ranks. Finished ones are kept in\n"
        "precision.h5.work, as is the state of the reconstruction: run the same command again\n"
        "after a stop (SIGTERM, SIGUSR1, a file named `stop`: status 7), a time limit or a\n"
        "crash. The folder goes when the result is written. What it will take is told at the\n"
        "start, the time left while it runs.",
    .examples =
        "  aetlas precision atoms.h5 tilt.h5 -o precision.h5 --figures figures -c particle.ini\n"
        "  aetlas precision atoms.h5 tilt.h5 -o quick.h5 --set precision.images=linear\n"
        "  aetlas precision atoms.h5 tilt.h5 -o fit.h5 --set precision.fit=yes\n"
        "  mpirun -n 64 aetlas precision atoms.h5 tilt.h5 -o precision.h5 \\\n"
        "      --set stem.interpolation=2 --set stem.phonons=16 --set stem.c5_mm=5",
    .min_inputs = 2,
    .max_inputs = 2,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .tables = tables,
    .run = run,
};
