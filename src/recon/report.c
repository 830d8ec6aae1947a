#include "aetlas/base/mem.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <string.h>

void recon_report_start(aet_recon_report *report, int n, int iterations)
{
    memset(report, 0, sizeof *report);
    report->n = n;
    report->r1 = AET_NEW(double, n);
    report->r2 = AET_NEW(double, n);
    report->curve = AET_NEW(aet_recon_step, iterations);
    report->best = -1;
}

void aet_recon_report_free(aet_recon_report *report)
{
    aet_release(&report->r1);
    aet_release(&report->r2);
    aet_release(&report->curve);
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
