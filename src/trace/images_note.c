/* What is said of a fit: its figures, and what it needs. */
#include "trace/images_priv.h"

#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/par/slab.h"

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
    aet_atoms_add_scalar(fitted, "fit_placed", r->placed, "1",
                         "moves of atoms to sites of the lattice");
    aet_atoms_add_scalar(fitted, "fit_rms_move_A", r->rms_move_A, "A", "move of the atoms kept");
}

/* Six vectors of unknowns, places and verdicts of an atom; and about a hundred places around it where
 * one more is sought, 48 bytes each. */
#define ATOM_BYTES  6000.0
#define POINT_BYTES 100.0  /* of the grid: two planes, buffers of the transform, profiles */
#define POINT_S     1.6e-7 /* of a product, for each point of the grid of an image */
#define ATOM_S      1.2e-7 /* and for each atom in it */

enum { MARGIN = 40, PER_STEP = 4 }; /* points around an image; passes that are no products */

void aet_fit_memory(const aet_tilt *t, double atoms, const aet_fit_params *p, int ranks,
                    double *bytes_per_rank, double *seconds)
{
    int own = aet_slab_of(t->n, 0, ranks).count;
    double pixels = (double)t->nx * t->ny;
    double points = (double)(t->nx + MARGIN) * (t->ny + MARGIN);
    int settled = p->rounds + (p->rounds > 0 ? 9 : 3); /* with sites and species at the end */
    double products = settled * (p->steps * (double)(p->iterations + PER_STEP) + p->iterations);
    *bytes_per_rank =
        4 * pixels * t->n + 8 * pixels * own + POINT_BYTES * points + ATOM_BYTES * atoms;
    *seconds = products * own * (POINT_S * points + ATOM_S * atoms);
}
