"""What no evaluation tells of a Nix file: names that nothing uses, `with`, and stray whitespace.

It looks at what `nix-instantiate --parse` prints, where all is in parentheses and strings have no
code in them. It only finds what is sure: a name counts as used wherever it is written in its scope,
also where it is another one of the same name."""

import re

TOKEN = re.compile(r"""
    "\$\{ | \}"                      # an attribute whose name is computed
  | "(?:\\.|[^"\\])*"                # a string
  | [a-zA-Z_][a-zA-Z0-9_'-]*         # a name
  | [/~.<][a-zA-Z0-9_.+/-]*[/][^\s)]* # a path
  | \.\.\. | == | \S
""", re.VERBOSE)
NAME = re.compile(r"[a-zA-Z_]")
OPENING, CLOSING = {"(", "{", "[", '"${'}, {")", "}", "]", '}"'}


def matching(tokens, at):
    """Where the bracket that opens at `at` closes."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i] in OPENING) - (tokens[i] in CLOSING)
        if depth == 0:
            return i
    raise ValueError("unbalanced brackets")


def at_depth_0(tokens, start, end):
    """The indexes from start to end that are in no bracket of their own."""
    i = start
    while i < end:
        yield i
        i = matching(tokens, i) + 1 if tokens[i] in OPENING else i + 1


def uses(tokens, start, end):
    """The names written from start to end that may stand for a value."""
    return [tokens[i] for i in range(start, end)
            if NAME.match(tokens[i]) and tokens[i - 1] != "." and tokens[i + 1:i + 2] != ["="]]


def unused_in_let(tokens, let, end):
    bound, inherits, scope = [], False, []
    for i in at_depth_0(tokens, let + 1, end):
        token = tokens[i]
        if token == "in":
            break
        if token == "inherit":
            inherits = True
        elif token == ";":
            inherits = False
        elif NAME.match(token) and (inherits or tokens[i + 1] == "="):
            bound.append(token)
            scope.append(i)
    used = uses(tokens, let + 1, end)
    for i in scope:
        if tokens[i + 1] != "=":
            used.remove(tokens[i])
    return [name for name in bound if name not in used]


def unused_in_function(tokens, opening, end):
    first = opening + 1
    if NAME.match(tokens[first]) and tokens[first + 1] == ":":
        bound, body = [tokens[first]], first + 2
    elif tokens[first] == "{":
        close = matching(tokens, first)
        if tokens[close + 1] != ":":
            return []  # a set, or all of the arguments have a name
        bound = [tokens[i] for i in at_depth_0(tokens, first + 1, close)
                 if NAME.match(tokens[i]) and tokens[i - 1] in ("{", ",")]
        body = first + 1
    else:
        return []
    used = uses(tokens, body, end)
    if body == first + 1:
        for name in bound:
            used.remove(name)
    return [name for name in bound if name not in used and not name.startswith("_")]


def in_syntax(parsed):
    """What is wrong with what is parsed, a line each."""
    tokens = TOKEN.findall(parsed)
    if "with" in tokens:
        yield "`with` hides where names come from"
    for i, token in enumerate(tokens[:-2]):
        if token != "(":
            continue
        if tokens[i + 1] == "let":
            unused = unused_in_let(tokens, i + 1, matching(tokens, i))
        else:
            unused = unused_in_function(tokens, i, matching(tokens, i))
        for name in unused:
            yield f"nothing uses {name}"


def in_text(text):
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            yield f"line {number}: a tab"
        if line != line.rstrip():
            yield f"line {number}: space at the end"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield "must end with one line feed"
