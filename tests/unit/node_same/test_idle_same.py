"""A node that matches nobody starts, ticks and answers without what only matching needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HEAVY = (
    "numpy", "phonenumbers", "schwifty", "stdnum", "spean.entities.extract", "spean.formats.ftm.read", "spean.formats.ftm.write",
    "spean.matching.index", "spean.matching.names.parts", "spean.matching.names.han", "spean.matching.names.hangul", "spean.matching.score",
)  # fmt: skip
PLAYED = """
import json, sys
from pathlib import Path
import spean.app
from spean.core.world import SystemEntropy
from spean.keys.root import new_root, root_public
from spean.node import admit, create, open_node
from spean.node.settings import Settings

home = Path(sys.argv[1])
root = new_root(home / "root.json", "idle.spean", SystemEntropy())
create(home / "KR", Settings(node="KR", name="Idle (played)", realm="idle.spean", root=root_public(root), url="http://kr.localhost:1", tls=False))
admit(home / "KR", root)
node = open_node(home / "KR")
spean.app.build_app(node)
for _ in range(3):
    node.clockwork.tick()
node.close()
print(json.dumps([name for name in json.loads(sys.argv[2]) if any(each == name or each.startswith(name + ".") for each in sys.modules)]))
"""


def test_nothing_of_matching_is_loaded_at_a_start(tmp_path: Path) -> None:
    played = subprocess.run(
        [sys.executable, "-c", PLAYED, str(tmp_path), json.dumps(HEAVY)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    assert json.loads(played.stdout) == []
