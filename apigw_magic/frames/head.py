"""The beginning of a list that is not held in memory, and its length: as good as the list, or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, SupportsIndex, TypeAlias, overload

from apigw_magic.frames.transpose import UnfitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from apigw_magic.models import Json

    Span: TypeAlias = slice[SupportsIndex | None, SupportsIndex | None, SupportsIndex | None]


class Head(list["Json"]):
    """A list of which only the first elements are there.

    It says nothing that is not true of the whole list: its length is that of the whole, elements that are there can be
    read, and whoever wants more of it gets an `UnfitError`. What was decided with it was decided as with the whole.

    Attributes:
        kinds: the types of all elements.
        is_typed: whether all are items of the low-level DynamoDB API, which are read as such where they are packed.
    """

    def __init__(self, first: Sequence[Json], length: int, kinds: frozenset[type], *, is_typed: bool = False) -> None:
        super().__init__(first)
        self.kinds = kinds
        self.is_typed = is_typed
        self._length = length

    def __repr__(self) -> str:
        return f"<the first {super().__len__()} of {self._length}>"

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Json]:
        yield from super().__iter__()
        raise UnfitError

    @overload
    def __getitem__(self, key: SupportsIndex) -> Json: ...

    @overload
    def __getitem__(self, key: Span) -> list[Json]: ...

    def __getitem__(self, key: SupportsIndex | Span) -> Json | list[Json]:
        there = super().__len__()
        if isinstance(key, slice):
            if key.start in {None, 0} and key.step is None and isinstance(key.stop, int) and 0 <= key.stop <= there:
                return super().__getitem__(key)
        elif 0 <= key.__index__() < there:
            return super().__getitem__(key)
        raise UnfitError

    def _refuse(self, *_: object) -> NoReturn:
        raise UnfitError

    # All else that a list does without asking `__iter__`.
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _refuse
    __add__ = __radd__ = __iadd__ = __mul__ = __rmul__ = __imul__ = __reversed__ = __delitem__ = _refuse
    append = clear = copy = count = extend = index = insert = pop = remove = reverse = __setitem__ = _refuse
    sort = _refuse  # type: ignore[assignment] # it has two signatures
    __hash__ = None


def find_kinds(rows: list[Json]) -> frozenset[type]:
    """Return the types of the elements of a list."""
    return rows.kinds if isinstance(rows, Head) else frozenset(map(type, rows))
