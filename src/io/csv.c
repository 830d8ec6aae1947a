#include "aetlas/io/csv.h"
#include "aetlas/base/file.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include <math.h>
#include <string.h>

/* A text field: in quotes when it needs them, quotes doubled (RFC 4180). */
static void put_text(FILE *f, const char *s)
{
    if (!strpbrk(s, ",\"\n")) {
        fputs(s, f);
        return;
    }
    fputc('"', f);
    for (; *s; s++) {
        if (*s == '"')
            fputc('"', f);
        fputc(*s, f);
    }
    fputc('"', f);
}

static void put_heads(FILE *f, const aet_atoms *a)
{
    fputs("index,element,x_A,y_A,z_A", f);
    for (int c = 0; c < a->n_columns; c++)
        for (int k = 0; k < a->columns[c].width; k++) {
            fprintf(f, ",%s", a->columns[c].name);
            if (a->columns[c].width > 1)
                fprintf(f, "_%d", k);
        }
    fputc('\n', f);
}

aet_err aet_csv_write_atoms(const char *path, const aet_atoms *a)
{
    FILE *f = NULL;
    AET_TRY(aet_writer_open(path, &f));
    put_heads(f, a);
    for (int i = 0; i < a->n; i++) {
        const double *p = a->position_A[i];
        fprintf(f, "%d,%s,%.10g,%.10g,%.10g", i, aet_element_symbol(a->species[i]), p[0], p[1],
                p[2]);
        for (int c = 0; c < a->n_columns; c++)
            for (int k = 0, w = a->columns[c].width; k < w; k++)
                fprintf(f, ",%.10g", a->columns[c].values[(int64_t)i * w + k]);
        fputc('\n', f);
    }
    return aet_writer_close(path, &f);
}

static aet_err no_curve(const aet_curve *curves, int n, const char *name)
{
    char all[1024] = "";
    for (int i = 0; i < n; i++) {
        size_t used = strlen(all);
        (void)aet_fmt(all + used, sizeof all - used, "%s%s", i ? ", " : "", curves[i].name);
    }
    AET_FAIL(AET_ERR_INPUT, "there is no curve '%s'; there are %s", name, all[0] ? all : "none");
}

static void put_cell(double v, bool last, FILE *f)
{
    if (isfinite(v))
        fprintf(f, "%.10g", v);
    fputc(last ? '\n' : ',', f);
}

aet_err aet_csv_write_curve(const char *path, const aet_curve *curves, int n, const char *name)
{
    FILE *f = NULL;
    const aet_curve *c = NULL;
    for (int i = 0; i < n && !c; i++)
        c = strcmp(curves[i].name, name) == 0 ? &curves[i] : NULL;
    if (!c)
        return no_curve(curves, n, name);
    AET_TRY(aet_writer_open(path, &f));
    for (int k = 0; k < c->width; k++) {
        fputs(k ? "," : "", f);
        put_text(f, c->head[k]);
    }
    fputc('\n', f);
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < c->width; k++)
            put_cell(c->values[(int64_t)i * c->width + k], k + 1 == c->width, f);
    return aet_writer_close(path, &f);
}

aet_err aet_csv_write_scalars(const char *path, const aet_atoms *a)
{
    FILE *f = NULL;
    AET_TRY(aet_writer_open(path, &f));
    fputs("name,value,unit,description\n", f);
    for (int i = 0; i < a->n_scalars; i++) {
        const aet_scalar *s = &a->scalars[i];
        fprintf(f, "%s,%.10g,%s,", s->name, s->value, s->unit);
        put_text(f, s->description);
        fputc('\n', f);
    }
    return aet_writer_close(path, &f);
}

aet_err aet_csv_write_angles(const char *path, const aet_tilt *t, bool plain)
{
    FILE *f = NULL;
    AET_TRY(aet_writer_open(path, &f));
    if (!plain)
        fputs("phi_deg,theta_deg,psi_deg\n", f);
    for (int i = 0; i < t->n; i++) {
        const double *d = t->angles_deg[i];
        if (plain)
            fprintf(f, "%.6f\n", d[1]);
        else
            fprintf(f, "%.6f,%.6f,%.6f\n", d[0], d[1], d[2]);
    }
    return aet_writer_close(path, &f);
}
