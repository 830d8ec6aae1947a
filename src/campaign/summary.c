#include "aetlas/campaign/summary.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "campaign/precision_priv.h"
#include "campaign/summary_priv.h"
#include <math.h>
#include <string.h>

static int scalar_index(aet_summary *s, const aet_scalar *scalar)
{
    for (int i = 0; i < s->n_scalars; i++)
        if (strcmp(s->scalars[i].name, scalar->name) == 0)
            return i;
    if (s->n_scalars == AET_SUMMARY_SCALARS)
        return -1;
    s->scalars[s->n_scalars] = *scalar;
    return s->n_scalars++;
}

static void note_curve(aet_summary *s, const char *name)
{
    for (int i = 0; i < s->n_curves; i++)
        if (strcmp(s->curves[i], name) == 0)
            return;
    if (s->n_curves < AET_SUMMARY_CURVES)
        aet_fmt(s->curves[s->n_curves++], sizeof s->curves[0], "%s", name);
}

static aet_err take(aet_summary *s, int i)
{
    aet_atoms *a = NULL;
    AET_TRY(aet_atoms_read(MPI_COMM_SELF, s->entries[i].path, &a));
    s->measures[i] = a; /* owned by the summary from here on */
    if (s->entries[i].precision[0])
        AET_TRY(precision_to_measures(s->entries[i].precision, a));
    double *row = s->values + (size_t)i * AET_SUMMARY_SCALARS;
    for (int k = 0; k < a->n_scalars; k++) {
        int index = scalar_index(s, &a->scalars[k]);
        if (index >= 0)
            row[index] = a->scalars[k].value;
    }
    for (int k = 0; k < a->n_curves; k++)
        note_curve(s, a->curves[k].name);
    bool *none = AET_NEW(bool, a->n + 1);
    aet_atoms_select(a, none); /* the atoms themselves are not wanted: keep memory small */
    aet_release(&none);
    return AET_OK;
}

static aet_err collect(aet_summary *s, const aet_summary_entry *entries, int n)
{
    *s = (aet_summary){.n = n, .entries = entries};
    s->values = AET_NEW(double, (size_t)n *AET_SUMMARY_SCALARS);
    s->measures = AET_NEW(aet_atoms *, n);
    for (int i = 0; i < n * AET_SUMMARY_SCALARS; i++)
        s->values[i] = (double)NAN;
    for (int i = 0; i < n; i++)
        AET_TRY(take(s, i));
    return AET_OK;
}

static void release(aet_summary *s, aet_summary_group *groups, int n_groups)
{
    for (int i = 0; s->measures && i < s->n; i++)
        aet_atoms_free(&s->measures[i]);
    for (int g = 0; g < n_groups; g++)
        aet_release(&groups[g].cells);
    aet_free_bytes(groups);
    aet_release(&s->measures);
    aet_release(&s->values);
}

static aet_err write_tables(const aet_summary *s, const aet_summary_group *g, int n, const char *to)
{
    char path[AET_PATH_MAX];
    aet_path_join(path, sizeof path, to, "summary.csv");
    AET_TRY(aet_summary_csv(s, path));
    aet_path_join(path, sizeof path, to, "groups.csv");
    return aet_summary_groups_csv(s, g, n, path);
}

static aet_err write_all(const char *title, const aet_summary_entry *entries, int n, bool pictures,
                         const char *to)
{
    enum { FIGURES = 32 };
    aet_summary_figure figures[FIGURES];
    char path[AET_PATH_MAX];
    aet_summary s;
    aet_summary_group *groups = NULL;
    int n_groups = 0, n_figures = 0;
    aet_err err = AET_OK;
    AET_GO(collect(&s, entries, n));
    n_groups = aet_summary_groups(&s, &groups);
    AET_GO(aet_dir_make(to));
    AET_GO(write_tables(&s, groups, n_groups, to));
    if (pictures)
        n_figures = aet_summary_figures(&s, groups, n_groups, to, figures, FIGURES);
    aet_path_join(path, sizeof path, to, "report.html");
    AET_GO(aet_summary_page(&s, groups, n_groups, title, figures, n_figures, path));
done:
    release(&s, groups, n_groups);
    return err;
}

aet_err aet_summary_write(MPI_Comm comm, const char *title, const aet_summary_entry *entries, int n,
                          bool pictures, const char *to)
{
    int rank;
    aet_err err = AET_OK;
    AET_CHECK(n > 0, AET_ERR_INPUT, "no finished particle to summarise");
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = write_all(title, entries, n, pictures, to);
    return AET_AGREE(comm, err);
}
