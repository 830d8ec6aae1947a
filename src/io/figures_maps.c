/* Pictures of the atoms by their measures, all from the same side. */
#include "aetlas/base/file.h"
#include "aetlas/base/str.h"
#include "aetlas/io/figures.h"
#include "aetlas/io/render.h"
#include <math.h>
#include <string.h>

/* A published figure shows all atoms, or, cut, those behind a plane through the centre. */
typedef struct {
    aet_figure_map map;
    const char *field, *title, *among, *classes;
    double scale, low, high;
    bool cut, often;
} coloured;

#define FACETS "111 {111};100 {100};110 {110}"
static const coloured maps[] = {
    {{"map_elements", "elements"}, NULL, NULL, NULL, NULL, 1, 0, 0, false, true},
    {{"map_elements_cut", "elements, cut"}, NULL, NULL, NULL, NULL, 1, 0, 0, true, true},
    {{"map_facet", "facets"}, "facet", NULL, "surface", FACETS, 1, 0, 0, false, true},
    {{"map_coordination", "coordination"},
     "coordination",
     NULL,
     NULL,
     NULL,
     1,
     3,
     12,
     false,
     false},
    {{"map_csro", "short-range order"}, "csro", "CSRO", NULL, NULL, 1, -1, 1, false, true},
    {{"map_csro_cut", "short-range order, cut"}, "csro", "CSRO", NULL, NULL, 1, -1, 1, true, false},
    {{"map_enrichment", "enrichment"},
     "enrichment_*",
     "enrichment",
     NULL,
     NULL,
     1,
     -1,
     1,
     false,
     true},
    {{"map_strain", "strain"},
     "strain",
     "strain (%)",
     "local_constant_A",
     NULL,
     100,
     -5,
     5,
     false,
     true},
    {{"map_strain_cut", "strain, cut"},
     "strain",
     "strain (%)",
     "local_constant_A",
     NULL,
     100,
     -5,
     5,
     true,
     false},
    {{"map_activity", "activity"},
     "ln_activity",
     "ln(j/j Pt(111))",
     "active_site",
     NULL,
     1,
     -10,
     10,
     false,
     true},
    {{"map_strain_activity", "activity from strain"},
     "ln_strain_activity",
     "ln(j/j Pt(111))",
     "strain_active",
     NULL,
     1,
     -10,
     10,
     false,
     false},
    {{"map_surface_strain", "strain of the surface, averaged"},
     "surface_strain",
     "strain (%)",
     "surface",
     NULL,
     100,
     -4,
     4,
     false,
     false},
    {{"map_surface_activity", "activity of the surface, averaged"},
     "surface_ln_activity",
     "ln(j/j Pt(111))",
     "surface",
     NULL,
     1,
     -10,
     10,
     false,
     false},
    {{"map_structure", "structure, cut"},
     "structure",
     NULL,
     NULL,
     "1 fcc;2 hcp;3 surface;0 other",
     1,
     0,
     0,
     true,
     false},
    {{"map_strain_xx", "strain xx, cut"},
     "strain_tensor.1",
     "strain xx (%)",
     "fcc_assigned",
     NULL,
     100,
     -4,
     4,
     true,
     false},
    {{"map_strain_yy", "strain yy, cut"},
     "strain_tensor.2",
     "strain yy (%)",
     "fcc_assigned",
     NULL,
     100,
     -4,
     4,
     true,
     false},
    {{"map_strain_zz", "strain zz, cut"},
     "strain_tensor.3",
     "strain zz (%)",
     "fcc_assigned",
     NULL,
     100,
     -4,
     4,
     true,
     false},
    {{"map_strain_yz", "strain yz, cut"},
     "strain_tensor.4",
     "strain yz (%)",
     "fcc_assigned",
     NULL,
     100,
     -4,
     4,
     true,
     false},
    {{"map_strain_xz", "strain xz, cut"},
     "strain_tensor.5",
     "strain xz (%)",
     "fcc_assigned",
     NULL,
     100,
     -4,
     4,
     true,
     false},
    {{"map_strain_xy", "strain xy, cut"},
     "strain_tensor.6",
     "strain xy (%)",
     "fcc_assigned",
     NULL,
     100,
     -4,
     4,
     true,
     false},
    {{"map_strain_radial", "radial strain, cut"},
     "strain_radial",
     "radial strain (%)",
     "fcc_assigned",
     NULL,
     100,
     -5,
     5,
     true,
     false},
    {{"map_fate", "what becomes of the atoms"},
     "fate",
     NULL,
     NULL,
     "0 stays;1 exchanged;2 lost",
     1,
     0,
     0,
     false,
     true},
    {{"map_history", "where the atoms come from"},
     "history",
     NULL,
     NULL,
     "0 stayed;1 exchanged;2 new",
     1,
     0,
     0,
     false,
     true},
    {{"map_core", "time-invariant core, cut"},
     "core",
     NULL,
     NULL,
     "1 core;0 fringe",
     1,
     0,
     0,
     true,
     true},
};
enum { N_MAPS = sizeof maps / sizeof *maps };

const aet_figure_map *aet_figure_maps(int *n)
{
    static aet_figure_map list[N_MAPS];
    *n = N_MAPS;
    for (int k = 0; k < N_MAPS; k++)
        list[k] = maps[k].map;
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

/* The whole model, and half of it. */
typedef struct {
    aet_render_options o;
    aet_render_look *look; /* owned; NULL until wanted */
} sight;

static aet_err draw(const aet_atoms *a, const coloured *m, sight *s, const char *dir)
{
    char path[AET_PATH_MAX], file[64];
    aet_render_options o = s->o;
    if (m->field && !(o.field = field_of(a, m->field)))
        return AET_OK;
    if (m->among && aet_atoms_find_column(a, m->among))
        o.among = m->among;
    o.title = m->title;
    o.classes = m->classes;
    o.scale = m->scale;
    o.low = m->low;
    o.high = m->high;
    aet_fmt(file, sizeof file, "%s.png", m->map.file);
    aet_path_join(path, sizeof path, dir, file);
    if (!s->look)
        AET_TRY(aet_render_look_make(a, &s->o, &s->look));
    return aet_render_look_write(s->look, path, &o);
}

aet_err aet_figure_maps_write(const aet_atoms *a, bool all, int size, const char *dir)
{
    sight whole = {.o = aet_render_defaults()}, half;
    aet_err err = AET_OK;
    AET_TRY(aet_dir_make(dir));
    whole.o.size = size;
    look(a, &whole.o);
    half = whole;
    half.o.cut_A = middle(a, half.o.view);
    for (int k = 0; k < N_MAPS && !err; k++)
        if (all || maps[k].often)
            err = draw(a, &maps[k], maps[k].cut ? &half : &whole, dir);
    aet_render_look_free(&whole.look);
    aet_render_look_free(&half.look);
    return err;
}
