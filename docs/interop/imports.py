"""Adapters that peft makes and saves, read by Lorica."""

import torch
import transformers as hf
from peft import AdaLoraConfig, IA3Config, LoraConfig, PeftModel, TaskType, get_peft_model

import exports
import lorica
import models


def made(model, config, folder, **saving):
    """A saved adapter with random values in all of its tensors, and the model under it."""
    adapted = get_peft_model(model, config)
    draws = torch.Generator().manual_seed(models.SEED)
    with torch.no_grad():
        for name, value in adapted.named_parameters():
            if "lora_" in name or "modules_to_save" in name:
                value.copy_(0.3 * torch.randn(value.shape, generator=draws))
    adapted.save_pretrained(folder, **saving)
    return adapted.eval()


def base(kind, **more):
    return {"bert": lambda: hf.BertForSequenceClassification(models.bert(num_labels=3, **more)),
            "roberta": lambda: hf.RobertaForSequenceClassification(models.roberta(num_labels=3, **more)),
            "llama": lambda: hf.LlamaForCausalLM(models.llama(**more)),
            "scored llama": lambda: hf.LlamaForSequenceClassification(models.llama(num_labels=3, **more)),
            "vit": lambda: hf.ViTForImageClassification(hf.ViTConfig(**models.VIT, num_labels=3)),
            "deit": lambda: hf.DeiTForImageClassificationWithTeacher(hf.DeiTConfig(**models.VIT, num_labels=3)),
            "swin": lambda: hf.SwinForImageClassification(hf.SwinConfig(
                embed_dim=12, depths=[2, 2], num_heads=[2, 4], window_size=3, image_size=24, patch_size=2, num_labels=3))}[kind]()


NEWER = int(hf.__version__.split(".")[0]) >= 5
QUERY, VALUE = ("q_proj", "v_proj") if NEWER else ("query", "value")


def read():
    """Case, kind of model, the adapter's configuration: must give PEFT's logits."""
    qv, task = ["query", "value"], TaskType.SEQ_CLS
    yield "query and value", "bert", LoraConfig(r=3, lora_alpha=5, target_modules=qv)
    yield "SEQ_CLS, head with it", "bert", LoraConfig(r=3, target_modules=qv, task_type=task)
    yield "SEQ_CLS, head with it", "roberta", LoraConfig(r=3, target_modules=qv, task_type=task)
    yield "SEQ_CLS, head with it", "scored llama", LoraConfig(r=3, target_modules=["q_proj", "v_proj"], task_type=task)
    yield "PEFT's own targets", "llama", LoraConfig(r=3, task_type=TaskType.CAUSAL_LM)
    yield "all-linear, CAUSAL_LM", "llama", LoraConfig(r=3, target_modules="all-linear", task_type=TaskType.CAUSAL_LM)
    yield "rank-stabilised", "bert", LoraConfig(r=3, target_modules=qv, use_rslora=True)
    yield "rank_pattern and alpha_pattern", "bert", LoraConfig(r=3, target_modules=qv, rank_pattern={"value": 5, "layer.1.attention.self.query": 2}, alpha_pattern={"query": 1, ".*layer\\.2.*": 30})
    yield "rank_pattern with a caret", "bert", LoraConfig(r=3, target_modules=qv, rank_pattern={"^bert.encoder.layer.0.attention.self.query": 2})
    yield "patterns, rank-stabilised", "llama", LoraConfig(r=3, target_modules=["q_proj", "down_proj"], use_rslora=True, rank_pattern={"down_proj": 2}, alpha_pattern={"q_proj": 1.5})
    yield "targets by a regular expression", "bert", LoraConfig(r=3, target_modules=r".*layer\.(0|2)\..*(query|value)")
    yield "layers_to_transform", "bert", LoraConfig(r=3, target_modules=qv, layers_to_transform=[1])
    yield "layers_to_transform and layers_pattern", "llama", LoraConfig(r=3, target_modules=["q_proj"], layers_to_transform=[0, 2], layers_pattern="layers")
    yield "exclude_modules", "bert", LoraConfig(r=3, target_modules=qv, exclude_modules=["layer.1.attention.self.query"])
    yield "exclude_modules by a regular expression", "llama", LoraConfig(r=3, target_modules="all-linear", exclude_modules=r".*(up|gate)_proj", task_type=TaskType.CAUSAL_LM)
    yield "names that the model lacks", "roberta", LoraConfig(r=3, target_modules=["query", "q_proj", "nothing"])
    yield "fan_in_fan_out", "bert", LoraConfig(r=3, target_modules=qv, fan_in_fan_out=True)
    yield "dropout, gaussian start", "bert", LoraConfig(r=3, target_modules=qv, lora_dropout=0.4, init_lora_weights="gaussian")
    yield "orthogonal start", "bert", LoraConfig(r=4, target_modules=qv, init_lora_weights="orthogonal")
    yield "no factors at first", "bert", LoraConfig(r=3, target_modules=qv, init_lora_weights=False)
    yield "query and value", "vit", LoraConfig(r=3, target_modules=[QUERY, VALUE])
    yield "all-linear and head", "vit", LoraConfig(r=3, target_modules="all-linear", modules_to_save=["classifier"])
    yield "patterns", "vit", LoraConfig(r=3, target_modules=[QUERY, VALUE], rank_pattern={VALUE: 5}, alpha_pattern={QUERY: 2})
    yield "a regular expression, head", "deit", LoraConfig(r=3, target_modules=f".*\\.1\\..*({QUERY}|{VALUE})", modules_to_save=["cls_classifier", "distillation_classifier"])
    yield "all-linear", "swin", LoraConfig(r=3, target_modules="all-linear", modules_to_save=["classifier"])


