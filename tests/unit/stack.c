/* ranks: 1 */
/* Stacks of items in HDF5: filled one by one, copied as stored, compressed or not, virtual over files; equal
 * contents give equal files, byte by byte. */
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/h5.h"
#include "aetlas/num/half.h"
#include "test.h"
#include <hdf5.h>

enum { ITEMS = 3, NZ = 6, NY = 5, NX = 4, N = NZ * NY * NX };
static const aet_h5_field halves = {"/input", AET_H5_F16, "1", "halves"};
static const aet_h5_field words = {"/target", AET_H5_U16, "", ""};
static const aet_h5_field counts = {"/count", AET_H5_I64, "", ""};

/* Below 2048 / 16, so that halves hold it exactly. */
static float value(int item, int i)
{
    return (float)(item * 500 + i) / 16;
}

static void fill(int item, uint16_t half[N], uint16_t word[N])
{
    float x[N];
    for (int i = 0; i < N; i++) {
        x[i] = value(item, i);
        word[i] = (uint16_t)(item * 500 + i);
    }
    aet_half_pack(x, N, half);
}

static void write_item(const char *name, int item, int level)
{
    uint16_t half[N], word[N];
    aet_h5 *f = NULL;
    const int64_t dims[4] = {1, NZ, NY, NX};
    fill(item, half, word);
    T_OK(aet_h5_create(MPI_COMM_SELF, name, 1 << 20, &f));
    T_OK(aet_h5_make(f, &halves, 4, dims, level));
    T_OK(aet_h5_make(f, &words, 4, dims, level));
    T_OK(aet_h5_put(f, &halves, 0, half));
    T_OK(aet_h5_put(f, &words, 0, word));
    T_OK(aet_h5_commit(&f));
}

/* Items 0 .. ITEMS-1, the first put from memory, the others copied from files, last one first. */
static void write_stack(const char *name, int level)
{
    uint16_t half[N], word[N];
    const int64_t dims[4] = {ITEMS, NZ, NY, NX}, n[1] = {ITEMS},
                  large[ITEMS] = {1, -2, (int64_t)1 << 40};
    aet_h5 *f = NULL, *item = NULL;
    T_OK(aet_h5_create(MPI_COMM_SELF, name, 1 << 20, &f));
    T_OK(aet_h5_make(f, &halves, 4, dims, level));
    T_OK(aet_h5_make(f, &words, 4, dims, level));
    for (int i = ITEMS - 1; i > 0; i--) {
        write_item("item.h5", i, level);
        T_OK(aet_h5_open("item.h5", &item));
        T_OK(aet_h5_copy_item(f, &halves, i, item));
        T_OK(aet_h5_copy_item(f, &words, i, item));
        aet_h5_close(&item);
    }
    fill(0, half, word);
    T_OK(aet_h5_put(f, &halves, 0, half));
    T_OK(aet_h5_put(f, &words, 0, word));
    T_OK(aet_h5_write_root(f, &counts, 1, n, large));
    T_OK(aet_h5_commit(&f));
}

static void check_values(const float *x, const uint16_t *word, int items)
{
    int wrong = 0;
    for (int k = 0; k < items; k++)
        for (int i = 0; i < N; i++)
            wrong += x[k * N + i] != value(k % ITEMS, i) || word[k * N + i] != k % ITEMS * 500 + i;
    T_CHECK(wrong == 0);
}

static void stack(int level)
{
    float x[ITEMS * N];
    uint16_t half[ITEMS * N], word[ITEMS * N];
    int64_t large[ITEMS];
    aet_h5 *f = NULL;
    aet_h5_shape s;
    write_stack("stack.h5", level);
    T_OK(aet_h5_open("stack.h5", &f));
    T_OK(aet_h5_look(f, "/input", &s));
    T_CHECK(s.ndim == 4 && s.dims[0] == ITEMS && s.bytes == 2 && s.numeric && !s.integer);
    T_OK(aet_h5_read(f, "/input", AET_H5_F16, ITEMS * N, half));
    T_OK(aet_h5_read(f, "/target", AET_H5_U16, ITEMS * N, word));
    T_OK(aet_h5_read(f, "/count", AET_H5_I64, ITEMS, large));
    T_CHECK(large[1] == -2 && large[2] == (int64_t)1 << 40);
    aet_half_unpack(half, ITEMS * N, x);
    check_values(x, word, ITEMS);
    memset(x, 0, sizeof x); /* HDF5 itself takes them for the same numbers */
    T_OK(aet_h5_read(f, "/input", AET_H5_F32, ITEMS * N, x));
    check_values(x, word, ITEMS);
    aet_h5_close(&f);
}

static void repeatable(int level)
{
    char *a = NULL, *b = NULL;
    int64_t na = 0, nb = 0;
    write_stack("one.h5", level);
    write_stack("two.h5", level);
    T_OK(aet_file_read_text("one.h5", 1 << 20, &a, &na));
    T_OK(aet_file_read_text("two.h5", 1 << 20, &b, &nb));
    T_CHECK(na == nb && na > 2 * ITEMS * N * (level ? 0 : 2) && memcmp(a, b, (size_t)na) == 0);
    aet_release(&a);
    aet_release(&b);
}

/* Read by the library itself, as any other program would. */
static void virtual_array(int level)
{
    static const aet_h5_part parts[2] = {{"one.h5", ITEMS}, {"two.h5", ITEMS}};
    const int64_t dims[4] = {2 * ITEMS, NZ, NY, NX};
    float x[2 * ITEMS * N];
    uint16_t word[2 * ITEMS * N];
    aet_h5 *f = NULL;
    write_stack("one.h5", level);
    write_stack("two.h5", level);
    T_OK(aet_h5_create(MPI_COMM_SELF, "all.h5", 1 << 16, &f));
    T_OK(aet_h5_virtual(f, &halves, 4, dims, parts, 2));
    T_OK(aet_h5_virtual(f, &words, 4, dims, parts, 2));
    T_OK(aet_h5_commit(&f));
    hid_t file = H5Fopen("all.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t in = H5Dopen2(file, "/input", H5P_DEFAULT),
          target = H5Dopen2(file, "/target", H5P_DEFAULT);
    T_CHECK(H5Dread(in, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
    T_CHECK(H5Dread(target, H5T_NATIVE_UINT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, word) >= 0);
    check_values(x, word, 2 * ITEMS);
    H5Dclose(in);
    H5Dclose(target);
    H5Fclose(file);
}

static void refusals(void)
{
    aet_h5 *f = NULL, *from = NULL;
    const int64_t dims[4] = {ITEMS, NZ, NY, NX};
    write_stack("one.h5", 0);
    T_OK(aet_h5_open("one.h5", &from));
    T_OK(aet_h5_create(MPI_COMM_SELF, "to.h5", 1 << 16, &f));
    T_OK(aet_h5_make(f, &halves, 4, dims, 0));
    T_FAILS(aet_h5_copy_item(f, &halves, 0, from), AET_ERR_INPUT, "is not one item");
    T_FAILS(aet_h5_put(f, &words, 0, dims), AET_ERR_OUTPUT, "cannot write item 0 of /target");
    aet_h5_close(&from);
    aet_h5_close(&f);
    T_CHECK(!aet_file_exists("to.h5") && !aet_file_exists("to.h5.part"));
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    stack(0);
    stack(4);
    repeatable(0);
    repeatable(4);
    virtual_array(0);
    virtual_array(4);
    refusals();
    T_END();
}
