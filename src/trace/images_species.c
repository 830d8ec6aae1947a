/* Species of all atoms together.
 *
 * Cut at once, a height between those of two species is made that of one of them; its neighbours then take up the
 * difference, and no single change looks better any more.  So heights stay free where they are in doubt: a
 * mixture of normal distributions, one per species, gives each atom its probabilities, and these the mean and the
 * variance of its height, which are its prior in the steps that follow.  As neighbours settle, doubts clear up; at
 * the end each atom is what it is most like. */
#include "trace/images_priv.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <string.h>

enum {
    TURNS = 4,       /* of mixture and steps */
    ROUNDS = 100,    /* of the mixture, at most */
    LEAST_ATOMS = 20 /* of a species: fewer make no distribution */
};
#define SETTLED 1e-6
#define FEW     0.002 /* changes, of the atoms, that are not worth another turn */
#define SURE    0.01  /* of the variance between species that a sure atom may have left */

/* Heights in units of that of the heaviest species: one distribution per species, of one width. */
typedef struct {
    int k;
    double mean[SPECIES_MAX], share[SPECIES_MAX], sigma;
} mixture;

static void probabilities(const mixture *m, double x, double *p)
{
    double sum = 0, least = INFINITY;
    for (int s = 0; s < m->k; s++)
        least = fmin(least, pow((x - m->mean[s]) / m->sigma, 2));
    for (int s = 0; s < m->k; s++)
        sum += p[s] = m->share[s] * exp(0.5 * (least - pow((x - m->mean[s]) / m->sigma, 2)));
    for (int s = 0; s < m->k; s++)
        p[s] /= sum;
}

/* One round of expectation and maximisation; gives the change of the means. */
static double improve(mixture *m, int n, const double *x)
{
    double all[SPECIES_MAX] = {0}, first[SPECIES_MAX] = {0}, second = 0, change = 0;
    for (int a = 0; a < n; a++) {
        double p[SPECIES_MAX];
        probabilities(m, x[a], p);
        for (int s = 0; s < m->k; s++) {
            all[s] += p[s];
            first[s] += p[s] * x[a];
            second += p[s] * pow(x[a] - m->mean[s], 2);
        }
    }
    for (int s = 0; s < m->k; s++) {
        double mean = all[s] > 0 ? first[s] / all[s] : m->mean[s];
        change = fmax(change, fabs(mean - m->mean[s]));
        m->mean[s] = mean;
        m->share[s] = fmax(all[s] / n, 1e-6);
    }
    m->sigma = fmax(sqrt(second / n), 1e-6);
    return change;
}

/* From the species as they are. */
static void fit_mixture(const images_fit *f, const double *x, mixture *m)
{
    double sum[SPECIES_MAX] = {0}, square = 0;
    *m = (mixture){.k = f->n_kinds};
    for (int a = 0; a < f->n; a++)
        sum[f->species[a]] += x[a];
    for (int s = 0; s < m->k; s++) {
        m->mean[s] = sum[s] / f->kind[s].count;
        m->share[s] = (double)f->kind[s].count / f->n;
    }
    for (int a = 0; a < f->n; a++)
        square += pow(x[a] - m->mean[f->species[a]], 2);
    m->sigma = fmax(sqrt(square / f->n), 1e-6);
    for (int i = 0; i < ROUNDS && improve(m, f->n, x) > SETTLED; i++)
        ;
}

/* Heights that do not tell species apart name nothing. */
static bool told_apart(const mixture *m)
{
    for (int s = 0; s < m->k; s++)
        if (m->mean[s] - (s > 0 ? m->mean[s - 1] : 0) < m->sigma)
            return false;
    return true;
}

/* Name and prior of atom a; gives whether the name is new.  A prior is a mean and a variance over the species that
 * the atom may be of, in units of the height of the one that it is called. */
static bool name_atom(images_fit *f, int a, const mixture *m, double x)
{
    double p[SPECIES_MAX], mean = 0, square = 0;
    int best = 0, was = f->species[a];
    probabilities(m, x, p);
    for (int s = 0; s < m->k; s++)
        best = p[s] > p[best] ? s : best;
    for (int s = 0; s < m->k; s++) {
        double off = m->mean[s] / m->mean[best] - 1;
        mean += p[s] * off;
        square += p[s] * off * off;
    }
    double doubt = square - mean * mean;
    bool sure = doubt <= SURE * pow(f->p->height_spread, 2);
    f->excess[a] = (1 + f->excess[a]) * m->mean[was] / m->mean[best] - 1;
    f->species[a] = best;
    f->centre[a] = sure ? 0 : mean;
    f->width[a] = sure ? 0 : sqrt(doubt + pow(f->p->height_spread, 2));
    return best != was;
}

static aet_err heights_of(images_fit *f, double *x)
{
    aet_err err = AET_OK;
    images_verdict *verdict = NULL;
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(f->n, "verdicts on atoms", &verdict)));
    AET_GO(images_judge(f, verdict));
    for (int a = 0; a < f->n; a++)
        x[a] = verdict[a].height[f->n_kinds - 1];
done:
    aet_release(&verdict);
    return err;
}

/* Names all atoms by their heights x; *changed: how many differ, -1: heights do not tell. */
static void name_atoms(images_fit *f, const double *x, int *changed)
{
    mixture m;
    int doubts = 0;
    fit_mixture(f, x, &m);
    *changed = -1;
    if (!told_apart(&m))
        return;
    *changed = 0;
    for (int a = 0; a < f->n; a++) {
        *changed += name_atom(f, a, &m, x[a]);
        doubts += f->width[a] > 0;
    }
    images_count(f);
    aet_debug("fit: species: heights %.4f .. %.4f, width %.4f; %d in doubt, %d changed", m.mean[0],
              m.mean[m.k - 1], m.sigma, doubts, *changed);
}

static aet_err name_all(images_fit *f, int *changed)
{
    aet_err err = AET_OK;
    double *x = NULL;
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(f->n, "heights", &x)));
    AET_GO(heights_of(f, x));
    name_atoms(f, x, changed);
done:
    aet_release(&x);
    return err;
}

static bool enough(const images_fit *f)
{
    for (int s = 0; s < f->n_kinds; s++)
        if (f->kind[s].count < LEAST_ATOMS)
            return false;
    return f->n_kinds > 1 && f->p->height_spread > 0;
}

aet_err images_species(images_fit *f, aet_fit_guide *guide)
{
    aet_err err = AET_OK;
    double loose = f->spread;
    if (!enough(f))
        return AET_OK;
    for (int turn = 0; turn < TURNS && enough(f); turn++) {
        int changed, placed = 0;
        AET_GO(name_all(f, &changed));
        if (changed < 0)
            break;
        if (guide)
            AET_GO(images_to_sites(f, guide, &placed));
        f->report->changed += changed;
        f->spread = f->p->height_spread;
        AET_GO(images_settle(f, f->p->steps));
        if (turn > 0 && changed + placed <= FEW * f->n)
            break;
    }
done:
    f->spread = loose;
    for (int a = 0; a < f->n; a++)
        f->centre[a] = f->width[a] = 0;
    return err;
}
