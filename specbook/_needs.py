"""Packages that only a part of specbook needs, and the command that brings them."""

from importlib.util import find_spec

#: Names under which packages are installed, where those differ from what is imported.
INSTALLED_AS = {"PIL": "pillow", "skimage": "scikit-image", "sklearn": "scikit-learn"}


def need(what, extra, *modules):
    """Raise ``ModuleNotFoundError`` that says what to install, unless all modules are there.

    Parameters
    ----------
    what : str
        Part of specbook that is about to import them.
    extra : str
        Extra of ``pyproject.toml`` that brings them.
    *modules : str
        As they are imported; top-level names.
    """
    for name in modules:
        if find_spec(name) is None:
            raise ModuleNotFoundError(
                f'{what} needs {INSTALLED_AS.get(name, name)}: pip install "specbook[{extra}]"',
                name=name,
            )
