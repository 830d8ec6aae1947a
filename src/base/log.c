#include "aetlas/base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static struct {
    int rank;
    aet_log_level level;
} state = {0, AET_LOG_INFO};
static _Thread_local char item_name[64]; /* the farm's master, a thread of its own, is at no item */

static _Thread_local bool brief;

static const char *const level_names[] = {"error", "warn ", "info ", "debug"};

void aet_log_init(int rank, aet_log_level level)
{
    state.rank = rank;
    state.level = level;
}

void aet_log_item(const char *item)
{
    snprintf(item_name, sizeof item_name, "%s", item ? item : "");
}

void aet_log_brief(bool on)
{
    brief = on;
}

/* One write per line, so that lines of several ranks do not mix. */
static void emit(aet_log_level level, bool with_rank, const char *fmt, va_list ap)
{
    char text[4096], who[96] = "";
    time_t now = time(NULL);
    struct tm tm;
    localtime_r(&now, &tm);
    if (with_rank && item_name[0])
        snprintf(who, sizeof who, "[%d %s] ", state.rank, item_name);
    else if (with_rank)
        snprintf(who, sizeof who, "[%d] ", state.rank);
    else if (item_name[0])
        snprintf(who, sizeof who, "%s: ", item_name);
    vsnprintf(text, sizeof text, fmt, ap);
    fprintf(stderr, "%02d:%02d:%02d %s %s%s\n", tm.tm_hour, tm.tm_min, tm.tm_sec,
            level_names[level], who, text);
    fflush(stderr);
}

void aet_log(aet_log_level level, const char *fmt, ...)
{
    aet_log_level needed = brief && level == AET_LOG_INFO ? AET_LOG_DEBUG : level;
    if (state.rank != 0 || needed > state.level)
        return;
    va_list ap;
    va_start(ap, fmt);
    emit(level, false, fmt, ap);
    va_end(ap);
}

void aet_log_rank(aet_log_level level, const char *fmt, ...)
{
    if (level > state.level)
        return;
    va_list ap;
    va_start(ap, fmt);
    emit(level, true, fmt, ap);
    va_end(ap);
}

void aet_out(const char *fmt, ...)
{
    if (state.rank != 0)
        return;
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
}
