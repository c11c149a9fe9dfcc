"""TLS that trusts one certificate and no authority, and the names of one's own machine."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from typing import Any


class PinnedContext(ssl.SSLContext):
    """A client context that accepts exactly one certificate.

    Make it with ``pinned_context``. OpenSSL checks dates and possession of the key; the comparison of the whole
    certificate comes right after the handshake, before the first byte of a request, so that even another
    certificate signed by the pinned one is refused.
    """

    pinned: bytes = b""

    def wrap_socket(self, sock: socket.socket, *args: Any, **options: Any) -> ssl.SSLSocket:
        wrapped = super().wrap_socket(sock, *args, **options)
        if wrapped.getpeercert(binary_form=True) != self.pinned:
            wrapped.close()
            raise ssl.SSLCertVerificationError("the partner shows another certificate than the pinned one")
        return wrapped


def pinned_context(certificate: str) -> PinnedContext:
    """A context for the holder of ``certificate`` (PEM). Raises ``ValueError`` when it is none."""
    if not certificate:
        raise ValueError("no certificate is pinned for it")
    context = PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # The name is not asked for: the pin says more than any name in the certificate.
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.pinned = ssl.PEM_cert_to_DER_cert(certificate)
        context.load_verify_locations(cadata=context.pinned)
    except ssl.SSLError as error:
        raise ValueError(f"not a certificate: {error}") from error
    return context


def unpinned_context() -> ssl.SSLContext:
    """For fetching a public identity document, which its signatures prove; never for anything else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def is_local_name(host: str) -> bool:
    """``localhost`` or a name under it, which RFC 6761 keeps on the own machine."""
    return host == "localhost" or host.endswith(".localhost")


def is_loopback(host: str) -> bool:
    """True when traffic to ``host`` cannot leave the machine."""
    if is_local_name(host):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
