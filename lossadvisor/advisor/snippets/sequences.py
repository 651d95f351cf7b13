"""Templates of token-wise tasks: sequence labelling, language models, CTC."""

from __future__ import annotations

from lossadvisor.advisor.snippets.parts import Parts, Setting, options


def _token_criterion(setting: Setting, ignored: int) -> str:
    written = ignored if ignored != -100 else None
    reduction = "sum" if setting.accumulate else None
    return f"criterion = nn.CrossEntropyLoss({options(ignore_index=written, reduction=reduction)})"


def _ignored(setting: Setting) -> int:
    return setting.ignore_index if setting.ignore_index is not None else -100


def _tagging_data(setting: Setting) -> str:
    return (
        "tokens = torch.randint(0, 20, (32, 12))  # int64 (N, L)\n"
        "lengths = torch.randint(6, 13, (32,))\n"
        "padding = torch.arange(12) >= lengths[:, None]  # bool (N, L), True where there is no token\n"
        f"labels = (tokens % {setting.classes}).masked_fill(padding, {_ignored(setting)})  # int64 (N, L)"
    )


def _tagger(classes: int) -> str:
    return (
        "model = nn.Sequential(\n"
        "    nn.Embedding(20, 16),\n"
        f"    nn.Linear(16, {classes}),  # {classes} logits per token, no softmax\n"
        ")"
    )


def sequence_flat(setting: Setting) -> Parts:
    """CrossEntropyLoss on (N*L, C)."""
    ignored = _ignored(setting)
    return Parts(
        data=_tagging_data(setting), model=_tagger(setting.classes), criterion=_token_criterion(setting, ignored),
        arguments="tokens, labels", inputs="tokens",
        loss="logits = model(tokens)  # (N, L, C)\n"
        "return criterion(logits.flatten(0, 1), labels.flatten())  # (N*L, C) and (N*L,)",
        count=f"(labels != {ignored}).sum()",
        predict="return model(tokens).argmax(dim=-1)  # (N, L); ignore the padding",
        quality=f"(predict(tokens) == labels)[labels != {ignored}].float().mean()",
        chance=f"math.log({setting.classes})", floor="0.0", rate=0.05,
    )


def sequence_transposed(setting: Setting) -> Parts:
    """CrossEntropyLoss on (N, C, L)."""
    ignored = _ignored(setting)
    return Parts(
        data=_tagging_data(setting), model=_tagger(setting.classes), criterion=_token_criterion(setting, ignored),
        arguments="tokens, labels", inputs="tokens",
        loss="logits = model(tokens)  # (N, L, C)\n"
        "return criterion(logits.transpose(1, 2), labels)  # (N, C, L) and (N, L)",
        count=f"(labels != {ignored}).sum()",
        predict="return model(tokens).argmax(dim=-1)  # (N, L); ignore the padding",
        quality=f"(predict(tokens) == labels)[labels != {ignored}].float().mean()",
        chance=f"math.log({setting.classes})", floor="0.0", rate=0.05,
    )


def _text(setting: Setting) -> str:
    vocabulary = setting.classes
    return (
        f"vocabulary = {vocabulary}\n"
        "starts = torch.randint(0, vocabulary, (16, 1))\n"
        "tokens = (starts + torch.arange(10)) % vocabulary  # int64 (N, L); every token has one successor\n"
        "lengths = torch.randint(6, 11, (16,))\n"
        "padding = torch.arange(10) >= lengths[:, None]  # by position, so that a pad id equal to eos is no problem\n"
        f"labels = tokens.masked_fill(padding, {_ignored(setting)})  # int64 (N, L), not shifted yet"
    )


_SUCCESSOR = "(predict(tokens)[:, :-1] == labels[:, 1:])[labels[:, 1:] != {ignored}].float().mean()"


def language_model(setting: Setting) -> Parts:
    """Next-token cross-entropy, shifted once, in the training step."""
    ignored = _ignored(setting)
    return Parts(
        data=_text(setting),
        model="model = nn.Sequential(\n"
        "    nn.Embedding(vocabulary, 32),\n"
        "    nn.Linear(32, vocabulary),  # one logit per word, no softmax; a causal model stands before this\n"
        ")",
        criterion=_token_criterion(setting, ignored),
        arguments="tokens, labels", inputs="tokens",
        loss="logits = model(tokens)[:, :-1]  # position t predicts ...\n"
        "following = labels[:, 1:]  # ... token t + 1; shifted here and nowhere else\n"
        "return criterion(logits.flatten(0, 1), following.flatten())",
        count=f"(labels[:, 1:] != {ignored}).sum()",
        predict="return model(tokens).argmax(dim=-1)  # the next token; divide by a temperature and softmax to sample",
        quality=_SUCCESSOR.format(ignored=ignored),
        chance=f"math.log({setting.classes})", floor="0.0", steps=150, rate=0.05,
    )


