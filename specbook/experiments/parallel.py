"""Independent calls on several processes."""

from .._needs import need


def in_parallel(function, jobs, workers=2):
    """Call a function for each job, on several processes, with a bar that shows how far it is.

    Parameters
    ----------
    function : callable
        May be defined in a notebook. Each process uses one thread of torch.
    jobs : iterable of tuple
        Arguments of each call; ``zip(seeds)`` for calls with one argument.
    workers : int
        Number of processes.

    Returns
    -------
    list
        What the calls returned, in the order of the jobs.

    Examples
    --------
    >>> in_parallel(pow, [(2, 3), (3, 2)], workers=1)
    [8, 9]
    """
    need("specbook.experiments.in_parallel", "run", "joblib")
    from joblib import Parallel, delayed
    from tqdm import tqdm

    jobs = list(jobs)
    calls = Parallel(n_jobs=workers, return_as="generator")(
        delayed(_alone)(function, job) for job in jobs
    )
    return list(tqdm(calls, total=len(jobs)))


def _alone(function, job):
    """One job, with one thread of torch: the same sums in the same order on every machine."""
    import torch

    torch.set_num_threads(1)
    return function(*job)
