"""The acts on a run that still hold, and the processes that were let go on. Pure."""

from __future__ import annotations

from ipcviz import events as ev

OF_PROCESSES = ("slow", "rate")
"""Those that are shown with the process; the others are shown with the channel."""


class Standing:
    """Takes acts, knows which of them last."""

    def __init__(self) -> None:
        self.resumed: dict[str, int] = {}
        """When each process was let go on last."""
        self._acts: dict[tuple[str, str, str], ev.FaultInjected] = {}

    @property
    def acts(self) -> tuple[ev.FaultInjected, ...]:
        """All that last, in the order in which they were done."""
        return tuple(self._acts.values())

    def take(self, act: ev.FaultInjected) -> None:
        """One act that was done; the same at the same place replaces the one before."""
        if act.fault == "resume":
            self.resumed[act.process] = act.t
        key = (act.fault, act.process, act.channel)
        self._acts.pop(key, None)
        if _lasts(act):
            self._acts[key] = act

    def ended(self, process: str) -> None:
        """What was done to a process ends with it."""
        self._acts = {key: act for key, act in self._acts.items() if act.process != process}

    def on_process(self, name: str) -> tuple[ev.FaultInjected, ...]:
        """Those that change how it works."""
        return tuple(a for a in self._acts.values() if a.process == name and a.fault in OF_PROCESSES)

    def on_channels(self) -> dict[str, tuple[ev.FaultInjected, ...]]:
        """Those that change messages, by their channels."""
        acts: dict[str, tuple[ev.FaultInjected, ...]] = {}
        for act in self._acts.values():
            if act.fault not in OF_PROCESSES:
                acts[act.channel] = (*acts.get(act.channel, ()), act)
        return acts


def _lasts(act: ev.FaultInjected) -> bool:
    """It holds for all messages from now on."""
    if act.fault in ("pause", "resume"):
        return False
    if act.fault == "slow":
        return act.amount > 0
    return act.amount != 1 if act.fault == "rate" else act.share > 0
