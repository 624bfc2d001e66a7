"""Runs an exported model with onnxruntime: run_onnx.py MODEL < inputs.json > outputs.json, both by name."""

import json
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
given = json.load(sys.stdin)
feed = {}
for entry in session.get_inputs():
    dtype = np.int64 if "int64" in entry.type else np.float32
    feed[entry.name] = np.array(given[entry.name], dtype=dtype)
names = [entry.name for entry in session.get_outputs()]
outputs = session.run(names, feed)
json.dump({name: values.tolist() for name, values in zip(names, outputs)}, sys.stdout)
