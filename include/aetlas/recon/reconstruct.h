/* From a tilt series to a volume: RESIRE and GENFIRE, with R factors.
 *
 * The volume has the images' pixel size.  Its size is, unless told otherwise, (nx, ny, nx): the
 * images' width and height, and as deep as wide; the pivot of the images is its origin voxel.
 * Density is such that an image is the plain sum of voxels along the beam.
 */
#ifndef AET_RECON_RECONSTRUCT_H
#define AET_RECON_RECONSTRUCT_H

#include "aetlas/base/config.h"
#include "aetlas/data/tilt.h"
#include "aetlas/data/volume.h"

#define AET_RECON_PARAMS(X)                                                                        \
    X(CHOICE, method, "resire", 0, 0, "resire|resire-fast|genfire|genfire-fast",                   \
      "resire: real-space gradient descent; genfire: Fourier gridding and iteration; -fast: the "  \
      "same goal, accelerated, until withheld data are fitted no better")                          \
    X(INT, iterations, 200, 1, 100000, "",                                                         \
      "number of iterations; the most in each pass where -fast withholds data and makes two")      \
    X(BOOL, positivity, true, 0, 1, "", "clip negative density")                                   \
    X(TEXT, support, "", 0, 0, "file",                                                             \
      "volume file of the same size: density stays 0 where this is not above 0; empty: none")      \
    X(INT, size_x, 0, 0, 8192, "voxels", "width of the volume; 0: width of the images")            \
    X(INT, size_y, 0, 0, 8192, "voxels", "height of the volume; 0: height of the images")          \
    X(INT, size_z, 0, 0, 8192, "voxels", "depth of the volume; 0: width of the images")            \
    X(REAL, extend_x, 1.0, 1.0, 8.0, "",                                                           \
      "factor on the width while iterating: room for matter beside the frame, for films")          \
    X(REAL, extend_y, 1.0, 1.0, 8.0, "", "factor on the height while iterating")                   \
    X(REAL, extend_z, 1.0, 1.0, 8.0, "", "factor on the depth while iterating")                    \
    X(BOOL, crop, true, 0, 1, "", "give back the central part only, without the extension")        \
    X(REAL, step, 1.9, 0.001, 4.0, "",                                                             \
      "resire: step times the largest eigenvalue; monotone up to 1, converges below 2 "            \
      "(resire-fast: at most 1 is used)")                                                          \
    X(CHOICE, projector, "real", 0, 0, "real|fourier|convolution",                                 \
      "resire: voxels shared between pixels (fast); slices of the volume's transform (no blur at " \
      "any angle; slower); the same in one convolution, for objects that end within the images")   \
    X(BOOL, fine, true, 0, 1, "",                                                                  \
      "real projector: distance-driven voxel footprint (no Moire near 45 deg) in place of linear " \
      "interpolation")                                                                             \
    X(REAL, oversampling, 3.0, 1.0, 8.0, "",                                                       \
      "genfire: Fourier grid size over volume size; fourier projector: field over image size, at " \
      "least what the volume is seen as")                                                          \
    X(CHOICE, gridding, "dft", 0, 0, "dft|fft",                                                    \
      "genfire: exact transform at foot points, or samples of padded FFTs within the radius")      \
    X(REAL, radius, 0.3, 0.001, 2.0, "grid pixels",                                                \
      "genfire: how far from a measured plane a grid point may lie")                               \
    X(CHOICE, enforce, "all", 0, 0, "all|extend|extend-suppress",                                  \
      "genfire: measured points enforced: all, from low to high resolution, or there and back")    \
    X(CHOICE, limit, "auto", 0, 0, "auto|sphere|cylinder|none",                                    \
      "genfire: frequencies up to Nyquist in length, or across the tilt axis (y), or all; auto: "  \
      "cylinder where that is the only axis, so that slices are solved one by one, else sphere")   \
    X(REAL, withheld, -1, -1, 0.5, "fraction",                                                     \
      "share of the data kept apart to watch R_free; -1: 0.05 with genfire-fast, else none")       \
    X(CHOICE, withhold, "images", 0, 0, "images|points",                                           \
      "kept apart are whole images, spread over the tilts, or Fourier points (resire: pixels) at " \
      "random, which tells less: those beside them hold the same noise")                           \
    X(INT, patience, 20, 1, 100000, "iterations",                                                  \
      "-fast: stop when R_free has not clearly fallen for so long")                                \
    X(REAL, plateau, 0.05, 0.0, 1.0, "fraction",                                                   \
      "resire-fast, nothing withheld: stop when the cost fell by less than this in `patience` "    \
      "iterations; 0: never")                                                                      \
    X(INT, seed, 1, 0, 2147483647, "", "seed of the choice of withheld points or pixels")          \
    X(BOOL, halves, false, 0, 1, "",                                                               \
      "also reconstruct every other tilt and the rest: their Fourier shell correlation")           \
    X(REAL, checkpoint_minutes, 10, 0, 100000, "minutes",                                          \
      "how often the state is kept in a file, from which a killed run goes on; 0: when stopped "   \
      "only")

