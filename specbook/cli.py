"""The command line: ``specbook check ex-... ANSWER``."""

import click

from . import __version__


@click.group()
@click.version_option(__version__, package_name="specbook")
def main():
    """Tools of the book How Diffusion Models Learn."""


@main.command()
@click.argument("exercise", required=False)
@click.argument("answer", required=False, type=float)
def check(exercise, answer):
    """Judge ANSWER to EXERCISE; without an answer, list the exercises."""
    from .reading import exercises

    book = exercises()
    if answer is None:
        for label, one in sorted(book.items()):
            click.echo(f"{label}  ({one.units})" if one.units else label)
        if exercise is not None:
            raise click.UsageError(f"give an answer: specbook check {exercise} NUMBER")
        return
    if exercise not in book:
        raise click.BadParameter(f"{exercise!r} is none of {', '.join(sorted(book))}")
    right, message = book[exercise].judge(answer)
    click.echo(message)
    raise SystemExit(0 if right else 1)
