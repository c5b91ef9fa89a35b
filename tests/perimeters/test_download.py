"""Downloads, against a real server that misbehaves in every way that remotes do."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import socket
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import date

import pytest
import shapely
from loopback import Answer, Loopback, corners, square

from qpv_geo.errors import RemoteError, UnknownEditionError
from qpv_geo.http import DOWNLOADS
from qpv_geo.perimeters.download import fetch
from qpv_geo.perimeters.registry import registry
from qpv_geo.perimeters.store import Store
from qpv_geo.settings import Settings

IMPATIENT = replace(DOWNLOADS, wait_initial_s=0.001, wait_max_s=0.002)
OFFICIAL_MEMBER = registry().downloads["qpv-2024"].member
NEW_EDITION = {"accept_new": True, "today": date(2030, 5, 17)}


@pytest.fixture
def server():
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", http_attempts=1, http_timeout_s=5.0)


def geojson(count=2, *, codes="ABCDEFGH"):
    features = [
        square({"code_qp": f"QN08699{codes[k]}", "lib_qp": f"Carré d'essai {k + 1}", "insee_com": "00000"}, corners(k))
        for k in range(count)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def archive(content, *, member=OFFICIAL_MEMBER, padding=300_000):
    """Return a zip laid out as the official one, with enough beside the member to come in several blocks."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("SHP/carres_d_essai.shp", bytes(padding))
        opened.writestr(member, content, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def generation(generation_id, count):
    return replace(registry().generations[generation_id], count=count)


def zip_download(url, content, count=2, **changes):
    """Return the registry's zip download, pinned on `content` and found at `url`."""
    pinned = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "count": count}
    return replace(registry().downloads["qpv-2024"], url=url, **{**pinned, **changes})


def fetch_zip(server, settings, *answers, content=None, changes=None, **options):
    content = geojson() if content is None else content
    download = zip_download(server.serve("/qpv.zip", *answers), content, **(changes or {}))
    return fetch(download, generation("qpv-2024", 2), settings, **{"limits": IMPATIENT, **options})


class Steps(list):
    """A progress that keeps what it is told."""

    def __call__(self, done, total):
        self.append((done, total))


# ── An archive that is what it should be ─────────────────────────────────────────────────────────────────────


def test_the_known_edition_is_read_with_the_registry_s_provenance(server, settings):
    content = geojson()
    perimeters = fetch_zip(server, settings, Answer(archive(content)), content=content)
    known = registry().downloads["qpv-2024"]
    assert perimeters.codes == ("QN08699A", "QN08699B")
    assert perimeters.names == ("Carré d'essai 1", "Carré d'essai 2")
    assert shapely.bounds(perimeters.geometry).tolist() == [list(corners(0)), list(corners(1))]
    dataset = perimeters.dataset
    assert (dataset.id, dataset.generation, dataset.kind) == ("qpv-2024", "qpv-2024", "qpv")
    assert (dataset.source, dataset.licence, dataset.edition) == (known.source, known.licence, known.edition)
    assert (dataset.sha256, dataset.count) == (hashlib.sha256(content).hexdigest(), 2)
    assert perimeters.coverage.kind == "all"


def test_the_user_agent_names_the_software(server, settings):
    fetch_zip(server, settings, Answer(archive(geojson())))
    assert server.requests[0].headers["User-Agent"].startswith("qpv-geo/")


def test_progress_counts_bytes_up_to_the_total(server, settings):
    body, steps = archive(geojson()), Steps()
    fetch_zip(server, settings, Answer(body), progress=steps)
    assert len(steps) > 1
    assert steps == sorted(steps)
    assert steps[-1] == (len(body), len(body))


def test_progress_has_no_total_while_the_remote_does_not_say(server, settings):
    body, steps = archive(geojson()), Steps()
    fetch_zip(server, settings, Answer(body, headers={"Content-Length": None}), progress=steps)
    assert steps[-1] == (len(body), None)


def test_redirects_are_followed_and_messages_name_the_address_asked(server, settings):
    server.serve("/static/of-the-day.zip", Answer(archive(geojson())), Answer(status=410))
    moved = Answer(status=302, headers={"Location": "/static/of-the-day.zip"})
    assert len(fetch_zip(server, settings, moved)) == 2
    with pytest.raises(RemoteError, match=r"/qpv\.zip répond 410"):
        fetch_zip(server, settings, moved)


# ── Editions ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_edition_is_refused_with_its_hash(server, settings):
    newer = geojson(codes="STUVWXYZ")
    found = hashlib.sha256(newer).hexdigest()
    with pytest.raises(UnknownEditionError, match=f"{found}, {len(newer)} octets.*--accept-new"):
        fetch_zip(server, settings, Answer(archive(newer)))


