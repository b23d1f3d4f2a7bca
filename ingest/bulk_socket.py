"""A socket that reads and writes in bulk: paho asks for one byte, then two, then the rest of each packet."""

import socket
import ssl
import time
from contextlib import suppress
from typing import Any

_CHUNK_BYTES = 262_144


class BulkSocket:
    """Looks like a non-blocking socket to paho; `pending` bytes are to be read before waiting for more.

    What is sent is collected until `flush`.
    """

    def __init__(self, inner: socket.socket) -> None:
        self.inner = inner
        self._read = b""
        self._position = 0
        self._unsent = bytearray()
        self.linger_seconds = 0.0

    def recv(self, size: int) -> bytes:
        """Up to `size` bytes; b"" at the end; raises as a non-blocking socket does."""
        if self._position >= len(self._read):
            self._read = self.inner.recv(_CHUNK_BYTES)
            self._position = 0
        start = self._position
        chunk = self._read[start : start + size]
        self._position = start + len(chunk)
        return chunk

    def pending(self) -> int:
        """Bytes that `recv` can give without asking the network."""
        ours = len(self._read) - self._position
        return ours or (self.inner.pending() if isinstance(self.inner, ssl.SSLSocket) else 0)

    def send(self, data: Any) -> int:
        """Take all bytes; they leave with the next `flush`."""
        self._unsent += data
        return len(data)

    @property
    def unsent(self) -> bool:
        """Whether there is anything to flush."""
        return bool(self._unsent)

    def flush(self) -> None:
        """Send what the network takes now; OSError when the connection is gone."""
        if not self._unsent:
            return
        try:
            sent = self.inner.send(self._unsent)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        del self._unsent[:sent]

    def fileno(self) -> int:
        """For select."""
        return self.inner.fileno()

    def setblocking(self, blocking: bool) -> None:
        """As a socket's."""
        self.inner.setblocking(blocking)

    def close(self) -> None:
        """Send what can be sent, give the other side `linger_seconds` to read it and hang up, then close."""
        with suppress(OSError):  # the other side is gone already
            self.flush()
            if self.linger_seconds:
                self._await_end()
        self._read, self._position = b"", 0
        self.inner.close()

    def _await_end(self) -> None:
        # mosquitto, when it sees us hang up, forgets what of ours it has not read yet: acknowledgements.
        deadline = time.monotonic() + self.linger_seconds
        self.inner.shutdown(socket.SHUT_WR)
        while (left := deadline - time.monotonic()) > 0:
            self.inner.settimeout(left)
            if not self.inner.recv(_CHUNK_BYTES):
                return
