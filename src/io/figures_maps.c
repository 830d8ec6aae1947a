/* Pictures of the atoms by their measures, all from the same side. */
#include "aetlas/base/file.h"
#include "aetlas/base/str.h"
#include "aetlas/io/figures.h"
#include "aetlas/io/render.h"
#include "figures_slices.h"
#include <math.h>
#include <string.h>

/* What is seen of the model: all atoms; those behind a plane through the centre; slab after slab of two
 * close-packed layers. */
enum { WHOLE, HALF, SLICES, SIGHTS };

typedef struct {
    const char *file, *title;
    int sight;
    const char *field, *bar, *among; /* NULL: by element; bar: title of the bar of colours */
    const char *classes;
    double scale, low, high; /* scale 0: 1 */
    bool often;              /* one of the few that tell most */
} coloured;

#define STRUCTURES "1 fcc;2 hcp;3 surface;0 other"
#define FACETS     "111 {111};100 {100};110 {110}"
#define STRAIN     .scale = 100, .low = -4, .high = 4
#define LN_J       .bar = "ln(j/j Pt(111))", .low = -10, .high = 10
#define ON_FCC     .among = "fcc_assigned", STRAIN
static const coloured maps[] = {
    {"map_elements", "elements", WHOLE, NULL, .often = true},
    {"map_elements_cut", "elements, cut", HALF, NULL, .often = true},
    {"map_facet", "facets", WHOLE, "facet", .among = "surface", .classes = FACETS, .often = true},
    {"map_coordination", "coordination", WHOLE, "coordination", .low = 3, .high = 12},
    {"map_csro", "short-range order", WHOLE, "csro", "CSRO", .low = -1, .high = 1, .often = true},
    {"map_csro_cut", "short-range order, cut", HALF, "csro", "CSRO", .low = -1, .high = 1},
    {"map_enrichment", "enrichment", WHOLE, "enrichment_*", "enrichment", .low = -1, .high = 1,
     .often = true},
    {"map_strain", "strain", WHOLE, "strain", "strain (%)", "local_constant_A", STRAIN,
     .often = true},
    {"map_strain_cut", "strain, cut", HALF, "strain", "strain (%)", "local_constant_A", STRAIN},
    {"map_activity", "activity", WHOLE, "ln_activity", .among = "active_site", LN_J, .often = true},
    {"map_strain_activity", "activity from strain", WHOLE, "ln_strain_activity",
     .among = "strain_active", LN_J},
    {"map_surface_strain", "strain of the surface, averaged", WHOLE, "surface_strain", "strain (%)",
     "surface", STRAIN},
    {"map_surface_activity", "activity of the surface, averaged", WHOLE, "surface_ln_activity",
     .among = "surface", LN_J},
    {"map_structure", "structure, cut", HALF, "structure", .classes = STRUCTURES},
    {"map_layers", "structure, layer by layer", SLICES, "structure", .classes = STRUCTURES},
    {"map_strain_xx", "strain xx, layer by layer", SLICES, "layer_strain.1", "strain xx (%)",
     ON_FCC},
    {"map_strain_yy", "strain yy, layer by layer", SLICES, "layer_strain.2", "strain yy (%)",
     ON_FCC},
    {"map_strain_zz", "strain zz, layer by layer", SLICES, "layer_strain.3", "strain zz (%)",
     ON_FCC},
    {"map_strain_yz", "strain yz, layer by layer", SLICES, "layer_strain.4", "strain yz (%)",
     ON_FCC},
    {"map_strain_xz", "strain xz, layer by layer", SLICES, "layer_strain.5", "strain xz (%)",
     ON_FCC},
    {"map_strain_xy", "strain xy, layer by layer", SLICES, "layer_strain.6", "strain xy (%)",
     ON_FCC},
    {"map_strain_radial", "radial strain, cut", HALF, "strain_radial", "radial strain (%)", ON_FCC},
    {"map_fate", "what becomes of the atoms", WHOLE, "fate",
     .classes = "0 stays;1 exchanged;2 lost", .often = true},
    {"map_history", "where the atoms come from", WHOLE, "history",
     .classes = "0 stayed;1 exchanged;2 new", .often = true},
    {"map_core", "time-invariant core, cut", HALF, "core", .classes = "1 core;0 fringe",
     .often = true},
};
enum { N_MAPS = sizeof maps / sizeof *maps };

