"""`agio brand certify` against a brand on a real socket: what it prints, writes and keeps."""

import asyncio
import hashlib
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from playwright.async_api import expect

from adapters.certification.suite import checks
from adapters.drop.folders import Folders
from adapters.simulator.brand import BrandSimulator, usual_members
from adapters.simulator.nightly import NightClerk
from adapters.simulator.terms import Flaw, Terms
from brands import ConfigRefused, load_network_file
from tests.adapters.simulator.threaded import answering, threaded
from tests.brands.samples import EXAMPLES
from tests.browser import browsing, needs_browser
from tests.gateway.shell import Shell

KEY = "the simulator's own key"
DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "certification.md").read_text()


@pytest.fixture
def terms() -> Terms:
    return Terms(program="HARBOUR", key=KEY, validation_required=True)


@pytest.fixture
def brand(agio: Shell, terms: Terms, monkeypatch: pytest.MonkeyPatch) -> Iterator[BrandSimulator]:
    """Harbour Rail, in force, and played by the simulator."""
    assert agio("brand", "apply", EXAMPLES / "harbour.toml").code == 0
    found = BrandSimulator(terms)
    found.open_members(*usual_members(terms))
    with threaded(found) as url:
        monkeypatch.setenv("AGIO_BRAND_HARBOUR_URL", url)
        monkeypatch.setenv("AGIO_BRAND_HARBOUR_API_KEY", KEY)
        yield found


