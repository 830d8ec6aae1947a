/* Close-packed layers one by one: a hexagonal lattice for each, and how layers are turned.
 *
 * Layers are normal to one <111> of the largest grain, through all grains.  Their planes follow from
 * least squares of (number of the layer) = w.r - b over all atoms, w along the normal and 1/|w| the
 * distance of layers.  In a layer, with positions as complex numbers in its plane, sites p + q
 * exp(i pi/3) are assigned breadth first from its middle and z = t + c s is fitted in closed form: |c|
 * is the neighbour distance and arg c the orientation, modulo 60 degrees.  After Lee et al., Nano
 * Lett. 22, 665 (2022). */
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/gemm.h"
#include "analyse/analyse_priv.h"
#include "analyse/sites.h"
#include "analyse/vector.h"

#include <complex.h>
#include <math.h>
#include <string.h>

enum { LEAST_ATOMS = 7, ROUNDS = 30, NO_LAYER = -1 };

typedef struct {
    double height; /* mean along the normal */
    int atoms, assigned;
    double complex c;
    double rmsd;
} layer;

typedef struct {
    const analysis *m;
    double centre[3];
    double w[3], b;       /* layer = w.(r - centre) - b */
    double u[3], e[2][3]; /* along w, and two directions across */
    double nn;
    int n, *of; /* layers; [atoms]: number of its layer or NO_LAYER */
    layer *layers;
    aet_fcc_sites *sites;
    int *queue, (*site)[3];
    bool *member;
} stack;

/* ---- planes ---- */

static double height(const stack *s, int i)
{
    double d[3];
    difference(s->m->a->position_A[i], s->centre, d);
    return dot(s->w, d) - s->b;
}

/* Where most planes would lie: the phase of the density along w. */
static void first_offset(stack *s)
{
    double complex sum = 0.0;
    s->b = 0.0;
    for (int i = 0; i < s->m->a->n; i++)
        sum += cexp(CMPLX(0.0, 2.0 * AET_PI * height(s, i)));
    s->b = carg(sum) / (2.0 * AET_PI);
}

/* One least-squares step over the atoms near planes; gives the change of w relative to it. */
static double refine_planes(stack *s)
{
    double normal[16] = {0}, right[4] = {0}, x[4], change[3];
    for (int i = 0; i < s->m->a->n; i++) {
        double h = height(s, i), d[4];
        if (fabs(h - rint(h)) > 0.25)
            continue;
        difference(s->m->a->position_A[i], s->centre, d);
        d[3] = -1.0;
        for (int a = 0; a < 4; a++) {
            right[a] += d[a] * rint(h);
            for (int c = 0; c < 4; c++)
                normal[4 * a + c] += d[a] * d[c];
        }
    }
    if (aet_solve(4, 1, normal, right, x) != AET_OK) {
        aet_error_clear(); /* one layer alone: the first guess stands */
        return 0.0;
    }
    difference(x, s->w, change);
    memcpy(s->w, x, sizeof s->w);
    s->b = x[3];
    return sqrt(dot(change, change) / dot(x, x));
}

/* The normal points to where the particle reaches farther, so that it turns with the particle. */
static void choose_side(stack *s)
{
    double third = 0.0;
    for (int i = 0; i < s->m->a->n; i++) {
        double d[3];
        difference(s->m->a->position_A[i], s->centre, d);
        third += pow(dot(s->w, d), 3);
    }
    for (int k = 0; k < 3 && third < 0.0; k++)
        s->w[k] = -s->w[k];
    s->b = third < 0.0 ? -s->b : s->b;
}

static void find_planes(stack *s, const double along[3])
{
    for (int i = 0; i < s->m->a->n; i++)
        for (int k = 0; k < 3; k++)
            s->centre[k] += s->m->a->position_A[i][k] / s->m->a->n;
    for (int k = 0; k < 3; k++)
        s->w[k] = along[k] * sqrt(3.0) / s->m->constant_A;
    first_offset(s);
    for (int round = 0; round < ROUNDS; round++)
        if (refine_planes(s) < 1e-13)
            break;
    choose_side(s);
    memcpy(s->u, s->w, sizeof s->u);
    normalise(s->u);
    double other[3] = {0};
    other[fabs(s->u[0]) < 0.6 ? 0 : 1] = 1.0;
    cross(s->u, other, s->e[0]);
    normalise(s->e[0]);
    cross(s->u, s->e[0], s->e[1]);
}

/* Numbers the layers from 0 upwards; atoms between planes belong to none. */
static aet_err number_layers(stack *s)
{
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (int i = 0; i < s->m->a->n; i++) {
        low = fmin(low, rint(height(s, i)));
        high = fmax(high, rint(height(s, i)));
    }
    s->n = (int)(high - low) + 1;
    AET_TRY(AET_ARRAY(s->n, "layers", &s->layers));
    AET_TRY(AET_ARRAY(s->m->a->n, "layers", &s->of));
    for (int i = 0; i < s->m->a->n; i++) {
        double h = height(s, i);
        s->of[i] = fabs(h - rint(h)) <= 0.25 ? (int)(rint(h) - low) : NO_LAYER;
        if (s->of[i] == NO_LAYER)
            continue;
        layer *l = s->layers + s->of[i];
        l->atoms++;
        l->height += (h + s->b) / sqrt(dot(s->w, s->w));
    }
    for (int k = 0; k < s->n; k++)
        s->layers[k].height /= s->layers[k].atoms ? s->layers[k].atoms : 1;
    return AET_OK;
}