def test_an_unknown_edition_is_taken_on_request_and_its_hash_recorded(server, settings):
    newer = geojson(codes="STUVWXYZ")
    perimeters = fetch_zip(server, settings, Answer(archive(newer)), **NEW_EDITION)
    assert perimeters.codes == ("QN08699S", "QN08699T")
    assert perimeters.dataset.sha256 == hashlib.sha256(newer).hexdigest()
    assert perimeters.dataset.edition == "inconnue, téléchargée le 2030-05-17"
    assert perimeters.coverage.kind == "all"


def test_an_unknown_edition_is_dated_today_unless_told_otherwise(server, settings):
    perimeters = fetch_zip(server, settings, Answer(archive(geojson(codes="STUVWXYZ"))), accept_new=True)
    assert perimeters.dataset.edition.startswith("inconnue, téléchargée le 2")


def test_an_unknown_edition_of_another_number_is_complete_nowhere(server, settings):
    perimeters = fetch_zip(server, settings, Answer(archive(geojson(3))), **NEW_EDITION)
    assert (perimeters.dataset.count, perimeters.coverage.kind) == (3, "none")


def test_an_edition_accepted_before_is_known(server, settings):
    newer = geojson(codes="STUVWXYZ")
    known = hashlib.sha256(newer).hexdigest()
    perimeters = fetch_zip(server, settings, Answer(archive(newer)), known_sha256=known)
    assert perimeters.dataset.sha256 == known


def test_another_hash_than_the_one_accepted_before_is_refused(server, settings):
    with pytest.raises(UnknownEditionError, match="attendu ffffffffffff…"):
        fetch_zip(server, settings, Answer(archive(geojson(1))), changes={"sha256": None}, known_sha256="f" * 64)


def test_a_file_of_another_size_than_the_known_one_is_another_edition(server, settings):
    with pytest.raises(UnknownEditionError):
        fetch_zip(server, settings, Answer(archive(geojson())), changes={"size": 1})


# ── Archives that are not what they should be ────────────────────────────────────────────────────────────────


def damaged(body):
    """Return an archive whose member no longer has the checksum it announces."""
    middle = body.index(OFFICIAL_MEMBER.encode()) + len(OFFICIAL_MEMBER) + 40
    return body[:middle] + bytes([body[middle] ^ 0xFF]) + body[middle + 1 :]


@pytest.mark.parametrize(
    "body",
    [b"", b"PK\x03\x04", archive(geojson())[:-30], damaged(archive(geojson())), b"<!doctype html>"],
    ids=["nothing", "only its beginning", "without its end", "one byte off", "a page"],
)
def test_a_damaged_archive_is_refused(server, settings, body):
    with pytest.raises(RemoteError, match="archive zip incomplète"):
        fetch_zip(server, settings, Answer(body), **NEW_EDITION)


def test_an_archive_without_the_member_is_refused(server, settings):
    with pytest.raises(RemoteError, match=f"ne contient pas « {OFFICIAL_MEMBER} »"):
        fetch_zip(server, settings, Answer(archive(geojson(), member="GEOJSON/carres.geojson")))


def test_an_archive_that_unpacks_too_large_is_refused_before_it_fills_the_memory(server, settings):
    body = archive(bytes(50_000_000), padding=0)
    assert len(body) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(
            RemoteError, match=r"archive de .*/qpv\.zip dépasse 2 Mo une fois décompressée ; importez le fichier"
        ):
            fetch_zip(server, settings, Answer(body), limits=replace(DOWNLOADS, size=2_000_000), **NEW_EDITION)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30_000_000


@pytest.mark.parametrize("headers", [{}, {"Content-Length": None}, {"Content-Encoding": "gzip"}])
def test_a_body_too_large_is_given_up(server, settings, headers):
    body, steps = archive(geojson(), padding=3_000_000), Steps()
    answer = Answer(gzip.compress(body) if "Content-Encoding" in headers else body, headers=headers)
    with pytest.raises(RemoteError, match=r"/qpv\.zip envoie plus de 2 Mo ; importez le fichier"):
        fetch_zip(server, settings, answer, limits=replace(DOWNLOADS, size=2_000_000), progress=steps)
    assert all(done < 2_000_000 for done, _ in steps)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "n’est pas du JSON"),
        (b'{"type": "FeatureCollection", "features": []}', "aucun périmètre"),
        (geojson().replace(b"QN08699B", b"QN08699A"), "deux fois le code « QN08699A »"),
        (geojson().replace(b"QN08699", b"QP08699"), "n’est pas un code de la génération qpv-2024"),
    ],
)
def test_perimeters_that_cannot_be_trusted_are_refused(server, settings, content, why):
    with pytest.raises(RemoteError, match=rf"données inutilisables reçues de .*/qpv\.zip : .*{why}"):
        fetch_zip(server, settings, Answer(archive(content)), content=content)


# ── Remotes that fail ────────────────────────────────────────────────────────────────────────────────────────


