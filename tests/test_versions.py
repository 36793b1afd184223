"""What `show_versions` prints."""

import nngmix


def test_versions_are_shown(capsys):
    nngmix.show_versions()
    shown = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert shown["nngmix"].startswith(nngmix.__version__)
    assert shown["instructions"] in ("baseline", "avx2", "avxvnni", "avx512", "avx512vnni")
    assert shown["threads"] == f"{nngmix._core.default_threads()} of {nngmix._core.available_threads()}"
    assert shown["numpy"][0].isdigit()
