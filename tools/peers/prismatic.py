"""prismatic.py model ATOMS.h5 OUT.xyz CELL_A DEPTH_A [PIXEL_A]   a model as prismatic reads it.
prismatic.py atom SYMBOLS ENERGY_KEV PIXEL_A                    what its potential makes of isolated atoms.
prismatic.py match POTENTIAL.h5 OUT.xyz ENERGY_KEV PIXEL_A      another potential, of atoms that scatter as they should.
prismatic.py compare OUT.h5 TILT.h5 INNER_MRAD OUTER_MRAD      both images of one particle.

prismatic's beam enters at z = DEPTH_A and goes down, so z is turned over; PIXEL_A moves the atoms (in ATOMS.h5
too) onto its pixels, where it would round them to.  It keeps the intensity of each probe in every sample of its
detector plane (-4D 1), so that both images are of one detector with the same soft edges.

Its potential is that of Kirkland with the same digits as ours, meant over pixels at eight places along each side.  The
phase of a heavy core changes by more than a radian from one pixel to the next, and the mean is not that of
exp(i sigma v).  `match` puts there the sum of all frequencies that the pixels hold, and chooses the pixels of the
core (3 to each side) by least squares such that band(exp(i sigma V)) = band(exp(i sigma v)) to 8 /A, v being the true
potential of an atom: the same condition as in src/simulate/stem_core.c.  Both programs then carry waves through one
specimen.
"""
import os
import re
import sys

import h5py
import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import j0, k0

ROOT = "/4DSTEM_simulation/"


def model(atoms, out, cell, depth, pixel=None):
    cell, depth = float(cell), float(depth)
    with h5py.File(atoms, "r+") as f:
        at = f["/atoms/position_A"][:]
        if pixel:
            pixel = float(pixel)
            at[:, :2] = np.round((at[:, :2] + cell / 2) / pixel) * pixel - cell / 2
            f["/atoms/position_A"][:] = at
        species = f["/atoms/species"][:]
    with open(out, "w") as f:
        print("model", file=f)
        print(cell, cell, depth, file=f)
        for z, r in zip(species, at):
            print(z, r[0] + cell / 2, r[1] + cell / 2, depth / 2 - r[2], 1, 0.08, file=f)
        print(-1, file=f)


# ---- atoms ----

VOLTS = 2 * np.pi * 0.529177210903 * 14.399645  # 2 pi a0 e
BOX, CORE, BAND, ROUNDS = 384, 3, 8.0, 30  # pixels; pixels; 1/A
SYMBOLS = {"Ni": 28, "Pt": 78}


def interaction(keV):
    """sigma in rad/(V A), lambda in A"""
    rest = 510.99895
    lam = 12.398420 / np.sqrt(keV * (2 * rest + keV))
    return 2 * np.pi / (lam * keV * 1e3) * (rest + keV) / (2 * rest + keV), lam


def kirkland(z):
    """a, b, c, d of our own table"""
    path = os.path.join(os.path.dirname(__file__), "../../src/physics/kirkland_table.c")
    with open(path) as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    row = re.search(r"\{AET_KIRKLAND, %d,([^;]*?)\}\}" % z, text).group(1)
    return np.array([float(x) for x in re.findall(r"[-+.\de]+", row)]).reshape(4, 3)


def factor(p, q):
    q2 = np.asarray(q)[..., None] ** 2
    return (p[0] / (q2 + p[1]) + p[2] * np.exp(-p[3] * q2)).sum(-1)


def projected(p, r):
    r = np.asarray(r)[..., None]
    return np.pi * VOLTS * (2 * p[0] * k0(2 * np.pi * r * np.sqrt(p[1]))
                            + p[2] / p[3] * np.exp((-np.pi ** 2 * r * r / p[3]))).sum(-1)


def transmission(p, sigma, q):
    """The transform of exp(i sigma v) - 1 at frequencies q: panels of 16 nodes, halved towards the nucleus."""
    edges = np.concatenate([[0], 0.05 * 0.5 ** np.arange(22, -1, -1), 0.05 * np.arange(2, 240)])
    x, w = leggauss(16)
    r = (edges[:-1, None] + (x + 1) / 2 * np.diff(edges)[:, None]).ravel()
    weight = (w / 2 * np.diff(edges)[:, None]).ravel() * 2 * np.pi * r
    return j0(2 * np.pi * np.outer(q, r)) @ (weight * (np.exp(1j * sigma * projected(p, r)) - 1))


def frequencies(pixel):
    k = np.fft.fftfreq(BOX, pixel)
    return np.meshgrid(k, k, indexing="ij")


def orbit(i, j):
    """pixels that are one by symmetry"""
    return sorted({(s * a, t * b) for a, b in ((i, j), (j, i)) for s in (1, -1) for t in (1, -1)})


