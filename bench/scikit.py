"""K-means and silhouette of a table of numbers by scikit-learn, to compare the engine's with: scikit.py FILE.csv K STARTS.

The column called id is left out, an empty cell is the column's median, columns are divided by their population deviation. Prints JSON.
"""
import csv
import json
import sys
import warnings

import numpy
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

path, k, starts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(path, newline="", encoding="utf-8-sig") as file:
    reader = csv.reader(file)
    columns = [at for at, name in enumerate(next(reader)) if name != "id"]
    rows = numpy.array([[float(row[at] or "nan") for at in columns] for row in reader])

for column in rows.T:
    column[numpy.isnan(column)] = numpy.nanmedian(column)
deviations = rows.std(axis=0)
rows = (rows - rows.mean(axis=0)) / numpy.where(deviations == 0, 1, deviations)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    fit = KMeans(k, n_init=starts, random_state=1, max_iter=1000, tol=0).fit(rows)
print(json.dumps({
    "version": sklearn.__version__,
    "inertia": fit.inertia_,
    "silhouette": float(silhouette_score(rows, fit.labels_)),
}))
