/* ranks: 1 3 */
#include "aetlas/campaign/journal.h"
#include "aetlas/base/mem.h"
#include "test.h"
#include <unistd.h>

static void append(const char *path, const char *item, const char *stage, bool done, uint64_t print,
                   const char *reason)
{
    aet_journal_line l = {.done = done, .seconds = 1.5, .fingerprint = print};
    snprintf(l.item, sizeof l.item, "%s", item);
    snprintf(l.stage, sizeof l.stage, "%s", stage);
    snprintf(l.reason, sizeof l.reason, "%s", reason);
    T_OK(aet_journal_append(path, &l));
}

static void write_sample(const char *path)
{
    append(path, "p1", "import", true, 0xfedcba9876543210ull, "");
    append(path, "p1", "trace", false, 2, "bad\tinput\nhere");
    append(path, "p1", "trace", true, 3, "");
    append(path, "p2", "trace", false, 4, "no peaks");
    FILE *f = fopen(path, "a"); /* damaged lines: cut, foreign, and one without its end */
    fputs("2026-01-01T00:00:00\tp2\tanal\nrubbish\n2026-01-01T00:00:00\tp2\ttrace\tdone\t1.0\t5\t",
          f);
    fclose(f);
}

int main(int argc, char **argv)
{
    char path[] = "/tmp/aetlas-journal-XXXXXX";
    aet_journal *j = NULL;
    T_START(argc, argv);
    if (t_rank == 0) {
        int fd = mkstemp(path);
        close(fd);
        unlink(path);
    }
    MPI_Bcast(path, sizeof path, MPI_CHAR, 0, MPI_COMM_WORLD);
    T_OK(aet_journal_read(MPI_COMM_WORLD, path, &j)); /* missing: empty */
    T_CHECK(j->n == 0 && aet_journal_find(j, "p1", "import") == NULL);
    aet_journal_free(&j);
    if (t_rank == 0)
        write_sample(path);
    T_OK(aet_journal_read(MPI_COMM_WORLD, path, &j));
    T_CHECK(j->n == 4);
    const aet_journal_line *l = aet_journal_find(j, "p1", "import");
    T_CHECK(l && l->done && l->fingerprint == 0xfedcba9876543210ull && l->reason[0] == 0);
    T_NEAR(l->seconds, 1.5, 0.0);
    l = aet_journal_find(j, "p1", "trace"); /* the last word counts */
    T_CHECK(l && l->done && l->fingerprint == 3);
    l = aet_journal_find(j, "p2", "trace");
    T_CHECK(l && !l->done && strcmp(l->reason, "no peaks") == 0);
    l = aet_journal_find(j, "p1", NULL);
    T_CHECK(l && strcmp(l->stage, "trace") == 0 && l->fingerprint == 3);
    aet_journal_free(&j);
    if (t_rank == 0)
        unlink(path);
    T_END();
}
