/* ranks: 1 2 3 4 */
/* PRISM against multislice, whatever the ranks and the memory. */
#include "aetlas/par/stop.h"
#include "stem_images.h"

static aet_stem_params prism(int interpolation)
{
    aet_stem_params p = defaults();
    p.method = AET_STEM_PRISM;
    p.interpolation = interpolation;
    p.size = 14;
    return p;
}

/* All beams: multislice, to the rounding of sums of a hundred beams in single precision. */
static void all_beams(const aet_atoms *a)
{
    aet_stem_params p = prism(1);
    aet_tilt *t = images(a, tilts, 2, &p);
    p.method = AET_STEM_MULTISLICE;
    aet_tilt *want = images(a, tilts, 2, &p);
    T_NEAR(apart(want, t), 0, 3e-5);
    aet_tilt_free(&t);
    aet_tilt_free(&want);
}

/* Fewer: the cell's periodic images of the probe come near. On a cell of 24 A every second beam is
 * a good image, every fourth, probes cut to 6 A, a fair one. */
static void fewer_beams(const aet_atoms *a)
{
    aet_stem_params p = prism(2);
    double away[2];
    p.cell_A = 24;
    p.size = 10;
    p.method = AET_STEM_MULTISLICE;
    p.window_A = 18;
    aet_tilt *want = images(a, flat, 1, &p);
    p.method = AET_STEM_PRISM;
    for (int i = 0; i < 2; i++) {
        p.interpolation = i ? 4 : 2;
        aet_tilt *t = images(a, flat, 1, &p);
        away[i] = apart(want, t);
        aet_tilt_free(&t);
    }
    T_NEAR(away[0], 0, 0.03);
    T_CHECK(away[1] > away[0]);
    T_NEAR(away[1], 0, 0.1);
    aet_tilt_free(&want);
}

/* Beams between few that are computed: the error falls by at least 3 with every ring. */
static void parents(const aet_atoms *a)
{
    aet_stem_params p = prism(1);
    p.cell_A = 14;
    p.sampling_A =
        14.0 / 144; /* at the edge of the band waves are not smooth: some way beyond the detector */
    p.size = 10;
    aet_tilt *want = images(a, flat, 1, &p);
    double before = 1;
    for (p.parents = 1; p.parents <= 3; p.parents++) {
        aet_tilt *t = images(a, flat, 1, &p);
        double now = apart(want, t);
        T_CHECK(now < before / 3);
        before = now;
        aet_tilt_free(&t);
    }
    T_CHECK(before < 1e-3); /* 37 parents of 197 beams through 8 A */
    p.parents = 12;
    aet_tilt *t = NULL;
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_USAGE, "469 beams");
    aet_tilt_free(&want);
}

/* Items of their own give the same bits on any number of ranks; an item that ranks share differs by
 * the order in which they add up in single precision. */
static void ranks_and_memory(const aet_atoms *a)
{
    aet_stem_params p = prism(2);
    p.phonons = 2;
    p.cell_A = 12;
    aet_tilt *all = images(a, tilts, 3, &p), *alone = NULL;
    if (t_rank == 0)
        alone = images_on(MPI_COMM_SELF, a, tilts, 3, &p);
    T_CHECK(!alone || memcmp(all->images, alone->images, sizeof(float) * 3 * 14 * 14) == 0);
    aet_tilt_free(&all);
    aet_tilt_free(&alone);
    p.phonons = 1;
    aet_tilt *one = images(a, tilts, 1, &p);
    if (t_rank == 0)
        alone = images_on(MPI_COMM_SELF, a, tilts, 1, &p);
    T_CHECK(!alone || apart(alone, one) < 1e-5);
    /* beams in parts, then parts over and over for chunks of probes */
    p.memory_GB = 0.0085;
    aet_tilt *parts = images(a, tilts, 1, &p);
    T_CHECK(!alone || apart(alone, parts) < 1e-5);
    p.memory_GB = 0.0002;
    aet_tilt *t = NULL;
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_USAGE, "GB per rank");
    aet_tilt_free(&one);
    aet_tilt_free(&alone);
    aet_tilt_free(&parts);
}

static void refusals(const aet_atoms *a)
{
    aet_stem_params p = prism(30);
    aet_tilt *t = NULL;
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_USAGE, "beams");
    p = prism(1);
    if (t_rank == t_size - 1)
        aet_stop_request();
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_STOPPED, "stopped");
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    aet_atoms *a = cluster();
    all_beams(a);
    fewer_beams(a);
    parents(a);
    ranks_and_memory(a);
    refusals(a);
    aet_atoms_free(&a);
    T_END();
}
