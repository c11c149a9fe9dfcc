"""FIFO and LIFO, compiled: what ``twin.slices`` does, on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic
from numba.np.numpy_support import carray

from spean.core.errors import TooMuch
from spean.tracing.compiled import FOREVER, compiled, limit_of, place_of
from spean.tracing.segment import (
    AMOUNT,
    BLOCK,
    END,
    FIFO,
    LIFO,
    LINK,
    LOW,
    LOW_HALF,
    NEXT,
    OUT,
    WIDTH,
    Segment,
    Segments,
    Slice,
    Start,
)

ir: Any = import_module("llvmlite.ir")  # it brings no types


def _fetched(_, rows, _row):
    """Ask the processor for the line of a row that will be read soon: memory answers a hundred times as slowly as it."""

    def inside(context, builder, signature, arguments):
        byte, short = ir.IntType(8), ir.IntType(32)
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.mul(arguments[1], ir.Constant(arguments[1].type, WIDTH))
        pointer = builder.bitcast(builder.gep(data, [place]), byte.as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), short, short, short])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", (byte.as_pointer(),), kind)
        builder.call(prefetch, [pointer, short(0), short(3), short(1)])
        return context.get_dummy_value()

    return types.void(rows, types.int64), inside


_fetch: Any = intrinsic(_fetched)
Array = Any
ORDER, FROM, TO, SOURCE, ACCOUNT, HOP, REST, REST_TO, LANDED, PARENT, ROOT, AT, UPTO = range(13)
LOT = 13
HANDLE = 7


@compiled
def _land(lot, line, fifo, order, begin, end, source, hop, parent, root):
    land = (line[FIFO] if fifo else line[LIFO]) + begin
    lot[ORDER], lot[FROM], lot[TO], lot[SOURCE] = order, begin, end, source
    lot[ACCOUNT], lot[HOP] = line[LINK] & LOW_HALF, hop
    lot[REST], lot[REST_TO], lot[LANDED] = land, land + end - begin, land
    lot[PARENT], lot[ROOT], lot[AT], lot[UPTO] = parent, root, line[NEXT], line[END]


@compiled
def _fifo(rows, base, lots, count, number, last):
    lot = lots[number]
    low, end = lot[AT], lot[UPTO]
    high, step = low, 1
    while (
        high < end and rows[high, OUT] + rows[high, AMOUNT] <= lot[REST]
    ):  # money mostly goes on soon: far rows stay unread
        low, high, step = high + 1, high + step, step * 2
    high = min(high, end)
    while low < high:
        middle = (low + high) >> 1
        if rows[middle, OUT] + rows[middle, AMOUNT] > lot[REST]:
            high = middle
        else:
            low = middle + 1
    while low < end and rows[low, OUT] < lot[REST_TO] and rows[low, LINK] >> 32 <= last:
        line = rows[low]
        begin = max(lot[REST], line[OUT])
        stop = min(lot[REST_TO], line[OUT] + line[AMOUNT])
        if stop > begin:
            if count == len(lots):
                return ~count
            order, source = base + (line[LINK] >> 32), lot[SOURCE] + begin - lot[LANDED]
            zero = line[OUT]
            _land(lots[count], line, True, order, begin - zero, stop - zero, source, lot[HOP] + 1, number, lot[ROOT])
            _fetch(rows, line[NEXT])
            lot[REST] = stop
            count += 1
        low += 1
    return count


@compiled
def _reaches(rows, mins, at, end, height):
    while at < end:
        if at % BLOCK == 0 and mins[at // BLOCK] >= height:
            at += BLOCK
        elif rows[at, LOW] < height:
            return at
        else:
            at += 1
    return end


@compiled
def _lifo(rows, mins, base, lots, count, number, last):
    lot = lots[number]
    at, end = lot[AT], lot[UPTO]
    while lot[REST_TO] > lot[REST]:
        at = _reaches(rows, mins, at, end, lot[REST_TO])
        if at == end or rows[at, LINK] >> 32 > last:
            break
        if count == len(lots):
            return ~count
        line = rows[at]
        begin, zero = max(lot[REST], line[LOW]), line[LOW]
        order, source = base + (line[LINK] >> 32), lot[SOURCE] + begin - lot[LANDED]
        stop = lot[REST_TO] - zero
        _land(lots[count], line, False, order, begin - zero, stop, source, lot[HOP] + 1, number, lot[ROOT])
        _fetch(rows, line[NEXT])
        lot[REST_TO] = begin
        count += 1
        at += 1
    return count


@compiled
def _onward(rows, mins, base, fifo, limits, lots, count, number):
    """Follow every lot from ``number`` on that has payments behind it, and those that come of it.

    The new count, and the number of the lot at which room ended (the count: at none). A lot that was cut in part goes on there.
    """
    while number < count:
        if lots[number, AT] < lots[number, UPTO]:
            last = limits[lots[number, ROOT]]
            if fifo:
                count = _fifo(rows, base, lots, count, number, last)
            else:
                count = _lifo(rows, mins, base, lots, count, number, last)
            if count < 0:
                return ~count, number
        number += 1
    return count, number


def _pointed(_, address):
    """What an address points to, for ``carray``."""

    def inside(context, builder, _, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(types.voidptr))

    return types.voidptr(address), inside


_pointer: Any = intrinsic(_pointed)


@compiled
def _one(table, fifo, order, begin, end, until, lots):
    """Follow a single start in its own segment. ``table`` is an address: to hand over its arrays costs as much as a trace."""
    parts = carray(_pointer(table), (HANDLE,), np.int64)
    base, count, last = parts[0], parts[1], parts[2]
    rows = carray(_pointer(parts[3]), (count, WIDTH), np.int64)
    mins = carray(_pointer(parts[4]), ((count + BLOCK - 1) // BLOCK,), np.int64)
    where = carray(_pointer(parts[5]), (count,), np.int32)
    times = carray(_pointer(parts[6]), (last,), np.int64)
    limits = np.empty(1, np.int64)
    limits[0] = limit_of(times, until)
    if order - base > limits[0] or end <= begin:
        return 0
    _land(lots[0], rows[where[order - base]], fifo, order, begin, end, begin, 1, -1, 0)
    count, number = _onward(rows, mins, base, fifo, limits, lots, 1, 0)
    return count if number == count else -1


def _handle(segment: Segment) -> tuple[int, Any]:
    """The address of a table of where the segment's arrays lie, made once and kept with the segment, as they are."""
    wanted = ((segment.rows, np.int64), (segment.mins, np.int64), (segment.where, np.int32), (segment.times, np.int64))
    if not all(array.dtype == kind and array.flags.c_contiguous for array, kind in wanted):
        raise TypeError("a segment's arrays have another shape than the kernels read")
    where = [array.ctypes.data for array, _ in wanted]
    table = np.array([segment.base, len(segment.rows), len(segment.times), *where], np.int64)
    handle = int(table.ctypes.data), table
    object.__setattr__(segment, "handle", handle)
    return handle


