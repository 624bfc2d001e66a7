"""One training step of LightGCN or NGCF in PyTorch, for a side-by-side figure. Needs: pip install torch==2.13.0 numpy scipy, then torchjd (pcgrad).
Times double and more on a busy machine: alternate with the other side and compare ratios.

    python graph_step.py lightgcn|ngcf --method ew|ew-csr|pcgrad|pcgrad-csr [--pairs FILE] [--layers 3 --dim 64 --batch 2048 --tasks 3]

ew, pcgrad:  torch.sparse.mm with a coalesced COO adjacency, as LightGCN-PyTorch and RecBole do; autograd transposes the matrix in the backward pass.
…-csr:       CSR adjacency, and a backward pass that uses its symmetry (the same numbers).
pcgrad:      torchjd.autojac.backward: a gradient of the table for each task, pooled there.
ngcf:        the same products under NGCF (form paper) with layers of width dim, no dropout.
Loss per task, each with a batch of its own: mean softplus(negative - positive) + 1e-4 * half the squared ego rows / batch. Adam over all rows.
--pairs: a file of `user item` lines; else a skewed random graph, of Gowalla's size by default.
Steps are run and timed by serve.py: alone, or with --serve in turns with test/step.
"""
import argparse, warnings
import numpy as np, scipy.sparse as sp, torch
from serve import run, sizes
warnings.filterwarnings("ignore")

p = argparse.ArgumentParser()
p.add_argument("model", choices=["lightgcn", "ngcf"]); p.add_argument("--method", default="ew", choices=["ew", "ew-csr", "pcgrad", "pcgrad-csr"]); p.add_argument("--pairs")
sizes(p, users=29858, items=40981, edges=810128, layers=3, dim=64, batch=2048, tasks=3)
a = p.parse_args(); torch.set_num_threads(a.threads); torch.manual_seed(0); F = torch.nn.functional

if a.pairs:
    t = np.loadtxt(a.pairs, dtype=np.int64, usecols=(0, 1)); u, i = (np.unique(t[:, c], return_inverse=True)[1] for c in (0, 1)); U, I = u.max() + 1, i.max() + 1
else:
    r = np.random.default_rng(0); n = int(a.edges * 1.25); U, I = a.users, a.items; u = (r.random(n) ** 2 * U).astype(np.int64); i = (r.random(n) ** 3 * I).astype(np.int64)
    key = r.permutation(np.unique(u * I + i))[:a.edges]; u, i = key // I, key % I
m = sp.coo_matrix((np.ones(len(u), np.float32), (u, i)), shape=(U, I)).tocsr(); m.data[:] = 1; adj = sp.bmat([[None, m], [m.T, None]], format="csr"); N = U + I
deg = np.asarray(adj.sum(1)).ravel(); inv = np.divide(1, np.sqrt(deg), out=np.zeros_like(deg), where=deg > 0); A = (sp.diags(inv) @ adj @ sp.diags(inv)).tocsr().astype(np.float32)
if a.method.endswith("csr"):
    CSR = torch.sparse_csr_tensor(torch.from_numpy(A.indptr).long(), torch.from_numpy(A.indices).long(), torch.from_numpy(A.data), size=A.shape)
    class Sym(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): return CSR @ x
        @staticmethod
        def backward(ctx, g): return CSR @ g.contiguous()
    mm = Sym.apply
else:
    c = A.tocoo(); COO = torch.sparse_coo_tensor(np.stack([c.row, c.col]), c.data, A.shape).coalesce(); mm = lambda x: torch.sparse.mm(COO, x)

gen = np.random.default_rng(1); edges = m.tocoo()
def batch():
    k = gen.integers(0, edges.nnz, a.batch); return torch.from_numpy(edges.row[k]).long(), torch.from_numpy(edges.col[k]).long() + U, torch.from_numpy(gen.integers(U, N, a.batch))
batches = [[batch() for _ in range(a.tasks)] for _ in range(8)]

E = torch.nn.Parameter(torch.randn(N, a.dim) * .1); extra = [torch.nn.Linear(a.dim, a.dim) for _ in range(2 * a.layers)] if a.model == "ngcf" else []
params = [E, *[q for l in extra for q in l.parameters()]]; opt = torch.optim.Adam(params, lr=1e-3)
def propagate():
    x = E; out = [E]
    for l in range(a.layers):
        s = mm(x)
        if extra: x = F.leaky_relu(extra[2 * l](x + s) + extra[2 * l + 1](x * s), .2); out.append(F.normalize(x, dim=1))
        else: x = s; out.append(x)
    return torch.cat(out, 1) if extra else sum(out) / (a.layers + 1)
def term(Z, u, i, j):
    z = [Z[u], Z[i], Z[j]]
    return F.softplus(-(z[0] * (z[1] - z[2])).sum(1)).mean() + 1e-4 / 2 * sum(E[v].square().sum() for v in (u, i, j)) / len(u)
def losses(b):
    Z = propagate(); return [term(Z, *t) for t in b]
if a.method.startswith("ew"):
    def step(b): opt.zero_grad(); sum(losses(b)).backward(); opt.step()
else:
    from torchjd.autojac import backward, jac_to_grad
    from torchjd.aggregation import PCGrad
    agg = PCGrad()
    def step(b): opt.zero_grad(); backward(losses(b), parallel_chunk_size=1); jac_to_grad(params, agg); opt.step()

run(a, step, batches, "torch " + torch.__version__.split("+")[0], a.batch * a.tasks, "losses" if a.method.startswith("ew") else "parameters",
    model=a.model, method=a.method, tasks=a.tasks, batch=a.batch, dim=a.dim, layers=a.layers, nodes=int(N), edges=int(adj.nnz))
