"""The default broker: a folder of messages, so that the demo needs no server.

Kombu's file-system transport writes a message under its final name; a consumer that lists the folder at that moment
takes half a message. Here a message is written aside and renamed, so it appears whole.
"""

import os
import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES
from kombu.transport.filesystem import Channel as FilesystemChannel
from kombu.transport.filesystem import Transport as FilesystemTransport
from kombu.utils.json import dumps


class Channel(FilesystemChannel):
    """A channel whose messages appear whole."""

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        aside = folder / f"{name}.{os.getpid()}.part"
        aside.write_text(dumps(payload), encoding="utf-8")
        aside.rename(folder / name)


class Transport(FilesystemTransport):
    """Kombu's file-system transport with whole messages."""

    Channel = Channel

    def __init__(self, client: Any, **kwargs: Any) -> None:
        for option in ("data_folder_in", "data_folder_out", "control_folder"):
            Path(client.transport_options[option]).mkdir(parents=True, exist_ok=True)
        super().__init__(client, **kwargs)


TRANSPORT_ALIASES["folder"] = "hub.broker:Transport"
