"""K-means by scikit-learn, to compare the engine's with: kmeans.py ROWS CENTROIDS COLUMNS THREADS ITERATIONS WHAT...

Both files are float32, row by row. Each WHAT prints a line of JSON, with the milliseconds on the clock and of all cores:
lloyd, elkan   one iteration from the given centroids, as what a fit of all iterations takes more than a fit of one, so that checking and
               copying the rows is left out; the iterations it took; the inertia
fit            a whole fit with k-means++ and as many iterations at the most
silhouette     the exact silhouette of the labels that the given centroids give
"""
import json
import sys
import time
import warnings

import numpy
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

rows_path, centroids_path, columns, threads, iterations = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
rows = numpy.fromfile(rows_path, dtype=numpy.float32).reshape(-1, columns)
centroids = numpy.fromfile(centroids_path, dtype=numpy.float32).reshape(-1, columns)


def timed(work):
    since, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, 1000 * (time.perf_counter() - since), 1000 * (time.process_time() - cpu)


def kmeans(most, **options):
    return KMeans(len(centroids), n_init=1, max_iter=most, tol=0, copy_x=False, **options)


def iteration(algorithm):
    one = kmeans(1, init=centroids, algorithm=algorithm)
    all_ = kmeans(iterations, init=centroids, algorithm=algorithm)
    one.fit(rows)
    # Of small data the least of some, or the difference would be of chance.
    repeats = max(1, min(9, 5_000_000 // rows.size))
    first, whole = ([min(least) for least in zip(*(timed(lambda: fit.fit(rows))[1:] for _ in range(repeats)))] for fit in (one, all_))
    further = max(1, all_.n_iter_ - 1)
    return (whole[0] - first[0]) / further, (whole[1] - first[1]) / further, {"iterations": all_.n_iter_, "inertia": float(all_.inertia_)}


def measure(what):
    if what == "fit":
        whole = kmeans(iterations, init="k-means++", random_state=1)
        return *timed(lambda: whole.fit(rows))[1:], {"iterations": whole.n_iter_, "inertia": float(whole.inertia_)}
    if what == "silhouette":
        labels = kmeans(1, init=centroids).fit(rows).labels_
        score, milliseconds, cpu = timed(lambda: silhouette_score(rows, labels))
        return milliseconds, cpu, {"score": float(score)}
    return iteration(what)


with warnings.catch_warnings(), threadpool_limits(threads):
    warnings.simplefilter("ignore")
    for what in sys.argv[6:]:
        milliseconds, cpu, more = measure(what)
        print(json.dumps({"version": sklearn.__version__, "what": what, "milliseconds": milliseconds, "cpu": cpu, **more}), flush=True)
