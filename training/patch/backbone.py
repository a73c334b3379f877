"""MobileNetV2 (width 1.0) as PyTorch, warm-started from the Apache-2.0 weights of the ONNX teacher (batch norms folded in).

features(x) gives what the heads read:
    mid:  (n, 576, 14, 14)  the last stride-16 activations, after the expansion of block 14
    top:  (n, 1280, 7, 7)   the last activations; their mean over space is the teacher's embedding
    low:  (n, 15, 14, 14)   plain colour of each cell: the means of its four quarters and its deviation, not learned
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

TEACHER = Path("/work/shared/data/models/mobilenetv2-teacher/mobilenetv2_1280.onnx")
# expansion, channels, repeats, first stride: table 2 of the MobileNetV2 paper
PLAN = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


class Block(nn.Module):
    def __init__(self, cin, cout, stride, expand):
        super().__init__()
        hidden = cin * expand
        self.grow = nn.Conv2d(cin, hidden, 1) if expand > 1 else None
        self.depth = nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden)
        self.shrink = nn.Conv2d(hidden, cout, 1)
        self.keep = stride == 1 and cin == cout

    def expand(self, x):
        return self.grow(x).clamp(0, 6) if self.grow is not None else x

    def finish(self, x, hidden):
        y = self.shrink(self.depth(hidden).clamp(0, 6))
        return x + y if self.keep else y


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, 2, 1)
        blocks, cin = [], 32
        for expand, cout, repeats, stride in PLAN:
            for i in range(repeats):
                blocks.append(Block(cin, cout, stride if i == 0 else 1, expand))
                cin = cout
        self.blocks = nn.ModuleList(blocks)
        self.last = nn.Conv2d(320, 1280, 1)

    def forward(self, x):
        low = colours(x)
        x = self.stem(x).clamp(0, 6)
        mid = None
        for i, block in enumerate(self.blocks):
            hidden = block.expand(x)
            if i == 13:
                mid = hidden
            x = block.finish(x, hidden)
        return mid, self.last(x).clamp(0, 6), low


def colours(x):
    """(n, 3, 224, 224) → (n, 15, 14, 14). Depth makes the backbone forget colour, which is what tells siblings apart."""
    quarters = F.pixel_unshuffle(F.avg_pool2d(x, 8), 2)  # (n, 12, 14, 14)
    mean = F.avg_pool2d(x, 16)
    return torch.cat([quarters, (F.avg_pool2d(x * x, 16) - mean * mean).clamp_min(1e-4).sqrt()], 1)


def session(threads: int = 1):
    """The frozen backbone on ONNX Runtime, several times faster here than PyTorch: run(None, {"x": ...}) → mid, top, low."""
    import onnxruntime as ort

    path = Path("training/cache/patch/backbone.onnx")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.onnx.export(warm_start(Backbone()).eval(), (torch.zeros(2, 3, 224, 224),), path, input_names=["x"],
                          output_names=["mid", "top", "low"], opset_version=17, dynamo=False,
                          dynamic_axes={k: {0: "n"} for k in ("x", "mid", "top", "low")})
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(str(path), options)


def warm_start(backbone: Backbone, path: Path = TEACHER) -> Backbone:
    """Copies the teacher's convolutions, which are stored in the order of our modules."""
    import onnx
    from onnx import numpy_helper

    weights = [numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer if t.name.startswith("c")]
    convs = [m for m in backbone.modules() if isinstance(m, nn.Conv2d)]
    assert len(weights) == 2 * len(convs) == 104
    with torch.no_grad():
        for conv, w, b in zip(convs, weights[::2], weights[1::2]):
            conv.weight.copy_(torch.from_numpy(w.copy()))
            conv.bias.copy_(torch.from_numpy(b.copy()))
    return backbone
