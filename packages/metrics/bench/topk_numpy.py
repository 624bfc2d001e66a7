"""Full ranking with NumPy: BLAS matmul in blocks, argpartition, sort of the K kept. One run per line of input.

    python topk_numpy.py FOLDER USERS ITEMS DIM K

FOLDER holds users.f32, items.f32 (row by row), offsets.i32 and excluded.i32; writes top.i32 and prints seconds.
"""

import json
import resource
import sys
import time

import numpy as np

folder = sys.argv[1]
n, m, d, k = map(int, sys.argv[2:])
users = np.fromfile(f"{folder}/users.f32", np.float32).reshape(n, d)
items = np.fromfile(f"{folder}/items.f32", np.float32).reshape(m, d)
offsets = np.fromfile(f"{folder}/offsets.i32", np.int32)
excluded = np.fromfile(f"{folder}/excluded.i32", np.int32)


def rank(block):
    top = np.empty((n, k), np.int32)
    for start in range(0, n, block):
        scores = users[start : start + block] @ items.T
        stop = start + len(scores)
        rows = np.repeat(np.arange(len(scores)), np.diff(offsets[start : stop + 1]))
        scores[rows, excluded[offsets[start] : offsets[stop]]] = -np.inf
        best = np.argpartition(scores, m - k, axis=1)[:, m - k :]
        order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable")
        top[start:stop] = np.take_along_axis(best, order, 1)
    return top


# The block that is fastest on this machine.
def seconds(block):
    begin = time.perf_counter()
    rank(block)
    return time.perf_counter() - begin


block = min((64, 128, 256, 512, 1024), key=seconds)
print(json.dumps({"numpy": np.__version__, "block": block}), flush=True)
for _ in sys.stdin:
    begin = time.perf_counter()
    top = rank(block)
    elapsed = time.perf_counter() - begin
    top.tofile(f"{folder}/top.i32")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": elapsed, "peakMiB": peak}), flush=True)
