"""Symbols of the chapter flow-matching."""

from .notation import Notation, positive

t = positive("t")

SAMPLING = (Notation(t, "t", "time of flow matching: 0 is noise, 1 is data", "", "t"),)
