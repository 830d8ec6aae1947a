/* summary.csv, groups.csv and report.html. */
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

static const char *const head =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
    "charset=\"utf-8\"><title>AETlas</title>\n<style>\n"
    "body{font:15px/1.45 sans-serif;margin:2em auto;max-width:72em;padding:0 1em;color:#222}\n"
    "table{border-collapse:collapse;margin:1em 0}th,td{padding:.2em .7em;border-bottom:1px solid "
    "#ddd;text-align:right}\n"
    "th:first-child,td:first-child{text-align:left}.wide{overflow-x:auto}\n"
    "figure{display:inline-block;margin:.6em;vertical-align:top}figcaption{font-size:90%;color:#"
    "555}\n"
    "img{max-width:34em;width:100%}</style></head><body>\n";

/* One row per quantity, one column per particle or group: quantities are many, columns few. */
static void put_row_head(FILE *f, const aet_scalar *s)
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

static void put_value(FILE *f, double v)
{
    if (isfinite(v))
        fprintf(f, "<td>%.5g</td>", v);
    else
        fputs("<td></td>", f);
}

static void put_particles(FILE *f, const aet_summary *s)
{
    fputs("<h2>Particles</h2>\n<div class=\"wide\"><table><tr><th>quantity</th>", f);
    for (int i = 0; i < s->n; i++) {
        fputs("<th>", f);
        put_text(f, s->entries[i].name);
        fputs("</th>", f);
    }
    fputs("</tr>\n", f);
    for (int k = 0; k < s->n_scalars; k++) {
        put_row_head(f, &s->scalars[k]);
        for (int i = 0; i < s->n; i++)
            put_value(f, s->values[(size_t)i * AET_SUMMARY_SCALARS + (size_t)k]);
        fputs("</tr>\n", f);
    }
    fputs("</table></div>\n", f);
}

static void put_groups(FILE *f, const aet_summary *s, const aet_summary_group *g, int n)
{
    fputs("<h2>Groups</h2>\n<p>mean &plusmn; standard deviation over particles</p>\n"
          "<div class=\"wide\"><table><tr><th>quantity</th>",
          f);
    for (int i = 0; i < n; i++) {
        fputs("<th>", f);
        put_text(f, g[i].group[0] ? g[i].group : "all");
        fprintf(f, ", %g cycles (%d)</th>", g[i].cycles, g[i].members);
    }
    fputs("</tr>\n", f);
    for (int k = 0; k < s->n_scalars; k++) {
        put_row_head(f, &s->scalars[k]);
        for (int i = 0; i < n; i++) {
            const aet_summary_cell *c = &g[i].cells[k];
            if (c->count > 1)
                fprintf(f, "<td>%.5g &plusmn; %.2g</td>", c->mean, c->sd);
            else
                put_value(f, c->mean);
        }
        fputs("</tr>\n", f);
    }
    fputs("</table></div>\n", f);
}

static void put_picture(FILE *f, const char *file, const char *caption)
{
    fputs("<figure><a href=\"", f);
    put_text(f, file);
    fputs("\"><img src=\"", f);
    put_text(f, file);
    fputs("\" alt=\"\"></a><figcaption>", f);
    put_text(f, caption);
    fputs("</figcaption></figure>\n", f);
}

aet_err aet_summary_page(const aet_summary *s, const aet_summary_group *g, int n, const char *title,
                         const aet_summary_figure *figures, int n_figures, const char *path)
{
    FILE *f;
    AET_TRY(aet_writer_open(path, &f));
    fprintf(f, "%s<h1>", head);
    put_text(f, title);
    fprintf(f,
            "</h1>\n<p>%d particles; made by AETlas %s. Tables: <a "
            "href=\"summary.csv\">summary.csv</a>, "
            "<a href=\"groups.csv\">groups.csv</a>. Point at a quantity for its definition.</p>\n",
            s->n, AET_VERSION);
    for (int i = 0; i < n_figures; i++)
        put_picture(f, figures[i].file, figures[i].title);
    put_groups(f, s, g, n);
    put_particles(f, s);
    for (int i = 0; i < s->n; i++) {
        if (s->entries[i].picture[0])
            put_picture(f, s->entries[i].picture, s->entries[i].name);
        if (s->entries[i].errors[0])
            put_picture(f, s->entries[i].errors, s->entries[i].name);
    }
    fputs("</body></html>\n", f);
    return aet_writer_close(path, &f);
}
