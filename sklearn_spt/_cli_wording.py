"""What the package says of its parameters, in the words of the command line."""

import re
import shlex

# Options of the commands that are named like the parameters that they set.
_SAME = "thickness|metadata|sheet|separator|decimal|encoding|rig|displacement_kind|group|compliance|elastic_modulus"
_MAPPINGS = {"columns": "--column", "units": "--unit"}
_CLASS = r"[A-Z]\w*(?:Regressor|Resampler|Transformer|Corrector|Converter|Cutter|Smoother)"
_VALUE = r"'[^']*'|\"[^\"]*\"|\.\.\.|\d+"


def for_command_line(message: str) -> str:
    """A message with options in place of parameters, and without names of classes and functions in front."""
    message = re.sub(rf"(?<![\w.])(?:{_CLASS}|make_report|standard_corrections): ", "", message)
    message = message.replace(
        "(DeflectionConverter, on the command line --correct)",
        "(--correct; it needs --rig where the file does not name the rig)",
    )
    message = message.replace("(ComplianceCorrector, on the command line --compliance)", "(--compliance)")
    message = re.sub(
        rf"\b(columns|units)=\{{((?:'\w+': (?:{_VALUE})(?:, )?)+)\}}",
        lambda match: " ".join(
            f"{_MAPPINGS[match[1]]} {role}={_shown(value, match[1])}"
            for role, value in re.findall(rf"'(\w+)': ({_VALUE})", match[2])
        ),
        message,
    )
    message = re.sub(
        r"\b(columns|units)\['(\w+)'\] is '([^']*)', which", lambda m: f"{_MAPPINGS[m[1]]} {m[2]}={m[3]}", message
    )
    message = re.sub(
        r"\b(columns|units) has the key ('[^']*'); it takes",
        lambda m: f"{_MAPPINGS[m[1]]} knows no {m[2]}, but",
        message,
    )
    message = re.sub(r"\b(columns|units)=(?![\w.'{])", lambda match: _MAPPINGS[match[1]], message)
    message = re.sub(r"^(separator|decimal)( must be one of .*), or None;", r"--\1\2;", message)
    message = message.replace("cut_unloading=True", "--cut-unloading")
    message = message.replace("describe it with Rig(...)", "give a JSON file of the tools")
    message = message.replace("1 µm/kN is 1e-6 mm/N", "--compliance takes µm/kN")
    message = re.sub(r"( µm/kN) \([\d.e+-]+ mm/N\)", r"\1", message)
    message = re.sub(
        r"\b(?:set it )?with curve\.replace\((\w+)=\.\.\.\)",
        lambda m: (
            (f"give it with {_option(m[1])}, or write" if m[1] in _SAME.split("|") else "write")
            + f" a line '# {m[1]}: ...' into its file"
        ),
        message,
    )
    message = re.sub(rf"\b({_SAME})=('[^']*'|\.\.\.)", lambda m: f"{_option(m[1])} {_shown(m[2], m[1])}", message)
    message = re.sub(rf"\b({_SAME})=(?![\w.'])", lambda match: _option(match[1]), message)
    message = re.sub(
        r"(--metadata|--sheet) takes ([^;]*?)(?: or a mapping|, or a position from 0)", r"\1 takes \2", message
    )
    message = re.sub(
        r"\b([Gg])ive a shorter grid=", lambda m: f"{'T' if m[1] == 'G' else 't'}rain with a shorter --grid", message
    )
    message = re.sub(r"\bgive grid=(?![\w.'])", "give --grid", message)
    message = re.sub(r"\bends='(\w+)'", r"--set resample__ends=\1", message)
    # In quotes it is a piece of a file.
    return re.sub(rf"(?<![\w'\"])({_SAME})=(\d[\d.]*)", lambda match: f"{_option(match[1])} {match[2]}", message)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _shown(value: str, name: str) -> str:
    """A value as it is typed: a placeholder for "...", and quotes only where the shell needs them."""
    if value == "...":
        return {"columns": "NAME", "units": "UNIT"}.get(name, name.upper())
    text = value.strip("'\"") if value[:1] in "'\"" else value
    return shlex.quote(text)
