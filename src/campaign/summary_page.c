/* report.html: what a person reads. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "campaign/summary_priv.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

typedef struct {
    FILE *f;
    const aet_summary *s;
    const aet_summary_group *g;
    int n_groups;
    const char *to;
} page;

/* Which section a quantity belongs to: that of the longest beginning of its name. */
static const struct {
    const char *name, *heading, *begins; /* words with blanks between */
} sections[] = {
    {"overview", "Overview", "atoms area volume density diameter ball"},
    {"shape", "Shape", "sphericity facet curvature concave specific surface alpha region"},
    {"chemistry", "Chemistry", "fraction csro enrichment mixed interface segregation"},
    {"strain", "Strain", "strain cell fcc_constant local_constant"},
    {"order", "Order",
     "bonds coordination structure twin stacking crystallinity penetration pair cutoff q4 q6 grain "
     "hexagonal layer"},
    {"activity", "Activity", "gcn asgcn masgcn active activity strain_activity"},
    {"quality", "Quality", "reconstruct fcc_rmsd fcc_assigned fcc_turn cell_rmsd trace precision"},
};
enum { N_SECTIONS = sizeof sections / sizeof *sections, OTHER = 4 };

static int section_of(const char *name)
{
    size_t longest = 0;
    int best = OTHER;
    for (int k = 0; k < N_SECTIONS; k++)
        for (const char *w = sections[k].begins; *w; w += strspn(w, " ")) {
            size_t n = strcspn(w, " ");
            if (n > longest && strncmp(name, w, n) == 0) {
                longest = n;
                best = k;
            }
            w += n;
        }
    return best;
}

/* ---- text ---- */

static void put_text(FILE *f, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '<'   ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '&' ? "&amp;"
                             : *text == '"' ? "&quot;"
                                            : NULL;
        if (entity)
            fputs(entity, f);
        else
            fputc(*text, f);
    }
}

/* A path as an address. */
static void put_address(FILE *f, const char *path)
{
    for (; *path; path++)
        if (isalnum((unsigned char)*path) || strchr("/._-~", *path))
            fputc(*path, f);
        else
            fprintf(f, "%%%02X", (unsigned char)*path);
}

static const char *const head =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>AETlas</title>\n<style>\n"
    "body{font:15px/1.45 sans-serif;margin:2em auto;max-width:76em;padding:0 1em;color:#222}\n"
    "nav{position:sticky;top:0;background:#fff;padding:.5em 0;border-bottom:1px solid #ccc}"
    "nav a{margin-right:1em}a{color:#0072b2}\n"
    "h2{margin-top:1.6em;scroll-margin-top:2.2em}table{border-collapse:collapse;margin:1em 0}\n"
    "th,td{padding:.2em .7em;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}\n"
    "th:first-child,td:first-child{text-align:left}.wide{overflow-x:auto}"
    "td img{width:84px;display:block}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(24em,1fr));gap:1em}\n"
    "figure{margin:0}figcaption{font-size:90%;color:#555}figure img{width:100%}\n"
    ".particle{display:flex;flex-wrap:wrap;gap:.4em}.particle figure{width:13em}\n"
    "summary{cursor:pointer;color:#0072b2}.bad{color:#a00}</style></head><body>\n";

/* Significant digits, large numbers in full. */
static void put_number(FILE *f, double v, int digits)
{
    if (fabs(v) >= pow(10, digits - 1) && fabs(v) < 1e9)
        fprintf(f, "%.0f", v);
    else
        fprintf(f, "%.*g", digits, v);
}

static void put_value(FILE *f, double v)
{
    fputs("<td>", f);
    if (isfinite(v))
        put_number(f, v, 4);
    fputs("</td>", f);
}

static void put_quantity(FILE *f, const aet_scalar *s)
{
    fputs("<tr><td title=\"", f);
    put_text(f, s->description);
    fputs("\">", f);
    put_text(f, s->name);
    if (s->unit[0] && strcmp(s->unit, "1") != 0) {
        fputs(" (", f);
        put_text(f, s->unit);
        fputc(')', f);
    }
    fputs("</td>", f);
}

/* ---- sections ---- */

