"""A file in Criteo's layout (tabs, no header: label, 13 counts, 26 hashed categories, gaps) whose label follows from some of them. No real rows.

    python criteo_like.py train.txt [ROWS=200000]
"""
import sys
import numpy as np

path, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
random = np.random.default_rng(7)
counts = np.floor(random.lognormal(random.uniform(0, 4, 13), 1.2, (rows, 13))).astype(np.int64)
gaps = random.random((rows, 13)) < random.uniform(0, 0.4, 13)
sizes = np.array([1000, 500, 40000, 20000, 300, 20, 8000, 400, 3, 20000, 4000, 30000, 3000, 26, 7000, 30000, 10, 3000, 1500, 4, 30000, 15, 15, 20000, 60, 15000])
words = np.floor(sizes * random.random((rows, 26)) ** 3).astype(np.int64)
z = np.full(rows, -1.3)
for k, size in enumerate(sizes):
    if k % 3 == 0: z += (random.normal(0, 0.45, size))[words[:, k]]
for k in (0, 4, 5, 10): z += np.where(gaps[:, k], 0.2, 0.25 * (np.log1p(counts[:, k]) - 2))
label = (random.random(rows) < 1 / (1 + np.exp(-z))).astype(int)
ids = random.integers(0, 2 ** 32, int(sizes.max()))
with open(path, "w") as out:
    for r in range(rows):
        numbers = ["" if gaps[r, k] else str(counts[r, k]) for k in range(13)]
        texts = ["" if (r * 31 + k * 7) % 97 < k // 4 else f"{(ids[words[r, k]] + k * 2654435761) % 2 ** 32:08x}" for k in range(26)]
        out.write("\t".join([str(label[r]), *numbers, *texts]) + "\n")