/* ---- one layer ---- */

static double complex place(const stack *s, int i)
{
    double d[3];
    difference(s->m->a->position_A[i], s->centre, d);
    return CMPLX(dot(s->e[0], d), dot(s->e[1], d));
}

static const int around[6][2] = {{1, 0}, {0, 1}, {-1, 1}, {-1, 0}, {0, -1}, {1, -1}};

static double complex of_site(const int site[2])
{
    return CMPLX(site[0] + 0.5 * site[1], sqrt(0.75) * site[1]);
}

/* Orientation from all bonds within the layer, and the atom in its middle with most of them. */
static double complex first_guess(const stack *s, int k, int *middle)
{
    const aet_neighbours *nb = s->m->nb;
    double complex six = 0.0, mean = 0.0;
    double best = HUGE_VAL;
    for (int i = 0; i < s->m->a->n; i++)
        if (s->of[i] == k)
            mean += place(s, i) / s->layers[k].atoms;
    *middle = -1;
    for (int i = 0; i < s->m->a->n; i++) {
        int bonds = 0;
        for (int64_t q = nb->start[i]; s->of[i] == k && q < nb->start[i + 1]; q++)
            if (s->of[nb->index[q]] == k) {
                double complex d = place(s, nb->index[q]) - place(s, i);
                six += cpow(d / cabs(d), 6);
                bonds++;
            }
        double far = cabs(place(s, i) - mean);
        if (bonds >= 6 && far < best) {
            best = far;
            *middle = i;
        }
    }
    return s->nn * cexp(CMPLX(0.0, carg(six) / 6.0));
}

/* The neighbour in the layer nearest to where it is expected, or -1. */
static int neighbour_at(const stack *s, int i, double complex at, double reach)
{
    const aet_neighbours *nb = s->m->nb;
    double best = reach;
    int found = -1;
    for (int64_t q = nb->start[i]; q < nb->start[i + 1]; q++) {
        int j = nb->index[q];
        double d = s->of[j] == s->of[i] ? cabs(place(s, j) - at) : HUGE_VAL;
        if (d < best) {
            best = d;
            found = j;
        }
    }
    return found;
}

static void take(stack *s, int atom, const int site[3], int *count)
{
    aet_fcc_sites_put(s->sites, site, atom);
    memcpy(s->site[atom], site, 3 * sizeof *site);
    s->member[atom] = true;
    s->queue[(*count)++] = atom;
}

/* Assigns sites from the middle atom on; gives the number of atoms, which stand in the queue. */
static int grow(stack *s, int middle, double complex c)
{
    static const int origin[3] = {0};
    int count = 0;
    aet_fcc_sites_clear(s->sites);
    memset(s->member, 0, (size_t)s->m->a->n * sizeof *s->member);
    take(s, middle, origin, &count);
    for (int taken = 0; taken < count; taken++) {
        int i = s->queue[taken];
        for (int k = 0; k < 6; k++) {
            const int *site = s->site[i],
                      next[3] = {site[0] + around[k][0], site[1] + around[k][1], 0};
            if (aet_fcc_sites_get(s->sites, next) >= 0)
                continue;
            int j = neighbour_at(s, i, place(s, i) + c * of_site(around[k]),
                                 s->m->params->lattice_tolerance * s->nn);
            if (j >= 0 && !s->member[j])
                take(s, j, next, &count);
        }
    }
    return count;
}

static void fit(const stack *s, layer *l)
{
    double complex mean_z = 0.0, mean_s = 0.0, covariance = 0.0;
    double spread = 0.0, sum = 0.0;
    int n = l->assigned;
    for (int k = 0; k < n; k++) {
        mean_z += place(s, s->queue[k]) / n;
        mean_s += of_site(s->site[s->queue[k]]) / n;
    }
    for (int k = 0; k < n; k++) {
        double complex d = of_site(s->site[s->queue[k]]) - mean_s;
        covariance += (place(s, s->queue[k]) - mean_z) * conj(d);
        spread += creal(d * conj(d));
    }
    l->c = covariance / spread;
    for (int k = 0; k < n; k++) {
        double complex d =
            place(s, s->queue[k]) - mean_z - l->c * (of_site(s->site[s->queue[k]]) - mean_s);
        sum += creal(d * conj(d));
    }
    l->rmsd = sqrt(sum / n);
}

