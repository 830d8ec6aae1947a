/* Tables of numbers in text. */
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/raster.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_BYTES ((int64_t)1 << 30)
enum { MAX_COLUMNS = 64 };

/* The numbers of one line; -1 when a word is not a finite number. */
static int line_numbers(char *line, double values[MAX_COLUMNS])
{
    static const char *between = " \t\r,;\v\f";
    char *save = NULL, *end;
    int n = 0;
    for (char *w = strtok_r(line, between, &save); w; w = strtok_r(NULL, between, &save)) {
        double v = strtod(w, &end);
        if (end == w || *end || !isfinite(v) || n == MAX_COLUMNS)
            return -1;
        values[n++] = v;
    }
    return n;
}

typedef struct {
    double *values;
    int64_t count, room;
    int columns;
} table;

static aet_err add_row(table *t, const char *path, int line, const double *values, int n)
{
    if (t->columns == 0)
        t->columns = n;
    AET_CHECK(n == t->columns, AET_ERR_INPUT, "%s, line %d: %d numbers, the lines above have %d",
              path, line, n, t->columns);
    if (t->count + n > t->room) {
        double *more = NULL;
        int64_t room = t->room ? 2 * t->room : 4096;
        AET_TRY(AET_ARRAY(room, path, &more));
        if (t->count)
            memcpy(more, t->values, (size_t)t->count * sizeof *more);
        aet_release(&t->values);
        t->values = more;
        t->room = room;
    }
    memcpy(t->values + t->count, values, (size_t)n * sizeof *values);
    t->count += n;
    return AET_OK;
}

static aet_err parse(const char *path, char *text, table *t)
{
    double values[MAX_COLUMNS];
    bool heading = true; /* one line of words may stand above the numbers */
    int line = 0;
    for (char *next = text, *s; (s = next) != NULL;) {
        char *end = strchr(s, '\n');
        next = end ? end + 1 : NULL;
        if (end)
            *end = 0;
        line++;
        while (isspace((unsigned char)*s))
            s++;
        if (!*s || *s == '#' || *s == '%')
            continue;
        int n = line_numbers(s, values);
        if (n < 0 && heading && t->count == 0) {
            heading = false;
            continue;
        }
        AET_CHECK(n > 0, AET_ERR_INPUT, "%s, line %d: expected numbers", path, line);
        AET_TRY(add_row(t, path, line, values, n));
    }
    return AET_OK;
}

aet_err aet_table_read(const char *path, aet_raster **r)
{
    aet_err err = AET_OK;
    char *text = NULL;
    int64_t length = 0;
    table t = {0};
    *r = NULL;
    AET_GO(aet_file_read_text(path, TABLE_BYTES, &text, &length));
    AET_GO_CHECK(memchr(text, 0, (size_t)length) == NULL, AET_ERR_INPUT,
                 "%s: is not a text of numbers", path);
    AET_GO(parse(path, text, &t));
    AET_GO_CHECK(t.count > 0, AET_ERR_INPUT, "%s: holds no numbers", path);
    const int64_t dims[2] = {t.count / t.columns, t.columns};
    AET_GO(aet_raster_create(2, dims, true, r));
    memcpy((*r)->f64, t.values, (size_t)t.count * sizeof(double));
done:
    aet_release(&t.values);
    aet_release(&text);
    return err;
}
