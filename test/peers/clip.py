"""What PyTorch's gradient clipping adds to a step: the baseline of test/step/extras.mjs, at its shapes. Needs: pip install torch==2.13.0 numpy.
Matrix factorisation, BPR loss, a batch per task, the sum of the losses, Adam with dense gradients (clip_grad_value_ takes no sparse ones).
Sides take turns and are compared block by block, in processor time.

    python clip.py [--users 8000 --items 4000 --dim 32 --tasks 3 --batch 2048 --rounds 30 --steps 20]
"""
import argparse, statistics, time
import torch

p = argparse.ArgumentParser()
for name, value in dict(users=8000, items=4000, dim=32, tasks=3, batch=2048, rounds=30, steps=20).items(): p.add_argument(f"--{name}", type=int, default=value)
a = p.parse_args(); torch.set_num_threads(1); torch.manual_seed(0)
gen = torch.Generator().manual_seed(1)
skewed = lambda n, size: (torch.rand(n, generator=gen) ** 2 * size).long().clamp(max=size - 1)
batches = [[(skewed(a.batch, a.users), skewed(a.batch, a.items), torch.randint(a.items, (a.batch,), generator=gen)) for _ in range(a.tasks)] for _ in range(16)]
F, utils = torch.nn.functional, torch.nn.utils

def side(clip):
    U, V = torch.nn.Embedding(a.users, a.dim), torch.nn.Embedding(a.items, a.dim)
    for t in (U, V): torch.nn.init.normal_(t.weight, std=.01)
    params = [U.weight, V.weight]; optimizer = torch.optim.Adam(params, lr=1e-3); at = [0]
    def run(count):
        before = time.process_time()
        for _ in range(count):
            b = batches[at[0] % 16]; at[0] += 1
            optimizer.zero_grad()
            sum(-F.logsigmoid((U(u) * (V(i) - V(j))).sum(1)).mean() for u, i, j in b).backward()
            clip(params); optimizer.step()
        return (time.process_time() - before) * 1000 / count
    return run

names = ["nothing", "nothing, again", "clip_grad_norm_", "clip_grad_value_"]
sides = [side(c) for c in (lambda p: None, lambda p: None, lambda p: utils.clip_grad_norm_(p, 1e-4), lambda p: utils.clip_grad_value_(p, 1e-6))]
for s in sides: s(2 * a.steps)
times = [[] for _ in sides]
for r in range(a.rounds):
    for k in range(len(sides)):
        one = (k + r) % len(sides); times[one].append(sides[one](a.steps))
for name, own in zip(names, times):
    print(f"{name:20} {statistics.median(own):.3f} ms  x {statistics.median(t / b for t, b in zip(own, times[0])):.3f}")
