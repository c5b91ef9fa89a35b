"""A file over HTTP gives what ``qpv batch`` gives, at once or as a job; whatever is sent, there is an answer."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from serving import FOUND_AND_NOT, POINTS, by_command, ended, problem, send, serving, until

ONE_IN_LOOS = (["nom", "lon", "lat"], ["essai", 3.00671, 50.60889])


def workbook(*rows):
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        POINTS,
        "nom;lon;lat\r\nété;3,00671;50,60889\r\n".encode("cp1252"),
        "\ufeffnom\tlon\tlat\nété\t3.00671\t50.60889\n".encode(),
        "nom;lon;lat\nété;3.00671;50.60889\n".encode("utf-16"),
    ],
    ids=["ascii", "latin", "bom", "utf-16"],
)
def test_a_csv_is_answered_to_the_byte(service, qpv, tmp_path, content):
    response = send(service, content, on="2024-06-01")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv"
    assert response.content == by_command(qpv, tmp_path, content, "points.csv", "--on", "2024-06-01")


def test_a_workbook_comes_back_as_one(service):
    response = send(service, workbook(*ONE_IN_LOOS), "liste é.xlsx", on="2024-06-01")
    assert "filename*=utf-8''liste%20%C3%A9-qpv.xlsx" in response.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    header, row = book.worksheets[0].iter_rows(values_only=True)
    assert header == ("nom", "lon", "lat", "qpv_reponse", "qpv_message", "qpv_code", "qpv_nom")
    assert (row[3], *row[5:]) == ("en QPV", "QN05975M", "Les Oliveaux")
    assert "Les Oliveaux (QN05975M)" in row[4]
    assert len(book.worksheets) > 1  # the summary
    book.close()


@pytest.mark.parametrize("job", ["false", "true"])
def test_a_workbook_has_the_columns_for_programs_where_they_are_asked_for(service, job):
    response = send(service, workbook(*ONE_IN_LOOS), "liste.xlsx", on="2024-06-01", columns="all", job=job)
    if job == "true":
        here = response.headers["location"]
        assert ended(service, here)["state"] == "done"
        response = service.get(f"{here}/result")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    answer = dict(zip(*book.worksheets[0].iter_rows(values_only=True), strict=True))
    book.close()
    assert [answer[name] for name in ("qpv_reponse", "qpv_status", "qpv_reason")] == ["en QPV", "inside", "clear"]


def test_a_list_of_points_in_french_alone(service, qpv, tmp_path):
    short = send(service, POINTS, on="2024-06-01", columns="short")
    assert short.content == by_command(qpv, tmp_path, POINTS, "points.csv", "--on", "2024-06-01", "--columns", "short")
    assert "qpv_status" not in short.text
    refused = send(service, POINTS, columns="toutes")
    assert (refused.status_code, problem(refused)["detail"]) == (
        422,
        "columns : valeur inconnue ; valeurs possibles : « short », « all » ; reçu « toutes »",
    )


def test_options_are_those_of_the_command_line(service, qpv, tmp_path):
    content = b"a;x;y;jour\n1;704500;7057000;2024-06-01\n"
    sent = {"lon-column": "x", "lat_column": "y", "crs": "EPSG:2154", "date_column": "jour", "accuracy": "5"}
    options = [part for name, value in sent.items() for part in (f"--{name.replace('_', '-')}", value)]
    assert send(service, content, **sent).content == by_command(qpv, tmp_path, content, "points.csv", *options)


def test_schemes_have_their_columns_at_once_and_as_a_job(service, qpv, tmp_path):
    content = b"id;lon;lat;montant\n1;3.00671;50.60889;1200\n2;3.00671;50.60889;1600\n3;0.30;46.55;\n4;;;\n"
    sent = {"scheme": ["pic-loos", "tfpb-1388-bis"], "amount-column": "montant", "on": "2024-06-01"}
    options = ("--scheme", "pic-loos", "--scheme", "tfpb-1388-bis", "--amount-column", "montant", "--on", "2024-06-01")
    expected = by_command(qpv, tmp_path, content, "points.csv", *options)
    cells = [line.rsplit(";", 2)[1] for line in expected.decode().splitlines()]
    assert cells == ["dispositif_pic-loos", "lieu conforme", "non éligible", "non éligible", ""]
    assert send(service, content, **sent).content == expected
    accepted = send(service, content, **sent, job="true")
    assert accepted.status_code == 202
    here = accepted.headers["location"]
    assert ended(service, here)["columns"]["amount"] == "montant"
    assert service.get(f"{here}/result").content == expected


def test_an_unknown_scheme_is_refused(service):
    response = send(service, POINTS, scheme="inconnu")
    assert response.status_code == 422
    assert "inconnu" in problem(response)["detail"]


def test_how_a_file_would_be_read(service):
    told = send(service, b"a;b\n1;2\n", dry_run="true").json()
    assert (told["header"], told["columns"], bool(told["problem"])) == (["a", "b"], None, True)
    told = send(service, POINTS, dry_run="true").json()
    assert told["columns"] == {"lon": "lon", "lat": "lat", "geometry": False, "guessed": True}


def test_a_long_file_is_a_job(home, qpv, tmp_path):
    content = b"lon;lat\n" + b"3.00671;50.60889\n" * 30
    with serving(sync_max_rows=20) as client:
        response = send(client, content, on="2024-06-01")
        assert response.status_code == 202
        here = response.headers["location"]
        told = ended(client, here)
        result = client.get(f"{here}/result")
    assert (told["state"], told["rows"], told["share"]) == ("done", 30, 1.0)
    assert told["summary"]["by_status"] == [{"status": "inside", "count": 30, "share": 1.0}]
    assert told["expires_at"] > told["ended_at"]
    assert result.content == by_command(qpv, tmp_path, content, "points.csv", "--on", "2024-06-01")
    [job] = [one for one in (home / "jobs").iterdir() if not one.name.startswith(".")]
    assert not (job / "in").exists()  # what was sent is kept no longer than it is needed


def test_a_heavy_file_is_a_job_too():
    with serving(sync_max_bytes=10) as client:
        assert send(client, POINTS).status_code == 202


def test_a_job_that_fails_says_why():
    with serving(job_max_rows=10) as client:
        here = send(client, b"lon;lat\n" + b"3.00671;50.60889\n" * 30, job="true").headers["location"]
        told = ended(client, here)
        result = client.get(f"{here}/result")
    assert told["state"] == "failed"
    assert "10 lignes" in told["cause"]
    assert result.status_code == 409
    assert "10 lignes" in problem(result)["detail"]


def test_a_job_is_kept_for_a_while_only(home):
    with serving(job_retention_s=0.5) as client:
        here = send(client, POINTS, job="true").headers["location"]
        until(lambda: client.get(here).status_code == 404)
        until(lambda: not [one for one in (home / "jobs").iterdir() if one.is_dir()])


def test_too_many_jobs_are_refused_for_a_while():
    with serving(job_queue=1, job_retention_s=60) as client:
        first, second = send(client, POINTS, job="true"), send(client, POINTS, job="true")
        assert (first.status_code, second.status_code) == (202, 503)
        assert problem(second)["type"].endswith("busy")
        ended(client, first.headers["location"])


# ── What is said, to programs ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "options", "names"),
    [
        (b"a;b\n1;2\n", {}, ["« address_column »", "« lon_column »", "« lat_column »"]),
        (b"a;lon\n1;2\n", {"lon_column": "lon"}, ["« lat_column »"]),
        (b"lon;lat\n704500;7057000\n", {}, ["« crs=EPSG:2154 »"]),
        (b"lon;lat;qpv_status\n3;50;inside\n", {}, ["« replace_columns »"]),
        (b"lon;lat;jour\n3;50;hier\n", {"strict": "true", "date_column": "jour"}, ["« strict »"]),
    ],
)
def test_fields_are_told_by_their_names(service, content, options, names):
    refused = problem(send(service, content, **options))["detail"]
    here = send(service, content, job="true", **options)
    cause = ended(service, here.headers["location"])["cause"] if here.status_code == 202 else refused
    for told in (refused, cause):
        assert "--" not in told
        assert [name for name in names if name not in told] == []


def test_a_header_that_is_not_the_first_line_is_told_then_taken(service, qpv, tmp_path):
    content = b"Liste d'essai\n\n" + POINTS
    assert "« header_row=3 »" in problem(send(service, content))["detail"]
    assert "« header_row=3 »" in send(service, content, dry_run="true").json()["problem"]
    answered = send(service, content, header_row="3")
    assert answered.content == by_command(qpv, tmp_path, content, "points.csv", "--header-row", "3")
    assert send(service, content, dry_run="true", header_row="3").json()["header"] == ["id", "lon", "lat"]


def test_a_job_tells_how_its_file_was_read(service):
    content = b"nom;lon;lat\n" + "Ã©tÃ©;3.00671;50.60889\n".encode("cp1252") + "été;3.0;50.6\n".encode("cp1252") * 40
    told = ended(service, send(service, content, job="true").headers["location"])
    (note,) = told["summary"]["notes"]
    assert "« encoding=utf-8+cp1252 »" in note


def test_two_encodings_are_told_by_the_field(service):
    content = "nom;lon;lat\nété;3;50\n".encode() + "été;3;50\n".encode("cp1252")
    assert "utf-8+cp1252 (« encoding »)" in problem(send(service, content))["detail"]


def test_how_a_file_would_be_read_names_fields_too(service):
    assert "« address_column »" in send(service, b"a;b\n1;2\n", dry_run="true").json()["problem"]


def test_a_command_for_who_administers_is_apart(service):
    told = problem(send(service, POINTS, on="2023-06-01"))
    assert told["remedy"] == "qpv perimeters fetch qpv-2015 --accept-new"
    assert "qpv perimeters" not in told["detail"]


def test_a_way_out_that_has_no_field_is_left_out(home):
    (home / "cache").mkdir(parents=True)
    (home / "cache/geocoding.sqlite").write_bytes(b"essai " * 1000)
    with serving() as client:
        detail = problem(send(client, FOUND_AND_NOT))["detail"]
    assert detail.endswith("supprimez ce fichier")


# ── Whatever is sent ───────────────────────────────────────────────────────────────────────────────────────────────


def bomb():
    """A workbook whose sheet unpacks to 300 MB of zeros."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["lon", "lat"], [3, 50]))) as book,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in book.namelist():
            if not name.startswith("xl/worksheets/sheet"):
                packed.writestr(name, book.read(name))
                continue
            with packed.open(name, "w", force_zip64=True) as sheet:
                for _ in range(300):
                    sheet.write(b"\0" * 1_000_000)
    return stream.getvalue()


