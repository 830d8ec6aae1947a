/* ranks: 1 */
#include "aetlas/base/str.h"
#include "test.h"

static void test_numbers(void)
{
    double x = 7.0;
    long k = 7;
    T_CHECK(aet_str_real(" 1e-3 ", &x) && x == 1e-3);
    T_CHECK(!aet_str_real("1e-3x", &x) && !aet_str_real("", &x) && !aet_str_real("nan", &x) &&
            !aet_str_real("1e999", &x));
    T_CHECK(aet_str_int("-12", &k) && k == -12);
    T_CHECK(!aet_str_int("1.5", &k) && !aet_str_int("99999999999999999999", &k) &&
            !aet_str_int(" ", &k));
}

static void test_nearest(void)
{
    static const char *const names[] = {"reconstruct", "trace", "analyse", "run"};
    T_CHECK(strcmp(aet_str_nearest("reconstuct", names, 4), "reconstruct") == 0);
    T_CHECK(strcmp(aet_str_nearest("Trace", names, 4), "trace") == 0);
    T_CHECK(strcmp(aet_str_nearest("analyze", names, 4), "analyse") == 0);
    T_CHECK(aet_str_nearest("zzzzzzzz", names, 4) == NULL);
}

static void test_paths(void)
{
    char buf[64];
    T_CHECK(strcmp(aet_path_base("a/b/c.h5"), "c.h5") == 0 && strcmp(aet_path_base("c"), "c") == 0);
    aet_path_stem("a/b.c/d.e.h5", buf, sizeof buf);
    T_CHECK(strcmp(buf, "d.e") == 0);
    aet_path_stem("a/.hidden", buf, sizeof buf);
    T_CHECK(strcmp(buf, ".hidden") == 0);
    aet_path_dir("x.h5", buf, sizeof buf);
    T_CHECK(strcmp(buf, ".") == 0);
    aet_path_dir("/x.h5", buf, sizeof buf);
    T_CHECK(strcmp(buf, "/") == 0);
    aet_path_dir("a/b/x", buf, sizeof buf);
    T_CHECK(strcmp(buf, "a/b") == 0);
    aet_path_join(buf, sizeof buf, "a/b", "c");
    T_CHECK(strcmp(buf, "a/b/c") == 0);
    aet_path_join(buf, sizeof buf, "a/b", "/c");
    T_CHECK(strcmp(buf, "/c") == 0);
}

static void test_text(void)
{
    char buf[6];
    T_CHECK(aet_fmt(buf, sizeof buf, "%d", 12345) && !aet_fmt(buf, sizeof buf, "%d", 123456));
    T_CHECK(strcmp(buf, "12345") == 0);
    aet_str_trim("  a b  ", buf, sizeof buf);
    T_CHECK(strcmp(buf, "a b") == 0);
    aet_str_trim(" abcdefgh", buf, sizeof buf);
    T_CHECK(strcmp(buf, "abcde") == 0);
    T_CHECK(aet_str_ends("x.MRC", ".mrc") && !aet_str_ends("mrc", ".mrc") &&
            aet_str_same("Pt", "pt"));
}

static void lists(void)
{
    char key[3][16];
    double value[3];
    int n;
    T_CHECK(aet_str_list("0.4, -1e2 ,3", 3, key, value, &n) && n == 3);
    T_CHECK(value[0] == 0.4 && value[1] == -100 && value[2] == 3 && key[1][0] == 0);
    T_CHECK(aet_str_list(" Ni : 3.5,Pt:3.9", 3, key, value, &n) && n == 2);
    T_CHECK(strcmp(key[0], "Ni") == 0 && strcmp(key[1], "Pt") == 0 && value[1] == 3.9);
    T_CHECK(aet_str_list("", 3, key, value, &n) && n == 0);
    T_CHECK(!aet_str_list("1,2,3,4", 3, key, value, &n));
    T_CHECK(!aet_str_list("1,,3", 3, key, value, &n));
    T_CHECK(!aet_str_list("1,x", 3, key, value, &n));
    T_CHECK(!aet_str_list("Ni:", 3, key, value, &n));
    T_CHECK(!aet_str_list("a_name_of_sixteen:1", 3, key, value, &n));
    T_CHECK(!aet_str_list("1,nan", 3, key, value, &n));
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_numbers();
    test_nearest();
    test_paths();
    test_text();
    lists();
    T_END();
}