def matched(z, keV, pixel):
    """[BOX][BOX], V A, the atom on pixel (0, 0)"""
    p, sigma = kirkland(z), interaction(keV)[0]
    qx, qy = frequencies(pixel)
    q = np.hypot(qx, qy)
    v = np.fft.ifft2(VOLTS * factor(p, q) / pixel ** 2).real
    inside = (qx >= 0) & (qy >= qx) & (q <= BAND)
    line = np.linspace(0, BAND, 400)
    want = np.interp(q[inside], line, transmission(p, sigma, line))
    weight = np.where((qx == 0) | (qx == qy), 2, np.sqrt(8))[inside]
    core = [orbit(i, j) for i in range(CORE + 1) for j in range(i, CORE + 1)]
    waves = np.array([sum(np.cos(2 * np.pi * pixel * (a * qx[inside] + b * qy[inside])) for a, b in points)
                      for points in core])
    for _ in range(ROUNDS):
        rest = (want - pixel ** 2 * np.fft.fft2(np.exp(1j * sigma * v) - 1)[inside]) * weight
        slope = np.array([1j * sigma * pixel ** 2 * np.exp(1j * sigma * v[points[0]]) for points in core])
        normal = (slope[:, None] * waves * weight).T
        change = np.linalg.lstsq(np.vstack([normal.real, normal.imag]),
                                 np.concatenate([rest.real, rest.imag]), rcond=None)[0]
        for points, d in zip(core, change):
            for a, b in points:
                v[a, b] += np.clip(d, -400, 400)
    return v


def averaged(z, pixel, bound=4):
    """prismatic's own, the same way round"""
    p = kirkland(z)
    k = np.fft.fftfreq(BOX, 1 / BOX) * pixel
    parts = (np.arange(8) - 3.5) / 8 * pixel
    x, y = np.meshgrid(k, k, indexing="ij")
    v = np.mean([projected(p, np.hypot(x + a, y + b)) for a in parts for b in parts], axis=0)
    v -= v[int(np.ceil(bound / pixel)) - 1, 0]
    return np.where((np.abs(x) > bound) | (np.abs(y) > bound), 0, np.maximum(v, 0))


def atom(symbols, keV, pixel):
    """Cross-sections of a plane wave for 40 to 60 mrad, over that of exp(i sigma v)"""
    keV, pixel = float(keV), float(pixel)
    sigma, lam = interaction(keV)
    for symbol in symbols.split(","):
        z = SYMBOLS[symbol]
        q = np.hypot(*frequencies(pixel))
        ring = (q >= 0.040 / lam) & (q <= 0.060 / lam)
        line = np.linspace(0, BAND, 400)
        true = np.abs(np.interp(q[ring], line, transmission(kirkland(z), sigma, line))) ** 2
        for name, v in (("averaged", averaged(z, pixel)), ("matched", matched(z, keV, pixel))):
            wave = pixel ** 2 * np.fft.fft2(np.exp(1j * sigma * v) - 1)[ring]
            print("%s_%s = %.4f" % (symbol, name, (np.abs(wave) ** 2).sum() / true.sum()))
            print("%s_%s_volume = %.4f" % (symbol, name, v.sum() * pixel ** 2 / (VOLTS * factor(kirkland(z), 0))))


def match(potential, xyz, keV, pixel):
    keV, pixel = float(keV), float(pixel)
    with open(xyz) as f:
        rows = [line.split() for line in f]
    depth, tables = float(rows[1][2]), {}
    around = np.arange(-BOX // 2, BOX // 2)
    with h5py.File(potential, "r+") as f:
        data = f[ROOT + "data/realslices/ppotential_fp0000/data"]
        side, _, slices = data.shape
        v = np.zeros(data.shape)
        for row in rows[2:-1]:
            z, (x, y, height) = int(row[0]), map(float, row[1:4])
            if z not in tables:
                tables[z] = matched(z, keV, pixel)
            k = int(np.floor((depth - height) * slices / depth))
            at = np.ix_((around + round(x / pixel)) % side, (around + round(y / pixel)) % side)
            v[..., k][at] += tables[z][np.ix_(around, around)]
        data[...] = v


# ---- images ----


def disc(edge, qx, qy, dq):
    return np.clip((edge - np.hypot(qx, qy)) / dq + 0.5, 0, 1)


def compare(peer, tilt, inner, outer):
    with h5py.File(peer) as f:
        cube = f[ROOT + "data/datacubes/CBED_array_depth0000/data"][:].astype(float)
        given = f[ROOT + "metadata/metadata_0/original/simulation_parameters"].attrs
        # probes cut to cell / f are sampled f times more coarsely
        dq = (given["fx"] if given["a"] == b"p" else 1) / given["c"][0]
        per_A = 1e-3 / given["lambda"]
    with h5py.File(tilt) as f:
        ours = f["/tilt/images"][0].astype(float)
    k = (np.arange(cube.shape[2]) - cube.shape[2] // 2) * dq
    qx, qy = np.meshgrid(k, k, indexing="ij")
    weight = disc(float(outer) * per_A, qx, qy, dq) * (1 - disc(float(inner) * per_A, qx, qy, dq))
    theirs = np.einsum("xyij,ij->yx", cube, weight)
    apart = ours - theirs
    print("probes = %d %d" % theirs.shape[::-1])
    print("mean = %.6g\npeer_mean = %.6g" % (ours.mean(), theirs.mean()))
    print("rms_of_mean = %.4g" % (np.sqrt((apart ** 2).mean()) / theirs.mean()))
    print("largest_of_mean = %.4g" % (np.abs(apart).max() / theirs.mean()))


if __name__ == "__main__":
    {"model": model, "atom": atom, "match": match, "compare": compare}[sys.argv[1]](*sys.argv[2:])
