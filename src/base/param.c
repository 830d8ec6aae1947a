/* One parameter: text to value, value to text, help. */
#include "aetlas/base/config.h"

#include "aetlas/base/str.h"
#include <string.h>

static void *member(const aet_param *p, void *params)
{
    return (char *)params + p->offset;
}

static const void *member_const(const aet_param *p, const void *params)
{
    return (const char *)params + p->offset;
}

/* Index of word in "a|b|c", or -1. */
static int choice_index(const char *choices, const char *word)
{
    size_t n = strlen(word);
    int index = 0;
    for (const char *c = choices; n > 0; index++) {
        size_t length = strcspn(c, "|");
        if (length == n && strncmp(c, word, n) == 0)
            return index;
        if (!c[length])
            break;
        c += length + 1;
    }
    return -1;
}

static void choice_text(const char *choices, int index, char *buf, size_t size)
{
    const char *c = choices;
    for (; index > 0 && *c; index--)
        c += strcspn(c, "|") + 1;
    aet_fmt(buf, size, "%.*s", (int)strcspn(c, "|"), c);
}

static aet_err parse_number(const aet_param *p, const char *text, void *where)
{
    double real = 0.0;
    long whole = 0;
    bool is_int = p->type == AET_PARAM_INT;
    bool ok = is_int ? aet_str_int(text, &whole) : aet_str_real(text, &real);
    AET_CHECK(ok, AET_ERR_USAGE, "'%s' is not a %s", text, is_int ? "whole number" : "number");
    double value = is_int ? (double)whole : real;
    AET_CHECK(value >= p->low && value <= p->high, AET_ERR_USAGE,
              "%s%s%s is outside %.10g to %.10g%s%s", text, p->unit[0] ? " " : "", p->unit, p->low,
              p->high, p->unit[0] ? " " : "", p->unit);
    if (is_int)
        *(int *)where = (int)whole;
    else
        *(double *)where = real;
    return AET_OK;
}

static aet_err parse_bool(const char *text, bool *where)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no",
                                                                                "off", "0"};
    for (int i = 0; i < 4; i++)
        if (aet_str_same(text, yes[i]) || aet_str_same(text, no[i])) {
            *where = aet_str_same(text, yes[i]);
            return AET_OK;
        }
    AET_FAIL(AET_ERR_USAGE, "'%s' is neither true nor false", text);
}

aet_err aet_param_parse(const aet_param *p, const char *source, void *params)
{
    char text[AET_TEXT_MAX];
    aet_str_trim(source, text, sizeof text);
    size_t n = strlen(text);
    if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
        memmove(text, text + 1, n - 2);
        text[n - 2] = 0;
    }
    void *where = member(p, params);
    switch (p->type) {
    case AET_PARAM_INT:
    case AET_PARAM_REAL:
        return parse_number(p, text, where);
    case AET_PARAM_BOOL:
        return parse_bool(text, where);
    case AET_PARAM_TEXT:
        memset(where, 0, AET_TEXT_MAX);
        aet_fmt(where, AET_TEXT_MAX, "%s", text);
        return AET_OK;
    case AET_PARAM_CHOICE:
        break;
    }
    int index = choice_index(p->unit, text);
    AET_CHECK(index >= 0, AET_ERR_USAGE, "'%s' is not one of %s", text, p->unit);
    *(int *)where = index;
    return AET_OK;
}

void aet_param_text(const aet_param *p, const void *params, char *buf, size_t size)
{
    const void *where = member_const(p, params);
    switch (p->type) {
    case AET_PARAM_INT:
        aet_fmt(buf, size, "%d", *(const int *)where);
        break;
    case AET_PARAM_REAL:
        aet_fmt(buf, size, "%.10g", *(const double *)where);
        break;
    case AET_PARAM_BOOL:
        aet_fmt(buf, size, "%s", *(const bool *)where ? "true" : "false");
        break;
    case AET_PARAM_TEXT:
        aet_fmt(buf, size, "%s", (const char *)where);
        break;
    case AET_PARAM_CHOICE:
        choice_text(p->unit, *(const int *)where, buf, size);
        break;
    }
}

/* A comment in lines that a reader of INI files takes: inih ends lines at 199 characters. */
static void print_comment(FILE *f, const char *text)
{
    enum { WIDTH = 118 };
    size_t at = 1;
    fputc('#', f);
    while (*text) {
        size_t word = strcspn(text, " ");
        if (at + 1 + word > WIDTH) {
            fprintf(f, "\n#");
            at = 1;
        }
        fprintf(f, " %.*s", (int)word, text);
        at += 1 + word;
        text += word + strspn(text + word, " ");
    }
    fputc('\n', f);
}

static void describe(FILE *f, const aet_param *p)
{
    char text[1024], range[256] = "";
    if (p->type == AET_PARAM_CHOICE)
        aet_fmt(range, sizeof range, " (%s)", p->unit);
    else if (p->type == AET_PARAM_INT || p->type == AET_PARAM_REAL)
        aet_fmt(range, sizeof range, " (%.10g to %.10g%s%s)", p->low, p->high,
                p->unit[0] ? " " : "", p->unit);
    aet_fmt(text, sizeof text, "%s%s", p->help, range);
    print_comment(f, text);
}

void aet_config_print(FILE *f, const aet_param_table *table, const void *params, bool annotate)
{
    char value[AET_TEXT_MAX];
    _Alignas(16) char initial[AET_TEXT_MAX * 64];
    if (!params) {
        if (table->size > sizeof initial)
            aet_bug(__FILE__, __LINE__, "parameter struct too large");
        if (aet_config_load(NULL, table, initial) != AET_OK)
            aet_bug(__FILE__, __LINE__, table->section);
        params = initial;
    }
    fprintf(f, "[%s]\n", table->section);
    for (int i = 0; i < table->n; i++) {
        if (annotate)
            describe(f, &table->params[i]);
        aet_param_text(&table->params[i], params, value, sizeof value);
        fprintf(f, "%s = %s\n", table->params[i].name, value);
    }
}

char *aet_config_text(const aet_param_table *table, const void *params)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        aet_bug(__FILE__, __LINE__, "out of memory for a parameter text");
    aet_config_print(f, table, params, false);
    fclose(f);
    return text;
}
