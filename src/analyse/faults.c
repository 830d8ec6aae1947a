/* Planar faults: layers of hcp atoms between fcc.  One such layer is a twin boundary, two next to
 * each other are a stacking fault, more are hcp.  They are found by themselves: hcp atoms that are
 * neighbours within one close-packed plane, with the same stacking direction, make a layer. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "analyse/analyse_priv.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

enum { LEAST_ATOMS = 7 };            /* one hexagon and its middle */
static const double parallel = 0.94; /* cosine of 20 degrees; {111} planes are 70.5 apart */

typedef struct {
    int atoms, fault;
    double normal[3], centre[3];
} layer;

typedef struct {
    const analysis *m;
    const double *structure;
    int *of, *queue; /* [n]: layer of an atom, or -1 */
    layer *layers;
    int n;
    double spacing; /* of close-packed planes */
} search;

static bool same_layer(const search *s, int i, int j)
{
    double d[3];
    const double *u = s->m->stacking[i], *v = s->m->stacking[j];
    difference(s->m->a->position_A[j], s->m->a->position_A[i], d);
    return fabs(dot(u, v)) > parallel && fabs(dot(d, u)) < 0.4 * s->spacing;
}

/* All hcp atoms that hang together with `first` in its layer. */
static void grow(search *s, int first)
{
    const aet_neighbours *nb = s->m->nb;
    int count = 0, taken = 0;
    layer *l = s->layers + s->n;
    *l = (layer){.fault = -1};
    s->queue[count++] = first;
    s->of[first] = s->n;
    while (taken < count) {
        int i = s->queue[taken++];
        double sign = dot(l->normal, s->m->stacking[i]) < 0.0 ? -1.0 : 1.0;
        for (int k = 0; k < 3; k++) {
            l->normal[k] += sign * s->m->stacking[i][k];
            l->centre[k] += s->m->a->position_A[i][k];
        }
        for (int64_t k = nb->start[i]; k < nb->start[i + 1]; k++) {
            int j = nb->index[k];
            if (s->of[j] < 0 && (int)s->structure[j] == AET_STRUCTURE_HCP && same_layer(s, i, j)) {
                s->of[j] = s->n;
                s->queue[count++] = j;
            }
        }
    }
    l->atoms = count;
    for (int k = 0; k < 3; k++)
        l->centre[k] /= count;
    normalise(l->normal);
    s->n++;
}

/* Small layers are chance. */
static void drop_small(search *s)
{
    int *name = AET_NEW(int, s->n), kept = 0;
    for (int l = 0; l < s->n; l++) {
        name[l] = s->layers[l].atoms >= LEAST_ATOMS ? kept : -1;
        if (name[l] >= 0)
            s->layers[kept++] = s->layers[l];
    }
    for (int i = 0; i < s->m->a->n; i++)
        s->of[i] = s->of[i] >= 0 ? name[s->of[i]] : -1;
    s->n = kept;
    aet_release(&name);
}

/* Are the two layers next to each other, as in a stacking fault? Some atoms must be neighbours. */
static bool touch(const search *s, int a, int b)
{
    const aet_neighbours *nb = s->m->nb;
    int bonds = 0;
    if (fabs(dot(s->layers[a].normal, s->layers[b].normal)) < parallel)
        return false;
    for (int i = 0; i < s->m->a->n; i++)
        for (int64_t k = nb->start[i]; s->of[i] == a && k < nb->start[i + 1]; k++)
            bonds += s->of[nb->index[k]] == b;
    return 2 * bonds >= s->layers[a].atoms; /* three for each where they lie over each other */
}

/* Joins layers that touch; gives the number of faults. */
static int join(search *s)
{
    int faults = 0;
    for (int a = 0; a < s->n; a++) {
        if (s->layers[a].fault < 0)
            s->layers[a].fault = faults++;
        for (int b = a + 1; b < s->n; b++)
            if (s->layers[b].fault < 0 && touch(s, a, b))
                s->layers[b].fault = s->layers[a].fault;
    }
    return faults;
}

static void add_faults(analysis *m, const search *s, int faults)
{
    static const char *const heads[] = {"layers",   "atoms",      "normal_x",   "normal_y",
                                        "normal_z", "centre_x_A", "centre_y_A", "centre_z_A"};
    aet_curve *c = aet_atoms_add_curve(
        m->a, "planar_faults", faults, 8, heads,
        "layers of hcp atoms between fcc: one is a twin boundary, two are a stacking fault");
    int twins = 0, stacking = 0;
    for (int f = 0; f < faults; f++) {
        double *row = c->values + 8 * (int64_t)f;
        for (int l = 0; l < s->n; l++) {
            const layer *y = s->layers + l;
            if (y->fault != f)
                continue;
            row[0]++;
            for (int k = 0; k < 3; k++) {
                if (row[1] == 0.0)
                    row[2 + k] = y->normal[k];
                row[5 + k] += y->atoms * y->centre[k];
            }
            row[1] += y->atoms;
        }
        for (int k = 5; k < 8; k++)
            row[k] /= row[1];
        twins += row[0] == 1.0;
        stacking += row[0] == 2.0;
    }
    aet_atoms_add_scalar(m->a, "twin_planes", twins, "1", "single layers of hcp atoms in fcc");
    aet_atoms_add_scalar(m->a, "stacking_faults", stacking, "1",
                         "double layers of hcp atoms in fcc");
    double *value =
        aet_atoms_add_column(m->a, "planar_fault", 1, "1",
                             "number of the planar fault that the atom is part of, from 1; 0: none")
            ->values;
    for (int i = 0; i < m->a->n; i++)
        value[i] = s->of[i] >= 0 ? s->layers[s->of[i]].fault + 1 : 0;
}

aet_err analyse_faults(analysis *m)
{
    aet_err err = AET_OK;
    search s = {.m = m, .spacing = sqrt(2.0 / 3.0) * m->shells.peak_A};
    int hcp = 0;
    s.structure = aet_atoms_find_column(m->a, "structure")->values;
    for (int i = 0; i < m->a->n; i++)
        hcp += (int)s.structure[i] == AET_STRUCTURE_HCP;
    AET_GO(AET_ARRAY(m->a->n, "layers of atoms", &s.of));
    AET_GO(AET_ARRAY(m->a->n, "layers of atoms", &s.queue));
    AET_GO(AET_ARRAY(hcp, "layers", &s.layers));
    memset(s.of, 0xff, (size_t)m->a->n * sizeof *s.of);
    for (int i = 0; i < m->a->n; i++)
        if ((int)s.structure[i] == AET_STRUCTURE_HCP && s.of[i] < 0)
            grow(&s, i);
    drop_small(&s);
    add_faults(m, &s, join(&s));
done:
    aet_release(&s.of);
    aet_release(&s.queue);
    aet_release(&s.layers);
    return err;
}
