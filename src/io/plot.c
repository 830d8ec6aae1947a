#include "aetlas/io/plot.h"

#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"

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
    char csv[AET_PATH_MAX], script[AET_PATH_MAX], part[AET_PATH_MAX], messages[AET_PATH_MAX];
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
    fprintf(f, " %s\"", what);
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

/* --- the script ------------------------------------------------------------------------------- */

/* A gnuplot string: single quotes, doubled inside; nothing else is special. */
static void quoted(FILE *f, const char *s)
{
    fputc('\'', f);
    for (; *s; s++) {
        if (*s == '\'')
            fputc('\'', f);
        fputc(*s == '\n' ? ' ' : *s, f);
    }
    fputc('\'', f);
}

static void labelled(FILE *f, const char *what, const char *s)
{
    fprintf(f, "set %s ", what);
    quoted(f, s);
    fputc('\n', f);
}

static void ranges(FILE *f, const aet_plot *p)
{
    if (p->x_low < p->x_high)
        fprintf(f, "set xrange [%.10g:%.10g]\n", p->x_low, p->x_high);
    if (p->y_low < p->y_high)
        fprintf(f, "set yrange [%.10g:%.10g]\n", p->y_low, p->y_high);
}

static void heading(FILE *f, const aet_plot *p, const names *n, bool svg)
{
    fprintf(f, "set terminal %s noenhanced font 'Helvetica,%d' size %s\n", svg ? "svg" : "pngcairo",
            svg ? 14 : 17, svg ? "800,520 background 'white'" : "1200,780");
    fputs("set encoding utf8\nset datafile separator ','\nset datafile missing ''\n", f);
    labelled(f, "output", n->part);
    labelled(f, "title", p->title);
    labelled(f, "xlabel", p->x_label);
    labelled(f, "ylabel", p->y_label);
    fputs("set grid lw 1 lt 1 lc rgb '#d0d0d0'\nset border lc rgb '#444444'\n", f);
    fputs("set key tmargin center horizontal\nset style fill transparent solid 0.2 noborder\n", f);
    if (p->right_label) {
        labelled(f, "y2label", p->right_label);
        fputs("set ytics nomirror\nset y2tics\n", f);
    }
    ranges(f, p);
}

static const char *colour(int s)
{
    /* Distinguishable also by readers with colour-blindness (Okabe and Ito, 2008). */
    static const char *const palette[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                          "#e69f00", "#56b4e9", "#000000"};
    return palette[s % (int)(sizeof palette / sizeof *palette)];
}

static void draw_series(FILE *f, const aet_plot *p, int s, const char *csv)
{
    static const char *const with[] = {"lines lw 2.5", "points pt 7 ps 1.2",
                                       "linespoints lw 2.5 pt 7 ps 1.2", "boxes fs solid 0.6"};
    const aet_plot_series *q = &p->series[s];
    const char *axes = q->right ? " axes x1y2" : "";
    int x = 3 * s + 1, y = x + 1, e = x + 2;
    bool line = q->style == AET_PLOT_LINE || q->style == AET_PLOT_LINE_POINTS;
    if (q->error) {
        quoted(f, csv);
        if (line)
            fprintf(
                f, " skip 1 using %d:($%d-$%d):($%d+$%d)%s with filledcurves lc rgb '%s' notitle, ",
                x, y, e, y, e, axes, colour(s));
        else
            fprintf(f, " skip 1 using %d:%d:%d%s with yerrorbars pt 0 lw 1.5 lc rgb '%s' notitle, ",
                    x, y, e, axes, colour(s));
    }
    quoted(f, csv);
    fprintf(f, " skip 1 using %d:%d%s with %s lc rgb '%s' title ", x, y, axes, with[q->style],
            colour(s));
    quoted(f, q->label);
    fputs(s + 1 < p->n_series ? ", " : "\n", f);
}

static aet_err write_script(const aet_plot *p, const names *n, bool svg)
{
    FILE *f = fopen(n->script, "w");
    AET_CHECK(f, AET_ERR_OUTPUT, "%s: cannot be written: %s", n->script, strerror(errno));
    heading(f, p, n, svg);
    fputs("plot ", f);
    for (int s = 0; s < p->n_series; s++)
        draw_series(f, p, s, n->csv);
    AET_CHECK(fclose(f) == 0, AET_ERR_OUTPUT, "%s: cannot be written: %s", n->script,
              strerror(errno));
    return AET_OK;
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

static aet_err draw(const aet_plot *p, const char *path, const names *n, bool svg, bool *drawn)
{
    AET_TRY(write_script(p, n, svg));
    int status = run_gnuplot(n);
    char text[256];
    last_message(n->messages, text, sizeof text);
    unlink(n->script);
    unlink(n->messages);
    if (status == 0) {
        AET_TRY(aet_part_commit(path));
        *drawn = true;
        return AET_OK;
    }
    aet_part_discard(path);
    if (status < 0)
        aet_warn("%s: not drawn, the program %s cannot be started; the numbers are in %s", path,
                 program(), n->csv);
    else
        aet_warn("%s: not drawn, gnuplot says: %s; the numbers are in %s", path, text, n->csv);
    return AET_OK;
}

static bool name_files(const char *path, names *n)
{
    int stem = (int)strlen(path) - 4;
    aet_part_name(path, n->part);
    return aet_fmt(n->csv, sizeof n->csv, "%.*s.csv", stem, path) &&
           aet_fmt(n->script, sizeof n->script, "%.*s.gp.part", stem, path) &&
           aet_fmt(n->messages, sizeof n->messages, "%.*s.log.part", stem, path);
}

static aet_err write_here(const aet_plot *p, const char *path, bool *drawn)
{
    names n;
    bool svg = aet_str_ends(path, ".svg");
    AET_CHECK(svg || aet_str_ends(path, ".png"), AET_ERR_USAGE,
              "%s: a figure's name ends in .png or .svg", path);
    AET_CHECK(name_files(path, &n), AET_ERR_USAGE, "%s: the name is too long", path);
    AET_CHECK(p->n_series > 0, AET_ERR_INPUT, "%s: no curve to draw", path);
    AET_TRY(write_csv(p, n.csv));
    return draw(p, path, &n, svg, drawn);
}

aet_err aet_plot_write(MPI_Comm comm, const aet_plot *p, const char *path, bool *drawn)
{
    int rank;
    bool done = false;
    aet_err err = AET_OK;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = write_here(p, path, &done);
    AET_TRY(aet_agree(comm, err));
    done = aet_any(comm, done);
    if (drawn)
        *drawn = done;
    return AET_OK;
}
