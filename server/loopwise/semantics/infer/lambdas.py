"""Parameters of lambdas: evaluated from defaults, or from the signature expected where the lambda is passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwise.semantics.bindings import File, table_of
from loopwise.semantics.infer import calls, overloads
from loopwise.semantics.infer.arguments import arguments_in, pairs
from loopwise.semantics.infer.values import NONE, UNKNOWN, ClassObject, Function, Signature, Value, known, substitute
from loopwise.syntax import Node, field, node_at

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


def lambda_parameter(ev: Evaluator, file: File, node: Node, name: str) -> Value | None:
    """The value of the lambda's parameter ``name``; ``None`` if it has no such parameter."""
    parameters = table_of(node).parameters
    index = next((i for i, parameter in enumerate(parameters) if parameter.name == name), None)
    if index is None:
        return None
    default = parameters[index].value
    if default is not None:
        value_node = node_at(file.root, default.shifted(node.start_byte))
        value = ev.value(file, value_node) if value_node is not None else UNKNOWN
        return UNKNOWN if value == NONE else value
    for promised in known(_promised(ev, file, node)):
        if isinstance(promised, Signature) and promised.parameters and index < len(promised.parameters):
            return promised.parameters[index]
    return UNKNOWN


def _promised(ev: Evaluator, file: File, node: Node) -> Value:
    """The annotation of the parameter that the lambda is passed to."""
    holder = node.parent
    if holder is not None and holder.type == "keyword_argument":
        holder = holder.parent
    call = holder.parent if holder is not None and holder.type == "argument_list" else None
    function = field(call, "function") if call is not None and call.type == "call" else None
    if call is None or function is None:
        return UNKNOWN
    callee = ev.value(file, function)
    if isinstance(callee, ClassObject):
        callee = next(calls.constructors(ev, callee), callee)
    if not isinstance(callee, Function):
        return UNKNOWN
    args = arguments_in(file, call)
    definition, parameters = overloads.choose(ev, callee, args)
    settled = calls.receiver_variables(ev, callee, definition)
    for parameter, argument in pairs(parameters, args):
        if argument.node == node:
            wanted = substitute(calls.annotation_of(ev, callee.file, definition, parameter), settled)
            solved = calls.solve(ev, callee.file, definition, parameters, args, settled, skip=node)
            return substitute(wanted, solved)
    return UNKNOWN
