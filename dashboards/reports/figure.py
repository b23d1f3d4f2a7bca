"""A folium figure that needs no network: what it may link is written into the file, the rest is refused."""

import base64
import hashlib
import re
from html import escape
from pathlib import Path

from branca.element import CssLink, Element, Figure, JavascriptLink

from dashboards.vendor import leaflet_folder

# What folium links by itself and a map of lines, circles and DivIcons never calls.
_NOT_NEEDED = re.compile(
    r"jquery[-.\d]*\.min\.js|bootstrap(\.bundle)?\.min\.(js|css)|bootstrap-glyphicons\.css"
    r"|leaflet\.awesome-markers\.(js|css)|leaflet\.awesome\.rotate\.min\.css|fontawesome-free@[\d.]+/css/all\.min\.css"
)
_LEAFLET = re.compile(r"/leaflet@1\.9\.\d+/dist/(leaflet\.(?:js|css))$")
_CSS_IMAGE = re.compile(r"url\((images/[\w.-]+)\)")
_TAG_LINK = re.compile(r"""<[a-z][^>]*\s(?:src|srcset|href)\s*=\s*["']?(?!data:|#)[^"'\s>]+""", re.IGNORECASE)
_STYLE_LINK = re.compile(r"""@import|url\(\s*["']?(?!data:|#)[^)]+\)""")
_ADDRESS = re.compile(r"(?:https?|wss?):?//[^\s\"']+")  # what a tile layer, for one, would ask for
_BLOCKS = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)
_POLICY_PLACE = "<!--policy-->"


class UnknownLinkError(ValueError):
    """The map wants a file that we do not have; the page would ask another host for it."""


class Text(Element):
    """Ready HTML, put into the page as it is and never read as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_: object) -> str:
        """Return the text."""
        return self.text


class OfflineFigure(Figure):
    """A figure whose file opens from disk with the network closed, and forbids itself to use one.

    ``render`` raises UnknownLinkError for a link that is neither known nor known to be needless.
    """

    def __init__(self, title: str) -> None:
        super().__init__(title=escape(title))
        self.header.add_child(Text(_POLICY_PLACE), name="meta_policy")

    def render(self, **kwargs: object) -> str:
        """Return the page."""
        for child in list(self._children.values()):
            child.render(**kwargs)
        carried: list[str] = []
        for part in (self.header, self.html, self.script):
            for name, child in list(part._children.items()):
                part._children[name] = _without_link(child, carried)
        page = str(self._template.render(this=self, kwargs=kwargs))
        _refuse_links(page, carried)
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">'
        return page.replace(_POLICY_PLACE, meta, 1)


def policy(page: str) -> str:
    """Return the Content-Security-Policy that allows the page's own scripts and styles by hash."""
    allowed: dict[str, list[str]] = {"script": [], "style": []}
    for kind, text in _BLOCKS.findall(page):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        allowed[kind].append(f"'sha256-{digest}'")
    script, style = " ".join(allowed["script"]), " ".join(allowed["style"])
    return f"default-src 'none'; script-src {script}; style-src {style}; img-src data:"


def _without_link(child: Element, carried: list[str]) -> Element:
    if not isinstance(child, (JavascriptLink, CssLink)):
        return child
    known = _LEAFLET.search(child.url)
    if known:
        text = _file(leaflet_folder() / known[1])
        carried.append(text)
        tag = "style" if isinstance(child, CssLink) else "script"
        return Text(f"<{tag}>{text}</{tag}>")
    if _NOT_NEEDED.search(child.url):
        return Text("")
    raise UnknownLinkError(f"no copy of {child.url} is installed")


def _file(path: Path) -> str:
    text = path.read_text("utf-8").strip()
    if path.suffix == ".css":
        return _CSS_IMAGE.sub(lambda match: f"url({_data_url(path.parent / match[1])})", text)
    return re.sub(r"\n//# sourceMappingURL=.*$", "", text)


def _data_url(image: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(image.read_bytes()).decode()}"


def _refuse_links(page: str, carried: list[str]) -> None:
    """Look for links in all but the libraries' own text, where they are words and not requests."""
    for text in carried:
        page = page.replace(text, "")
    blocks = {"script": "", "style": ""}
    for kind, text in _BLOCKS.findall(page):
        blocks[kind] += text
    checks = (
        (_TAG_LINK, _BLOCKS.sub("", page)),
        (_STYLE_LINK, blocks["style"]),
        (_ADDRESS, blocks["script"]),
    )
    if found := next(filter(None, (pattern.search(text) for pattern, text in checks)), None):
        raise UnknownLinkError(f"the page links {found[0][:200]}")
