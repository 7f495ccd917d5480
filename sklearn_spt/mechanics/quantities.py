"""What a small punch test and a tensile test report: each quantity once, with its symbol, unit and source.

Reports, tables, JSON and displays read their labels, units and decimals here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["CHARACTERISTIC", "QUANTITIES", "TENSILE", "Quantity"]

EN10371 = "EN 10371:2021"
ASTM = "ASTM E3205"
ISO6892 = "ISO 6892-1"


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One quantity.

    Parameters
    ----------
    key : str
        Attribute of `CharacteristicQuantities` or `TensileProperties`, and key in JSON and CSV.
    letter, index : str
        Its symbol, and the part of it that is printed lower; empty for a quantity without a symbol.
    name : str
        What it is.
    unit : str
        Unit of the value; "1" for a number without a unit.
    decimals : int
        Decimals in a report, in the unit of the report (`shown_unit`).
    percent : bool, default=False
        Whether a report shows the value in %.
    source : str, default=""
        Where it is defined; empty for a definition of the package.
    variant : str, default=""
        What tells it from another quantity of the same symbol.

    See Also
    --------
    characteristic_quantities, tensile_properties : Determine them.

    Examples
    --------
    >>> from sklearn_spt.mechanics.quantities import QUANTITIES
    >>> quantity = QUANTITIES["uniform_elongation"]
    >>> quantity.symbol, quantity.heading, quantity.show(0.1964)
    ('Ag', 'Ag, %', '19.6')
    """

    key: str
    letter: str
    index: str
    name: str
    unit: str
    decimals: int
    percent: bool = False
    source: str = ""
    variant: str = ""

    @property
    def symbol(self) -> str:
        """The symbol as plain text; the name of a quantity without one."""
        return self.letter + self.index or self.name

    @property
    def label(self) -> str:
        """Symbol and unit of the value, for a line of text: "Rp0.2, MPa"."""
        unit = f", {self.unit}" if self.unit != "1" else ""
        named = f"{self.name} {self.symbol}" if self.percent and self.letter else self.symbol
        return f"{named}{unit}" + (f" ({self.variant})" if self.variant else "")

    @property
    def shown_unit(self) -> str:
        """Unit in a report; empty for a number without one."""
        return "%" if self.percent else "" if self.unit == "1" else self.unit

    @property
    def heading(self) -> str:
        """Symbol and unit of a report, for a column: "Ag, %"."""
        return f"{self.symbol}, {self.shown_unit}" if self.shown_unit else self.symbol

    @property
    def column(self) -> str:
        """Name of a column in a CSV file: "Fe_N"."""
        return self.key if self.unit == "1" else f"{self.key}_{self.unit}"

    @property
    def factor(self) -> float:
        """From the value to the number in a report."""
        return 100.0 if self.percent else 1.0

    def show(self, value: float | None, *, sign: bool = False) -> str:
        """The number as a report shows it; "-" for none."""
        if value is None or value != value:
            return "-"
        return format(self.factor * value, f"{'+' if sign else ''}z.{self.decimals}f")


def _table(quantities: Iterable[Quantity]) -> dict[str, Quantity]:
    return {quantity.key: quantity for quantity in quantities}


def _load(key: str, index: str, name: str, *, source: str = "", variant: str = "") -> Quantity:
    return Quantity(key=key, letter="F", index=index, name=name, unit="N", decimals=1, source=source, variant=variant)


def _displacement(key: str, index: str, name: str, source: str = "") -> Quantity:
    return Quantity(key=key, letter="u", index=index, name=name, unit="mm", decimals=3, source=source)


def _stress(key: str, letter: str, index: str, name: str, source: str = "") -> Quantity:
    return Quantity(key=key, letter=letter, index=index, name=name, unit="MPa", decimals=1, source=source)


THICKNESS = Quantity(key="h0", letter="h", index="0", name="initial thickness", unit="mm", decimals=3)
# Where Fi is read, mm, by rig and displacement, in EN 10371 as drafted in 2018: M. Bruchhausen et al., Ubiquity
# Proceedings 1(S1) 11 (2018), doi 10.5334/uproc.11.
FI_DISPLACEMENTS = {
    ("EN10371", "deflection"): 0.552,
    ("EN10371", "punch"): 0.645,
    ("MINIATURE", "deflection"): 0.282,
    ("MINIATURE", "punch"): 0.320,
}
# Read off the record of a small punch test, in the order of a report.
CHARACTERISTIC = _table(
    (
        _load("Fe", "e", "elastic-plastic transition load", source=EN10371, variant="EN 10371"),
        _displacement("ue", "e", "displacement at the transition", source=EN10371),
        _load("Fe_astm", "e", "elastic-plastic transition load", source=ASTM, variant="ASTM E3205"),
        Quantity(key="F_offset", letter="", index="", name="F at offset h0/10", unit="N", decimals=1),
        _load("Fi", "i", "load at a fixed displacement", source=EN10371),
        _load("Fm", "m", "maximum load", source=EN10371),
        _displacement("um", "m", "displacement at the maximum load", source=EN10371),
        _displacement("uf", "f", "displacement after the load has fallen by 20 %"),
        Quantity(key="ESP", letter="E", index="SP", name="energy up to um", unit="mJ", decimals=1),
        Quantity(key="slope", letter="", index="", name="initial slope", unit="N/mm", decimals=1),
    )
)
# What else stands beside them in `CharacteristicQuantities`.
CONSTRUCTION = _table(
    (
        THICKNESS,
        _displacement("ui", "i", "displacement of Fi"),
        Quantity(key="v0", letter="v", index="0", name="start of the trilinear fit", unit="mm", decimals=3),
        _load("FB", "B", "load of the bilinear or trilinear fit at its end"),
        _displacement("u_start", "start", "where the initial line has no load"),
        _displacement("u_offset", "offset", "displacement at the offset load"),
    )
)
# Read off a true stress-strain curve, in the order of a report.
TENSILE = _table(
    (
        _stress("proof_stress", "R", "p0.2", "proof strength", ISO6892),
        _stress("lower_yield_strength", "R", "eL", "lower yield strength", ISO6892),
        _stress("tensile_strength", "R", "m", "tensile strength", ISO6892),
        Quantity(
            key="uniform_elongation", letter="A", index="g", name="uniform elongation", unit="1", decimals=1,
            percent=True, source=ISO6892,
        ),
        Quantity(
            key="total_uniform_elongation", letter="A", index="gt", name="total elongation at Rm", unit="1", decimals=1,
            percent=True, source=ISO6892,
        ),
        Quantity(key="necking_strain", letter="", index="", name="true strain at Rm", unit="1", decimals=4),
        Quantity(key="hardening_exponent", letter="n", index="", name="hardening exponent", unit="1", decimals=3),
        _stress("strength_coefficient", "K", "", "strength coefficient"),
    )
)  # fmt: skip
QUANTITIES = CHARACTERISTIC | CONSTRUCTION | TENSILE
