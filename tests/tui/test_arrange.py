import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ipcviz.tui.arrange import PAGES, PANELS, Contents, arrange, is_roomy, is_too_small

widths, heights = st.integers(60, 300), st.integers(15, 120)
contents = st.builds(Contents, st.integers(0, 20), st.integers(1, 60), st.integers(0, 20))


@given(widths, heights, st.sampled_from(PANELS), st.booleans(), contents, st.sampled_from(["", *PAGES]))
def test_the_regions_cover_the_screen_without_overlap(width, height, focused, zoomed, what, page):
    assume(what.channels or what.locks)
    areas = arrange(width, height, focused, zoomed, what, page)
    assert not page or page in areas
    cells = sum(area.width * area.height for area in areas.values())
    assert cells == width * height
    for name, area in areas.items():
        assert area.width > 0
        assert area.height > 0
        assert 0 <= area.x <= area.x + area.width <= width
        assert 0 <= area.y <= area.y + area.height <= height
        for other, there in areas.items():
            apart = (
                area.x + area.width <= there.x
                or there.x + there.width <= area.x
                or area.y + area.height <= there.y
                or there.y + there.height <= area.y
            )
            assert name == other or apart


def test_a_zoomed_panel_has_the_whole_body():
    areas = arrange(80, 24, "messages", True, Contents(1, 3, 0))
    assert set(areas) == {"header", "footer", "messages"}
    assert areas["messages"].height == 22


def test_a_small_screen_shows_one_panel_and_the_strip():
    assert set(arrange(80, 24, "topology", False, Contents(2, 3, 0))) == {
        "header",
        "footer",
        "topology",
        "strip",
    }


def test_locks_take_the_place_of_channels_that_are_not_there():
    areas = arrange(120, 40, "topology", False, Contents(0, 5, 5))
    assert "locks" in areas
    assert "channels" not in areas
    assert "messages" not in areas


@pytest.mark.parametrize(("width", "height", "small"), [(59, 40, True), (120, 14, True), (60, 15, False)])
def test_what_is_too_small(width, height, small):
    assert is_too_small(width, height) is small


def test_what_is_roomy():
    assert is_roomy(100, 30)
    assert not is_roomy(99, 30)
    assert not is_roomy(100, 29)


def test_with_room_a_message_opens_beside_the_picture_and_a_channel_in_its_place():
    what = Contents(2, 3, 0)
    assert "topology" in arrange(120, 40, "messages", False, what, "message")
    assert "topology" not in arrange(120, 40, "channels", False, what, "channel")


def test_the_timeline_has_a_place_of_its_own_only_where_there_is_a_lot_of_room():
    what = Contents(2, 3, 0)
    assert "timeline" not in arrange(120, 40, "topology", False, what)
    assert "topology" not in arrange(120, 40, "timeline", False, what)
    assert {"timeline", "topology"} <= arrange(200, 50, "timeline", False, what).keys()
