"""The model of test/stream/train.mjs in PyTorch, on the same files (a log of test/stream/click-log.mjs, or a set prepared from one), with a loader of row groups beside it: rows a second, share of waiting, memory.
Needs: pip install torch==2.13.0 numpy pyarrow.

    python stream_step.py DIR [--seconds 60] [--threads 1] [--buffer 8]

A DataLoader's worker process reads row groups in a shuffled order, shuffles the rows of `buffer` of them together and hands out batches of 2,048.
Embeddings have sparse gradients and SparseAdam, which moves the rows that a batch touches, as our lazy Adam does; layers have Adam.
"""
import argparse, glob, json, os, resource, time
import numpy as np
import pyarrow.parquet as pq
import torch

p = argparse.ArgumentParser()
p.add_argument("folder"); p.add_argument("--seconds", type=float, default=60); p.add_argument("--threads", type=int, default=1)
p.add_argument("--buffer", type=int, default=8); p.add_argument("--batch", type=int, default=2048); p.add_argument("--dim", type=int, default=16)
a = p.parse_args()
torch.set_num_threads(a.threads); torch.manual_seed(0)
manifest = json.load(open(f"{a.folder}/manifest.json"))
if manifest["format"] == "gradpool-rows":
    sizes = [manifest["user"]["size"], manifest["item"]["size"], *[f["vocabulary"] for f in manifest["features"].values() if f["kind"] == "category"]]
    names = ["c%d" % k for k in range(len(sizes))]; labels = manifest["labels"]; files = sorted(glob.glob(f"{a.folder}/train/*.parquet"))
    numbers = [name for name, f in manifest["features"].items() if f["kind"] == "number"]
else:
    shown = manifest["tables"]["impressions"]; own = manifest["tables"]["features"]; words = [f for f in own if f["kind"] == "one-hot"]
    sizes = [manifest["users"], manifest["items"], *[f["vocabulary"] for f in words]]
    names = ["user", "item", *[f["source"] for f in words]]; labels = ["label_%d" % k for k in range(len(shown["tasks"]))]
    numbers = [f["source"] for f in own if f["kind"] == "numerical"]; files = [f"{a.folder}/{f}" for f in shown["partitions"]["train"]]

class Rows(torch.utils.data.IterableDataset):
    def __iter__(self):
        random = np.random.default_rng(1)
        groups = [(f, g) for f in files for g in range(pq.ParquetFile(f).num_row_groups)]
        random.shuffle(groups)
        for at in range(0, len(groups), a.buffer):
            tables = [pq.ParquetFile(f).read_row_group(g, columns=names + numbers + labels) for f, g in groups[at:at + a.buffer]]
            column = lambda n, t: np.concatenate([table[n].to_numpy() for table in tables]).astype(t)
            ids = np.stack([column(n, np.int64) for n in names], 1)
            x = np.nan_to_num(np.stack([column(n, np.float32) for n in numbers], 1), nan=7); y = np.stack([column(n, np.float32) for n in labels], 1)
            order = random.permutation(len(ids))
            for k in range(0, len(order) - a.batch + 1, a.batch):
                own = order[k:k + a.batch]; yield ids[own], x[own], y[own]

mlp = lambda *w: torch.nn.Sequential(*[m for i, o in zip(w, w[1:]) for m in (torch.nn.Linear(i, o), torch.nn.ReLU())])
E = torch.nn.Embedding(sum(sizes), a.dim, sparse=True); torch.nn.init.normal_(E.weight, std=.01)
trunk = mlp(len(sizes) * a.dim + len(numbers), 256, 128, 64)
heads = torch.nn.ModuleList([torch.nn.Sequential(mlp(64, 32), torch.nn.Linear(32, 1)) for _ in labels])
optimizers = [torch.optim.SparseAdam([E.weight], lr=1e-3), torch.optim.Adam([*trunk.parameters(), *heads.parameters()], lr=1e-3)]
offset = torch.tensor([0, *np.cumsum(sizes)[:-1]])
loader = torch.utils.data.DataLoader(Rows(), batch_size=None, num_workers=1, prefetch_factor=64)

cpu = lambda: sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in (resource.RUSAGE_SELF,))
done = waited = samples = 0; begun = None; spent = 0
asked = time.perf_counter()
for ids, x, y in loader:
    wait = time.perf_counter() - asked
    rep = trunk(torch.cat([E(ids + offset).flatten(1), (x - 7) / 3], 1))
    losses = [torch.nn.functional.binary_cross_entropy_with_logits(h(rep)[:, 0], y[:, t]) for t, h in enumerate(heads)]
    for o in optimizers: o.zero_grad()
    sum(losses).backward()
    for o in optimizers: o.step()
    done += 1
    if done == 20: begun, spent = time.perf_counter(), cpu()
    if done > 20: waited += wait; samples += len(ids)
    asked = time.perf_counter()
    if begun is not None and asked - begun > a.seconds: break
wall = asked - begun
print(json.dumps(dict(side="torch " + torch.__version__.split("+")[0], threads=a.threads, samples=samples, rowsPerSecond=round(samples / wall),
    rowsPerProcessorSecond=round(samples / (cpu() - spent)), waitingShare=round(waited / wall, 4),
    peakMb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024), losses=[round(l.item(), 4) for l in losses])), flush=True)
os._exit(0)
