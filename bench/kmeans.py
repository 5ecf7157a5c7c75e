"""Lloyd's iteration by scikit-learn, to compare the engine's with: kmeans.py ROWS CENTROIDS COLUMNS THREADS ITERATIONS ALGORITHM...

Both files are float32, row by row. For each algorithm prints a line of JSON: the milliseconds of one iteration, as what a fit of all
iterations takes more than a fit of one, so that checking and copying the rows is left out; the iterations it took; the inertia.
"""
import json
import sys
import time
import warnings

import numpy
import sklearn
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

rows_path, centroids_path, columns, threads, iterations = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
rows = numpy.fromfile(rows_path, dtype=numpy.float32).reshape(-1, columns)
centroids = numpy.fromfile(centroids_path, dtype=numpy.float32).reshape(-1, columns)


def fit(algorithm, most):
    kmeans = KMeans(len(centroids), init=centroids, n_init=1, max_iter=most, tol=0, algorithm=algorithm, copy_x=False)
    since = time.perf_counter()
    kmeans.fit(rows)
    return kmeans, 1000 * (time.perf_counter() - since)


with warnings.catch_warnings(), threadpool_limits(threads):
    warnings.simplefilter("ignore")
    for algorithm in sys.argv[6:]:
        fit(algorithm, 1)
        _, first = fit(algorithm, 1)
        found, all_ = fit(algorithm, iterations)
        print(json.dumps({
            "version": sklearn.__version__,
            "algorithm": algorithm,
            "milliseconds": (all_ - first) / max(1, found.n_iter_ - 1),
            "iterations": found.n_iter_,
            "inertia": float(found.inertia_),
        }))
