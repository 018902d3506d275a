"""Nodes and ties of a session: pools, what folds with them, and what lies on its link."""

from __future__ import annotations

import pytest
from helpers import events as made

from ipcviz.events import SessionStarted
from ipcviz.tui.scene import pools_of, scene_of, woven_pools


def pool(workers: int) -> SessionStarted:
    names = [f"worker {number}" for number in range(1, workers + 1)]
    files = made.channel("files", "source>", *(f">{name}" for name in names))
    results = made.channel("results", *(f"{name}>" for name in names), ">sink")
    return made.session(["source", *names, "sink"], [files, results])


def conversations(clients: int) -> SessionStarted:
    names = [f"client {number}" for number in range(1, clients + 1)]
    asked = made.channel("ask", *(f"{name}>" for name in names), ">server")
    answers = [made.channel(f"ask to {name}", "server>", f">{name}") for name in names]
    return made.session([*names, "server"], [asked, *answers])


def table(n: int) -> SessionStarted:
    names = [f"philosopher {number}" for number in range(1, n + 1)]
    forks = [made.lock(f"fork {number + 1}", names[number], names[number - 1]) for number in range(n)]
    return made.session(names, (), forks)


def test_equal_workers_are_a_pool_and_others_are_not():
    assert pools_of(pool(3)) == {"worker 1": ("worker 1", "worker 2", "worker 3")}
    names = ["a 1", "a 2"]
    unequal = made.session(
        [*names, "b"], [made.channel("c", "a 1>", "a 2>", ">b"), made.channel("d", "a 1>", ">b")]
    )
    assert pools_of(unequal) == {}


def test_names_that_differ_by_more_than_their_number_make_no_pool():
    people = made.session(["Ada", "Bo", "hub"], [made.channel("talk", "Ada>", "Bo>", ">hub")])
    assert pools_of(people) == {}


def test_a_folded_pool_is_one_node_that_stands_for_all_its_uses():
    scene = scene_of(pool(8), frozenset({"worker 1"}))
    assert [node.name for node in scene.nodes.values()] == ["source", "worker ×8", "sink", "files", "results"]
    fan = [tie for tie in scene.ties.values() if len(tie.uses) == 8]
    assert [(tie.link.source, tie.link.target) for tie in fan] == [
        ("channel:files", "process:worker 1"),
        ("process:worker 1", "channel:results"),
    ]
    assert scene.node_of("process", "worker 5") is scene.nodes["process:worker 1"]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["c00", "c11", "c12"], "c00 … c12"),
        (["c00", "c11"], "c00, c11"),
        (["row 1 seat 1", "row 1 seat 2", "row 2 seat 1"], "row 1 seat 1 … row 2 seat 1"),
        (["1", "2", "3"], "1 … 3"),
        (["cell 1", "cell 2", "cell 3"], "cell ×3"),
        (["cell1", "cell2", "cell3"], "cell ×3"),
        (["cell-1", "cell-2"], "cell ×2"),
        (["cell 1 of them", "cell 2 of them"], "cell of them ×2"),
        (["일꾼 1", "일꾼 2"], "일꾼 ×2"),
        (["일꾼1", "일꾼2"], "일꾼 ×2"),
    ],
)
def test_a_folded_pool_has_the_word_its_names_share_or_else_the_first_and_last_of_them(names, told):
    log = made.channel("log", *(f"{name}>" for name in names), ">logger")
    scene = scene_of(made.session([*names, "logger"], [log]), frozenset({names[0]}))
    assert scene.nodes[f"process:{names[0]}"].name == told


def test_channels_of_its_own_fold_with_a_pool():
    scene = scene_of(conversations(3), frozenset({"client 1"}))
    assert [node.name for node in scene.nodes.values()] == ["client ×3", "server", "ask", "ask to client ×3"]


def test_a_table_of_philosophers_folds_to_two_nodes():
    scene = scene_of(table(20), frozenset({"philosopher 1"}))
    assert [node.name for node in scene.nodes.values()] == ["philosopher ×20", "fork ×20"]


def test_every_use_is_in_exactly_one_tie_however_it_is_folded():
    for session in (pool(5), conversations(4), table(5)):
        every = [
            *((info.name, end.process, end.role) for info in session.channels for end in info.endpoints),
            *((lock.name, user, "user") for lock in session.locks for user in lock.users),
        ]
        for folded in (frozenset(), frozenset(pools_of(session))):
            uses = [use for tie in scene_of(session, folded).ties.values() for use in tie.uses]
            assert sorted(uses) == sorted(every)


def test_only_a_channel_from_one_to_another_lies_on_its_link():
    scene = scene_of(pool(2))
    assert not any(node.on_link for node in scene.nodes.values())
    folded = scene_of(pool(2), frozenset({"worker 1"}))
    assert [node.name for node in folded.nodes.values() if node.on_link] == ["files", "results"]
    alone = made.session(["a"], [made.channel("self", "a>", ">a")])
    assert not any(node.on_link for node in scene_of(alone).nodes.values())


def test_users_of_one_lock_only_stand_on_both_sides_of_it():
    pair = scene_of(made.session(["holder", "waiter"], (), [made.lock("lock", "holder", "waiter")]))
    assert [(tie.link.source, tie.link.target) for tie in pair.ties.values()] == [
        ("process:holder", "lock:lock"),
        ("lock:lock", "process:waiter"),
    ]


def test_a_pool_is_woven_where_folding_it_hides_who_is_joined_with_whom():
    assert woven_pools(table(5)) == {"philosopher 1"}
    assert woven_pools(pool(5)) == frozenset()
    assert woven_pools(conversations(3)) == frozenset()
