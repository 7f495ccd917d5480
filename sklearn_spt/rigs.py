"""Names of the rigs that come with the package, in all spellings; nothing is imported, so that `curves` can use it."""

import re
import unicodedata

KNOWN = ("EN10371", "SHEET", "MINIATURE")
# "DIN EN 10371:2021-10", "BS EN 10371", "en_10371": national adoptions of the standard, with or without its year; or
# its number alone.
_STANDARD = re.compile(
    r"((din|bs|nf|uni|une|csn|stn|pn|onorm|oenorm|sn|ss|sfs|nen|nbn|ns|ds|sist|msz|lst|evs|is|ilnas|tse?|iso)?(pr)?en)?"
    r"10371((19|20)\d\d(0[1-9]|1[0-2])?)?"
)


def rig_name(name: str) -> str:
    """The name of a rig as the package writes it: one of `RIGS` in any spelling, else the name as it is.

    Whatever looks a rig up by its name, or takes a name from a user or a file, calls this first, so that "EN 10371",
    "DIN EN 10371:2021" and "en10371" are one rig. `SPTCurve` does so by itself.

    Parameters
    ----------
    name : str
        Name of a rig. A laboratory's own may have any name.

    Returns
    -------
    str
        The key in `RIGS`; for other names the name without white space at its ends.

    Raises
    ------
    TypeError, ValueError
        If `name` is no text, or has no letter or digit.

    Examples
    --------
    >>> from sklearn_spt.simulation import rig_name
    >>> rig_name("DIN EN 10371"), rig_name("en-10371"), rig_name("our rig 2")
    ('EN10371', 'EN10371', 'our rig 2')
    """
    if not isinstance(name, str):
        raise TypeError(f"rig must be the name of a rig, such as 'EN10371'; got {name!r}")
    folded = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(letter for letter in folded if letter.isalnum())
    if not bare:
        raise ValueError(f"the name of the rig is empty ({name!r}); give it, such as 'EN10371', or leave it out (None)")
    if _STANDARD.fullmatch(bare):
        return "EN10371"
    return next((known for known in KNOWN if known.casefold() == bare), name.strip())
