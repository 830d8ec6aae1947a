#include "aetlas/data/curve.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include <string.h>

aet_curve *aet_curve_find(aet_curve *list, int count, const char *name)
{
    for (int k = 0; k < count; k++)
        if (strcmp(list[k].name, name) == 0)
            return &list[k];
    return NULL;
}

int aet_curve_column(const aet_curve *c, const char *head)
{
    for (int k = 0; k < c->width; k++)
        if (strcmp(c->head[k], head) == 0)
            return k;
    return -1;
}

static aet_curve *append(aet_curve **list, int *count)
{
    aet_curve *longer = AET_NEW(aet_curve, *count + 1);

    if (*count > 0)
        memcpy(longer, *list, (size_t)*count * sizeof *longer);
    aet_release(list);
    *list = longer;
    return &longer[(*count)++];
}

aet_curve *aet_curve_add(aet_curve **list, int *count, const char *name, int n, int width,
                         const char *const *heads, const char *description)
{
    AET_ASSERT(n >= 0 && width >= 1);
    aet_curve *curve = aet_curve_find(*list, *count, name);

    if (!curve)
        curve = append(list, count);
    aet_release(&curve->head);
    aet_release(&curve->values);
    aet_fmt(curve->name, sizeof curve->name, "%s", name);
    aet_fmt(curve->description, sizeof curve->description, "%s", description);
    curve->n = n;
    curve->width = width;
    curve->head = (char(*)[32])AET_NEW(char, (size_t)width * sizeof *curve->head);
    for (int k = 0; heads && k < width; k++)
        aet_fmt(curve->head[k], sizeof curve->head[k], "%s", heads[k]);
    curve->values = AET_NEW(double, (size_t)n *(size_t)width);
    return curve;
}

void aet_curves_free(aet_curve **list, int *count)
{
    for (int k = 0; k < *count; k++) {
        aet_release(&(*list)[k].head);
        aet_release(&(*list)[k].values);
    }
    aet_release(list);
    *count = 0;
}
