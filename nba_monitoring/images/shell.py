"""Shell text as simple commands, and variables as Docker and a shell replace them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

_VARIABLE = re.compile(
    r"\$(?:(?P<name>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)(?P<rest>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\})"
)
_SEPARATORS = frozenset(";&|()\n")
_KEYWORDS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "time"})
_ENDS = frozenset({"fi", "done", "}", "esac", ";;"})


def replace_variables(text: str, variables: Mapping[str, str]) -> str:
    """The text with `$A`, `${A}`, `${A:-default}` and `${A:+other}` replaced; an unset variable is empty."""

    def value(found: re.Match[str]) -> str:
        name = found["name"] or found["braced"]
        rest = found["rest"] or ""
        known = variables.get(name)
        sign = rest.lstrip(":")[:1]
        other = rest.lstrip(":")[1:]
        is_set = known is not None and not (rest.startswith(":") and not known)
        if sign in ("-", "="):
            return (known or "") if is_set else replace_variables(other, variables)
        if sign == "+":
            return replace_variables(other, variables) if is_set else ""
        return known or ""

    return _VARIABLE.sub(value, text)


def variables_in(text: str) -> set[str]:
    """The names of the variables that a text uses without a default of its own."""
    return {
        found["name"] or found["braced"]
        for found in _VARIABLE.finditer(text)
        if not (found["rest"] or "").lstrip(":").startswith(("-", "+", "="))
    }


def docker_word(text: str, variables: Mapping[str, str]) -> str:
    """A word of an instruction: variables are replaced except in single quotes, and quotes removed."""
    made, at, quote = "", 0, ""
    while at < len(text):
        sign = text[at]
        if quote != "'" and sign == "\\" and at + 1 < len(text):
            made += text[at + 1]
            at += 2
        elif sign in "'\"" and quote in ("", sign):
            quote = "" if quote else sign
            at += 1
        elif quote != "'" and (found := _VARIABLE.match(text, at)):
            made += replace_variables(found[0], variables)
            at = found.end()
        else:
            made += sign
            at += 1
    return made


def simple_commands(text: str, variables: Mapping[str, str]) -> Iterator[list[str]]:
    """The simple commands of a shell text, in order, each as its words. Text that can't be read gives none."""
    joined = text.replace("\\\r\n", " ").replace("\\\n", " ")
    # A comment between continued lines ends neither the command nor the line.
    lines = [line for line in joined.split("\n") if not line.lstrip().startswith("#")]
    for line in _with_open_quotes(lines):
        try:
            reader = shlex.shlex(replace_variables(line, variables), posix=True, punctuation_chars=";&|()<>")
            reader.whitespace_split = True
            reader.commenters = "#"
            words = list(reader)
        except ValueError:
            continue
        yield from _split(words)


def _with_open_quotes(lines: Sequence[str]) -> Iterator[str]:
    """The lines, where a quote that stays open takes the next lines with it."""
    waiting = ""
    for line in lines:
        waiting = f"{waiting}\n{line}" if waiting else line
        try:
            shlex.split(waiting, comments=True)
        except ValueError:
            continue
        yield waiting
        waiting = ""
    if waiting:
        yield waiting


def _split(words: Sequence[str]) -> Iterator[list[str]]:
    command = list[str]()
    skip = False
    for position, word in enumerate(words):
        if skip:
            skip = False
        elif word and set(word) <= _SEPARATORS:
            if command:
                yield command
            command = []
        elif word and set(word) <= {"<", ">", "&"}:
            # A redirection, and the file descriptor before it.
            if command and command[-1].isdigit():
                command.pop()
            command.append(">" if ">" in word else "<")
            skip = ">" not in word
            if position + 1 < len(words) and ">" in word and words[position + 1].isdigit():
                command.pop()
                skip = True
        elif command or (word not in _KEYWORDS and word not in _ENDS):
            command.append(word)
    if command:
        yield command


def assignments_of(command: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The `A=b` before a command, and the command."""
    found = dict[str, str]()
    rest = list(command)
    while rest and re.match(r"[A-Za-z_]\w*=", rest[0]):
        name, _, value = rest.pop(0).partition("=")
        found[name] = value
    return found, rest


def without_redirections(command: Sequence[str]) -> list[str]:
    """A command's words without its output redirections."""
    kept = list[str]()
    words = iter(command)
    for word in words:
        if word == ">":
            next(words, None)
        else:
            kept.append(word)
    return kept
