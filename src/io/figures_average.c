/* Averages over particles. */
#include "aetlas/base/mem.h"
#include "figures_draw.h"
#include <math.h>
#include <string.h>

int figure_group_number(const figure_drawing *d, const char *name)
{
    for (int g = 0; g < d->n_groups; g++)
        if (strcmp(d->states[d->group[g]].group, name) == 0)
            return g;
    return 0;
}

bool figure_belongs(const figure_entry *e, const char *group, double at)
{
    return strcmp(e->group, group) == 0 && e->at == at;
}

bool figure_is_share(const figure_drawing *d)
{
    return d->p->flags & PANEL_COUNT && d->f->of == AET_FIGURES_CAMPAIGN;
}

static bool matches(const figure_drawing *d, const figure_series *s, const figure_numbers *q)
{
    const figure_entry *e = &d->f->entries[q->entry];
    return figure_is_in(d, q) && (!s->trace || strcmp(q->trace, s->trace) == 0) &&
           (!s->group || strcmp(e->group, s->group) == 0) && (!s->at || e->at == *s->at) &&
           (s->entry < 0 || q->entry == s->entry);
}

/* Where the numbers stand along x: in bins as they are; else by cycles, group or trace. */
static int key_of(const figure_drawing *d, const figure_numbers *q, int i)
{
    const figure_entry *e = &d->f->entries[q->entry];
    if (d->p->kind == PANEL_CATEGORY)
        for (int k = 0; k < d->n_traces; k++)
            if (strcmp(d->trace[k], q->trace) == 0)
                return k;
    if (d->p->kind != PANEL_SCALAR)
        return q->key[i];
    if (!figure_has_cycles(d))
        return figure_group_number(d, e->group);
    for (int k = 0; k < d->n_states; k++)
        if (figure_belongs(e, d->states[k].group, d->states[k].at))
            return k;
    return 0;
}

static double place_of(const figure_drawing *d, const figure_numbers *q, int i)
{
    if (d->p->kind == PANEL_SCALAR && figure_has_cycles(d))
        return d->f->entries[q->entry].at;
    return d->p->kind == PANEL_SCALAR || d->p->kind == PANEL_CATEGORY ? key_of(d, q, i) : q->x[i];
}

static double number_of(const figure_drawing *d, const figure_numbers *q, int i)
{
    return figure_is_share(d) && q->atoms > 0 ? 100 * q->y[i] / q->atoms : q->y[i];
}

typedef struct {
    int n;
    double x, sum, square, own;
} bin;

/* Bins that a particle lacks hold no atoms of it: all particles of the series make the mean. */
static void finish(const figure_drawing *d, const bin *b, int particles, double *x, double *y,
                   double *e)
{
    int n = figure_is_share(d) && d->p->kind == PANEL_BINNED ? particles : b->n;
    double mean = b->sum / n, variance = n > 1 ? (b->square - n * mean * mean) / (n - 1) : 0;
    *x = b->x / b->n;
    *y = mean;
    *e = n > 1 ? sqrt(fmax(variance, 0)) : d->f->of == AET_FIGURES_CAMPAIGN ? (double)NAN : b->own;
}

static void add_numbers(const figure_drawing *d, const figure_series *s, bin *bins, int low,
                        int *low_key, int *high_key, int *particles)
{
    *particles = 0;
    for (int k = 0; k < d->f->n_numbers; k++) {
        const figure_numbers *q = &d->f->numbers[k];
        if (!matches(d, s, q))
            continue;
        ++*particles;
        for (int i = 0; i < q->n; i++) {
            int key = key_of(d, q, i);
            double y = number_of(d, q, i);
            if (!isfinite(y))
                continue;
            *low_key = key < *low_key ? key : *low_key;
            *high_key = key > *high_key ? key : *high_key;
            if (!bins)
                continue;
            bin *b = &bins[key - low];
            b->n++;
            b->x += place_of(d, q, i);
            b->sum += y;
            b->square += y * y;
            b->own = q->error[i];
        }
    }
}

/* How many may take part in a bin: the mean of a depth that few particles reach would be of others than
 * the one before.  What is against cycles or groups is no such bin. */
static int particles_of(const figure_drawing *d, int particles)
{
    return d->p->kind == PANEL_BINNED || d->p->kind == PANEL_CURVE ? particles : 0;
}

void figure_average(const figure_drawing *d, const figure_series *s, figure_averaged *a)
{
    int low = INT32_MAX, high = INT32_MIN, particles, unused[2] = {0};
    *a = (figure_averaged){0};
    add_numbers(d, s, NULL, 0, &low, &high, &particles);
    if (high < low)
        return;
    bin *bins = AET_NEW(bin, high - low + 1);
    add_numbers(d, s, bins, low, &unused[0], &unused[1], &particles);
    a->x = AET_NEW(double, 3 * (high - low + 1));
    a->y = a->x + (high - low + 1);
    a->error = a->y + (high - low + 1);
    for (int k = 0; k <= high - low; k++)
        if (bins[k].n > 0 && (figure_is_share(d) || 2 * bins[k].n > particles_of(d, particles))) {
            finish(d, &bins[k], particles, &a->x[a->n], &a->y[a->n], &a->error[a->n]);
            a->has_error |= isfinite(a->error[a->n++]);
        }
    aet_release(&bins);
}
