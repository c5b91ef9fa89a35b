"""A job that was accepted is answered, or said to have failed, whatever is killed meanwhile."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys

import psutil
import pytest
from qpv_geo_service.errors import UnknownIdError
from qpv_geo_service.jobs.folder import JobProgress, JobRequest, State, accept, find_job, jobs_folder, new_workspace
from serving import POINTS, ended, process, send, serving, until

ROWS = 80_000
LINES = b"".join(b"3.00%04d;50.60%04d\n" % (k % 10_000, k % 7_000) for k in range(ROWS))
MANY = b"lon;lat\n" + LINES
STATUSES = {"inside", "outside", "uncertain"}


def runners(home):
    """Return the processes that work on the jobs of a home."""
    jobs = str(home / "jobs")
    return [one for one in psutil.process_iter(["cmdline"]) if jobs in " ".join(one.info["cmdline"] or ())]


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
    answers = list(csv.DictReader(client.get(f"{here}/result").text.splitlines(), delimiter=";"))
    assert len(answers) == ROWS
    assert {answer["qpv_status"] for answer in answers} <= STATUSES


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
        assert not any(job.id in json.dumps(one.info["cmdline"]) for one in runners(home))


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
