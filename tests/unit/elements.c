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

/* Colours and radii of elements that every viewer shows; lists shifted by one cannot pass. */
static void looks(void)
{
    static const struct {
        int z;
        uint32_t color;
        double radius_A;
    } known[] = {{1, 0xFFFFFF, 0.31},  {6, 0x909090, 0.76},  {8, 0xFF0D0D, 0.66},
                 {28, 0x50D050, 1.24}, {46, 0x006985, 1.39}, {78, 0xD0D0E0, 1.36},
                 {79, 0xFFD123, 1.36}, {92, 0x008FFF, 1.96}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        T_CHECK(aet_element_color(known[i].z) == known[i].color);
        T_NEAR(aet_element_radius_A(known[i].z), known[i].radius_A, 1e-12);
    }
    T_CHECK(aet_element_color(0) == 0xFF70C0 && aet_element_color(99) == 0xFF70C0);
    T_NEAR(aet_element_radius_A(-1), 1.3, 1e-12);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    symbols();
    looks();
    lists();
    T_END();
}
