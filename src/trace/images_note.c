/* What is said of a fit: its figures, and what it needs. */
#include "trace/images_priv.h"

#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"

void aet_fit_note(const aet_fit_report *r, aet_atoms *fitted)
{
    char name[48];
    aet_atoms_add_scalar(fitted, "fit_r1_before", r->r1_before, "1",
                         "mean over images of sum |model - measured| / sum |measured|, as traced");
    aet_atoms_add_scalar(fitted, "fit_r1", r->r1_after, "1", "the same of the fitted model");
    for (int s = 0; s < r->n_species; s++) {
        aet_fmt(name, sizeof name, "fit_b_%s_A2", aet_element_symbol(r->z[s]));
        aet_atoms_add_scalar(fitted, name, r->b_A2[s], "A^2",
                             "B: profile exp(-pi^2 r^2 / B), damping exp(-B q^2)");
        aet_fmt(name, sizeof name, "fit_height_%s", aet_element_symbol(r->z[s]));
        aet_atoms_add_scalar(fitted, name, r->height[s], "1",
                             "height on its potential, over that of the heaviest species");
    }
    aet_atoms_add_scalar(fitted, "fit_scale", r->scale, "1/(V A)",
                         "image unit per potential of the heaviest species");
    aet_atoms_add_scalar(fitted, "fit_separation", r->separation, "1",
                         "Ashman's D of the heights of neighbouring species");
    aet_atoms_add_scalar(fitted, "fit_dropped", r->dropped, "1", "atoms that were dropped");
    aet_atoms_add_scalar(fitted, "fit_added", r->added, "1", "atoms that were added");
    aet_atoms_add_scalar(fitted, "fit_changed", r->changed, "1", "changes of species");
    aet_atoms_add_scalar(fitted, "fit_rms_move_A", r->rms_move_A, "A", "move of the atoms kept");
}