def refused():
    """Case, kind of model, configuration, words that the error must hold."""
    qv = ["query", "value"]
    yield "DoRA", "bert", LoraConfig(r=3, target_modules=qv, use_dora=True), ["use_dora"]
    yield "bias = lora_only", "bert", LoraConfig(r=3, target_modules=qv, bias="lora_only"), ["bias"]
    yield "bias = all", "bert", LoraConfig(r=3, target_modules=qv, bias="all"), ["bias"]
    yield "lora_bias", "bert", LoraConfig(r=3, target_modules=qv, lora_bias=True), ["lora_bias"]
    yield "PiSSA", "bert", LoraConfig(r=3, target_modules=qv, init_lora_weights="pissa"), ["init_lora_weights", "pissa"]
    yield "OLoRA", "bert", LoraConfig(r=3, target_modules=qv, init_lora_weights="olora"), ["init_lora_weights", "olora"]
    yield "AdaLoRA", "bert", AdaLoraConfig(target_modules=qv, total_step=10), ["peft_type"]
    yield "IA3", "bert", IA3Config(target_modules=["query", "output.dense"], feedforward_modules=["output.dense"]), ["peft_type"]
    yield "factors of the embedding", "llama", LoraConfig(r=3, target_modules=["q_proj", "embed_tokens"]), ["embed_tokens"]
    yield "factors of the language head", "llama", LoraConfig(r=3, target_modules=["q_proj", "lm_head"]), ["lm_head"]
    yield "factors of the classifier", "bert", LoraConfig(r=3, target_modules=["query", "classifier"]), ["classifier"]
    yield "all-linear without a head", "roberta", LoraConfig(r=3, target_modules="all-linear"), ["classifier"]
    yield "dense, which the pooler is", "bert", LoraConfig(r=3, target_modules=["dense"]), ["pooler"]
    yield "a saved pooler", "bert", LoraConfig(r=3, target_modules=qv, modules_to_save=["classifier", "pooler"]), ["pooler"]
    yield "saved norms", "llama", LoraConfig(r=3, target_modules=["q_proj"], modules_to_save=["norm"]), ["norm"]
    yield "a saved language head", "llama", LoraConfig(r=3, target_modules=["q_proj"], modules_to_save=["lm_head"]), ["lm_head"]
    yield "trainable tokens", "bert", LoraConfig(r=3, target_modules=qv, trainable_token_indices=[3]), ["trainable_token_indices"]
    yield "aLoRA", "llama", LoraConfig(r=3, target_modules=["q_proj"], alora_invocation_tokens=[1], task_type=TaskType.CAUSAL_LM), ["alora_invocation_tokens"]


def check(account, folder):
    part = "imports"
    texts = models.text_file(folder)
    for i, (case, kind, config) in enumerate(read()):
        plain = models.fill(base(kind))
        place = models.saved(plain, folder / f"base{i}")
        images = kind in ("vit", "deit", "swin")
        if images:
            side = plain.config.image_size
            models.preprocessing(place, side)
            pixels = models.image_folder(folder / f"pictures{i}", side)
        made(plain, config, folder / f"adapter{i}")
        # Read back: PEFT sorts the keys of rank_pattern when it saves, and takes the first that matches.
        adapted = PeftModel.from_pretrained(type(plain).from_pretrained(place), folder / f"adapter{i}").eval()
        data = folder / f"pictures{i}" / "labels.csv" if images else texts
        expected = (lambda: models.image_logits(adapted, pixels)) if images else (lambda: models.text_logits(adapted))
        account.same(part, f"{kind}: {case}", expected, lambda: lorica.predict(place, data, "--adapter", folder / f"adapter{i}"))
    for i, (case, kind, config, words) in enumerate(refused()):
        plain = models.fill(base(kind))
        place = models.saved(plain, folder / f"refusedbase{i}")
        made(plain, config, folder / f"refused{i}")
        account.refused(part, f"{kind}: {case}", lambda: lorica.predict(place, texts, "--adapter", folder / f"refused{i}"), *words)

    # A PiSSA adapter that was saved for the unchanged model is an ordinary one.
    plain = models.fill(base("bert"))
    place = models.saved(plain, folder / "pissabase")
    adapted = get_peft_model(plain, LoraConfig(r=3, target_modules=["query"], init_lora_weights="pissa"))
    adapted.save_pretrained(folder / "start")
    with torch.no_grad():
        for name, value in adapted.named_parameters():
            if "lora_" in name:
                value.add_(0.1)
    adapted.save_pretrained(folder / "pissa", path_initial_model_for_weight_conversion=str(folder / "start"))
    account.same(part, "bert: PiSSA, converted when saved", lambda: models.text_logits(adapted.eval()),
                 lambda: lorica.predict(place, texts, "--adapter", folder / "pissa"))

    # A run that starts from PEFT's adapter and learns nothing ends with its logits.
    for kind, data in (("bert", exports.labelled(folder, models.TEXTS, 3)), ("llama", texts)):
        plain = models.fill(base(kind))
        place = models.saved(plain, folder / f"startbase{kind}")
        targets = ["query", "value"] if kind == "bert" else ["q_proj", "v_proj"]
        adapted = made(plain, LoraConfig(r=3, lora_alpha=7, target_modules=targets), folder / f"start{kind}")
        # ffa trains B only; a step size of nearly nothing leaves it in place.
        run = lambda: exports.settings(folder, f"start{kind}", place, data, *exports.RANKS, "data.source=jsonl", "strategy.name=ffa",
                                       "optimizer.learning-rate=1e-9", f"adapter.init={folder / f'start{kind}'}")
        account.same(part, f"{kind}: adapter.init", lambda: models.text_logits(adapted), lambda: lorica.predict(place, texts, "--adapter", run() / "adapter"))
