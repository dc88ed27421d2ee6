"""Laws of the spectra of images."""
