#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

void recon_report_start(aet_recon_report *report, int n, int iterations)
{
    memset(report, 0, sizeof *report);
    report->n = n;
    report->r1 = AET_NEW(double, n);
    report->r2 = AET_NEW(double, n);
    report->curve = AET_NEW(aet_recon_step, iterations);
    report->best = report->settled = -1;
}

void aet_recon_report_free(aet_recon_report *report)
{
    aet_release(&report->r1);
    aet_release(&report->r2);
    aet_release(&report->curve);
    aet_release(&report->shells);
}

/* sum |a| and sum a^2 */
static void norms(const float *a, int64_t n, double *one, double *two)
{
    double s1 = 0, s2 = 0;

    for (int64_t i = 0; i < n; i++) {
        s1 += (double)fabsf(a[i]);
        s2 += (double)a[i] * (double)a[i];
    }
    *one = s1;
    *two = s2;
}

void recon_r_factors(const float *residual, const float *measured, int n, int64_t m,
                     aet_recon_report *report)
{
    report->mean_r1 = report->mean_r2 = 0;
    for (int i = 0; i < n; i++) {
        double res1, res2, meas1, meas2;
        norms(residual + i * m, m, &res1, &res2);
        norms(measured + i * m, m, &meas1, &meas2);
        report->r1[i] = meas1 > 0 ? res1 / meas1 : 0;
        report->r2[i] = meas2 > 0 ? sqrt(res2 / meas2) : 0;
        report->mean_r1 += report->r1[i] / n;
        report->mean_r2 += report->r2[i] / n;
    }
}

/* Numbers of the report as one line of text, at most 200 of them, evenly spread. */
enum { NOTE_NUMBERS = 200 };

static void note_list(const char *key, const double *values, int n, size_t stride)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    int shown = n < NOTE_NUMBERS ? n : NOTE_NUMBERS;

    AET_ASSERT(f);
    for (int i = 0; i < shown; i++) {
        int at = shown > 1 ? (int)((int64_t)i * (n - 1) / (shown - 1)) : 0;
        fprintf(f, "%s%.6g", i ? " " : "",
                *(const double *)((const char *)values + (size_t)at * stride));
    }
    fclose(f);
    aet_provenance_note(key, text);
    aet_release(&text);
}

static void note_number(const char *key, double value)
{
    char text[32];

    aet_fmt(text, sizeof text, "%.8g", value);
    aet_provenance_note(key, text);
}

void aet_recon_note(const aet_recon_params *p, const aet_recon_report *r)
{
    bool resire = aet_recon_is_resire(p), images = isfinite(r->curve->r1);
    const double *curve = images ? &r->curve->r1 : resire ? &r->curve->r2 : &r->curve->k_error2;

    note_number("r1", r->mean_r1);
    note_number("r2", r->mean_r2);
    note_list("r1_of_tilts", r->r1, r->n, sizeof *r->r1);
    note_list("r2_of_tilts", r->r2, r->n, sizeof *r->r2);
    note_list(images   ? "r1_of_iterations"
              : resire ? "r2_of_iterations"
                       : "k_error2_of_iterations",
              curve, r->iterations, sizeof *r->curve);
    if (resire)
        return;
    aet_provenance_note("limit", recon_limit_name(r->limit));
    aet_provenance_note("slices", r->slices ? "true" : "false");
}

void recon_report_curve(const aet_recon_report *r, aet_volume *v)
{
    static const char *const heads[] = {"iteration", "r1", "r2", "cost", "k_error2", "r_free2"};
    enum { WIDTH = sizeof heads / sizeof *heads };
    aet_curve *c = aet_volume_add_curve(
        v, "reconstruction", r->iterations, WIDTH, heads,
        "errors of the object before each iteration, without unit; cost in those of the images");

    for (int i = 0; i < r->iterations; i++) {
        const aet_recon_step *s = r->curve + i;
        const double row[WIDTH] = {i, s->r1, s->r2, s->cost, s->k_error2, s->r_free2};
        memcpy(c->values + (size_t)i * WIDTH, row, sizeof row);
    }
}

void recon_report_shells(const aet_recon_report *r, aet_volume *v)
{
    static const char *const heads[] = {"frequency_per_A", "r_free", "points"};
    if (r->n_shells == 0)
        return;
    aet_curve *c = aet_volume_add_curve(
        v, "r_free", r->n_shells, 3, heads,
        "sum |calculated - measured| / sum |measured| over the withheld Fourier points of a shell");

    for (int i = 0; i < r->n_shells; i++) {
        const aet_recon_shell *s = r->shells + i;
        const double row[3] = {s->frequency / v->voxel_A, s->r_free, s->points};
        memcpy(c->values + (size_t)i * 3, row, sizeof row);
    }
}
