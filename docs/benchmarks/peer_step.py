#!/usr/bin/env python3
"""One DP-SGD step over LoRA factors in PyTorch: the peer of `lorica bench step`.

Forward, backward, per-example gradients of the factors, joint norms, clip, noise, SGD update. The backbone is frozen: no
gradient of a frozen weight is computed. A LoRA layer is one autograd function whose backward forms the per-example
gradients with batched products and returns the input's gradient only, so there is neither a hook nor a graph node more
than needed. Weights are random; only the shapes matter.

    python3 docs/benchmarks/peer_step.py --threads 1                 # every shape, one core
    python3 docs/benchmarks/peer_step.py --shape roberta-base --batch 32 --threads 4
    python3 docs/benchmarks/peer_step.py --first-token               # the last layer computes what the head reads only
    python3 docs/benchmarks/peer_step.py --onednn                    # PyTorch 2: products with frozen weights by oneDNN
    python3 docs/benchmarks/peer_step.py --fused-attention           # PyTorch 2: scaled_dot_product_attention
"""
import argparse
import math
import time

import torch
import torch.nn.functional as F

SHAPES = {  # kind, width, layers, heads, key heads, inner width, tokens, batch
    "encoder": ("encoder", 256, 4, 4, 4, 1024, 64, 16),
    "roberta-base": ("encoder", 768, 12, 12, 12, 3072, 128, 16),
    "vit-tiny": ("images", 192, 12, 3, 3, 768, 197, 16),
    "llama-260k": ("decoder", 64, 5, 8, 4, 172, 64, 8),
}
LARGE = {  # only when asked for
    "vit-base": ("images", 768, 12, 12, 12, 3072, 197, 64),
    "llama-1b": ("decoder", 2048, 16, 32, 8, 8192, 512, 4),
}
VOCABULARY = {"encoder": 260, "decoder": 512}
CLASSES = 4
PIXELS, PATCH, CHANNELS = 224, 16, 3


ONE_DNN = False  # --onednn


class Weight:
    """A frozen linear map y = x W' + b."""

    def __init__(self, weight, bias=None):
        self.weight, self.bias = weight, bias
        self.turned = weight.t().contiguous() if ONE_DNN else None

    def __call__(self, x):
        return OneDnnLinear.apply(x, self) if ONE_DNN else F.linear(x, self.weight, self.bias)

    def plain(self, x):
        return one_dnn(x, self.weight, self.bias) if ONE_DNN else F.linear(x, self.weight, self.bias)

    def plain_back(self, dy):
        return one_dnn(dy, self.turned, None) if ONE_DNN else dy @ self.weight


class OneDnnLinear(torch.autograd.Function):
    """oneDNN uses AVX-512 on every processor that has it, the MKL in PyTorch's wheels on Intel's only."""

    @staticmethod
    def forward(ctx, x, owner):
        ctx.owner = owner
        return owner.plain(x)

    @staticmethod
    def backward(ctx, dy):
        return ctx.owner.plain_back(dy), None


def added(product, x):
    return product + x if ONE_DNN else product.add_(x)  # autograd lets a custom function's views alone


def one_dnn(x, weight, bias):
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


class LoraLinear(torch.autograd.Function):
    """y = x W' + b + s (x A') B'; backward leaves per-example gradients of A and B with their owner."""

    @staticmethod
    def forward(ctx, x, anchor, owner):
        hidden = x @ owner.a.t()
        ctx.owner = owner
        ctx.save_for_backward(x, hidden)
        y = owner.frozen.plain(x).view(-1, owner.b.shape[0])
        return y.addmm_(hidden.view(-1, owner.a.shape[0]), owner.b.t(), alpha=owner.scale).view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx, dy):
        owner = ctx.owner
        x, hidden = ctx.saved_tensors
        u = dy @ owner.b
        owner.b_samples = torch.bmm(dy.transpose(1, 2), hidden).mul_(owner.scale)
        owner.a_samples = torch.bmm(u.transpose(1, 2), x).mul_(owner.scale)
        if not ctx.needs_input_grad[0]:
            return None, None, None
        dx = owner.frozen.plain_back(dy).view(-1, x.shape[-1])
        return dx.addmm_(u.view(-1, u.shape[-1]), owner.a, alpha=owner.scale).view(x.shape), None, None


class Lora:
    def __init__(self, frozen, rank):
        out, width = frozen.weight.shape
        self.frozen, self.scale = frozen, 2.0
        self.a = torch.randn(rank, width) / math.sqrt(width)
        self.b = torch.zeros(out, rank)
        self.anchor = torch.zeros((), requires_grad=True)  # makes autograd visit the lowest layer

    def __call__(self, x):
        return LoraLinear.apply(x, self.anchor, self)


def frozen(out, width, bias):
    return Weight(torch.randn(out, width) / math.sqrt(width), torch.zeros(out) if bias else None)


