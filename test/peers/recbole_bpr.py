"""RecBole's BPR beside `gradpool train`: so many epochs, each with a full ranking of the validation pairs. Needs: pip install torch, and
pip install --no-deps recbole==1.2.1 with what it imports (pandas, tqdm, colorlog, colorama, pyyaml, tabulate, texttable, psutil, thop, scikit-learn, tensorboard, ray).

    python recbole_bpr.py FOLDER [--epochs 20 --dim 64 --batch 2048 --threads 2]

FOLDER: buy.txt (training pairs), valid.txt, test.txt, lines `user item`. Prints one JSON line: seconds of training and of evaluation.
"""
import argparse, json, os, sys, tempfile, time

p = argparse.ArgumentParser()
p.add_argument("folder"); p.add_argument("--epochs", type=int, default=20); p.add_argument("--dim", type=int, default=64)
p.add_argument("--batch", type=int, default=2048); p.add_argument("--threads", type=int, default=2)
a = p.parse_args()
sys.argv = sys.argv[:1]  # RecBole reads the command line by itself.
import numpy as np, torch
for gone, now in (("bool8", np.bool_), ("float_", np.float64), ("complex_", np.complex128), ("unicode_", np.str_), ("NaN", np.nan), ("Inf", np.inf)):
    if not hasattr(np, gone): setattr(np, gone, now)
load = torch.load
torch.load = lambda *args, **more: load(*args, **{"weights_only": False, **more})
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.model.general_recommender import BPR
from recbole.trainer import Trainer
from recbole.utils import init_seed

torch.set_num_threads(a.threads)
where = tempfile.mkdtemp()
os.makedirs(f"{where}/set")
held = {}
for name in ("valid", "test"):
    held[name] = {tuple(line.split()[:2]) for line in open(f"{a.folder}/{name}.txt") if line.strip()}
for part, name in (("train", "buy"), ("valid", "valid"), ("test", "test")):
    with open(f"{where}/set/set.{part}.inter", "w") as out:
        out.write("user_id:token\titem_id:token\n")
        for line in open(f"{a.folder}/{name}.txt"):
            pair = tuple(line.split()[:2])
            if len(pair) == 2 and (part != "train" or not any(pair in of for of in held.values())): out.write("\t".join(pair) + "\n")
config = Config(model="BPR", dataset="set", config_dict=dict(
    data_path=where, benchmark_filename=["train", "valid", "test"], load_col={"inter": ["user_id", "item_id"]}, embedding_size=a.dim,
    train_batch_size=a.batch, eval_batch_size=2 ** 22, epochs=a.epochs, use_gpu=False, seed=1, reproducibility=True, state="ERROR",
    show_progress=False, checkpoint_dir=where, eval_args=dict(mode="full", order="RO"), metrics=["Recall", "NDCG"], topk=[10, 20], valid_metric="NDCG@10"))
init_seed(1, True)
torch.set_num_threads(a.threads)
dataset = create_dataset(config)
train, valid, _ = data_preparation(config, dataset)
model = BPR(config, train._dataset).to("cpu")
trainer = Trainer(config, model)
took = dict(train=0.0, evaluate=0.0)
for epoch in range(a.epochs):
    start = time.perf_counter(); trainer._train_epoch(train, epoch, show_progress=False); took["train"] += time.perf_counter() - start
    start = time.perf_counter(); _, result = trainer._valid_epoch(valid, show_progress=False); took["evaluate"] += time.perf_counter() - start
print(json.dumps(dict(library="recbole", epochs=a.epochs, threads=a.threads, **took, processor=time.process_time(), ndcg10=float(result["ndcg@10"]), users=dataset.user_num - 1, items=dataset.item_num - 1)))
