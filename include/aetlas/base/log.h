/* The log: lines on stderr, `time level where: text`, values written as key = value.
 *
 * aet_log_* lines come from the root rank only, aet_log_rank from every rank that calls it.
 * Results that one may pipe go to stdout by aet_out, from the root rank only.  Everything is Local.
 */
#ifndef AET_BASE_LOG_H
#define AET_BASE_LOG_H

#include <stdbool.h>

typedef enum {
    AET_LOG_ERROR = 0, /* never during clean operation */
    AET_LOG_WARN,      /* the result may not be what the user thinks */
    AET_LOG_INFO,      /* a few lines per command */
    AET_LOG_DEBUG      /* whatever helps to find a fault */
} aet_log_level;

/* rank: of this process; lines above `level` are dropped. */
void aet_log_init(int rank, aet_log_level level);
/* Names the item at hand, which is then put before each line of this thread.  NULL: no item. */
void aet_log_item(const char *item);
/* While on, aet_info of this thread tells only those who want to see all (-v): for items by the
 * thousand. */
void aet_log_brief(bool on);

void aet_log(aet_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void aet_log_rank(aet_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define aet_warn(...)  aet_log(AET_LOG_WARN, __VA_ARGS__)
#define aet_info(...)  aet_log(AET_LOG_INFO, __VA_ARGS__)
#define aet_debug(...) aet_log(AET_LOG_DEBUG, __VA_ARGS__)

/* A line (or part of one) of results on stdout, root rank only. */
void aet_out(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
