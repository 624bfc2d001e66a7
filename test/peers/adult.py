"""
Adult by PyTorch alone, from the published files: the layers of `click(dim=8,trunk=64-32,head=none,interaction=none,numericalInput=raw)`, with a
preparation and validation rows of its own; the test rows are the published ones. python adult.py FOLDER

  gradpool prepare --format census FOLDER --out sets/adult
  gradpool train --data sets/adult --model 'click(dim=8,trunk=64-32,head=none,interaction=none,numericalInput=raw)' \\
    --epochs 15 --batch 256 --lr 0.001 --patience 3 --metrics auc,logloss --seed 1 --out runs/adult
"""

import sys

import numpy as np
import torch

names = (
    "age workclass fnlwgt education education-num marital-status occupation relationship race sex capital-gain capital-loss hours-per-week native-country income"
).split()
numbers = ["age", "education-num", "capital-gain", "capital-loss", "hours-per-week"]
words = [n for n in names if n not in numbers and n not in ("fnlwgt", "income")]
def read(p): return [dict(zip(names, l.strip().split(", "))) for l in open(p) if "," in l]
folder = sys.argv[1]
data, test = read(folder + "/adult.data"), read(folder + "/adult.test")
def auc(y, s):
    order = np.argsort(s, kind="mergesort"); ss = s[order]; r = np.empty(len(s)); r[order] = np.arange(1, len(s) + 1)
    u, inv, c = np.unique(s, return_inverse=True, return_counts=True); sums = np.bincount(inv, r); r = (sums / c)[inv]
    p = y.sum(); return (r[y == 1].sum() - p * (p + 1) / 2) / (p * (len(y) - p))
for seed in (1, 2, 3):
    rng = np.random.default_rng(seed); torch.manual_seed(seed); torch.set_num_threads(1)
    held = rng.random(len(data)) < 1 / 7
    train = [r for r, h in zip(data, held) if not h]; valid = [r for r, h in zip(data, held) if h]
    vocab = {w: {v: k + 1 for k, v in enumerate(sorted({r[w] for r in train} - {"?"}))} for w in words}
    x = np.array([[float(r[n]) for n in numbers] for r in train]); mean, std = x.mean(0), x.std(0)
    def tensors(rows):
        c = torch.tensor([[0 if r[w] == "?" else vocab[w].get(r[w], len(vocab[w]) + 1) for w in words] for r in rows])
        n = torch.tensor((np.array([[float(r[k]) for k in numbers] for r in rows]) - mean) / std, dtype=torch.float32)
        return c, n, torch.tensor([float(r["income"].startswith(">")) for r in rows])
    tr, va, te = tensors(train), tensors(valid), tensors(test)
    emb = torch.nn.ModuleList([torch.nn.Embedding(len(vocab[w]) + 2, 8) for w in words])
    for e in emb: torch.nn.init.normal_(e.weight, std=0.01)
    net = torch.nn.Sequential(torch.nn.Linear(8 * len(words) + len(numbers), 64), torch.nn.ReLU(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
    opt = torch.optim.Adam([*emb.parameters(), *net.parameters()], lr=0.001)
    def f(c, n): return net(torch.cat([*[e(c[:, k]) for k, e in enumerate(emb)], n], 1)).squeeze(1)
    best, wait = (0, 0, 0), 0
    for epoch in range(15):
        for b in torch.randperm(len(tr[2])).split(256):
            opt.zero_grad(); torch.nn.functional.binary_cross_entropy_with_logits(f(tr[0][b], tr[1][b]), tr[2][b]).backward(); opt.step()
        with torch.no_grad():
            v = auc(va[2].numpy(), f(va[0], va[1]).numpy()); z = f(te[0], te[1])
            if v > best[0]: best, wait = (v, auc(te[2].numpy(), z.numpy()), float(torch.nn.functional.binary_cross_entropy_with_logits(z, te[2])), epoch + 1), 0
            else: wait += 1
        if wait == 3: break
    print(seed, "valid", round(best[0], 5), "test auc", round(best[1], 5), "logloss", round(best[2], 5), "epoch", best[3])
