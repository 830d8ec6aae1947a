/* Numbers of 16 bits for large data sets: IEEE 754 binary16, kept as uint16_t.  Everything is
 * Local. */
#ifndef AET_NUM_HALF_H
#define AET_NUM_HALF_H

#include <stdint.h>

/* To the nearest, ties to even; beyond 65504 infinite. */
void aet_half_pack(const float *x, int64_t n, uint16_t *half);
/* Exact. */
void aet_half_unpack(const uint16_t *half, int64_t n, float *x);

#endif
