#include "aetlas/io/figures.h"

#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "figures_priv.h"
#include <string.h>

void *figure_grow(void *list, int n, size_t size)
{
    if (n == 0 || (n & (n - 1)) == 0) { /* powers of two are full */
        char *more = aet_new_bytes((n ? 2 * (size_t)n : 1) * size);
        if (n)
            memcpy(more, list, (size_t)n * size);
        aet_free_bytes(list);
        list = more;
    }
    return list;
}

aet_figures *aet_figures_new(aet_figures_of of)
{
    aet_figures *f = AET_NEW(aet_figures, 1);
    f->of = of;
    return f;
}

void aet_figures_free(aet_figures **f)
{
    if (!*f)
        return;
    for (int i = 0; i < (*f)->n_numbers; i++) {
        aet_release(&(*f)->numbers[i].key);
        aet_release(&(*f)->numbers[i].x);
    }
    aet_release(&(*f)->entries);
    aet_release(&(*f)->numbers);
    aet_release(&(*f)->made);
    aet_release(f);
}

void aet_figures_add(aet_figures *f, const aet_atoms *measures, const char *name, const char *group,
                     double at)
{
    f->entries = figure_grow(f->entries, f->n_entries, sizeof *f->entries);
    figure_entry *e = &f->entries[f->n_entries];
    aet_fmt(e->name, sizeof e->name, "%s", name);
    aet_fmt(e->group, sizeof e->group, "%s", group);
    e->at = at;
    figure_reduce(f, measures, f->n_entries++);
}

static aet_err draw_all(aet_figures *f, const char *dir)
{
    AET_TRY(aet_dir_make(dir));
    f->n_made = 0;
    for (int k = 0; k < figure_n_panels; k++)
        AET_TRY(figure_draw_panel(f, k, dir));
    return AET_OK;
}

aet_err aet_figures_draw(MPI_Comm comm, aet_figures *f, const char *dir)
{
    int rank;
    MPI_Comm_rank(comm, &rank);
    return AET_AGREE(comm, rank == 0 ? draw_all(f, dir) : AET_OK);
}

const aet_figure_made *aet_figures_made(const aet_figures *f, int *n)
{
    *n = f->n_made;
    return f->made;
}
