"""Settings that cannot be meant are refused with the name of the setting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spean.core.errors import InvalidInput
from spean.node.settings import FORMAT, load_settings

WHOLE = {
    "format": FORMAT, "node": "KR", "name": "KR", "realm": "test.spean", "root": "00", "url": "http://kr.localhost:1", "listen": "127.0.0.1:1",
}  # fmt: skip


def written(folder: Path, **more: object) -> Path:
    (folder / "settings.json").write_text(json.dumps({**WHOLE, **more}))
    return folder


def test_a_rule_of_claiming_is_one_that_sums(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, claim_rules={"TH": "haircut"})).claim_rules == {"TH": "haircut"}
    with pytest.raises(InvalidInput) as refused:
        load_settings(written(tmp_path, claim_rules={"TH": "poison"}))
    assert refused.value.field == "claim_rules"
    assert "TH" in refused.value.why


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        load_settings(written(tmp_path, claim_rule="fifo"))
    assert refused.value.field == "claim_rule"
