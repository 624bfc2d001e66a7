"""One training step in PyTorch, for a side-by-side figure. Needs: pip install torch==2.13.0 numpy, then "torchjd[quadprog_projector]" (upgrad) or "torchjd[cagrad]" (cagrad).
Times double and more on a busy machine: alternate with the other side and compare ratios.

    python torch_step.py mf  --method ew|ew-sparse|pcgrad|mgda|upgrad|cagrad|alignedmtl [--users 20000 --items 30000 --dim 32 --tasks 3 --batch 2048]
    python torch_step.py ctr --method ew|pcgrad|mgda|upgrad [--fields 20 --vocab 50000 --dim 16 --tasks 3 --batch 2048]

mf: matrix factorisation, BPR loss, one batch per task, Adam (SparseAdam for ew-sparse).
ctr: field embeddings -> MLP 256-128-64 (shared) -> one 32-1 head per task, binary cross-entropy on one batch, Adam.
     Gradient methods act on the shared parameters, embeddings included (torchjd.autojac.mtl_backward).
Steps are run and timed by serve.py: alone, or with --serve in turns with test/step.
"""
import argparse
import torch
from serve import run, sizes

p = argparse.ArgumentParser()
p.add_argument("workload", choices=["mf", "ctr"]); p.add_argument("--method", default="ew")
sizes(p, users=20000, items=30000, fields=20, vocab=50000, dim=None, tasks=3, batch=2048)
a = p.parse_args(); a.dim = a.dim or (32 if a.workload == "mf" else 16)
torch.set_num_threads(a.threads); torch.manual_seed(0)
gen = torch.Generator().manual_seed(1)
skewed = lambda n, size: (torch.rand(n, generator=gen) ** 2 * size).long().clamp(max=size - 1)
F = torch.nn.functional

def aggregator():
    import torchjd.aggregation as A
    return {"pcgrad": A.PCGrad, "mgda": A.MGDA, "upgrad": A.UPGrad, "cagrad": lambda: A.CAGrad(c=.4), "alignedmtl": A.AlignedMTL}[a.method]()

if a.workload == "mf":
    sparse = a.method == "ew-sparse"
    U, V = (torch.nn.Embedding(n, a.dim, sparse=sparse) for n in (a.users, a.items))
    for t in (U, V): torch.nn.init.normal_(t.weight, std=.01); t.to(a.device)
    params = [U.weight, V.weight]
    batches = [[(skewed(a.batch, a.users), skewed(a.batch, a.items), torch.randint(a.items, (a.batch,), generator=gen)) for _ in range(a.tasks)] for _ in range(16)]
    losses = lambda b: [-F.logsigmoid((U(u) * (V(i) - V(j))).sum(1)).mean() for u, i, j in b]
    samples = a.batch * a.tasks
    optimizer = (torch.optim.SparseAdam if sparse else torch.optim.Adam)(params, lr=1e-3)
    if a.method.startswith("ew"):
        def step(b): optimizer.zero_grad(); sum(losses(b)).backward(); optimizer.step()
    else:
        from torchjd.autojac import backward, jac_to_grad
        agg = aggregator()
        def step(b): optimizer.zero_grad(); backward(losses(b), parallel_chunk_size=1); jac_to_grad(params, agg); optimizer.step()
else:
    E = torch.nn.Embedding(a.fields * a.vocab, a.dim); torch.nn.init.normal_(E.weight, std=.01)
    mlp = lambda *w: torch.nn.Sequential(*[m for i, o in zip(w, w[1:]) for m in (torch.nn.Linear(i, o), torch.nn.ReLU())])
    trunk = mlp(a.fields * a.dim, 256, 128, 64); heads = [torch.nn.Sequential(mlp(64, 32), torch.nn.Linear(32, 1)) for _ in range(a.tasks)]
    for module in (E, trunk, *heads): module.to(a.device)
    shared = [E.weight, *trunk.parameters()]; own = [list(h.parameters()) for h in heads]
    offset = torch.arange(a.fields) * a.vocab
    batches = [(torch.stack([skewed(a.batch, a.vocab) for _ in range(a.fields)], 1) + offset, torch.rand(a.tasks, a.batch, generator=gen) < .1) for _ in range(16)]
    samples = a.batch
    optimizer = torch.optim.Adam([*shared, *[q for o in own for q in o]], lr=1e-3)
    def forward(b):
        rep = trunk(E(b[0]).flatten(1)); return rep, [F.binary_cross_entropy_with_logits(h(rep)[:, 0], y.float()) for h, y in zip(heads, b[1])]
    if a.method == "ew":
        def step(b): optimizer.zero_grad(); sum(forward(b)[1]).backward(); optimizer.step()
    else:
        from torchjd.autojac import mtl_backward, jac_to_grad
        agg = aggregator()
        def step(b):
            optimizer.zero_grad(); rep, ls = forward(b)
            mtl_backward(ls, features=rep, tasks_params=own, shared_params=shared, parallel_chunk_size=1); jac_to_grad(shared, agg); optimizer.step()

about = dict(users=a.users, items=a.items) if a.workload == "mf" else dict(fields=a.fields, vocab=a.vocab)
run(a, step, batches, "torch " + torch.__version__.split("+")[0], samples, "losses" if a.method.startswith("ew") else "parameters", workload=a.workload, method=a.method, tasks=a.tasks, batch=a.batch, dim=a.dim, **about)