@compiled
def _enter(rows, where, times, keys, first, base, fifo, starts, untils, limits, lots, count):
    """Where what rests goes on in this segment, and what starts in it. The new number of lots; there is room."""
    for root in range(len(untils)):
        limits[root] = limit_of(times, untils[root])
    for number in range(count):
        lot = lots[number]
        lot[AT] = lot[UPTO] = 0
        if lot[REST_TO] > lot[REST]:
            at = place_of(keys, lot[ACCOUNT])
            if at >= 0:
                lot[AT], lot[UPTO] = first[at], first[at + 1]
    for root in range(len(starts)):
        place = starts[root, 0] - base
        if 0 <= place <= limits[root] and starts[root, 2] > starts[root, 1]:
            line, begin, end = rows[where[place]], starts[root, 1], starts[root, 2]
            _land(lots[count], line, fifo, starts[root, 0], begin, end, begin, 1, -1, root)
            _fetch(rows, line[NEXT])
            count += 1
    return count


def _through(segments: Segments, fifo: bool, starts: Array, untils: Array, room: int, size: int) -> Array:
    """Follow all starts from segment to segment, with more room whenever it ends."""
    lots, count, limits = np.empty((size, LOT), np.int64), 0, np.empty(len(untils), np.int64)
    for each in segments:
        if count + len(starts) > len(lots):
            lots = _larger(lots, count, max(count + len(starts), 2 * len(lots)), room)
        count = _enter(
            each.rows,
            each.where,
            each.times,
            each.keys,
            each.first,
            each.base,
            fifo,
            starts,
            untils,
            limits,
            lots,
            count,
        )
        number = 0
        while True:
            count, number = _onward(each.rows, each.mins, each.base, fifo, limits, lots, count, number)
            if number == count:
                break
            lots = _larger(lots, count, 2 * len(lots), room)
    if count > room:
        raise _too_many(room)
    return lots[:count]


def _larger(lots: Array, count: int, size: int, room: int) -> Array:
    if len(lots) >= room:
        raise _too_many(room)
    more = np.empty((size, LOT), np.int64)
    more[:count] = lots[:count]
    return more


def _too_many(room: int) -> TooMuch:
    return TooMuch("Trace", why=f"more than {room} pieces", remedy="a shorter time")


def slices_array(segments: Segments, rule: str, starts: Array, untils: Array, room: int) -> Array:
    """As ``slices``, as an array of lots (columns as in ``Slice``); ``untils`` holds ``FOREVER`` for no end."""
    if len(starts) == 1:
        (order, begin, end), until = starts[0].tolist(), int(untils[0])
        return slices_of_one(segments, rule == "fifo", order, begin, end, until, room)
    return _through(segments, rule == "fifo", starts, untils, room, 16 * len(starts))


def slices_of_one(segments: Segments, fifo: bool, order: int, begin: int, end: int, until: int, room: int) -> Array:
    """A single start: nothing before its segment is looked at, and little is handed over."""
    first = segments[-1]
    if order >= first.base:
        lots = np.empty((256, LOT), np.int64)
        handle = first.handle or _handle(first)  # held until the kernel is done
        count = _one(handle[0], fifo, order, begin, end, until, lots)
        if 0 <= count <= room:
            return lots[:count]
    at = max(number for number, each in enumerate(segments) if order >= each.base)
    starts = np.array([[order, begin, end]], np.int64)
    return _through(segments[at:], fifo, starts, np.array([until], np.int64), room, 256)


def slices(
    segments: Segments, rule: str, starts: Sequence[Start], untils: Sequence[int | None], room: int
) -> list[Slice]:
    """Follow each start by FIFO or LIFO to its own last moment. Raises ``TooMuch`` past ``room`` slices."""
    if len(starts) == 1:
        until = FOREVER if untils[0] is None else untils[0]
        found = slices_of_one(segments, rule == "fifo", *starts[0], until, room)
        return list(map(Slice._make, found[:, : ROOT + 1].tolist()))
    asked = np.array(starts, np.int64).reshape(-1, 3)
    ends = np.array([FOREVER if until is None else until for until in untils], np.int64)
    found = slices_array(segments, rule, asked, ends, room)
    return list(map(Slice._make, found[:, : ROOT + 1].tolist()))