def test_a_good_brand_is_ready(agio: Shell, brand: BrandSimulator, tmp_path: Path) -> None:
    """Printed, written as JSON without secrets, kept under the same digest, and out of force when the file changes."""
    files = (tmp_path / "report.json", tmp_path / "report.html")
    ran = agio(
        "brand", "certify", "HARBOUR", "--member", 10000001, "--json", files[0], "--html", files[1], "--as", "lin"
    )
    assert (ran.code, "HARBOUR is ready: " in ran.out) == (0, True)
    assert "  ✓ A credit that is sent twice is booked once" in ran.out
    report = orjson.loads(files[0].read_bytes())
    digest = report.pop("digest")
    assert digest == hashlib.sha256(orjson.dumps(report, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert (report["ready"], report["counts"]["failed"], len(report["results"])) == (True, 0, len(checks()))
    assert KEY not in files[0].read_text() + files[1].read_text()
    assert "/v1/lps/HARBOUR/credits" in files[0].read_text()
    assert brand.books.members["10000001"].balance == 100_000
    (kept,) = agio("brand", "certifications", "HARBOUR", "--json").json
    assert (kept["by"], kept["failed"], kept["in_force"], kept["report"]) == ("lin", 0, True, digest[:12])
    changed = tmp_path / "harbour.toml"
    text = (EXAMPLES / "harbour.toml").read_text()
    changed.write_text(text.replace("deadline_seconds = 3", "deadline_seconds = 4"))
    assert agio("brand", "apply", changed).code == 0
    assert agio("brand", "certifications", "--json").json[0]["in_force"] is False


def test_where_nobody_answers_nothing_is_tried(
    agio: Shell, brand: BrandSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence in place of as many failures as there are checks, and no run is kept."""
    del brand
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    for where in (address, "http://nowhere.invalid"):
        monkeypatch.setenv("AGIO_BRAND_HARBOUR_URL", where)
        ran = agio("brand", "certify", "HARBOUR", "--member", 10000001)
        said = f"Nothing takes connections at {where}: mend the address, or start the system."
        assert (ran.code, ran.out, ran.err.strip()) == (1, "", said)
    assert agio("brand", "certifications", "HARBOUR", "--json").json == []


@pytest.mark.parametrize("terms", [Terms(program="HARBOUR", key=KEY, flaws=frozenset({Flaw.TAKES_CHANGED_DUPLICATES}))])
def test_what_is_wrong_is_printed_as_documented(agio: Shell, brand: BrandSimulator) -> None:
    """docs/certification.md shows this very output."""
    del brand
    ran = agio("brand", "certify", "HARBOUR", "--member", 10000001, "--only", "references")
    (recorded,) = [block for block in TEXT.split("```") if "✗" in block]
    assert ran.code == 1
    assert (ran.out + ran.err).strip() == recorded.removeprefix("text").split("\n", 2)[2].strip()


@needs_browser
@pytest.mark.parametrize("terms", [Terms(program="HARBOUR", key=KEY, flaws=frozenset({Flaw.FORGETS_INQUIRIES}))])
def test_the_page_tells_what_to_mend(agio: Shell, brand: BrandSimulator, tmp_path: Path) -> None:
    """In a real browser: the verdict, the list, and the messages of a check when they are opened."""
    del brand
    file = tmp_path / "report.html"
    assert agio("brand", "certify", "HARBOUR", "--member", 10000001, "--only", "inquiries", "--html", file).code == 1

    async def look() -> None:
        async with browsing() as page:
            await page.goto(file.as_uri())
            await expect(page.locator(".verdict")).to_have_text("not ready")
            await expect(page.locator("ol.mend li")).to_contain_text("An inquiry finds what was done")
            check = page.locator("#finds-done")
            await expect(check.locator(".found")).to_contain_text("After a credit that was done, the inquiry says")
            await expect(check.locator("pre").first).to_be_hidden()
            await check.locator("summary").click()
            await expect(check.locator("pre").first).to_be_visible()

    asyncio.run(look())


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("NOWHERE",), 1, "There is no such program."),
        (("HARBOUR",), 1, "A test member of the brand is needed"),
        (("HARBOUR", "--only", "nothing"), 2, "no check or group is called nothing"),
        (("HARBOUR", "--member", "1", "--nights"), 1, "Only programs of the kind file have nights"),
        (("HARBOUR", "--patience", "-1"), 2, "patience"),
    ],
)
def test_what_cannot_be_certified(
    agio: Shell, brand: BrandSimulator, arguments: tuple[str, ...], code: int, told: str
) -> None:
    ran = agio("brand", "certify", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert told in ran.err
    assert brand.calls.count == 0


def test_a_program_on_the_platform_needs_a_member_too(agio: Shell) -> None:
    """Its points live in our own ledger, which is put on trial like any brand's system."""
    assert agio("brand", "apply", *(EXAMPLES / f"{name}.toml" for name in ("aurora", "kopi", "meridian"))).code == 0
    ran = agio("brand", "certify", "KOPI")
    assert (ran.code, ran.out) == (1, "")
    assert "--member NUMBER" in ran.err


def test_a_brand_of_files_is_certified_night_by_night(
    agio: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next days' files are written now, and the brand answers them while the run waits."""
    monkeypatch.setenv("AGIO_BRAND_JADE_FOLDER", str(tmp_path))
    assert agio("brand", "apply", EXAMPLES / "jade.toml").code == 0
    config = load_network_file(EXAMPLES / "jade.toml")
    assert not isinstance(config, ConfigRefused)
    form = config.network.programs["JADE"].adapter.drop_folder
    assert form is not None
    terms = Terms(program="JADE", decimals=2)
    found = BrandSimulator(terms)
    found.open_members(*usual_members(terms))
    clerk = NightClerk(terms, found.desk, form, Folders(tmp_path))
    with answering(clerk):
        ran = agio("brand", "certify", "JADE", "--member", 10000001, "--nights", "--only", "references")
    assert (ran.code, ran.out.count("  ✓ ")) == (0, 6)
    assert "JADE is good so far: 6 passed, 0 failed, 0 skipped, 0 open. A part certifies nothing" in ran.out
    assert agio("brand", "certifications", "--json").json == []
    assert found.books.members["10000001"].balance == 10_000_000
    assert {path.name[:5] for path in Folders(tmp_path).taken.iterdir()} == {"JADE-"}


def test_webhooks_are_certified_when_they_are_listened_to(
    agio: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a brand that decides later, as docs/simulator.md describes it."""
    (text,) = re.findall(r"```toml\n(.*?)```", (DOCS / "simulator.md").read_text(), re.DOTALL)
    (tmp_path / "sim.toml").write_text(text)
    assert agio("brand", "apply", tmp_path / "sim.toml").code == 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = BrandSimulator(Terms(answers_later_seconds=0.3, webhook_url=f"http://127.0.0.1:{port}/"))
    found.open_members(*usual_members(found.terms))
    monkeypatch.setenv("AGIO_BRAND_SIM_API_KEY", found.terms.key)
    monkeypatch.setenv("AGIO_BRAND_SIM_WEBHOOK", found.terms.webhook_secret)
    with threaded(found) as url:
        monkeypatch.setenv("AGIO_BRAND_SIM_URL", url)
        ran = agio("brand", "certify", "SIM", "--listen", port, "--only", "webhooks", "--patience", 5)
    assert (ran.code, ran.out.count("  ✓ ")) == (0, 4)


def test_nobody_answers_a_brand_of_files(agio: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGIO_BRAND_JADE_FOLDER", str(tmp_path))
    assert agio("brand", "apply", EXAMPLES / "jade.toml").code == 0
    wanted = ("brand", "certify", "JADE", "--member", 1, "--nights", "--only", "credit-once", "--patience", 0)
    ran = agio(*wanted)
    assert ran.code == 1
    assert "JADE is not ready: 0 passed, 0 failed, 0 skipped, 1 open." in ran.err


def test_the_documented_checks_are_the_checks() -> None:
    listed = [
        line.split(" | ")[0].removeprefix("| ").strip("`") for line in TEXT.splitlines() if line.startswith("| `")
    ]
    assert listed == [check.code for _, check in checks()]
