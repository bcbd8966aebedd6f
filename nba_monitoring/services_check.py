"""One check of the services: ask Cloud Run, judge what it shows, and append the results to the history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nba_monitoring.core.service_entries import Services
from nba_monitoring.core.service_verdict import HealthSeen, Listing, check_services, where_to_ask
from nba_monitoring.core.services import ServiceCheck
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.google_apis.cloud_run import ask_health, list_services
from nba_monitoring.warehouse import Warehouse

# An older check says nothing about since when a service fails.
LOOK_BACK = timedelta(days=2)


@dataclass(frozen=True)
class SeenServices:
    """What Cloud Run lists, and the answers of the services that were asked for their health."""

    services: Services
    listing: Listing
    health: Mapping[str, HealthSeen]

    @classmethod
    def ask(cls, services: Services, url: str, now: datetime) -> SeenServices:
        """Ask Cloud Run at an address, with one list call, and then the services. Raises nothing."""
        listing = list_services(services.cloud_run, url)
        wanted = {
            name: where_to_ask(service, listing.services.get(service.service), now)
            for name, service in services.by_name.items()
        }
        return cls(services, listing, ask_health({name: where for name, where in wanted.items() if where is not None}))

    def record(self, warehouse: Warehouse, now: datetime, run_id: str, trigger: Trigger) -> Sequence[ServiceCheck]:
        """Judge it at an instant (UTC), and append the results to the history. Raises WarehouseError."""
        before = defaultdict[str, list[ServiceCheck]](list)
        for check in warehouse.service_history(now - LOOK_BACK, now).records:
            before[check.service].append(check)
        checks = check_services(self.services, self.listing, self.health, before, now, run_id, trigger)
        warehouse.append_service_checks(checks)
        return checks
