/* ranks: 1 2 */
#include "aetlas/io/plot.h"
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "test.h"
#include <sys/stat.h>
#include <unistd.h>

static const double x[3] = {0.0, 1.0, 2.0}, y[3] = {0.5, NAN, 1e-7}, e[3] = {0.1, 0.2, 0.3};

static aet_plot two_curves(aet_plot_series s[2])
{
    s[0] = (aet_plot_series){"Ni, 'at' \"%d", 3, x, y, e, AET_PLOT_LINE, false, 0, 0};
    s[1] = (aet_plot_series){"short", 2, x, x, NULL, AET_PLOT_BARS, true, 0, 0};
    return (aet_plot){.title = "it's {a}_title",
                      .x_label = "depth / Å",
                      .y_label = "fraction",
                      .right_label = "n",
                      .n_series = 2,
                      .series = s,
                      .y_high = 1.0};
}

static void check_csv(const char *path)
{
    const char want[] = "\"Ni, 'at' \"\"%d x\",\"Ni, 'at' \"\"%d y\",\"Ni, 'at' \"\"%d error\","
                        "\"short x\",\"short y\",\"short error\"\n"
                        "0,0.5,0.1,0,0,\n"
                        "1,,0.2,1,1,\n"
                        "2,1e-07,0.3,,,\n";
    char *text = NULL;
    T_OK(aet_file_read_text(path, 10000, &text, NULL));
    T_CHECK(text && strcmp(text, want) == 0);
    aet_release(&text);
}

/* A program that stands for gnuplot: it can fail, or write nothing. */
static void script(const char *path, const char *body)
{
    if (t_rank == 0) {
        FILE *f = fopen(path, "w");
        T_CHECK(f != NULL);
        fprintf(f, "#!/bin/sh\n%s\n", body);
        fclose(f);
        chmod(path, 0755);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

static void numbers_without_pictures(const char *dir)
{
    char path[AET_PATH_MAX], csv[AET_PATH_MAX], part[AET_PATH_MAX], fake[AET_PATH_MAX];
    aet_plot_series s[2];
    aet_plot p = two_curves(s);
    bool drawn = true;
    snprintf(path, sizeof path, "%s/it's a.png", dir);
    snprintf(csv, sizeof csv, "%s/it's a.csv", dir);
    snprintf(fake, sizeof fake, "%s/fake", dir);
    aet_part_name(path, part);
    aet_log_init(t_rank, AET_LOG_ERROR); /* the warnings are expected */
    setenv("AETLAS_GNUPLOT", "/no/such/gnuplot", 1);
    T_OK(aet_plot_write(MPI_COMM_WORLD, &p, path, &drawn));
    T_CHECK(!drawn && !aet_file_exists(path) && !aet_file_exists(part));
    check_csv(csv);
    setenv("AETLAS_GNUPLOT", fake, 1);
    script(fake, "echo undefined variable >&2; exit 3");
    T_OK(aet_plot_write(MPI_COMM_WORLD, &p, path, &drawn));
    T_CHECK(!drawn && !aet_file_exists(path));
    MPI_Barrier(MPI_COMM_WORLD);
    script(fake, "exit 0"); /* says that all is well and leaves no picture */
    T_FAILS(aet_plot_write(MPI_COMM_WORLD, &p, path, &drawn), AET_ERR_OUTPUT, "it's a.png");
    unsetenv("AETLAS_GNUPLOT");
    aet_log_init(t_rank, AET_LOG_WARN);
}

static void pictures(const char *dir)
{
    static const char *const ends[] = {"png", "svg"}, *const starts[] = {"\x89PNG", "<?xml"};
    aet_plot_series s[2];
    aet_plot p = two_curves(s);
    bool drawn = false;
    for (int k = 0; k < 2; k++) {
        char path[AET_PATH_MAX], head[8] = "";
        snprintf(path, sizeof path, "%s/it's b.%s", dir, ends[k]);
        T_OK(aet_plot_write(MPI_COMM_WORLD, &p, path, &drawn));
        if (!drawn)
            return; /* gnuplot is not here, as the warning said */
        FILE *f = fopen(path, "rb");
        T_CHECK(f && fread(head, 1, 4, f) == 4 && strncmp(head, starts[k], 4) == 0);
        if (f)
            fclose(f);
        MPI_Barrier(MPI_COMM_WORLD);
    }
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    char dir[] = "/tmp/aetlas-plot.XXXXXX", file[AET_PATH_MAX];
    if (t_rank == 0)
        T_CHECK(mkdtemp(dir) != NULL);
    MPI_Bcast(dir, sizeof dir, MPI_CHAR, 0, MPI_COMM_WORLD);
    numbers_without_pictures(dir);
    pictures(dir);
    aet_plot_series s[2];
    aet_plot p = two_curves(s);
    T_FAILS(aet_plot_write(MPI_COMM_WORLD, &p, "figure.pdf", NULL), AET_ERR_USAGE, ".png or .svg");
    T_FAILS(aet_plot_write(MPI_COMM_WORLD, &p, "/no/such/folder/f.png", NULL), AET_ERR_OUTPUT,
            "/no/such/folder");
    p.n_series = 0;
    snprintf(file, sizeof file, "%s/none.png", dir);
    T_FAILS(aet_plot_write(MPI_COMM_WORLD, &p, file, NULL), AET_ERR_INPUT, "no curve");
    MPI_Barrier(MPI_COMM_WORLD);
    if (t_rank == 0) {
        const char *const made[] = {"it's a.csv", "it's b.csv", "it's b.png", "it's b.svg", "fake"};
        for (size_t k = 0; k < sizeof made / sizeof *made; k++) {
            snprintf(file, sizeof file, "%s/%s", dir, made[k]);
            unlink(file);
        }
        T_CHECK(rmdir(dir) == 0); /* nothing else was left behind */
    }
    T_END();
}
