"""Adapters and models that Lorica writes, loaded by peft and transformers."""

import json
import pathlib
import warnings

import numpy as np
import peft
import torch
import transformers as hf

import lorica
import models

RANKS = ["lora.rank=3", "lora.alpha=7"]


def settings(folder, name, model, data, *more):
    """A run of two rounds on two clients, without privacy."""
    lines = [f'name = "{name}"', f'out = "{folder}"', f'model.path = "{model}"', f'data.train = "{data}"', f'data.test = "{data}"',
             "privacy.mode = none", "federation.engine = local", "federation.rounds = 2", "federation.clients-per-round = 2",
             "federation.local-steps = 2", "federation.min-clients = 1", "clients.count = 2", 'optimizer.name = adamw', "optimizer.learning-rate = 0.05", "model.max-length = 128"]
    conf = folder / f"{name}.conf"
    conf.write_text("lorica {\n" + "\n".join(lines) + "\n}\n")
    options = []
    for setting in more:
        options += ["--set", setting]
    lorica.run("train", conf, *options)
    return next(p for p in folder.glob(f"{name}-*") if p.is_dir())


def labelled(folder, texts, classes, value=False):
    path = folder / f"train{classes}{value}.jsonl"
    rows = [{"text": t, "label": i / 3 if value else i % classes} for i, t in enumerate(texts * 4)]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def pictures(folder, side, classes):
    models.image_folder(folder, side, count=8)
    rows = ["image,label"] + [f"{i}.png,{i % classes}" for i in range(8)]
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder / "labels.csv"