class Layer:
    def __init__(self, d, keys, inner, rank, bias):
        self.q = Lora(frozen(d, d, bias), rank)
        self.k = frozen(keys, d, bias)
        self.v = Lora(frozen(keys, d, bias), rank)
        self.o = frozen(d, d, bias)
        self.up = frozen(inner, d, bias)
        self.gate = frozen(inner, d, bias)
        self.down = frozen(d, inner, bias)
        self.norms = [(torch.ones(d), torch.zeros(d)) for _ in range(2)]


class Model:
    def __init__(self, shape, rank, first_token, fused_attention):
        self.fused_attention = fused_attention
        self.kind, self.d, layers, self.heads, self.key_heads, self.inner, self.tokens, _ = shape
        self.width = self.d // self.heads
        self.first_token = first_token and self.kind != "decoder"
        bias = self.kind != "decoder"
        self.layers = [Layer(self.d, self.width * self.key_heads, self.inner, rank, bias) for _ in range(layers)]
        if self.kind == "images":
            self.patches, self.token = frozen(self.d, CHANNELS * PATCH * PATCH, True), torch.randn(self.d) * 0.02
        else:
            self.words = torch.randn(VOCABULARY[self.kind], self.d)
            self.readout = Weight(self.words)
        self.places = torch.randn(self.tokens, self.d) * 0.5
        self.pooler, self.classifier = frozen(self.d, self.d, True), frozen(CLASSES, self.d, True)
        frequencies = 10_000.0 ** (-torch.arange(0, self.width, 2) / self.width)
        angles = torch.outer(torch.arange(self.tokens), frequencies).repeat(1, 2)
        self.cos, self.sin = angles.cos(), angles.sin()
        self.mask = torch.full((self.tokens, self.tokens), float("-inf")).triu(1)

    def loras(self):
        return [lora for layer in self.layers for lora in (layer.q, layer.v)]

    def split(self, x, heads):
        return x.view(x.shape[0], -1, heads, self.width).transpose(1, 2)

    def turn(self, x):
        half = self.width // 2
        return x * self.cos + torch.cat((-x[..., half:], x[..., :half]), -1) * self.sin

    def attend(self, q, k, v):
        q, k, v = self.split(q, self.heads), self.split(k, self.key_heads), self.split(v, self.key_heads)
        if self.kind == "decoder":
            q, k = self.turn(q), self.turn(k)
        if self.fused_attention:
            context = F.scaled_dot_product_attention(
                q, k, v, is_causal=self.kind == "decoder", enable_gqa=self.heads != self.key_heads)
            return context.transpose(1, 2).reshape(context.shape[0], -1, self.d)
        if self.kind == "decoder":
            groups = self.heads // self.key_heads
            k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        scores = torch.matmul(q / math.sqrt(self.width), k.transpose(2, 3))
        if self.kind == "decoder":
            scores = scores + self.mask
        context = torch.matmul(torch.softmax(scores, -1), v)
        return context.transpose(1, 2).reshape(context.shape[0], -1, self.d)

    def encoder(self, layer, x, last):
        rows = x[:, :1] if last and self.first_token else x
        context = self.attend(layer.q(rows), layer.k(x), layer.v(x))
        middle = F.layer_norm(layer.o(context) + rows, (self.d,), *layer.norms[0])
        raised = F.gelu(layer.up(middle))
        return F.layer_norm(layer.down(raised) + middle, (self.d,), *layer.norms[1])

    def image_encoder(self, layer, x, last):
        n = F.layer_norm(x, (self.d,), *layer.norms[0])
        first = last and self.first_token
        context = self.attend(layer.q(n[:, :1] if first else n), layer.k(n), layer.v(n))
        x = added(layer.o(context), x[:, :1] if first else x)
        raised = F.gelu(layer.up(F.layer_norm(x, (self.d,), *layer.norms[1])))
        return added(layer.down(raised), x)

    def embed_images(self, images):
        side = PIXELS // PATCH
        cut = images.view(-1, CHANNELS, side, PATCH, side, PATCH).permute(0, 2, 4, 1, 3, 5)
        x = torch.empty(images.shape[0], self.tokens, self.d)
        x[:, 0] = self.token
        x[:, 1:] = self.patches.plain(cut.reshape(images.shape[0], side * side, -1))
        return x.add_(self.places)

    def rms(self, x, norm):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * norm[0]

    def decoder(self, layer, x):
        n = self.rms(x, layer.norms[0])
        x = x + layer.o(self.attend(layer.q(n), layer.k(n), layer.v(n)))
        n = self.rms(x, layer.norms[1])
        return x + layer.down(F.silu(layer.gate(n)) * layer.up(n))

    def losses(self, ids, labels):
        if self.kind == "images":
            x = self.embed_images(ids)
            for layer in self.layers:
                x = self.image_encoder(layer, x, layer is self.layers[-1])
            token = F.layer_norm(x[:, 0], (self.d,), *self.layers[0].norms[0])
            return F.cross_entropy(self.classifier(token), labels, reduction="none")
        x = F.embedding(ids, self.words)
        if self.kind == "decoder":
            for layer in self.layers:
                x = self.decoder(layer, x)
            logits = self.readout(self.rms(x, self.layers[0].norms[0]))[:, :-1]
            flat = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), ids[:, 1:].reshape(-1), reduction="none")
            return flat.view(ids.shape[0], -1).mean(1)
        x = F.layer_norm(x + self.places, (self.d,), *self.layers[0].norms[0])
        for layer in self.layers:
            x = self.encoder(layer, x, layer is self.layers[-1])
        pooled = torch.tanh(self.pooler(x[:, 0]))
        return F.cross_entropy(self.classifier(pooled), labels, reduction="none")


