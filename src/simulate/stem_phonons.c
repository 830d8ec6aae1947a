#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "stem_priv.h"
#include <math.h>
#include <string.h>

#define RMS_MAX_A 1.0

/* B at 300 K, A^2: neutron and X-ray values of Sears and Shelley, Acta Cryst. A47, 441 (1991), and of Peng et
 * al., Acta Cryst. A52, 456 (1996); Co by the Debye model (445 K); Ga as it sits in nickel. */
static const struct {
    int z;
    double b_A2;
} room[] = {{26, 0.34}, {27, 0.31}, {28, 0.34}, {31, 0.34}, {46, 0.45}, {78, 0.37}, {79, 0.62}};

static aet_err parse_word(char *word, const aet_stem_params *p, double value[256])
{
    char *colon = strchr(word, ':'), name[32] = "";
    double number;
    if (colon != NULL) {
        *colon = '\0';
        aet_str_trim(word, name, sizeof name);
    }
    AET_CHECK(aet_str_real(colon ? colon + 1 : word, &number) && number >= 0, AET_ERR_USAGE,
              "stem.thermal = %s: '%s' is not a number >= 0; expected e.g. Ni:0.34,Pt:0.37",
              p->thermal, colon ? colon + 1 : word);
    int z = colon ? aet_element_number(name) : 0;
    AET_CHECK(!colon || z > 0, AET_ERR_USAGE, "stem.thermal = %s: unknown element '%s'", p->thermal,
              name);
    if (z > 0)
        value[z] = number;
    for (int i = 0; !colon && i < 256; i++)
        if (value[i] < 0)
            value[i] = number;
    return AET_OK;
}

/* Words for one element win over a word for all. */
static aet_err parse(const aet_stem_params *p, double value[256])
{
    char words[AET_TEXT_MAX], *rest;
    for (int general = 0; general < 2; general++) {
        aet_fmt(words, sizeof words, "%s", p->thermal);
        for (char *w = strtok_r(words, ",", &rest); w != NULL; w = strtok_r(NULL, ",", &rest))
            if ((strchr(w, ':') == NULL) == (general == 1))
                AET_TRY(parse_word(w, p, value));
    }
    return AET_OK;
}

aet_err aet_stem_thermal(const aet_stem_params *p, const aet_atoms *a, double rms_A[256])
{
    bool own = p->thermal[strspn(p->thermal, " ")] != '\0', b = !own || p->thermal_unit == 0;
    for (int z = 0; z < 256; z++)
        rms_A[z] = -1;
    for (size_t i = 0; !own && i < sizeof room / sizeof *room; i++)
        rms_A[room[i].z] = room[i].b_A2;
    if (own)
        AET_TRY(parse(p, rms_A));
    for (int i = 0; i < a->n; i++)
        AET_CHECK(rms_A[a->species[i]] >= 0, AET_ERR_USAGE,
                  "no thermal motion is known for %s; give stem.thermal, e.g. %s:0.4, or "
                  "stem.phonons=0 for atoms at rest",
                  aet_element_symbol(a->species[i]), aet_element_symbol(a->species[i]));
    for (int z = 0; z < 256; z++) {
        if (b && rms_A[z] > 0)
            rms_A[z] = sqrt(rms_A[z] / 8) / AET_PI;
        AET_CHECK(rms_A[z] <= RMS_MAX_A, AET_ERR_USAGE,
                  "stem.thermal = %s: %s moves by %g A rms along an axis; expected at most %g A",
                  p->thermal, aet_element_symbol(z), rms_A[z], RMS_MAX_A);
    }
    return AET_OK;
}

void aet_stem_displace(const aet_atoms *a, const double rms_A[256], int seed, int tilt,
                       int configuration, double (*displacement_A)[3])
{
    aet_rng key = {(uint64_t)seed, (uint32_t)tilt << 16 | (uint32_t)configuration, AET_RNG_PHONON};
    for (int i = 0; i < a->n; i++) {
        double z[4];
        aet_rng_normal4(key, (uint64_t)i, z);
        for (int c = 0; c < 3; c++)
            displacement_A[i][c] = rms_A[a->species[i]] * z[c];
    }
}
