"""A whole network file: read, checked, and either a `BrandConfig` or everything that is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from brands.config.lines import line_of, lines_of
from brands.config.problems import PROBLEMS_MAX, Path, Problems, TooManyProblems
from brands.config.programs import check_program
from brands.config.reader import read_section
from brands.config.rights import check_right
from brands.config.sections import ClientSection, NetworkSection
from brands.config.source import Source, parse_source, read_source
from brands.config.tree import check_tree, root_of
from brands.errors import ConfigRefused, Problem


@dataclass(frozen=True, slots=True)
class BrandConfig:
    """What one network file says, without a problem in itself."""

    source: str
    """The file's name."""
    network: NetworkSection
    lines: Mapping[Path, int]
    """Where in the file each key stands."""

    @property
    def root(self) -> str:
        """The code of the brand at the root of the file's tree: it owns everything the file describes."""
        return root_of(self.network.brands)

    def problem(self, path: Path, message: str) -> Problem:
        """A problem with what stands at `path`."""
        return Problem(".".join(path), message, line_of(self.lines, path), self.source)


def load_network_file(path: FilePath) -> BrandConfig | ConfigRefused:
    """Read one file. All its problems are listed at once, unless it is not TOML at all."""
    return _config(read_source(path))


def load_network_files(paths: Iterable[FilePath]) -> list[BrandConfig] | ConfigRefused:
    """Read several files; the problems of all of them are listed at once."""
    loaded = [load_network_file(path) for path in paths]
    refused = [config for config in loaded if isinstance(config, ConfigRefused)]
    if refused:
        return ConfigRefused(tuple(problem for refusal in refused for problem in refusal.problems))
    return [config for config in loaded if isinstance(config, BrandConfig)]


def parse_network(content: bytes, source: str = "network.toml") -> BrandConfig | ConfigRefused:
    """The same for a file's content, named `source` in the problems."""
    return _config(parse_source(source, content))


def _config(source: Source | Problem) -> BrandConfig | ConfigRefused:
    if isinstance(source, Problem):
        return ConfigRefused((source,))
    problems = Problems()
    config = _read(source, problems)
    if config and not problems:
        return config
    return ConfigRefused(_listed(source, problems))


def _read(source: Source, problems: Problems) -> BrandConfig | None:
    try:
        network = read_section(NetworkSection, source.tables, problems)
        _check(network, problems)
    except TooManyProblems:
        return None
    return BrandConfig(source.name, network, lines_of(source.text))


def _check(network: NetworkSection, problems: Problems) -> None:
    check_tree(network.brands, problems)
    for code, program in network.programs.items():
        check_program(("programs", code), program, network.brands, problems)
    for code, right in network.rights.items():
        check_right(("rights", code), right, network, problems)
    for code, client in network.clients.items():
        _check_client(("clients", code), client, network, problems)


def _check_client(path: Path, client: ClientSection, network: NetworkSection, problems: Problems) -> None:
    if client.brand not in network.brands:
        problems.unknown((*path, "brand"), "The brand", client.brand, network.brands.keys())
    if not client.scopes:
        problems.add((*path, "scopes"), "A client without a scope can do nothing.")


def _listed(source: Source, problems: Problems) -> tuple[Problem, ...]:
    """In the order of the file."""
    lines = lines_of(source.text)
    found = [Problem(".".join(p), m, line_of(lines, p), source.name) for p, m in problems.found.items()]
    ordered = sorted(found, key=lambda problem: problem.line or 0)
    if len(found) < PROBLEMS_MAX:
        return tuple(ordered)
    return (*ordered, Problem("", f"There may be more: only {PROBLEMS_MAX} problems are listed.", source=source.name))
