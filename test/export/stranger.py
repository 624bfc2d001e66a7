"""Reads an exported model with NumPy alone and ranks with it: NDCG@K of the pairs in test.txt.

stranger.py SAFETENSORS_DIR NPY_DIR PAIRS_DIR K: prints the value by the tensors of each export.
"""

import json
import pathlib
import sys

import numpy as np


def read_safetensors(path):
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, stop = entry["data_offsets"]
        flat = np.frombuffer(raw[8 + size + start : 8 + size + stop], dtype="<f4")
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def pairs(path, users, items):
    found = {}
    for line in path.read_text(encoding="utf8").splitlines():
        user, item = line.split()
        found.setdefault(users[user], set()).add(items[item])
    return found


def ndcg(user_rows, item_rows, known, relevant, k):
    values = []
    for user, wanted in relevant.items():
        scores = item_rows.astype(np.float64) @ user_rows[user].astype(np.float64)
        scores[list(known.get(user, ()))] = -np.inf
        top = np.argsort(-scores, kind="stable")[:k]
        gains = sum(1 / np.log2(place + 2) for place, item in enumerate(top) if item in wanted)
        values.append(gains / sum(1 / np.log2(place + 2) for place in range(min(k, len(wanted)))))
    return float(np.mean(values))


def main(safetensors, npy, folder, k):
    tensors = read_safetensors(pathlib.Path(safetensors) / "model.safetensors")
    npy, folder = pathlib.Path(npy), pathlib.Path(folder)
    users = {name: row for row, name in enumerate(np.load(npy / "ids.users.npy"))}
    items = {name: row for row, name in enumerate(np.load(npy / "ids.items.npy"))}
    known = pairs(folder / "train.txt", users, items)
    for user, own in pairs(folder / "valid.txt", users, items).items():
        known.setdefault(user, set()).update(own)
    test = pairs(folder / "test.txt", users, items)
    user_rows = tensors.get("encoded.users", tensors.get("users.weight"))
    item_rows = tensors.get("encoded.items", tensors.get("items.weight"))
    print(json.dumps({
        "safetensors": ndcg(user_rows, item_rows, known, test, k),
        "npy": ndcg(np.load(npy / "users.npy"), np.load(npy / "items.npy"), known, test, k),
    }))


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
