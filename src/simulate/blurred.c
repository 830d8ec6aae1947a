#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include "simulate_priv.h"
#include <math.h>
#include <string.h>

/* A parameter that holds numbers by element: "0.6" for all, or "Ni:0.6,Pt:0.7". */
typedef struct {
    const char *key, *text, *what, *example;
    double low, high;
} by_element;

static aet_err parse_word(char *word, const by_element *l, double value[256])
{
    char *colon = strchr(word, ':');
    double x;
    char name[32] = "";
    if (colon != NULL) {
        *colon = '\0';
        aet_str_trim(word, name, sizeof name);
    }
    AET_CHECK(aet_str_real(colon ? colon + 1 : word, &x), AET_ERR_USAGE,
              "%s = %s: '%s' is not a %s; expected e.g. %s", l->key, l->text,
              colon ? colon + 1 : word, l->what, l->example);
    AET_CHECK(x >= l->low && x <= l->high, AET_ERR_USAGE, "%s = %s: the %s %g is outside %g to %g",
              l->key, l->text, l->what, x, l->low, l->high);
    int z = colon ? aet_element_number(name) : 0;
    AET_CHECK(!colon || z > 0, AET_ERR_USAGE, "%s = %s: unknown element '%s'", l->key, l->text,
              name);
    if (z > 0)
        value[z] = x;
    for (int i = 0; !colon && i < 256; i++)
        if (value[i] == 0)
            value[i] = x;
    return AET_OK;
}

/* By atomic number; 0 where the text names none.  Words for one element win over the word for all, in
 * whatever order they come. */
static aet_err parse_list(const by_element *l, double value[256])
{
    char words[AET_TEXT_MAX], *rest;
    memset(value, 0, 256 * sizeof *value);
    for (int general = 0; general < 2; general++) {
        aet_fmt(words, sizeof words, "%s", l->text);
        for (char *w = strtok_r(words, ",", &rest); w != NULL; w = strtok_r(NULL, ",", &rest))
            if ((strchr(w, ':') == NULL) == (general == 1))
                AET_TRY(parse_word(w, l, value));
    }
    return AET_OK;
}

aet_err aet_simulate_widths(const char *text, double sigma_A[256])
{
    const by_element widths = {"simulate.sigma_A",    text,
                               "width in A",          "0.6 or Ni:0.6,Pt:0.7",
                               AET_PROFILE_SIGMA_MIN, AET_PROFILE_SIGMA_MAX};
    AET_CHECK(text[strspn(text, " ,")] != '\0', AET_ERR_USAGE,
              "simulate.sigma_A is empty; expected e.g. %s", widths.example);
    return parse_list(&widths, sigma_A);
}

static aet_err parse_weights(const char *text, double weight[256])
{
    const by_element weights = {"simulate.weight", text, "weight", "Pt:0.7", 1e-3, 1e3};
    AET_TRY(parse_list(&weights, weight));
    for (int z = 0; z < 256; z++)
        weight[z] = weight[z] > 0 ? weight[z] : 1;
    return AET_OK;
}

/* A Gaussian of height 1 in a volume. */
static aet_err make_ball(double sigma_A, double pixel_A, aet_brush **brush)
{
    double alpha = 1 / (2 * sigma_A * sigma_A);
    aet_profile ball = {.terms = 1, .alpha = {alpha}, .amplitude = {sqrt(AET_PI / alpha)}};
    ball.cutoff_A = 6 * sigma_A; /* exp(-18) */
    ball.integral = pow(AET_PI / alpha, 1.5);
    return aet_brush_create(&ball, pixel_A, brush);
}

static aet_err make_brush(const aet_scattering *row, double sigma_A, double weight, double pixel_A,
                          aet_brush **brush)
{
    aet_profile *profile;
    AET_TRY(aet_profile_create(row, sigma_A, &profile));
    for (int k = 0; k < profile->terms; k++)
        profile->amplitude[k] *= weight;
    aet_err err = aet_brush_create(profile, pixel_A, brush);
    aet_profile_free(&profile);
    return err;
}

/* What the sampled image folds back: the damping at the pixel's Nyquist frequency. */
static void warn_of_aliases(int z, double sigma_A, double pixel_A)
{
    double alias = exp(-0.5 * pow(AET_PI * sigma_A / pixel_A, 2));
    if (alias > 0.05)
        aet_warn("%s of width %g A is undersampled by pixels of %g A: "
                 "up to %.0f %% of its finest detail is aliased",
                 aet_element_symbol(z), sigma_A, pixel_A, 100 * alias);
}

aet_err aet_blurred_create(const aet_atoms *atoms, const aet_simulate_params *p, bool balls,
                           aet_blurred *b)
{
    double weight[256];
    memset(b, 0, sizeof *b);
    AET_TRY(aet_simulate_widths(p->sigma_A, b->sigma_A));
    AET_TRY(parse_weights(p->weight, weight));
    for (int i = 0; i < atoms->n; i++) {
        int z = atoms->species[i];
        if (b->by_z[z] != NULL)
            continue;
        const aet_scattering *row;
        AET_CHECK(z > 0, AET_ERR_INPUT, "atom %d has no element; the model must be classified", i);
        AET_TRY(aet_scattering_find((aet_scattering_model)p->scattering, z, &row));
        AET_CHECK(b->sigma_A[z] > 0, AET_ERR_USAGE, "simulate.sigma_A = %s gives no width for %s",
                  p->sigma_A, aet_element_symbol(z));
        if (balls)
            AET_TRY(make_ball(b->sigma_A[z], p->pixel_A, &b->by_z[z]));
        else
            AET_TRY(make_brush(row, b->sigma_A[z], weight[z], p->pixel_A, &b->by_z[z]));
        b->heaviest = z > b->heaviest ? z : b->heaviest;
        warn_of_aliases(z, b->sigma_A[z], p->pixel_A);
    }
    return AET_OK;
}

void aet_blurred_free(aet_blurred *b)
{
    for (int z = 0; z < 256; z++)
        aet_brush_free(&b->by_z[z]);
}

aet_err aet_simulate_check(const aet_atoms *atoms, const aet_simulate_params *p)
{
    AET_CHECK(atoms->n > 0, AET_ERR_INPUT,
              "the model holds no atoms; there is nothing to simulate");
    AET_CHECK(p->adf_outer_mrad > p->adf_inner_mrad, AET_ERR_USAGE,
              "simulate.adf_outer_mrad = %g is not above adf_inner_mrad = %g", p->adf_outer_mrad,
              p->adf_inner_mrad);
    return aet_atoms_check(atoms, 0);
}

aet_err aet_simulate_size(const aet_simulate_params *p, double reach_A, int *size)
{
    *size = p->size;
    if (p->size > 0)
        return AET_OK;
    double wanted = 2 * ceil((reach_A + p->margin_A) / p->pixel_A) + 1;
    AET_CHECK(
        wanted <= AET_SIMULATE_SIZE_MAX, AET_ERR_INPUT,
        "the model reaches %g A from the pivot, which makes images of %.0f pixels of %g A (limit "
        "%d); check its units, or give simulate.size and simulate.pixel_A",
        reach_A, wanted, p->pixel_A, AET_SIMULATE_SIZE_MAX);
    for (*size = aet_fft_good_size((int)wanted); *size % 2 != 0;)
        *size = aet_fft_good_size(*size + 1);
    return AET_OK;
}
