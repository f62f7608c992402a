"""Patches for moto: where it costs more than AWS does, or does otherwise."""

from local.moto_patches import answers, queries, remembered, transactions


def install() -> None:
    """Patch moto in this process; doing it again changes nothing."""
    for each in (transactions, queries, answers, remembered):
        each.install()