static void fit_layer(stack *s, int k)
{
    layer *l = s->layers + k;
    int middle;
    if (l->atoms < LEAST_ATOMS)
        return;
    l->c = first_guess(s, k, &middle);
    for (int round = 0; round < ROUNDS && middle >= 0; round++) {
        double complex before = l->c;
        l->assigned = grow(s, middle, l->c);
        if (l->assigned < LEAST_ATOMS) {
            l->assigned = 0;
            return;
        }
        fit(s, l);
        if (cabs(l->c - before) < 1e-9)
            break;
    }
}

/* ---- all of them ---- */

/* From b to a in degrees, between -30 and 30; NAN where one has no lattice. */
static double turn_deg(const layer *a, const layer *b)
{
    if (a->assigned == 0 || b->assigned == 0)
        return (double)NAN;
    return carg(cpow(a->c / b->c / cabs(a->c / b->c), 6)) / 6.0 * AET_DEG_PER_RAD;
}

static void add_layers(const stack *s)
{
    static const char *const heads[] = {"layer", "height_A", "atoms",     "assigned",
                                        "nn_A",  "rmsd_pm",  "angle_deg", "turn_deg"};
    enum { WIDTH = 8 };
    aet_atoms *a = s->m->a;
    const layer *largest = s->layers;
    double sum = 0.0;
    int atoms = 0;
    for (int k = 1; k < s->n; k++)
        largest = s->layers[k].assigned > largest->assigned ? s->layers + k : largest;
    aet_curve *c = aet_atoms_add_curve(
        a, "layers", s->n, WIDTH, heads,
        "close-packed layers along the normal: hexagonal fit, 2-D RMSD, orientation against the "
        "largest layer and the layer before");
    for (int k = 0; k < s->n; k++) {
        const layer *l = s->layers + k;
        bool fitted = l->assigned > 0;
        const double row[WIDTH] = {k + 1,
                                   l->height,
                                   l->atoms,
                                   l->assigned,
                                   fitted ? cabs(l->c) : (double)NAN,
                                   fitted ? AET_PM_PER_A * l->rmsd : (double)NAN,
                                   turn_deg(l, largest),
                                   k > 0 ? turn_deg(l, l - 1) : (double)NAN};
        memcpy(c->values + WIDTH * k, row, sizeof row);
        sum += fitted ? l->assigned * l->rmsd * l->rmsd : 0.0;
        atoms += l->assigned;
    }
    double *number = aet_atoms_add_column(a, "stacking_layer", 1, "1",
                                          "number of the atom's close-packed layer in the curve "
                                          "layers, from 1; 0: none")
                         ->values;
    for (int i = 0; i < a->n; i++)
        number[i] = s->of[i] + 1;
    if (atoms > 0)
        aet_atoms_add_scalar(a, "layer_rmsd_pm", AET_PM_PER_A * sqrt(sum / atoms), "pm",
                             "2-D RMSD of atoms from the hexagonal lattices of their layers");
}

/* The <111> of the largest grain that is asked for; false when none is. */
static bool choose_normal(const analysis *m, double u[3])
{
    static const int hkl[4][3] = {{1, 1, 1}, {-1, 1, 1}, {1, -1, 1}, {1, 1, -1}};
    const aet_curve *faults = aet_atoms_find_curve(m->a, "planar_faults");
    int which = m->params->layers - AET_LAYERS_111, largest = -1;
    double best = 0.0;
    for (int f = 0; faults && f < faults->n; f++)
        if (largest < 0 || faults->values[8 * f + 1] > faults->values[8 * largest + 1])
            largest = f;
    if (m->params->layers == AET_LAYERS_NONE ||
        (m->params->layers == AET_LAYERS_OF_FAULT && largest < 0))
        return false;
    for (int d = 0; d < 4; d++) {
        double v[3];
        aet_lattice_direction(&m->fcc.lattice, hkl[d], v);
        double fits = which >= 0 ? d == which : fabs(dot(v, faults->values + 8 * largest + 2));
        if (fits > best) {
            best = fits;
            memcpy(u, v, sizeof v);
        }
    }
    return true;
}

aet_err analyse_layers(analysis *m)
{
    aet_err err = AET_OK;
    double u[3];
    if (!analyse_has_lattice(m) || !choose_normal(m, u))
        return AET_OK;
    stack s = {.m = m, .nn = sqrt(0.5) * m->constant_A};
    find_planes(&s, u);
    memcpy(m->layer_normal, s.u, sizeof s.u);
    AET_GO(number_layers(&s));
    AET_GO(aet_fcc_sites_create(m->a->n, &s.sites));
    AET_GO(AET_ARRAY(m->a->n, "layers", &s.queue));
    AET_GO(AET_ARRAY(m->a->n, "layers", &s.site));
    AET_GO(AET_ARRAY(m->a->n, "layers", &s.member));
    for (int k = 0; k < s.n; k++)
        fit_layer(&s, k);
    add_layers(&s);
done:
    aet_fcc_sites_free(&s.sites);
    aet_release(&s.of);
    aet_release(&s.layers);
    aet_release(&s.queue);
    aet_release(&s.site);
    aet_release(&s.member);
    return err;
}
