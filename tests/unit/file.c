/* ranks: 1 */
#include "aetlas/base/file.h"
#include "aetlas/base/hash.h"
#include "aetlas/base/mem.h"
#include "test.h"
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static void write_file(const char *path, const char *text)
{
    FILE *f = NULL;
    bool before = aet_file_exists(path);
    T_OK(aet_writer_open(path, &f));
    fputs(text, f);
    T_CHECK(aet_file_exists(path) == before); /* the final name is untouched until it is whole */
    T_OK(aet_writer_close(path, &f));
    T_CHECK(aet_file_exists(path) && !aet_file_exists("x.txt.part"));
}

static void test_write_read(void)
{
    char *text = NULL;
    int64_t n = 0;
    write_file("x.txt", "hello");
    T_OK(aet_file_read_text("x.txt", 100, &text, &n));
    T_CHECK(n == 5 && strcmp(text, "hello") == 0);
    aet_release(&text);
    T_FAILS(aet_file_read_text("x.txt", 4, &text, &n), AET_ERR_INPUT, "too large");
    T_FAILS(aet_file_read_text("none.txt", 4, &text, &n), AET_ERR_INPUT, "No such file");
    T_FAILS(aet_file_read_text(".", 4, &text, &n), AET_ERR_INPUT, "not a regular file");
}

/* A write that does not fit leaves the old file as it was and nothing else. */
static void test_full_disk(void)
{
    FILE *f = NULL;
    char *text = NULL;
    struct rlimit old, small = {4096, 4096};
    signal(SIGXFSZ, SIG_IGN);
    write_file("x.txt", "before");
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    T_OK(aet_writer_open("x.txt", &f));
    setrlimit(RLIMIT_FSIZE, &small);
    for (int i = 0; i < 20000; i++)
        fputs("0123456789", f);
    T_FAILS(aet_writer_close("x.txt", &f), AET_ERR_OUTPUT, "could not be written whole");
    setrlimit(RLIMIT_FSIZE, &old);
    T_CHECK(!aet_file_exists("x.txt.part"));
    T_OK(aet_file_read_text("x.txt", 100, &text, NULL));
    T_CHECK(text && strcmp(text, "before") == 0);
    aet_release(&text);
    T_FAILS(aet_writer_open("no/such/folder/x", &f), AET_ERR_OUTPUT, "cannot be written");
}

static void test_folders(void)
{
    T_OK(aet_dir_make("a/b/c"));
    T_OK(aet_dir_make("a/b/c/"));
    write_file("a/file", "x");
    T_FAILS(aet_dir_make("a/file"), AET_ERR_OUTPUT, "cannot make");
}

static void test_hash(void)
{
    uint64_t a = AET_HASH_START, b;
    write_file("x.txt", "foobar");
    T_OK(aet_hash_file(&a, "x.txt"));
    T_CHECK(a == 0x85944171f73967e8ull); /* published FNV-1a test vector of "foobar" */
    b = aet_hash_text(AET_HASH_START, "a");
    T_CHECK(b != aet_hash_text(AET_HASH_START, "b") && b == aet_hash_bytes(AET_HASH_START, "a", 2));
}

static void test_memory(void)
{
    double *x = NULL;
    T_FAILS(AET_ARRAY(INT64_MAX / 4, "huge", &x), AET_ERR_NOMEM, "huge");
    T_FAILS(AET_ARRAY(-1, "negative", &x), AET_ERR_NOMEM, "negative");
    T_CHECK(x == NULL);
    T_OK(AET_ARRAY(3, "small", &x));
    T_CHECK(x && x[0] == 0.0 && ((uintptr_t)x & 63) == 0);
    aet_release(&x);
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/aetlas-file-XXXXXX";
    T_START(argc, argv);
    T_CHECK(mkdtemp(folder) && chdir(folder) == 0);
    test_write_read();
    test_full_disk();
    test_folders();
    test_hash();
    test_memory();
    T_CHECK(unlink("x.txt") == 0 && unlink("a/file") == 0 && rmdir("a/b/c") == 0 &&
            rmdir("a/b") == 0 && rmdir("a") == 0 && chdir("/") == 0 &&
            rmdir(folder) == 0); /* and nothing else was left */
    T_END();
}
