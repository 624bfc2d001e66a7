"""What the PyTorch peers of test/step have in common: being told how many steps to run, and saying what each took."""
import json, resource, sys, time
import numpy as np


def sizes(parser, **defaults):
    """Sizes as flags, and how a peer is run."""
    for name, value in dict(defaults, steps=20, warmup=4, threads=2).items(): parser.add_argument("--" + name, type=int, default=value)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"], help="cuda: batches are copied to the GPU in each step, which ends when the GPU is done")
    parser.add_argument("--clock", default="wall", choices=["wall", "cpu"], help="what a step takes: wall time, or processor time of all threads")
    parser.add_argument("--serve", action="store_true", help="take turns with another program: read numbers of steps from standard input, run as many, answer each with a JSON line")


def to_device(batch, device):
    """A batch of tensors, in whatever lists and tuples, on a device."""
    if device == "cpu": return batch
    return type(batch)(to_device(part, device) for part in batch) if isinstance(batch, (list, tuple)) else batch.to(device)


def finish(device):
    if device == "cpu": return
    import torch
    torch.cuda.synchronize()


def run(a, step, batches, library, samples, level, **about):
    """Serves, or prints one JSON line: median and minimum step in ms, samples per second, peak resident memory in MB."""
    clock = time.process_time if a.clock == "cpu" else time.perf_counter
    peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    say = lambda **line: print(json.dumps(line), flush=True)
    done = 0

    def turn(count):
        nonlocal done; times = []
        for _ in range(count):
            t = clock(); step(to_device(batches[done % len(batches)], a.device)); finish(a.device); times.append((clock() - t) * 1e3); done += 1
        return times

    if a.serve:
        say(library=library, backend=a.device, samples=samples, level=level)
        for line in sys.stdin: say(times=turn(int(line)), rssMb=peak())
        return
    turn(a.warmup); ms = np.array(turn(a.steps))
    say(library=library, level=level, **about, threads=a.threads, clock=a.clock, medianMs=round(float(np.median(ms)), 2), minMs=round(float(ms.min()), 2), samplesPerSecond=round(samples / float(np.median(ms)) * 1e3), peakRssMb=peak())
