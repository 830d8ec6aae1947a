/* Precision as a stage of a campaign, and in its summary. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "campaign/precision_priv.h"
#include <string.h>

/* Collective.  A picture that fails is no reason to lose the particle. */
static void draw(MPI_Comm group, const char *name, const aet_atoms *result, const char *path)
{
    char dir[AET_PATH_MAX];
    aet_path_dir(path, dir, sizeof dir);
    if (aet_precision_figures(group, result, name, dir, "precision_") != AET_OK)
        aet_warn("picture left out: %s", aet_error_text());
    aet_error_clear();
}

aet_err precision_stage(MPI_Comm group, const aet_campaign *c, const char *name,
                        const aet_atoms *model, const aet_tilt *measured, const char *path)
{
    aet_precision_result r;
    char folder[AET_PATH_MAX];
    double found = 0, rmsd_pm = 0;
    aet_fmt(folder, sizeof folder, "%s.work", path);
    AET_TRY(aet_precision_run(group, model, measured, &c->precision, folder, &r));
    aet_err err = aet_atoms_write(group, path, r.model);
    if (!err) {
        aet_precision_forget(group, folder);
        aet_atoms_find_scalar(r.model, "identification", &found);
        aet_atoms_find_scalar(r.model, "rmsd_pm", &rmsd_pm);
        aet_info("precision: %.1f %% of %d atoms found again, RMSD %.1f pm", 100 * found, model->n,
                 rmsd_pm);
        if (c->params.pictures)
            draw(group, name, r.model, path);
    }
    aet_precision_free(&r);
    return err;
}

aet_err precision_to_measures(const char *path, aet_atoms *measures)
{
    aet_atoms *a = NULL;
    char name[48];
    AET_TRY(aet_atoms_read(MPI_COMM_SELF, path, &a));
    for (int k = 0; k < a->n_scalars; k++) {
        const aet_scalar *s = &a->scalars[k];
        if (strncmp(s->name, "identification", 14) != 0 && strncmp(s->name, "rmsd_", 5) != 0 &&
            strcmp(s->name, "uncommon_fraction") != 0 && strcmp(s->name, "blur_A") != 0)
            continue;
        aet_fmt(name, sizeof name, "precision_%s", s->name);
        aet_atoms_add_scalar(measures, name, s->value, s->unit, s->description);
    }
    aet_atoms_free(&a);
    return AET_OK;
}
