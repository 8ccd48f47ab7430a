"""Logits of models that transformers makes and saves, against those of Lorica."""

import json
import pathlib
import shutil

import numpy as np
import tokenizers
import torch
import transformers as hf
from PIL import Image

import lorica

SEED = 7
TEXTS = ["Maria", "Ærøskøbing and 東京", "a", "the quick brown fox, twice: the quick brown fox", "tab\tno", "  two  spaces "]
PASSAGE = "The Elbe is a long river. It rises in the Giant Mountains, and it ends in the North Sea near Cuxhaven."
QUESTIONS = ["Which river?", "Where does it rise?"]
TOKENIZER = lorica.HOME / "conf" / "names-base" / "tokenizer.json"


def fill(model, seed=SEED):
    """Random weights that let every tensor matter."""
    draws = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=draws)
            if value.dim() < 2:
                value.copy_(0.2 * noise + (1.0 if name.endswith("weight") else 0.0))
            elif "embed" in name and "projection" not in name:
                value.copy_(0.5 * noise)
            else:
                value.copy_(noise * 1.2 / value[0].numel() ** 0.5)
    return model.eval()


def saved(model, folder, **options):
    folder = pathlib.Path(folder)
    model.save_pretrained(folder, **options)
    if model.config.model_type in ("bert", "roberta", "llama"):
        shutil.copy(TOKENIZER, folder / "tokenizer.json")
    return folder


def ids(text, pair=None):
    tokenizer = tokenizers.Tokenizer.from_file(str(TOKENIZER))
    return tokenizer.encode(text, pair) if pair is not None else tokenizer.encode(text)


def text_logits(model, texts=TEXTS):
    """As transformers computes them, a text at a time; a language model's at the last position."""
    out = []
    with torch.no_grad():
        for text in texts:
            tokens = torch.tensor([ids(text).ids])
            logits = model(input_ids=tokens).logits[0]
            out.append((logits[-1] if logits.dim() == 2 else logits).float().numpy())
    return out


def answer_logits(model):
    """Scores of every token as the first one, then as the last one."""
    out = []
    with torch.no_grad():
        for question in QUESTIONS:
            both = ids(question, PASSAGE)
            got = model(input_ids=torch.tensor([both.ids]), token_type_ids=torch.tensor([both.type_ids]))
            out.append(torch.cat([got.start_logits[0], got.end_logits[0]]).float().numpy())
    return out


def text_file(folder, texts=TEXTS):
    path = folder / "texts.jsonl"
    path.write_text("".join(json.dumps({"text": t, "label": 0}) + "\n" for t in texts))
    return path


def squad_file(folder):
    path = folder / "squad.json"
    qas = [{"id": str(i), "question": q, "answers": [{"text": "Elbe", "answer_start": 4}]} for i, q in enumerate(QUESTIONS)]
    path.write_text(json.dumps({"data": [{"title": "t", "paragraphs": [{"context": PASSAGE, "qas": qas}]}]}))
    return path


def image_folder(folder, side, channels=3, count=3):
    """Random PNG files with labels.csv; the pixels, count × channels × side × side, in [0, 255]."""
    folder.mkdir(parents=True, exist_ok=True)
    draws = np.random.default_rng(SEED)
    pixels = draws.integers(0, 256, (count, side, side, channels), dtype=np.uint8)
    lines = ["image,label"]
    for i, image in enumerate(pixels):
        Image.fromarray(image if channels == 3 else image[:, :, 0]).save(folder / f"{i}.png")
        lines.append(f"{i}.png,0")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return pixels.transpose(0, 3, 1, 2)


def image_logits(model, pixels, **options):
    values = torch.tensor(pixels / 255.0 * 2 - 1, dtype=torch.float32)
    with torch.no_grad():
        return list(model(pixel_values=values, **options).logits.numpy())


def preprocessing(folder, side, channels=3):
    half = [0.5] * channels
    (folder / "preprocessor_config.json").write_text(
        json.dumps({"do_resize": True, "size": {"height": side, "width": side}, "image_mean": half, "image_std": half}))


SMALL = dict(hidden_size=24, num_hidden_layers=3, num_attention_heads=3, intermediate_size=37, vocab_size=263)


