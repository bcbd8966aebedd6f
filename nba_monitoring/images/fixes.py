"""What would fix a finding: the COPY line, the requirement, or the import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from posixpath import dirname, join

from nba_monitoring.images.files import Files, Folder, Link
from nba_monitoring.images.findings import Kind, Problem
from nba_monitoring.images.image import Image
from nba_monitoring.images.tree import Tree


@dataclass(frozen=True, slots=True)
class Fixes:
    """Remedies for one image. `path` are the folders in which its program looks for its own modules."""

    tree: Tree
    image: Image
    context: Files
    path: Sequence[str]

    def fix(self, problem: Problem) -> str:
        """What to do about a problem."""
        match problem.kind:
            case Kind.DISTRIBUTION:
                files = list(dict.fromkeys(self.image.requirement_files))
                return f"Add {problem.missing} to {files[-1] if files else 'what the image installs'}"
            case Kind.RELATIVE:
                return "Import it by its absolute name, or start the program as a module of its package"
            case Kind.SYNTAX:
                return "Correct the file"
            case Kind.COPY_SOURCE:
                return "Correct the path or, if a build step makes it, name it in made_before_build"
        if "circular" in problem.error:
            return "Import it where it is used, or move it to a third module"
        return self._copy(problem)

    def _copy(self, problem: Problem) -> str:
        broken = self._broken_link(problem.missing)
        if broken:
            return broken
        if problem.error.startswith("cannot import name") and not any(self._in_tree(problem.missing, whole=True)):
            module, _, name = problem.missing.rpartition(".")
            return f"Define {name} in {module}, or correct the name"
        # A missing top-level package is copied in part: what is imported of it.
        length = max(2, problem.missing.count(".") + 1)
        wanted = ".".join((problem.wanted or problem.missing).split(".")[:length])
        for at, inside in self._in_tree(wanted):
            if self.context.get(at) is None:
                return f"The tree has {at[1:]}, but .dockerignore excludes it"
            is_folder = isinstance(self.tree.files.get(at), Folder)
            to = join(self._root(problem), inside)
            workdir = self.image.last_copy
            to = f"./{to[len(workdir) :].lstrip('/')}" if f"{to}/".startswith(f"{workdir.rstrip('/')}/") else to
            end = "/" if is_folder else ""
            return f"The tree has it: add COPY {at[1:]}{end} {to}{end}"
        return "The tree does not have it"

    def _in_tree(self, module: str, whole: bool = False) -> Iterator[tuple[str, str]]:
        """Where the tree has a module or its package, and the place below a folder of `sys.path`."""
        parts = module.split(".")
        for length in range(len(parts), len(parts) - 1 if whole else 0, -1):
            inside = "/".join(parts[:length])
            paths = [path for path in self.tree.by_name.get(parts[length - 1], ()) if _is_at(path, inside)]
            for path in sorted(paths, key=lambda path: (path.count("/"), path))[:1]:
                if not path.endswith(".py"):
                    yield path, inside
                elif length > 1:
                    yield dirname(path), dirname(inside)
                else:
                    yield path, f"{inside}.py"

    def _root(self, problem: Problem) -> str:
        """The folder of `sys.path` that the module's top level belongs in."""
        is_in_package = "." in (problem.wanted or problem.missing)
        mirrored = filter(self._mirrors, self.path) if is_in_package else ()
        return next(iter((*mirrored, *self.path)), "/")

    def _mirrors(self, folder: str) -> bool:
        """Whether a folder of the image has a folder of the tree under its own name."""
        node, root = self.image.files.get(folder), self.tree.files.root
        return isinstance(node, Folder) and any(
            isinstance(inner, Folder) and isinstance(root.entries.get(name), Folder)
            for name, inner in node.entries.items()
        )

    def _broken_link(self, module: str) -> str | None:
        """A link of the image to nowhere that stands where the module, or the package around it, should be."""
        parts = module.split(".")
        for folder in self.path:
            for inside in (
                "/".join(parts) + ".py",
                "/".join([*parts, "__init__.py"]),
                "/".join([*parts[:-1], "__init__.py"]),
            ):
                at = join(folder, inside)
                node = self.image.files.get(at, follow_last=False)
                if isinstance(node, Link) and self.image.files.get(at) is None:
                    return f"{at} is a link to {node.target}, which the image lacks: copy the file itself"
        return None


def _is_at(path: str, inside: str) -> bool:
    return f"{path.removesuffix('.py')}/".endswith(f"/{inside}/")
