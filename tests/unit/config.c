/* ranks: 1 */
#include "aetlas/base/config.h"
#include "aetlas/base/mem.h"
#include "test.h"

#define DEMO_PARAMS(X)                                                                             \
    X(INT, iterations, 200, 1, 1000, "", "how often")                                              \
    X(REAL, tilt_deg, 12.5, -90, 90, "deg", "an angle")                                            \
    X(BOOL, positivity, true, 0, 1, "", "clip")                                                    \
    X(CHOICE, method, "resire", 0, 0, "genfire|resire|sirt", "algorithm")                          \
    X(TEXT, mask, "", 0, 0, "file", "a file")
AET_PARAMS_STRUCT(demo_params, DEMO_PARAMS);
#define AET_PARAM_OWNER demo_params
AET_PARAMS_TABLE(demo_table, "demo", "a test table", DEMO_PARAMS);
static const aet_param_table *const all[] = {&demo_table};

static aet_err load(const char *text, const char *set, demo_params *p)
{
    aet_config *c = aet_config_create();
    aet_err err = aet_config_add_text(c, text, "test.ini");
    if (!err && set)
        err = aet_config_set(c, set);
    if (!err)
        err = aet_config_check(c, all, 1);
    if (!err)
        err = aet_config_load(c, &demo_table, p);
    aet_config_free(&c);
    return err;
}

static void test_values(void)
{
    demo_params p;
    T_OK(load("", NULL, &p));
    T_CHECK(p.iterations == 200 && p.positivity && p.method == 1 && p.mask[0] == 0);
    T_NEAR(p.tilt_deg, 12.5, 0.0);
    T_OK(load("[demo]\n# note\niterations = 7\nmethod = sirt\npositivity = no\nmask = a b.h5\n",
              "demo.iterations=9", &p));
    T_CHECK(p.iterations == 9 && p.method == 2 && !p.positivity && strcmp(p.mask, "a b.h5") == 0);
}

static void test_errors(void)
{
    demo_params p;
    char text[1500];
    T_FAILS(load("[demo]\niteration = 7\n", NULL, &p), AET_ERR_USAGE, "did you mean iterations");
    T_FAILS(load("[dmo]\niterations = 7\n", NULL, &p), AET_ERR_USAGE, "did you mean demo");
    T_FAILS(load("[demo]\n\niterations = 0\n", NULL, &p), AET_ERR_USAGE, "line 3");
    T_FAILS(load("[demo]\niterations = 1.5\n", NULL, &p), AET_ERR_USAGE, "not a whole number");
    T_FAILS(load("[demo]\ntilt_deg = 120\n", NULL, &p), AET_ERR_USAGE, "outside -90 to 90 deg");
    T_FAILS(load("[demo]\ntilt_deg = nan\n", NULL, &p), AET_ERR_USAGE, "not a number");
    T_FAILS(load("[demo]\nmethod = fbp\n", NULL, &p), AET_ERR_USAGE, "genfire|resire|sirt");
    T_FAILS(load("[demo]\npositivity = maybe\n", NULL, &p), AET_ERR_USAGE,
            "neither true nor false");
    T_FAILS(load("[demo]\nmask = a\nmask = b\n", NULL, &p), AET_ERR_USAGE, "given before");
    T_FAILS(load("[demo\nmask = a\n", NULL, &p), AET_ERR_USAGE, "line 1");
    T_FAILS(load("", "demo.mask", &p), AET_ERR_USAGE, "section.key=value");
    snprintf(text, sizeof text, "[demo]\nmask = %01200d\n", 7);
    T_FAILS(load(text, NULL, &p), AET_ERR_USAGE, "line 2");
}

/* What print writes, load reads back to the same values. */
static void test_round_trip(void)
{
    demo_params p, q;
    T_OK(load("[demo]\niterations = 33\ntilt_deg = -1.25e-3\nmethod = genfire\nmask = x y\n", NULL,
              &p));
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    aet_config_print(f, &demo_table, &p, true);
    fclose(f);
    T_OK(load(text, NULL, &q));
    T_CHECK(p.iterations == q.iterations && p.method == q.method && strcmp(p.mask, q.mask) == 0);
    T_NEAR(q.tilt_deg, p.tilt_deg, 0.0);
    free(text);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_values();
    test_errors();
    test_round_trip();
    T_END();
}
