"""``spean init``, ``serve``, ``version``: making a node and running it."""

from __future__ import annotations

import gc
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean import __version__
from spean.cli.context import Cli, passphrase, write_new
from spean.core.errors import InvalidInput

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser


def add(parser: Parser, command: Command) -> None:
    """The options of ``command``."""
    {"init": _init_options, "serve": _serve_options, "demo": _demo_options, "version": _version_options}[command.name](
        parser
    )


# init -------------------------------------------------------------------------------------------------------


def _init_options(parser: Parser) -> None:
    parser.epilog = (
        "The keys are encrypted under the passphrase in the file that SPEAN_PASSPHRASE_FILE names. Then have the trust root admit the "
        "node (spean trust admit) and start it (spean serve)."
    )
    parser.add_argument("--node", required=True, help="its name: country code or short name, e.g. KR")
    parser.add_argument("--name", required=True, help="its name in words")
    parser.add_argument("--realm", required=True, help="the trust root's realm, e.g. asean.spean")
    root = parser.add_mutually_exclusive_group(required=True)
    root.add_argument("--root-public", metavar="HEX", help="the trust root's public key (spean trust show)")
    root.add_argument(
        "--root-file",
        metavar="FILE",
        help="the trust root itself, for a lab or demonstration: it admits the node at once",
    )
    parser.add_argument("--url", required=True, help="where partners reach it, e.g. https://kr.example:8443")
    parser.add_argument(
        "--listen", default="127.0.0.1:8443", metavar="HOST:PORT", help="where it listens (%(default)s)"
    )
    parser.add_argument("--no-tls", action="store_true", help="plain http, on one machine only")
    parser.add_argument("--store", default="", metavar="URL", help="database (default: SQLite in the home)")
    parser.add_argument("--content-keys", default="", metavar="URL", help="key store, never the same database")
    parser.add_argument(
        "--mediator", default="INT", metavar="NODE", help="whom to ask when a channel is closed (%(default)s)"
    )
    parser.add_argument(
        "--unit", action="append", dest="units", metavar="UNIT", help="a unit of this node, repeatable (default: desk)"
    )
    parser.add_argument(
        "--admin", default="Administrator", metavar="NAME", help="name of the first administrator (%(default)s)"
    )
    parser.add_argument(
        "--token-out", metavar="FILE", help="write the administrator's token there instead of printing it"
    )
    parser.set_defaults(run=init)


def init(cli: Cli, options: Namespace) -> None:
    """Make the node, and its first administrator."""
    from spean.core.ids import check_node
    from spean.node.faces import root_public
    from spean.node.node import admit, create, root_signer
    from spean.node.settings import Settings

    root = None if options.root_file is None else root_signer(Path(options.root_file))
    units = tuple(options.units or ("desk",))
    settings = Settings(
        node=check_node(options.node), name=options.name, realm=options.realm, url=_url(options.url, not options.no_tls), listen=options.listen,
        root=_public(options.root_public) if root is None else root_public(root), tls=not options.no_tls, store=options.store,
        content_keys=options.content_keys, mediator=options.mediator, units=units,
    )  # fmt: skip
    if options.token_out is not None and Path(options.token_out).exists():
        raise InvalidInput("--token-out", f"{options.token_out} exists", remedy="name a new file")
    secret = passphrase()
    draft = create(cli.home, settings, passphrase=secret)
    if root is not None:
        admit(cli.home, root)
    with cli.node() as node:
        user = node.people.add(options.admin, unit=units[0], roles=("administrator",))
        token = node.people.token(user, label="first administrator")
    if options.token_out is not None:
        write_new(Path(options.token_out), token.encode() + b"\n")
    _tell_of(cli, settings, draft, token, options.token_out, sealed=secret is not None, admitted=root is not None)


def _tell_of(
    cli: Cli, settings: Any, draft: Path, token: str, token_out: str | None, *, sealed: bool, admitted: bool
) -> None:
    from spean.exchange.identity import fingerprint
    from spean.node.faces import fingerprint_words

    words = fingerprint_words(fingerprint(draft.read_bytes()))
    lines = [f"Node {settings.node} ({settings.name}) is made in {cli.home}.", f"Fingerprint: {words}"]
    if not sealed:
        lines.append(
            "Its keys have no passphrase: whoever copies them is the node. Set SPEAN_PASSPHRASE_FILE before spean init."
        )
    if not admitted:
        lines.append(
            f"Next: bring {draft} to the trust root (spean trust admit), then spean trust take, then spean serve."
        )
    else:
        lines.append("Its trust root has admitted it. Next: spean serve.")
    kept = (
        f"The administrator's token is in {token_out}."
        if token_out
        else f"The administrator's token, shown this once:\n{token}"
    )
    value = {
        "node": settings.node,
        "home": str(cli.home),
        "fingerprint": words,
        "draft": str(draft),
        "admitted": admitted,
        "sealed": sealed,
    }
    cli.say(value | ({"token_file": token_out} if token_out else {"token": token}), "\n".join([*lines, kept]))


def _url(text: str, tls: bool) -> str:
    """The address that partners use, which must fit the use of TLS."""
    wanted = "https://" if tls else "http://"
    if not text.startswith(wanted):
        raise InvalidInput(
            "--url", f"{text!r} does not begin with {wanted}", remedy="give https, or http with --no-tls"
        )
    return text.rstrip("/")


def _public(text: str) -> str:
    try:
        if len(bytes.fromhex(text)) != 32:
            raise ValueError("not 32 bytes")
    except ValueError as wrong:
        raise InvalidInput(
            "--root-public", f"not a public key: {wrong}", remedy="give the 64 hex digits of spean trust show"
        ) from wrong
    return text.lower()


# serve, version, demo ---------------------------------------------------------------------------------------


def _serve_options(parser: Parser) -> None:
    parser.epilog = "Address, TLS and all else stand in settings.json of the home. Ends cleanly on Ctrl-C or SIGTERM."
    parser.set_defaults(run=serve)


def serve(cli: Cli, _options: Namespace) -> None:
    """Run the node until it is told to stop."""
    gc.disable()  # nothing that is loaded is garbage: looking through it again and again would cost a tenth of the start
    from spean import app

    app.serve(cli.home, passphrase=passphrase())


def _version_options(parser: Parser) -> None:
    parser.set_defaults(run=version)


def version(cli: Cli, _options: Namespace) -> None:
    """The version of this program; ``spean doctor`` tells that of the tables."""
    cli.say({"version": __version__}, f"Spean {__version__}")


def _demo_options(parser: Parser) -> None:
    parser.epilog = "The demonstration reads its own options: spean demo --help."