def step(model, ids, labels, clip=1.0, sigma=1.0, rate=0.01):
    model.losses(ids, labels).sum().backward()
    with torch.no_grad():
        loras = model.loras()
        samples = [g for lora in loras for g in (lora.b_samples, lora.a_samples)]
        norms = torch.stack([g.flatten(1).norm(dim=1) for g in samples]).norm(dim=0)
        factors = (clip / norms).clamp_(max=1.0)
        values = [v for lora in loras for v in (lora.b, lora.a)]
        for value, g in zip(values, samples):
            total = torch.mv(g.flatten(1).t(), factors).view_as(value)
            total.add_(torch.randn_like(total), alpha=clip * sigma)
            value.add_(total, alpha=-rate / ids.shape[0])


def gemm_rate(d):
    a, b, c = torch.randn(1024, d), torch.randn(d, d), torch.empty(1024, d)
    repeats, best = max(3, int(4e9 / (2 * 1024 * d * d))), 0.0
    for _ in range(5):
        wait()
        begin = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            torch.mm(a, b.t(), out=c)
        wait()
        spent = min(time.perf_counter() - begin[0], time.process_time() - begin[1]) \
            if torch.get_num_threads() == 1 and not c.is_cuda else time.perf_counter() - begin[0]
        best = max(best, repeats * 2 * 1024 * d * d / spent)
    return best


def wait():
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--shape", choices=sorted(SHAPES | LARGE))
    options.add_argument("--batch", type=int)
    options.add_argument("--rank", type=int, default=8)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--seconds", type=float, default=3.0)
    options.add_argument("--first-token", action="store_true")
    options.add_argument("--onednn", action="store_true", help="PyTorch 2: products with frozen weights by oneDNN")
    options.add_argument("--fused-attention", action="store_true", help="PyTorch 2: scaled_dot_product_attention")
    options.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="cuda: PyTorch 2, float32 without TF32")
    given = options.parse_args()
    global ONE_DNN
    ONE_DNN = given.onednn
    torch.set_num_threads(given.threads)
    torch.set_default_dtype(torch.float32)
    if given.device == "cuda":
        torch.set_default_device("cuda")
        torch.backends.cuda.matmul.allow_tf32 = False
        print(torch.cuda.get_device_name())
    print(f"PyTorch {torch.__version__}, {given.threads} threads, rank {given.rank} on query and value")
    print("| shape | batch | ms a step | CPU ms a step | tokens/s | GFLOP/s | GEMM GFLOP/s | share |\n" + "|---" * 8 + "|")
    for name in [given.shape] if given.shape else SHAPES:
        shape = (SHAPES | LARGE)[name]
        VOCABULARY["decoder"] = 32_000 if name == "llama-1b" else 512
        kind, d, layers, heads, key_heads, inner, tokens, batch = shape
        batch = given.batch or batch
        model = Model(shape, given.rank, given.first_token, given.fused_attention)
        labels = torch.randint(CLASSES, (batch,))
        ids = torch.randn(batch, CHANNELS, PIXELS, PIXELS) if kind == "images" \
            else torch.randint(VOCABULARY[kind], (batch, tokens))
        keys = d // heads * key_heads
        parameters = layers * (2 * d * d + 2 * d * keys + (3 if kind == "decoder" else 2) * d * inner)
        rate = gemm_rate(d)
        for _ in range(3):
            step(model, ids, labels)
        wall, cpu, begin = [], [], time.perf_counter()
        while len(wall) < 5 or time.perf_counter() - begin < given.seconds:
            start = time.perf_counter(), time.process_time()
            step(model, ids, labels)
            wait()
            wall.append((time.perf_counter() - start[0]) * 1e3)
            cpu.append((time.process_time() - start[1]) * 1e3)
        median = sorted(wall)[len(wall) // 2]
        spent = sorted(cpu)[len(cpu) // 2]
        ms = spent if given.threads == 1 and given.device == "cpu" else median
        speed = 4 * parameters * batch * tokens / ms / 1e6
        print(f"| {name} | {batch} | {median:.2f} | {spent:.2f} | {batch * tokens / ms * 1e3:.0f} | {speed:.1f} "
              f"| {rate / 1e9:.1f} | {100 * speed / (rate / 1e9):.0f} % |", flush=True)
        if given.device == "cuda":
            print(f"\nmost memory: {torch.cuda.max_memory_allocated() / 2**30:.2f} GiB\n", flush=True)


if __name__ == "__main__":
    main()
