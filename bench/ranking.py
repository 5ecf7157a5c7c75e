"""Boosted trees of scikit-learn and xgboost, to compare the engine's with. Prints JSON.

ranking.py folds DIR     rowsN.bin (float32, row by row; all rows as they are known to fold N), labels.bin (float32), folds.bin (int32, a row's fold):
                         scores of every row by models of the other folds, into DIR/NAME.bin (float32)
ranking.py big DIR TREES rows.bin, labels.bin, of which the last tenth is judged and not learnt from: seconds and logistic loss
"""
import json
import os
import sys
import time

import numpy
import sklearn
import xgboost
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier

what, folder = sys.argv[1], sys.argv[2]
threads = os.cpu_count()


def read(name, kind):
    return numpy.fromfile(os.path.join(folder, name), dtype=kind)


labels = read("labels.bin", "<f4").astype(int)


def rows_of(name):
    return read(name, "<f4").reshape(len(labels), -1)


def loss(truth, chance):
    chance = numpy.clip(chance, 1e-15, 1 - 1e-15)
    return float(-numpy.mean(numpy.where(truth > 0, numpy.log(chance), numpy.log(1 - chance))))


if what == "folds":
    folds = read("folds.bin", "<i4")
    rows = [rows_of(f"rows{fold}.bin") for fold in range(folds.max() + 1)]
    # Those that take no missing values are given a number that no feature has.
    filled = [numpy.where(numpy.isnan(some), -99999, some) for some in rows]
    models = {
        "sklearn random forest": (filled, lambda: RandomForestClassifier(300, min_samples_leaf=5, n_jobs=threads, random_state=1)),
        "sklearn gradient boosting": (filled, lambda: GradientBoostingClassifier(
            n_estimators=150, learning_rate=0.05, max_depth=5, subsample=0.7, max_features=0.4, random_state=1)),
        "sklearn histogram boosting": (rows, lambda: HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.05, max_leaf_nodes=15, min_samples_leaf=20, random_state=1)),
        "xgboost": (rows, lambda: xgboost.XGBClassifier(
            n_estimators=200, learning_rate=0.05, max_depth=5, min_child_weight=5, subsample=0.8, colsample_bytree=0.5, tree_method="hist", n_jobs=threads,
            random_state=1)),
    }
    result = {}
    for name, (values, make) in models.items():
        scores, seconds = numpy.zeros(len(labels), dtype="<f4"), 0.0
        for fold in range(folds.max() + 1):
            model = make()
            since = time.perf_counter()
            model.fit(values[fold][folds != fold], labels[folds != fold])
            seconds += time.perf_counter() - since
            scores[folds == fold] = model.predict_proba(values[fold][folds == fold])[:, 1]
        scores.tofile(os.path.join(folder, f"{name}.bin"))
        result[name] = seconds
else:
    rows = rows_of("rows.bin")
    trees, cut = int(sys.argv[3]), len(labels) * 9 // 10
    model = xgboost.XGBClassifier(
        n_estimators=trees, learning_rate=0.1, max_depth=6, tree_method="hist", max_bin=256, n_jobs=threads, reg_lambda=1, min_child_weight=1)
    since = time.perf_counter()
    model.fit(rows[:cut], labels[:cut])
    seconds = time.perf_counter() - since
    result = {"seconds": seconds, "loss": loss(labels[cut:], model.predict_proba(rows[cut:])[:, 1])}

print(json.dumps({"sklearn": sklearn.__version__, "xgboost": xgboost.__version__, "result": result}))
