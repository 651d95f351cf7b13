"""Every key of a rule document reaches the rule, every default is the one that the index promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossadvisor.catalogue import CatalogueError, Library, Match, Rule, Tier, UnknownRuleError, find, rules
from lossadvisor.catalogue.folder import folder, load
from lossadvisor.catalogue.headings import heading
from lossadvisor.catalogue.index import main, render
from lossadvisor.catalogue.parsing import parse
from lossadvisor.catalogue.words import GOT, WANTED
from lossadvisor.contracts import Relation, Want, by_id
from lossadvisor.findings import FixApplicability, Severity
from lossadvisor.values import Domain

FULL = """\
# some-rule (LA199)

One sentence over
two lines.

```toml
severity = "warning"
tier = "opt-in"
since = "9.8.7"
fix = "display"
check = "a-check"
overrides = ["LA101", "LA102"]
message = "{got} reach {loss} over {axis}: {argument} wants {want}"
help = "return {want}"

[[match]]
contract = ["kl_div", "nll"]
library = "any"
role = "other"
port = "var"
want = ["logits", "log-probabilities"]
got = ["probabilities", "scores"]
relation = "fragile"
cause = ["softmax", "relu"]
option = { reduction = "mean", p = 2, log = true, beta = 0.5 }

[[match]]
want = "logits"
got = "unit-interval"
```

## What it does

## References

