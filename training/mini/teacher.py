"""The MobileNetV2 teacher's 7×7 map of every real photo, cached for distillation; rendered things have better labels.

    python -m training.mini.teacher        writes training/cache/teacher/maps.npy

maps.npy is (N, 7, 7, 160) float16, a row for each of real.py's: the 1,280 channels centred and projected on their first principal
axes. The teacher saw ImageNet, mini's own tower sees 5,000 photos: its features carry what a leek looks like in other lights.
"""

from __future__ import annotations


import numpy as np
import onnx
import onnxruntime as ort
import torch
import torch.nn.functional as F

from .prompt import ROOT
from .real import CACHE as REAL
from .real import STORED, RealView

OUT = ROOT / "training/cache/teacher"
MODEL = "/work/shared/data/models/mobilenetv2-teacher/mobilenetv2_1280.onnx"
AXES = 160
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def session() -> tuple[ort.InferenceSession, str]:
    """The teacher with its last map, (n, 1280, 7, 7), as an output: what the mean over space reads."""
    model = onnx.load(MODEL)
    pool = next(n for n in model.graph.node if n.op_type in ("GlobalAveragePool", "ReduceMean"))
    model.graph.output.append(onnx.helper.make_tensor_value_info(pool.input[0], onnx.TensorProto.FLOAT, None))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), options), pool.input[0]


def main() -> None:
    net, output = session()
    name = net.get_inputs()[0].name
    images = np.load(REAL / "images.npy", mmap_mode="r")
    raw = np.empty((len(images), 49, 1280), np.float16)
    for at in range(0, len(images), 16):
        batch = images[at : at + 16].astype(np.float32)
        maps = net.run([output], {name: ((batch / 255 - MEAN) / STD).transpose(0, 3, 1, 2)})[0]
        raw[at : at + 16] = maps.reshape(len(batch), 1280, 49).transpose(0, 2, 1)
        if at % 800 == 0:
            print(at, "of", len(images), flush=True)
    flat = raw[:: max(1, len(raw) // 800)].reshape(-1, 1280).astype(np.float32)
    mean = flat.mean(0)
    values, vectors = np.linalg.eigh(np.cov((flat - mean).T))
    axes = vectors[:, ::-1][:, :AXES]
    maps = np.stack([((m.astype(np.float32) - mean) @ axes).astype(np.float16) for m in raw])
    OUT.mkdir(parents=True, exist_ok=True)
    np.save(OUT / "maps.npy", maps.reshape(-1, 7, 7, AXES))
    print(len(images), "maps; variance kept", round(float(values[::-1][:AXES].sum() / values.sum()), 3))


class Teacher:
    def __init__(self):
        self.maps = np.load(OUT / "maps.npy", mmap_mode="r")

    def features(self, views: list) -> tuple[list[int], torch.Tensor]:
        """Places in `views` of the real photos, and the teacher's features under their sixteen tokens: (K, 16, AXES)."""
        known = [(i, v) for i, v in enumerate(views) if isinstance(v, RealView)]
        if not known:
            return [], torch.zeros(0, 16, AXES)
        maps = torch.from_numpy(np.stack([self.maps[v.row] for _, v in known]).astype(np.float32)).permute(0, 3, 1, 2)
        steps = (np.arange(4) + 0.5) / 4
        grid = np.empty((len(known), 4, 4, 2), np.float32)
        for k, (_, v) in enumerate(known):
            grid[k, ..., 0] = ((v.x + v.w * (1 - steps if v.flip else steps)) / STORED)[None, :]
            grid[k, ..., 1] = ((v.y + v.h * steps) / STORED)[:, None]
        under = F.grid_sample(maps, torch.from_numpy(grid * 2 - 1), mode="bilinear", padding_mode="border", align_corners=False)
        return [i for i, _ in known], under.flatten(2).transpose(1, 2)


if __name__ == "__main__":
    main()
