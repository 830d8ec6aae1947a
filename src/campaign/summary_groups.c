/* Means and standard deviations by group and cycle count. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "campaign/summary_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_group_and_cycles(const void *a, const void *b)
{
    const aet_summary_group *x = a, *y = b;
    int order = strcmp(x->group, y->group);
    if (order != 0)
        return order;
    return (x->cycles > y->cycles) - (x->cycles < y->cycles);
}

static bool belongs(const aet_summary_entry *e, const aet_summary_group *g)
{
    return strcmp(e->group, g->group) == 0 && e->cycles == g->cycles;
}

static aet_summary_cell cell(const aet_summary *s, const aet_summary_group *g, int scalar)
{
    aet_summary_cell c = {0};
    double sum = 0.0, sum2 = 0.0;
    for (int i = 0; i < s->n; i++) {
        double v = s->values[(size_t)i * AET_SUMMARY_SCALARS + (size_t)scalar];
        if (belongs(&s->entries[i], g) && isfinite(v)) {
            c.count++;
            sum += v;
        }
    }
    c.mean = c.count ? sum / c.count : (double)NAN;
    for (int i = 0; i < s->n; i++) {
        double v = s->values[(size_t)i * AET_SUMMARY_SCALARS + (size_t)scalar];
        if (belongs(&s->entries[i], g) && isfinite(v))
            sum2 += (v - c.mean) * (v - c.mean);
    }
    c.sd = c.count > 1 ? sqrt(sum2 / (c.count - 1)) : (double)NAN;
    return c;
}

int aet_summary_groups(const aet_summary *s, aet_summary_group **groups)
{
    aet_summary_group *list = AET_NEW(aet_summary_group, s->n);
    int n = 0;
    for (int i = 0; i < s->n; i++) {
        int k = 0;
        while (k < n && !belongs(&s->entries[i], &list[k]))
            k++;
        if (k == n) {
            aet_fmt(list[n].group, sizeof list[n].group, "%s", s->entries[i].group);
            list[n++].cycles = s->entries[i].cycles;
        }
        list[k].members++;
    }
    qsort(list, (size_t)n, sizeof *list, by_group_and_cycles);
    for (int k = 0; k < n; k++) {
        list[k].cells = AET_NEW(aet_summary_cell, s->n_scalars + 1);
        for (int c = 0; c < s->n_scalars; c++)
            list[k].cells[c] = cell(s, &list[k], c);
    }
    *groups = list;
    return n;
}
