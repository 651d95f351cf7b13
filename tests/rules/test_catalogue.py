"""The catalogue as a whole: complete, consistent, quick to read, and strict about malformed documents."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lossadvisor.catalogue import CatalogueError, Rule, Tier, UnknownRuleError, find, load, rules, select
from lossadvisor.catalogue.index import main as write_index
from lossadvisor.catalogue.matrix import cells
from lossadvisor.catalogue.words import GOT, WANTED
from lossadvisor.contracts import RELATIONS, Relation, Want, by_id
from lossadvisor.contracts.model import Contract
from lossadvisor.findings import Severity
from lossadvisor.values import Domain

from .number_blocks import execute, expectations

FOLDER = Path(__file__).resolve().parents[2] / "rules"
SECTIONS = ["What it does", "Why it is bad", "Bad", "Good", "Numbers", "Known limits", "References"]

# Codes are given once and for ever. d = default, n = note, o = opt-in.
CODES = """
LA101 d softmax-before-cross-entropy        LA102 n log-softmax-before-cross-entropy
LA103 d sigmoid-before-cross-entropy        LA104 d rectified-logits
LA105 d sigmoid-before-bce-with-logits      LA106 d softmax-before-bce
LA107 d logits-in-bce                       LA108 d probabilities-in-nll-loss
LA109 d logits-in-nll-loss                  LA110 d kl-div-input-not-log
LA111 d kl-div-target-domain                LA112 d ctc-input-not-log-softmax
LA113 d activation-before-margin-loss       LA114 d gaussian-nll-variance
LA115 d poisson-nll-rate                    LA116 d library-loss-domain
LA117 d custom-loss-domain                  LA118 d evaluation-only-activation
LA119 n adversarial-head-mismatch           LA120 d similarity-softmax
LA201 d cross-entropy-float-target          LA202 d cross-entropy-target-shape
LA203 d bce-integer-target                  LA204 d bce-target-range
LA205 d zero-one-margin-target              LA206 d multi-label-cross-entropy
LA207 n target-not-detached                 LA208 d class-index-range
LA209 n padding-not-ignored                 LA210 o pad-equals-eos
LA211 o labels-shifted-twice                LA212 n regression-loss-for-classes
LA213 d multi-label-margin-target           LA301 d implicit-softmax-dim
LA302 d softmax-over-batch                  LA303 d single-unit-softmax
LA304 d broadcasting-loss                   LA305 d class-axis
LA401 d log-of-softmax                      LA402 d log-of-sigmoid
LA403 n sigmoid-then-bce                    LA404 d handwritten-softmax
LA405 n handwritten-cross-entropy           LA406 d bce-under-autocast
LA407 n sqrt-of-mse                         LA408 n unguarded-log
LA501 d loss-constructor-called             LA502 d swapped-arguments
LA503 d deprecated-reduction                LA504 d kl-div-mean-reduction
LA505 d activation-constructor-called       LA506 d unreduced-loss
LA507 n weight-for-pos-weight               LA508 d class-weight-type
LA509 d structured-output                   LA510 o mean-of-means
LA511 n masked-mean                         LA512 d constructor-argument-order
LA513 o mixed-reductions                    LA514 o custom-loss-reduction
LA601 d non-differentiable-prediction       LA602 d detached-prediction
LA603 d rewrapped-loss                      LA604 n accumulated-loss-graph
LA605 n loss-parameters-not-optimised       LA701 n threshold-mismatch
LA702 o unequal-batch-mean                  LA900 d syntax-error
LA901 d unused-suppression                  LA902 d unreadable-file
"""
TIERS = {"d": Tier.DEFAULT, "n": Tier.NOTE, "o": Tier.OPT_IN}


def _each() -> list[object]:
    return [pytest.param(rule, id=rule.code) for rule in rules()]


def test_the_catalogue_holds_exactly_the_promised_rules() -> None:
    words = CODES.split()
    promised = {
        code: (name, TIERS[tier]) for code, tier, name in zip(words[::3], words[1::3], words[2::3], strict=True)
    }
    assert {rule.code: (rule.name, rule.tier) for rule in rules()} == promised


# What decides about exit status and about what --fix may touch: a change of it is a change for every user.
SEVERITY_AND_FIX = {
    ("error", "none"): "LA114 LA116 LA117 LA118 LA202 LA204 LA205 LA208 LA213 LA303 LA304 LA305 LA506 LA509 LA601 "
    "LA602 LA603 LA900 LA902",
    ("error", "safe"): "LA501 LA505",
    ("error", "unsafe"): "LA101 LA103 LA104 LA105 LA106 LA107 LA108 LA109 LA110 LA111 LA112 LA113 LA115 LA120 LA201 "
    "LA203 LA206 LA302 LA406 LA502 LA508 LA512",
    ("note", "none"): "LA119 LA209 LA212 LA405 LA407 LA408 LA605",
    ("note", "unsafe"): "LA102 LA207 LA403 LA507 LA511 LA604 LA701",
    ("warning", "none"): "LA210 LA211 LA510 LA513 LA514 LA702",
    ("warning", "safe"): "LA301 LA401 LA402 LA503 LA901",
    ("warning", "unsafe"): "LA404 LA504",
}


def test_severities_and_fixes_are_those_that_users_know() -> None:
    promised = {code: key for key, codes in SEVERITY_AND_FIX.items() for code in codes.split()}
    found = {rule.code: (rule.severity.value, "none" if rule.fix is None else rule.fix.value) for rule in rules()}
    assert found == promised


@pytest.mark.parametrize("rule", _each())
def test_a_document_is_well_formed(rule: Rule) -> None:
    assert list(rule.sections()) == SECTIONS
    assert all(text.strip() for text in rule.sections().values())
    assert rule.summary.endswith(".")
    assert ". " not in rule.summary, "the summary is one sentence"
    assert (rule.severity is Severity.NOTE) == (rule.tier is Tier.NOTE)
    assert "https://docs.p" in rule.sections()["References"] or "https://huggingface.co/docs/" in rule.url
    assert set(rule.overrides) <= {other.code for other in rules()} - {rule.code}
    for match in rule.match:
        unknown = set(match.contracts) - set(by_id) - {"*"}
        assert not unknown, f"no such contract: {unknown}"


@pytest.mark.parametrize("rule", _each())
def test_a_document_has_marked_bad_and_as_many_good_programs(rule: Rule) -> None:
    assert rule.bad()
    assert all(example.marks() for example in rule.bad())
    assert {code for example in rule.bad() for _, _, code in example.marks()} == {rule.code}
    assert not any(example.marks() for example in rule.good())
    assert len(rule.good()) >= len(rule.bad())


@pytest.mark.parametrize("rule", _each())
def test_the_good_programs_are_python(rule: Rule) -> None:
    for example in (*rule.good(), *(rule.bad() if rule.code not in ("LA900", "LA902") else ())):
        for source in example.sources:
            compile(source.text, source.filename, "exec")


@pytest.mark.parametrize("rule", _each())
def test_the_numbers_hold(rule: Rule) -> None:
    if "torch" in "".join(rule.numbers()):
        pytest.importorskip("torch")
    blocks = rule.numbers()
    assert blocks
    assert all(expectations(block) for block in blocks)
    assert [fault for block in blocks for fault in execute(block)] == []


def test_the_numbers_harness_sees_a_wrong_number() -> None:
    assert execute("1 + 1  #: 2\n[0.5, 2 / 3]  #: [0.5, 0.6667]\n1 / 0  #: raises ZeroDivisionError\n") == []
    assert len(execute("1 + 1  #: 2.01\n")) == 1
    assert len(execute("[1.0, 2.0]  #: [1.0]\n")) == 1
    assert len(execute("0.00005  #: 0.00006\n")) == 1
    assert len(execute("1  #: raises ValueError\n")) == 1
    assert len(execute("x = 1  #: 1\n")) == 1
    assert len(execute("float('nan')  #: 1.0\n")) == 1


def test_no_cell_of_the_matrix_has_two_rules() -> None:
    doubled = [
        (cell.contract.id, cell.port.name, cell.want.value, cell.domain.value, cell.codes)
        for cell in cells(rules(), by_id.values())
        if len(cell.codes) > 1
    ]
    assert doubled == []


def test_every_match_names_cells_that_exist_with_its_relation() -> None:
    idle = [
        (rule.code, want.value, domain.value)
        for rule in rules()
        for match in rule.match
        for want in match.wants
        for domain in match.got
        if RELATIONS[want].get(domain, Relation.UNKNOWN) is not match.relation
    ]
    assert idle == []


@pytest.mark.parametrize("name", ["cross_entropy", "nll", "bce", "bce_with_logits", "kl_div", "ctc"])
def test_every_wrong_prediction_of_the_main_losses_has_a_rule(name: str) -> None:
    contract: Contract = by_id[name]
    silent = {
        (cell.want.value, cell.domain.value)
        for cell in cells(rules(), [contract])
        if cell.port.role == "prediction" and not cell.codes
    }
    assert silent == set()


def test_the_index_is_current() -> None:
    assert write_index(["--check"]) == 0


def test_find_by_code_and_name_and_with_a_suggestion() -> None:
    assert find("la101") is find("softmax-before-cross-entropy")
    with pytest.raises(
        UnknownRuleError, match=r"'softmax-before-crossentropy'; did you mean LA101 softmax-before-cross"
    ):
        find("softmax-before-crossentropy")
    with pytest.raises(UnknownRuleError, match="lists them all"):
        find("zzz")


def test_select_takes_prefixes_codes_names_and_all() -> None:
    assert {rule.code for rule in select(["LA9", "log-of-softmax"])} == {"LA401", "LA900", "LA901", "LA902"}
    assert select(["ALL"]) == rules()
    with pytest.raises(UnknownRuleError, match="LA999"):
        select(["LA1", "LA999"])


def test_few_documents_are_parsed_for_one_finding(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import torch\nfrom torch import nn\n\n\ndef loss(scores, labels):\n"
        "    return nn.CrossEntropyLoss()(torch.softmax(scores, dim=1), labels)\n"
    )
    code = (
        "from pathlib import Path\n"
        "from lossadvisor.catalogue.folder import rule\n"
        "from lossadvisor.checking import examine\n"
        "from lossadvisor.source import load\n"
        "path = Path('train.py').absolute()\n"
        "(found,) = examine([load(path, 'train.py', 10_000)]).findings\n"
        "print(found.code, rule.cache_info().misses)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(FOLDER.parent)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    name, parsed = done.stdout.split()
    assert name == "LA101" and int(parsed) < 10


def test_the_catalogue_imports_no_torch() -> None:
    code = "import sys, lossadvisor.catalogue as c; c.rules(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=FOLDER.parent).returncode == 0


# --- malformed documents: one clear line each -----------------------------------------------------------------------

DOCUMENT = (FOLDER / "softmax-before-cross-entropy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("# softmax-before-cross-entropy (LA101)", "# Softmax", "must begin with"),
        ("# softmax-before-cross-entropy (", "# softmax-before-ce (", "the title says 'softmax-before-ce'"),
        ('severity = "error"', 'severity = "eror"', "severity is 'eror'; did you mean 'error'?"),
        ('severity = "error"', "severity = 1", 'needs severity = "..."'),
        ('severity = "error"', 'severity = "error', "the toml block is not valid"),
        (
            'tier = "default"',
            'tier = "default"\nteir = "note"',
            "unknown key 'teir' in the toml block; did you mean 'tier'",
        ),
        ('relation = "violates"', 'relation = "breaks"', "relation is 'breaks'; allowed are"),
        ('got = "probabilities"', 'got = "probabilites"', "did you mean 'probabilities'?"),
        ('got = "probabilities"', "", "[match] needs 'got'"),
        ('role = "prediction"', 'role = "input"', "role is 'input', allowed are prediction, target, other"),
        ('role = "prediction"', 'rule = "prediction"', "unknown key 'rule' in [match]; did you mean 'role'?"),
        ("probabilities reach {loss}", "probabilities reach {los}", "message has the unknown place {los}"),
        ("[match]", "[[other]]", "unknown key 'other' in the toml block"),
        ("## References", "## Links", "the section References must name a page"),
    ],
)
def test_a_malformed_document_is_told_in_one_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert old in DOCUMENT
    (tmp_path / "softmax-before-cross-entropy.md").write_text(DOCUMENT.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueError, match=re.escape(line)) as raised:
        load(tmp_path)
    assert "\n" not in str(raised.value).partition("the toml block is not valid")[0]
    assert f"{tmp_path.name}/softmax-before-cross-entropy.md" in str(raised.value)


def test_a_code_used_twice_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "softmax-before-cross-entropy.md").write_text(DOCUMENT, encoding="utf-8")
    other = DOCUMENT.replace("# softmax-before-cross-entropy (", "# another (")
    (tmp_path / "another.md").write_text(other, encoding="utf-8")
    with pytest.raises(CatalogueError, match="LA101 is already another"):
        load(tmp_path)


def test_every_domain_and_want_has_words() -> None:
    assert set(GOT) == set(Domain)
    assert set(WANTED) == set(Want)
