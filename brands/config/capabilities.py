"""What must hold for capabilities among themselves."""

from brands.adapter.adapter import Adapter
from brands.adapter.capabilities import CapabilitiesSection
from brands.adapter.kinds import AdapterKind, Timing
from brands.config.problems import Path, Problems


def check_capabilities(path: Path, adapter: Adapter, scale: int, problems: Problems) -> None:
    """Note everything that does not hold."""
    section = adapter.section
    if section.decimals is not None and section.decimals < scale:
        message = f"The program's points have {scale} decimals, which cannot be written with {section.decimals}."
        problems.add((*path, "decimals"), message)
    if section.deadline_seconds >= section.longest_delay_hours * 3600:
        problems.add((*path, "deadline_seconds"), "A call must end before longest_delay_hours have passed.")
    _check_inquiry(path, section, problems)
    _check_reversal(path, section, problems)
    if adapter.kind is AdapterKind.FILE:
        _check_file(path, section, problems)
    elif section.timing is Timing.REALTIME and section.cut_off is not None:
        problems.add((*path, "cut_off"), "Only batches and files have a cut-off.")


def _check_inquiry(path: Path, section: CapabilitiesSection, problems: Problems) -> None:
    final = section.not_found_final_after_seconds
    if section.timing is Timing.FILE:
        return
    if section.inquiry and final is None:
        problems.add(
            (*path, "not_found_final_after_seconds"),
            "Until when may an instruction still arrive? Only then is an inquiry that finds nothing final.",
        )
    if section.inquiry and final is not None and final < section.deadline_seconds:
        problems.add(
            (*path, "not_found_final_after_seconds"),
            "A request can arrive as long as deadline_seconds after it was sent.",
        )
    if not section.inquiry and final is not None:
        problems.add((*path, "not_found_final_after_seconds"), "Without inquiry = true nothing is asked.")


def _check_reversal(path: Path, section: CapabilitiesSection, problems: Problems) -> None:
    if section.reversal:
        return
    if section.partial_reversal:
        problems.add((*path, "partial_reversal"), "Without reversal = true nothing is reversed.")
    if section.reversal_window_days is not None:
        problems.add((*path, "reversal_window_days"), "Without reversal = true nothing is reversed.")


def _check_file(path: Path, section: CapabilitiesSection, problems: Problems) -> None:
    if section.timing is not Timing.FILE:
        problems.add((*path, "timing"), "The kind file answers by files: write file.")
    if section.cut_off is None:
        problems.add((*path, "cut_off"), "Until when does an instruction go into the day's file?")
    if section.hold:
        problems.add((*path, "hold"), "A file cannot hold points.")
    if not section.inquiry:
        problems.add((*path, "inquiry"), "What became of an instruction is read from the files: write true.")
    for name in ("requests_per_second", "not_found_final_after_seconds"):
        if getattr(section, name) is not None:
            problems.add((*path, name), "Files are not asked.")
