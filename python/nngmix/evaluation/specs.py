"""Names with settings, as the command line and the results write them: ``nng_mix:noise_std=0.3``."""

import ast
from dataclasses import dataclass
from typing import Any, Self

__all__ = ["Spec"]


@dataclass(frozen=True)
class Spec:
    """A method or a detector by name, with the settings that differ from its defaults.

    Attributes
    ----------
    name : str
    settings : tuple of (str, value)
        Sorted by name, so that one meaning has one text.
    """

    name: str
    settings: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name`` or ``name:setting=value,setting=value``.

        Parameters
        ----------
        text : str

        Returns
        -------
        Spec

        Raises
        ------
        ValueError
            For a text of another form.
        """
        name, _, rest = text.strip().partition(":")
        settings: dict[str, Any] = {}
        for part in filter(None, rest.split(",")):
            key, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals or not key.isidentifier() or key in settings:
                raise ValueError(
                    f"settings must be name=value split by commas, each name once, got {part!r} in {text!r}"
                )
            settings[key] = _value(value)
        if not name or (":" in text and not settings):
            raise ValueError(f"expected a name or name:setting=value,..., got {text!r}")
        return cls(name.replace("-", "_"), tuple(sorted(settings.items())))

    def __str__(self) -> str:
        settings = ",".join(f"{key}={value}" for key, value in self.settings)
        return f"{self.name}:{settings}" if settings else self.name


def _value(text: str) -> Any:
    """A number, a boolean or None as Python writes them; else the text itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
