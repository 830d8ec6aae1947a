#include "aetlas/io/xyz.h"
#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include <ctype.h>
#include <string.h>

#define TEXT_BYTES ((int64_t)8 << 30)
enum { MAX_FIELDS = 32, MAX_WIDTH = 9 };
static const char *const blanks = " \t\r\v\f";

typedef enum { SKIP, SPECIES, POSITION, COLUMN } role;
typedef struct {
    role role;
    int words;
    char name[48];
    int column; /* index in the atoms */
} field;

typedef struct {
    const char *path;
    char *next; /* rest of the text */
    int line;
    int n_fields;
    field fields[MAX_FIELDS];
} reader;

static char *next_line(reader *r)
{
    char *s = r->next;
    if (!s || !*s)
        return NULL;
    char *end = strchr(s, '\n');
    r->next = end ? end + 1 : NULL;
    if (end)
        *end = 0;
    r->line++;
    return s;
}

/* ---- Properties=species:S:1:pos:R:3:name:R:1 ---- */

static aet_err add_field(reader *r, const char *name, char kind, long words)
{
    AET_CHECK(r->n_fields < MAX_FIELDS && words >= 1 && words <= 1000, AET_ERR_INPUT,
              "%s, line 2: Properties: '%s' of %ld words; up to %d properties are read", r->path,
              name, words, MAX_FIELDS);
    field *f = &r->fields[r->n_fields++];
    *f = (field){.role = SKIP, .words = (int)words, .column = -1};
    (void)aet_fmt(f->name, sizeof f->name, "%s", name);
    if (aet_str_same(name, "species") || aet_str_same(name, "element"))
        f->role = SPECIES;
    else if (aet_str_same(name, "pos") || aet_str_same(name, "position"))
        f->role = POSITION;
    else if ((kind == 'R' || kind == 'I') && words <= MAX_WIDTH)
        f->role = COLUMN;
    AET_CHECK(f->role != POSITION || words == 3, AET_ERR_INPUT,
              "%s, line 2: positions need 3 words, not %ld", r->path, words);
    return AET_OK;
}

static aet_err parse_properties(reader *r, char *text)
{
    char *save = NULL;
    bool have[4] = {false};
    for (char *name = strtok_r(text, ":", &save); name; name = strtok_r(NULL, ":", &save)) {
        char *kind = strtok_r(NULL, ":", &save), *count = kind ? strtok_r(NULL, ":", &save) : NULL;
        long words = 0;
        AET_CHECK(count && aet_str_int(count, &words), AET_ERR_INPUT,
                  "%s, line 2: Properties must be name:kind:words triples, see '%s'", r->path,
                  name);
        AET_TRY(add_field(r, name, kind[0], words));
        have[r->fields[r->n_fields - 1].role] = true;
    }
    AET_CHECK(have[SPECIES] && have[POSITION], AET_ERR_INPUT,
              "%s, line 2: Properties lack species or pos", r->path);
    return AET_OK;
}

static aet_err parse_comment(reader *r, const char *line)
{
    const char *p = strstr(line, "Properties=");
    if (!p) {
        AET_TRY(add_field(r, "species", 'S', 1));
        return add_field(r, "pos", 'R', 3);
    }
    char text[2048];
    p += strlen("Properties=");
    bool quoted = *p == '"';
    p += quoted;
    size_t n = quoted ? strcspn(p, "\"") : strcspn(p, " \t\r");
    AET_CHECK(n < sizeof text, AET_ERR_INPUT, "%s, line 2: Properties are too long", r->path);
    memcpy(text, p, n);
    text[n] = 0;
    return parse_properties(r, text);
}

/* ---- lines ---- */

static aet_err take_species(const reader *r, const char *word, uint8_t *species)
{
    int z = aet_element_number(word);
    AET_CHECK(z > 0 || strcmp(word, "X") == 0, AET_ERR_INPUT,
              "%s, line %d: '%s' is no chemical element", r->path, r->line, word);
    *species = (uint8_t)z;
    return AET_OK;
}