def load_adapter(auto, base, adapter, **options):
    """The model under the adapter; any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = auto.from_pretrained(base, dtype=torch.float32, **options)
        return peft.PeftModel.from_pretrained(model, adapter).eval()


def load_merged(auto, place):
    model, told = auto.from_pretrained(place, output_loading_info=True)
    trouble = {key: value for key, value in told.items() if value and key != "error_msgs"}
    if trouble or told.get("error_msgs"):
        raise ValueError(f"loading info {trouble}")
    return model.eval()


SEQUENCE, CAUSAL = hf.AutoModelForSequenceClassification, hf.AutoModelForCausalLM
QUESTIONS, IMAGES = hf.AutoModelForQuestionAnswering, hf.AutoModelForImageClassification


def text_runs():
    """Case, base model, what loads it, options of loading, settings of the run."""
    bert, roberta, llama = models.bert, models.roberta, models.llama
    b, r, l, c = hf.BertForSequenceClassification, hf.RobertaForSequenceClassification, hf.LlamaForCausalLM, hf.LlamaForSequenceClassification
    three = {"num_labels": 3}
    yield "BERT, frozen head", b(bert(**three)), SEQUENCE, {}, []
    yield "BERT, trained head", b(bert(**three)), SEQUENCE, {}, ["model.head=trained"]
    yield "BERT, BF16, trained head", b(bert(**three)).to(torch.bfloat16), SEQUENCE, {}, ["model.head=trained"]
    yield "BERT, all layers, patterns, rank-stabilised", b(bert(**three)), SEQUENCE, {}, [
        'lora.target-modules=["query","key","value","attention.output.dense","intermediate.dense","output.dense"]', "lora.scaling=rank-stabilized",
        "lora.rank-pattern.value=5", 'lora.rank-pattern."layer.1.attention.self.query"=2', "lora.alpha-pattern.key=20"]
    yield "BERT, target dense", b(bert(**three)), SEQUENCE, {}, ['lora.target-modules=["dense"]']
    yield "BERT, no layer, trained head", b(bert(**three)), SEQUENCE, {}, ["model.head=trained", 'lora.target-modules=["none"]', "strategy.name=fedavg"]
    yield "BERT, fresh head of 5 classes, frozen", b(bert(**three)), SEQUENCE, {"num_labels": 5, "ignore_mismatched_sizes": True}, ["model.head-init=random", "model.classes=5"]
    yield "BERT backbone alone, fresh head and pooler", hf.BertModel(bert(), add_pooling_layer=False), SEQUENCE, {"num_labels": 3}, ["model.head=trained", "model.head-init=random", "model.classes=3"]
    yield "BERT, regression", b(bert(num_labels=1)), SEQUENCE, {}, ["data.target=value"]
    yield "BERT masked language model, regression", hf.BertForMaskedLM(bert()), SEQUENCE, {"num_labels": 1}, ["data.target=value", "model.task=regression", "model.head=trained", "model.head-init=zero"]
    for strategy in ["fedavg", "ffa", "rolora", "flexlora", "flora", "fedex", "fedsvd", "lalora", "laask", "aslora"]:
        yield f"RoBERTa, {strategy}, trained head", r(roberta(**three)), SEQUENCE, {}, ["model.head=trained", f"strategy.name={strategy}", "strategy.score=gradient"]
    yield "RoBERTa, flora with patterns", r(roberta(**three)), SEQUENCE, {}, ["strategy.name=flora", "lora.rank-pattern.value=2", "lora.alpha-pattern.query=3"]
    yield "RoBERTa, fedex, rank-stabilised, patterns", r(roberta(**three)), SEQUENCE, {}, ["strategy.name=fedex", "lora.scaling=rank-stabilized", 'lora.rank-pattern."layer.2.*"=2']
    yield "RoBERTa, frozen fresh head", r(roberta(**three)), SEQUENCE, {"num_labels": 4, "ignore_mismatched_sizes": True}, ["model.head-init=random", "model.classes=4"]
    yield "RoBERTa, regression, trained head", r(roberta(num_labels=1)), SEQUENCE, {}, ["data.target=value", "model.head=trained"]
    yield "LLaMA, language model", l(llama()), CAUSAL, {}, []
    yield "LLaMA, tied, all layers", l(llama(tie_word_embeddings=True)), CAUSAL, {}, ['lora.target-modules=["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"]']
    yield "LLaMA, flora", l(llama()), CAUSAL, {}, ["strategy.name=flora"]
    yield "LLaMA, 3 classes, trained head", c(llama(**three)), SEQUENCE, {}, ["model.head=trained"]
    yield "LLaMA language model, fresh head of 3 classes", l(llama()), SEQUENCE, {"num_labels": 3}, ["model.head=trained", "model.head-init=zero", "model.classes=3"]
    yield "LLaMA, regression", c(llama(num_labels=1)), SEQUENCE, {}, ["data.target=value"]


def image_runs():
    vit, deit, teacher, swin = hf.ViTForImageClassification, hf.DeiTForImageClassification, hf.DeiTForImageClassificationWithTeacher, hf.SwinForImageClassification
    small = dict(embed_dim=12, depths=[2, 2], num_heads=[2, 4], window_size=3, image_size=24, patch_size=2, num_labels=3)
    square = dict(**models.VIT, num_labels=3)
    layers = 'lora.target-modules=["query","key","value","attention.output.dense","intermediate.dense","output.dense"]'
    yield "ViT, frozen head", vit(hf.ViTConfig(**square)), IMAGES, {}, []
    yield "ViT, trained head, all layers, patterns", vit(hf.ViTConfig(**square)), IMAGES, {}, ["model.head=trained", layers, "lora.rank-pattern.value=2", 'lora.alpha-pattern."layer.1.*"=3']
    yield "ViT, one layer", vit(hf.ViTConfig(**square)), IMAGES, {}, ['lora.target-modules=["layer.1.output.dense"]']
    yield "ViT, flora", vit(hf.ViTConfig(**square)), IMAGES, {}, ["strategy.name=flora", "lora.rank-pattern.value=2"]
    yield "ViT, no layer, trained head", vit(hf.ViTConfig(**square)), IMAGES, {}, ["model.head=trained", 'lora.target-modules=["none"]', "strategy.name=fedavg"]
    yield "ViT, fresh head of 5 classes", vit(hf.ViTConfig(**square)), IMAGES, {"num_labels": 5, "ignore_mismatched_sizes": True}, ["model.head=trained", "model.head-init=random", "model.classes=5"]
    yield "DeiT, trained head", deit(hf.DeiTConfig(**square)), IMAGES, {}, ["model.head=trained"]
    yield "DeiT with teacher, trained head", teacher(hf.DeiTConfig(**square)), teacher, {}, ["model.head=trained"]
    yield "DeiT with teacher, frozen fresh head", teacher(hf.DeiTConfig(**square)), teacher, {"num_labels": 4, "ignore_mismatched_sizes": True}, ["model.head-init=random", "model.classes=4"]
    yield "Swin, trained head, all layers", swin(hf.SwinConfig(**small)), IMAGES, {}, ["model.head=trained", layers.replace("]", ',"downsample.reduction"]')]
    yield "Swin, fedex", swin(hf.SwinConfig(**small)), IMAGES, {}, ["strategy.name=fedex"]


def compare(account, case, runs, loaded, predicted, merging=True):
    """The run's adapter, its copy by export --peft, and the merged model."""
    part = "exports"
    try:
        run = runs()
        lorica.run("export", run, "--peft", run / "peft", "--merged", run / "merged")
    except lorica.Refused as refusal:
        return account.same(part, case, lambda: [], lambda: (_ for _ in ()).throw(refusal))
    found = predicted("adapter", run / "adapter")
    account.same(part, case + ": adapter", lambda: loaded("adapter", run / "adapter"), found)
    account.same(part, case + ": export --peft", lambda: loaded("adapter", run / "peft"), found)
    account.same(part, case + ": export --merged", lambda: loaded("merged", run / "merged"), found)
    account.same(part, case + ": export --merged, in Lorica", lambda: found, lambda: predicted("merged", run / "merged"))


