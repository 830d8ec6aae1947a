/* The model cut into slabs of two close-packed layers, laid out side by side as they are seen along their
 * normal (Lee et al., Nano Lett. 22, 665 (2022), show strain so). */
#include "figures_slices.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include <math.h>
#include <string.h>

enum { LAYERS = 2 };
#define GAP_A 8.0

/* The model in the axes of its layers. */
typedef struct {
    const aet_atoms *a;
    double (*at)[3]; /* owned, [n] */
    int *slab;       /* owned, [n]: from the lowest */
    int slabs;
    double low[2], high[2]; /* across the layers */
} sliced;

static double spacing_of(const aet_atoms *a)
{
    double constant_A = 0;
    return aet_atoms_find_scalar(a, "fcc_constant_A", &constant_A) ? constant_A / sqrt(3.0) : 0;
}

static void place(sliced *s, const double axis[9])
{
    s->low[0] = s->low[1] = HUGE_VAL;
    s->high[0] = s->high[1] = -HUGE_VAL;
    for (int i = 0; i < s->a->n; i++) {
        const double *p = s->a->position_A[i];
        for (int k = 0; k < 3; k++)
            s->at[i][k] = axis[3 * k] * p[0] + axis[3 * k + 1] * p[1] + axis[3 * k + 2] * p[2];
        for (int k = 0; k < 2; k++) {
            s->low[k] = fmin(s->low[k], s->at[i][k]);
            s->high[k] = fmax(s->high[k], s->at[i][k]);
        }
    }
}

/* Where the layers lie along z, as a phase: that of the density of the atoms at their spacing. */
static double phase_of(const sliced *s, double spacing_A)
{
    const double turn = 2 * AET_PI / spacing_A;
    double c = 0, d = 0;
    for (int i = 0; i < s->a->n; i++) {
        c += cos(turn * s->at[i][2]);
        d += sin(turn * s->at[i][2]);
    }
    return atan2(d, c) / turn;
}

static void number(sliced *s, double spacing_A)
{
    double phase = phase_of(s, spacing_A), low = HUGE_VAL, high = -HUGE_VAL;
    for (int i = 0; i < s->a->n; i++) {
        double layer = rint((s->at[i][2] - phase) / spacing_A);
        low = fmin(low, layer);
        high = fmax(high, layer);
    }
    for (int i = 0; i < s->a->n; i++)
        s->slab[i] = (int)(rint((s->at[i][2] - phase) / spacing_A) - low) / LAYERS;
    s->slabs = (int)(high - low) / LAYERS + 1;
}

/* Row by row, the lowest first; a sheet about as wide as it is high. */
static void lay_out(const sliced *s, double spacing_A, aet_atoms *sheet)
{
    const double wide = s->high[0] - s->low[0] + GAP_A, high = s->high[1] - s->low[1] + GAP_A;
    int columns = (int)ceil(sqrt(1.3 * s->slabs * high / wide));
    columns = columns < s->slabs ? columns : s->slabs;
    for (int i = 0; i < s->a->n; i++) {
        double *p = sheet->position_A[i];
        p[0] = s->at[i][0] + wide * (s->slab[i] % columns);
        p[1] = s->at[i][1] - high * (s->slab[i] / columns);
        p[2] = s->at[i][2] - spacing_A * LAYERS * s->slab[i];
    }
}

aet_err figure_slices(const aet_atoms *a, aet_atoms **sheet)
{
    aet_err err = AET_OK;
    sliced s = {.a = a};
    double spacing_A = spacing_of(a);
    const aet_curve *axes = aet_atoms_find_curve(a, "layer_axes");
    *sheet = NULL;
    if (!axes || axes->n != 3 || axes->width != 3 || spacing_A <= 0 || a->n == 0)
        return AET_OK;
    AET_GO(AET_ARRAY(a->n, "places of atoms", &s.at));
    AET_GO(AET_ARRAY(a->n, "slabs of atoms", &s.slab));
    place(&s, axes->values);
    number(&s, spacing_A);
    AET_GO(aet_atoms_copy(a, sheet));
    lay_out(&s, spacing_A, *sheet);
done:
    aet_release(&s.at);
    aet_release(&s.slab);
    return err;
}
