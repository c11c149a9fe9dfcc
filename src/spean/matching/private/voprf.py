"""The verifiable oblivious function: RFC 9497, ristretto255-SHA512, mode 1 (VOPRF). The one place that knows the package ``voprf``.

    asker:   blind(inputs)                     -> n elements of 32 bytes
    holder:  Key.evaluate(elements)            -> n elements of 32 bytes and one proof of 64 bytes
    asker:   Blinded.finish(answer, public)    -> n outputs of 64 bytes, or ``VerificationFailed``
    holder:  Key.outputs(inputs)               -> the same outputs, of what it holds itself

The package draws the blinds from the operating system by itself, so chance is not passed in here: whatever follows from an output is
repeatable, the elements on the wire are not, and must not be.

A false batch proof makes the package panic: a ``BaseException`` that no ``except Exception`` catches and that would end a thread.
Whatever comes from a partner is therefore judged inside ``_judged``, which turns a panic into a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from spean.core.errors import InvalidInput, SpeanError, TooMuch, Unavailable, VerificationFailed

ELEMENT = 32
PROOF = 64
OUTPUT = 64
SEED = 32
MOST = 65_535
"""Elements in one batch (RFC 9497, 2.1: two bytes count them)."""
LONGEST = 2_000
"""Bytes of one input; the RFC allows 65,535, of which the package cuts what is longer without a word."""
INFO = b"spean/private/1"

try:
    from voprf import ristretto as _group
except ImportError as missing:  # a node may do without
    _missing: ImportError | None = missing
else:
    _missing = None


def need() -> None:
    """Raise ``Unavailable`` where the package is not installed."""
    if _missing is not None:
        raise Unavailable(
            "Nothing can be asked blindly here", why=str(_missing), remedy="install Spean with its extra match"
        )


class Key:
    """A holder's secret for one agreement, category and month."""

    __slots__ = ("_evaluator", "public")

    def __init__(self, seed: bytes, info: bytes) -> None:
        """``seed``: 32 random bytes, the secret itself; ``info``: what it is for, public (RFC 9497, 3.2.1, DeriveKeyPair)."""
        need()
        if len(seed) != SEED or not any(seed):
            raise InvalidInput("seed", "not 32 random bytes", remedy="make a fresh one")
        if len(info) > LONGEST:
            raise InvalidInput("info", f"longer than {LONGEST} bytes", remedy="give a shorter one")
        self._evaluator = _group.Evaluator.from_seed(seed, info)
        self.public = self._evaluator.public_key.serialize()
        """32 bytes, with which everybody verifies what was evaluated."""

    def evaluate(self, elements: bytes) -> bytes:
        """What a partner blinded, evaluated: as many elements, and the proof that this key did it.

        Raises ``VerificationFailed`` for bytes that are no elements (the identity is none), ``TooMuch`` for too many.
        """
        parts = split(elements)
        with _judged("These are no blinded elements", "ask with elements of ristretto255"):
            blinded = [_group.BlindedInput.deserialize(part) for part in parts]
            told = self._evaluator.evaluate_batch(blinded).serialize()
        return told[PROOF:] + told[:PROOF]

    def outputs(self, inputs: Sequence[bytes]) -> list[bytes]:
        """What an asker gets to know of these inputs, 64 bytes each."""
        for each in inputs:
            check_input(each)
        evaluate: Callable[[bytes], bytes] = self._evaluator.evaluate_known_input
        return [evaluate(each) for each in inputs]


class Blinded:
    """Inputs that were blinded, with their blinds: in memory only, and never the same twice."""

    __slots__ = ("_clients", "elements")

    def __init__(self, inputs: Sequence[bytes]) -> None:
        need()
        if not 0 < len(inputs) <= MOST:
            raise TooMuch(f"{len(inputs)} inputs at once", why=f"one batch has 1 to {MOST}", remedy="ask in parts")
        for each in inputs:
            check_input(each)
        pairs = [_group.Client.blind(each) for each in inputs]
        self._clients = [client for client, _ in pairs]
        self.elements = b"".join(blinded.serialize() for _, blinded in pairs)
        """What leaves: 32 bytes an input, random to whoever sees them."""

    def __len__(self) -> int:
        return len(self._clients)

    def finish(self, answer: bytes, public: bytes) -> list[bytes]:
        """The outputs in the order of the inputs, once the proof holds for the key that was pinned.

        Raises ``VerificationFailed`` for anything else than this key's own evaluation of exactly these elements.
        """
        if len(answer) != len(self) * ELEMENT + PROOF:
            raise VerificationFailed(
                "The answer does not fit the question", why=f"{len(answer)} bytes for {len(self)} elements"
            )
        with _judged("The answer was not made with the key that was shown", "ask nothing more and call its desk"):
            key = _group.PublicKey.deserialize(public)
            evaluated = _group.VerifiableBatchOutput.deserialize(answer[-PROOF:] + answer[:-PROOF])
            return _group.Client.finalize_batch(self._clients, evaluated, key)


def split(elements: bytes) -> list[bytes]:
    """Elements of 32 bytes each. Raises ``VerificationFailed`` when the length does not fit, ``TooMuch`` beyond one batch."""
    count, rest = divmod(len(elements), ELEMENT)
    if rest or not count:
        raise VerificationFailed("These are no blinded elements", why=f"{len(elements)} bytes are not a multiple of 32")
    if count > MOST:
        raise TooMuch(f"{count} elements at once", why=f"one batch has at most {MOST}", remedy="ask in parts")
    return [elements[place : place + ELEMENT] for place in range(0, len(elements), ELEMENT)]


def check_public(key: bytes) -> bytes:
    """A public key itself when it is one, else ``VerificationFailed``."""
    need()
    with _judged("This is no public key", "ask its node to announce it again"):
        return _group.PublicKey.deserialize(key).serialize()


def check_input(value: bytes) -> None:
    """Refuse an input that the function does not take."""
    if not 0 < len(value) <= LONGEST:
        raise InvalidInput("input", f"{len(value)} bytes", remedy=f"give 1 to {LONGEST}")


@contextmanager
def _judged(what: str, remedy: str) -> Iterator[None]:
    """Whatever goes wrong with bytes from outside is one refusal, a panic of the package included."""
    try:
        yield
    except SpeanError:
        raise
    except Exception as wrong:
        raise VerificationFailed(what, why=str(wrong)[:200], remedy=remedy) from None
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":  # Ctrl-C, a generator's end: not ours
            raise
        raise VerificationFailed(what, why="its proof does not hold", remedy=remedy) from None
