#include "aetlas/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local char error_text[AET_ERROR_TEXT_MAX];
static _Thread_local char error_where[128];
static void (*bug_handler)(int status);

aet_err aet_error_set(aet_err code, const char *file, int line, const char *fmt, ...)
{
    /* Arguments may point into the present text: write to a copy first. */
    char text[AET_ERROR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    memcpy(error_text, text, sizeof error_text);
    snprintf(error_where, sizeof error_where, "%s:%d", file, line);
    return code;
}

aet_err aet_error_frame(aet_err code, const char *fmt, ...)
{
    if (code == AET_OK)
        return code;
    char text[AET_ERROR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof text - 2)
        snprintf(text + n, sizeof text - (size_t)n, ": %.*s", (int)sizeof text - n - 3, error_text);
    memcpy(error_text, text, sizeof error_text);
    return code;
}

const char *aet_error_text(void)
{
    return error_text;
}

const char *aet_error_where(void)
{
    return error_where;
}

void aet_error_clear(void)
{
    error_text[0] = error_where[0] = 0;
}

#define ROW(name, status, meaning) {AET_ERR_##name, #name, meaning},
static const struct {
    aet_err code;
    const char *name, *meaning;
} rows[] = {AET_ERR_LIST(ROW)};
#undef ROW

const char *aet_err_name(aet_err code)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            return rows[i].name;
    return "UNKNOWN";
}

const char *aet_err_meaning(aet_err code)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            return rows[i].meaning;
    return "unknown error code";
}

void aet_bug_handler(void (*handler)(int status))
{
    bug_handler = handler;
}

_Noreturn void aet_bug(const char *file, int line, const char *what)
{
    fprintf(stderr, "aetlas: internal error at %s:%d: %s\n", file, line, what);
    fflush(stderr);
    if (bug_handler)
        bug_handler(AET_ERR_BUG);
    abort();
}