- <https://example.org/page> and https://example.org/second
"""


def read(text: str = FULL) -> Rule:
    return parse(Path("rules/some-rule.md"), text)


def test_every_key() -> None:
    rule = read()
    assert (rule.code, rule.name, rule.summary) == ("LA199", "some-rule", "One sentence over two lines.")
    assert (rule.severity, rule.tier, rule.since) == (Severity.WARNING, Tier.OPT_IN, "9.8.7")
    assert (rule.fix, rule.check, rule.overrides) == (FixApplicability.DISPLAY, "a-check", ("LA101", "LA102"))
    assert rule.message == "{got} reach {loss} over {axis}: {argument} wants {want}"
    assert (rule.help, rule.url) == ("return {want}", "https://example.org/page")
    assert rule.body.startswith("\n## What it does")
    first, second = rule.match
    assert (first.contracts, first.library) == (("kl_div", "nll"), Library.ANY)
    assert (first.role, first.port) == ("other", "var")
    assert first.wants == (Want.LOGITS, Want.LOG_PROBABILITIES)
    assert first.got == (Domain.PROBABILITIES, Domain.SCORES)
    assert (first.relation, first.causes) == (Relation.FRAGILE, ("softmax", "relu"))
    assert first.options == {"reduction": "mean", "p": 2, "log": True, "beta": 0.5}
    assert (second.wants, second.got) == ((Want.LOGITS,), (Domain.UNIT_INTERVAL,))


def test_defaults_of_a_match() -> None:
    match = read().match[1]
    assert (match.contracts, match.library, match.relation) == (("*",), Library.TORCH, Relation.VIOLATES)
    assert (match.role, match.port, match.causes, match.options) == (None, None, (), {})


def test_what_may_be_missing() -> None:
    rule = read(FULL.replace('overrides = ["LA101", "LA102"]\n', "").replace('"display"', '"none"'))
    assert (rule.overrides, rule.fix) == ((), None)
    assert read(FULL.replace('check = "a-check"\n', "")).check is None
    only = FULL[: FULL.index("[[match]]")] + FULL[FULL.index("```\n\n## What") :]
    assert read(only).match == ()
    assert read(FULL.replace('["LA101", "LA102"]', '"LA101"')).overrides == ("LA101",)


@pytest.mark.parametrize(("old", "new", "line"), [
    ('overrides = ["LA101", "LA102"]', "overrides = 3", "'overrides' must be a string or an array of strings"),
    ('overrides = ["LA101", "LA102"]', "overrides = [3]", "'overrides' must be a string or an array of strings"),
    ('option = { reduction = "mean", p = 2, log = true, beta = 0.5 }', "option = 3", "'option' must be a table"),
    ('option = { reduction = "mean", p = 2, log = true, beta = 0.5 }', "option = { p = [1] }", "'option' must be a"),
    ('since = "9.8.7"', 'since = ""', 'needs since = "..."'),
    ('since = "9.8.7"', "since = 9", 'needs since = "..."'),
    ('check = "a-check"', 'check = ""', 'needs check = "..."'),
    ('want = "logits"\n', "", "[match] needs 'want'"),
    ('library = "any"', 'library = "zzz"', "library is 'zzz'; allowed are torch, third-party, any"),
    ('tier = "opt-in"', 'tier = "opt-out"', "tier is 'opt-out'; did you mean 'opt-in'?"),
    ('tier = "opt-in"', "tier = 'opt-in'", "on lines of their own"),
    ('check = "a-check"', 'check = "a-check"  # why', "on lines of their own"),
    ('got = "unit-interval"', "got = 'unit-interval'", "put unit-interval in double quotes"),
    ('want = "logits"\n', "want = 3\n", "'want' must be a string or an array of strings"),
    ('want = "logits"\n', 'want = "logit"\n', "want is 'logit'; did you mean 'logits'?"),
    ('got = "unit-interval"', "got = 3", "'got' must be a string or an array of strings"),
    ('got = "unit-interval"', 'got = "unit"', "got is 'unit'; "),
    ('contract = ["kl_div", "nll"]', "contract = 3", "'contract' must be a string or an array of strings"),
    ('cause = ["softmax", "relu"]', "cause = 3", "'cause' must be a string or an array of strings"),
    ('fix = "display"', 'fix = "dangerous"', "fix is 'dangerous'"),
    ('help = "return {want}"', 'help = "return {it}"', "help has the unknown place {it}"),
    ("https://example.org/page> and https://example.org/second", "nothing", "must name a page"),
])  # fmt: skip
def test_what_is_refused(old: str, new: str, line: str) -> None:
    assert old in FULL
    with pytest.raises(CatalogueError, match=r"rules/some-rule\.md") as caught:
        read(FULL.replace(old, new))
    assert line in str(caught.value)


def test_a_page_named_before_the_references_is_not_the_official_one() -> None:
    text = FULL.replace("## What it does\n", "## What it does\n\nhttps://example.org/other\n")
    assert read(text).url == "https://example.org/page"


def test_neither_match_nor_check() -> None:
    text = FULL[: FULL.index("[[match]]")] + FULL[FULL.index("```\n\n## What") :]
    with pytest.raises(CatalogueError, match="needs a \\[match\\] table or check"):
        read(text.replace('check = "a-check"\n', ""))


@pytest.mark.parametrize("match", [
    "match = 3", 'match = "logits"', 'match = ["logits"]', 'match = [{ want = "logits" }, 3]',
])  # fmt: skip
def test_a_match_is_a_table_or_an_array_of_tables(match: str) -> None:
    text = FULL[: FULL.index("[[match]]")] + match + "\n" + FULL[FULL.index("```\n\n## What") :]
    with pytest.raises(CatalogueError, match="'match' must be a table or an array of tables"):
        read(text)


@pytest.mark.parametrize("title", ["some-rule (LA199)", "# some-rule (LA199", "# some-rule LA199"])
def test_a_title_names_a_rule_and_its_code(title: str) -> None:
    with pytest.raises(CatalogueError, match="must begin with '# rule-name"):
        heading(Path("rules/some-rule.md"), FULL.replace("# some-rule (LA199)", title))


def test_only_the_first_lines_are_looked_at() -> None:
    text = FULL.replace('tier = "opt-in"\n', "").replace('check = "a-check"\n', "")
    late = heading(Path("rules/some-rule.md"), text + '\ntier = "note"\ncheck = "late"\nlate words\n')
    assert (late.tier, late.check, late.mentions("late words")) == (None, None, False)
    early = heading(Path("rules/some-rule.md"), FULL)
    assert (early.tier, early.check, early.mentions("fragile", "softmax")) == (Tier.OPT_IN, "a-check", True)


def test_a_match_without_written_options_takes_those_of_the_loss() -> None:
    contract = by_id["cross_entropy"]
    match = Match((Want.LOGITS,), (Domain.SCORES,), Relation.VIOLATES, options={"reduction": "mean"})
    assert match.covers(contract, contract.ports[0], Want.LOGITS, Domain.SCORES)
    assert not match.covers(contract, contract.ports[0], Want.LOGITS, Domain.SCORES, options={"reduction": "sum"})


def test_numbers_are_blocks_of_python() -> None:
    numbers = "## Numbers\n\n```text\nno program\n```\n\n```python\n1 + 1\n```\n\n## References"
    assert read(FULL.replace("## References", numbers)).numbers() == ("1 + 1\n",)


def test_at_most_three_rules_are_suggested() -> None:
    with pytest.raises(UnknownRuleError) as caught:
        find("la10")
    _, _, suggested = str(caught.value).partition("did you mean ")
    assert suggested.count("LA") == 3  # codes, however they were typed


def test_a_folder_of_documents(tmp_path: Path) -> None:
    (tmp_path / "some-rule.md").write_text(FULL)
    (tmp_path / "README.md").write_text("no rule")
    (tmp_path / "notes.txt").write_text("no rule")
    (tmp_path / "another.md").write_text(FULL.replace("some-rule", "another").replace("LA199", "LA100"))
    assert [rule.code for rule in load(tmp_path)] == ["LA100", "LA199"]
    (tmp_path / "third.md").write_text(FULL.replace("some-rule", "third"))
    with pytest.raises(CatalogueError, match="LA199 is already some-rule"):
        load(tmp_path)
    (tmp_path / "third.md").write_bytes(b"\xff")
    with pytest.raises(CatalogueError, match=r"third\.md: cannot be read"):
        load(tmp_path)
    (tmp_path / "third.md").unlink()
    (tmp_path / "third.md").mkdir()
    with pytest.raises(CatalogueError, match=r"third\.md: cannot be read"):
        load(tmp_path)


def test_the_index_is_current(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (folder() / "README.md").read_text(encoding="utf-8")
    assert render(rules(), tuple(by_id.values())) == text
    assert main(["--check"]) == 0
    assert main(["--nonsense"]) == 2
    assert "usage" in capsys.readouterr().err
    monkeypatch.setattr("lossadvisor.catalogue.index.folder", lambda: tmp_path)
    assert main(["--check"]) == 1
    assert "README.md is not current" in capsys.readouterr().err
    assert main([]) == 0
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == text
    assert main(["--check"]) == 0
    (tmp_path / "README.md").write_text(text + "\n", encoding="utf-8")
    assert main(["--check"]) == 1


def test_words_for_a_person_are_those_of_the_messages() -> None:
    """One word or phrase for every domain and every want, told apart where they mean different things."""
    assert set(GOT) == set(Domain) and set(WANTED) == set(Want)
    assert all(text and text == text.strip() and not text.endswith("_") for text in (*GOT.values(), *WANTED.values()))
    assert GOT[Domain.PROBABILITIES] == "probabilities" and GOT[Domain.SCORES] == "raw scores"
    assert WANTED[Want.LOGITS] == "logits" and GOT[Domain.INDICES] == "class indices"
