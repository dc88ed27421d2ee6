"""Sphinx extension: the icons that the pages show, and no others.

The theme loads Font Awesome twice: as 1.5 MB of script and as two fonts. The script is taken off
the pages (`specbook_page`). This extension cuts the icons in use out of the theme's fonts and
writes them into ``_static/icons.css``, in which they stand before the theme's: a browser asks
for a whole font only if an icon is missing here.
"""

import base64
import re
from io import BytesIO
from pathlib import Path

from fontTools import subset

FONTS = {  # file of the theme -> font family and weight of its style sheet
    "fa-solid-900.ttf": ("Font Awesome 6 Free", 900),
    "fa-brands-400.ttf": ("Font Awesome 6 Brands", 400),
}
LICENCE = "/* Icons of Font Awesome Free, https://fontawesome.com, fonts: SIL OFL 1.1 */\n"
RULE = """@font-face {{
  font-family: "{family}";
  font-weight: {weight};
  src: url(data:font/woff;base64,{data}) format("woff");
}}
"""


def codepoints(css):
    """Code points by icon name in Font Awesome's style sheet."""
    rules = re.findall(r'((?:\.fa-[\w-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}', css)
    pairs = [(name, code) for names, code in rules for name in re.findall(r"fa-[\w-]+", names)]
    return {name: int(code, 16) for name, code in pairs}


def used(static, pages):
    """Code points of the icons in pages, in scripts of the theme, and in its style sheets."""
    files = sorted((static / "styles").glob("*.css"))
    styles = [file.read_text(encoding="utf-8") for file in files]
    known = {name: code for css in styles for name, code in codepoints(css).items()}
    scripts = (static / "scripts").glob("*theme.js")
    names = {
        name
        for file in [*pages, *scripts]
        for name in re.findall(r"\bfa-[\w-]+", file.read_text(encoding="utf-8"))
    }
    private = {ord(c) for css in styles for c in css if "\ue000" <= c <= "\uf8ff"}
    own = [css for css in styles if not codepoints(css)]  # not those that list every icon
    private |= {int(code, 16) for css in own for code in re.findall(r'"\\(f[0-9a-f]{3})"', css)}
    return private | {known[name] for name in names if name in known}


def cut(file, points):
    """The glyphs of these code points as a WOFF font."""
    options = subset.Options(flavor="woff", hinting=False, layout_features=[], notdef_outline=True)
    font = subset.load_font(file, options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    font.flavor, stream = "woff", BytesIO()
    font.save(stream)
    return stream.getvalue()


def write(app, exception):
    """Write the style sheet when all pages are there."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    points = used(static, [f for f in out.rglob("*.html") if static not in f.parents])
    text = LICENCE
    for file, (family, weight) in FONTS.items():
        font = cut(static / "vendor/fontawesome/webfonts" / file, points)
        data = base64.b64encode(font).decode("ascii")
        text += RULE.format(family=family, weight=weight, data=data)
    (static / "icons.css").write_text(text, encoding="utf-8")


def setup(app):
    app.add_css_file("icons.css", priority=900)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
