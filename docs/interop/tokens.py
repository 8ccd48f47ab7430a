"""Token ids, segments, truncation and windows, against the tokenizers library by way of a model's logits.

Lorica does not print token ids. A random encoder's scores of every token tell ids, segments and order as well: they agree only where all
of these do.
"""

import json
import shutil

import tokenizers
import torch
import transformers as hf
from tokenizers import decoders, normalizers, pre_tokenizers, processors, trainers

import lorica
import models

NASTY = [
    "plain words", "", " ", "  leading and trailing  ", "tab\tand\nnew line\r\nand\u00a0no-break\u2003em space", "Ünïcödé, naïve façade: ÅNGSTRÖM İstanbul ß",
    "e\u0301 combining, a\u0308\u0323 two marks", "東京は日本の首都です 한국어 漢字かな交じり", "emoji 😀👩‍👩‍👧‍👦🏳️‍🌈 end", "[CLS] literal [SEP] special [MASK] tokens [PAD] [UNK]", "<s> literal </s> <pad> <unk> <mask>",
    "\u200bzero\u200dwidth\ufeff and \u00adsoft hyphen", "control \x01\x7f and replacement \ufffd", "numbers 1234567890 1,234.56 1e-5", "don't we'll I've they're DON'T", "x" * 150, "a" * 30 + " " + "б" * 30,
    "مرحبا بالعالم עברית ไทย हिन्दी", "ﬁ ligature ① ﬀ ™ ½ Ⅷ", "snake_case camelCase http://a.b/c?d=e&f#g user@host", "\U0001d54f\U0001d7d8 astral 𐍈", "!!!???...---", "'\"`«»“”", "\u202eright to left\u202c", "trailing newline\n", "a\u0000b",
]
# From 0.23 on the library cuts each text to the limit before it cuts pairs and windows: what a passage has beyond it is in no window.
WHOLE = tuple(int(n) for n in tokenizers.__version__.split(".")[:2]) < (0, 23)
CORPUS = [text for text in NASTY if text.strip()] * 3 + [models.PASSAGE] * 5


def word_pieces(lower, accents=None):
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=accents, lowercase=lower)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=300, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def byte_pairs(prefix_space, roberta):
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=420, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    if roberta:
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=prefix_space)
        tokenizer.add_special_tokens([tokenizers.AddedToken("<mask>", lstrip=True)])
    return tokenizer


def sentence_pieces():
    """As LLaMA's: ▁ for spaces, bytes for what is unknown, <s> in front."""
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    tokenizer.train_from_iterator(["▁plain▁words▁and▁the▁Elbe▁is▁a▁long▁river"] * 9, trainers.BpeTrainer(vocab_size=330, special_tokens=special[:3]))
    stored = json.loads(tokenizer.to_str())
    old = [t for t in stored["model"]["vocab"] if t not in special]
    stored["model"]["vocab"] = {token: i for i, token in enumerate(special + old)}
    stored["added_tokens"] = [a for a in stored["added_tokens"] if a["content"] in special[:3]]
    tokenizer = tokenizers.Tokenizer.from_str(json.dumps(stored))
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    return tokenizer


def encoder(tokenizer, folder, questions):
    config = models.bert(vocab_size=tokenizer.get_vocab_size() + 1, max_position_embeddings=300, num_labels=2 if questions else 5)
    model = models.fill((hf.BertForQuestionAnswering if questions else hf.BertForSequenceClassification)(config))
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return model


def scored(model, encoding):
    with torch.no_grad():
        got = model(input_ids=torch.tensor([encoding.ids]), token_type_ids=torch.tensor([encoding.type_ids]))
        return (torch.cat([got.start_logits[0], got.end_logits[0]]) if hasattr(got, "start_logits") else got.logits[0]).numpy()


