/* Progress of long loops on stderr: done / total, rate, time left.  Silent for the first seconds
 * and on ranks other than the root of the log.  Everything is Local: no messages, no barriers. */
#ifndef AET_PAR_PROGRESS_H
#define AET_PAR_PROGRESS_H

typedef struct {
    const char *what;
    long done, total, first;
    double start_s, last_s;
} aet_progress;

aet_progress aet_progress_begin(const char *what, long total);
/* When `first` were done before: the rate is of the others. */
aet_progress aet_progress_begin_at(const char *what, long first, long total);
/* note: a short text such as "R1 = 0.123", or NULL. */
void aet_progress_step(aet_progress *p, const char *note);
/* Done so far as an absolute count. */
void aet_progress_at(aet_progress *p, long done, const char *note);
void aet_progress_end(aet_progress *p);

#endif
