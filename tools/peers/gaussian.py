"""CPU seconds of fits of one atom the usual way: scipy's curve_fit of an axis-aligned Gaussian to 5^3 voxels (7
parameters), and numpy's least squares for the 35 coefficients of the weighted polynomial on 7^3 voxels.  One thread.

    gaussian.py FITS
"""
import sys
import time

import numpy as np
from scipy.optimize import curve_fit

fits = int(sys.argv[1])
rng = np.random.default_rng(1)


def grid(half):
    r = np.arange(-half, half + 1.0)
    z, y, x = np.meshgrid(r, r, r, indexing="ij")
    return np.array([x.ravel(), y.ravel(), z.ravel()])


def gauss(r, height, x, y, z, sx, sy, sz):
    return height * np.exp(-0.5 * (((r[0] - x) / sx) ** 2 + ((r[1] - y) / sy) ** 2 + ((r[2] - z) / sz) ** 2))


def atoms(r):
    for _ in range(fits):
        p = np.concatenate(([1 + rng.random()], rng.random(3) - 0.5, 1.6 + rng.random(3)))
        yield gauss(r, *p) + 0.02 * rng.random(r.shape[1])


r = grid(2)
data = list(atoms(r))
start = time.process_time()
for d in data:
    curve_fit(gauss, r, d, p0=[1.5, 0, 0, 0, 1.5, 1.5, 1.5], maxfev=2000)
print("curve_fit_s = %.6g" % ((time.process_time() - start) / fits))

r = grid(3)
data = list(atoms(r))
weight = np.exp(-(r**2).sum(axis=0) / 9)
powers = [(i, j, k) for i in range(5) for j in range(5 - i) for k in range(5 - i - j)]
matrix = np.array([weight * r[0] ** i * r[1] ** j * r[2] ** k for i, j, k in powers]).T
start = time.process_time()
for d in data:
    np.linalg.lstsq(matrix, weight * d, rcond=None)
print("polynomial_s = %.6g" % ((time.process_time() - start) / fits))