static void put_figure(const page *p, const aet_figure_made *m)
{
    char file[128];
    fputs("<figure>", p->f);
    aet_fmt(file, sizeof file, "figures/%s.svg", m->file);
    if (m->drawn) {
        fputs("<a href=\"", p->f);
        put_address(p->f, file);
        fputs("\"><img loading=\"lazy\" src=\"", p->f);
        put_address(p->f, file);
        fputs("\" alt=\"\"></a>", p->f);
    }
    fputs("<figcaption>", p->f);
    put_text(p->f, m->title);
    for (int k = m->drawn ? 0 : 1; k < 2; k++) {
        aet_fmt(file, sizeof file, "figures/%s.%s", m->file, k ? "csv" : "png");
        fputs(" <a href=\"", p->f);
        put_address(p->f, file);
        fprintf(p->f, "\">%s</a>", k ? "csv" : "png");
    }
    fputs("</figcaption></figure>\n", p->f);
}

static void put_figures(const page *p, const char *section)
{
    int n;
    const aet_figure_made *made = aet_figures_made(p->s->figures, &n);
    fputs("<div class=\"figures\">\n", p->f);
    for (int k = 0; k < n; k++)
        if (strcmp(made[k].section, section) == 0)
            put_figure(p, &made[k]);
    fputs("</div>\n", p->f);
}

static void put_group_heads(const page *p)
{
    for (int i = 0; i < p->n_groups; i++) {
        fputs("<th>", p->f);
        put_text(p->f, p->g[i].group[0] ? p->g[i].group : "all");
        fprintf(p->f, "<br>%g cycles<br>n = %d</th>", p->g[i].cycles, p->g[i].members);
    }
}

static void put_group_values(const page *p, int k)
{
    for (int i = 0; i < p->n_groups; i++) {
        const aet_summary_cell *c = &p->g[i].cells[k];
        if (c->count < 2) {
            put_value(p->f, c->mean);
            continue;
        }
        fputs("<td>", p->f);
        put_number(p->f, c->mean, 4);
        fputs(" &plusmn; ", p->f);
        put_number(p->f, c->sd, 2);
        fputs("</td>", p->f);
    }
}

static bool has_section(const page *p, int section)
{
    int n;
    const aet_figure_made *made = aet_figures_made(p->s->figures, &n);
    for (int k = 0; k < n; k++)
        if (strcmp(made[k].section, sections[section].name) == 0)
            return true;
    for (int k = 0; k < p->s->n_scalars; k++)
        if (section_of(p->s->scalars[k].name) == section)
            return true;
    return false;
}

static void put_section(const page *p, int section)
{
    const aet_summary *s = p->s;
    fprintf(p->f, "<h2 id=\"%s\">%s</h2>\n", sections[section].name, sections[section].heading);
    put_figures(p, sections[section].name);
    fputs("<details open><summary>mean &plusmn; standard deviation over particles</summary>"
          "<div class=\"wide\"><table><tr><th>quantity</th>",
          p->f);
    put_group_heads(p);
    fputs("</tr>\n", p->f);
    for (int k = 0; k < s->n_scalars; k++)
        if (section_of(s->scalars[k].name) == section) {
            put_quantity(p->f, &s->scalars[k]);
            put_group_values(p, k);
            fputs("</tr>\n", p->f);
        }
    fputs("</table></div></details>\n", p->f);
}

/* ---- particles ---- */

static int scalar_of(const aet_summary *s, const char *name)
{
    for (int k = 0; k < s->n_scalars; k++)
        if (strcmp(s->scalars[k].name, name) == 0)
            return k;
    return -1;
}

/* Of the one table of particles; fractions of single elements come after the atoms. */
static int choose_columns(const aet_summary *s, int columns[32])
{
    static const char *const wanted[] = {"atoms",          "",          "diameter_A",
                                         "sphericity",     "facet_111", "fcc_constant_A",
                                         "strain_surface", "activity",  "reconstruct_r1"};
    int n = 0;
    for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++) {
        int k = scalar_of(s, wanted[w]);
        if (k >= 0)
            columns[n++] = k;
        for (k = 0; !wanted[w][0] && k < s->n_scalars && n < 16; k++)
            if (strncmp(s->scalars[k].name, "fraction_", 9) == 0 &&
                !strchr(s->scalars[k].name + 9, '_'))
                columns[n++] = k;
    }
    return n;
}

/* A picture of the particle's folder, where it is there. */
static bool picture_of(const page *p, const aet_summary_entry *e, const char *file,
                       char relative[AET_PATH_MAX])
{
    char path[AET_PATH_MAX];
    aet_path_join(relative, AET_PATH_MAX, e->name, file);
    aet_path_join(path, sizeof path, p->to, relative);
    return aet_file_exists(path);
}

static void put_picture(const page *p, const char *file, const char *caption)
{
    fputs("<figure><a href=\"", p->f);
    put_address(p->f, file);
    fputs("\"><img loading=\"lazy\" src=\"", p->f);
    put_address(p->f, file);
    fputs("\" alt=\"\"></a><figcaption>", p->f);
    put_text(p->f, caption);
    fputs("</figcaption></figure>\n", p->f);
}

