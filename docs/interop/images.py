"""Resize, crop and normalisation of image files, against transformers' image processors, by way of a model's logits."""

import json

import numpy as np
import torch
import transformers as hf
from PIL import Image

import lorica
import models

MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def photograph(height, width, seed):
    """Smooth colours with sharp edges and a little noise."""
    draws = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [128 + 90 * np.sin(x / (5 + c) + y / (9 - c)) + 40 * ((x // 7 + y // 5 + c) % 2) + draws.normal(0, 6, (height, width)) for c in range(3)]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


SIZES = [(40, 40), (61, 37), (30, 97), (200, 150), (24, 24), (7, 300), (25, 24)]


def files(folder, channels):
    """The same pictures as PNG, and as JPEG of several kinds."""
    folder.mkdir()
    lines = ["image,label"]
    for i, (height, width) in enumerate(SIZES):
        picture = Image.fromarray(photograph(height, width, i)).convert("RGB" if channels == 3 else "L")
        picture.save(folder / f"{i}.png")
        picture.save(folder / f"{i}.jpg", quality=(95, 75, 40)[i % 3], subsampling=(0, 1, 2)[i % 3], progressive=i % 2 == 0)
        lines += [f"{i}.png,0", f"{i}.jpg,0"]
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return [folder / line.split(",")[0] for line in lines[1:]]


def processors():
    """Case, class of the processor, its settings, number of channels."""
    vit, deit = hf.ViTImageProcessor, hf.DeiTImageProcessor
    fit = {"height": 24, "width": 24}
    common = dict(image_mean=MEAN, image_std=DEVIATION)
    yield "bilinear", vit, dict(size=fit, resample=2, **common), 3
    yield "bicubic", vit, dict(size=fit, resample=3, **common), 3
    yield "nearest", vit, dict(size=fit, resample=0, **common), 3
    yield "lanczos", vit, dict(size=fit, resample=1, **common), 3
    yield "box", vit, dict(size=fit, resample=4, **common), 3
    yield "hamming", vit, dict(size=fit, resample=5, **common), 3
    yield "grey", vit, dict(size=fit, resample=2, image_mean=[0.4], image_std=[0.3]), 1
    yield "no normalisation", vit, dict(size=fit, resample=2, do_normalize=False), 3
    yield "no rescaling, mean of pixels", vit, dict(size=fit, resample=2, do_rescale=False, image_mean=[120.0] * 3, image_std=[60.0] * 3), 3
    yield "rescale_factor 1/127.5", vit, dict(size=fit, resample=2, rescale_factor=1 / 127.5, image_mean=[1.0] * 3, image_std=[1.0] * 3), 3
    yield "DeiT: 32, then the middle 24", deit, dict(size={"height": 32, "width": 32}, crop_size=fit, resample=3, do_center_crop=True, **common), 3
    yield "DeiT: 20, then 24 with a black border", deit, dict(size={"height": 20, "width": 20}, crop_size=fit, resample=3, do_center_crop=True, **common), 3
    yield "DeiT: odd borders", deit, dict(size={"height": 29, "width": 27}, crop_size=fit, resample=2, do_center_crop=True, **common), 3
    clip = hf.CLIPImageProcessor
    yield "shortest edge 24, middle 24", clip, dict(size={"shortest_edge": 24}, crop_size=fit, resample=3, do_convert_rgb=False, **common), 3
    yield "shortest edge 30, middle 24", clip, dict(size={"shortest_edge": 30}, crop_size=fit, resample=2, do_convert_rgb=False, **common), 3


def pixel_reader(folder, channels):
    """A ViT whose logits move with every pixel: by 0.01 and more where one differs by a level."""
    config = hf.ViTConfig(hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, image_size=24, patch_size=4, num_channels=channels, num_labels=8)
    model = models.fill(hf.ViTForImageClassification(config))
    model.save_pretrained(folder)
    return model


def check(account, folder):
    part = "images"
    for i, (case, kind, settings, channels) in enumerate(processors()):
        place = folder / f"model{i}"
        model = pixel_reader(place, channels)
        processor = kind(**settings)
        processor.save_pretrained(place)
        pictures = files(folder / f"pictures{i}", channels)
        expected = {}
        for picture in pictures:
            values = processor(Image.open(picture), return_tensors="pt", **({} if channels == 3 else {"input_data_format": "channels_last"})).pixel_values if channels == 3 else \
                processor(np.asarray(Image.open(picture))[:, :, None], return_tensors="pt", input_data_format="channels_last").pixel_values
            with torch.no_grad():
                expected[picture.name] = model(pixel_values=values.float()).logits[0].numpy()
        for ending in ("png", "jpg"):
            chosen = [p.name for p in pictures if p.suffix == f".{ending}"]
            (pictures[0].parent / "labels.csv").write_text("\n".join(["image,label", *[f"{name},0" for name in chosen]]) + "\n")
            account.same(part, f"{case}, {ending.upper()}", [expected[name] for name in chosen], lambda: lorica.predict(place, pictures[0].parent / "labels.csv"))
