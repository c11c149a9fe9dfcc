"""``spean trust``: the trust root that admits nodes (R40), and identities with the words that people compare."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from spean.cli.context import Cli, read_bytes, write_new
from spean.cli.parser import Verbs
from spean.core.errors import NotFound

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser

_MOST = 16 * 1024


def add(parser: Parser, _command: Command) -> None:
    """The verbs of ``spean trust``."""
    verbs = Verbs(parser)
    new = verbs.add("new", "make a trust root's key, on a machine without a network", new_root)
    new.add_argument("file", metavar="FILE", help="where the key goes; only its owner can read it")
    new.add_argument("--realm", required=True, help="name of the realm, e.g. asean.spean")
    admit = verbs.add("admit", "sign a node's identity with the trust root's key", admit_node,
                      more="Compare the words with the node's administrator before you say yes.")  # fmt: skip
    admit.add_argument("draft", nargs="?", metavar="DRAFT", help="identity.draft of the node (default: that of --home)")
    admit.add_argument("--root-file", required=True, metavar="FILE", help="the trust root's key")
    admit.add_argument("--out", metavar="FILE", help="where the admitted identity goes (default: into --home)")
    take = verbs.add("take", "take the admitted identity into this node", take_in)
    take.add_argument("document", metavar="FILE", help="what spean trust admit wrote")
    show = verbs.add("show", "what a file says: a trust root's public key, or an identity and its words", show_file)
    show.add_argument("file", nargs="?", metavar="FILE", help="root key, draft or identity (default: our own identity)")


def new_root(cli: Cli, options: Namespace) -> None:
    """Make a root key."""
    from spean.core.world import SystemEntropy
    from spean.node import faces

    signer = faces.new_root(Path(options.file), options.realm, SystemEntropy())
    public = faces.root_public(signer)
    cli.say({"file": options.file, "realm": options.realm, "public": public},
            f"The trust root of {options.realm} is in {options.file}. Keep it off any network.\nPublic key: {public}")  # fmt: skip


def admit_node(cli: Cli, options: Namespace) -> None:
    """Sign a draft as the root."""
    from spean.exchange.identity import endorse, read_identity
    from spean.node.node import admitted, root_signer

    own = cli.home / "identity.draft"
    draft = read_bytes(options.draft or str(own), "draft", _MOST)
    document = endorse(draft, root_signer(Path(options.root_file)))
    identity = read_identity(document)
    if options.out:
        write_new(Path(options.out), document, 0o644)
        where = options.out
    elif options.draft is None:
        admitted(cli.home, document)
        where = str(cli.home / "identity")
    else:
        where = str(Path(options.draft).with_suffix(".admitted"))
        write_new(Path(where), document, 0o644)
    cli.say({"node": identity.node, "words": _words(document), "file": where},
            f"{identity.node} is admitted to {identity.realm}: {where}\nFingerprint: {_words(document)}")  # fmt: skip


def take_in(cli: Cli, options: Namespace) -> None:
    """The node takes its admitted identity."""
    from spean.node.node import admitted

    document = read_bytes(options.document, "document", _MOST)
    identity = admitted(cli.home, document)
    cli.say({"node": identity.node, "words": _words(document)},
            f"{identity.node} has its identity. Next: spean serve, and spean peer invite.")  # fmt: skip


def show_file(cli: Cli, options: Namespace) -> None:
    """Say what a file of keys or identity holds."""
    from spean.cli.show import plain
    from spean.exchange.identity import read_identity
    from spean.node import faces

    path = Path(options.file) if options.file else cli.home / "identity"
    if not options.file and not path.exists():
        path = cli.home / "identity.draft"
    if not path.exists():
        raise NotFound(f"no file {path}", remedy="name a root key, a draft or an identity")
    data = read_bytes(str(path), "file", _MOST)
    if faces.ROOT_FORMAT.encode() in data:
        public = faces.root_public(faces.load_root(path))
        cli.say({"public": public}, f"Trust root, public key: {public}")
        return
    identity = read_identity(data)
    lines = [f"{identity.node}: {identity.name}", f"realm {identity.realm}, serial {identity.serial}, {identity.url}",
             f"Fingerprint: {_words(data)}"]  # fmt: skip
    cli.say({**plain(identity), "words": _words(data)}, "\n".join(lines))


def _words(document: bytes) -> str:
    from spean.exchange.identity import fingerprint
    from spean.node.faces import fingerprint_words

    return fingerprint_words(fingerprint(document))
