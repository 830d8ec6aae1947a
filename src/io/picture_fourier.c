/* The power of a volume's Fourier transform, projected along the axes. */
#include "aetlas/base/mem.h"
#include "aetlas/io/picture.h"
#include "aetlas/num/fft.h"
#include "aetlas/par/agree.h"
#include <math.h>

/* The weakest power shown, as a part of the strongest. */
#define FLOOR 1e-12

typedef struct {
    int n[3];         /* of the volume */
    double *along[3]; /* sums along z [ny][nx], y [nz][nx] and x [nz][ny], frequency 0 central */
} sums;

static int64_t size_of(const sums *s, int d)
{
    return (int64_t)s->n[d == 2 ? 1 : 0] * s->n[d == 0 ? 1 : 2];
}

/* k: signed frequencies along x, y, z. */
static void add(sums *s, const int k[3], double power)
{
    int c[3];
    for (int a = 0; a < 3; a++)
        c[a] = ((k[a] + s->n[a] / 2) % s->n[a] + s->n[a]) % s->n[a];
    s->along[0][(int64_t)c[1] * s->n[0] + c[0]] += power;
    s->along[1][(int64_t)c[2] * s->n[0] + c[0]] += power;
    s->along[2][(int64_t)c[2] * s->n[1] + c[1]] += power;
}

/* The half of the spectrum that is held, and the other by symmetry. */
static void add_spectrum(aet_fft3 *fft, sums *s)
{
    const aet_fft3_shape *shape = aet_fft3_get_shape(fft);
    const float complex *f = aet_fft3_buffer(fft);
    for (int y = 0; y < shape->y.count; y++)
        for (int z = 0; z < shape->nz; z++)
            for (int x = 0; x <= shape->nx / 2; x++, f++) {
                double re = (double)crealf(*f), im = (double)cimagf(*f);
                int k[3] = {x, aet_fft_signed(shape->y.start + y, shape->ny),
                            aet_fft_signed(z, shape->nz)};
                int mirror[3] = {-k[0], -k[1], -k[2]};
                add(s, k, re * re + im * im);
                if (x > 0 && 2 * x < shape->nx)
                    add(s, mirror, re * re + im * im);
            }
}

static aet_err transform(const aet_volume *v, aet_fft3 **fft)
{
    AET_TRY(aet_fft3_create(v->comm, v->nx, v->ny, v->nz, true, fft));
    const aet_fft3_shape *shape = aet_fft3_get_shape(*fft);
    float *x = aet_fft3_buffer(*fft);
    for (int64_t row = 0; row < (int64_t)v->slab.count * v->ny; row++)
        for (int i = 0; i < v->nx; i++)
            x[row * shape->row + i] = v->density[row * v->nx + i];
    aet_fft3_forward(*fft);
    return AET_OK;
}

static aet_err make_sums(const aet_volume *v, sums *s)
{
    *s = (sums){.n = {v->nx, v->ny, v->nz}};
    for (int d = 0; d < 3; d++)
        AET_TRY(AET_ARRAY(size_of(s, d), "projected power", &s->along[d]));
    return AET_OK;
}

/* Rank 0 only. */
static aet_err draw(const char *path, const sums *s)
{
    aet_panel panels[3] = {
        {s->n[0], s->n[1], NULL}, {s->n[0], s->n[2], NULL}, {s->n[1], s->n[2], NULL}};
    aet_err err = AET_OK;
    for (int d = 0; d < 3; d++) {
        double most = 0;
        AET_GO(AET_ARRAY(size_of(s, d), "panel", &panels[d].values));
        for (int64_t i = 0; i < size_of(s, d); i++)
            most = fmax(most, s->along[d][i]);
        for (int64_t i = 0; i < size_of(s, d); i++)
            panels[d].values[i] = (float)log10(s->along[d][i] + FLOOR * most + 1e-300);
    }
    err = aet_picture_write(path, 1, 3, panels, 0);
done:
    for (int d = 0; d < 3; d++)
        aet_release(&panels[d].values);
    return err;
}

aet_err aet_fourier_power(const aet_volume *v, double *along[3])
{
    aet_err err = AET_OK;
    aet_fft3 *fft = NULL;
    sums s = {0};
    AET_GO(AET_AGREE(v->comm, make_sums(v, &s)));
    AET_GO(transform(v, &fft));
    add_spectrum(fft, &s);
    for (int d = 0; d < 3; d++)
        aet_sum_double(v->comm, s.along[d], size_of(&s, d));
done:
    aet_fft3_free(&fft);
    for (int d = 0; d < 3; d++) {
        if (err != AET_OK)
            aet_release(&s.along[d]);
        along[d] = s.along[d];
    }
    return err;
}

aet_err aet_picture_fourier(const char *path, const aet_volume *v)
{
    sums s = {.n = {v->nx, v->ny, v->nz}};
    int rank;
    MPI_Comm_rank(v->comm, &rank);
    AET_TRY(aet_fourier_power(v, s.along));
    aet_err err = AET_AGREE(v->comm, rank == 0 ? draw(path, &s) : AET_OK);
    for (int d = 0; d < 3; d++)
        aet_release(&s.along[d]);
    return err;
}
