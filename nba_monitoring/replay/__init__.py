"""Past dates checked again as the schedules would have, with the alerts that the sensor would have sent.

Here: which checks would have run, which alerts they would have caused, and the score. The checks and alerts are the
monitor's own; nothing is written or sent.
"""
