import pytest

from ipcviz.runtime.request import Command
from ipcviz.tui.acts import acts_on, command_of, objection


@pytest.fixture
def view(make_session, make_began, make_frame, make_view):
    started = make_session(3, 2, 0)
    return make_view([*make_began(started), make_frame(started, 1.0)])


def act(view, kind, name, fault):
    return next(act for act in acts_on(kind, name, view) if act.fault == fault)


def test_what_can_be_done_to_a_process_and_to_a_channel(view):
    assert [act.fault for act in acts_on("process", "process 2", view)] == ["pause", "kill", "slow", "rate"]
    assert [act.fault for act in acts_on("channel", "channel 1", view)] == [
        "delay",
        "drop",
        "duplicate",
        "corrupt",
        "send",
    ]
    assert acts_on("process", "nobody", view) == []
    assert acts_on("", "", view) == []


def test_who_takes_nothing_cannot_be_slowed(view):
    assert act(view, "process", "process 1", "slow").objection == "process 1 takes no messages."
    assert act(view, "process", "process 2", "slow").objection == ""


@pytest.mark.parametrize(
    ("fault", "answer", "command"),
    [
        ("drop", "3", Command("drop", channel="channel 1", count=3)),
        ("drop", "25 %", Command("drop", channel="channel 1", share=0.25)),
        ("drop", "0", Command("drop", channel="channel 1")),
        ("delay", "200 ms", Command("delay", channel="channel 1", amount=0.2, count=1)),
        ("delay", "1.5s 50%", Command("delay", channel="channel 1", amount=1.5, share=0.5)),
        ("delay", "20 us 4", Command("delay", channel="channel 1", amount=20e-6, count=4)),
        ("delay", "0", Command("delay", channel="channel 1")),
        ("send", "한글 0", Command("send", channel="channel 1", payload="한글 0".encode())),
    ],
)
def test_an_answer_becomes_a_command_on_a_channel(view, fault, answer, command):
    assert command_of(act(view, "channel", "channel 1", fault), "channel", "channel 1", answer) == command


@pytest.mark.parametrize(
    ("fault", "answer", "command"),
    [
        ("pause", "", Command("pause", process="process 2")),
        ("slow", "50 ms", Command("slow", process="process 2", amount=0.05)),
        ("slow", "0", Command("slow", process="process 2")),
        ("rate", "0.5", Command("rate", process="process 2", amount=0.5)),
        ("rate", "2x", Command("rate", process="process 2", amount=2.0)),
    ],
)
def test_an_answer_becomes_a_command_on_a_process(view, fault, answer, command):
    assert command_of(act(view, "process", "process 2", fault), "process", "process 2", answer) == command


@pytest.mark.parametrize(
    ("fault", "answer", "sentence"),
    [
        ("drop", "many", "'many' is neither a number of messages nor a share such as 25 %."),
        ("drop", "101 %", "'101 %' is neither a number of messages nor a share such as 25 %."),
        ("drop", "", "'' is neither a number of messages nor a share such as 25 %."),
        ("delay", "soon", "'soon' does not begin with a time such as 200 ms."),
        ("delay", "5 ms x", "'x' is neither a number of messages nor a share such as 25 %."),
    ],
)
def test_an_answer_that_is_none_is_told_while_it_is_typed(view, fault, answer, sentence):
    assert objection(act(view, "channel", "channel 1", fault), "channel", "channel 1", answer) == sentence


@pytest.mark.parametrize(
    ("fault", "answer", "sentence"),
    [
        ("delay", "61 s", "A time is 0 to 60 s, and not 61 s."),
        ("delay", "0 ms 3", "A delay needs a time above 0, such as 200 ms."),
        ("drop", "1000000001", "A count is 0 to 1,000,000,000, and not 1,000,000,001."),
        ("send", "x" * 4001, "By hand at most 4,000 bytes can be sent, and not 4,001."),
        ("send", "한" * 1334, "By hand at most 4,000 bytes can be sent, and not 4,002."),
    ],
)
def test_what_a_run_would_refuse_of_a_channel_is_told_while_it_is_typed(view, fault, answer, sentence):
    assert objection(act(view, "channel", "channel 1", fault), "channel", "channel 1", answer) == sentence


@pytest.mark.parametrize(
    ("fault", "answer", "sentence"),
    [
        ("slow", "60.5 s", "A time is 0 to 60 s, and not 60.5 s."),
        ("rate", "1001", "A pace is changed by a factor of 0.001 to 1000, and not by 1001."),
        ("rate", "0.0009", "A pace is changed by a factor of 0.001 to 1000, and not by 0.0009."),
    ],
)
def test_what_a_run_would_refuse_of_a_process_is_told_while_it_is_typed(view, fault, answer, sentence):
    assert objection(act(view, "process", "process 2", fault), "process", "process 2", answer) == sentence


@pytest.mark.parametrize(
    ("kind", "name", "fault", "answer"),
    [
        ("channel", "channel 1", "delay", "60 s"),
        ("channel", "channel 1", "send", "x" * 4000),
        ("process", "process 2", "slow", "60000 ms"),
        ("process", "process 2", "rate", "1000"),
        ("process", "process 2", "rate", "0.001"),
    ],
)
def test_the_most_that_a_run_takes_can_be_typed(view, kind, name, fault, answer):
    assert objection(act(view, kind, name, fault), kind, name, answer) == ""


@pytest.mark.parametrize("answer", ["fast", "-1", "0", "0x", "nan", "inf"])
def test_a_factor_is_a_number_above_zero(view, answer):
    told = objection(act(view, "process", "process 2", "rate"), "process", "process 2", answer)
    assert told == f"{answer!r} is not a factor such as 2 or 0.5."
