"""What a script of a story uses must be what the test driver gives it, or its own."""

import ast
import builtins

from machine import Machine

GIVEN = {"subtest", "start_all", *dir(builtins)}

# What only machines with a network between them have, of which none is performed here.
OF_SEVERAL = {"block", "unblock"}


def wrong_in(script, machines):
    known = GIVEN | set(machines)
    tree = ast.parse(script.read_text(), script)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.alias))}
    for node in names:
        if node.id not in own | known:
            yield f"line {node.lineno}: {node.id} is nothing"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) \
                and node.value.id in machines and not hasattr(Machine, node.attr) \
                and not (len(machines) > 1 and node.attr in OF_SEVERAL):
            yield f"line {node.lineno}: a machine has no {node.attr}"
