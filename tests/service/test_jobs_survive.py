"""A job that was accepted is answered, or said to have failed, whatever is killed meanwhile."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import site
import subprocess
import sys

import psutil
import pyarrow.csv
import pytest
from qpv_geo_service.app import create_app
from qpv_geo_service.errors import UnknownIdError
from qpv_geo_service.jobs.folder import JobProgress, JobRequest, State, accept, find_job, jobs_folder, new_workspace
from qpv_geo_service.jobs.fork_server import ForkServer
from qpv_geo_service.settings import ServiceSettings
from serving import POINTS, ended, process, send, serving, until

ROWS = 80_000
LINES = b"".join(b"3.00%04d;50.60%04d\n" % (k % 10_000, k % 7_000) for k in range(ROWS))
MANY = b"lon;lat\n" + LINES
STATUSES = {"inside", "outside", "uncertain"}


def runners(home, job="*"):
    """Return the processes that have the lease of a job of a home."""
    leases = {(one.stat().st_dev, one.stat().st_ino) for one in (home / "jobs").glob(f"{job}/lease")}
    return [one for one in psutil.process_iter() if one.pid != os.getpid() and not leases.isdisjoint(opened(one))]


def opened(one):
    """Return the files that a process has open, by device and number."""
    found = set()
    with contextlib.suppress(OSError):  # it has ended, or is of somebody else
        for handle in os.scandir(f"/proc/{one.pid}/fd"):
            with contextlib.suppress(OSError):
                told = handle.stat()
                found.add((told.st_dev, told.st_ino))
    return found


def fork_server(service):
    """Return the process that a service forks its runners from."""
    [found] = [one for one in psutil.Process(service.pid).children() if "fork_server" in " ".join(one.cmdline())]
    return found


def forked_job(service, client):
    """Have a job answered; return what its runner was forked from."""
    assert ended(client, send(client, POINTS, job="true").headers["location"])["state"] == "done"
    return fork_server(service)


def kill_runners(home):
    for one in runners(home):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()


def running(client, here, home):
    """Wait until a job has answered a part of its rows."""
    until(lambda: client.get(here).json()["rows"] > 0 and runners(home))


def check_result(client, here):
    told = ended(client, here)
    assert (told["state"], told["rows"]) == ("done", ROWS), told["cause"]
    options = pyarrow.csv.ParseOptions(delimiter=";")
    answers = pyarrow.csv.read_csv(io.BytesIO(client.get(f"{here}/result").content), parse_options=options)
    assert answers.num_rows == ROWS
    assert set(answers["qpv_status"].unique().to_pylist()) <= STATUSES


def test_the_service_and_its_runner_are_killed(home):
    with process(home, warm=True) as service, service.client() as client:
        here = send(client, MANY).headers["location"]
        running(client, here, home)
        service.stop(signal.SIGKILL)
        kill_runners(home)
        until(lambda: not runners(home))
    with process(home, warm=True) as again, again.client() as client:
        assert client.get(here).status_code == 200
        check_result(client, here)


def test_the_runner_alone_is_killed(home):
    with process(home, warm=True) as service, service.client() as client:
        here = send(client, MANY).headers["location"]
        running(client, here, home)
        kill_runners(home)
        check_result(client, here)


def test_jobs_are_forked_from_one_process_that_is_started_again_once_killed(home):
    with process(home, warm=True) as service, service.client() as client:
        first, second = (forked_job(service, client) for _ in range(2))
        assert first == second
        first.kill()
        third = forked_job(service, client)
        assert first != third
        service.stop()
        assert not third.is_running()


def test_the_runner_goes_on_without_the_service_and_what_forked_it(home):
    """It keeps the lease, and nothing of the service: no socket that listens, no lock of another."""
    with process(home, warm=True) as service, service.client() as client:
        here = send(client, MANY + LINES).headers["location"]
        running(client, here, home)
        [runner], forks = runners(home), fork_server(service)
        assert os.getsid(runner.pid) == runner.pid
        assert not runner.net_connections()
        assert not [one.path for one in runner.memory_maps() if "/pandas/" in one.path]  # nothing needs it here
        kept = {one.path for one in runner.open_files()}
        assert [one for one in kept if not one.startswith((str(home), site.getsitepackages()[0]))] == []
        service.stop(signal.SIGKILL)
        job = find_job(jobs_folder(home), here.rpartition("/")[2], 60)
        assert not job.progress.ended
    until(lambda: not runners(home) and not forks.is_running())
    assert (job.progress.state, job.progress.starts, job.progress.rows) == (State.DONE, 1, 2 * ROWS)


class NoForks(ForkServer):
    """That of a system that has none."""

    def start(self, _job, _environment):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


@pytest.mark.usefixtures("home")
def test_a_job_is_a_process_of_its_own_where_none_can_be_forked():
    with serving(app=create_app(ServiceSettings(rate_limit=""), NoForks())) as client:
        assert ended(client, send(client, POINTS, job="true").headers["location"])["state"] == "done"


def test_a_graceful_stop_keeps_what_was_done(home):
    with process(home, warm=True, QPV_GEO_SERVICE_SHUTDOWN_GRACE_S="0") as service, service.client() as client:
        here = send(client, MANY).headers["location"]
        running(client, here, home)
        service.stop()
    assert not runners(home)
    job = find_job(jobs_folder(home), here.rpartition("/")[2], 60)
    assert job.progress.state in {State.QUEUED, State.DONE}
    assert job.progress.starts == 0 or job.progress.ended
    with process(home, warm=True) as again, again.client() as client:
        check_result(client, here)


def test_a_graceful_stop_lets_what_is_short_end(home):
    with process(home, warm=True) as service, service.client() as client:
        here = send(client, POINTS, job="true").headers["location"]
        service.stop()
    assert find_job(jobs_folder(home), here.rpartition("/")[2], 60).progress.ended or not runners(home)
    with process(home, warm=True) as again, again.client() as client:
        assert ended(client, here)["state"] == "done"


@pytest.fixture
def left(home):
    """A job on disk, as a service that was killed left it."""

    def leave(**progress):
        workspace = new_workspace(jobs_folder(home))
        workspace.set_wish(JobRequest("points.csv", "points-qpv.csv"))
        workspace.source.write_bytes(POINTS)
        job = accept(workspace)
        job.set_progress(JobProgress(**progress))
        return f"/v1/batch/{job.id}"

    return leave


def test_a_job_that_was_left_is_taken_over(left):
    here = left(state=State.RUNNING, starts=1)
    with serving() as client:
        assert ended(client, here)["state"] == "done"


def test_a_job_does_not_wait_for_pandas(left, home):
    """Its import takes longer than most jobs, and pyarrow does it unless told otherwise."""
    here = left()
    job = find_job(jobs_folder(home), here.rpartition("/")[2], 60)
    command = [sys.executable, "-X", "importtime", "-m", "qpv_geo_service.jobs.runner", str(job.path)]
    told = subprocess.run(command, env=os.environ, check=True, capture_output=True, text=True).stderr
    assert job.progress.state is State.DONE
    read = {line.rpartition("|")[2].strip() for line in told.splitlines() if line.startswith("import time:")}
    assert "pyarrow" in read
    assert not [name for name in read if name.startswith("pandas.")]


def test_a_job_that_kills_who_works_on_it_is_given_up_saying_so(left):
    here = left(state=State.RUNNING, starts=3)
    with serving() as client:
        told = ended(client, here)
    assert told["state"] == "failed"
    assert "trois fois" in told["cause"]


def test_a_job_that_is_gone_on_with_is_not_removed(left, home):
    job = find_job(jobs_folder(home), left(state=State.RUNNING).rpartition("/")[2], 60)
    job.end(JobProgress(state=State.FAILED, resumable=True))
    job.resume(offline=False)
    job.expire(0)
    assert job.progress.state is State.QUEUED
    job.end(JobProgress(state=State.FAILED, resumable=True))
    job.expire(60)
    assert job.progress.resumable
    job.expire(0)
    with pytest.raises(UnknownIdError):
        job.resume(offline=False)


def test_a_job_that_is_removed_is_not_known(left, home):
    job = find_job(jobs_folder(home), left().rpartition("/")[2], 60)
    job.remove()
    for look in (
        lambda: job.progress,
        lambda: job.job_request,
        lambda: job.resume(offline=True),
        lambda: job.is_over(60),
    ):
        with pytest.raises(UnknownIdError):
            look()


def test_a_job_that_somebody_works_on_is_left_to_them(left, home):
    here = left(state=State.RUNNING, starts=1)
    job = find_job(jobs_folder(home), here.rpartition("/")[2], 60)
    with job.lease() as held, serving() as client:
        assert held
        other = send(client, POINTS, job="true").headers["location"]
        assert ended(client, other)["state"] == "done"  # the service has looked at both
        assert client.get(here).json()["state"] == "running"
        assert not runners(home, job.id)


def test_a_slow_job_does_not_hold_those_that_come_after_it(home):
    with process(home, warm=True, QPV_GEO_SERVICE_JOB_TURN_S="0") as service, service.client() as client:
        here = send(client, MANY + LINES).headers["location"]
        others = [send(client, POINTS, job="true").headers["location"] for _ in range(3)]
        assert {ended(client, other)["state"] for other in others} == {"done"}
        slow = client.get(here).json()
        assert slow["state"] in {"queued", "running"}
        assert 0 < slow["rows"] < 2 * ROWS
        told = ended(client, here)
        assert (told["state"], told["rows"]) == ("done", 2 * ROWS), told["cause"]
        assert len(client.get(f"{here}/result").text.splitlines()) == 2 * ROWS + 1
