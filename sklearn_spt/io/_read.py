"""The public door: files to curves."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..curves import CurveSource, SPTCurve
from ..exceptions import Message, Parameter
from ..utils.parameters import check_parameter
from ..utils.state import Choice, Flag
from ..utils.warnings import warn
from ._advice import refusal
from ._facts import Specimen
from ._files import Options, find_files
from ._numbers import SEPARATORS
from ._records import Record, read_file
from ._specimens import SpecimenTable, read_specimens


def read_curves(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    columns: Mapping[str, str | int] | None = None,
    units: Mapping[str, str] | None = None,
    metadata: str | os.PathLike[str] | Mapping[str, Mapping[str, Any]] | None = None,
    thickness: float | None = None,
    sheet: str | int | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    cut_unloading: bool = False,
) -> list[SPTCurve]:
    r"""Read curves from the files that testing machines write.

    Text files (CSV, TSV and the like) and Excel workbooks are read, with any number of lines above the numbers. The
    encoding, the separator, the decimal sign, the columns and their units are found out; displacements become mm, loads
    N, and compression positive. What was understood is in the `source` of each curve. Nothing is guessed: where two
    columns may hold the displacement or the load, or a number may be read in two ways, the file is refused with a
    message that says what to pass.

    The columns are known by their names in a dozen languages, else by their units, else, if there are two, by their
    order: displacement, load. A file may hold several specimens: pairs of columns side by side, one below the other,
    told apart by a column of their names, or on several sheets. Lines above the numbers such as ``Thickness: 0.5 mm``
    or ``# name: A1`` set `name`, `thickness`, `temperature`, `rig` or `displacement_kind`; the others go to `metadata`.
    The line of the rig may be called "Rig", "Test rig", "Fixture", "Prüfvorrichtung" and the like, and names the rig in
    any spelling: "DIN EN 10371" is read as "EN10371". A thickness may also stand in a column of its own, the same in
    every row of a specimen.

    Parameters
    ----------
    path : path-like or sequence of path-likes
        A file, a folder (its files whose names end like those of tables, in the order of their names; old workbooks
        among them are refused, unless the same name stands beside with the ending of one that is read), a pattern such
        as ``"lab/*.txt"``, or several of these.
    columns : mapping, default=None
        Which column is the "displacement", the "load" or the "specimen" (a column of names): the name as the file has
        it, or the position counted from 0.
    units : mapping, default=None
        Units of "displacement", "load", "thickness" and "temperature", such as ``{"load": "kN"}``. Take the place of
        what the files say.
    metadata : path-like or mapping, default=None
        A table with one line per specimen, whose first line names its columns: name (of the specimen or its file),
        thickness, temperature, rig, and others that go to `metadata`. Or a mapping of names to mappings. Takes the
        place of what the files say.
    thickness : float, default=None
        Thickness of all specimens, mm. Overrides what the files and `metadata` say.
    sheet : str or int, default=None
        Name, or position counted from 0, of the sheet of workbooks; by default all that hold curves.
    separator : str, default=None
        What separates the columns of text files: ``";"``, ``","``, ``"\t"``, ``"|"``, or ``" "`` for white space.
    decimal : {".", ","}, default=None
        Decimal sign.
    encoding : str, default=None
        Encoding of text files.
    cut_unloading : bool, default=False
        Leave out the points at the end of a record at which the punch goes back, as `source` then says. By default such
        a record is refused. One that goes back before, too, is always refused.

    Returns
    -------
    list of SPTCurve
        In the order of the files, and within a file of the specimens. A curve is named as its file says, else after the
        file; further curves of one file after their column, their sheet, or by a number.

    Raises
    ------
    FileNotFoundError
        If a path does not exist, or a folder holds no file of a test.
    ImportError
        If a workbook is to be read and openpyxl is not installed.
    TypeError
        If an option has a value of the wrong type.
    ValueError
        If a file cannot be understood without guessing, or its record is not a valid curve. The message names the file
        and, where one line is at fault, the line, and says what to do. Also if `metadata` lacks a specimen, or if,
        where a folder is read, it has one that was not read.

    Warns
    -----
    UserWarning
        If a displacement or a load is possible in its unit, but so unusual that the unit may be wrong; if `thickness`
        is another than that which a file or `metadata` states; if a temperature in a column is not taken.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_spt import read_curves
    >>> record = "Probendicke;0,5;mm\nWeg [µm];Kraft [kN]\n0;0\n100;0,09\n200;0,17\n300;0,23\n400;0,26\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "A1.csv").write_text(record, encoding="cp1252")
    ...     (curve,) = read_curves(folder)
    >>> curve
    SPTCurve('A1', 5 points, 0 to 0.4 mm, max. load 260 N, thickness 0.5 mm)
    >>> curve.source.units, curve.source.decimal, curve.source.origin
    ({'displacement': 'µm', 'load': 'kN'}, ',', {'thickness': 'line 1'})
    """
    check_parameter("", "decimal", decimal, Choice(options=(".", ","), none=True))
    check_parameter("", "separator", separator, Choice(options=tuple(SEPARATORS), none=True))
    check_parameter("", "cut_unloading", cut_unloading, Flag())
    options = Options(
        columns=_check_mapping("columns", columns, ("displacement", "load", "specimen"), (str, int)),
        units=_check_mapping("units", units, ("displacement", "load", "thickness", "temperature"), (str,)),
        decimal=decimal,
        separator=separator,
        encoding=encoding,
        sheet=sheet,
        cut_unloading=bool(cut_unloading),
    )
    paths = [path] if isinstance(path, str | os.PathLike) else path
    files, folders = find_files([Path(entry) for entry in paths])
    table = None if metadata is None else read_specimens(metadata)
    if metadata is not None and not isinstance(metadata, Mapping):
        files = [file for file in files if not file.samefile(metadata)]
    found = [(file, read_file(file, options)) for file in files]
    rows = _look_up(table, found, all_expected=bool(folders))
    records = [record for _, of_file in found for record in of_file]
    doubts: list[str | None] = [doubt for record in records for doubt in record.doubts]
    doubts += [_other_thickness(record, row, thickness) for record, row in zip(records, rows, strict=True)]
    for doubt in filter(None, doubts):
        warn(doubt, UserWarning, stacklevel=2)
    return [_make_curve(record, row, thickness) for record, row in zip(records, rows, strict=True)]


def _check_mapping(option: str, given: Any, keys: tuple[str, ...], types: tuple[type, ...]) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"{option} must be a mapping such as {{{keys[0]!r}: ...}}; got {given!r}")
    for key, value in given.items():
        if key not in keys:
            raise ValueError(f"{option} has the key {key!r}; it takes {', '.join(map(repr, keys))}")
        if not isinstance(value, types) or isinstance(value, bool):
            wanted = " or a position from 0" if int in types else ""
            raise TypeError(f"{option}[{key!r}] must be a text{wanted}; got {value!r}")
    return given


def _look_up(
    table: SpecimenTable | None, found: Sequence[tuple[Path, list[Record]]], *, all_expected: bool
) -> list[Specimen]:
    """The table's line of every record, by one of its names."""
    if table is None:
        return [Specimen() for _, records in found for _ in records]
    keys = []
    missing = []
    for file, record, is_alone in ((file, record, len(of) == 1) for file, of in found for record in of):
        # A file's name stands for a specimen only where it is the only one in the file.
        names = (record.name, file.name, file.stem) if is_alone else (record.name,)
        keys.append(next((name for name in names if name in table.rows), ""))
        missing += [] if keys[-1] else [f"{record.name!r} ({file.name})"]
    left = ", ".join([repr(name) for name in table.rows if name not in keys][:8])
    if missing:
        hint = f"; its other lines are for {left}" if left else ""
        said = (
            f"no line for the specimen{'s' * (len(missing) > 1)} {', '.join(missing[:8])}{hint}. Add a line with its "
        )
        said += "name, or that of its file (of several specimens in a file each needs one, by these names)"
        raise refusal(table.where, said)
    if left and all_expected:
        said = f"no curve was read for {left}; correct the name, add the file, or remove the line"
        raise refusal(table.where, said)
    return [table.rows[key] for key in keys]


