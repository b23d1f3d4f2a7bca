"""All doors of the screens to one database, over two pools: one that only reads, one that writes."""

from hazmat.store.accounts import Accounts
from hazmat.store.administration import Administration
from hazmat.store.alert_list import AlertList
from hazmat.store.audit import AuditLog
from hazmat.store.credentials import Credentials
from hazmat.store.handling import Handling
from hazmat.store.ownership import Ownership
from hazmat.store.playback import Playbacks
from hazmat.store.pool import Pool
from hazmat.store.portal import Portal
from hazmat.store.reports import Reports
from hazmat.store.rule_changes import RuleChanges
from hazmat.store.screens import Screens
from hazmat.store.search import Search
from hazmat.store.users import Users


class Doors:
    """What the web application asks the database for; opens no connection before the first question."""

    def __init__(self, dsn: str) -> None:
        self.reading = Pool(dsn)
        self.writing = Pool(dsn, writes=True)
        self.screens = Screens(self.reading)
        self.search = Search(self.reading)
        self.accounts = Accounts(self.reading, self.writing)
        self.credentials = Credentials(self.reading, self.writing)
        self.users = Users(self.reading, self.writing)
        self.audit = AuditLog(self.reading, self.writing)
        self.ownership = Ownership(self.reading)
        self.playbacks = Playbacks(self.reading)
        self.reports = Reports(self.reading)
        self.handling = Handling(self.reading, self.writing)
        self.alert_list = AlertList(self.reading)
        self.administration = Administration(self.reading)
        self.portal = Portal(self.reading)
        self.rule_changes = RuleChanges(self.reading, self.writing)

    def close(self) -> None:
        """Close all connections."""
        self.reading.close()
        self.writing.close()
