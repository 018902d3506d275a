"""The base of screens that are left: keys that were on their way when a screen went reach it all the same."""

from __future__ import annotations

from textual.app import ScreenStackError
from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType


class Once(Screen[ScreenResultType]):
    """A screen that is left once, with one result, and obeys no key afterwards.

    Textual's own would take the screen below away, too, when Esc or Enter comes twice at once.
    """

    @property
    def is_left(self) -> bool:
        """It is not on the stack any more, or not yet."""
        try:
            return self not in self.app.screen_stack
        except ScreenStackError:
            return True

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Go back to the screen below, if this is the one on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is done on a screen that was left."""
        return False if self.is_left else super().check_action(action, parameters)
