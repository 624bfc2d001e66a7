"""One training step of MMoE or PLE over field embeddings in PyTorch, for a side-by-side figure. Needs: pip install torch==2.13.0 numpy, then torchjd (pcgrad, pcgrad-rep).
Times double and more on a busy machine: alternate with the other side and compare ratios.

    python expert_step.py mmoe|ple-deepfm --method ew|pcgrad|pcgrad-rep [--fields 20 --vocab 50000 --dim 16 --tasks 6 --batch 2048]

mmoe:       tasks + 1 experts 256-128-64, one linear gate per task.
ple-deepfm: one level, 1 shared + 1 specific expert per task 256-128-64, linear gates, tower input [fm, mixed] (the backbone of GradCraft).
Towers 32-16-1, cross-entropy on one batch, Adam over all rows.
ew:         one backward pass of the summed losses.
pcgrad:     torchjd.autojac.mtl_backward on the shared parameters, embeddings included (a Jacobian of tasks x all shared parameters).
pcgrad-rep: gradients of each task at the cut tensors (expert outputs, fm, and the copy of the input that gates and specific experts read), pooled there by torchjd's PCGrad,
            then one backward pass through the shared part.
Steps are run and timed by serve.py: alone, or with --serve in turns with test/step.
"""
import argparse
import torch
from serve import run, sizes

p = argparse.ArgumentParser(); p.add_argument("model", choices=["mmoe", "ple-deepfm"]); p.add_argument("--method", default="ew", choices=["ew", "pcgrad", "pcgrad-rep"])
sizes(p, fields=20, vocab=50000, dim=16, tasks=6, batch=2048)
a = p.parse_args(); torch.set_num_threads(a.threads); torch.manual_seed(0); F = torch.nn.functional; T = a.tasks; HID = (256, 128, 64); mmoe = a.model == "mmoe"
gen = torch.Generator().manual_seed(1)
skewed = lambda n, size: (torch.rand(n, generator=gen) ** 2 * size).long().clamp(max=size - 1)
offset = torch.arange(a.fields) * a.vocab
batches = [(torch.stack([skewed(a.batch, a.vocab) for _ in range(a.fields)], 1) + offset, torch.rand(T, a.batch, generator=gen) < .1) for _ in range(8)]
mlp = lambda *w: torch.nn.Sequential(*[m for i, o in zip(w, w[1:]) for m in (torch.nn.Linear(i, o), torch.nn.ReLU())])

I = a.fields * a.dim; width = 64 if mmoe else 65
E = torch.nn.Embedding(a.fields * a.vocab, a.dim); torch.nn.init.normal_(E.weight, std=.01)
experts = torch.nn.ModuleList([mlp(I, *HID) for _ in range(T + 1 if mmoe else 1)])
specific = [None if mmoe else mlp(I, *HID) for _ in range(T)]; gates = [torch.nn.Linear(I, T + 1 if mmoe else 2, bias=False) for _ in range(T)]
towers = [torch.nn.Sequential(mlp(width, 32, 16), torch.nn.Linear(16, 1)) for _ in range(T)]
for module in (E, experts, *specific, *gates, *towers):
    if module is not None: module.to(a.device)
shared = [E.weight, *experts.parameters()]; own = [[q for m in (specific[t], gates[t], towers[t]) if m is not None for q in m.parameters()] for t in range(T)]
opt = torch.optim.Adam([*shared, *[q for o in own for q in o]], lr=1e-3)
def cuts(b):
    e = E(b[0]); x = e.flatten(1); S = torch.stack([f(x) for f in experts], 1); r = x.view_as(x)  # a separate node: no cut tensor may be an ancestor of another
    return [S, r] if mmoe else [S, r, .5 * (e.sum(1).square() - e.square().sum(1)).sum(1, keepdim=True)]
def loss(t, z, y):
    S = z[0] if mmoe else torch.cat([specific[t](z[1])[:, None], z[0]], 1); h = (torch.softmax(gates[t](z[1]), 1)[:, :, None] * S).sum(1)
    return F.binary_cross_entropy_with_logits(towers[t](h if mmoe else torch.cat([z[2], h], 1))[:, 0], y[t].float())
if a.method == "ew":
    def step(b): opt.zero_grad(); z = cuts(b); sum(loss(t, z, b[1]) for t in range(T)).backward(); opt.step()
else:
    from torchjd.aggregation import PCGrad
    agg = PCGrad()
if a.method == "pcgrad":
    from torchjd.autojac import mtl_backward, jac_to_grad
    def step(b):
        opt.zero_grad(); z = cuts(b); mtl_backward([loss(t, z, b[1]) for t in range(T)], features=z, tasks_params=own, shared_params=shared, parallel_chunk_size=1); jac_to_grad(shared, agg); opt.step()
if a.method == "pcgrad-rep":
    def step(b):
        opt.zero_grad(); z = cuts(b); rows = []
        for t in range(T):
            leaf = [v.detach().requires_grad_() for v in z]; loss(t, leaf, b[1]).backward(); rows.append(torch.cat([v.grad.flatten() for v in leaf]))
        g = agg(torch.stack(rows)); torch.autograd.backward(z, [q.view_as(v) for q, v in zip(g.split([v.numel() for v in z]), z)]); opt.step()

run(a, step, batches, "torch " + torch.__version__.split("+")[0], a.batch, dict(ew="losses", pcgrad="parameters").get(a.method, "representation"),
    model=a.model, method=a.method, tasks=T, batch=a.batch, fields=a.fields, vocab=a.vocab, dim=a.dim)