static aet_err take_atom(const reader *r, char *line, aet_atoms *a, int i)
{
    char *save = NULL, *word = strtok_r(line, blanks, &save);
    for (int f = 0; f < r->n_fields; f++) {
        const field *d = &r->fields[f];
        for (int k = 0; k < d->words; k++, word = strtok_r(NULL, blanks, &save)) {
            double v = 0.0;
            AET_CHECK(word, AET_ERR_INPUT, "%s, line %d: ends before '%s'", r->path, r->line,
                      d->name);
            if (d->role == SPECIES && k == 0)
                AET_TRY(take_species(r, word, &a->species[i]));
            if (d->role != POSITION && d->role != COLUMN)
                continue;
            AET_CHECK(aet_str_real(word, &v), AET_ERR_INPUT,
                      "%s, line %d: '%s' is no finite number (%s)", r->path, r->line, word,
                      d->name);
            if (d->role == POSITION)
                a->position_A[i][k] = v;
            else
                a->columns[d->column].values[(int64_t)i * d->words + k] = v;
        }
    }
    return AET_OK;
}

static void add_columns(reader *r, aet_atoms *a)
{
    for (int f = 0; f < r->n_fields; f++)
        if (r->fields[f].role == COLUMN) {
            aet_atoms_add_column(a, r->fields[f].name, r->fields[f].words, "", "");
            r->fields[f].column = a->n_columns - 1;
        }
}

/* The number of atoms, believed only as far as the text is long enough for it. */
static aet_err take_count(reader *r, int64_t length, int *n)
{
    char *line = next_line(r), word[32] = "";
    long count = -1;
    if (line)
        aet_str_trim(line, word, sizeof word);
    AET_CHECK(aet_str_int(word, &count) && count >= 0, AET_ERR_INPUT,
              "%s, line 1: expected the number of atoms, found '%s'", r->path, word);
    AET_CHECK(count <= length / 7 + 1 && count < (1 << 28), AET_ERR_INPUT,
              "%s, line 1: claims %ld atoms, which a text of %lld bytes cannot hold", r->path,
              count, (long long)length);
    *n = (int)count;
    return AET_OK;
}

static bool only_blanks(const char *s)
{
    while (s && isspace((unsigned char)*s))
        s++;
    return !s || !*s;
}

static aet_err parse(reader *r, int64_t length, aet_atoms **a)
{
    int n = 0;
    AET_TRY(take_count(r, length, &n));
    char *comment = next_line(r);
    AET_CHECK(comment || n == 0, AET_ERR_INPUT, "%s: ends after line 1", r->path);
    AET_TRY(parse_comment(r, comment ? comment : ""));
    AET_TRY(aet_atoms_create(n, a));
    add_columns(r, *a);
    for (int i = 0; i < n; i++) {
        char *line = next_line(r);
        AET_CHECK(line, AET_ERR_INPUT, "%s: ends after %d of %d atoms", r->path, i, n);
        AET_TRY(take_atom(r, line, *a, i));
    }
    if (!only_blanks(r->next))
        aet_warn("%s: only the first frame is read", r->path);
    return AET_OK;
}

aet_err aet_xyz_read(const char *path, aet_atoms **a)
{
    int64_t length = 0;
    char *text = NULL;
    reader *r = AET_NEW(reader, 1);
    *a = NULL;
    aet_err err = aet_file_read_text(path, TEXT_BYTES, &text, &length);
    r->path = path;
    r->next = text;
    if (!err)
        err = parse(r, length, a);
    if (err)
        aet_atoms_free(a);
    aet_release(&text);
    aet_release(&r);
    return err;
}

/* ---- writing ---- */

static void write_comment(FILE *f, const aet_atoms *a)
{
    fprintf(f, "Properties=species:S:1:pos:R:3");
    for (int i = 0; i < a->n_columns; i++)
        fprintf(f, ":%s:R:%d", a->columns[i].name, a->columns[i].width);
    fprintf(f, " pbc=\"F F F\"");
    for (int i = 0; i < a->n_scalars; i++)
        fprintf(f, " %s=%.10g", a->scalars[i].name, a->scalars[i].value);
    fprintf(f, "\n");
}

aet_err aet_xyz_write(const char *path, const aet_atoms *a)
{
    FILE *f = NULL;
    AET_TRY(aet_writer_open(path, &f));
    fprintf(f, "%d\n", a->n);
    write_comment(f, a);
    for (int i = 0; i < a->n; i++) {
        const double *p = a->position_A[i];
        fprintf(f, "%-2s %.8f %.8f %.8f", aet_element_symbol(a->species[i]), p[0], p[1], p[2]);
        for (int c = 0; c < a->n_columns; c++)
            for (int k = 0, w = a->columns[c].width; k < w; k++)
                fprintf(f, " %.10g", a->columns[c].values[(int64_t)i * w + k]);
        fprintf(f, "\n");
    }
    return aet_writer_close(path, &f);
}
