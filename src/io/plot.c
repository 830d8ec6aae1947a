#include "aetlas/io/plot.h"

#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "plot_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

typedef struct {
    char csv[AET_PATH_MAX], script[AET_PATH_MAX], messages[AET_PATH_MAX];
    int n; /* pictures */
    char picture[2][AET_PATH_MAX];
} names;

/* --- numbers ---------------------------------------------------------------------------------- */

static void csv_head(FILE *f, const char *label, const char *what)
{
    fputc('"', f);
    for (const char *s = label; *s; s++) {
        if (*s == '"')
            fputc('"', f);
        fputc(*s, f);
    }
    fprintf(f, "%s%s\"", *label ? " " : "", what);
}

static void csv_cell(FILE *f, const double *v, int row, int n, const char *separator)
{
    fputs(separator, f);
    if (row < n && isfinite(v[row]))
        fprintf(f, "%.10g", v[row]);
}

/* Three columns a series: x, y and error. */
static aet_err write_csv(const aet_plot *p, const char *path)
{
    FILE *f;
    int rows = 0;
    AET_TRY(aet_writer_open(path, &f));
    for (int s = 0; s < p->n_series; s++) {
        const char *const what[3] = {"x", "y", "error"};
        for (int k = 0; k < 3; k++) {
            if (s + k > 0)
                fputc(',', f);
            csv_head(f, p->series[s].label, what[k]);
        }
        rows = p->series[s].n > rows ? p->series[s].n : rows;
    }
    fputc('\n', f);
    for (int r = 0; r < rows; r++) {
        for (int s = 0; s < p->n_series; s++) {
            const aet_plot_series *q = &p->series[s];
            csv_cell(f, q->x, r, q->n, s ? "," : "");
            csv_cell(f, q->y, r, q->n, ",");
            csv_cell(f, q->error, r, q->error ? q->n : 0, ",");
        }
        fputc('\n', f);
    }
    return aet_writer_close(path, &f);
}

/* --- running gnuplot -------------------------------------------------------------------------- */

static const char *program(void)
{
    const char *named = getenv("AETLAS_GNUPLOT");
    return named && *named ? named : "gnuplot";
}

/* Runs gnuplot on the script, its messages to a file.
 * The exit status, or -1 when it cannot be started. */
static int run_gnuplot(const names *n)
{
    char *name = aet_strdup(program()), *script = aet_strdup(n->script),
         *argv[] = {name, script, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, n->messages, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int failed = posix_spawnp(&child, name, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    aet_release(&name);
    aet_release(&script);
    if (failed)
        return -1;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Last line with text that gnuplot wrote. */
static void last_message(const char *path, char *text, size_t size)
{
    char line[256], trimmed[256];
    FILE *f = fopen(path, "r");
    aet_fmt(text, size, "no message");
    while (f && fgets(line, sizeof line, f)) {
        aet_str_trim(line, trimmed, sizeof trimmed);
        if (*trimmed)
            aet_fmt(text, size, "%s", trimmed);
    }
    if (f)
        fclose(f);
}

static aet_err write_script(const aet_plot *p, const names *n)
{
    FILE *f = fopen(n->script, "w");
    AET_CHECK(f, AET_ERR_OUTPUT, "%s: cannot be written: %s", n->script, strerror(errno));
    for (int k = 0; k < n->n; k++) {
        char part[AET_PATH_MAX];
        aet_part_name(n->picture[k], part);
        aet_plot_script(f, p, n->csv, part, aet_str_ends(n->picture[k], ".svg"), k > 0);
    }
    AET_CHECK(fclose(f) == 0, AET_ERR_OUTPUT, "%s: cannot be written: %s", n->script,
              strerror(errno));
    return AET_OK;
}

static aet_err commit(const names *n)
{
    aet_err err = AET_OK;
    for (int k = 0; k < n->n; k++)
        if (err == AET_OK)
            err = aet_part_commit(n->picture[k]);
        else
            aet_part_discard(n->picture[k]);
    return err;
}

static aet_err draw(const aet_plot *p, const names *n, bool *drawn)
{
    static int told;
    const char *path = n->picture[0];
    AET_TRY(write_script(p, n));
    int status = run_gnuplot(n);
    char text[256];
    last_message(n->messages, text, sizeof text);
    unlink(n->script);
    unlink(n->messages);
    if (status == 0) {
        AET_TRY(commit(n));
        *drawn = true;
        return AET_OK;
    }
    for (int k = 0; k < n->n; k++)
        aet_part_discard(n->picture[k]);
    if (status < 0) /* once is enough for a folder of them */
        aet_log(told++ ? AET_LOG_DEBUG : AET_LOG_WARN,
                "%s: not drawn, the program %s cannot be started; the numbers are in %s", path,
                program(), n->csv);
    else
        aet_warn("%s: not drawn, gnuplot says: %s; the numbers are in %s", path, text, n->csv);
    return AET_OK;
}

static bool name_files(const char *path, int stem, names *n)
{
    return aet_fmt(n->csv, sizeof n->csv, "%.*s.csv", stem, path) &&
           aet_fmt(n->script, sizeof n->script, "%.*s.gp.part", stem, path) &&
           aet_fmt(n->messages, sizeof n->messages, "%.*s.log.part", stem, path);
}

static aet_err write_here(const aet_plot *p, const names *n, bool *drawn)
{
    AET_CHECK(p->n_series > 0, AET_ERR_INPUT, "%s: no curve to draw", n->picture[0]);
    AET_TRY(write_csv(p, n->csv));
    return draw(p, n, drawn);
}

static aet_err name_one(const char *path, names *n)
{
    AET_CHECK(aet_str_ends(path, ".svg") || aet_str_ends(path, ".png"), AET_ERR_USAGE,
              "%s: a figure's name ends in .png or .svg", path);
    AET_CHECK(name_files(path, (int)strlen(path) - 4, n) &&
                  aet_fmt(n->picture[0], AET_PATH_MAX, "%s", path),
              AET_ERR_USAGE, "%s: the name is too long", path);
    n->n = 1;
    return AET_OK;
}

static aet_err name_both(const char *stem, names *n)
{
    AET_CHECK(name_files(stem, (int)strlen(stem), n) &&
                  aet_fmt(n->picture[0], AET_PATH_MAX, "%s.svg", stem) &&
                  aet_fmt(n->picture[1], AET_PATH_MAX, "%s.png", stem),
              AET_ERR_USAGE, "%s: the name is too long", stem);
    n->n = 2;
    return AET_OK;
}

static aet_err write_all(MPI_Comm comm, const aet_plot *p, const char *path, bool both, bool *drawn)
{
    int rank;
    names n;
    bool done = false;
    MPI_Comm_rank(comm, &rank);
    aet_err err = both ? name_both(path, &n) : name_one(path, &n);
    if (rank == 0 && !err)
        err = write_here(p, &n, &done);
    AET_TRY(aet_agree(comm, err));
    done = aet_any(comm, done);
    if (drawn)
        *drawn = done;
    return AET_OK;
}

aet_err aet_plot_write(MPI_Comm comm, const aet_plot *p, const char *path, bool *drawn)
{
    return write_all(comm, p, path, false, drawn);
}

aet_err aet_plot_write_both(MPI_Comm comm, const aet_plot *p, const char *stem, bool *drawn)
{
    return write_all(comm, p, stem, true, drawn);
}
