"""A click model in PyTorch alone, on the rows of a prepared set: embeddings of the categories beside the numbers, layers with ReLU, one logit; Adam,
early stopping on the validation AUC, weights of the best epoch judged on the test rows. Same rows, same split as gradpool; reading, scaling, model,
training and metrics are its own. Needs: pip install torch==2.13.0 numpy pyarrow.

    gradpool prepare --format census adult --out sets/adult
    for s in 1 2 3 4 5; do gradpool train --data sets/adult --model 'click(dim=8,trunk=64-32,head=none,interaction=none,numericalInput=raw)' \\
      --epochs 15 --batch 256 --lr 0.001 --patience 3 --metrics auc,logloss --backend wasm --seed $s --out runs/adult-$s; done
    python click_rows.py sets/adult --dim 8 --trunk 64,32 --epochs 15 --batch 256 --lr 0.001 --patience 3 --seeds 1,2,3,4,5
"""
import argparse, json
import numpy as np
import pyarrow.parquet as pq
import torch

p = argparse.ArgumentParser()
p.add_argument("folder"); p.add_argument("--dim", type=int, default=8); p.add_argument("--trunk", default="64,32")
p.add_argument("--epochs", type=int, default=15); p.add_argument("--batch", type=int, default=256); p.add_argument("--lr", type=float, default=0.001)
p.add_argument("--patience", type=int, default=3); p.add_argument("--seeds", default="1,2,3,4,5"); p.add_argument("--start", default="torch", choices=["torch", "glorot"])
a = p.parse_args()
torch.set_num_threads(1)
manifest = json.load(open(f"{a.folder}/manifest.json"))
features = [f for f in manifest["tables"]["features"] if f["entity"] == "impression"]
table = pq.read_table(f"{a.folder}/{manifest['tables']['impressions']['file']}").to_pydict()
part, label = np.array(table["part"]), np.array(table["label_0"], dtype=np.float32)
words = [f for f in features if f["kind"] == "one-hot"]
ids = np.stack([np.array(table[f["source"]]) for f in words], 1)
columns = []
for f in (f for f in features if f["kind"] == "numerical"):
    x = np.array([np.nan if v is None else v for v in table[f["source"]]], dtype=np.float64)
    encoding = f.get("encoding", {})
    if encoding.get("scale") == "log": x = np.sign(x) * np.log1p(np.abs(x))
    own = x[(part == 0) & ~np.isnan(x)]
    columns.append(np.where(np.isnan(x), 0, (x - own.mean()) / own.std()))
    if encoding.get("flag"): columns.append(np.isnan(x).astype(float))
numbers = np.stack(columns, 1).astype(np.float32)

def auc(y, s):
    order = np.argsort(s, kind="mergesort"); rank = np.empty(len(s)); rank[order] = np.arange(1, len(s) + 1)
    _, inverse, counts = np.unique(s, return_inverse=True, return_counts=True); rank = (np.bincount(inverse, rank) / counts)[inverse]
    n = y.sum(); return (rank[y == 1].sum() - n * (n + 1) / 2) / (n * (len(y) - n))

bce = torch.nn.functional.binary_cross_entropy_with_logits
sets = [tuple(torch.from_numpy(v[part == k]) for v in (ids, numbers, label)) for k in range(3)]
found = []
for seed in map(int, a.seeds.split(",")):
    torch.manual_seed(seed)
    tables = torch.nn.ModuleList([torch.nn.Embedding(f["vocabulary"], a.dim) for f in words])
    for t in tables: torch.nn.init.normal_(t.weight, std=0.01)
    widths = [a.dim * len(words) + numbers.shape[1], *map(int, a.trunk.split(","))]
    layers = [m for i, o in zip(widths, widths[1:]) for m in (torch.nn.Linear(i, o), torch.nn.ReLU())] + [torch.nn.Linear(widths[-1], 1)]
    if a.start == "glorot":
        for m in layers:
            if isinstance(m, torch.nn.Linear): torch.nn.init.xavier_uniform_(m.weight); torch.nn.init.zeros_(m.bias)
    net = torch.nn.Sequential(*layers); optimizer = torch.optim.Adam([*tables.parameters(), *net.parameters()], lr=a.lr)
    forward = lambda c, x: net(torch.cat([*[t(c[:, k]) for k, t in enumerate(tables)], x], 1)).squeeze(1)
    best, waited = (0,), 0
    for epoch in range(1, a.epochs + 1):
        for b in torch.randperm(len(sets[0][2])).split(a.batch):
            optimizer.zero_grad(); bce(forward(sets[0][0][b], sets[0][1][b]), sets[0][2][b]).backward(); optimizer.step()
        with torch.no_grad():
            valid = auc(sets[1][2].numpy(), forward(*sets[1][:2]).numpy()); z = forward(*sets[2][:2])
            if valid > best[0]: best, waited = (valid, auc(sets[2][2].numpy(), z.numpy()), float(bce(z, sets[2][2])), epoch), 0
            else: waited += 1
        if waited == a.patience: break
    found.append(best)
    print(json.dumps(dict(seed=seed, valid=round(best[0], 5), auc=round(best[1], 5), logloss=round(best[2], 5), epoch=best[3])), flush=True)
values = np.array([(f[1], f[2]) for f in found])
print(json.dumps(dict(rows=[len(s[2]) for s in sets], auc=round(values[:, 0].mean(), 5), sd=round(values[:, 0].std(ddof=1), 5), logloss=round(values[:, 1].mean(), 5))))