def language_model_fused(setting: Setting) -> Parts:
    """linear_cross_entropy, which holds no full matrix of logits."""
    ignored = _ignored(setting)
    vocabulary = setting.classes
    reduction = "sum" if setting.accumulate else None
    written = options(ignore_index=ignored if ignored != -100 else None, reduction=reduction)
    return Parts(
        data=_text(setting),
        model="body = nn.Embedding(vocabulary, 32)  # a causal model in practice\n"
        "head = nn.Linear(32, vocabulary, bias=False)\n"
        "model = nn.Sequential(body, head)",
        criterion=f"""
def criterion(hidden, targets):
    # torch 2.13 and later; hidden states and the weight of the head, not logits
    return F.linear_cross_entropy(hidden, head.weight, targets{', ' + written if written else ''})

""",
        arguments="tokens, labels", inputs="tokens",
        loss="hidden = body(tokens)[:, :-1]\nfollowing = labels[:, 1:]  # shifted here and nowhere else\n"
        "return criterion(hidden.flatten(0, 1), following.flatten())",
        count=f"(labels[:, 1:] != {ignored}).sum()",
        predict="return model(tokens).argmax(dim=-1)",
        quality=_SUCCESSOR.format(ignored=ignored),
        chance=f"math.log({vocabulary})", floor="0.0", steps=150, rate=0.05,
    )


def language_model_adaptive(setting: Setting) -> Parts:
    """AdaptiveLogSoftmaxWithLoss for a skewed vocabulary."""
    ignored = _ignored(setting)
    first = max(1, setting.classes // 4)
    return Parts(
        data=_text(setting),
        model="model = nn.Embedding(vocabulary, 32)  # hidden states; the criterion owns the output layer",
        criterion=f"criterion = nn.AdaptiveLogSoftmaxWithLoss(32, vocabulary, cutoffs=[{first}])  "
        "# ids sorted by frequency, most frequent first",
        parameters="[*model.parameters(), *criterion.parameters()]",
        arguments="tokens, labels", inputs="tokens",
        loss=f"hidden, following = model(tokens)[:, :-1], labels[:, 1:]\nkeep = following != {ignored}\n"
        "return criterion(hidden[keep], following[keep]).loss",
        predict="return criterion.predict(model(tokens).flatten(0, 1)).unflatten(0, tokens.shape)",
        quality=_SUCCESSOR.format(ignored=ignored),
        floor="0.0", steps=150, rate=0.05,
    )


def ctc(setting: Setting) -> Parts:
    """CTCLoss on log-softmax outputs with blank 0."""
    classes = setting.classes
    reduction = "sum" if setting.accumulate else None
    data = f"""
frames, letters = 12, 4
labels = torch.randint(1, {classes}, (16, letters))  # int64 (N, S), 1 ... C-1; 0 is the blank
lengths = torch.full((16,), letters)
spoken = labels.repeat_interleave(2, dim=1)
spoken[:, 1::2] = 0  # a pause after each letter
audio = F.one_hot(F.pad(spoken, (0, frames - 2 * letters)), {classes}).float()  # float32 (N, T, features)"""
    model = f"""
model = nn.Sequential(
    nn.Linear({classes}, 32),
    nn.ReLU(),
    nn.Linear(32, {classes}),  # one logit per class and one for the blank
)"""
    loss = """
log_probs = model(audio).log_softmax(dim=-1).transpose(0, 1)  # (T, N, C), log-probabilities
input_lengths = torch.full((len(audio),), frames)  # at least target length plus its repeats
return criterion(log_probs, labels, input_lengths, lengths)"""
    return Parts(
        data=data, model=model,
        criterion=f"criterion = nn.CTCLoss({options(blank=0, reduction=reduction, zero_infinity=True)})",
        arguments="audio, labels, lengths", inputs="audio", loss=loss,
        count="len(labels)",
        predict="best = model(audio).argmax(dim=-1)  # (N, T)\n"
        "return [[int(a) for a in row.unique_consecutive() if a != 0] for row in best]  # repeats and blanks dropped",
        quality="sum(found == row.tolist() for found, row in zip(predict(audio), labels)) / len(labels)",
        floor="0.0", steps=300,
    )