def bert(**more):
    return hf.BertConfig(**{**SMALL, "max_position_embeddings": 160, **more})


def roberta(**more):
    return hf.RobertaConfig(**{**SMALL, "max_position_embeddings": 162, "type_vocab_size": 1, **more})


def llama(**more):
    return hf.LlamaConfig(**{**SMALL, "num_attention_heads": 6, "num_key_value_heads": 2, "max_position_embeddings": 160, **more})


def rope(**more):
    """Rotary settings in the words of the installed version."""
    if int(hf.__version__.split(".")[0]) >= 5:
        return {"rope_parameters": {"rope_theta": 10000.0, "rope_type": "default", **more}}
    theta = more.pop("rope_theta", 10000.0)
    return {"rope_theta": theta, "rope_scaling": more or None}


def text_models():
    """Case, model, expected logits, data file, options of saving."""
    cls, regression, llm = hf.BertForSequenceClassification, {"num_labels": 1}, hf.LlamaForCausalLM
    yield "BERT, 2 classes", cls(bert()), {}
    yield "BERT, 5 classes, in shards of 20 KB", cls(bert(num_labels=5)), {"max_shard_size": "20KB"}
    yield "BERT, layer_norm_eps 0.01, one head, type_vocab_size 1", cls(bert(layer_norm_eps=0.01, num_attention_heads=1, type_vocab_size=1)), {}
    yield "BERT, regression", cls(bert(**regression)), {}
    yield "BERT, BF16", cls(bert()).to(torch.bfloat16), {}
    yield "BERT, F16", cls(bert()).half(), {}
    yield "BERT, chunked feed-forward, names of classes", cls(bert(chunk_size_feed_forward=1, id2label={0: "no", 1: "maybe", 2: "yes"}, label2id={"no": 0, "maybe": 1, "yes": 2})), {}
    yield "BERT, classifier_dropout, tie_word_embeddings false", cls(bert(classifier_dropout=0.3, tie_word_embeddings=False)), {}
    rob = hf.RobertaForSequenceClassification
    yield "RoBERTa, 2 classes", rob(roberta()), {}
    yield "RoBERTa, 4 classes, pad_token_id 0, 2 types", rob(roberta(num_labels=4, pad_token_id=0, type_vocab_size=2)), {}
    yield "RoBERTa, pad_token_id 101 (a letter)", rob(roberta(pad_token_id=101)), {}
    yield "RoBERTa, regression, in shards", rob(roberta(**regression)), {"max_shard_size": "20KB"}
    yield "LLaMA, language model", llm(llama()), {}
    yield "LLaMA, tied embeddings", llm(llama(tie_word_embeddings=True)), {}
    yield "LLaMA, head_dim 10, 6 key heads, rms_norm_eps 0.01", llm(llama(head_dim=10, num_key_value_heads=6, rms_norm_eps=0.01)), {}
    yield "LLaMA, one key head, rope_theta 500", llm(llama(num_key_value_heads=1, **rope(rope_theta=500.0))), {}
    yield "LLaMA, BF16, in shards", llm(llama()).to(torch.bfloat16), {"max_shard_size": "20KB"}
    yield "LLaMA, tied, F16", llm(llama(tie_word_embeddings=True)).half(), {}
    yield "LLaMA, 3 classes", hf.LlamaForSequenceClassification(llama(num_labels=3)), {}
    yield "LLaMA, 3 classes, pad_token_id", hf.LlamaForSequenceClassification(llama(num_labels=3, pad_token_id=0)), {}
    yield "LLaMA, 3 classes, pad_token_id = closing token", hf.LlamaForSequenceClassification(llama(num_labels=3, pad_token_id=3)), {}
    yield "LLaMA, regression", hf.LlamaForSequenceClassification(llama(num_labels=1)), {}


