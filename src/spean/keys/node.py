"""The keys that make a node itself: signing, log, sealing and TLS, with those that it has retired.

Keys are values: rotating gives new ``NodeKeys``. A retired sealing key is kept, since what was sealed to it may
still be on its way; a retired signing key is kept until forgotten, since a resumed rotation needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from spean.core.errors import InvalidInput, NotFound
from spean.core.world import Entropy

USES = ("sign", "log", "seal")
_TLS_YEARS = 10
"""Partners pin the certificate itself, so its end is a reminder, not the protection."""
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One private key: 32 raw bytes. ``certificate`` is PEM, for TLS only. Never logged, never printed."""

    use: str
    private: bytes
    certificate: str
    created_at: int
    retired_at: int | None = None

    def __repr__(self) -> str:
        return f"StoredKey({self.use}, {key_id(self.public)})"

    @property
    def public(self) -> bytes:
        """The public half: 32 raw bytes, or for TLS the certificate in DER."""
        if self.use == "tls":
            return x509.load_pem_x509_certificate(self.certificate.encode()).public_bytes(serialization.Encoding.DER)
        key = X25519PrivateKey if self.use == "seal" else Ed25519PrivateKey
        return key.from_private_bytes(self.private).public_key().public_bytes(*_RAW)


def key_id(public: bytes) -> str:
    """The name of a public key: the first 16 hex digits of its SHA-256."""
    return sha256(public).hexdigest()[:16]


def fingerprint(public: bytes) -> bytes:
    """SHA-256 of a public key or document; ``words.fingerprint_words`` speaks it."""
    return sha256(public).digest()


class NodeKeys:
    """The current keys, ready to use, and the retired ones.

    ``sign`` and ``log`` are Ed25519 private keys, ``seal`` is X25519; ``sign_id``, ``log_id`` and ``seal_id`` name
    their public halves. ``tls_certificate`` is PEM, empty for a node without host names.
    """

    def __init__(self, stored: Iterable[StoredKey]) -> None:
        self.stored = tuple(stored)
        current = {key.use: key for key in self.stored if key.retired_at is None}
        missing = [use for use in USES if use not in current]
        unknown = {key.use for key in self.stored} - {*USES, "tls"}
        if missing or unknown or len(current) != sum(key.retired_at is None for key in self.stored):
            raise InvalidInput("keys", "not exactly one current key for each use", remedy="restore the file of keys")
        self.sign = Ed25519PrivateKey.from_private_bytes(current["sign"].private)
        self.log = Ed25519PrivateKey.from_private_bytes(current["log"].private)
        self.seal = X25519PrivateKey.from_private_bytes(current["seal"].private)
        self.sign_public, self.log_public, self.seal_public = (current[use].public for use in USES)
        self.sign_id, self.log_id, self.seal_id = map(key_id, (self.sign_public, self.log_public, self.seal_public))
        self._tls = current.get("tls")
        self.tls_certificate = "" if self._tls is None else self._tls.certificate

    def __repr__(self) -> str:
        return f"NodeKeys(sign={self.sign_id}, log={self.log_id}, seal={self.seal_id})"

    @classmethod
    def generate(cls, entropy: Entropy, now: int, hosts: Sequence[str] = ()) -> NodeKeys:
        """Fresh keys at ``now`` (ms); with ``hosts`` (names or addresses) also a TLS key and certificate for them."""
        keys = [StoredKey(use, entropy.bytes(32), "", now) for use in USES]
        return cls([*keys, _tls_key(entropy, now, hosts)] if hosts else keys)

    @property
    def retired(self) -> tuple[StoredKey, ...]:
        """Keys of former times, oldest first."""
        return tuple(key for key in self.stored if key.retired_at is not None)

    def seals(self) -> dict[str, X25519PrivateKey]:
        """Every sealing key by its id, the current one first."""
        old = {key_id(key.public): key.private for key in self.retired if key.use == "seal"}
        return {
            self.seal_id: self.seal,
            **{name: X25519PrivateKey.from_private_bytes(raw) for name, raw in old.items()},
        }

    def derived(self, purpose: str) -> dict[str, bytes]:
        """Keys of 32 bytes for the node's own ``purpose``, one from every sealing key by its id, the current one first.

        So what was sealed here before a rotation can still be opened, until it is sealed anew (HKDF-SHA256, RFC 5869).
        """
        old = {key_id(key.public): key.private for key in self.retired if key.use == "seal"}
        now = {key_id(key.public): key.private for key in self.stored if _current(key, "seal")}
        info = f"spean.node/{purpose}/v1".encode()
        return {name: HKDF(hashes.SHA256(), 32, None, info).derive(raw) for name, raw in {**now, **old}.items()}

    def rotate(self, use: str, entropy: Entropy, now: int, hosts: Sequence[str] = ()) -> NodeKeys:
        """New keys in which that of ``use`` (``sign``, ``log``, ``seal``, ``tls``) is fresh and the old one retired."""
        if use not in (*USES, "tls"):
            raise InvalidInput("use", f"{use!r} is no use of a key", remedy="give sign, log, seal or tls")
        fresh = _tls_key(entropy, now, hosts) if use == "tls" else StoredKey(use, entropy.bytes(32), "", now)
        kept = [replace(key, retired_at=now) if _current(key, use) else key for key in self.stored]
        return NodeKeys([*kept, fresh])

    def forget(self, name: str) -> NodeKeys:
        """Drop the retired key of that id for good; raises ``NotFound`` for a current or unknown one."""
        kept = [key for key in self.stored if key.retired_at is None or key_id(key.public) != name]
        if len(kept) == len(self.stored):
            raise NotFound(f"No retired key {name}", remedy="a current key must be rotated first")
        return NodeKeys(kept)

    def tls_pem(self, passphrase: str | None = None) -> bytes:
        """The TLS key (sealed by the passphrase, if there is one) and certificate as PEM; raises ``NotFound``."""
        if self._tls is None:
            raise NotFound("This node has no TLS key", remedy="rotate tls with its host names")
        lock = serialization.NoEncryption() if passphrase is None else _encryption(passphrase)
        pem = _tls_private(self._tls.private).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock
        )
        return pem + self._tls.certificate.encode()


def _current(key: StoredKey, use: str) -> bool:
    return key.use == use and key.retired_at is None


def _encryption(passphrase: str) -> serialization.KeySerializationEncryption:
    return serialization.BestAvailableEncryption(passphrase.encode())


def _tls_private(raw: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(raw, "big") % (_P256_ORDER - 1) + 1, ec.SECP256R1())


def _tls_key(entropy: Entropy, now: int, hosts: Sequence[str]) -> StoredKey:
    """A P-256 key and a self-signed certificate for ``hosts`` (RFC 5280; partners pin it)."""
    if not hosts:
        raise InvalidInput("hosts", "a certificate needs a host name", remedy="give at least one name or address")
    raw = entropy.bytes(32)
    private = _tls_private(raw)
    start = datetime.fromtimestamp(now // 1000, UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(int.from_bytes(entropy.bytes(16), "big") >> 1 | 1)
        .not_valid_before(start - timedelta(days=1))
        .not_valid_after(start + timedelta(days=365 * _TLS_YEARS))
        .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    certificate = builder.sign(private, hashes.SHA256(), ecdsa_deterministic=True)
    return StoredKey("tls", raw, certificate.public_bytes(serialization.Encoding.PEM).decode(), now)


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
