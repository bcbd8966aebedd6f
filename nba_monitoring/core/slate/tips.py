"""When a game tips off, according to several sources."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from nba_monitoring.core.eastern import eastern, eastern_clock
from nba_monitoring.core.slate.listings import Listing
from nba_monitoring.core.slate.sources import ListedGame

# Services give the broadcast's start or the tip-off, ten minutes apart.
TIPS_AGREE_WITHIN = timedelta(minutes=15)


def tip_of(listing: Listing, live: frozenset[str]) -> datetime | None:
    """The tip-off (UTC): a live service's if one has it, else a table's; the earliest if there are several.

    Midnight Eastern counts as no time: schedules write it for "to be decided".
    """
    return min(_tips(listing, live) or _tips(listing, listing.sources - live), default=None)


def tip_disagreement(listing: Listing) -> str | None:
    """The tip-off times of the sources, as text, if they are too far apart; None if they agree."""
    tips = _tips(listing, listing.sources)
    if not tips or max(tips) - min(tips) <= TIPS_AGREE_WITHIN:
        return None
    by_tip = sorted({(tip, entry.source) for entry in listing.entries if (tip := _tip(entry)) is not None})
    return f"{listing.game.matchup}: " + ", ".join(f"{source} says {eastern_clock(tip)}" for tip, source in by_tip)


def _tips(listing: Listing, sources: frozenset[str]) -> list[datetime]:
    return [tip for entry in listing.entries if entry.source in sources and (tip := _tip(entry)) is not None]


def _tip(entry: ListedGame) -> datetime | None:
    if entry.tip_at is None:
        return None
    local = eastern(entry.tip_at)
    return None if local.date() != entry.game.day or local.time() == time(0) else entry.tip_at
