"""Exercises: the solution passes its checker, and known slips fail with their hint."""

import code_cells
import numpy as np
import prose
from pages import FENCE, Problem, blank

FEWEST = 3


def check_exercise(exercise):
    """The right answer passes; at least three slips fail, each with its own hint."""
    problems = []

    def report(message):
        problems.append(Problem("specbook/reading/answers", exercise.label, message))

    if not exercise.judge(exercise.answer)[0]:
        report("the checker refuses the right answer")
    if not 0 < exercise.rtol <= 0.05:
        report(f"rtol {exercise.rtol} accepts too much: at most 0.05")
    if len(exercise.hints) < FEWEST:
        report(f"give at least {FEWEST} wrong answers with hints, found {len(exercise.hints)}")
    for slip, hint in exercise.hints:
        right, message = exercise.judge(slip)
        if right:
            report(f"the checker accepts the wrong answer {slip!r}")
        elif not hint.strip() or hint not in message:
            report(f"the wrong answer {slip!r} gets {message!r} instead of its hint {hint!r}")
    answer = np.asarray(exercise.answer, float)
    for wrong in (
        answer * (1 + 10 * exercise.rtol) + 1e-300,
        np.full_like(answer, np.nan),
        -answer,
    ):
        if answer.any() and exercise.judge(wrong)[0]:
            report(f"the checker accepts the wrong answer {wrong!r}")
    return problems


def check_exercises(pages, exercises=None):
    """Each exercise has a checker and a folded solution that ran and was judged right."""
    from specbook.reading import exercises as all_exercises
    from specbook.reading.mime import EXERCISE

    known, problems = all_exercises() if exercises is None else exercises, []
    for page in pages:
        asked, solved = {}, set()
        for cell in page.prose():
            for match in prose.EXERCISE.finditer(FENCE.sub(blank, cell.source)):
                label = match["label"]
                if label not in known:
                    message = f"exercise {label} has no checker in specbook/reading/answers"
                    problems.append(Problem(page.path, cell.where, message))
                asked[label] = cell
        for cell in page.code():
            for record in cell.records(EXERCISE):
                folded = "hide-cell" in cell.metadata.get("tags", [])
                titled = cell.source.startswith("# @title Solution")
                called = any(
                    c.args and getattr(c.args[0], "value", None) == record["label"]
                    for c in code_cells.calls(code_cells.tree(cell), "check")
                )
                if not (folded and titled):
                    continue
                if not record["right"]:
                    message = f"the solution of {record['label']} was judged wrong"
                    problems.append(Problem(page.path, cell.where, message))
                elif called:
                    solved.add(record["label"])
        for label in asked.keys() - solved:
            message = (
                f"exercise {label} has no solution that ran and passed: a cell tagged hide-cell,"
                f' first line "# @title Solution", that calls check("{label}", ...)'
            )
            problems.append(Problem(page.path, asked[label].where, message))
        for label in solved - asked.keys():
            problems.append(
                Problem(page.path, f"solution of {label}", "no such exercise on this page")
            )
        if page.is_chapter and len(asked) < FEWEST:
            message = f"{len(asked)} exercises: a chapter has at least {FEWEST}"
            problems.append(Problem(page.path, "exercises", message))
    return problems
