"""A moment -> how long ago it was, in words. Pure."""

from datetime import datetime

import humanize


def describe_age(moment: datetime, now: datetime) -> str:
    """How long before `now` a moment was, as people say it: `just now`, `5 minutes ago`, `a day ago`, `2 years ago`.

    Less than a minute, and what lies ahead because two clocks differ, is `just now`. Both moments carry a time zone.
    """
    if (now - moment).total_seconds() < 60:
        return "just now"
    return humanize.naturaltime(now - moment).partition(",")[0].removesuffix(" ago") + " ago"  # of two units the larger