AET_PARAMS_STRUCT(aet_recon_params, AET_RECON_PARAMS);
extern const aet_param_table aet_recon_table; /* section "reconstruct" */

typedef enum {
    AET_RECON_RESIRE,
    AET_RECON_RESIRE_FAST,
    AET_RECON_GENFIRE,
    AET_RECON_GENFIRE_FAST
} aet_recon_method;
typedef enum {
    AET_PROJECTOR_REAL,
    AET_PROJECTOR_FOURIER,
    AET_PROJECTOR_CONVOLUTION
} aet_recon_projector;
typedef enum { AET_GRIDDING_DFT, AET_GRIDDING_FFT } aet_recon_gridding;
typedef enum {
    AET_LIMIT_AUTO,
    AET_LIMIT_SPHERE,
    AET_LIMIT_CYLINDER,
    AET_LIMIT_NONE
} aet_recon_limit;
typedef enum { AET_WITHHOLD_IMAGES, AET_WITHHOLD_POINTS } aet_recon_withhold;
typedef enum { AET_ENFORCE_ALL, AET_ENFORCE_EXTEND, AET_ENFORCE_THERE_AND_BACK } aet_recon_enforce;

/* Local.  Real-space methods; the others grid the Fourier space. */
static inline bool aet_recon_is_resire(const aet_recon_params *p)
{
    return p->method == AET_RECON_RESIRE || p->method == AET_RECON_RESIRE_FAST;
}

/* Where the iteration stood.  What a method does not have is NAN. */
typedef struct {
    /* resire: mean over tilts of all pixels, of the object before the step; with the projector
     * `convolution` r2 alone, over all tilts together and the images' empty surroundings, of the point
     * the step starts from, as is the cost. */
    double r1, r2;
    double cost; /* resire: sum of squared residuals / 2, without withheld pixels */
    /* genfire: sqrt(sum |K - Km|^2 / sum |Km|^2) over enforced and (r_free2) over withheld points.  They come
     * from sums that cancel, in single precision: what is below about 5e-4 is rounding.
     * genfire-fast: in the last iteration of a pass and, while data are withheld, every fifth; in others
     * k_error2 is that of the point ahead of the object and r_free2 NAN. */
    double k_error2;
    /* resire: sqrt(sum |A x - b|^2 / sum |b|^2) over withheld pixels; every iteration. */
    double r_free2;
} aet_recon_step;

/* How well withheld Fourier points are foretold, by resolution. */
typedef struct {
    double frequency; /* middle of the shell, in cycles per pixel */
    double r_free;    /* sum |K - Km| / sum |Km| */
    double points;    /* with their Friedel mates */
} aet_recon_shell;

