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
#include <sys/stat.h>

enum { MAP_PIXELS = 400 };

static int scalar_index(aet_summary *s, const aet_scalar *scalar)
{
    for (int i = 0; i < s->n_scalars; i++)
        if (strcmp(s->scalars[i].name, scalar->name) == 0)
            return i;
    if (s->n_scalars == AET_SUMMARY_SCALARS) {
        aet_warn("%s is left out: over %d quantities", scalar->name, AET_SUMMARY_SCALARS);
        return -1;
    }
    s->scalars[s->n_scalars] = *scalar;
    return s->n_scalars++;
}

/* a is there and not older than b. */
static bool is_newer(const char *a, const char *b)
{
    struct stat x, y;
    if (stat(a, &x) != 0 || stat(b, &y) != 0)
        return false;
    return x.st_mtim.tv_sec != y.st_mtim.tv_sec ? x.st_mtim.tv_sec > y.st_mtim.tv_sec
                                                : x.st_mtim.tv_nsec >= y.st_mtim.tv_nsec;
}

/* The pictures of a particle lie in a folder of its name; those of these measures stay. */
static void draw_maps(const aet_summary_entry *e, const aet_atoms *a, const char *to)
{
    char dir[AET_PATH_MAX], first[AET_PATH_MAX];
    aet_path_join(dir, sizeof dir, to, e->name);
    aet_path_join(first, sizeof first, dir, "map_elements.png");
    if (!is_newer(first, e->path) && aet_figure_maps_write(a, false, MAP_PIXELS, dir) != AET_OK) {
        aet_warn("%s: pictures left out: %s", e->name, aet_error_text());
        aet_error_clear();
    }
}

static void take(aet_summary *s, const aet_summary_entry *e, const aet_atoms *a)
{
    double *row = s->values + (size_t)s->n * AET_SUMMARY_SCALARS;
    for (int i = 0; i < AET_SUMMARY_SCALARS; i++)
        row[i] = (double)NAN;
    for (int k = 0; k < a->n_scalars; k++) {
        int index = scalar_index(s, &a->scalars[k]);
        if (index >= 0)
            row[index] = a->scalars[k].value;
    }
    aet_figures_add(s->figures, a, e->name, e->group, e->cycles);
    s->entries[s->n++] = *e;
}

/* One file that cannot be used costs its particle, not the report. */
static void read_entry(aet_summary *s, const aet_summary_entry *e, bool pictures, const char *to)
{
    aet_atoms *a = NULL;
    double atoms;
    aet_err err = aet_atoms_read(MPI_COMM_SELF, e->path, &a);
    if (!err && !aet_atoms_find_scalar(a, "atoms", &atoms)) /* the first of all measures */
        err = aet_error_set(AET_ERR_INPUT, __FILE__, __LINE__,
                            "%s: no measures in it; make them with `aetlas analyse`", e->path);
    if (!err && e->precision[0])
        err = precision_to_measures(e->precision, a);
    if (err) {
        aet_fmt(s->bad[s->n_bad], sizeof s->bad[0], "%s: %.400s", e->name, aet_error_text());
        aet_warn("left out: %s", s->bad[s->n_bad++]);
    } else {
        take(s, e, a);
        if (pictures)
            draw_maps(e, a, to);
    }
    aet_atoms_free(&a);
}

static aet_err collect(aet_summary *s, const aet_summary_entry *entries, int n, bool pictures,
                       const char *to)
{
    *s = (aet_summary){.figures = aet_figures_new(AET_FIGURES_CAMPAIGN)};
    s->entries = AET_NEW(aet_summary_entry, n);
    s->bad = aet_new_bytes((size_t)n * sizeof *s->bad);
    s->scalars = AET_NEW(aet_scalar, AET_SUMMARY_SCALARS);
    AET_TRY(AET_ARRAY((int64_t)n * AET_SUMMARY_SCALARS, "quantities of particles", &s->values));
    for (int i = 0; i < n; i++)
        read_entry(s, &entries[i], pictures, to);
    AET_CHECK(s->n > 0, AET_ERR_INPUT, "no measures to summarise: %s", s->bad[0]);
    aet_error_clear();
    return AET_OK;
}

static void release(aet_summary *s, aet_summary_group *groups, int n_groups)
{
    for (int g = 0; g < n_groups; g++)
        aet_release(&groups[g].cells);
    aet_free_bytes(groups);
    aet_figures_free(&s->figures);
    aet_release(&s->entries);
    aet_release(&s->bad);
    aet_release(&s->scalars);
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
    aet_summary s;
    aet_summary_group *groups = NULL;
    char dir[AET_PATH_MAX];
    int n_groups = 0;
    aet_err err = AET_OK;
    AET_GO(collect(&s, entries, n, pictures, to));
    n_groups = aet_summary_groups(&s, &groups);
    AET_GO(aet_dir_make(to));
    AET_GO(write_tables(&s, groups, n_groups, to));
    aet_path_join(dir, sizeof dir, to, "figures");
    if (pictures)
        AET_GO(aet_figures_draw(MPI_COMM_SELF, s.figures, dir));
    AET_GO(aet_summary_page(&s, groups, n_groups, title, to));
    AET_GO_CHECK(s.n_bad == 0, AET_ERR_PARTIAL, "%d of %d measures are not in the report; %s",
                 s.n_bad, n, s.bad[0]);
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
