#include "sites.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/lattice.h"

#include <stdint.h>
#include <string.h>

typedef struct {
    int site[3], atom; /* atom -1: free */
} slot;

struct aet_fcc_sites {
    uint32_t mask;
    slot *slots;
};

/* At most half full, so that open addressing stays short. */
aet_err aet_fcc_sites_create(int n, aet_fcc_sites **out)
{
    uint32_t size = 16;
    while (size < 2u * (uint32_t)n)
        size *= 2;
    *out = NULL;
    slot *slots;
    AET_TRY(AET_ARRAY(size, "table of lattice sites", &slots));
    *out = AET_NEW(aet_fcc_sites, 1);
    (*out)->mask = size - 1;
    (*out)->slots = slots;
    aet_fcc_sites_clear(*out);
    return AET_OK;
}

void aet_fcc_sites_free(aet_fcc_sites **s)
{
    if (!*s)
        return;
    aet_release(&(*s)->slots);
    aet_release(s);
}

void aet_fcc_sites_clear(aet_fcc_sites *s)
{
    memset(s->slots, 0xff, ((size_t)s->mask + 1) * sizeof *s->slots);
}

/* The slot of a site: its own, or the free one where it would go. */
static slot *find(const aet_fcc_sites *s, const int site[3])
{
    uint64_t h = (uint32_t)site[0] * 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 29) ^ (uint32_t)site[1]) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 31) ^ (uint32_t)site[2]) * 0x94d049bb133111ebu;
    uint32_t at = (uint32_t)(h >> 32) & s->mask;
    while (s->slots[at].atom >= 0 && memcmp(s->slots[at].site, site, sizeof s->slots[at].site) != 0)
        at = (at + 1) & s->mask;
    return &s->slots[at];
}

int aet_fcc_sites_put(aet_fcc_sites *s, const int site[3], int atom)
{
    slot *at = find(s, site);
    if (at->atom >= 0)
        return at->atom;
    memcpy(at->site, site, sizeof at->site);
    at->atom = atom;
    return -1;
}

void aet_fcc_sites_replace(aet_fcc_sites *s, const int site[3], int atom)
{
    find(s, site)->atom = atom;
}

int aet_fcc_sites_get(const aet_fcc_sites *s, const int site[3])
{
    return find(s, site)->atom;
}

/* Marks everything that hangs together with `first`
 * by `label`; gives the number of atoms.  queue: [n]. */
static int flood(const aet_fcc_sites *s, const int (*site)[3], const bool *carries, int first,
                 int label, int *labels, int *queue)
{
    int count = 0, taken = 0;
    queue[count++] = first;
    labels[first] = label;
    while (taken < count) {
        int i = queue[taken++];
        for (int k = 0; carries[i] && k < 12; k++) {
            int next[3];
            for (int c = 0; c < 3; c++)
                next[c] = site[i][c] + aet_fcc_neighbour[k][c];
            int j = aet_fcc_sites_get(s, next);
            if (j >= 0 && labels[j] < 0) {
                labels[j] = label;
                queue[count++] = j;
            }
        }
    }
    return count;
}

aet_err aet_fcc_sites_keep_largest(const aet_fcc_sites *s, int n, const int (*site)[3],
                                   const bool *carries, bool *member)
{
    aet_err err = AET_OK;
    int *labels = NULL, *queue = NULL, best = -1, most = 0;
    AET_GO(AET_ARRAY(n, "connected sites", &labels));
    AET_GO(AET_ARRAY(n, "connected sites", &queue));
    memset(labels, 0xff, (size_t)n * sizeof *labels);
    for (int i = 0; i < n; i++) {
        if (!member[i] || !carries[i] || labels[i] >= 0)
            continue;
        int count = flood(s, site, carries, i, i, labels, queue);
        if (count > most) {
            most = count;
            best = i;
        }
    }
    for (int i = 0; i < n; i++)
        member[i] = member[i] && best >= 0 && labels[i] == best;
done:
    aet_release(&labels);
    aet_release(&queue);
    return err;
}
