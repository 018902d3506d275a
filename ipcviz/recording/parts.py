"""What the parts of a joined recording are called: by their topology, and by what differs. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ipcviz.events import Chapter, SessionStarted


def chapters_of_parts(sessions: Sequence[SessionStarted]) -> list[Chapter]:
    """A chapter for each part, at 0: its label, and what its topology is about as the caption.

    Parts of one topology are told apart by what carries their channels and locks, and else by the values of
    their parameters, where these differ.
    """
    return [
        Chapter(t=0, label=_label(session, sessions), caption=_about(session), auto=True)
        for session in sessions
    ]


def _label(session: SessionStarted, sessions: Sequence[SessionStarted]) -> str:
    alike = [other for other in sessions if other.topology == session.topology]
    label = session.topology
    if any(_carriers(other) != _carriers(session) for other in alike):
        label += f" on {' + '.join(dict.fromkeys(_carriers(session)))}"
    differing = [
        f"{name}={value}"
        for name, value in session.parameters.items()
        if any(other.parameters.get(name) != value for other in alike)
    ]
    return f"{label}, {' '.join(differing)}" if differing else label


def _about(session: SessionStarted) -> str:
    return session.about.partition("\n")[0]


def _carriers(session: SessionStarted) -> list[str]:
    return [channel.mechanism for channel in session.channels] + [lock.mechanism for lock in session.locks]
