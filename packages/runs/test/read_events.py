"""What TensorBoard's own reader finds in a folder of event files, as JSON."""
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

found = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
found.Reload()
tags = found.Tags()
scalars = {tag: [[e.step, e.value] for e in found.Scalars(tag)] for tag in tags["scalars"]}
histograms = {
    tag: [[e.step, h.min, h.max, h.num, h.sum, h.sum_squares, list(h.bucket_limit), list(h.bucket)]
          for e in found.Histograms(tag) for h in [e.histogram_value]]
    for tag in tags["histograms"]
}
print(json.dumps({"scalars": scalars, "histograms": histograms}))
