#include "aetlas/campaign/tracing.h"

#include "aetlas/analyse/fcc.h"
#include "aetlas/base/file.h"
#include "aetlas/base/hash.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include <inttypes.h>

#define TOLERANCE 0.25 /* of the nearest-neighbour distance (Jeong et al. (2025)) */
enum { EDITS_BYTES = 1 << 24 };

/* The lattice of the atoms that have a species. */
static aet_err find_lattice(const aet_atoms *a, double start_A, aet_fcc *fit)
{
    aet_err err = AET_OK;
    aet_cells *cells = NULL;
    int(*site)[3] = NULL;
    bool *member = NULL;
    AET_GO(AET_ARRAY(a->n, "lattice sites", &site));
    AET_GO(AET_ARRAY(a->n, "lattice members", &member));
    AET_GO(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0, &cells));
    AET_GO(aet_fcc_fit(a, cells, start_A, TOLERANCE, fit, site, member));
done:
    aet_cells_free(&cells);
    aet_release(&site);
    aet_release(&member);
    return err;
}

static aet_err only_atoms(aet_atoms *a)
{
    bool *keep = NULL;
    AET_TRY(AET_ARRAY(a->n, "atoms to keep", &keep));
    for (int i = 0; i < a->n; i++)
        keep[i] = a->species[i] > 0;
    aet_atoms_select(a, keep);
    aet_release(&keep);
    return AET_OK;
}

/* Local: all ranks hold the same atoms. */
static aet_err lattice_of(const aet_tracer *t, double start_A, aet_fcc *fit, int *atoms)
{
    aet_atoms *a = NULL;
    AET_TRY(aet_tracer_atoms(t, &a, NULL));
    aet_err err = only_atoms(a);
    *atoms = a->n;
    if (err == AET_OK)
        err = find_lattice(a, start_A, fit);
    aet_atoms_free(&a);
    return err;
}

static aet_err second_pass(MPI_Comm comm, const aet_trace_params *p, aet_tracer *t)
{
    aet_fcc fit = {0};
    int atoms = 0;
    AET_TRY(AET_AGREE(comm, lattice_of(t, p->lattice_A, &fit, &atoms)));
    if (2 * fit.assigned >= atoms && fit.assigned > 0)
        return aet_tracer_layers(t, &fit.lattice);
    aet_warn("no second pass: only %d of %d atoms lie on one fcc lattice (from %g A)", fit.assigned,
             atoms, p->lattice_A);
    return AET_OK;
}

static void note_edits(const char *path, const char *text, const aet_edit_counts *n)
{
    char line[AET_PATH_MAX + 128];
    aet_fmt(line, sizeof line, "%s (fingerprint %016" PRIx64 "): %d added, %d removed, %d set",
            path, aet_hash_text(AET_HASH_START, text), n->added, n->removed, n->set);
    aet_provenance_note("edits", line);
}

static aet_err apply_edits(MPI_Comm comm, const char *path, const aet_trace_params *p,
                           aet_atoms *atoms)
{
    aet_edit_counts n = {0};
    char *text = NULL;
    if (path[0]) {
        AET_TRY(aet_read_text_all(comm, path, EDITS_BYTES, &text));
        aet_err err = AET_AGREE(comm, aet_edits_apply(text, path, p->min_distance_A, atoms, &n));
        if (err == AET_OK)
            note_edits(path, text, &n);
        aet_release(&text);
        AET_TRY(err);
    }
    aet_atoms_add_scalar(atoms, "trace_added", n.added, "1", "atoms added by hand");
    aet_atoms_add_scalar(atoms, "trace_removed", n.removed, "1", "atoms removed by hand");
    aet_atoms_add_scalar(atoms, "trace_set", n.set, "1", "species set by hand");
    return AET_OK;
}

static void keep_figures(const aet_trace_report *r, aet_atoms *a)
{
    const struct {
        const char *name;
        double value;
        const char *text;
    } rows[] = {
        {"trace_separation", r->separation,
         "least distance of two species' mean intensities / their deviation"},
        {"trace_candidates", r->candidates, "local maxima, or pieces, looked at"},
        {"trace_badly_bound", r->badly_bound, "dropped: hardly held at the surface"},
        {"trace_too_near", r->too_near,
         "dropped: nearer than the minimum distance to a stronger peak"},
        {"trace_no_hill", r->no_fit, "dropped: nothing left once the neighbours are taken out"},
        {"trace_outside", r->outside, "dropped: outside the boundary of the particle"},
        {"trace_nonatom_class", r->weak, "dropped: in the class of non-atoms"},
        {"trace_layers", r->layers, "atomic layers read in the second pass; 0: none was made"},
        {"trace_second_pass", r->from_layers, "atoms that only the second pass found"},
        {"trace_mean_p", r->mean_p, "mean probability of the species"},
        {"trace_uncertain", r->uncertain, "atoms whose species is less probable than wanted"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        aet_atoms_add_scalar(a, rows[i].name, rows[i].value, "1", rows[i].text);
}

aet_err aet_tracing(const aet_volume *v, const int z_list[], int n_species,
                    const aet_trace_params *p, const char *edits, aet_atoms **atoms,
                    aet_trace_report *report)
{
    aet_err err = AET_OK;
    aet_tracer *t = NULL;
    *atoms = NULL;
    AET_GO(aet_tracer_create(v, z_list, n_species, p, &t));
    if (p->second_pass)
        AET_GO(second_pass(v->comm, p, t));
    AET_GO(AET_AGREE(v->comm, aet_tracer_atoms(t, atoms, report)));
    keep_figures(report, *atoms);
    AET_GO(apply_edits(v->comm, edits, p, *atoms));
    AET_GO(aet_trace_profile(v, p, report, *atoms));
    AET_GO(aet_trace_correlation(v, *atoms));
done:
    aet_tracer_free(&t);
    if (err != AET_OK)
        aet_atoms_free(atoms);
    return err;
}