def refused_models():
    """Case, model, words that the error must hold."""
    cls, llm = hf.BertForSequenceClassification, hf.LlamaForCausalLM
    yield "BERT, hidden_act gelu_new", cls(bert(hidden_act="gelu_new")), ["hidden_act"]
    yield "BERT, hidden_act relu", cls(bert(hidden_act="relu")), ["hidden_act"]
    yield "BERT, is_decoder", cls(bert(is_decoder=True)), ["is_decoder"]
    yield "RoBERTa, is_decoder", hf.RobertaForSequenceClassification(roberta(is_decoder=True)), ["is_decoder"]
    yield "BERT, multi-label problem_type", cls(bert(num_labels=3, problem_type="multi_label_classification")), ["problem_type"]
    yield "BERT, classes of tokens", hf.BertForTokenClassification(bert(num_labels=3)), []
    yield "BERT, masked language model", hf.BertForMaskedLM(bert()), ["pooler"]
    yield "BERT, backbone alone", hf.BertModel(bert()), ["classifier"]
    yield "RoBERTa, classes of tokens", hf.RobertaForTokenClassification(roberta(num_labels=3)), []
    yield "RoBERTa, multiple choice", hf.RobertaForMultipleChoice(roberta()), []
    yield "BERT, next sentence", hf.BertForNextSentencePrediction(bert()), []
    yield "LLaMA, backbone alone", hf.LlamaModel(llama()), []
    yield "LLaMA, classes of tokens", hf.LlamaForTokenClassification(llama(num_labels=3)), []
    yield "LLaMA, question answering", hf.LlamaForQuestionAnswering(llama()), []
    yield "LLaMA, attention_bias", llm(llama(attention_bias=True)), ["attention_bias"]
    yield "LLaMA, mlp_bias", llm(llama(mlp_bias=True)), ["mlp_bias"]
    yield "LLaMA, linear rope", llm(llama(**rope(rope_type="linear", factor=2.0))), ["rope_"]
    yield "LLaMA, dynamic rope", llm(llama(**rope(rope_type="dynamic", factor=2.0))), ["rope_"]
    llama3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)
    yield "LLaMA, llama3 rope", llm(llama(**rope(**llama3))), ["rope_"]
    yield "LLaMA, hidden_act gelu", llm(llama(hidden_act="gelu")), ["hidden_act"]


VIT = dict(hidden_size=24, num_hidden_layers=3, num_attention_heads=3, intermediate_size=37, image_size=20, patch_size=4)


def vision_models():
    """Case, model, channels, size at which images are shown or None for the model's."""
    vit, deit, teacher, swin = hf.ViTForImageClassification, hf.DeiTForImageClassification, hf.DeiTForImageClassificationWithTeacher, hf.SwinForImageClassification
    yield "ViT, 2 classes", vit(hf.ViTConfig(**VIT)), 3, None
    yield "ViT, 7 classes, grey, no qkv_bias, eps 0.01", vit(hf.ViTConfig(**VIT, num_labels=7, num_channels=1, qkv_bias=False, layer_norm_eps=0.01)), 1, None
    yield "ViT at a larger size", vit(hf.ViTConfig(**VIT)), 3, 32
    yield "ViT at a smaller size", vit(hf.ViTConfig(**VIT)), 3, 12
    yield "DeiT", deit(hf.DeiTConfig(**VIT, num_labels=3)), 3, None
    yield "DeiT with teacher", teacher(hf.DeiTConfig(**VIT, num_labels=3)), 3, None
    yield "DeiT with teacher, larger, no qkv_bias", teacher(hf.DeiTConfig(**VIT, num_labels=3, qkv_bias=False)), 3, 28
    small = dict(embed_dim=12, depths=[2, 2], num_heads=[2, 4], window_size=3, image_size=24, patch_size=2)
    yield "Swin, windows that fit", swin(hf.SwinConfig(**small, num_labels=4)), 3, None
    yield "Swin, windows filled up, mlp_ratio 2.5", swin(hf.SwinConfig(**{**small, "window_size": 5, "mlp_ratio": 2.5})), 3, None
    yield "Swin, odd grids, three stages", swin(hf.SwinConfig(**{**small, "depths": [1, 2, 3], "num_heads": [1, 2, 3], "image_size": 26, "window_size": 4})), 3, None
    yield "Swin, windows as wide as the last grid", swin(hf.SwinConfig(**{**small, "window_size": 6})), 3, None
    yield "Swin, even windows, no qkv_bias, eps 0.01", swin(hf.SwinConfig(**{**small, "window_size": 4, "qkv_bias": False, "layer_norm_eps": 0.01})), 3, None
    if int(hf.__version__.split(".")[0]) >= 5:  # version 4 allocates one row too many and can not add them
        yield "Swin, absolute positions", swin(hf.SwinConfig(**small, use_absolute_embeddings=True)), 3, None
        yield "Swin, absolute positions, at a larger size", swin(hf.SwinConfig(**small, use_absolute_embeddings=True)), 3, 36
    yield "Swin, grey, one stage", swin(hf.SwinConfig(**{**small, "depths": [2], "num_heads": [3], "num_channels": 1})), 1, None
    yield "Swin at a larger size", swin(hf.SwinConfig(**small)), 3, 36


