/* ranks: 1 */
#include "aetlas/campaign/particles.h"
#include "aetlas/base/mem.h"
#include "test.h"

static void test_good(void)
{
    aet_particle *p = NULL;
    int n = 0;
    T_OK(aet_particles_parse("# my particles\nname\tgroup\tcycles\tinput\tpixel_A\tangles\r\n"
                             "p1\tPtNi\t4000\tdata/p1.mat\t0.357\tdata/a.mat # good one\n\n"
                             "p2\tGa-PtNi\t0\t/abs/p2.h5\t\t\n",
                             "here/table.tsv", &p, &n));
    T_CHECK(n == 2);
    T_CHECK(strcmp(p[0].name, "p1") == 0 && strcmp(p[0].group, "PtNi") == 0 &&
            p[0].cycles == 4000.0);
    T_CHECK(strcmp(p[0].input, "here/data/p1.mat") == 0 &&
            strcmp(p[0].angles, "here/data/a.mat") == 0);
    T_NEAR(p[0].pixel_A, 0.357, 0.0);
    T_CHECK(strcmp(p[1].input, "/abs/p2.h5") == 0 && p[1].angles[0] == 0 && p[1].pixel_A == 0.0);
    aet_release(&p);
}

static aet_err parse(const char *text)
{
    aet_particle *p = NULL;
    int n;
    aet_err err = aet_particles_parse(text, "t.tsv", &p, &n);
    aet_release(&p);
    return err;
}

static void test_bad(void)
{
    T_FAILS(parse(""), AET_ERR_USAGE, "no particle");
    T_FAILS(parse("name\tinput\n"), AET_ERR_USAGE, "no particle");
    T_FAILS(parse("name\tinputs\np\tx\n"), AET_ERR_USAGE, "did you mean input");
    T_FAILS(parse("name input\np x\n"), AET_ERR_USAGE, "separated by tabs");
    T_FAILS(parse("name\tinput\np\tx\ty\n"), AET_ERR_USAGE, "line 2: 3 fields");
    T_FAILS(parse("name\tinput\np\tx\np\ty\n"), AET_ERR_USAGE,
            "line 3: the name 'p' is used twice");
    T_FAILS(parse("name\tinput\n../p\tx\n"), AET_ERR_USAGE, "names a folder");
    T_FAILS(parse("name\tinput\tpixel\np\tx\t-1\n"), AET_ERR_USAGE, "outside");
    T_FAILS(parse("name\tinput\tpixel\np\tx\t0.3nm\n"), AET_ERR_USAGE, "not a number");
    T_FAILS(parse("name\tinput\np\t\n"), AET_ERR_USAGE, "has no input");
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_good();
    test_bad();
    T_END();
}
