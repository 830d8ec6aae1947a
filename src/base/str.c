#include "aetlas/base/str.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool aet_fmt(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n >= 0 && (size_t)n < size;
}

static bool only_blanks(const char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    return *s == 0;
}

bool aet_str_real(const char *s, double *value)
{
    char *end;
    double v = strtod(s, &end);
    if (end == s || !only_blanks(end) || !isfinite(v))
        return false;
    *value = v;
    return true;
}

bool aet_str_int(const char *s, long *value)
{
    char *end;
    errno = 0;
    long v = strtol(s, &end, 10);
    if (end == s || !only_blanks(end) || errno)
        return false;
    *value = v;
    return true;
}

bool aet_str_list(const char *text, int max, char (*key)[16], double *value, int *n)
{
    for (*n = 0; *text; ++*n) {
        char word[64], *number = word;
        size_t length = strcspn(text, ",");
        if (*n == max || length >= sizeof word)
            return false;
        memcpy(word, text, length);
        word[length] = 0;
        char *colon = strchr(word, ':');
        key[*n][0] = 0;
        if (colon) {
            *colon = 0;
            number = colon + 1;
            if (strlen(word) >= sizeof key[*n])
                return false;
            aet_str_trim(word, key[*n], sizeof key[*n]);
        }
        if (!aet_str_real(number, &value[*n]))
            return false;
        text += length;
        text += *text == ',';
    }
    return true;
}

void aet_str_trim(const char *s, char *buf, size_t size)
{
    while (isspace((unsigned char)*s))
        s++;
    size_t n = strlen(s);
    while (n > 0 && isspace((unsigned char)s[n - 1]))
        n--;
    if (n >= size)
        n = size - 1;
    memmove(buf, s, n);
    buf[n] = 0;
}

bool aet_str_ends(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcasecmp(s + n - m, end) == 0;
}

bool aet_str_same(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

/* Levenshtein distance, case ignored, of words of at most 63 letters. */
static int edit_distance(const char *a, const char *b)
{
    enum { MAX = 63 };
    int row[MAX + 1], nb = (int)strnlen(b, MAX);
    for (int j = 0; j <= nb; j++)
        row[j] = j;
    for (int i = 1; i <= MAX && a[i - 1]; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= nb; j++) {
            int up = row[j];
            int same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            int best = diagonal + !same;
            if (up + 1 < best)
                best = up + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = up;
            row[j] = best;
        }
    }
    return row[nb];
}

const char *aet_str_nearest(const char *word, const char *const *names, int n)
{
    const char *best = NULL;
    int best_distance = 2 + (int)strlen(word) / 3;
    for (int i = 0; i < n; i++) {
        int d = edit_distance(word, names[i]);
        if (d < best_distance) {
            best_distance = d;
            best = names[i];
        }
    }
    return best;
}

const char *aet_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void aet_path_stem(const char *path, char *buf, size_t size)
{
    aet_fmt(buf, size, "%s", aet_path_base(path));
    char *dot = strrchr(buf, '.');
    if (dot && dot != buf)
        *dot = 0;
}

void aet_path_dir(const char *path, char *buf, size_t size)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        aet_fmt(buf, size, ".");
    else if (slash == path)
        aet_fmt(buf, size, "/");
    else
        aet_fmt(buf, size, "%.*s", (int)(slash - path), path);
}

void aet_path_join(char *buf, size_t size, const char *dir, const char *name)
{
    if (name[0] == '/' || dir[0] == 0)
        aet_fmt(buf, size, "%s", name);
    else
        aet_fmt(buf, size, "%s/%s", dir, name);
}
