/* Memory.  Small things never fail (they end the program); arrays that scale with the data can.
 * Everything here is Local. */
#ifndef AET_BASE_MEM_H
#define AET_BASE_MEM_H

#include "aetlas/base/error.h"
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory for small objects; never NULL: running out here ends the program. */
void *aet_new_bytes(size_t bytes);
#define AET_NEW(type, n) ((type *)aet_new_bytes((size_t)(n) * sizeof(type)))
char *aet_strdup(const char *s);

/* Zeroed, 64-byte aligned array of count elements of elem bytes into *out (a pointer to the array
 * pointer).  NOMEM, naming `what` and the size, when it does not fit or the product overflows;
 * *out is then NULL.  count 0 gives a valid pointer. */
aet_err aet_array_bytes(int64_t count, size_t elem, const char *what, void **out);
#define AET_ARRAY(count, what, ptr)                                                                \
    aet_array_bytes((int64_t)(count), sizeof **(ptr), (what), (void **)(ptr))

/* Frees memory of either kind and sets the pointer to NULL: aet_release(&p). */
#define aet_release(ptr) (aet_free_bytes(*(ptr)), *(ptr) = NULL)
void aet_free_bytes(void *p);

/* Peak resident memory of this process in MiB (VmHWM), 0 where it cannot be known. */
double aet_mem_peak_MiB(void);

#endif
