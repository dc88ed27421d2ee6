"""Which axis of an array of pictures holds the channels."""


from .._check import choice

LAYOUTS = ("channels_last", "channels_first")
CHANNELS = (1, 3, 4)  # that are recognised without being told


def picture_shape(name, shape, layout=None):
    """Shape of one picture, and the layout, of an array of pictures.

    Parameters
    ----------
    name : str
        Name of the array, for messages.
    shape : tuple of int
        Of the array: (N, height, width), (N, height, width, channels) or
        (N, channels, height, width).
    layout : {"channels_last", "channels_first"}, optional
        Which of the last two it is. Without it the axis of channels is the one with 1, 3 or 4
        entries, if they are fewer than those of both other axes.

    Returns
    -------
    shape : (int, int, int)
        Channels, height and width.
    layout : {"channels_last", "channels_first"}
        "channels_last" for pictures of three axes: with one channel both are the same.

    Raises
    ------
    ValueError
        If `layout` is needed and not given.
    """
    if layout is not None:
        choice("layout", layout, LAYOUTS)
    if len(shape) == 3:
        return (1, *shape[1:]), "channels_last"
    if layout is None:
        fewest = min(shape[1:])
        alone = fewest in CHANNELS and shape[1:].count(fewest) == 1
        if not alone or shape[2] == fewest:
            raise ValueError(
                f"layout must be given for {name} of shape {tuple(shape)}, whose axis of channels"
                " is not certain: 'channels_last' for (N, height, width, channels) or"
                " 'channels_first' for (N, channels, height, width)"
            )
        layout = "channels_first" if shape[1] == fewest else "channels_last"
    if layout == "channels_first":
        return tuple(shape[1:]), layout
    return (shape[3], *shape[1:3]), layout
