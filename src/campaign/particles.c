#include "aetlas/campaign/particles.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/load.h"
#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { MAX_COLUMNS = 16, LINE_MAX_ = 2 * AET_PATH_MAX, TEXT_FIELD, PATH_FIELD, NUMBER_FIELD };

#define FIELD(member, kind)                                                                        \
    offsetof(aet_particle, member), sizeof(((aet_particle *)0)->member), kind
static const struct {
    const char *name;
    size_t offset, size;
    int kind;
    double low, high; /* of a number */
} known[] = {
    {"name", FIELD(name, TEXT_FIELD), 0, 0},
    {"input", FIELD(input, PATH_FIELD), 0, 0},
    {"angles", FIELD(angles, PATH_FIELD), 0, 0},
    {"edits", FIELD(edits, PATH_FIELD), 0, 0},
    {"pixel_A", FIELD(pixel_A, NUMBER_FIELD), 1e-3, 1e3},
    {"pixel", FIELD(pixel_A, NUMBER_FIELD), 1e-3, 1e3},
    {"group", FIELD(group, TEXT_FIELD), 0, 0},
    {"cycles", FIELD(cycles, NUMBER_FIELD), 0, 1e12},
    {"microscope", FIELD(microscope, TEXT_FIELD), 0, 0},
    {"species", FIELD(species, TEXT_FIELD), 0, 0},
    {"kind", FIELD(kind, TEXT_FIELD), 0, 0},
    {"types", FIELD(types, PATH_FIELD), 0, 0},
    {"variable", FIELD(variable, TEXT_FIELD), 0, 0},
};
enum { N_KNOWN = sizeof known / sizeof *known };

typedef struct {
    const char *origin;
    int line;
    int n_columns, column[MAX_COLUMNS]; /* index in known */
    char dir[AET_PATH_MAX];
} reader;

/* Cuts a line at its tabs, in place; gives the number of fields. */
static int split(char *line, char *fields[MAX_COLUMNS + 1])
{
    int n = 0;
    for (char *p = line; n <= MAX_COLUMNS; p++) {
        fields[n++] = p;
        p = strchr(p, '\t');
        if (!p)
            break;
        *p = 0;
    }
    for (int i = 0; i < n && i <= MAX_COLUMNS; i++)
        aet_str_trim(fields[i], fields[i], strlen(fields[i]) + 1);
    return n;
}

static aet_err read_head(reader *r, char *line)
{
    char *fields[MAX_COLUMNS + 1];
    const char *names[N_KNOWN];
    r->n_columns = split(line, fields);
    AET_CHECK(r->n_columns <= MAX_COLUMNS, AET_ERR_USAGE, "%s, line %d: more than %d columns",
              r->origin, r->line, MAX_COLUMNS);
    for (int k = 0; k < N_KNOWN; k++)
        names[k] = known[k].name;
    for (int c = 0; c < r->n_columns; c++) {
        r->column[c] = -1;
        for (int k = 0; k < N_KNOWN; k++)
            if (strcmp(fields[c], names[k]) == 0)
                r->column[c] = k;
        const char *near = aet_str_nearest(fields[c], names, N_KNOWN);
        AET_CHECK(r->column[c] >= 0, AET_ERR_USAGE,
                  "%s, line %d: unknown column '%s'%s%s (columns are separated by tabs)", r->origin,
                  r->line, fields[c], near ? "; did you mean " : "", near ? near : "");
    }
    return AET_OK;
}

static aet_err take_field(const reader *r, aet_particle *p, int k, const char *text)
{
    char *where = (char *)p + known[k].offset;
    if (known[k].kind == NUMBER_FIELD) {
        double v = 0.0;
        AET_CHECK(!text[0] || aet_str_real(text, &v), AET_ERR_USAGE,
                  "%s, line %d: %s = '%s' is not a number", r->origin, r->line, known[k].name,
                  text);
        AET_CHECK(!text[0] || (v >= known[k].low && v <= known[k].high), AET_ERR_USAGE,
                  "%s, line %d: %s = %s is outside %g to %g", r->origin, r->line, known[k].name,
                  text, known[k].low, known[k].high);
        *(double *)(void *)where = v;
    } else if (known[k].kind == PATH_FIELD && text[0])
        aet_path_join(where, known[k].size, r->dir, text);
    else
        AET_CHECK(aet_fmt(where, known[k].size, "%s", text), AET_ERR_USAGE,
                  "%s, line %d: %s is too long", r->origin, r->line, known[k].name);
    return AET_OK;
}

