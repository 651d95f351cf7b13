"""The runtime's words about rules agree with the rule documents, which are the source."""

from __future__ import annotations

from lossadvisor.catalogue import rules
from lossadvisor.runtime.codes import CODES


def test_names_and_severities_are_those_of_the_documents() -> None:
    documents = {rule.code: (rule.name, rule.severity) for rule in rules()}
    ours = {code: (row.name, row.severity) for code, row in CODES.items()}
    assert {code: documents.get(code) for code in ours} == ours


def test_every_code_has_one_line_of_help() -> None:
    assert all(row.help and "\n" not in row.help for row in CODES.values())
