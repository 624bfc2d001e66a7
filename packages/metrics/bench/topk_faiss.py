"""Exact top K by inner products with FAISS' IndexFlatIP. One run per line of input.

    python topk_faiss.py FOLDER USERS ITEMS DIM K USERS_AT_ONCE THREADS

FOLDER holds users.f32 and items.f32, row by row; writes top.i32 and prints seconds.
"""

import json
import resource
import sys
import time

import faiss
import numpy as np

folder = sys.argv[1]
n, m, d, k, at_once, threads = map(int, sys.argv[2:])
faiss.omp_set_num_threads(threads)
users = np.fromfile(f"{folder}/users.f32", np.float32).reshape(n, d)
index = faiss.IndexFlatIP(d)
index.add(np.fromfile(f"{folder}/items.f32", np.float32).reshape(m, d))
print(json.dumps({"version": faiss.__version__}), flush=True)
for _ in sys.stdin:
    begin, cpu = time.perf_counter(), time.process_time()
    top = np.empty((n, k), np.int32)
    for start in range(0, n, at_once):
        top[start : start + at_once] = index.search(users[start : start + at_once], k)[1]
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    top.tofile(f"{folder}/top.i32")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peakMiB": peak}), flush=True)
