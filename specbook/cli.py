"""The command line: ``specbook run``, ``check``, ``cite``, ``doctor``.

Each command imports what it needs when it runs, so that the others start at once.
"""

from difflib import get_close_matches

import click

from . import __version__


class Tools(click.Group):
    """Commands that say what to install where a package is missing."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Tools, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="specbook")
def main():
    """Tools of the book How Diffusion Models Learn."""


class Number(click.ParamType):
    """A number as a reader types it, also as a fraction or a power of ten."""

    name = "number"

    def convert(self, value, param, ctx):
        numerator, slash, denominator = str(value).replace("−", "-").partition("/")
        try:
            return float(numerator) / (float(denominator) if slash else 1.0)
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is not a number. Examples: 0.5, 1/3, -2, 1e-3", param, ctx)


# A negative number must not be taken for an option.
@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("exercise", required=False, metavar="[ex-LABEL]")
@click.argument("answer", nargs=-1, type=Number(), metavar="[NUMBER...]")
def check(exercise, answer):
    """Judge the answer to an exercise of the book.

    Several numbers are an array. Without an answer, the exercises are listed. The exit status
    is 0 for a right answer, 1 for a wrong one, 2 if the question is not understood.

    \b
    specbook check                      list the exercises
    specbook check ex-untrained 4/25    judge an answer: it prints "Right."
    """
    from .reading import citation, exercises

    book, places = exercises(), citation.labels()
    if exercise is None:
        for label in sorted(book):
            title = places.get(label, {}).get("title", "").removeprefix("Exercise: ")
            units = f" ({book[label].units})" if book[label].units else ""
            click.echo(f"{label}  {title}{units}")
        return
    if exercise not in book:
        near = get_close_matches(exercise.removeprefix("ex-"), [k[3:] for k in book], cutoff=0.4)
        hint = f" Near it: {', '.join('ex-' + k for k in near)}." if near else ""
        raise click.UsageError(
            f"There is no exercise {exercise!r}.{hint} 'specbook check' alone lists them all."
        )
    if not answer:
        units = f" ({book[exercise].units})" if book[exercise].units else ""
        raise click.UsageError(f"Give your answer{units}: specbook check {exercise} NUMBER")
    right, message = book[exercise].judge(answer[0] if len(answer) == 1 else answer)
    click.echo(message)
    raise SystemExit(0 if right else 1)


@main.command()
@click.argument("labels", nargs=-1, metavar="[LABEL...]")
def cite(labels):
    """Print BibTeX entries for places of the book.

    A LABEL is the end of an address on a page: sec-..., eq-..., fig-..., ex-..., or claim-...,
    which is cited by its entry in the ledger of claims. An equation brings the papers that it is
    stated in or builds on. Without a label: the whole book and the three papers that it explains.

    \b
    specbook cite eq-gain fig-linear-gain >> references.bib
    """
    from .reading.citation import cite

    labels = [label.rpartition("#")[2].removeprefix("equation-") for label in labels]
    try:
        click.echo(cite(*labels), nl=False)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def doctor(as_json):
    """Examine this installation and print a report for an issue.

    Versions, threads and devices; a law against a known value, the sampler and a short training
    against the law. It takes a few seconds. The report holds no names of people or folders. The
    exit status is 1 if something is wrong.
    """
    from . import doctor

    found = doctor.examine()
    click.echo(doctor.as_json(found) if as_json else doctor.as_markdown(found), nl=False)
    raise SystemExit(0 if doctor.healthy(found) else 1)


@main.command()
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--preset", default="quick", show_default=True, help="quick, book or gpu.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, mps, ...")
@click.option("--resume", is_flag=True, help="Go on with what an interrupted call has left.")
@click.option("--dry", is_flag=True, help="Only say what would be run and what it costs.")
@click.option("--again", is_flag=True, help="Make a result anew that is stored already.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one a core.")
@click.option("--out", type=click.Path(file_okay=False), help="Folder for the result.")
def run(name, preset, device, resume, dry, again, jobs, out):
    """Run an experiment of the book and store its result.

    Without a NAME the experiments are listed. A call that is stopped, also by force, loses at
    most the last seconds: call it again with --resume. In a checkout of the repository the
    result goes where the chapters find it; elsewhere into the folder specbook-results.

    \b
    specbook run neural_networks --dry             what it would cost
    specbook run neural_networks --preset book     what the chapter loads (long)
    """
    from . import studies

    try:
        if name is None:
            click.echo("\n".join(studies.names()))
            return
        experiment = studies.experiment(name)
        if dry:
            click.echo(studies.plan(experiment, preset, jobs, device))
            return
        folder = studies.folder() if out is None else out
        if not again and studies.is_stored(experiment, preset, folder):
            file = experiment.files(preset, folder)[0].name
            raise ValueError(f"again: {file} is what this code makes; make it anew with --again")
        result = studies.perform(
            experiment, preset, folder=folder, device=device, resume=resume, jobs=jobs,
            progress=True,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except KeyboardInterrupt:
        raise click.ClickException("stopped; go on with --resume") from None
    click.echo(f"{len(result.runs)} runs stored in {folder}")
    if folder != studies.RESULTS:
        click.echo(f"Read them with specbook.studies.load({name!r}, {preset!r}, {str(folder)!r})")
