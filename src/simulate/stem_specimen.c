#include "aetlas/base/mem.h"
#include "aetlas/physics/geometry.h"
#include "stem_priv.h"
#include <math.h>
#include <stdlib.h>

typedef struct {
    double at_A[3];
    int index;
    uint8_t species;
} site;

/* By depth; atoms of equal depth keep their order, so that the sum over them does. */
static int by_depth(const void *a_, const void *b_)
{
    const site *a = a_, *b = b_;
    return a->at_A[2] != b->at_A[2] ? (a->at_A[2] > b->at_A[2] ? 1 : -1) : a->index - b->index;
}

/* Slice k spans k slice_A to (k + 1) slice_A; an atom reaches so far beyond its faces. */
static void cut(aet_stem_specimen *s, double slice_A, double reach_A)
{
    int k = (int)floor((s->at_A[0][2] - reach_A) / slice_A);
    int end = (int)floor((s->at_A[s->n - 1][2] + reach_A) / slice_A);
    for (int first = 0, last = 0; k <= end; k++) {
        while (first < s->n && s->at_A[first][2] < k * slice_A - reach_A)
            first++;
        while (last < s->n && s->at_A[last][2] < (k + 1) * slice_A + reach_A)
            last++;
        if (first == last)
            continue;
        s->depth_A[s->slices] = (k + 0.5) * slice_A;
        s->first[s->slices] = first;
        s->last[s->slices++] = last;
    }
}

aet_err aet_stem_specimen_create(const aet_atoms *a, const double R[3][3],
                                 const double (*displacement_A)[3], const aet_stem_params *p,
                                 aet_stem_specimen **out)
{
    aet_err err = AET_OK;
    site *sites = NULL;
    aet_stem_specimen *s = AET_NEW(aet_stem_specimen, 1);
    double reach = p->projection == 0 ? 0 : 4; /* A, as in stem_slices.c */
    s->n = a->n;
    AET_GO(AET_ARRAY(a->n, "atoms by depth", &sites));
    AET_GO(AET_ARRAY(a->n, "atoms in the microscope", &s->at_A));
    AET_GO(AET_ARRAY(a->n, "their species", &s->species));
    for (int i = 0; i < a->n; i++) {
        double r[3];
        for (int c = 0; c < 3; c++)
            r[c] = a->position_A[i][c] + (displacement_A ? displacement_A[i][c] : 0);
        aet_rotate(R, r, sites[i].at_A);
        sites[i].index = i;
        sites[i].species = a->species[i];
    }
    qsort(sites, (size_t)a->n, sizeof *sites, by_depth);
    for (int i = 0; i < a->n; i++) {
        for (int c = 0; c < 3; c++)
            s->at_A[i][c] = sites[i].at_A[c];
        s->species[i] = sites[i].species;
    }
    double deep = s->at_A[a->n - 1][2] - s->at_A[0][2] + 2 * reach;
    int64_t most = (int64_t)(deep / p->slice_A) + 3;
    AET_GO(AET_ARRAY(most, "slices", &s->depth_A));
    AET_GO(AET_ARRAY(most, "slices", &s->first));
    AET_GO(AET_ARRAY(most, "slices", &s->last));
    cut(s, p->slice_A, reach);
done:
    aet_release(&sites);
    if (err != AET_OK)
        aet_stem_specimen_free(&s);
    *out = s;
    return err;
}

void aet_stem_specimen_free(aet_stem_specimen **s)
{
    if (*s == NULL)
        return;
    aet_release(&(*s)->at_A);
    aet_release(&(*s)->species);
    aet_release(&(*s)->depth_A);
    aet_release(&(*s)->first);
    aet_release(&(*s)->last);
    aet_release(s);
}
