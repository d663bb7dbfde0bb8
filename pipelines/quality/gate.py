"""Judging a staged bundle by the suites. What a judgement says are numbers; values of cells never enter one.

A delta is not the whole and an absent file is nothing: neither is judged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from pipelines.findings import Finding, Severity, finding
from pipelines.handover import StagedBundle
from pipelines.oneroster.manifest import Mode
from pipelines.quality.suites import Expectation, Level, expectations

Facts = dict[str, int | float]


@dataclass(frozen=True)
class Judgement:
    """How one expectation fared; `judged` is False where there was nothing to judge."""

    expectation: Expectation
    passed: bool
    judged: bool = True
    facts: Facts = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """One sentence, without values."""
        if not self.judged:
            return "Not judged: the bundle has no bulk file of it."
        facts = ", ".join(f"{name.replace('_', ' ')} {number:.6g}" for name, number in self.facts.items())
        return f"{'Met' if self.passed else 'Broken'}: {self.expectation.description} ({facts})"


def judge(staged: StagedBundle, suites: Sequence[Expectation] | None = None) -> list[Judgement]:
    """A judgement of every expectation, in the suites' order."""
    asked = expectations() if suites is None else suites
    by_entity: dict[str, list[Expectation]] = {}
    for expectation in asked:
        by_entity.setdefault(expectation.entity, []).append(expectation)
    return [judgement for name, own in by_entity.items() for judgement in _judge_file(staged, name, own)]


def _judge_file(staged: StagedBundle, name: str, asked: list[Expectation]) -> list[Judgement]:
    if staged.mode(name) is not Mode.BULK or not staged.files[name].accepted:
        return [Judgement(expectation, passed=True, judged=False) for expectation in asked]
    from pipelines.quality.judging import judge_rows  # imports Great Expectations, which takes seconds

    answers = judge_rows(staged.files[name].accepted_path, asked)
    return [
        Judgement(expectation, passed, facts=facts) for expectation, (passed, facts) in zip(asked, answers, strict=True)
    ]


def findings(judgements: Iterable[Judgement]) -> tuple[Finding, ...]:
    """What the broken expectations mean for the bundle."""
    return tuple(_finding(judgement) for judgement in judgements if not judgement.passed)


def _finding(judgement: Judgement) -> Finding:
    expectation = judgement.expectation
    refuses = expectation.level is Level.ERROR
    return finding(
        "expectation_broken",
        Severity.ERROR if refuses else Severity.WARNING,
        f"{expectation.entity}.csv",
        rejects_bundle=refuses,
        expected=expectation.description,
        name=expectation.name,
    )


def with_findings(staged: StagedBundle, judgements: Iterable[Judgement]) -> StagedBundle:
    """The staged bundle with what the gate found: publishing refuses it if an expectation of level error is broken."""
    return replace(staged, findings=(*staged.findings, *findings(judgements)))
