#include "aetlas/data/elements.h"
#include "aetlas/base/str.h"
#include <string.h>

static const char *const symbols[AET_ELEMENT_MAX + 1] = {
    "X",  "H",  "He", "Li", "Be", "B",  "C",  "N",  "O",  "F",  "Ne", "Na", "Mg", "Al", "Si",
    "P",  "S",  "Cl", "Ar", "K",  "Ca", "Sc", "Ti", "V",  "Cr", "Mn", "Fe", "Co", "Ni", "Cu",
    "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y",  "Zr", "Nb", "Mo", "Tc", "Ru",
    "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I",  "Xe", "Cs", "Ba", "La", "Ce", "Pr",
    "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W",
    "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac",
    "Th", "Pa", "U",  "Np", "Pu", "Am", "Cm", "Bk", "Cf"};

const char *aet_element_symbol(int z)
{
    return symbols[z >= 1 && z <= AET_ELEMENT_MAX ? z : 0];
}

int aet_element_number(const char *symbol)
{
    if (symbol == NULL)
        return 0;
    for (int z = 1; z <= AET_ELEMENT_MAX; z++)
        if (aet_str_same(symbol, symbols[z]))
            return z;
    long number;
    if (aet_str_int(symbol, &number) && number >= 1 && number <= AET_ELEMENT_MAX)
        return (int)number;
    return 0;
}

/* One word of the list, [start, start + length), to a number. */
static aet_err parse_word(const char *start, size_t length, const char *text, int *z)
{
    char raw[32], word[32];
    AET_CHECK(length < sizeof raw, AET_ERR_USAGE,
              "a word of the element list '%s' is too long; expected symbols such as Ni,Pt", text);
    memcpy(raw, start, length);
    raw[length] = '\0';
    aet_str_trim(raw, word, sizeof word);
    AET_CHECK(word[0] != '\0', AET_ERR_USAGE,
              "the element list '%s' holds an empty word; expected symbols such as Ni,Pt", text);
    *z = aet_element_number(word);
    if (*z == 0) {
        const char *near = aet_str_nearest(word, symbols + 1, AET_ELEMENT_MAX);
        AET_FAIL(AET_ERR_USAGE, "unknown element '%s' in '%s'%s%s; expected symbols such as Ni,Pt",
                 word, text, near ? ", did you mean " : "", near ? near : "");
    }
    return AET_OK;
}

aet_err aet_element_list(const char *text, int z[8], int *n)
{
    *n = 0;
    AET_CHECK(text != NULL, AET_ERR_USAGE, "no element list; expected symbols such as Ni,Pt");
    for (const char *p = text;;) {
        size_t length = strcspn(p, ",");
        AET_CHECK(*n < 8, AET_ERR_USAGE, "the element list '%s' holds more than 8 elements", text);
        AET_TRY(parse_word(p, length, text, &z[*n]));
        for (int i = 0; i < *n; i++)
            AET_CHECK(z[i] != z[*n], AET_ERR_USAGE, "element %s stands twice in '%s'",
                      aet_element_symbol(z[i]), text);
        ++*n;
        if (p[length] == '\0')
            return AET_OK;
        p += length + 1;
    }
}
