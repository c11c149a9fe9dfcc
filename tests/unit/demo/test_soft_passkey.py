"""The authenticator in software is believed by a standard verifier, and by no other node's."""

from __future__ import annotations

from typing import Any

import pytest
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import InvalidAuthenticationResponse

from spean.core.errors import NotFound
from spean.core.world import SeededEntropy
from spean.demo.passkey import SoftPasskey

HOST, ORIGIN = "kr.example", "https://kr.example:8443"


def registered(passkey: SoftPasskey) -> Any:
    made = passkey.create({"challenge": "Y2hhbGxlbmdl", "user": {"id": "dTE"}})
    return verify_registration_response(
        credential=made,
        expected_challenge=b"challenge",
        expected_rp_id=HOST,
        expected_origin=ORIGIN,
        require_user_verification=True,
    )


def test_a_verifier_believes_its_passkey_and_its_assertions() -> None:
    passkey = SoftPasskey(HOST, ORIGIN, SeededEntropy(1))
    key = registered(passkey)
    for challenge in (b"one", b"two"):
        made = passkey.assertion(challenge)
        done = verify_authentication_response(
            credential=made,
            expected_challenge=challenge,
            expected_rp_id=HOST,
            expected_origin=ORIGIN,
            credential_public_key=key.credential_public_key,
            credential_current_sign_count=passkey.count - 1,
            require_user_verification=True,
        )
        assert done.new_sign_count == passkey.count
        assert base64url_to_bytes(made["response"]["userHandle"]) == b"u1"


def test_an_assertion_is_over_one_challenge() -> None:
    passkey = SoftPasskey(HOST, ORIGIN, SeededEntropy(2))
    key = registered(passkey)
    with pytest.raises(InvalidAuthenticationResponse, match="challenge"):
        verify_authentication_response(
            credential=passkey.assertion(b"one"),
            expected_challenge=b"two",
            expected_rp_id=HOST,
            expected_origin=ORIGIN,
            credential_public_key=key.credential_public_key,
            credential_current_sign_count=0,
        )


def test_it_answers_only_for_passkeys_that_it_holds() -> None:
    passkey = SoftPasskey(HOST, ORIGIN, SeededEntropy(3))
    with pytest.raises(NotFound):
        passkey.assertion(b"one")
    registered(passkey)
    with pytest.raises(NotFound):
        passkey.get({"challenge": "AAAA", "allowCredentials": [{"id": "b3RoZXI"}]})
