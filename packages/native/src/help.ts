import { knownTensorflow } from "./tensorflow.js";

export const help: string = `gradpool-native: TensorFlow's own library under tfjs-node and tfjs-node-gpu

Usage
  gradpool-native install [--gpu] [--tensorflow VERSION] [--wheel FILE] [--via auto|https|pip] [--force]
  gradpool-native uninstall [--gpu]
  gradpool-native status

Options
  --gpu                 tfjs-node-gpu, TensorFlow's GPU wheel and the CUDA libraries it names (3 GB of downloads)
  --tensorflow VERSION  TensorFlow's version (${knownTensorflow(false).join(", or where that is not offered ")})
  --wheel FILE          a wheel on this disk in place of TensorFlow's download
  --via auto|https|pip  how wheels are fetched; auto: plain HTTPS, then pip where that fails (auto)
  --force               install again what is already in place
  --cwd DIR             the project whose tfjs-node is meant (the current folder)
  --json                one JSON document on stdout
  --debug               the stack of an error
  --help                this text

The index is pip's: PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS and pip.conf are read. An extra index stands beside the
default one, whose address pip knows: without PIP_INDEX_URL, pip is asked for what the others do not have.
Needed: Linux with glibc, and a C++ compiler (CXX, c++, g++ or clang++). Python is not.

Examples
  npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0 && npx @gradpool/native install
  npx @gradpool/native install --gpu
  npx @gradpool/native install --wheel ./tensorflow_cpu-2.19.1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl
  npx @gradpool/native status --json
  npx @gradpool/native uninstall

Exit codes: 0 done (or already so), 1 failed, 2 wrong usage.
`;
