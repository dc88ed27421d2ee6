"""Networks behind functions."""

import dis
import functools
import inspect

from torch import nn

DEPTH = 6  # of functions that call functions


def modules_behind(model):
    """The networks that a callable reaches by name.

    Parameters
    ----------
    model : callable
        A module; a function, such as a lambda, with networks among its variables, or as
        attributes of its variables that it names; a method; ``functools.partial``; an object that
        is called; an adapter round any of these.

    Returns
    -------
    list of torch.nn.Module
        Each once, parts that a function names before the whole; empty if none is found. Those in
        lists and dictionaries are not.
    """
    return list(_behind(model, DEPTH, set()))


def _behind(value, depth, seen):
    if depth == 0 or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, nn.Module):
        yield value
        # an adapter calls its `net`: one that is a function, torch does not know
        parts = [vars(part).get("net") for part in value.modules()]
    elif isinstance(value, functools.partial):
        parts = [value.func, *value.args, *value.keywords.values()]
    elif inspect.ismethod(value):
        owner, function = value.__self__, value.__func__
        parts = [function, *(_attributes(owner, function) or [owner])]
    elif inspect.isfunction(value):
        parts = [part for held in _variables(value) for part in _attributes(held, value) or [held]]
    elif inspect.isfunction(call := inspect.getattr_static(type(value), "__call__", None)):
        parts = [call, *_attributes(value, call)]
    else:
        return
    for part in parts:
        yield from _behind(part, depth - 1, seen)


def _variables(function):
    """Values of a function's variables from outside, and of its defaults."""
    values = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    for cell in function.__closure__ or ():
        try:
            values.append(cell.cell_contents)
        except ValueError:  # not bound yet
            continue
    outside = function.__globals__
    return values + [outside[n] for n in _names(function, "LOAD_GLOBAL") if n in outside]


def _attributes(value, function):
    """Those attributes of a value that a function names; a module itself comes after them."""
    if inspect.ismodule(value) or inspect.isclass(value):
        return []
    held = getattr(value, "__dict__", {})
    if isinstance(value, nn.Module):
        held = value._modules
    named = [held[name] for name in _names(function, "LOAD_ATTR") if name in held]
    return [*named, value] if isinstance(value, nn.Module) else named


def _names(function, kind):
    """Names that a function, or one within it, loads."""
    codes, names = [getattr(function, "__code__", None)], {}
    for code in filter(None, codes):
        kinds = (kind, "LOAD_METHOD") if kind == "LOAD_ATTR" else (kind,)
        names |= {i.argval: None for i in dis.get_instructions(code) if i.opname in kinds}
        codes.extend(filter(inspect.iscode, code.co_consts))
    return names
