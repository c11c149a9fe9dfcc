"""A node's keys: made, kept, rotated, refused when others may read them."""

from __future__ import annotations

import json
import os
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from spean.core.errors import InvalidInput, NotFound, Refusal, Unauthenticated, VerificationFailed
from spean.core.world import SeededEntropy, SystemEntropy
from spean.keys import NodeKeys, key_id, load, save

NOW = 1_772_586_000_000
HOSTS = ("kr.localhost", "127.0.0.1")


def keys(seed: int = 1, hosts: tuple[str, ...] = HOSTS) -> NodeKeys:
    return NodeKeys.generate(SeededEntropy(seed), NOW, hosts)


def test_keys_follow_from_chance_alone() -> None:
    assert keys().sign_id == keys().sign_id == key_id(keys().sign_public)
    first, second = keys(1), keys(2)
    assert len({first.sign_id, first.log_id, first.seal_id, second.sign_id, second.log_id, second.seal_id}) == 6


@pytest.mark.parametrize("passphrase", [None, "correct horse battery"])
def test_keys_come_back_from_their_folder(passphrase: str | None, tmp_path: Path) -> None:
    folder, made = tmp_path / "keys", keys().rotate("seal", SystemEntropy(), NOW + 5)
    save(made, folder, SystemEntropy(), passphrase)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    found = load(folder, passphrase)
    assert found.stored == made.stored
    assert found.sign.sign(b"x") == made.sign.sign(b"x")
    raw = (folder / "keys.json").read_bytes()
    assert json.loads(raw)["version"] == 1
    assert (b"private" in raw) == (passphrase is None)


def test_a_sealed_file_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    save(keys(), folder, SystemEntropy(), "right")
    with pytest.raises(Unauthenticated, match="does not open"):
        load(folder, "wrong")
    with pytest.raises(Unauthenticated, match="sealed"):
        load(folder)
    pem = (folder / "tls.pem").read_bytes()
    assert b"ENCRYPTED" in pem
    assert load_pem_private_key(pem, b"right")


@pytest.mark.parametrize(("which", "mode"), [(".", 0o755), ("keys.json", 0o640), ("keys.json", 0o604)])
def test_keys_that_others_may_read_are_refused(which: str, mode: int, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    save(keys(), folder, SystemEntropy())
    os.chmod(folder / which, mode)
    with pytest.raises(Refusal, match="other users") as caught:
        load(folder)
    assert caught.value.rule == "key-file"
    assert "chmod" in caught.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"format":"other","version":1,"sealed":null,"keys":[]}',
        b'{"format":"spean-node-keys","version":2,"sealed":null,"keys":[]}',
        b'{"format":"spean-node-keys","version":1,"sealed":null,"keys":null}',
        b'{"format":"spean-node-keys","version":1,"sealed":null,"keys":[{"use":"sign"}]}',
        b'{"format":"spean-node-keys","version":1,"sealed":{"kdf":"md5","salt":"","nonce":"","data":""},"keys":null}',
        b" " * (1 << 21),
    ],
)
def test_what_is_no_file_of_keys_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    save(keys(), folder, SystemEntropy())
    (folder / "keys.json").write_bytes(content)
    with pytest.raises(VerificationFailed, match="no file of node keys"):
        load(folder, "x")


def test_an_empty_list_of_keys_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    save(keys(), folder, SystemEntropy())
    (folder / "keys.json").write_text('{"format":"spean-node-keys","version":1,"sealed":null,"keys":[]}')
    with pytest.raises(InvalidInput, match="one current key"):
        load(folder)


def test_no_keys_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="No keys"):
        load(tmp_path / "none")
    (tmp_path / "empty").mkdir(mode=0o700)
    with pytest.raises(NotFound, match="spean init"):
        load(tmp_path / "empty")


@pytest.mark.parametrize("use", ["sign", "log", "seal", "tls"])
def test_a_rotated_key_is_fresh_and_the_old_one_retired(use: str) -> None:
    first = keys()
    second = first.rotate(use, SeededEntropy(9), NOW + 5, HOSTS)
    (old,) = second.retired
    assert (old.use, old.retired_at) == (use, NOW + 5)
    before = {key.public for key in first.stored if key.use == use}
    assert old.public in before
    after = {key.public for key in second.stored if key.retired_at is None and key.use == use}
    assert len(after) == 1
    assert not after & before
    assert len(second.stored) == len(first.stored) + 1
    assert second.forget(key_id(old.public)).retired == ()


def test_what_was_sealed_to_an_old_key_can_still_be_opened() -> None:
    first = keys()
    third = first.rotate("seal", SeededEntropy(8), NOW + 1).rotate("seal", SeededEntropy(9), NOW + 2)
    assert next(iter(third.seals())) == third.seal_id
    assert third.seals()[first.seal_id].private_bytes_raw() == first.seal.private_bytes_raw()
    assert len(third.seals()) == 3


def test_a_current_key_is_not_forgotten_and_an_unknown_use_refused() -> None:
    made = keys()
    with pytest.raises(NotFound, match="rotated first"):
        made.forget(made.sign_id)
    with pytest.raises(InvalidInput, match="no use of a key"):
        made.rotate("paint", SeededEntropy(1), NOW)
    with pytest.raises(InvalidInput, match="host name"):
        made.rotate("tls", SeededEntropy(1), NOW)


def test_the_certificate_names_its_hosts_and_serves(tmp_path: Path) -> None:
    save(keys(), tmp_path / "keys", SystemEntropy())
    certificate = x509.load_pem_x509_certificate(keys().tls_certificate.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["kr.localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "keys" / "tls.pem")


def test_a_lost_web_file_is_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    save(keys(), folder, SystemEntropy())
    (folder / "tls.pem").unlink()
    load(folder)
    assert keys().tls_certificate.strip().splitlines()[1] in (folder / "tls.pem").read_text()


def test_a_node_without_hosts_has_no_tls(tmp_path: Path) -> None:
    made = keys(hosts=())
    assert made.tls_certificate == ""
    save(made, tmp_path / "keys", SystemEntropy())
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["keys.json"]
    with pytest.raises(NotFound, match="no TLS key"):
        made.tls_pem()


def test_no_secret_is_printed() -> None:
    made = keys()
    text = repr(made) + repr(made.stored)
    for key in made.stored:
        assert key.private.hex() not in text
        assert repr(key.private) not in text
