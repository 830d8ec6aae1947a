/* Curves: tables of several named numbers that belong to a noun (a pair distribution of atoms, the
 * errors of every iteration of a volume).  Everything is Local.
 */
#ifndef AET_DATA_CURVE_H
#define AET_DATA_CURVE_H

typedef struct {
    char name[48];
    char description[160];
    int n, width;
    char (*head)[32]; /* owned, [width] column heads with units */
    double *values;   /* owned, [n][width]; NAN where there is no value */
} aet_curve;

/* A zeroed curve of n rows in a list of *count curves, in place of one of this name, else at its end;
 * heads: `width` names, may be NULL.  The pointer lives until the next add. */
aet_curve *aet_curve_add(aet_curve **list, int *count, const char *name, int n, int width,
                         const char *const *heads, const char *description);
/* NULL when there is none. */
aet_curve *aet_curve_find(aet_curve *list, int count, const char *name);
/* The number of the column with this head, -1 for none. */
int aet_curve_column(const aet_curve *c, const char *head);
void aet_curves_free(aet_curve **list, int *count);

#endif
