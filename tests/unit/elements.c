/* ranks: 1 */
#include "aetlas/data/elements.h"
#include "test.h"

static void symbols(void)
{
    /* every tenth and the last, against the periodic table; a shifted list cannot pass */
    static const struct {
        int z;
        const char *symbol;
    } known[] = {{1, "H"},   {6, "C"},   {8, "O"},   {20, "Ca"}, {28, "Ni"},
                 {31, "Ga"}, {40, "Zr"}, {46, "Pd"}, {57, "La"}, {71, "Lu"},
                 {73, "Ta"}, {78, "Pt"}, {79, "Au"}, {98, "Cf"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        T_CHECK(strcmp(aet_element_symbol(known[i].z), known[i].symbol) == 0);
        T_CHECK(aet_element_number(known[i].symbol) == known[i].z);
    }
    for (int z = 1; z <= AET_ELEMENT_MAX; z++)
        T_CHECK(aet_element_number(aet_element_symbol(z)) == z);
    T_CHECK(strcmp(aet_element_symbol(0), "X") == 0);
    T_CHECK(strcmp(aet_element_symbol(-3), "X") == 0);
    T_CHECK(strcmp(aet_element_symbol(99), "X") == 0);
    T_CHECK(aet_element_number("pt") == 78);
    T_CHECK(aet_element_number("PT") == 78);
    T_CHECK(aet_element_number("78") == 78);
    T_CHECK(aet_element_number("0") == 0);
    T_CHECK(aet_element_number("99") == 0);
    T_CHECK(aet_element_number("X") == 0);
    T_CHECK(aet_element_number("") == 0);
    T_CHECK(aet_element_number(NULL) == 0);
}

static void lists(void)
{
    int z[8], n;
    T_OK(aet_element_list("Ni,Pt", z, &n));
    T_CHECK(n == 2 && z[0] == 28 && z[1] == 78);
    T_OK(aet_element_list(" pd , 78", z, &n));
    T_CHECK(n == 2 && z[0] == 46 && z[1] == 78);
    T_OK(aet_element_list("Co", z, &n));
    T_CHECK(n == 1 && z[0] == 27);
    T_OK(aet_element_list("H,He,Li,Be,B,C,N,O", z, &n));
    T_CHECK(n == 8 && z[7] == 8);
    T_FAILS(aet_element_list("H,He,Li,Be,B,C,N,O,F", z, &n), AET_ERR_USAGE, "more than 8");
    T_FAILS(aet_element_list("Ni,Xx", z, &n), AET_ERR_USAGE, "'Xx'");
    T_FAILS(aet_element_list("Ni,,Pt", z, &n), AET_ERR_USAGE, "empty word");
    T_FAILS(aet_element_list("", z, &n), AET_ERR_USAGE, "empty word");
    T_FAILS(aet_element_list("Ni,Ni", z, &n), AET_ERR_USAGE, "twice");
    T_FAILS(aet_element_list("a-very-long-word-that-is-no-element-at-all", z, &n), AET_ERR_USAGE,
            "too long");
    T_FAILS(aet_element_list(NULL, z, &n), AET_ERR_USAGE, "no element list");
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    symbols();
    lists();
    T_END();
}
