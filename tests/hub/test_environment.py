"""Settings refuse what they cannot mean."""

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from hub.environment import Environment, broker, database, profile_of, secret


def environment(**variables: str) -> Environment:
    return Environment({f"BLINDREAD_{name}": value for name, value in variables.items()})


def test_the_profile_is_demo_unless_pytest_runs_or_a_variable_says_otherwise():
    assert profile_of(Environment({})) == "demo"
    assert profile_of(Environment({"PYTEST_VERSION": "9"})) == "test"
    assert profile_of(Environment({"PYTEST_VERSION": "9", "BLINDREAD_PROFILE": "production"})) == "production"


@pytest.mark.parametrize("value", ["prod", "Demo", "production;"])
def test_an_unknown_profile_is_refused_with_the_words_it_takes(value):
    with pytest.raises(ImproperlyConfigured, match=r"BLINDREAD_PROFILE is .* one of demo, test, production"):
        profile_of(environment(PROFILE=value))


@pytest.mark.parametrize("value", ["0", "17", "2.5", "-1", "two", "٣"])
def test_a_number_outside_its_bounds_is_refused(value):
    with pytest.raises(ImproperlyConfigured, match="a whole number from 1 to 16"):
        environment(N=value).integer("N", 4, 1, 16)


def test_a_flag_takes_yes_and_no_and_nothing_between():
    assert environment(F="Yes").flag("F") is True
    assert environment(F="0").flag("F", default=True) is False
    with pytest.raises(ImproperlyConfigured, match="takes 1 or 0"):
        environment(F="maybe").flag("F")


@pytest.mark.parametrize("value", ["*", "read.example.org,*", "https://read.example.org", "*.example.org"])
def test_hosts_are_named_one_by_one(value):
    with pytest.raises(ImproperlyConfigured, match="without"):
        environment(H=value).hosts("H", ())


def test_hosts_come_as_a_list():
    assert environment(H=" a.org , b.org,").hosts("H", ()) == ["a.org", "b.org"]
    assert environment().hosts("H", ("localhost",)) == ["localhost"]


def test_a_file_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "data").write_text("")

    with pytest.raises(ImproperlyConfigured, match="a folder, and this is a file"):
        environment(DATA="data").folder("DATA", tmp_path / "var")


def test_a_postgresql_url_is_taken_apart(tmp_path):
    found = database("postgres://ann:p%40ss@db.example.org:5433/reads?sslmode=require", relative_to=tmp_path)

    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "ann",
        "p@ss",
        "db.example.org",
        "5433",
        "reads",
    )
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_a_password_file_takes_the_place_of_a_password_in_the_url(tmp_path):
    (tmp_path / "password").write_text("s3cret\n")
    url = "postgres://ann@db/reads"

    assert database(url, relative_to=tmp_path, password_file=str(tmp_path / "password"))["PASSWORD"] == "s3cret"
    with pytest.raises(ImproperlyConfigured, match=r"BLINDREAD_DATABASE_PASSWORD_FILE is .*No such file"):
        database(url, relative_to=tmp_path, password_file=str(tmp_path / "missing"))


def test_a_sqlite_url_names_a_file_absolute_or_from_the_root(tmp_path):
    assert database("sqlite:////srv/reads.sqlite3", relative_to=tmp_path)["NAME"] == Path("/srv/reads.sqlite3")
    assert database("sqlite:///var/r.sqlite3", relative_to=tmp_path)["NAME"] == tmp_path / "var/r.sqlite3"


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", "postgres://u:hunter2@h/", "sqlite://", "reads.sqlite3", ""])
def test_another_database_url_is_refused_without_showing_its_password(url, tmp_path):
    with pytest.raises(ImproperlyConfigured) as refused:
        database(url, relative_to=tmp_path)

    assert "BLINDREAD_DATABASE_URL" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_broker_is_a_folder_redis_or_amqp(tmp_path):
    assert broker("file:", folder=tmp_path)[1]["data_folder_in"] == str(tmp_path / "messages")
    assert broker("redis://h/0", folder=tmp_path)[0] == "redis://h/0"
    with pytest.raises(ImproperlyConfigured, match="file:, redis://host or amqp://host"):
        broker("sqs://key:hunter2@", folder=tmp_path)


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    path = tmp_path / "keys" / "secret"

    first, second = secret(path, create=True), secret(path, create=False)

    assert first == second
    assert len(bytes.fromhex(first)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert [file.name for file in path.parent.iterdir()] == ["secret"]


def test_a_missing_key_a_short_key_and_an_open_key_are_refused(tmp_path):
    path = tmp_path / "secret"
    with pytest.raises(ImproperlyConfigured, match="is missing"):
        secret(path, create=False)
    path.write_text("short")
    path.chmod(0o400)
    with pytest.raises(ImproperlyConfigured, match="5 characters; it needs at least 50"):
        secret(path, create=False)
    path.chmod(0o444)
    with pytest.raises(ImproperlyConfigured, match="can be read by others"):
        secret(path, create=False)
