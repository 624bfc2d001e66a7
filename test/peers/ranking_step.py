"""Full ranking in PyTorch, for a side-by-side figure: products of a block of users with all items, training items masked, topk.

    python ranking_step.py ranking --method topk [--users 8721 --items 11930 --dim 64 --threads 1]

A step ranks all users; what the vectors are does not matter to it. Run and timed by serve.py: alone, or with --serve in turns with test/step.
"""
import argparse
import torch
from serve import run, sizes

p = argparse.ArgumentParser()
p.add_argument("workload", choices=["ranking"]); p.add_argument("--method", default="topk", choices=["topk"])
sizes(p, users=8721, items=11930, dim=64)
a = p.parse_args()
torch.set_num_threads(a.threads); torch.manual_seed(0)
U, V = torch.randn(a.users, a.dim), torch.randn(a.items, a.dim)
excluded = (torch.rand(a.users, 20) ** 2 * a.items).long()

@torch.no_grad()
def step(block):
    for start in range(0, a.users, block):
        scores = U[start:start + block] @ V.T
        scores.scatter_(1, excluded[start:start + block], -torch.inf)
        scores.topk(20, dim=1)

run(a, step, [256], "torch " + torch.__version__.split("+")[0], a.users, "none", workload=a.workload, method=a.method, users=a.users, items=a.items, dim=a.dim)
