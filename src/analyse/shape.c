/* The outer shape of a model: its surface mesh, and the layers that peel off it. */
#include "aetlas/analyse/mesh.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "analyse/analyse_priv.h"

#include <math.h>
#include <string.h>

/* S000 takes the lattice constant of the global fit (Jeong et al. 2025). */
static double choose_alpha(const analysis *m)
{
    if (m->params->alpha_A > 0.0)
        return m->params->alpha_A;
    return analyse_has_lattice(m) ? m->constant_A : sqrt(2.0) * m->shells.peak_A;
}

static aet_err add_mesh(analysis *m, const aet_mesh *mesh, double alpha)
{
    aet_atoms *a = m->a;
    aet_column *col = aet_atoms_add_column(a, "mesh_distance_A", 1, "A",
                                           "distance to the surface mesh (alpha shape)");
    AET_TRY(aet_mesh_distances(mesh, a->n, (const double(*)[3])a->position_A, col->values));
    aet_atoms_add_scalar(a, "alpha_A", alpha, "A", "ball that carves the surface mesh");
    aet_atoms_add_scalar(a, "area_A2", mesh->area, "A^2", "area of the surface mesh");
    aet_atoms_add_scalar(a, "volume_A3", mesh->volume, "A^3", "volume within the surface mesh");
    aet_atoms_add_scalar(a, "sphericity", aet_mesh_sphericity(mesh), "1",
                         "pi^(1/3) (6 volume)^(2/3) / area: 1 for a sphere, 0.846 octahedron, "
                         "0.910 truncated octahedron");
    aet_atoms_add_scalar(a, "specific_surface_per_A", mesh->area / mesh->volume, "1/A",
                         "area / volume of the surface mesh");
    aet_atoms_add_scalar(a, "diameter_A", cbrt(6.0 * mesh->volume / AET_PI), "A",
                         "of the ball of the same volume");
    return AET_OK;
}

/* Layer 1: the surface atoms; layer k + 1: those that have too few neighbours once layers 1 to k
 * are gone (the shells of S002: Li et al., Nat. Commun. 14, 2934 (2023)). */
static aet_err peel(analysis *m)
{
    int *left = NULL, layer = 1, found = 0;
    aet_column *col = aet_atoms_add_column(
        m->a, "layer", 1, "1", "1: surface atoms; 2: those short of neighbours without these; ...");
    AET_TRY(AET_ARRAY(m->a->n, "layers", &left));
    for (int i = 0; i < m->a->n; i++) {
        left[i] = aet_neighbours_count(m->nb, i);
        col->values[i] = m->surface[i];
        found += m->surface[i];
    }
    for (; found > 0; layer++) {
        for (int i = 0; i < m->a->n; i++) /* takes the layer away */
            if ((int)col->values[i] == layer)
                for (int64_t k = m->nb->start[i]; k < m->nb->start[i + 1]; k++)
                    left[m->nb->index[k]]--;
        found = 0;
        for (int i = 0; i < m->a->n; i++)
            if ((int)col->values[i] == 0 && left[i] < m->params->surface_cn) {
                col->values[i] = layer + 1;
                found++;
            }
    }
    aet_release(&left);
    return AET_OK;
}

/* Composition shell by shell. */
static void add_layer_profile(analysis *m)
{
    enum { MAX_WIDTH = 2 + 8 };
    char text[MAX_WIDTH][32];
    const char *heads[MAX_WIDTH] = {"layer", "atoms"};
    const double *layer = aet_atoms_find_column(m->a, "layer")->values;
    int layers = 0, width = 2 + m->n_species;
    for (int s = 0; s < m->n_species; s++) {
        aet_fmt(text[s], sizeof text[s], "fraction_%s", aet_element_symbol(m->z[s]));
        heads[2 + s] = text[s];
    }
    for (int i = 0; i < m->a->n; i++)
        layers = layer[i] > layers ? (int)layer[i] : layers;
    aet_curve *c = aet_atoms_add_curve(m->a, "layer_profile", layers, width, heads,
                                       "composition layer by layer from the surface inwards");
    for (int i = 0; i < m->a->n; i++)
        if (layer[i] > 0.0) {
            double *row = c->values + width * ((int)layer[i] - 1);
            row[1] += 1.0;
            row[2 + m->kind[i]] += 1.0;
        }
    for (int k = 0; k < layers; k++) {
        double *row = c->values + width * k;
        row[0] = k + 1;
        for (int s = 0; s < m->n_species; s++)
            row[2 + s] /= row[1];
    }
}

aet_err analyse_shape(analysis *m)
{
    aet_mesh *mesh = NULL;
    double alpha = choose_alpha(m);
    AET_TRY(peel(m));
    add_layer_profile(m);
    if (m->a->n < 5 || alpha <= 0.0)
        return AET_OK;
    aet_err err = aet_mesh_create(m->a->n, (const double(*)[3])m->a->position_A, alpha, &mesh);
    if (err == AET_ERR_NUMERIC) { /* all in one plane: there is no inside */
        aet_warn("no surface mesh: %s", aet_error_text());
        aet_error_clear();
        return AET_OK;
    }
    if (!err && mesh->n == 0)
        aet_warn("no surface mesh: no ball of %.2f A (analyse.alpha_A) holds four atoms together",
                 alpha);
    else if (!err)
        err = add_mesh(m, mesh, alpha);
    aet_mesh_free(&mesh);
    return err;
}
