"""Groups that lie inside or beside each other, as a tree: what every part of it may spend, and how to mend a split."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.planning.allocation.problem import Problem


@dataclass(slots=True, eq=False)
class Node:
    """Lines and groups of lines that together spend from `low` to `high` minor units. The root is the budget."""

    low: int
    high: int
    lines: list[int] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)


def tree_of(problem: Problem) -> Node | None:
    """None where two groups overlap and neither holds the other."""
    root = Node(0, problem.total)
    inside: list[tuple[frozenset[int], Node]] = [(frozenset(range(len(problem.responses))), root)]
    for group in sorted(problem.sums, key=lambda each: -len(each.members)):
        if any(group.members & other and not group.members <= other for other, _ in inside):
            return None
        node = Node(group.low, group.high)
        _holder(inside, group.members).children.append(node)
        inside.append((group.members, node))
    for i in range(len(problem.responses)):
        _holder(inside, frozenset((i,))).lines.append(i)
    return root


def _holder(inside: Sequence[tuple[frozenset[int], Node]], members: frozenset[int]) -> Node:
    """The smallest that holds the members: groups come from the largest to the smallest."""
    return [node for held, node in inside if members <= held][-1]


@dataclass(frozen=True, slots=True)
class Range:
    least: int
    most: int

    def nearest(self, amount: int) -> int:
        return min(max(amount, self.least), self.most)


def range_of(node: Node, ranges: Sequence[Range]) -> Range:
    """What the node can spend when its lines keep to `ranges`; `least` above `most` where it can't keep its bounds."""
    parts = _parts(node, ranges)
    if any(part.least > part.most for part in parts):
        return Range(1, 0)
    return Range(max(node.low, sum(part.least for part in parts)), min(node.high, sum(part.most for part in parts)))


def mended(node: Node, amounts: Sequence[int], ranges: Sequence[Range], target: int) -> list[int]:
    """Amounts near the given ones that keep every bound and add up to `target`, which lies in the node's range."""
    spend = list(amounts)
    _mend(node, spend, ranges, target)
    return spend


def _mend(node: Node, spend: list[int], ranges: Sequence[Range], target: int) -> None:
    parts = _parts(node, ranges)
    wanted = [spend[i] for i in node.lines] + [_sum(child, spend) for child in node.children]
    given = [part.nearest(amount) for part, amount in zip(parts, wanted, strict=True)]
    missing = target - sum(given)
    for place in sorted(range(len(parts)), key=lambda each: -given[each]):
        moved = parts[place].nearest(given[place] + missing) - given[place]
        given[place] += moved
        missing -= moved
    for i, amount in zip(node.lines, given, strict=False):
        spend[i] = amount
    for child, amount in zip(node.children, given[len(node.lines) :], strict=True):
        _mend(child, spend, ranges, amount)


def _parts(node: Node, ranges: Sequence[Range]) -> list[Range]:
    return [ranges[i] for i in node.lines] + [range_of(child, ranges) for child in node.children]


def _sum(node: Node, spend: Sequence[int]) -> int:
    return sum(spend[i] for i in node.lines) + sum(_sum(child, spend) for child in node.children)
