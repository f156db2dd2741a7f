"""Writes the content of an instruction file."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from adapters.brand_systems.figures import Figures
from adapters.drop.days import written_day
from adapters.drop.instructions import Order
from brands.adapter.drop_folder import DropFolder
from brands.adapter.kinds import Call
from brands.adapter.templates import filled


def file_name(folder: DropFolder, program: str, day: date, number: int) -> str:
    """What the file is called."""
    return str(filled(folder.instructions.name, {"day": f"{day:%Y%m%d}", "program": program, "number": number}))


def content(folder: DropFolder, program: str, day: date, name: str, orders: Sequence[Order], figures: Figures) -> bytes:
    """Headers, a row for each instruction, and the control row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=folder.delimiter, lineterminator="\r\n")
    columns = folder.instructions.columns
    shown = written_day(day, folder.day_form)
    writer.writerow([column.header for column in columns])
    for order in orders:
        known = {
            **order.content,
            "amount": figures.written(order.amount),
            "word": folder.word(Call(order.call)),
            "day": shown,
        }
        writer.writerow([_cell(filled(column.value, known)) for column in columns])
    total = figures.written(sum(order.amount for order in orders))
    control = {"count": len(orders), "total": total, "day": shown, "program": program, "name": name}
    cells = [_cell(filled(template, control)) for template in folder.instructions.control]
    writer.writerow([*cells, *[""] * (len(columns) - len(cells))])
    return text.getvalue().encode(folder.encoding)


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
