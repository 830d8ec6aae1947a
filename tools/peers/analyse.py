"""Analysis of a particle by other programs: CPU seconds of each step on one thread, and how far their numbers are
from those of `aetlas analyse`, given as CSV (aetlas export).  What is not installed is named and left out.

    analyse.py MEASURES.csv SCALARS.csv
"""
import csv
import os
import sys
import time

for name in ("OVITO_THREAD_COUNT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
import numpy as np

with open(sys.argv[1]) as f:
    rows = list(csv.reader(f))
column = {name: k for k, name in enumerate(rows[0])}
number = lambda name: np.array([float(r[column[name]]) for r in rows[1:]])
with open(sys.argv[2]) as f:
    scalar = {r[0]: float(r[1]) for r in list(csv.reader(f))[1:]}
x = np.stack([number(c) for c in ("x_A", "y_A", "z_A")], axis=1)
cutoff, alpha = scalar["cutoff_A"], scalar["alpha_A"]
inside = number("surface") == 0


def timed(name, work, repeats=2):
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    print("%s_s = %.4f" % (name, best), flush=True)
    return result


def report(name, value):
    print("%s = %.6g" % (name, value), flush=True)


def scipy_steps():
    from scipy.spatial import Delaunay, cKDTree

    pairs = timed("scipy_neighbours", lambda: cKDTree(x).query_pairs(cutoff, output_type="ndarray"), 5)
    report("scipy_coordination_differs", np.sum(np.bincount(pairs.ravel(), minlength=len(x)) != number("coordination")))
    timed("scipy_triangulation", lambda: Delaunay(x))


def ase_steps():
    from ase import Atoms
    from ase.neighborlist import neighbor_list

    atoms = Atoms("Pt%d" % len(x), positions=x)
    atoms.center(vacuum=cutoff)
    i = timed("ase_neighbours", lambda: neighbor_list("i", atoms, cutoff), 1)
    report("ase_coordination_differs", np.sum(np.bincount(i, minlength=len(x)) != number("coordination")))


def ovito_steps():
    import ovito.modifiers as mod
    from ovito.data import DataCollection
    from ovito.pipeline import Pipeline, StaticSource

    data = DataCollection()
    particles = data.create_particles(count=len(x))
    particles.create_property("Position", data=x)
    low, high = x.min(axis=0) - 20, x.max(axis=0) + 20
    data.create_cell(np.hstack([np.diag(high - low), low[:, None]]), pbc=(False, False, False))

    def run(modifier):
        pipeline = Pipeline(source=StaticSource(data=data))
        pipeline.modifiers.append(modifier)
        return pipeline.compute()

    counted = timed("ovito_neighbours", lambda: run(mod.CoordinationAnalysisModifier(cutoff=cutoff, number_of_bins=1)))
    report("ovito_coordination_differs",
           np.sum(np.asarray(counted.particles["Coordination"]) != number("coordination")))

    cna = mod.CommonNeighborAnalysisModifier
    kind = np.asarray(timed("ovito_cna", lambda: run(cna(mode=cna.Mode.AdaptiveCutoff))).particles["Structure Type"])
    ptm = mod.PolyhedralTemplateMatchingModifier
    matched = np.asarray(timed("ovito_ptm", lambda: run(ptm(rmsd_cutoff=0.1))).particles["Structure Type"])
    ours = number("structure")
    for name, own, theirs, template in (("fcc", 1, cna.Type.FCC, ptm.Type.FCC), ("hcp", 2, cna.Type.HCP, ptm.Type.HCP)):
        report("atoms_%s" % name, np.sum(ours == own))
        report("ovito_cna_%s" % name, np.sum(kind == theirs))
        report("ovito_cna_%s_differs" % name, np.sum((ours == own) != (kind == theirs)))
        report("ovito_ptm_%s" % name, np.sum(matched == template))

    csp = mod.CentroSymmetryModifier
    found = timed("ovito_centrosymmetry", lambda: run(csp(mode=csp.Mode.Conventional, num_neighbors=12)))
    off = np.abs(np.asarray(found.particles["Centrosymmetry"]) - number("centrosymmetry_A2"))
    report("ovito_centrosymmetry_off_inside", off[inside].max())
    report("ovito_centrosymmetry_off", off.max())

    order = mod.SteinhardtParametersModifier  # from OVITO 3.17 on
    found = timed("ovito_steinhardt", lambda: run(order(
        neighbor_mode=order.NeighborMode.Cutoff, cutoff=cutoff, max_l=6, compute_averaged=True)))
    for kind, suffix in (("Steinhardt", ""), ("Smooth Steinhardt", "_mean")):
        for l in (4, 6):  # components are l = 2 .. 6
            off = np.abs(np.asarray(found.particles[kind])[:, l - 2] - number("q%d%s" % (l, suffix)))
            report("ovito_q%d%s_off" % (l, suffix), off.max())

    surface = mod.ConstructSurfaceModifier
    found = timed("ovito_mesh", lambda: run(surface(method=surface.Method.AlphaShape, radius=alpha, smoothing_level=0)))
    report("ovito_mesh_area_ratio", scalar["area_A2"] / found.attributes["ConstructSurfaceMesh.surface_area"])
    found = run(surface(method=surface.Method.AlphaShape, radius=alpha, smoothing_level=0, identify_regions=True))
    report("ovito_mesh_volume_ratio", scalar["volume_A3"] / found.attributes["ConstructSurfaceMesh.filled_volume"])


for steps in (scipy_steps, ase_steps, ovito_steps):
    try:
        steps()
    except (ImportError, AttributeError) as e:
        print("not installed: %s" % (e.name if isinstance(e, ImportError) else e))
