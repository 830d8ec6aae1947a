"""prismatic.py model ATOMS.h5 OUT.xyz CELL_A DEPTH_A [PIXEL_A]   a model as prismatic reads it.
prismatic.py sharpen POTENTIAL.h5 PIXEL_A                      its potential without the mean over pixels.
prismatic.py compare OUT.h5 TILT.h5 INNER_MRAD OUTER_MRAD      both images of one particle.

prismatic's beam enters at z = DEPTH_A and goes down, so z is turned over; PIXEL_A moves the atoms (in ATOMS.h5
too) onto its pixels, where it would round them to.  It means the potential over pixels, at eight places along each
side; sharpen undoes that in Fourier space.  It keeps the intensity of each probe in every sample of its detector
plane (-4D 1), so that both images are of one detector with the same soft edges.
"""
import sys

import h5py
import numpy as np

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


def sharpen(potential, pixel):
    with h5py.File(potential, "r+") as f:
        data = f[ROOT + "data/realslices/ppotential_fp0000/data"]
        v = np.fft.fft2(data[:].astype(float), axes=(0, 1))
        for axis in (0, 1):
            turn = np.pi * np.fft.fftfreq(v.shape[axis])
            mean = np.cos(turn / 8) * np.cos(turn / 4) * np.cos(turn / 2)
            v = np.moveaxis(np.moveaxis(v, axis, -1) / mean, -1, axis)
        data[...] = np.fft.ifft2(v, axes=(0, 1)).real


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
    {"model": model, "sharpen": sharpen, "compare": compare}[sys.argv[1]](*sys.argv[2:])