static void put_row(const page *p, int i, const int *columns, int n)
{
    char file[AET_PATH_MAX];
    const aet_summary_entry *e = &p->s->entries[i];
    fprintf(p->f, "<tr><td><a href=\"#p%d\">", i);
    put_text(p->f, e->name);
    fputs("</a></td><td>", p->f);
    if (picture_of(p, e, "map_elements.png", file)) {
        fputs("<img loading=\"lazy\" alt=\"\" src=\"", p->f);
        put_address(p->f, file);
        fputs("\">", p->f);
    }
    fputs("</td><td>", p->f);
    put_text(p->f, e->group);
    fprintf(p->f, "</td><td>%g</td>", e->cycles);
    for (int k = 0; k < n; k++)
        put_value(p->f, p->s->values[(size_t)i * AET_SUMMARY_SCALARS + (size_t)columns[k]]);
    fputs("</tr>\n", p->f);
}

static void put_particles(const page *p)
{
    int columns[32], n = choose_columns(p->s, columns);
    fputs(
        "<h2 id=\"particles\">Particles</h2>\n<div class=\"wide\"><table><tr><th>name</th><th></th>"
        "<th>group</th><th>cycles</th>",
        p->f);
    for (int k = 0; k < n; k++) {
        fputs("<th title=\"", p->f);
        put_text(p->f, p->s->scalars[columns[k]].description);
        fputs("\">", p->f);
        put_text(p->f, p->s->scalars[columns[k]].name);
        fputs("</th>", p->f);
    }
    fputs("</tr>\n", p->f);
    for (int i = 0; i < p->s->n; i++)
        put_row(p, i, columns, n);
    fputs("</table></div>\n", p->f);
}

/* All pictures of all particles. */
static void put_gallery(const page *p)
{
    int n;
    char file[AET_PATH_MAX], name[64];
    const aet_figure_map *maps = aet_figure_maps(&n);
    for (int i = 0; i < p->s->n; i++) {
        const aet_summary_entry *e = &p->s->entries[i];
        fprintf(p->f, "<h3 id=\"p%d\">", i);
        put_text(p->f, e->name);
        fputs("</h3><div class=\"particle\">\n", p->f);
        for (int k = 0; k < n; k++) {
            aet_fmt(name, sizeof name, "%s.png", maps[k].file);
            if (picture_of(p, e, name, file))
                put_picture(p, file, maps[k].title);
        }
        if (e->picture[0])
            put_picture(p, e->picture, "density: sum, slice, maximum");
        if (e->errors[0])
            put_picture(p, e->errors, "misfit of the iterations");
        fputs("</div>\n", p->f);
    }
}

/* ---- all ---- */

static void put_front(const page *p, const char *title)
{
    fprintf(p->f, "%s<h1>", head);
    put_text(p->f, title);
    fputs("</h1>\n<nav>", p->f);
    for (int k = 0; k < N_SECTIONS; k++)
        if (has_section(p, k))
            fprintf(p->f, "<a href=\"#%s\">%s</a>", sections[k].name, sections[k].heading);
    fputs("<a href=\"#particles\">Particles</a></nav>\n", p->f);
    fprintf(
        p->f,
        "<p>%d particles; made by AETlas %s. Numbers: <a href=\"summary.csv\">summary.csv</a> "
        "(by particle), <a href=\"groups.csv\">groups.csv</a> (mean and standard deviation), and "
        "beside every figure. Points are means over particles, bars and bands standard "
        "deviations; one particle alone has none. Point at a quantity for its definition.</p>\n",
        p->s->n, AET_VERSION);
    for (int i = 0; i < p->s->n_bad; i++) {
        fputs("<p class=\"bad\">Left out: ", p->f);
        put_text(p->f, p->s->bad[i]);
        fputs("</p>\n", p->f);
    }
}

aet_err aet_summary_page(const aet_summary *s, const aet_summary_group *g, int n, const char *title,
                         const char *to)
{
    char path[AET_PATH_MAX];
    page p = {.s = s, .g = g, .n_groups = n, .to = to};
    aet_path_join(path, sizeof path, to, "report.html");
    AET_TRY(aet_writer_open(path, &p.f));
    put_front(&p, title);
    for (int k = 0; k < N_SECTIONS; k++)
        if (has_section(&p, k))
            put_section(&p, k);
    put_particles(&p);
    put_gallery(&p);
    fputs("</body></html>\n", p.f);
    return aet_writer_close(path, &p.f);
}
