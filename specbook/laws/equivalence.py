"""Laws of what a linear denoiser can and cannot see of its data."""