HOSTILE = {
    "endless line": ("points.csv", b"lon;lat\n" + b"a" * 20_000_000, {200, 202, 422}),
    "endless header": ("points.csv", b"a" * 20_000_000, {422}),
    "columns": (
        "points.csv",
        b";".join(b"c%d" % k for k in range(10_000)) + b";lon;lat\n" + b";" * 10_001 + b"\n",
        {200, 422},
    ),
    "nul": ("points.csv", b"lon;lat\n3.0\x000671;50.6\n", {200, 422}),
    "binary": ("points.csv", bytes(range(256)) * 100, {422}),
    "quote": ("points.csv", b'lon;lat\n"3;50\n' * 1000, {200, 422}),
    "zip bomb": ("liste.xlsx", None, {422}),
    "not a zip": ("liste.xlsx", b"PK\x03\x04" + b"a" * 1000, {422}),
    "not parquet": ("liste.parquet", b"PAR1" * 100, {422}),
    "not a geopackage": ("liste.gpkg", b"SQLite format 3\x00" + b"a" * 2000, {422}),
    "not geojson": ("liste.geojson", b'{"type": "FeatureCollection"' * 1000, {422}),
    "deep": ("liste.geojson", b"[" * 100_000, {422}),
    "empty": ("points.csv", b"", {422}),
    "unknown": ("points.exe", b"MZ", {415}),
    "nameless": ("..", b"lon;lat\n3;50\n", {415, 422}),
    "path": ("../../../etc/points.csv", POINTS, {200}),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_whatever_is_sent_there_is_an_answer(service, case):
    name, content, statuses = HOSTILE[case]
    response = send(service, bomb() if content is None else content, name)
    assert response.status_code in statuses, response.text[:500]
    if response.status_code == 202:
        assert ended(service, response.headers["location"])["state"] in {"done", "failed"}
    elif response.status_code != 200:
        problem(response)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"content": b"lon;lat"}, 415),
        ({"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}}, 422),
        ({"content": b"essai", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 422),
        ({"files": {"autre": ("a.csv", POINTS)}}, 422),
        ({"files": [("file", ("a.csv", POINTS)), ("file", ("b.csv", POINTS))]}, 422),
        ({"files": {"file": ("a.csv", POINTS)}, "data": {"essai": "1"}}, 422),
        ({"files": {"file": ("a.csv", POINTS)}, "data": {"lon_column": "absente"}}, 422),
        ({"files": {"file": ("a.csv", POINTS)}, "data": {"on": "a" * 20_000}}, 422),
        ({"files": {"file": ("a.csv", POINTS)}, "data": {f"c{k}": "1" for k in range(200)}}, 422),
    ],
)
def test_a_form_that_cannot_be_used(service, request_, status):
    response = service.post("/v1/batch", **request_)
    assert response.status_code == status, response.text
    problem(response)
