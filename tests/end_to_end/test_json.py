"""`run --json`, and the JSON of the other commands, as other programs rely on it."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
from pathlib import Path

import pytest

MECHANISMS = ("pipe", "unix-stream", "posix-mq", "shm", "unix-seqpacket")

SUMMARY = {
    "type": None,
    "topology": None,
    "seconds": None,
    "processes": [{"name", "pid", "exit", "signal"}],
    "channels": [
        {
            *("name", "kind", "mechanism", "sent", "received", "bytes", "lost", "rate"),
            *("latency_us", "depth", "blocked_s", "in_flight", "dropped", "found"),
        }
    ],
    "locks": [{"name", "mechanism", "holders", "waiters", "acquisitions", "contended", "wait_us"}],
    "findings": [{"kind", "sentence", "since_s"}],
    "reports": None,
    "stream": {"events", "lost"},
    "watching": {"ns_per_message", "share"},
    "regions": [{"name", "mechanism", "size", "writes", "reads", "content"}],
}


def check_summary(summary) -> None:
    assert list(summary) == list(SUMMARY)
    for key, shape in SUMMARY.items():
        if isinstance(shape, set):
            assert set(summary[key]) == shape
        elif isinstance(shape, list):
            assert all(set(item) == shape[0] for item in summary[key])
    for channel in summary["channels"]:
        assert set(channel["latency_us"]) == {"p50", "p99"}
        assert set(channel["depth"]) == {"now", "max", "capacity", "unit", "quality"}
        assert set(channel["blocked_s"]) == {"send", "receive"}
        assert channel["sent"] == channel["received"] + channel["in_flight"]
        assert channel["lost"] == 0


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_pipeline_runs_on_every_mechanism(ipcviz, mechanism) -> None:
    result = ipcviz("run", "pipeline", "--json", "--seconds", "1", "-m", mechanism)
    assert result.status == 0
    assert result.err == ""
    check_summary(result.summary)
    assert [event["type"] for event in result.events].count("summary") == 1
    assert result.events[0]["type"] == "session_started"
    assert {channel["mechanism"] for channel in result.summary["channels"]} == {mechanism}
    assert 20 <= result.summary["channels"][0]["received"] <= 40
    assert 1 <= result.summary["seconds"] < 3
    assert result.summary["channels"][0]["latency_us"]["p50"] > 0
    assert len(result.of("message")) == sum(c["received"] for c in result.summary["channels"])
    pids = {event["process"]: event["pid"] for event in result.of("process_started")}
    assert pids == {process["name"]: process["pid"] for process in result.summary["processes"]}


FLOODS = {
    "bounded_buffer": ("produce=0", "consume=0"),
    "request_reply": ("rate=0", "work=0"),
    "worker_pool": ("rate=0",),
}
CUT_SHORT = [
    *itertools.product(("bounded_buffer", "request_reply"), MECHANISMS),
    *(("worker_pool", mechanism) for mechanism in ("posix-mq", "shm")),
]


@pytest.mark.parametrize(("demo", "mechanism"), CUT_SHORT)
def test_a_run_that_is_cut_short_at_full_speed_loses_nothing(ipcviz, demo, mechanism) -> None:
    chosen = [word for setting in FLOODS[demo] for word in ("--set", setting)]
    result = ipcviz("run", demo, "--json", "--seconds", "0.5", "-m", mechanism, *chosen)
    assert (result.status, result.err) == (0, "")
    check_summary(result.summary)
    assert not [event for event in result.of("process_exited") if event["failed"]]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_the_words_are_those_of_wc(ipcviz, mechanism) -> None:
    result = ipcviz("run", "pipeline", "--json", "--set", "rate=0", "--set", "stages=2", "-m", mechanism)
    text = result.events[0]["parameters"]["text"]
    counted = subprocess.run(["wc", "-w", text], capture_output=True, text=True, check=True)
    assert result.status == 0
    assert result.summary["reports"]["printer"]["words"] == int(counted.stdout.split()[0]) > 1000
    check_summary(result.summary)
    assert all(channel["in_flight"] == 0 for channel in result.summary["channels"])


def test_a_text_of_ones_own_is_counted(ipcviz) -> None:
    text = ipcviz.folder / "mine.txt"
    text.write_bytes(
        "eins zwei\n\n  drei\tvier \xe4\n".encode("latin-1") + "다섯 여섯".encode() + b" " + b"x" * 70_000
    )
    result = ipcviz(
        "run", "pipeline", "--json", "--set", "rate=0", "--set", "text=mine.txt", "-m", "posix-mq"
    )
    assert (result.status, result.err) == (0, "")
    assert result.summary["reports"]["printer"]["words"] == 8


def test_worker_pool_reads_a_real_folder(ipcviz) -> None:
    folder = ipcviz.folder / "files"
    (folder / "deep").mkdir(parents=True)
    (folder / "a").write_bytes(b"x" * 1000)
    (folder / "deep" / "b \xe9").write_bytes(b"y" * 234)
    result = ipcviz(
        *("run", "worker_pool", "--json", "-m", "shm", "--set", "rate=0", "--set", f"folder={folder}")
    )
    assert (result.status, result.err) == (0, "")
    sink = result.summary["reports"]["sink"]
    assert (sink["files"], sink["bytes"], sink["unreadable"]) == (2, 1234, 0)


def test_naive_philosophers_are_found_in_deadlock(ipcviz) -> None:
    run = ipcviz.start("run", "philosophers", "--json", "--set", "n=3", "--set", "hesitate=1")
    found = run.until_type("finding_raised", kind="deadlock")
    run.send(signal.SIGINT)
    result = run.end()
    names = [f"{what} {number}" for what in ("philosopher", "fork") for number in (1, 2, 3)]
    assert all(name in found["sentence"] for name in names)
    assert set(found["members"]) == set(names)
    assert found["ring"]
    assert [finding["kind"] for finding in result.summary["findings"]] == ["deadlock"]
    for lock in result.summary["locks"]:
        assert len(lock["holders"]) == len(lock["waiters"]) == 1
    check_summary(result.summary)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["naive", "ordered", "waiter"])
def test_five_philosophers_as_they_come(ipcviz, strategy) -> None:
    run = ipcviz.start("run", "philosophers", "--json", "--seconds", "15", "--set", f"strategy={strategy}")
    result = run.end()
    assert result.status == 0
    kinds = [finding["kind"] for finding in result.summary["findings"]]
    assert kinds == (["deadlock"] if strategy == "naive" else [])


@pytest.mark.parametrize("strategy", ["ordered", pytest.param("waiter", marks=pytest.mark.slow)])
def test_other_philosophers_go_on_eating(ipcviz, strategy) -> None:
    chosen = ("--set", "n=3", "--set", "hesitate=0.2", "--set", f"strategy={strategy}")
    result = ipcviz("run", "philosophers", "--json", "--seconds", "4", *chosen)
    assert result.status == 0
    assert not result.of("finding_raised")
    assert all(report["meals"] > 0 for report in result.summary["reports"].values())


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_slow_consumer_fills_the_channel(ipcviz, mechanism) -> None:
    chosen = ("--set", "produce=0", "--set", "consume=5", "--set", "producers=1", "--set", "size=4000")
    run = ipcviz.start("run", "bounded_buffer", "--json", "-m", mechanism, *chosen)
    full = run.until(lambda event: event["type"] == "frame" and _full(event))
    frames = [full]
    for _ in range(3):
        frames.append(run.until(lambda e: e["type"] == "frame" and e["t"] > frames[-1]["t"]))
    run.send(signal.SIGTERM)
    (channel,) = run.end().summary["channels"]
    waited = [frame["channels"][0]["ends"][0]["blocked_send"] for frame in frames]
    assert all(now < then for now, then in itertools.pairwise(waited))
    # Within a message of the capacity where that is counted in bytes; the kernel charges up to 8.5 KB for
    # one in socket memory, and the consumer may have taken one just before each look.
    room = {"messages": 0, "bytes": 5000, "bytes of socket memory": 17_000}[channel["depth"]["unit"]]
    assert channel["depth"]["max"] >= channel["depth"]["capacity"] - room
    assert channel["blocked_s"]["send"] > 0.3
    assert channel["in_flight"] > 5


def _full(frame) -> bool:
    return frame["channels"][0]["ends"][0]["activity"] == "sending" and frame["t"] > 500_000_000


def test_a_reader_that_leaves_early_ends_the_run(ipcviz, until) -> None:
    run = ipcviz.start("run", "pipeline", "--json")
    run.started()
    run.process.stdout.close()
    until(lambda: run.process.poll() is not None)
    assert run.process.returncode == 128 + signal.SIGPIPE
    assert run.process.stderr.read() == b""


def test_a_shell_that_takes_one_line(ipcviz) -> None:
    ran = subprocess.run(
        f"{' '.join(ipcviz.program)} run pipeline --json | head -1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=20,
        env=ipcviz.environment,
        cwd=ipcviz.folder,
    )
    assert json.loads(ran.stdout)["type"] == "session_started"
    assert ran.stderr == ""


def test_a_reader_that_is_slow_gets_the_right_figures_in_the_end(ipcviz, until) -> None:
    """Nobody reads while the stream floods, until long after the run has ended."""
    demo = ipcviz.demo(
        """
        def build():
            topology = Topology("flood")
            channel = topology.channel("c")
            topology.process("p", fill, channel.sender)
            topology.process("q", empty, channel.receiver)
            return topology

        def fill(channel):
            for n in range(100_000):
                print("n" * 100)
                channel.send(b"%d" % n)

        def empty(channel):
            report(received=sum(1 for _ in channel))
        """
    )
    run = ipcviz.start("run", demo, "--json")
    supervisor = run.find_supervisor()
    until(lambda: len(_kids(supervisor)) == 2)
    until(lambda: not _kids(supervisor))
    result = run.end()
    assert (result.status, result.err) == (0, "")
    assert result.summary["stream"]["lost"] > 0
    assert result.of("lost")[-1]["events"] <= result.summary["stream"]["lost"]
    assert result.summary["reports"] == {"q": {"received": 100_000}}
    check_summary(result.summary)


def _kids(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_though_nobody_reads(ipcviz, until, gone, number) -> None:
    chosen = ("--set", "produce=0", "--set", "consume=0")
    run = ipcviz.start("run", "bounded_buffer", "--json", *chosen)
    workers = run.started()
    run.send(number)
    until(lambda: all(map(gone, workers.values())))
    until(lambda: run.process.poll() is not None)
    assert run.process.returncode == 128 + number


def test_a_full_disk_is_told(ipcviz) -> None:
    with open("/dev/full", "wb") as full:
        result_of = ipcviz.start("run", "pipeline", "--json", stdout=full)
        _, err = result_of.process.communicate(timeout=20)
    assert result_of.process.returncode == 1
    assert err.decode() == "ipcviz: The output could not be written: No space left on device.\n"


def test_json_is_utf_8_whatever_the_locale_says(ipcviz) -> None:
    demo = ipcviz.demo(
        """
        def build():
            topology = Topology("깊이", about="ü\\x1b[2J\\ud800")
            topology.process("프로세스 é", print, "한글 \\x9b2J")
            return topology
        """
    )
    latin = {"PYTHONIOENCODING": "ascii", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    result = ipcviz("run", demo, "--json", environment=latin)
    assert (result.status, result.err) == (0, "")
    assert result.summary["topology"] == "깊이"
    assert [note["text"] for note in result.of("note")] == ["한글 \x9b2J"]


def test_list_has_every_demo_with_its_parameters(ipcviz) -> None:
    result = ipcviz("list", "--json")
    assert (result.status, result.err) == (0, "")
    demos = {demo["name"]: demo for demo in json.loads(result.out)}
    assert {"pipeline", "bounded_buffer", "worker_pool", "philosophers", "request_reply"} <= set(demos)
    for demo in demos.values():
        about = {"name", "teaches", "about", "look", "parameters"}
        assert set(demo) == about | {"mechanisms", "locks", "channels", "has_locks"}
        assert demo["teaches"]
        assert demo["about"]
        assert demo["look"]
        for parameter in demo["parameters"]:
            assert set(parameter) == {"name", "type", "default"}
            assert parameter["type"]
    assert set(MECHANISMS) <= set(demos["pipeline"]["mechanisms"])
    assert "xmlrpc" not in demos["pipeline"]["mechanisms"]
    assert "xmlrpc" in demos["request_reply"]["mechanisms"]
    assert demos["philosophers"]["mechanisms"] == []
    assert "pipe" not in demos["worker_pool"]["mechanisms"]
    strategy = next(p for p in demos["philosophers"]["parameters"] if p["name"] == "strategy")
    assert strategy == {"name": "strategy", "type": "naive | ordered | waiter", "default": "naive"}


def test_mechanisms_says_what_there_is_and_what_not(ipcviz) -> None:
    result = ipcviz("mechanisms", "--json")
    assert (result.status, result.err) == (0, "")
    known = {mechanism["name"]: mechanism for mechanism in json.loads(result.out)}
    assert {*MECHANISMS, "posix-sem"} <= set(known)
    for mechanism in known.values():
        assert {"name", "family", "available", "reason", "traits", "limits"} <= set(mechanism)
        assert mechanism["available"] is (mechanism["reason"] == "")
        assert mechanism["traits"]["kinds"]
        assert all(isinstance(limit, int | str) for limit in mechanism["limits"].values())
        assert mechanism["limits"] or not mechanism["available"]


def test_doctor_says_whether_runs_are_possible(ipcviz) -> None:
    result = ipcviz("doctor", "--json")
    checks = {check["subject"]: check for check in json.loads(result.out)}
    assert all(set(check) == {"subject", "works", "detail", "needed"} for check in checks.values())
    assert result.status == (0 if all(c["works"] for c in checks.values() if c["needed"]) else 1)
    assert str(ipcviz.runtime) in checks["ledger"]["detail"]
    assert not checks["screen"]["works"]
    assert checks["python"]["works"]