const aet_figure_map *aet_figure_maps(int *n)
{
    static aet_figure_map list[N_MAPS];
    *n = N_MAPS;
    for (int k = 0; k < N_MAPS; k++)
        list[k] = (aet_figure_map){maps[k].file, maps[k].title};
    return list;
}

/* The column itself for a name that ends in *; NULL when there is none. */
static const char *field_of(const aet_atoms *a, const char *name)
{
    char stem[48];
    size_t length = strcspn(name, "*.");
    aet_fmt(stem, sizeof stem, "%.*s", (int)length, name);
    if (name[length] != '*')
        return aet_atoms_find_column(a, stem) ? name : NULL;
    for (int i = 0; i < a->n_columns; i++)
        if (strncmp(a->columns[i].name, stem, length) == 0)
            return a->columns[i].name;
    return NULL;
}

/* A corner of the cube a little from the side: {111}, {100} and {110} faces are all to be seen. */
static void look(const aet_atoms *a, aet_render_options *o)
{
    static const double from[3] = {1, 0.42, 0.25};
    const aet_curve *c = aet_atoms_find_curve(a, "fcc_lattice");
    if (!c || c->n < 3 || c->width != 3 || !isfinite(c->values[0]) || c->values[0] == 0)
        return;
    for (int k = 0; k < 3; k++) {
        o->view[k] = 0;
        for (int v = 0; v < 3; v++)
            o->view[k] += from[v] * c->values[3 * v + k];
        o->up[k] = c->values[6 + k];
    }
}

/* Half of the model: up to its centroid. */
static double middle(const aet_atoms *a, const double view[3])
{
    double length = sqrt(view[0] * view[0] + view[1] * view[1] + view[2] * view[2]), sum = 0;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < 3; k++)
            sum += a->position_A[i][k] * view[k] / length / a->n;
    return sum;
}

typedef struct {
    const aet_atoms *a;
    aet_render_options o;
    aet_render_look *look; /* owned; NULL until wanted */
} sight;

static aet_err draw(const coloured *m, sight *s, const char *dir)
{
    char path[AET_PATH_MAX], file[64];
    aet_render_options o = s->o;
    if (!s->a || (m->field && !(o.field = field_of(s->a, m->field))))
        return AET_OK;
    if (m->among && aet_atoms_find_column(s->a, m->among))
        o.among = m->among;
    o.title = m->bar;
    o.classes = m->classes;
    o.scale = m->scale != 0 ? m->scale : 1;
    o.low = m->low;
    o.high = m->high;
    aet_fmt(file, sizeof file, "%s.png", m->file);
    aet_path_join(path, sizeof path, dir, file);
    if (!s->look)
        AET_TRY(aet_render_look_make(s->a, &s->o, &s->look));
    return aet_render_look_write(s->look, path, &o);
}

static void choose_sights(const aet_atoms *a, const aet_atoms *sheet, int size, sight s[SIGHTS])
{
    s[WHOLE] = (sight){.a = a, .o = aet_render_defaults()};
    s[WHOLE].o.size = size;
    look(a, &s[WHOLE].o);
    s[HALF] = s[WHOLE];
    s[HALF].o.cut_A = middle(a, s[HALF].o.view);
    s[SLICES] = (sight){.a = sheet, .o = aet_render_defaults()};
    s[SLICES].o.size = 3 * size / 2; /* there are many slabs */
    memcpy(s[SLICES].o.view, (const double[3]){0, 0, 1}, sizeof s->o.view);
    memcpy(s[SLICES].o.up, (const double[3]){0, 1, 0}, sizeof s->o.up);
}

aet_err aet_figure_maps_write(const aet_atoms *a, bool all, int size, const char *dir)
{
    sight s[SIGHTS];
    aet_atoms *sheet = NULL;
    AET_TRY(aet_dir_make(dir));
    if (all)
        AET_TRY(figure_slices(a, &sheet));
    choose_sights(a, sheet, size, s);
    aet_err err = AET_OK;
    for (int k = 0; k < N_MAPS && !err; k++)
        if (all || maps[k].often)
            err = draw(&maps[k], &s[maps[k].sight], dir);
    for (int k = 0; k < SIGHTS; k++)
        aet_render_look_free(&s[k].look);
    aet_atoms_free(&sheet);
    return err;
}
