"""What a chapter uses to talk to its reader: claims, figures, exercises. No science."""

from .claims import ClaimError, claim, statement
from .drawing import draw_pictures, draw_runs, ramp
from .exercises import Exercise, check, exercises
from .figures import figure
from .greys import embedded
from .plots import interactive
from .settings import settings