typedef struct {
    int n; /* tilts */
    /* Owned, [n]: of the final volume, before any crop: R1 = sum|calc - meas| / sum|meas|, R2 the
     * same with square norms. */
    double *r1, *r2;
    double mean_r1, mean_r2;
    int iterations;        /* done */
    aet_recon_step *curve; /* owned, [iterations] */
    int best;       /* genfire, -fast: iteration of the object given back; -1: the last step's */
    int settled;    /* -fast: last of a first pass that foretold withheld data well; -1: none */
    double step;    /* resire: step in absolute terms */
    double norm2;   /* resire: upper bound of the largest eigenvalue of A^T A */
    int64_t points; /* genfire: measured grid points in the half space */
    /* genfire with withheld data: of the object that was fitted to the others and foretold them best;
     * shells as wide as one frequency of the volume, owned, [n_shells]; r_free over all of them. */
    int n_shells;
    aet_recon_shell *shells;
    double r_free;
    aet_recon_limit limit; /* genfire: what it was; AUTO with other methods */
    bool slices;           /* genfire: planes across the tilt axis were solved one by one */
    double kernel_seconds; /* genfire: making kernels and right-hand sides while iterating */
    double seconds;        /* of the iterations, kernels not included */
} aet_recon_report;

/* Collective.  support may be NULL; else it must have the size of the volume before (or after)
 * extension. *out belongs to the caller; report (not NULL) is filled and to be released with
 * aet_recon_report_free also after a failure.  USAGE or INPUT for sizes that do not fit, NOMEM,
 * NUMERIC if it diverges, STOPPED on request. */
aet_err aet_reconstruct(MPI_Comm comm, const aet_tilt *tilt, const aet_volume *support,
                        const aet_recon_params *params, aet_volume **out, aet_recon_report *report);
/* Collective.  The same; checkpoint (may be NULL): a file that keeps the state of the iteration every
 * params->checkpoint_minutes and when stopped.  Where it is there and of the same inputs and
 * parameters (params->iterations apart, unless genfire follows a schedule or there are two passes), the
 * iteration goes on from it: with the same result, bit for bit on as many ranks as before (and with
 * the same FFT plans), up to rounding on others.  A file that is damaged, does not fit or cannot be
 * written costs a warning.  It stays when all is done, until the caller has what came out in safety:
 * aet_recon_checkpoint_remove. */
aet_err aet_reconstruct_kept(MPI_Comm comm, const aet_tilt *tilt, const aet_volume *support,
                             const aet_recon_params *params, const char *checkpoint,
                             aet_volume **out, aet_recon_report *report);
/* Collective.  Reconstructs every other tilt (in the order of theta) and the rest, each as the whole is,
 * and adds the Fourier shell correlation of the two to v, the curve "fsc" (aetlas/data/fsc.h).  Both
 * lack what no tilt sees and share support and positivity: it tells how far the result is determined
 * by the data, not how true it is.  INPUT for less than four tilts; otherwise as aet_reconstruct. */
aet_err aet_recon_halves(MPI_Comm comm, const aet_tilt *tilt, const aet_volume *support,
                         const aet_recon_params *params, const char *checkpoint, aet_volume *v);
/* Collective.  Of the whole and of halves; path may be NULL, or of no file. */
void aet_recon_checkpoint_remove(MPI_Comm comm, const char *path);
/* Local.  Hash of the parameters that matter for the result. */
uint64_t aet_recon_fingerprint(const aet_recon_params *params);

/* Local. */
void aet_recon_report_free(aet_recon_report *report);
/* Local.  Writes the R factors and the curve into the provenance of the outputs that follow. */
void aet_recon_note(const aet_recon_params *params, const aet_recon_report *report);

/* Local.  Size of the volume while iterating (extended) and as given back. */
void aet_recon_size(const aet_tilt *tilt, const aet_recon_params *params, int work[3],
                    int given[3]);

/* Local.  What the reconstruction of images of this shape, at any angles, needs on
 * `ranks` ranks: memory of the fullest rank and wall time, the latter
 * from speeds measured on one core of 2023 (good to a factor of 2). */
void aet_recon_memory(int n, int ny, int nx, const aet_recon_params *params, int ranks,
                      double *bytes_per_rank, double *seconds);
/* Local.  The same of this series: where GENFIRE solves slices across the tilt axis one by one, that is
 * half and a quarter. */
void aet_recon_tilt_memory(const aet_tilt *tilt, const aet_recon_params *params, int ranks,
                           double *bytes_per_rank, double *seconds);

/* Collective.  R factors of a volume against a tilt series (same pixel), into report's n, r1, r2
 * and means; report->curve stays.  NOMEM. */
aet_err aet_recon_r_factors(const aet_volume *v, const aet_tilt *tilt, bool fine,
                            aet_recon_report *report);

#endif
