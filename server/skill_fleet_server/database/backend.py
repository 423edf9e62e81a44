"""What differs between databases: how they are connected to, locked, and what they say when they refuse.

One subclass per database (`sqlite`, `postgresql`); nothing above this folder asks which one it is.
"""

from abc import ABC, abstractmethod

import sqlalchemy as sa

from skill_fleet_server.database.history import HistoryNote


class Backend(ABC):
    """One database, as the log needs it."""

    writer: sa.Engine
    """Belongs to the thread that writes."""
    reader: sa.Engine
    """For any thread. Everything that one transaction reads is of one moment."""
    aside: sa.Engine
    """For short writes that have nothing to do with the log and must not wait for who writes it."""
    shared: bool
    """Whether other processes may write to the same log."""
    note: HistoryNote | None = None
    """What tells an old copy of the database from the database, where the database itself cannot."""

    @abstractmethod
    def lock_log(self, connection: sa.Connection) -> None:
        """From here to the end of the transaction nobody else appends: first thing that a writing transaction does."""

    @abstractmethod
    def announce(self, connection: sa.Connection) -> str:
        """Tell the other processes, once this transaction is committed, that the log has grown.

        Returns:
            What `was_committed` knows the transaction by, should its commit not be answered; nothing where a commit
            that fails has failed.
        """

    def was_committed(self, connection: sa.Connection, receipt: str) -> bool:
        """Whether a transaction that is over was committed. To be asked with the log's lock held, for which the
        transaction's end is waited for."""
        raise NotImplementedError

    @abstractmethod
    def json_text(self, column: sa.ColumnElement[str], field: str) -> sa.ColumnElement[str]:
        """A text field of the JSON object in a column."""

    @abstractmethod
    def history_mark(self, connection: sa.Connection) -> str:
        """Changes when commits that clients have seen may have been lost."""

    @abstractmethod
    def advice(self, error: BaseException) -> str:
        """What the database said, as what a person can do about it; empty when nothing particular is known."""

    def close(self) -> None:
        """Give every connection back."""
        self.writer.dispose()
        self.reader.dispose()