def check(account, folder):
    part = "models"
    texts, questions = text_file(folder), squad_file(folder)
    for i, (case, model, options) in enumerate(text_models()):
        dtype = model.dtype
        place = saved(fill(model), folder / f"text{i}", **options)
        stored = type(model).from_pretrained(place, dtype=torch.float32).eval()
        assert dtype == model.dtype
        account.same(part, case, lambda: text_logits(stored), lambda: lorica.predict(place, texts))
    for i, (case, model) in enumerate([("BERT, question answering", hf.BertForQuestionAnswering(bert())),
                                       ("RoBERTa, question answering", hf.RobertaForQuestionAnswering(roberta(type_vocab_size=2)))]):
        place = saved(fill(model), folder / f"qa{i}")
        account.same(part, case, lambda: answer_logits(model), lambda: lorica.predict(place, questions))
    for i, (case, model, words) in enumerate(refused_models()):
        place = saved(fill(model), folder / f"refused{i}")
        account.refused(part, case, lambda: lorica.predict(place, texts), *words)
    for i, (case, model, channels, shown) in enumerate(vision_models()):
        place = saved(fill(model), folder / f"image{i}")
        own = model.config.image_size
        preprocessing(place, own, channels)
        side = shown or own
        pixels = image_folder(folder / f"pictures{i}", side, channels)
        options = {} if shown is None or not hasattr(model.base_model.embeddings, "interpolate_pos_encoding") else {"interpolate_pos_encoding": True}
        size = [] if shown is None else ["--image-size", side]
        expected = lambda: image_logits(model, pixels, **options)
        account.same(part, case, expected, lambda: lorica.predict(place, folder / f"pictures{i}" / "labels.csv", *size))
    pretrained(account, part, folder)


def pretrained(account, part, folder):
    """Models that were trained: the repository's own, and those of ../shared/data where that is."""
    names = folder / "names.jsonl"
    names.write_text("".join(json.dumps({"text": t}) + "\n" for t in TEXTS))
    small = lorica.HOME / "conf" / "names-base"
    model, told = hf.AutoModelForSequenceClassification.from_pretrained(small, output_loading_info=True)
    account.equal(part, "conf/names-base: no tensor missing or left", [], sorted(told["missing_keys"]) + sorted(told["unexpected_keys"]))
    account.same(part, "conf/names-base", lambda: text_logits(model.eval()), lambda: lorica.predict(small, names))
    data = lorica.HOME.parent / "shared" / "data"
    stories = data / "stories260k"
    if stories.exists():
        model = hf.AutoModelForCausalLM.from_pretrained(stories).eval()
        tokenizer = tokenizers.Tokenizer.from_file(str(stories / "tokenizer.json"))
        with torch.no_grad():
            expected = [model(input_ids=torch.tensor([tokenizer.encode(t).ids])).logits[0, -1].numpy() for t in TEXTS]
        account.same(part, "stories260k", expected, lambda: lorica.predict(stories, names))
    deit = data / "deit-tiny-imagenet"
    if deit.exists():
        model = hf.AutoModelForImageClassification.from_pretrained(deit).eval()
        processor = hf.ViTImageProcessor(size={"height": 224, "width": 224}, resample=2, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
        place = folder / "photographs"
        image_folder(place, 61)
        pictures = [Image.open(place / f"{i}.png") for i in range(3)]
        with torch.no_grad():
            expected = list(model(pixel_values=torch.cat([processor(p, return_tensors="pt").pixel_values for p in pictures])).logits.numpy())
        account.same(part, "deit-tiny", expected, lambda: lorica.predict(deit, place / "labels.csv"))
