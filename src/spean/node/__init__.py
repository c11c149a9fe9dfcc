"""The node: the one object that every face calls, divided by what it does. See ``node.node``."""

from spean.node.node import Node, admit, admitted, create, open_node

__all__ = ["Node", "admit", "admitted", "create", "open_node"]
