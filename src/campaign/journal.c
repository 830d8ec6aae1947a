#include "aetlas/campaign/journal.h"

#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { JOURNAL_BYTES = 1 << 28, FIELDS = 7, LINE = 1024 };

/* Cuts a copy of one line at its tabs. */
static int split(char *line, char *fields[FIELDS])
{
    int n = 0;
    for (char *p = line; p && n < FIELDS; n++) {
        fields[n] = p;
        p = strchr(p, '\t');
        if (p)
            *p++ = 0;
    }
    return n;
}

static bool parse_line(const char *text, size_t length, aet_journal_line *l)
{
    char line[LINE], *fields[FIELDS], *end;
    if (length >= sizeof line)
        return false;
    memcpy(line, text, length);
    line[length] = 0;
    if (split(line, fields) != FIELDS || !aet_str_real(fields[4], &l->seconds))
        return false;
    l->fingerprint = strtoull(fields[5], &end, 16);
    l->done = strcmp(fields[3], "done") == 0;
    return *end == 0 && end != fields[5] && aet_fmt(l->item, sizeof l->item, "%s", fields[1]) &&
           aet_fmt(l->stage, sizeof l->stage, "%s", fields[2]) &&
           aet_fmt(l->reason, sizeof l->reason, "%s", fields[6]) &&
           (l->done || strcmp(fields[3], "failed") == 0);
}

/* Only whole lines count: the last one may have been cut. */
static void parse(const char *text, aet_journal *j)
{
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1)
        if (parse_line(text, (size_t)(end - text), &j->lines[j->n]))
            j->n++;
}

aet_err aet_journal_read(MPI_Comm comm, const char *path, aet_journal **j)
{
    int rank, lines = 1, exists = 0;
    char *text = NULL;
    *j = NULL;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        exists = aet_file_exists(path);
    MPI_Bcast(&exists, 1, MPI_INT, 0, comm);
    if (exists)
        AET_TRY(aet_read_text_all(comm, path, JOURNAL_BYTES, &text));
    for (const char *p = text; p && *p; p++)
        lines += *p == '\n';
    aet_journal *made = AET_NEW(aet_journal, 1);
    aet_err err = AET_AGREE(comm, AET_ARRAY(lines, "journal", &made->lines));
    if (!err && text)
        parse(text, made);
    aet_release(&text);
    if (err)
        aet_journal_free(&made);
    *j = made;
    return err;
}

void aet_journal_free(aet_journal **j)
{
    if (!*j)
        return;
    aet_release(&(*j)->lines);
    aet_release(j);
}

const aet_journal_line *aet_journal_find(const aet_journal *j, const char *item, const char *stage)
{
    for (int i = j->n - 1; i >= 0; i--)
        if (strcmp(j->lines[i].item, item) == 0 &&
            (!stage || strcmp(j->lines[i].stage, stage) == 0))
            return &j->lines[i];
    return NULL;
}

aet_err aet_journal_append(const char *path, const aet_journal_line *l)
{
    char text[LINE], when[32], reason[512];
    time_t now = time(NULL);
    struct tm tm;
    localtime_r(&now, &tm);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
    aet_fmt(reason, sizeof reason, "%s", l->reason);
    for (char *p = reason; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    aet_fmt(text, sizeof text, "%s\t%s\t%s\t%s\t%.3f\t%016" PRIx64 "\t%s\n", when, l->item,
            l->stage, l->done ? "done" : "failed", l->seconds, l->fingerprint, reason);
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0666);
    AET_CHECK(fd >= 0, AET_ERR_OUTPUT, "%s: %s", path, strerror(errno));
    ssize_t length = (ssize_t)strlen(text), written = write(fd, text, (size_t)length);
    int e = errno, bad = written != length || (fsync(fd) != 0 && errno != EINVAL);
    close(fd);
    AET_CHECK(!bad, AET_ERR_OUTPUT, "%s: could not be appended to: %s", path, strerror(e));
    return AET_OK;
}
