/* summary.csv and groups.csv. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "campaign/summary_priv.h"
#include <math.h>
#include <string.h>

/* Missing numbers stay empty: a spreadsheet leaves empty cells out of its means. */
static void put_number(FILE *f, double v)
{
    if (isfinite(v))
        fprintf(f, ",%.10g", v);
    else
        fputc(',', f);
}

static void put_heads(FILE *f, const aet_summary *s, const char *suffix)
{
    for (int k = 0; k < s->n_scalars; k++)
        fprintf(f, ",%s%s", s->scalars[k].name, suffix);
}

aet_err aet_summary_csv(const aet_summary *s, const char *path)
{
    FILE *f;
    AET_TRY(aet_writer_open(path, &f));
    fprintf(f, "name,group,cycles");
    put_heads(f, s, "");
    fputc('\n', f);
    for (int i = 0; i < s->n; i++) {
        fprintf(f, "%s,%s,%.10g", s->entries[i].name, s->entries[i].group, s->entries[i].cycles);
        for (int k = 0; k < s->n_scalars; k++)
            put_number(f, s->values[(size_t)i * AET_SUMMARY_SCALARS + (size_t)k]);
        fputc('\n', f);
    }
    return aet_writer_close(path, &f);
}

aet_err aet_summary_groups_csv(const aet_summary *s, const aet_summary_group *g, int n,
                               const char *path)
{
    FILE *f;
    AET_TRY(aet_writer_open(path, &f));
    fprintf(f, "group,cycles,particles");
    put_heads(f, s, "_mean");
    put_heads(f, s, "_sd");
    fputc('\n', f);
    for (int i = 0; i < n; i++) {
        fprintf(f, "%s,%.10g,%d", g[i].group, g[i].cycles, g[i].members);
        for (int k = 0; k < s->n_scalars; k++)
            put_number(f, g[i].cells[k].mean);
        for (int k = 0; k < s->n_scalars; k++)
            put_number(f, g[i].cells[k].sd);
        fputc('\n', f);
    }
    return aet_writer_close(path, &f);
}
