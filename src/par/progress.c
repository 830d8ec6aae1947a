#include "aetlas/par/progress.h"

#include "aetlas/base/log.h"
#include "aetlas/base/str.h"
#include "aetlas/par/timing.h"

/* Lines come every few seconds at first, then ever
 * more rarely: about 60 in all for a run of an hour. */
static const double quiet_s = 3.0, interval_s = 5.0, interval_growth = 0.1;

aet_progress aet_progress_begin(const char *what, long total)
{
    return aet_progress_begin_at(what, 0, total);
}

aet_progress aet_progress_begin_at(const char *what, long first, long total)
{
    double now = aet_clock_s();
    return (aet_progress){.what = what,
                          .total = total,
                          .done = first,
                          .first = first,
                          .start_s = now,
                          .last_s = now - interval_s + quiet_s};
}

static void duration(double seconds, char *buf, int size)
{
    if (seconds < 100.0)
        aet_fmt(buf, (size_t)size, "%.0f s", seconds);
    else if (seconds < 6000.0)
        aet_fmt(buf, (size_t)size, "%.0f min", seconds / 60.0);
    else
        aet_fmt(buf, (size_t)size, "%.1f h", seconds / 3600.0);
}

void aet_progress_at(aet_progress *p, long done, const char *note)
{
    double now = aet_clock_s();
    p->done = done;
    if (now - p->last_s < interval_s + interval_growth * (p->last_s - p->start_s) ||
        done <= p->first || done >= p->total)
        return;
    p->last_s = now;
    char left[32];
    duration((now - p->start_s) * (double)(p->total - done) / (double)(done - p->first), left,
             sizeof left);
    aet_info("%s: %ld / %ld (%.0f %%), %s left%s%s", p->what, done, p->total,
             100.0 * (double)done / (double)p->total, left, note ? ", " : "", note ? note : "");
}

void aet_progress_step(aet_progress *p, const char *note)
{
    aet_progress_at(p, p->done + 1, note);
}

void aet_progress_end(aet_progress *p)
{
    double spent = aet_clock_s() - p->start_s;
    char text[32];
    duration(spent, text, sizeof text);
    if (spent > quiet_s)
        aet_info("%s: %ld / %ld done in %s", p->what, p->done, p->total, text);
}