def check(account, folder):
    part = "tokens"
    kinds = {"word pieces, lower case": word_pieces(True), "word pieces, cased": word_pieces(False), "word pieces, lower case with accents": word_pieces(True, False),
             "byte-level BPE, RoBERTa's": byte_pairs(False, True), "byte-level BPE, GPT-2's, space in front": byte_pairs(True, False), "LLaMA's BPE": sentence_pieces()}
    for number, (kind, tokenizer) in enumerate(kinds.items()):
        classifier = folder / f"classes{number}"
        asker = folder / f"questions{number}"
        model, answerer = encoder(tokenizer, classifier, False), encoder(tokenizer, asker, True)
        # Texts without tokens are refused by Lorica, and blank ones count as missing.
        usable = [t for t in NASTY if t.strip() and tokenizer.encode(t).ids and len(tokenizer.encode(t, add_special_tokens=False).ids) > 0]
        for length in (200, 16, 5):
            lines = folder / "lines.jsonl"
            lines.write_text("".join(json.dumps({"text": t}) + "\n" for t in usable))
            tokenizer.enable_truncation(length)
            account.same(part, f"{kind}, at most {length}", lambda: [scored(model, tokenizer.encode(t)) for t in usable],
                         lambda: lorica.predict(classifier, lines, "--max-length", length))
            pairs = [(a, b) for i, a in enumerate(usable) for b in (usable[(3 * i + 1) % len(usable)], usable[(5 * i + 2) % len(usable)])]
            lines.write_text("".join(json.dumps({"text": a, "other": b}) + "\n" for a, b in pairs))
            if WHOLE or length == 200:
                account.same(part, f"{kind}, pairs, at most {length}", lambda: [scored(model, tokenizer.encode(a, b)) for a, b in pairs],
                             lambda: lorica.predict(classifier, lines, "--max-length", length, "--set", "data.columns.text2=other"))
        tokenizer.no_truncation()
        squad = folder / "squad.json"
        passages = [models.PASSAGE, " ".join(NASTY[7:10]) + models.PASSAGE, "short"]
        squad.write_text(json.dumps({"data": [{"title": "t", "paragraphs": [
            {"context": p, "qas": [{"id": f"{i}{q}", "question": q, "is_impossible": True, "answers": []} for q in models.QUESTIONS]} for i, p in enumerate(passages)]}]}))
        for length, stride in ((200, 10), (60, 16), (64, 0), (50, 7)) if WHOLE else ((300, 10),):
            def windows():
                out = []
                for passage in passages:
                    for question in models.QUESTIONS:
                        tokenizer.enable_truncation(length, stride=stride, strategy="only_second")
                        first = tokenizer.encode(question, passage)
                        out += [scored(answerer, window) for window in [first, *first.overflowing]]
                return out
            account.same(part, f"{kind}, windows of {length}, {stride} shared", windows,
                         lambda: lorica.predict(asker, squad, "--max-length", length, "--set", f"data.questions.stride={stride}"))

    # vocab.txt alone, as BERT's older repositories have it.
    for lower in (True, False):
        place = folder / f"vocabulary{lower}"
        tokenizer = word_pieces(lower)
        model = encoder(tokenizer, place, False)
        (place / "tokenizer.json").unlink()
        words = sorted(tokenizer.get_vocab().items(), key=lambda w: w[1])
        (place / "vocab.txt").write_text("".join(w + "\n" for w, _ in words))
        (place / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": lower}))
        usable = [t for t in NASTY if tokenizer.encode(t, add_special_tokens=False).ids]
        lines = folder / "lines.jsonl"
        lines.write_text("".join(json.dumps({"text": t}) + "\n" for t in usable))
        account.same(part, f"vocab.txt, lower case {lower}", lambda: [scored(model, tokenizer.encode(t)) for t in usable], lambda: lorica.predict(place, lines))
        library = hf.BertTokenizerFast.from_pretrained(place)
        account.equal(part, f"vocab.txt as transformers reads it, lower case {lower}", [library(t).input_ids for t in usable], [tokenizer.encode(t).ids for t in usable])
