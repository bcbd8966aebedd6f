"""Send what Apprise sends to PagerDuty and Opsgenie to a server of this machine, in the process of each message."""

import os

from apprise.plugins import opsgenie, pagerduty

pagerduty.PAGERDUTY_API_LOOKUP["us"] = f"{os.environ['LOOPBACK_PAGERS']}/v2/enqueue"
opsgenie.OPSGENIE_API_LOOKUP["us"] = f"{os.environ['LOOPBACK_PAGERS']}/v2/alerts"
