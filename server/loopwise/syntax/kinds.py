"""Sets of node types that several modules use, each under one name."""

from __future__ import annotations

IDENTIFIERS = frozenset({"identifier"})
"""Names."""
CALLS = frozenset({"call"})
"""Calls."""
YIELDS = frozenset({"yield"})
"""`yield` expressions."""
STRINGS = frozenset({"string"})
"""String literals."""
COMMENTS = frozenset({"comment"})
"""Comments."""
FUNCTIONS = frozenset({"function_definition"})
"""`def` and `async def`."""
CLASSES = frozenset({"class_definition"})
"""`class`."""
IMPORTS = frozenset({"aliased_import", "dotted_name", "import_from_statement", "import_statement"})
"""Imports, and the nodes that contain the names in them."""
WITHS = frozenset({"with_statement"})
"""`with` and `async with`."""
LOOPS = frozenset({"for_statement", "while_statement"})
"""`for`, `async for` and `while`."""
BLOCKS = frozenset({"block", "module"})
"""Nodes that contain statements."""
FORS = frozenset({"for_in_clause", "for_statement"})
"""`for` and `async for`, as statements and in comprehensions."""
NAMES = frozenset({"attribute", "identifier"})
"""`a` and `a.b`."""
NAMES_AND_CALLS = frozenset({"attribute", "call", "identifier"})
"""`a`, `a.b` and `a()`."""
DEFINITIONS = frozenset({"class_definition", "decorated_definition", "function_definition"})
"""Definitions at module or class level, decorated or not."""
SCOPES = frozenset({"class_definition", "function_definition", "lambda"})
"""Scopes inside a function."""
BODIES = frozenset({"class_definition", "function_definition", "lambda", "module"})
"""Nodes that run their own body."""
JUMPS = frozenset({"break_statement", "continue_statement", "raise_statement", "return_statement"})
"""Statements after which the next one does not run."""
LOOP_ENDS = frozenset({"break_statement", "raise_statement", "return_statement"})
"""Statements that end a loop."""
JUMPS_WITHOUT_RAISE = frozenset({"break_statement", "continue_statement", "return_statement"})
"""Jumps out of a block that do not raise."""
EFFECTS = frozenset({"await", "call", "named_expression", "yield"})
"""Expressions with possible side effects."""
PRIMARIES = frozenset({"attribute", "call", "identifier", "subscript"})
"""Expressions that bind closer than any operator."""
CLOSED = frozenset({"attribute", "call", "identifier", "parenthesized_expression", "subscript"})
"""Primaries, and parenthesized expressions."""
CLAUSES = frozenset({"for_in_clause", "if_clause"})
"""The clauses of a comprehension."""
COMPREHENSIONS = frozenset(
    {"dictionary_comprehension", "generator_expression", "list_comprehension", "set_comprehension"}
)
"""Expressions with clauses of their own."""
COLLECTING = frozenset({"list_comprehension", "set_comprehension"})
"""Comprehensions that collect their items in a list or set."""
AWAITS = frozenset({"await"})
"""`await` expressions."""
RAISES = frozenset({"raise_statement"})
"""`raise`."""
RETURNS = frozenset({"return_statement"})
"""`return`."""
ASSIGNMENTS = frozenset({"assignment"})
"""Assignments."""
TRIES = frozenset({"try_statement"})
"""`try`."""
HANDLERS = frozenset({"except_clause", "except_group_clause"})
"""`except` and `except*`."""
ATTRIBUTES = frozenset({"attribute"})
"""Attributes."""
CLASSES_AND_FUNCTIONS = frozenset({"class_definition", "function_definition"})
"""Definitions without their decorators."""
PLACES = frozenset({"attribute", "subscript"})
"""Parts of an object: `a.b` and `a[b]`."""
TRAILERS = frozenset({"attribute", "call", "subscript"})
"""Expressions that extend another one."""
CONDITIONS = frozenset({"boolean_operator", "elif_clause", "if_statement", "not_operator", "while_statement"})
"""Nodes that test an expression's truth."""
WRITES = frozenset({"assignment", "augmented_assignment"})
"""Assignments, including augmented ones."""
SHARED_NAMES = frozenset({"global_statement", "nonlocal_statement"})
"""`global` and `nonlocal`."""
UNPACKED = frozenset({"pattern_list", "tuple_pattern"})
"""Several targets of one assignment."""
PATTERNS = frozenset({"list_pattern", "pattern_list", "tuple_pattern"})
"""Targets that unpack a value."""
DISPLAYS = frozenset({"list", "set", "tuple"})
"""Literals that contain values."""
