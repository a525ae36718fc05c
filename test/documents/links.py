"""Checks the links in all Markdown files of the project, and in the HTML pages that Doxygen made from them.

links.py SOURCES [HTML]. Links to other sites are not followed."""

import html.parser
import pathlib
import re
import sys
import urllib.parse

sys.dont_write_bytecode = True
sources = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(sources / "doc"))
from heading_ids import slug

problems = []

# Doxygen 1.9.4 links to this section even if it hides all of its classes, because they are private.
IGNORED = "nested-classes"


def is_external(link):
    return bool(re.match(r"[a-z][a-z+.-]*:", link)) or link.startswith("//")


def markdown_ids(path):
    text = re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8"))
    return {slug(heading) for heading in re.findall(r"(?m)^#+ (.*)", text)}


def check_markdown(path):
    text = re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8"))
    text = re.sub(r"`[^`]*`", "", text)
    links = re.findall(r"\]\(([^)\s]*)\)", re.sub(r"\s+", " ", text))
    for link in filter(lambda each: not is_external(each), links):
        name, _, identifier = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists():
            problems.append(f"{path}: there is no {link}")
        elif identifier and identifier not in markdown_ids(target):
            problems.append(f"{path}: {target.name} has no heading for #{identifier}")
    return len(links)


class page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.path, self.ids, self.links = path, set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids.update(given[name] for name in ("id", "name") if given.get(name))
        link = given.get("href") if tag in ("a", "link") else given.get("src")
        if link and not is_external(link):
            self.links.append(urllib.parse.unquote(link))


def check_pages(directory):
    pages = {path.name: page(path) for path in directory.glob("*.html")}
    for each in pages.values():
        for link in each.links:
            name, _, identifier = link.partition("#")
            target = pages.get(name or each.path.name)
            if name and not (directory / name).exists():
                problems.append(f"{each.path}: there is no {link}")
            elif target and identifier not in target.ids | {"", IGNORED}:
                problems.append(f"{each.path}: there is no {link}")
    return sum(len(each.links) for each in pages.values())


files = [path for path in sources.rglob("*.md") if not any(part.startswith("build") for part in path.relative_to(sources).parts)]
links = sum(check_markdown(path) for path in files)
print(f"{links} links in {len(files)} Markdown files")
if len(sys.argv) > 2:
    print(f"{check_pages(pathlib.Path(sys.argv[2]))} links in the pages of Doxygen")
sys.exit("\n".join(problems) or 0)