def check(account, folder):
    for i, (case, base, auto, options, more) in enumerate(text_runs()):
        place = models.saved(models.fill(base), folder / f"base{i}")
        value = any("value" == m.split("=")[-1] for m in more)
        data = labelled(folder, models.TEXTS, 3, value)
        kind = ["data.source=jsonl"]

        def loaded(what, path):
            model = load_merged(auto, path) if what == "merged" else load_adapter(auto, place, path, **options)
            return models.text_logits(model)

        def predicted(what, path):
            return lorica.predict(path, models.text_file(folder)) if what == "merged" else lorica.predict(place, models.text_file(folder), "--adapter", path)

        compare(account, case, lambda: settings(folder, f"text{i}", place, data, *RANKS, *kind, *more), loaded, predicted)
        if i in (0, 1):
            onwards(account, f"{case}: ", auto, place, next(folder.glob(f"text{i}-*")) / "adapter", models.text_logits, lambda path: predicted("adapter", path),
                    dict(input_ids=torch.tensor([models.ids("Maria").ids]), labels=torch.tensor([1])))

    for i, (case, base, more) in enumerate([
            ("BERT, question answering, trained head", hf.BertForQuestionAnswering(models.bert()), ["model.head=trained"]),
            ("RoBERTa, question answering, fresh head", hf.RobertaForMaskedLM(models.roberta(type_vocab_size=2)),
             ["model.head=trained", "model.head-init=random", "model.task=question-answering"])]):
        place = models.saved(models.fill(base), folder / f"qa{i}")
        data = models.squad_file(folder)

        def loaded(what, path):
            if what == "merged":
                return models.answer_logits(load_merged(QUESTIONS, path))
            # PeftModelForQuestionAnswering of peft 0.21 drops token_type_ids; what is under it does not.
            return models.answer_logits(load_adapter(QUESTIONS, place, path).base_model)

        def predicted(what, path):
            return lorica.predict(path, data) if what == "merged" else lorica.predict(place, data, "--adapter", path)

        compare(account, case, lambda: settings(folder, f"qa{i}", place, data, *RANKS, "data.source=squad", *more), loaded, predicted)

    for i, (case, base, auto, options, more) in enumerate(image_runs()):
        place = models.saved(models.fill(base), folder / f"vision{i}")
        side = base.config.image_size
        models.preprocessing(place, side)
        data = pictures(folder / f"pictures{i}", side, 3)
        pixels = models.image_folder(folder / f"shown{i}", side)

        def loaded(what, path):
            return models.image_logits(load_merged(auto, path) if what == "merged" else load_adapter(auto, place, path, **options), pixels)

        def predicted(what, path):
            shown = folder / f"shown{i}" / "labels.csv"
            return lorica.predict(path, shown) if what == "merged" else lorica.predict(place, shown, "--adapter", path)

        compare(account, case, lambda: settings(folder, f"vision{i}", place, data, *RANKS, "data.source=image-folder", *more), loaded, predicted)
        if i in (1, 9):
            onwards(account, f"{case}: ", auto, place, next(folder.glob(f"vision{i}-*")) / "adapter", lambda model: models.image_logits(model, pixels),
                    lambda path: lorica.predict(place, folder / f"shown{i}" / "labels.csv", "--adapter", path),
                    dict(pixel_values=torch.tensor(pixels / 255.0 * 2 - 1, dtype=torch.float32), labels=torch.tensor([0, 1, 2])))


def onwards(account, case, auto, place, adapter, logits, predicted, batch):
    """transformers' own loader, PEFT's merging, and training that PEFT continues and Lorica reads."""
    part = "exports"

    def under_transformers():
        model = auto.from_pretrained(place)
        model.load_adapter(str(adapter))
        return logits(model.eval())

    account.same(part, case + "load_adapter of transformers", under_transformers, lambda: predicted(adapter))
    account.same(part, case + "merge_and_unload", lambda: logits(load_adapter(auto, place, adapter).merge_and_unload().eval()), lambda: predicted(adapter))
    model = peft.PeftModel.from_pretrained(auto.from_pretrained(place), adapter, is_trainable=True)
    steps = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.5)
    for _ in range(3):
        steps.zero_grad()
        model(**batch).loss.backward()
        steps.step()
    more = adapter.parent / "more"
    model.save_pretrained(more)
    account.same(part, case + "trained on by peft", lambda: logits(model.eval()), lambda: predicted(more))
