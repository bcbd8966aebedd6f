"""What stands under the fields of a class in its source: the descriptions of a JSON schema.

Pydantic can read them too, but as a class is made: that takes every command more time than what it is asked for.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from itertools import pairwise


def field_texts(described: type) -> Mapping[str, str]:
    """The text under each field that has one, on one line. Raises OSError where the source is not at hand."""
    (source,) = ast.parse(inspect.getsource(described)).body
    found = {}
    for field, text in pairwise(source.body if isinstance(source, ast.ClassDef) else ()):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                found[name] = " ".join(said.split())
    return found