static bool name_is_good(const char *name)
{
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
            return false;
    return name[0] && name[0] != '.';
}

static aet_err read_row(const reader *r, char *line, const aet_particle *before, int n,
                        aet_particle *p)
{
    char *fields[MAX_COLUMNS + 1];
    int n_fields = split(line, fields);
    AET_CHECK(n_fields == r->n_columns, AET_ERR_USAGE,
              "%s, line %d: %d fields, but the head line has %d; separate by tabs", r->origin,
              r->line, n_fields, r->n_columns);
    for (int c = 0; c < n_fields; c++)
        AET_TRY(take_field(r, p, r->column[c], fields[c]));
    AET_CHECK(name_is_good(p->name), AET_ERR_USAGE,
              "%s, line %d: name '%s' must be letters, digits, '.', '_' or '-' (it names a folder)",
              r->origin, r->line, p->name);
    AET_CHECK(p->input[0], AET_ERR_USAGE, "%s, line %d: '%s' has no input", r->origin, r->line,
              p->name);
    AET_CHECK(!p->kind[0] || strcmp(p->kind, "images") == 0 || strcmp(p->kind, "atoms") == 0,
              AET_ERR_USAGE, "%s, line %d: kind = '%s'; expected images, atoms or nothing",
              r->origin, r->line, p->kind);
    for (int i = 0; i < n; i++)
        AET_CHECK(strcmp(before[i].name, p->name) != 0, AET_ERR_USAGE,
                  "%s, line %d: the name '%s' is used twice", r->origin, r->line, p->name);
    return AET_OK;
}

static int count_lines(const char *text)
{
    int n = 1;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* The next line without its end and its comment into buf; NULL at the end of the text. */
static const char *next_line(const char *text, char *buf, size_t size, bool *fits)
{
    if (!*text)
        return NULL;
    size_t length = strcspn(text, "\r\n"), kept = strcspn(text, "#\r\n");
    *fits = kept < size;
    aet_fmt(buf, size, "%.*s", (int)kept, text);
    text += length;
    if (*text == '\r')
        text++;
    return *text == '\n' ? text + 1 : text;
}

aet_err aet_particles_parse(const char *text, const char *origin, aet_particle **list, int *n)
{
    reader r = {.origin = origin};
    char line[LINE_MAX_], blank[2];
    bool fits;
    aet_err err = AET_OK;
    aet_path_dir(origin, r.dir, sizeof r.dir);
    *n = 0;
    AET_TRY(AET_ARRAY(count_lines(text), "particle table", list));
    while ((text = next_line(text, line, sizeof line, &fits)) != NULL) {
        r.line++;
        AET_GO_CHECK(fits, AET_ERR_USAGE, "%s, line %d: too long", origin, r.line);
        aet_str_trim(line, blank, sizeof blank);
        if (!blank[0])
            continue;
        if (r.n_columns == 0)
            AET_GO(read_head(&r, line));
        else {
            AET_GO(read_row(&r, line, *list, *n, &(*list)[*n]));
            ++*n;
        }
    }
    AET_GO_CHECK(*n > 0, AET_ERR_USAGE,
                 "%s: no particle in it; expected a head line (name, input, ...) and one line each",
                 origin);
done:
    if (err)
        aet_release(list);
    return err;
}

bool aet_particle_is_model(const aet_particle *p)
{
    if (p->kind[0] || p->types[0])
        return strcmp(p->kind, "images") != 0;
    aet_format format = aet_format_of(p->input);
    return format == AET_FORMAT_ATOMS || format == AET_FORMAT_XYZ;
}