def test_a_body_shorter_than_announced_is_an_error(server, settings):
    body = archive(geojson())
    with pytest.raises(RemoteError, match="a coupé la connexion"):
        fetch_zip(server, settings, Answer(body, sent=len(body) // 2))


def test_a_cut_transfer_is_tried_again_from_the_start(server, settings):
    body = archive(geojson())
    patient = settings.model_copy(update={"http_attempts": 2})
    assert len(fetch_zip(server, patient, Answer(body, sent=len(body) - 1), Answer(body))) == 2


def test_a_stalled_transfer_is_an_error_that_tells_how_long(server, settings):
    body = archive(geojson())
    hurried = settings.model_copy(update={"http_timeout_s": 0.3})
    with pytest.raises(RemoteError, match=r"plus rien de .*/qpv\.zip depuis 0\.3 s"):
        fetch_zip(server, hurried, Answer(body, sent=len(body) // 2, stalls=True))


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_byte_at_a_time_is_given_up(server, settings, part):
    patient = settings.model_copy(update={"http_attempts": 3})
    dripping = Answer(archive(geojson()), trickles=part)
    with pytest.raises(RemoteError, match=r"trop lent : .*/qpv\.zip n’envoie presque plus rien depuis 0\.4 s"):
        fetch_zip(server, patient, dripping, limits=replace(IMPATIENT, piece=1_000, piece_s=0.4))
    assert len(server.requests) == 1


def test_messages_hide_the_password_of_the_address(server, settings):
    url = server.serve("/qpv.zip", Answer(status=403))
    download = zip_download(url.replace("://", "://moi:secret@"), geojson())
    with pytest.raises(RemoteError, match=f"refusé : {url} répond 403"):
        fetch(download, generation("qpv-2024", 2), settings, limits=IMPATIENT)
    assert server.requests[0].headers["Authorization"].startswith("Basic ")


def test_a_refused_connection_is_an_error(settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    download = zip_download(f"http://127.0.0.1:{port}/qpv.zip", geojson())
    patient = settings.model_copy(update={"http_attempts": 2})
    with pytest.raises(RemoteError, match=f"impossible : http://127.0.0.1:{port}/qpv.zip .connexion refusée"):
        fetch(download, generation("qpv-2024", 2), patient, limits=IMPATIENT)


@pytest.mark.parametrize("location", ["/qpv.zip", "gopher://127.0.0.1/qpv.zip", "http://["])
def test_a_redirect_to_nowhere_is_an_error(server, settings, location):
    with pytest.raises(RemoteError):
        fetch_zip(server, settings, Answer(status=302, headers={"Location": location}))


def test_a_body_that_does_not_decode_is_an_error(server, settings):
    with pytest.raises(RemoteError, match="téléchargement incomplet"):
        fetch_zip(server, settings, Answer(b"not gzip", headers={"Content-Encoding": "gzip"}))


def test_a_refusal_fails_at_once(server, settings):
    patient = settings.model_copy(update={"http_attempts": 3})
    with pytest.raises(RemoteError, match="répond 404"):
        fetch_zip(server, patient, Answer(status=404))
    assert len(server.requests) == 1


DATED = {"Retry-After": "Sun, 01 Jun 2025 13:00:00 GMT", "Date": "Sun, 01 Jun 2025 12:00:00 GMT"}


@pytest.mark.parametrize(
    "busy",
    [
        Answer(status=503),
        Answer(status=429),
        Answer(status=429, headers={"Retry-After": "3600"}),
        Answer(status=503, headers=DATED),
    ],
)
def test_a_busy_remote_is_asked_again_and_never_waited_for_too_long(server, settings, busy):
    patient = settings.model_copy(update={"http_attempts": 2})
    assert len(fetch_zip(server, patient, busy, Answer(archive(geojson())))) == 2
    assert len(server.requests) == 2


@pytest.mark.parametrize("headers", [{"Retry-After": "3600"}, DATED])
def test_a_remote_that_stays_busy_says_when_to_come_back(server, settings, headers):
    with pytest.raises(RemoteError, match=r"trop de demandes : .*/qpv\.zip répond 429 ; relancez dans 3600 s"):
        fetch_zip(server, settings, Answer(status=429, headers=headers))


def test_a_remote_that_always_fails_is_asked_as_often_as_told(server, settings):
    patient = settings.model_copy(update={"http_attempts": 3})
    with pytest.raises(RemoteError, match="répond 500"):
        fetch_zip(server, patient, Answer(status=500))
    assert len(server.requests) == 3


def test_an_interrupted_download_changes_nothing(server, settings):
    store = Store(settings.home)
    store.install(fetch_zip(server, settings, Answer(archive(geojson()))))
    before = {path: path.read_bytes() for path in settings.home.rglob("*") if path.is_file()}
    newer = geojson(3)

    def interrupt(done, total):
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_zip(server, settings, Answer(archive(newer)), progress=interrupt, **NEW_EDITION)
    assert {path: path.read_bytes() for path in settings.home.rglob("*") if path.is_file()} == before
    assert store.load(store.find("qpv-2024")).codes == ("QN08699A", "QN08699B")
    assert len(fetch_zip(server, settings, Answer(archive(newer)), **NEW_EDITION)) == 3