def _other_thickness(record: Record, row: Specimen, thickness: float | None) -> Message | None:
    """What is to be warned of where the thickness of all specimens is another than that which is known of one."""
    known = (record.specimen.facts | row.facts).get("thickness")
    if thickness is None or known is None or record.specimen.problem or abs(thickness - known) <= 1e-3 * known:
        return None
    place = (record.source["origin"] | row.origin)["thickness"]
    return Message(
        f"{record.where}: the thickness of {thickness:g} mm for all specimens overrides the {known:g} mm in "
        f"{place}; leave out ",
        Parameter("thickness"), " where specimens have their own",
    )  # fmt: skip


def _make_curve(record: Record, row: Specimen, thickness: float | None) -> SPTCurve:
    given = row.facts | ({} if thickness is None else {"thickness": thickness})
    origin = record.source["origin"] | row.origin | ({} if thickness is None else {"thickness": "thickness="})
    if record.specimen.problem and "thickness" not in given:
        raise record.specimen.problem
    facts = record.specimen.facts | {"name": record.name, "displacement_kind": record.displacement_kind} | given
    source = CurveSource(**(record.source | {"origin": origin}))
    metadata = record.specimen.metadata | row.metadata
    try:
        return SPTCurve(record.displacement, record.load, metadata=metadata, source=source, **facts)
    except (TypeError, ValueError) as error:
        # Its numbers are not those of the file then.
        turned = " and ".join(record.source["sign_changed"])
        raise refusal(record.where, error, f" (the sign of the {turned} was changed)" if turned else "") from None
