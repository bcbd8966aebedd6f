"""Past dates looked at again, as the schedules would have, and told as the sensor would have, to nobody.

Here: which looks would have been taken, what would have been told, and how well that would have served. What a look
judges and what is told of it is what the monitor itself does; nothing is written and nothing is sent.
"""
