"""The folder that stands in for a broker: messages appear whole, and survive the sender."""

import json
import threading
from pathlib import Path

import pytest
from kombu import Connection, Exchange, Queue

from hub.broker import Transport


@pytest.fixture
def options(tmp_path):
    # A process remembers what it has declared; each test has folders of its own.
    Transport.global_state.clear()
    return {
        "data_folder_in": str(tmp_path / "messages"),
        "data_folder_out": str(tmp_path / "messages"),
        "control_folder": str(tmp_path / "control"),
    }


def queue() -> Queue:
    return Queue("light", Exchange("light"), routing_key="light")


def send(options, number: int, count: int) -> None:
    with Connection("folder://", transport_options=options) as connection:
        producer = connection.Producer()
        for n in range(count):
            producer.publish({"job": f"{number}-{n}"}, exchange="light", routing_key="light", declare=[queue()])


def receive(options, wanted: int) -> list[str]:
    found: list[str] = []
    with Connection("folder://", transport_options=options) as connection:

        def take(body, message):
            found.append(body["job"])
            message.ack()

        with connection.Consumer(queue(), callbacks=[take]):
            while len(found) < wanted:
                connection.drain_events(timeout=10)
    return found


def test_every_message_of_several_senders_arrives_once_and_whole(options):
    send(options, 9, 1)
    senders = [threading.Thread(target=send, args=(options, number, 40)) for number in range(4)]
    for sender in senders:
        sender.start()

    found = receive(options, 161)

    assert len(set(found)) == len(found) == 161
    assert list(Path(options["data_folder_in"]).iterdir()) == []


def test_a_waiting_message_is_one_whole_file(options):
    send(options, 1, 3)

    files = list(Path(options["data_folder_in"]).iterdir())

    assert len(files) == 3
    assert all(file.name.endswith(".light.msg") and json.loads(file.read_text()) for file in files)
